/* Sets of steps for `run --from`, `run --only` and `retry --step`. Main thread. */
#include <stdlib.h>
#include <string.h>

#include "again.h"
#include "flowrun/base/str.h"

/* The step called `id`; NULL after saying that there is none. */
static const struct fr_step *find(const struct fr_plan *plan, const char *option, const char *id)
{
    const struct fr_step *step = fr_plan_find(plan, id);
    const char *near = step ? NULL : fr_map_suggest(&plan->ids, id);
    if (!step && near)
        cmd_fail(CMD_USAGE, "%s: there is no step '%s': did you mean '%s'?", option, id, near);
    else if (!step)
        cmd_fail(CMD_USAGE, "%s: there is no step '%s'; `flowrun plan` lists them", option, id);
    return step;
}

/* An empty set. */
static bool *new_set(const struct fr_plan *plan)
{
    bool *set = calloc(plan->step_count + 1U, sizeof *set);
    if (!set)
        abort();
    return set;
}

int cmd_select_behind(const struct fr_plan *plan, const char *option, const char *id, bool **set)
{
    const struct fr_step *step = find(plan, option, id);
    if (!step)
        return CMD_USAGE;
    *set = new_set(plan);
    fr_plan_behind(plan, step, *set);
    return CMD_OK;
}

/* Takes one step of a list, what is inside of it and what holds it. */
static bool take_only(const struct fr_plan *plan, const char *id, bool *set)
{
    const struct fr_step *step = find(plan, "--only", id);
    if (!step)
        return false;
    for (uint32_t i = step->index; i < plan->step_count; i++) {
        uint32_t at = i;
        while (at != step->index && at != FR_NO_STEP)
            at = plan->steps[at].parent;
        set[i] = set[i] || at == step->index;
    }
    while (step->parent != FR_NO_STEP) {
        step = &plan->steps[step->parent];
        set[step->index] = true;
    }
    return true;
}

/* Takes the steps of one list. */
static bool take_list(const struct fr_plan *plan, const char *list, bool *set)
{
    bool good = true;
    while (good && *list) {
        size_t len = strcspn(list, ",");
        char *id = strndup(list, len);
        if (!id)
            abort();
        good = take_only(plan, id, set);
        free(id);
        list += len + (list[len] == ',');
    }
    return good;
}

int cmd_select_only(const struct fr_plan *plan, const char *const *lists, uint32_t count,
                    bool **set)
{
    *set = new_set(plan);
    for (uint32_t i = 0; i < count; i++) {
        if (take_list(plan, lists[i], *set) && *lists[i])
            continue;
        return *lists[i] ? CMD_USAGE : cmd_fail(CMD_USAGE, "--only needs the ids of steps");
    }
    return CMD_OK;
}
