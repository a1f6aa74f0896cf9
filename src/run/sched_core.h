/* What the files of the scheduler need of each other. Private to run/sched*.c. */
#ifndef RUN_SCHED_CORE_H
#define RUN_SCHED_CORE_H

#include "sched.h"

/* The box that a step is counted in; NULL for callbacks, combines and fallbacks. */
struct sched_box *sched_box_of(struct sched *s, const struct fr_step *step);
/* All dependencies of a step in an open box have ended. */
void sched_release_step(struct sched *s, uint32_t step);
/* Lets the children of a box begin. */
void sched_open_box(struct sched *s, struct sched_box *box);
/* Gives back all that a step was given to run. */
void sched_let_go(struct sched *s, uint32_t index);

#endif
