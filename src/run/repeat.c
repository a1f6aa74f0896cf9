/* What batches and loops share: the end of a turn, and making its places ready for another. Coordinator thread. */
#include "ahead.h"

#include <stdlib.h>
#include <string.h>

#include "usage.h"

/* Frees what a batch or a loop has. */
void repeating_free(struct active *t)
{
    if (!t->repeating)
        return;
    ahead_free(t->repeating->ahead);
    items_release(&t->repeating->items);
    fr_value_unref(t->repeating->given);
    free(t->repeating);
    t->repeating = NULL;
}

/* A batch or loop begins. */
struct repeating *repeating_new(struct coord *c, struct active *t)
{
    const struct fr_step *owner = active_step(c, t);
    const struct fr_copies *copies = &owner->group->copies;
    repeating_free(t);
    t->repeating = calloc(1, sizeof(*t->repeating));
    if (!t->repeating)
        abort();
    t->repeating->first_bad = UINT32_MAX;
    for (uint32_t i = copies->first; i < copies->first + copies->size; i++) {
        const struct fr_step *step = &c->plan->steps[i];
        t->repeating->leaves += !step->group && repeat_frame(c->plan, step) == owner;
    }
    return t->repeating;
}

/* Adds what a branch took to what its container took. */
void repeat_sum(struct coord *c, const struct fr_step *owner, const struct fr_step *branch)
{
    struct fr_step_result *all = result_of(c, owner);
    const struct fr_step_result *one = result_of(c, branch);
    all->cost += one->cost;
    usage_add_all(&all->usage, one->usage);
    if (branch->group)
        all->sequential_ns += one->sequential_ns;
    else if (one->ended_ns > one->started_ns)
        all->sequential_ns += one->ended_ns - one->started_ns;
}

/* Remembers which processes are to be left alone when the run is over. */
static void note_kept(struct coord *c, const struct fr_step *step)
{
    if (step->leftover != FR_LEFTOVER_KEEP || result_of(c, step)->status != FR_SUCCEEDED)
        return;
    if (c->kept_count == c->kept_cap) {
        c->kept_cap = c->kept_cap ? c->kept_cap * 2 : 16;
        c->kept = realloc(c->kept, c->kept_cap * sizeof(*c->kept));
        if (!c->kept)
            abort();
    }
    c->kept[c->kept_count++] = fr_strdup(&c->arena, fr_run_step_id(c->run, step));
}

/* A turn is over whose places are to be used again: nothing of it may shine through. */
void repeat_reset(struct coord *c, uint32_t first, uint32_t size)
{
    for (uint32_t i = first; i < first + size; i++) {
        const struct fr_step *step = &c->plan->steps[i];
        note_kept(c, step);
        step_result_release(result_of(c, step));
        turns_drop(c->run, i);
    }
    fr_value_unref(c->fan_in);
    c->fan_in = NULL;
}
