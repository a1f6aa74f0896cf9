/* The merge strategies, in order of declaration throughout. Coordinator thread. */
#include "merge.h"

#include <math.h>
#include <string.h>

/* One entry of `outputs`. */
static struct json_object *output_entry(const struct merge_item *item)
{
    struct json_object *entry = json_object_new_object();
    json_object_object_add(entry, "id", json_object_new_string(item->id));
    json_object_object_add(entry, "output", json_object_get(item->output));
    json_object_object_add(entry, "cost", fr_json_micros(item->cost));
    json_object_object_add(entry, "quality",
                           item->has_quality ? json_object_new_double(item->quality) : NULL);
    return entry;
}

/* One entry of `errors`. */
static struct json_object *error_entry(const struct merge_item *item)
{
    struct json_object *entry = json_object_new_object();
    struct json_object *error = NULL;
    if (item->code) {
        error = json_object_new_object();
        json_object_object_add(error, "code", json_object_new_string(item->code));
        json_object_object_add(error, "message",
                               json_object_new_string(item->message ? item->message : ""));
    }
    json_object_object_add(entry, "id", json_object_new_string(item->id));
    json_object_object_add(entry, "status", json_object_new_string(fr_status_name(item->status)));
    json_object_object_add(entry, "error", error);
    return entry;
}

/* collect_all: skipped branches yielded nothing and are in neither list. */
static struct json_object *collect_all(const struct merge_item *items, uint32_t count)
{
    struct json_object *all = json_object_new_object();
    struct json_object *outputs = json_object_new_array(), *errors = json_object_new_array();
    for (uint32_t i = 0; i < count; i++) {
        if (items[i].status == FR_SUCCEEDED)
            json_object_array_add(outputs, output_entry(&items[i]));
        else if (items[i].status != FR_SKIPPED && items[i].status != FR_NOT_TAKEN)
            json_object_array_add(errors, error_entry(&items[i]));
    }
    json_object_object_add(all, "outputs", outputs);
    json_object_object_add(all, "errors", errors);
    return all;
}

/* best_quality: the highest number; of equal ones the first. */
static enum fr_err best_quality(const struct merge_item *items, uint32_t count,
                                struct json_object **out, struct fr_buf *why)
{
    const struct merge_item *best = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (items[i].status != FR_SUCCEEDED)
            continue;
        if (!items[i].has_quality) {
            fr_buf_printf(
                why,
                "branch '%s' has no quality that is a number; give it `quality`, let it "
                "write {\"quality\": 0.9} to $FLOWRUN_COMMAND, or add `rank` to what merges it",
                items[i].id);
            return FR_ERR_MISSING;
        }
        if (!best || items[i].quality > best->quality)
            best = &items[i];
    }
    *out = best ? json_object_get(best->output) : NULL;
    return FR_OK;
}

/* What kind of combining an output takes part in. */
enum shape { SHAPE_NONE, SHAPE_TEXT, SHAPE_LIST, SHAPE_OBJECT, SHAPE_FILE, SHAPE_OTHER };

static enum shape shape_of(const struct json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_null:
        return SHAPE_NONE;
    case json_type_string:
        return SHAPE_TEXT;
    case json_type_array:
        return SHAPE_LIST;
    case json_type_object:
        return fr_json_is_artifact(value) ? SHAPE_FILE : SHAPE_OBJECT;
    default:
        return SHAPE_OTHER;
    }
}

/* All text in one, with the separator between. */
static struct json_object *join_text(const struct fr_group *group, const struct merge_item *items,
                                     uint32_t count)
{
    struct fr_buf text;
    bool first = true;
    fr_buf_init(&text, 0);
    for (uint32_t i = 0; i < count; i++) {
        if (items[i].status != FR_SUCCEEDED || !items[i].output)
            continue;
        if (!first)
            fr_buf_str(&text, group->separator ? group->separator : "\n");
        first = false;
        fr_json_text(items[i].output, &text);
    }
    struct json_object *joined = json_object_new_string_len(fr_buf_cstr(&text), (int)text.len);
    fr_buf_release(&text);
    return joined;
}

/* All lists in one. */
static struct json_object *join_lists(const struct merge_item *items, uint32_t count)
{
    struct json_object *all = json_object_new_array();
    for (uint32_t i = 0; i < count; i++) {
        size_t length = items[i].status == FR_SUCCEEDED && items[i].output
                            ? json_object_array_length(items[i].output)
                            : 0;
        for (size_t n = 0; n < length; n++)
            json_object_array_add(all,
                                  json_object_get(json_object_array_get_idx(items[i].output, n)));
    }
    return all;
}

/* A merge of objects under way. */
struct merging {
    enum fr_conflict on_conflict;
    const char *id; /* of the branch that is being added */
    struct fr_buf *why;
};

static bool is_object(const struct json_object *value)
{
    return json_object_is_type(value, json_type_object);
}

/* A copy of an object that may be changed; what is inside is shared. */
static struct json_object *shallow_copy(struct json_object *object)
{
    struct json_object *copy = json_object_new_object();
    json_object_object_foreach(object, key, value)
    {
        json_object_object_add(copy, key, json_object_get(value));
    }
    return copy;
}

