/* The state of a workflow: its keys, what they begin with, and how updates reach them. Frozen with the plan;
 * any thread. */
#ifndef FLOWRUN_PLAN_STATE_H
#define FLOWRUN_PLAN_STATE_H

#include <stdint.h>

#include "flowrun/base/diag.h"
#include "flowrun/base/json.h"

struct fr_expr;

/* How an update is joined with what is there. */
enum fr_reducer {
    FR_REDUCE_SET,    /* takes its place */
    FR_REDUCE_EXTEND, /* a list is added to the list; a single value as a list of one */
    FR_REDUCE_APPEND, /* becomes the last item, whatever it is */
    FR_REDUCE_MERGE,  /* an object is merged into the object, deeply; the later value wins */
    FR_REDUCE_ADD,    /* numbers */
    FR_REDUCE_MIN,
    FR_REDUCE_MAX,
    FR_REDUCE_UNION, /* as extend, without what is there already */
    FR_REDUCE__COUNT
};

struct fr_state_key {
    const char *name;
    enum fr_reducer reducer;
    const char *initial_json; /* NULL = what the reducer begins with */
};

struct fr_state {
    struct fr_state_key *keys; /* in order of declaration */
    uint32_t count;
};

/* `update:` of a step: one key. */
struct fr_update {
    const struct fr_state_key *key;
    const struct fr_expr *expr;
    struct fr_mark mark;
};

/* The key called so, or NULL (also of no state). */
const struct fr_state_key *fr_state_find(const struct fr_state *state, const char *name);
const char *fr_reducer_name(enum fr_reducer reducer);
/* "text", "a list" …: what a value is, for messages. */
const char *fr_state_kind(const struct json_object *value);
/* What a key of this reducer takes, when it does not take the value: "a number", "an object"; else NULL. With `whole`
 * the value is what a key begins with, not an update. */
const char *fr_reducer_refuses(enum fr_reducer reducer, const struct json_object *value,
                               bool whole);

#endif
