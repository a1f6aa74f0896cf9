/* Why steps move: reasons for those who record the run, in a few words. Coordinator thread. Private to run/. */
#ifndef RUN_WHY_H
#define RUN_WHY_H

#include "coord.h"

/* Appends why a step begins now: what came before it, and how long it had to wait for its turn. */
void why_begins(struct coord *c, const struct fr_step *step, struct fr_buf *out);
/* A step is skipped, is not taken: its result says why. */
void why_condition(struct coord *c, struct active *t);
void why_left_out(struct coord *c, const struct fr_step *step, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void why_rule(struct coord *c, const struct fr_step *step);
void why_not_taken(struct coord *c, const struct fr_step *step);

#endif