/* Puts the keys of `from` into `into`, which nobody else holds. Depth is bounded by the parser's. */
static enum fr_err deep_merge(struct merging *m, struct json_object *into, struct json_object *from)
{
    json_object_object_foreach(from, key, value)
    {
        struct json_object *old = NULL;
        if (!json_object_object_get_ex(into, key, &old)) {
            json_object_object_add(into, key, json_object_get(value));
        } else if (is_object(old) && is_object(value)) {
            struct json_object *copy = shallow_copy(old);
            enum fr_err err = deep_merge(m, copy, value);
            json_object_object_add(into, key, copy);
            if (err)
                return err;
        } else if (!fr_json_equal(old, value)) {
            if (m->on_conflict == FR_CONFLICT_ERROR) {
                fr_buf_printf(m->why,
                              "branch '%s' has another value for the key '%s' than a branch before "
                              "it; choose with `on_conflict: first` or `last`",
                              m->id, key);
                return FR_ERR_INVALID;
            }
            if (m->on_conflict == FR_CONFLICT_LAST)
                json_object_object_add(into, key, json_object_get(value));
        }
    }
    return FR_OK;
}

/* All objects in one. */
static enum fr_err join_objects(const struct fr_group *group, const struct merge_item *items,
                                uint32_t count, struct json_object **out, struct fr_buf *why)
{
    struct merging m = {.on_conflict = group->on_conflict, .why = why};
    enum fr_err err = FR_OK;
    *out = json_object_new_object();
    for (uint32_t i = 0; i < count && !err; i++) {
        m.id = items[i].id;
        if (items[i].status == FR_SUCCEEDED && items[i].output)
            err = deep_merge(&m, *out, items[i].output);
    }
    if (err) {
        json_object_put(*out);
        *out = NULL;
    }
    return err;
}

/* What a combine step gets: the outputs, files as their paths. */
static struct json_object *list_for_combine(const struct merge_item *items, uint32_t count)
{
    struct json_object *list = json_object_new_array();
    for (uint32_t i = 0; i < count; i++) {
        struct json_object *path = NULL;
        if (items[i].status != FR_SUCCEEDED)
            continue;
        if (fr_json_is_artifact(items[i].output))
            json_object_object_get_ex(items[i].output, "path", &path);
        json_object_array_add(list, json_object_get(path ? path : items[i].output));
    }
    return list;
}

/* Finds the one shape that all outputs have; those that yielded nothing do not count. */
static enum fr_err common_shape(const struct merge_item *items, uint32_t count, enum shape *shape,
                                struct fr_buf *why)
{
    static const char *const names[] = {"nothing",   "text",   "a list",
                                        "an object", "a file", "a number or boolean"};
    const char *first = NULL;
    *shape = SHAPE_NONE;
    for (uint32_t i = 0; i < count; i++) {
        enum shape one = items[i].status == FR_SUCCEEDED ? shape_of(items[i].output) : SHAPE_NONE;
        if (one == SHAPE_NONE)
            continue;
        if (*shape != SHAPE_NONE && one != *shape) {
            fr_buf_printf(why,
                          "combine_outputs cannot make one of %s from '%s' and %s from '%s'; use "
                          "`merge_strategy: custom`",
                          names[*shape], first, names[one], items[i].id);
            return FR_ERR_INVALID;
        }
        if (!first)
            first = items[i].id;
        *shape = one;
    }
    if (*shape == SHAPE_FILE || *shape == SHAPE_OTHER) {
        fr_buf_printf(why, "combine_outputs cannot combine %s from '%s'; %s", names[*shape], first,
                      *shape == SHAPE_FILE
                          ? "give the group a `combine:` step, which gets the paths"
                          : "use `merge_strategy: custom`");
        return FR_ERR_INVALID;
    }
    return FR_OK;
}

/* combine_outputs. */
static enum fr_err combine(const struct fr_group *group, const struct merge_item *items,
                           uint32_t count, struct json_object **out, struct fr_buf *why)
{
    enum shape shape;
    if (group->combine != FR_NO_STEP) {
        *out = list_for_combine(items, count);
        return FR_OK;
    }
    enum fr_err err = common_shape(items, count, &shape, why);
    if (err)
        return err;
    if (shape == SHAPE_TEXT)
        *out = join_text(group, items, count);
    else if (shape == SHAPE_LIST)
        *out = join_lists(items, count);
    else if (shape == SHAPE_OBJECT)
        return join_objects(group, items, count, out, why);
    return FR_OK;
}

/* Merges by strategy. first_success and custom are the coordinator's: they pass on a value or ask jq. */
enum fr_err merge_outputs(const struct fr_group *group, const struct merge_item *items,
                          uint32_t count, struct json_object **out, struct fr_buf *why)
{
    *out = NULL;
    switch (group->merge) {
    case FR_MERGE_COLLECT_ALL:
        *out = collect_all(items, count);
        return FR_OK;
    case FR_MERGE_BEST_QUALITY:
        return best_quality(items, count, out, why);
    case FR_MERGE_COMBINE:
        return combine(group, items, count, out, why);
    default:
        return FR_ERR_INTERNAL;
    }
}

const char *merge_error_code(enum fr_err err)
{
    return err == FR_ERR_MISSING ? "no-quality" : "bad-merge";
}

/* A rank as a number. */
double merge_number(const struct json_object *value)
{
    if (json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double))
        return json_object_get_double(value);
    return NAN;
}
