/* `state`, `reducers`, `update` and --state (state.c). One build, one thread. Private to plan/. */
#ifndef PLAN_STATEKEYS_H
#define PLAN_STATEKEYS_H

#include "build.h"

/* Whether two steps may run side by side, and an order of steps in which they can run. */
bool refs_beside(struct build *b, const struct fr_step *x, const struct fr_step *y);
int refs_order(struct build *b, const struct fr_step *x, const struct fr_step *y);

/* `state:` and `reducers:`, before the steps; what --state says, after all else. */
void state_declare(struct build *b);
enum fr_err state_give(struct build *b);
void state_fill_updates(struct build *b, struct fr_step *step, const struct node *map);
/* Two steps that always run, side by side, and set one key. */
void state_check(struct build *b);
/* The key nearest to a name, or NULL. */
const char *state_nearest(struct build *b, const char *name);

#endif
