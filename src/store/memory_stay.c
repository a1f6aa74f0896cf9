/* What has run anew since a run was gone on with: what depends on that is not what it was, all else on record is. Inside of a
 * batch each item counts by itself. Coordinator thread. */
#include <stdio.h>
#include <stdlib.h>

#include "flowrun/plan/turns.h"
#include "memory.h"

struct memory_stay {
    const struct fr_plan *plan;
    struct fr_behind *behind; /* those that ran */
    bool *touched;            /* by step: it ran, or something inside of it; owned */
    struct fr_arena arena;
    struct fr_map items; /* "b[17]": items of outermost batches inside of which something ran */
};

struct memory_stay *memory_stay_new(const struct fr_plan *plan)
{
    struct memory_stay *stay = calloc(1, sizeof *stay);
    bool *touched = calloc(plan->step_count + 1U, sizeof *touched);
    if (!stay || !touched)
        abort();
    *stay = (struct memory_stay){.plan = plan, .behind = fr_behind_new(plan), .touched = touched};
    fr_arena_init(&stay->arena);
    fr_map_init(&stay->items);
    return stay;
}

void memory_stay_free(struct memory_stay *stay)
{
    if (!stay)
        return;
    fr_behind_free(stay->behind);
    fr_map_release(&stay->items);
    fr_arena_release(&stay->arena);
    free(stay->touched);
    free(stay);
}

/* The outermost batch or loop that a step is a turn of, or part of one; NULL = none. *name: of its item, in a batch. */
static const struct fr_step *outermost(const struct memory_stay *stay, const struct fr_step *step,
                                       const char *id, char *name, size_t size)
{
    struct fr_turn turn;
    *name = '\0';
    if (step->frame == FR_NO_STEP || !fr_turn_find(stay->plan, id, &turn))
        return NULL;
    const struct fr_step *frame = &stay->plan->steps[turn.frames[0]];
    if (frame->kind == FR_KIND_BATCH)
        snprintf(name, size, "%u[%u]", frame->index, turn.numbers[0]);
    return frame;
}

void memory_stay_ran(struct memory_stay *stay, const struct fr_step *step, const char *id)
{
    char name[32];
    const struct fr_step *frame = outermost(stay, step, id, name, sizeof name);
    if (frame)
        step = frame;
    fr_behind_add(stay->behind, step);
    if (*name && !fr_map_get(&stay->items, name))
        fr_map_put(&stay->items, fr_strdup(&stay->arena, name), stay);
    for (uint32_t at = step->index; at != FR_NO_STEP; at = stay->plan->steps[at].parent)
        stay->touched[at] = true;
}

bool memory_stay_may(const struct memory_stay *stay, const struct fr_step *step, const char *id)
{
    char name[32];
    const struct fr_step *frame = outermost(stay, step, id, name, sizeof name);
    if (fr_behind_has(stay->behind, frame ? frame : step))
        return false;
    return *name ? !fr_map_get(&stay->items, name) : !stay->touched[(frame ? frame : step)->index];
}
