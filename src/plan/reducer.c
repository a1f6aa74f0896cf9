/* What reducers are called and which values they take. Pure; any thread. */
#include "flowrun/plan/state.h"

#include <string.h>

static const char *const names[FR_REDUCE__COUNT] = {"set", "extend", "append", "merge",
                                                    "add", "min",    "max",    "union"};

const char *fr_reducer_name(enum fr_reducer reducer)
{
    return (unsigned)reducer < FR_REDUCE__COUNT ? names[reducer] : "?";
}

const char *fr_state_kind(const struct json_object *value)
{
    static const char *const kinds[] = {
        [json_type_null] = "null",        [json_type_boolean] = "true or false",
        [json_type_double] = "a number",  [json_type_int] = "a number",
        [json_type_object] = "an object", [json_type_array] = "a list",
        [json_type_string] = "text"};

    return kinds[json_object_get_type(value)];
}

const struct fr_state_key *fr_state_find(const struct fr_state *state, const char *name)
{
    for (uint32_t i = 0; state && i < state->count; i++)
        if (strcmp(state->keys[i].name, name) == 0)
            return &state->keys[i];
    return NULL;
}

const char *fr_reducer_refuses(enum fr_reducer reducer, const struct json_object *value, bool whole)
{
    enum json_type type = json_object_get_type(value);

    if (whole && !value)
        return NULL; /* null: nothing is there yet */
    switch (reducer) {
    case FR_REDUCE_ADD:
    case FR_REDUCE_MIN:
    case FR_REDUCE_MAX:
        return type == json_type_int || type == json_type_double ? NULL : "a number";
    case FR_REDUCE_MERGE:
        return type == json_type_object ? NULL : "an object";
    case FR_REDUCE_EXTEND:
    case FR_REDUCE_APPEND:
    case FR_REDUCE_UNION:
        return !whole || type == json_type_array ? NULL : "a list";
    default:
        return NULL;
    }
}
