/* Reducers: how updates become state. A value that others may hold is copied before it changes, one level deep and
 * once for all updates that come together. Coordinator thread. */
#include "reduce.h"

#include <string.h>

/* What a key begins with: its initial value, or the neutral one of its reducer. */
struct json_object *reduce_initial(const struct fr_state_key *key)
{
    struct json_object *value = NULL;
    if (key->initial_json)
        fr_json_parse(key->initial_json, strlen(key->initial_json), &value, NULL, 0);
    if (value)
        return value;
    switch (key->reducer) {
    case FR_REDUCE_EXTEND:
    case FR_REDUCE_APPEND:
    case FR_REDUCE_UNION:
        return json_object_new_array();
    case FR_REDUCE_MERGE:
        return json_object_new_object();
    case FR_REDUCE_ADD:
        return json_object_new_int64(0);
    default:
        return NULL;
    }
}

/* Puts a new value in place. */
static void put(struct reduce_cell *cell, struct json_object *value)
{
    json_object_put(cell->value);
    cell->value = value;
    cell->own = false;
}

/* Makes the cell's list its own. */
static void own_list(struct reduce_cell *cell)
{
    if (cell->own)
        return;
    struct json_object *copy = json_object_new_array();
    for (size_t i = 0; i < json_object_array_length(cell->value); i++)
        json_object_array_add(copy, json_object_get(json_object_array_get_idx(cell->value, i)));
    put(cell, copy);
    cell->own = true;
}

/* Whether a list holds the value. */
static bool holds(const struct json_object *list, const struct json_object *value)
{
    for (size_t i = 0; i < json_object_array_length(list); i++)
        if (fr_json_equal(json_object_array_get_idx(list, i), value))
            return true;
    return false;
}

/* Adds one item at the end; with `once` only when it is not there yet. */
static void add_item(struct reduce_cell *cell, struct json_object *item, bool once)
{
    if (!once || !holds(cell->value, item))
        json_object_array_add(cell->value, json_object_get(item));
}

/* Adds a list, or a single value as a list of one. */
static void extend(struct reduce_cell *cell, struct json_object *update, bool once)
{
    own_list(cell);
    if (!json_object_is_type(update, json_type_array)) {
        add_item(cell, update, once);
        return;
    }
    for (size_t i = 0; i < json_object_array_length(update); i++)
        add_item(cell, json_object_array_get_idx(update, i), once);
}

/* Both objects in a new one, deeply; where they differ the second counts. */
static struct json_object *merged(struct json_object *a, struct json_object *b)
{
    struct json_object *all = json_object_new_object();
    json_object_object_foreach(a, key, value)
    {
        json_object_object_add(all, key, json_object_get(value));
    }
    json_object_object_foreach(b, name, other)
    {
        struct json_object *before = NULL;
        bool both = json_object_object_get_ex(all, name, &before) &&
                    json_object_is_type(before, json_type_object) &&
                    json_object_is_type(other, json_type_object);
        json_object_object_add(all, name, both ? merged(before, other) : json_object_get(other));
    }
    return all;
}

/* Whether number a is smaller than b. */
static bool less(const struct json_object *a, const struct json_object *b)
{
    if (json_object_is_type(a, json_type_int) && json_object_is_type(b, json_type_int))
        return json_object_get_int64(a) < json_object_get_int64(b);
    return json_object_get_double(a) < json_object_get_double(b);
}

/* Joins one update with the cell. */
void reduce(struct reduce_cell *cell, enum fr_reducer reducer, struct json_object *update)
{
    switch (reducer) {
    case FR_REDUCE_EXTEND:
    case FR_REDUCE_UNION:
        extend(cell, update, reducer == FR_REDUCE_UNION);
        break;
    case FR_REDUCE_APPEND:
        own_list(cell);
        add_item(cell, update, false);
        break;
    case FR_REDUCE_MERGE:
        put(cell, merged(cell->value, update));
        break;
    case FR_REDUCE_ADD:
        put(cell, fr_json_sum(cell->value, update));
        break;
    case FR_REDUCE_MIN:
        if (!cell->value || less(update, cell->value))
            put(cell, json_object_get(update));
        break;
    case FR_REDUCE_MAX:
        if (!cell->value || less(cell->value, update))
            put(cell, json_object_get(update));
        break;
    default:
        put(cell, json_object_get(update));
    }
}
