/* What runs because a step has run: the steps that depend on it, directly or not, and what is behind all that holds
 * it. Pure; any thread. */
#include <stdlib.h>

#include "flowrun/plan/plan.h"

/* The steps that are looked at, and those that are still to be. */
struct search {
    const struct fr_plan *plan;
    bool *set;            /* the answer */
    bool *seen;           /* what comes behind it was looked for, or is to be */
    uint32_t *queue;      /* each step once at most */
    uint32_t head, count; /* those before `head` are done */
    uint32_t within;      /* nothing beyond this step is looked at; FR_NO_STEP = everything is */
};

/* Takes a step and all that is inside of it: what stands behind it in the plan, as long as it is inside. */
static void take(const struct search *s, uint32_t index)
{
    for (uint32_t i = index; i < s->plan->step_count; i++) {
        uint32_t at = i;
        while (at != index && at != FR_NO_STEP)
            at = s->plan->steps[at].parent;
        if (at != index)
            return;
        s->set[i] = true;
    }
}

/* Looks behind a step later. */
static void look(struct search *s, uint32_t index)
{
    if (s->seen[index])
        return;
    s->seen[index] = true;
    s->queue[s->count++] = index;
}

/* What runs when a part of a step has run: what comes behind it inside, and behind itself. Who was looked at before is
 * taken with all that is inside. */
static void take_outer(struct search *s, const struct fr_step *outer)
{
    if (s->seen[outer->index])
        return;
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
    while (s->head < s->count) {
        const struct fr_step *step = &s->plan->steps[s->queue[s->head++]];
        for (uint32_t i = 0; i < step->dependents.count; i++) {
            if (!s->set[step->dependents.at[i]])
                take(s, step->dependents.at[i]);
            look(s, step->dependents.at[i]);
        }
        if (step->parent != FR_NO_STEP && step->parent != s->within)
            take_outer(s, &s->plan->steps[step->parent]);
    }
}

/* Makes room for a search. */
static void begin(struct search *s)
{
    s->seen = calloc(s->plan->step_count + 1U, sizeof *s->seen);
    s->queue = calloc(s->plan->step_count + 1U, sizeof *s->queue);
    if (!s->seen || !s->queue)
        abort();
}

void fr_plan_behind(const struct fr_plan *plan, const struct fr_step *step, bool *set)
{
    fr_plan_behind_within(plan, step, FR_NO_STEP, set);
}

void fr_plan_behind_within(const struct fr_plan *plan, const struct fr_step *step, uint32_t within,
                           bool *set)
{
    struct search s = {.plan = plan, .set = set, .within = within};
    begin(&s);
    take(&s, step->index);
    look(&s, step->index);
    follow(&s);
    free(s.seen);
    free(s.queue);
}

struct fr_behind {
    struct search search; /* owns its set, too */
};

struct fr_behind *fr_behind_new(const struct fr_plan *plan)
{
    struct fr_behind *behind = calloc(1, sizeof *behind);
    bool *set = calloc(plan->step_count + 1U, sizeof *set);
    if (!behind || !set)
        abort();
    behind->search = (struct search){.plan = plan, .set = set, .within = FR_NO_STEP};
    begin(&behind->search);
    return behind;
}

void fr_behind_free(struct fr_behind *behind)
{
    if (!behind)
        return;
    free(behind->search.set);
    free(behind->search.seen);
    free(behind->search.queue);
    free(behind);
}

void fr_behind_add(struct fr_behind *behind, const struct fr_step *step)
{
    take_outer(&behind->search, step);
    follow(&behind->search);
}

bool fr_behind_has(const struct fr_behind *behind, const struct fr_step *step)
{
    return behind->search.set[step->index];
}
