/* The scheduler's limits, for its driver; see sched.h. Private to run/. */
#ifndef RUN_SCHED_LIMIT_H
#define RUN_SCHED_LIMIT_H

#include "sched.h"

/* For sched.c: the pools of the plan, and the end of a step's attempt. */
void sched_limits_init(struct sched *s);
void sched_limits_release(struct sched *s);
void sched_leave_limit(struct sched *s, uint32_t step);

/* Takes a place of the step's limit for an attempt that starts now; the step gives it back when it pauses or ends.
 * False when there is none: the step has no worker any more, and gets SCHED_AGAIN when it is to ask again. Of a limit
 * with a rate no other place is there until sched_rested. */
bool sched_draw(struct sched *s, uint32_t step);
/* Enough time has passed since the last start of a limit with a rate. */
void sched_rested(struct sched *s, uint32_t limit);

#endif
