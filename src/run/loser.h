/* Losers of a race, for which nobody waits; see loser.c. Coordinator thread. Private to run/. */
#ifndef RUN_LOSER_H
#define RUN_LOSER_H

#include "coord.h"

/* Takes the process, which was told to end, from a task that lost its race; false when the task has to wait for it. */
bool loser_let_go(struct coord *c, struct active *t);
/* Takes the last report of a loser; false when it is of no loser. */
bool loser_gone(struct coord *c, const struct fr_report *report);
void losers_kill(struct coord *c);
void losers_release(struct coord *c);

/* obey.c: of what a loser said only cost and usage count. */
void commands_of_loser(struct coord *c, const struct fr_step *step, const struct fr_report *report);

#endif
