/* Sets of steps for `run --from`, `run --only` and `retry --step`. Main thread. */
#include <stdlib.h>
#include <string.h>

#include "again.h"

/* What a name means: a step of the plan, or with *turn.count one of a turn. False after saying that there is none. */
static bool find(const struct fr_plan *plan, const char *option, const char *id,
                 const struct fr_step **step, struct fr_turn *turn)
{
    *step = fr_plan_find(plan, id);
    turn->count = 0;
    if (*step || fr_turn_find(plan, id, turn))
        return true;
    const char *near = fr_map_suggest(&plan->ids, id);
    if (near)
        cmd_fail(CMD_USAGE, "%s: there is no step '%s': did you mean '%s'?", option, id, near);
    else
        cmd_fail(CMD_USAGE, "%s: there is no step '%s'; `flowrun plan` lists them", option, id);
    return false;
}

/* An empty set. */
static bool *new_set(const struct fr_plan *plan)
{
    bool *set = calloc(plan->step_count + 1U, sizeof *set);
    if (!set)
        abort();
    return set;
}

/* Whether a step is another one, or inside of it. */
static bool is_inside(const struct fr_plan *plan, uint32_t step, uint32_t outer)
{
    while (step != outer && step != FR_NO_STEP)
        step = plan->steps[step].parent;
    return step == outer;
}

/* Adds one of a turn. */
static void add_turn(struct cmd_selected *selected, const struct fr_turn *turn)
{
    struct fr_turn *grown =
        realloc(selected->turns, (selected->turn_count + 1) * sizeof *selected->turns);
    if (!grown)
        abort();
    grown[selected->turn_count++] = *turn;
    selected->turns = grown;
}

int cmd_select_behind(const struct fr_plan *plan, const char *option, const char *id,
                      struct cmd_selected *selected)
{
    const struct fr_step *step;
    struct fr_turn turn;
    if (!find(plan, option, id, &step, &turn))
        return CMD_USAGE;
    selected->set = new_set(plan);
    if (turn.count)
        step = &plan->steps[turn.frames[0]];
    fr_plan_behind(plan, step, selected->set);
    if (!turn.count)
        return CMD_OK;
    for (uint32_t i = step->index; i < plan->step_count; i++)
        if (is_inside(plan, i, step->index))
            selected->set[i] = false; /* one turn of it */
    add_turn(selected, &turn);
    return CMD_OK;
}

/* Takes one step of a list, what is inside of it and what holds it. */
static bool take_only(const struct fr_plan *plan, const char *id, struct cmd_selected *selected)
{
    const struct fr_step *step;
    struct fr_turn turn;
    if (!find(plan, "--only", id, &step, &turn))
        return false;
    if (turn.count)
        step = &plan->steps[turn.frames[0]];
    for (uint32_t i = step->index; i < plan->step_count && !turn.count; i++)
        selected->set[i] = selected->set[i] || is_inside(plan, i, step->index);
    selected->set[step->index] = true;
    while (step->parent != FR_NO_STEP) {
        step = &plan->steps[step->parent];
        selected->set[step->index] = true;
    }
    if (turn.count)
        add_turn(selected, &turn);
    return true;
}

/* The length of the first name of a list: commas in brackets are part of a name, as in m[linux,gcc]. */
static size_t name_len(const char *list)
{
    size_t len = 0;
    for (int depth = 0; list[len] && (list[len] != ',' || depth > 0); len++)
        depth += (list[len] == '[') - (list[len] == ']');
    return len;
}

/* Takes the steps of one list. */
static bool take_list(const struct fr_plan *plan, const char *list, struct cmd_selected *selected)
{
    bool good = true;
    while (good && *list) {
        size_t len = name_len(list);
        char *id = strndup(list, len);
        if (!id)
            abort();
        good = take_only(plan, id, selected);
        free(id);
        list += len + (list[len] == ',');
    }
    return good;
}

int cmd_select_only(const struct fr_plan *plan, const char *const *lists, uint32_t count,
                    struct cmd_selected *selected)
{
    selected->set = new_set(plan);
    for (uint32_t i = 0; i < count; i++) {
        if (take_list(plan, lists[i], selected) && *lists[i])
            continue;
        return *lists[i] ? CMD_USAGE : cmd_fail(CMD_USAGE, "--only needs the ids of steps");
    }
    return CMD_OK;
}

bool cmd_selected_has(const struct fr_plan *plan, const struct cmd_selected *selected,
                      const char *id)
{
    const struct fr_step *step = fr_plan_find(plan, id);
    struct fr_turn turn;
    if (!selected->set)
        return true;
    if (!step && fr_turn_find(plan, id, &turn)) {
        const struct fr_step *frame = &plan->steps[turn.frames[turn.count - 1]];
        step = turn.step ? turn.step : &plan->steps[frame->group->branches.at[0]];
        for (uint32_t i = 0; i < selected->turn_count; i++)
            if (fr_turn_touches(plan, &selected->turns[i], &turn))
                return true;
    }
    return step && selected->set[step->index];
}

void cmd_selected_release(struct cmd_selected *selected)
{
    free(selected->set);
    free(selected->turns);
    *selected = (struct cmd_selected){0};
}
