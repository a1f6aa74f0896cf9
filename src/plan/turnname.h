/* What steps of batches and loops are called in a run: b[17].x, l[2]/x. Private to plan/. */
#ifndef PLAN_TURNNAME_H
#define PLAN_TURNNAME_H

#include "flowrun/base/buf.h"
#include "flowrun/plan/plan.h"

/* The nearest batch or loop that a step is repeated in, and called otherwise each time; NULL = none. */
const struct fr_step *turn_frame(const struct fr_plan *plan, const struct fr_step *step);
/* Appends what a step is called in the first turn. */
void turn_example(const struct fr_plan *plan, const struct fr_step *step, struct fr_buf *out);
/* The step that a run may call so in some turn; NULL = none. */
const struct fr_step *turn_find(const struct fr_plan *plan, const char *name);
/* What stands behind the number of the turn in a step's name; "" for the step of a batch. */
const char *turn_tail(const struct fr_step *frame, const struct fr_step *step);
/* Takes "[17]" off the end of a name; false when there is none. */
bool turn_cut(const char *name, size_t *len, uint32_t *number);

#endif
