/* Branches that are kept back although nothing else keeps them. Private to run/. */
#ifndef RUN_SCHED_HOLD_H
#define RUN_SCHED_HOLD_H

#include "sched.h"

/* Before its container is opened: the branch does not start until it is let go. */
void sched_hold(struct sched *s, uint32_t branch);
/* Lets it start; false when it was not held. */
bool sched_unhold(struct sched *s, uint32_t branch);

#endif
