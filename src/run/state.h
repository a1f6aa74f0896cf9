/* The state of a run: which updates each step sees, and what they come to. Coordinator thread. Private to run/. */
#ifndef RUN_STATE_H
#define RUN_STATE_H

#include "flowrun/plan/plan.h"

struct state;

/* Of a plan in which some file has `state` or `reducers`. */
struct state *state_new(const struct fr_plan *plan);
void state_free(struct state *s);

/* Adds what a step that has ended updates: a list of {key: value} (takes the reference). */
void state_commit(struct state *s, uint32_t step, struct json_object *updates);
/* A turn of a loop is over, whose steps begin at `first`: what they and all turns before have updated is there for the
 * next one. */
void state_turn_ended(struct state *s, uint32_t loop, uint32_t first, uint32_t size);
/* An item of a batch is over in the places from `slot` on: nobody sees its updates before state_batch_ended, after which
 * they count in the order of items. */
void state_item_ended(struct state *s, uint32_t batch, uint32_t number, uint32_t slot,
                      uint32_t size);
void state_batch_ended(struct state *s, uint32_t batch);

/* Forgets the updates of a step and of all that is inside of it: it lost a race. */
void state_discard(struct state *s, uint32_t step);

/* The file that a step runs begins with its initial state. */
void state_begin(struct state *s, uint32_t step);
/* What the state of that file has come to; returned owned. */
struct json_object *state_of_file(struct state *s, uint32_t step, const char **conflict);

/* What a step sees: the initial state and the updates of the steps it depends on, directly or not; with `inside` those
 * inside of it, too. All of these have ended. Returned owned. *conflict, when two of them that ran side by side
 * have set one key, says so; it lives as long as the state. */
struct json_object *state_of_step(struct state *s, uint32_t step, bool inside,
                                  const char **conflict);
/* The same of everything in `steps`; with `all` in `finally`, too. */
struct json_object *state_of_run(struct state *s, bool all, const char **conflict);

#endif
