/* Steps of single turns of batches and loops, as a run calls them: b[17], l[2].x, or l[2] for all of a loop's turn. Any
 * thread. */
#ifndef FLOWRUN_PLAN_TURNS_H
#define FLOWRUN_PLAN_TURNS_H

#include "flowrun/plan/plan.h"

enum { FR_TURN_DEPTH = 16 };

struct fr_turn {
    const struct fr_step *step;      /* of the first slot; NULL: the whole turn of a loop */
    uint32_t count;                  /* batches and loops that it is inside of, at least 1 */
    uint32_t frames[FR_TURN_DEPTH];  /* these, the outermost first, each in the first slot … */
    uint32_t numbers[FR_TURN_DEPTH]; /* … and the number of the turn of each */
};

/* What a name means; false when no step can be called so, or it is in no turn. */
bool fr_turn_find(const struct fr_plan *plan, const char *name, struct fr_turn *turn);
/* Whether `other` is the same, inside of it or holds it. */
bool fr_turn_touches(const struct fr_plan *plan, const struct fr_turn *turn,
                     const struct fr_turn *other);

/* What runs behind a step of a turn, as far as it is inside of the same outermost batch or loop. */
struct fr_turn_behind;
struct fr_turn_behind *fr_turn_behind_new(const struct fr_plan *plan, const struct fr_turn *turn);
void fr_turn_behind_free(struct fr_turn_behind *behind); /* NULL is fine */
bool fr_turn_is_behind(const struct fr_turn_behind *behind, const struct fr_turn *other);

#endif
