/* Sets of steps for `run --from`, `run --only` and `retry --step`. Main thread. */
#include <stdlib.h>
#include <string.h>

#include "again.h"
#include "flowrun/base/str.h"

/* The steps that are looked at, and those that are still to be. */
struct search {
    const struct fr_plan *plan;
    bool *set;      /* the answer */
    bool *seen;     /* what comes behind it was looked for */
    uint32_t *todo; /* each step once at most */
    uint32_t count;
};

/* Takes a step and all that is inside of it. */
static void take(const struct search *s, uint32_t index)
{
    for (uint32_t i = 0; i < s->plan->step_count; i++) {
        uint32_t at = i;
        while (at != index && at != FR_NO_STEP)
            at = s->plan->steps[at].parent;
        if (at == index)
            s->set[i] = true;
    }
}

/* Looks behind a step later. */
static void look(struct search *s, uint32_t index)
{
    if (s->seen[index])
        return;
    s->seen[index] = true;
    s->todo[s->count++] = index;
}

/* What runs when a part of a step has run: what comes behind it inside, and behind itself. */
static void take_outer(struct search *s, const struct fr_step *outer)
{
    if (outer->kind == FR_KIND_LOOP)
        take(s, outer->index); /* its next turn begins at its first step */
    if (outer->group && outer->group->combine != FR_NO_STEP)
        take(s, outer->group->combine);
    if (outer->group && outer->group->callback != FR_NO_STEP)
        take(s, outer->group->callback);
    if (outer->fallback != FR_NO_STEP)
        take(s, outer->fallback);
    look(s, outer->index);
}

/* Adds all that runs behind the steps that are to be looked at. */
static void follow(struct search *s)
{
    for (uint32_t at = 0; at < s->count; at++) {
        const struct fr_step *step = &s->plan->steps[s->todo[at]];
        for (uint32_t i = 0; i < step->dependents.count; i++) {
            take(s, step->dependents.at[i]);
            look(s, step->dependents.at[i]);
        }
        if (step->parent != FR_NO_STEP)
            take_outer(s, &s->plan->steps[step->parent]);
    }
}

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
static void *new_set(const struct fr_plan *plan, size_t size)
{
    void *set = calloc(plan->step_count + 1U, size);
    if (!set)
        abort();
    return set;
}

int cmd_select_behind(const struct fr_plan *plan, const char *option, const char *id, bool **set)
{
    const struct fr_step *step = find(plan, option, id);
    struct search s = {.plan = plan};
    if (!step)
        return CMD_USAGE;
    s.set = new_set(plan, sizeof *s.set);
    s.seen = new_set(plan, sizeof *s.seen);
    s.todo = new_set(plan, sizeof *s.todo);
    take(&s, step->index);
    look(&s, step->index);
    follow(&s);
    free(s.seen);
    free(s.todo);
    *set = s.set;
    return CMD_OK;
}

/* Takes one step of a list. */
static bool take_only(const struct search *s, const char *id)
{
    const struct fr_step *step = find(s->plan, "--only", id);
    if (!step)
        return false;
    take(s, step->index);
    while (step->parent != FR_NO_STEP) {
        step = &s->plan->steps[step->parent];
        s->set[step->index] = true;
    }
    return true;
}

/* Takes the steps of one list. */
static bool take_list(const struct search *s, const char *list)
{
    bool good = true;
    while (good && *list) {
        size_t len = strcspn(list, ",");
        char *id = strndup(list, len);
        if (!id)
            abort();
        good = take_only(s, id);
        free(id);
        list += len + (list[len] == ',');
    }
    return good;
}

int cmd_select_only(const struct fr_plan *plan, const char *const *lists, uint32_t count,
                    bool **set)
{
    struct search s = {.plan = plan, .set = new_set(plan, sizeof *s.set)};
    for (uint32_t i = 0; i < count; i++) {
        if (take_list(&s, lists[i]) && *lists[i])
            continue;
        free(s.set);
        return *lists[i] ? CMD_USAGE : cmd_fail(CMD_USAGE, "--only needs the ids of steps");
    }
    *set = s.set;
    return CMD_OK;
}
