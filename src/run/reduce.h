/* Reducers: how updates become state. Pure, on JSON objects; coordinator thread. Private to run/. */
#ifndef RUN_REDUCE_H
#define RUN_REDUCE_H

#include "flowrun/plan/state.h"

/* One key of a state under way. */
struct reduce_cell {
    struct json_object *value; /* owned */
    bool own;                  /* nobody else holds `value`: it may be changed in place */
};

/* What a key begins with; returned owned. */
struct json_object *reduce_initial(const struct fr_state_key *key);
/* Joins one update (borrowed) with the cell. The value must be one that the reducer takes. */
void reduce(struct reduce_cell *cell, enum fr_reducer reducer, struct json_object *update);

#endif
