/* Why steps move: reasons for those who record the run, in a few words. Coordinator thread. Private to run/. */
#ifndef RUN_WHY_H
#define RUN_WHY_H

#include "coord.h"

/* Appends why a step begins now: what came before it. */
void why_begins(struct coord *c, const struct fr_step *step, struct fr_buf *out);
/* What it had to wait for before it began, or went on, and has not been told yet, up to one of 0 ns; of the arena. NULL =
 * nothing. */
const struct fr_wait *why_waited(struct coord *c, const struct fr_step *step,
                                 struct fr_arena *arena);
/* Appends because of which dependency a step does not start, and which step that goes back to. */
void why_blocked(struct coord *c, const struct fr_step *step, struct fr_buf *out);
/* Appends what there is to say about an end beyond its error; nothing = the error says it. */
void why_ended(struct coord *c, const struct active *t, enum fr_status to, struct fr_buf *out);
/* A step is skipped, is not taken: its result says why. */
void why_condition(struct coord *c, struct active *t);
void why_left_out(struct coord *c, const struct fr_step *step, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void why_rule(struct coord *c, const struct fr_step *step);
void why_not_taken(struct coord *c, const struct fr_step *step);

#endif
