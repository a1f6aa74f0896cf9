/* Which steps an expression sees that takes `.steps` as a whole: those that have ended whenever it is evaluated, in this
 * run and in every other, and none that merely happened to be faster. Coordinator thread. */
#include <stdlib.h>
#include <string.h>

#include "scope.h"

/* Steps whose dependencies and parts are still to be added. */
struct search {
    struct coord *c;
    uint32_t *at;
    uint32_t count;
};

/* Adds a step that has ended. */
static void add(struct search *search, uint32_t index)
{
    if (index == FR_NO_STEP || search->c->visible[index])
        return;
    search->c->visible[index] = true;
    search->at[search->count++] = index;
}

static void add_all(struct search *search, const struct fr_indexes *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        add(search, list->at[i]);
}

/* Adds what a container's extra steps of a role follow. */
static void add_parts(struct search *search, const struct fr_step *owner, enum fr_role before)
{
    if (!owner->group)
        return;
    add_all(search, &owner->group->branches);
    add_all(search, &owner->group->finally);
    if (before != FR_ROLE_COMBINE)
        add(search, owner->group->combine);
    if (before == FR_ROLE_FALLBACK)
        add(search, owner->group->callback);
}

/* Adds what comes before a step among its siblings, and before what holds it. */
static void add_before(struct search *search, const struct fr_step *step)
{
    const struct fr_plan *plan = search->c->plan;
    const struct fr_step *outer = fr_plan_outer(plan, step);
    for (; step != outer; step = &plan->steps[step->parent]) {
        add_all(search, &step->deps);
        if (step->role == FR_ROLE_FINALLY)
            add_all(search, outer ? &outer->group->branches : &plan->top);
        if (step->parent == FR_NO_STEP)
            return;
        if (step->role == FR_ROLE_COMBINE || step->role == FR_ROLE_CALLBACK ||
            step->role == FR_ROLE_FALLBACK)
            add_parts(search, &plan->steps[step->parent], step->role);
    }
}

/* Adds the steps whose fallbacks a task is, or is inside of. */
static void mark_failed(struct coord *c, const struct active *t)
{
    if (t->step == FR_NO_STEP || t->inside)
        return;
    const struct fr_step *step = &c->plan->steps[t->step];
    const struct fr_step *outer = fr_plan_outer(c->plan, step);
    for (; step != outer && step->parent != FR_NO_STEP; step = &c->plan->steps[step->parent])
        if (step->role == FR_ROLE_FALLBACK)
            c->visible[step->parent] = true;
}

/* Fills c->visible for a task; for the run's own `output` with all steps. */
void visible_steps(struct coord *c, const struct active *t)
{
    const struct fr_plan *plan = c->plan;
    struct search search = {.c = c, .at = calloc(plan->step_count + 1U, sizeof(uint32_t))};
    free(c->visible);
    c->visible = calloc(plan->step_count + 1U, sizeof(bool));
    if (!c->visible || !search.at)
        abort();
    if (t->step == FR_NO_STEP) {
        add_all(&search, &plan->top);
    } else if (t->inside) {
        add_all(&search, &plan->steps[t->step].group->branches);
    } else {
        const struct fr_step *step = &plan->steps[t->step];
        add_before(&search, step);
        if (t->phase >= STEP_COST) /* its own parts have ended */
            add_parts(&search, step, FR_ROLE_FALLBACK);
    }
    while (search.count) {
        const struct fr_step *step = &plan->steps[search.at[--search.count]];
        add_all(&search, &step->deps);
        add_parts(&search, step, FR_ROLE_FALLBACK);
        add(&search, step->fallback);
    }
    mark_failed(c, t);
    free(search.at);
}
