/* What the files of the scheduler need of each other. Private to run/sched*.c. */
#ifndef RUN_SCHED_CORE_H
#define RUN_SCHED_CORE_H

#include "sched.h"

/* The box that a step is counted in; NULL for callbacks, combines and fallbacks. */
struct sched_box *sched_box_of(const struct sched *s, const struct fr_step *step);
/* All dependencies of a step in an open box have ended. */
void sched_release_step(struct sched *s, uint32_t step);
/* Lets the children of a box begin. */
void sched_open_box(struct sched *s, struct sched_box *box);
/* Puts a ready step where sched_next finds it. */
void sched_enqueue(struct sched *s, uint32_t step);
/* Whether a step takes a slot of its box when it begins. */
bool sched_wants_slot(const struct sched *s, uint32_t step);
/* Takes one, and gives it back. */
void sched_take_slot(struct sched *s, struct sched_box *box);
void sched_free_slot(struct sched *s, struct sched_box *box);
/* Lets the best of those that wait for a slot of the box compete for it, if one is free. */
void sched_wake_box(struct sched *s, struct sched_box *box);
/* A step begins to be short of something, and is it no more. */
void sched_short(struct sched *s, uint32_t step, enum sched_short of);
void sched_sated(struct sched *s, uint32_t step);
/* Gives back all that a step was given to run. */
void sched_let_go(struct sched *s, uint32_t index);

#endif
