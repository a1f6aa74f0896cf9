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

#endif
