/* Single turns: what a name means, and what runs behind it. Pure; any thread. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/plan/turns.h"
#include "turnname.h"

/* Adds the frames of a step, and their numbers out of its name; false: it does not fit, or is too deep. */
static bool add_frames(const struct fr_plan *plan, const struct fr_step *frame, const char *name,
                       size_t len, struct fr_turn *turn)
{
    uint32_t number = 0;
    if (!turn_cut(name, &len, &number))
        return false;
    const struct fr_step *outer = turn_frame(plan, frame);
    if (outer) {
        size_t tail = strlen(turn_tail(outer, frame));
        if (len < tail || !add_frames(plan, outer, name, len - tail, turn))
            return false;
    }
    if (turn->count == FR_TURN_DEPTH)
        return false;
    turn->frames[turn->count] = frame->index;
    turn->numbers[turn->count++] = number;
    return true;
}

/* The loop whose turn a name means as a whole; NULL = none. */
static const struct fr_step *find_loop(const struct fr_plan *plan, const char *name)
{
    size_t len = strlen(name);
    uint32_t number;
    if (!turn_cut(name, &len, &number))
        return NULL;
    char *rest = strndup(name, len);
    if (!rest)
        abort();
    const struct fr_step *loop = fr_plan_find(plan, rest);
    if (!loop || turn_frame(plan, loop))
        loop = turn_find(plan, rest);
    free(rest);
    return loop && loop->kind == FR_KIND_LOOP ? loop : NULL;
}

bool fr_turn_find(const struct fr_plan *plan, const char *name, struct fr_turn *turn)
{
    const struct fr_step *step = turn_find(plan, name);
    *turn = (struct fr_turn){.step = step};
    if (!step) {
        const struct fr_step *loop = find_loop(plan, name);
        return loop && add_frames(plan, loop, name, strlen(name), turn);
    }
    const struct fr_step *frame = turn_frame(plan, step);
    return add_frames(plan, frame, name, strlen(name) - strlen(turn_tail(frame, step)), turn);
}

/* Whether a step is another one, or inside of it. */
static bool is_inside(const struct fr_plan *plan, uint32_t step, uint32_t outer)
{
    while (step != outer && step != FR_NO_STEP)
        step = plan->steps[step].parent;
    return step == outer;
}

/* How many turns two have in common, from the outside in. */
static uint32_t common(const struct fr_turn *a, const struct fr_turn *b)
{
    uint32_t i = 0;
    while (i < a->count && i < b->count && a->frames[i] == b->frames[i] &&
           a->numbers[i] == b->numbers[i])
        i++;
    return i;
}

/* What a turn stands for at a depth: the frame that comes next there, or the step itself. */
static uint32_t at_depth(const struct fr_turn *turn, uint32_t depth)
{
    if (depth < turn->count)
        return turn->frames[depth];
    return turn->step ? turn->step->index : FR_NO_STEP;
}

bool fr_turn_touches(const struct fr_plan *plan, const struct fr_turn *turn,
                     const struct fr_turn *other)
{
    uint32_t depth = common(turn, other);
    uint32_t mine = at_depth(turn, depth), theirs = at_depth(other, depth);
    if (depth < turn->count && depth < other->count && mine == theirs)
        return false; /* another turn of the same */
    if (mine == FR_NO_STEP || theirs == FR_NO_STEP)
        return depth == turn->count || depth == other->count;
    /* A frame that is still to come holds what is in its turns. */
    return (depth >= turn->count && is_inside(plan, theirs, mine)) ||
           (depth >= other->count && is_inside(plan, mine, theirs));
}

struct fr_turn_behind {
    const struct fr_plan *plan;
    struct fr_turn turn;
    bool *sets[FR_TURN_DEPTH + 1]; /* by depth: what is behind there, inside of the turn */
};

struct fr_turn_behind *fr_turn_behind_new(const struct fr_plan *plan, const struct fr_turn *turn)
{
    struct fr_turn_behind *behind = calloc(1, sizeof *behind);
    if (!behind)
        abort();
    behind->plan = plan;
    behind->turn = *turn;
    for (uint32_t depth = 1; depth <= turn->count; depth++) {
        uint32_t step = at_depth(turn, depth);
        behind->sets[depth] = calloc(plan->step_count + 1U, sizeof(bool));
        if (!behind->sets[depth])
            abort();
        if (step != FR_NO_STEP)
            fr_plan_behind_within(plan, &plan->steps[step], turn->frames[depth - 1],
                                  behind->sets[depth]);
    }
    return behind;
}

void fr_turn_behind_free(struct fr_turn_behind *behind)
{
    for (uint32_t depth = 0; behind && depth <= FR_TURN_DEPTH; depth++)
        free(behind->sets[depth]);
    free(behind);
}

bool fr_turn_is_behind(const struct fr_turn_behind *behind, const struct fr_turn *other)
{
    const struct fr_turn *turn = &behind->turn;
    uint32_t depth = common(turn, other);
    uint32_t mine = at_depth(turn, depth), theirs = at_depth(other, depth);
    if (depth == 0 && theirs != mine)
        return false; /* outside */
    if (depth < turn->count && depth < other->count && mine == theirs)
        return behind->plan->steps[mine].kind == FR_KIND_LOOP &&
               other->numbers[depth] > turn->numbers[depth];
    if (mine == FR_NO_STEP)
        return true; /* the whole turn */
    if (depth < turn->count && depth < other->count)
        return behind->sets[depth][theirs] && !is_inside(behind->plan, theirs, mine);
    if (depth < turn->count)
        return theirs != FR_NO_STEP && behind->sets[depth][theirs] &&
               !is_inside(behind->plan, theirs, mine);
    return theirs != FR_NO_STEP && behind->sets[depth][theirs];
}
