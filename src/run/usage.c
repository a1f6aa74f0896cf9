/* Summing up what was used of the models of providers. Owns nothing. Coordinator thread. */
#include "usage.h"

#include <string.h>

/* The key of an entry: as JSON, so that no two of different sources are the same. */
static void write_key(const struct json_object *one, struct fr_buf *key)
{
    struct json_object *provider = NULL, *model = NULL;
    json_object_object_get_ex(one, "provider", &provider);
    json_object_object_get_ex(one, "model", &model);
    fr_buf_str(key, "[");
    fr_json_write(provider, key);
    fr_buf_str(key, ",");
    fr_json_write(model, key);
    fr_buf_str(key, "]");
}

/* Adds one entry's numbers to another. */
static void add_numbers(struct json_object *into, const struct json_object *from)
{
    json_object_object_foreach(from, name, value)
    {
        struct json_object *before = NULL;
        if (json_object_is_type(value, json_type_string))
            continue;
        bool there = json_object_object_get_ex(into, name, &before);
        json_object_object_add(into, name,
                               there ? fr_json_sum(before, value) : json_object_get(value));
    }
}

/* An entry that has the names of its source and no numbers yet. */
static struct json_object *new_entry(const struct json_object *one)
{
    struct json_object *entry = json_object_new_object();
    json_object_object_foreach(one, name, value)
    {
        if (json_object_is_type(value, json_type_string))
            json_object_object_add(entry, name, json_object_get(value));
    }
    return entry;
}

/* Adds the numbers of one entry. */
void usage_add(struct json_object **into, const struct json_object *one)
{
    struct json_object *found = NULL;
    struct fr_buf key;
    fr_buf_init(&key, 0);
    write_key(one, &key);
    if (!*into)
        *into = json_object_new_object();
    if (!json_object_object_get_ex(*into, fr_buf_cstr(&key), &found)) {
        found = new_entry(one);
        json_object_object_add(*into, fr_buf_cstr(&key), found);
    }
    add_numbers(found, one);
    fr_buf_release(&key);
}

/* Adds all entries of another sum. */
void usage_add_all(struct json_object **into, const struct json_object *usage)
{
    if (!usage)
        return;
    json_object_object_foreach(usage, key, one)
    {
        (void)key;
        usage_add(into, one);
    }
}

/* Writes the entries as a list. */
void usage_write(const struct json_object *usage, struct fr_buf *out)
{
    bool more = false;
    if (!usage) {
        fr_buf_str(out, "null");
        return;
    }
    fr_buf_str(out, "[");
    json_object_object_foreach(usage, key, one)
    {
        (void)key;
        if (more)
            fr_buf_str(out, ",");
        more = true;
        fr_json_write(one, out);
    }
    fr_buf_str(out, "]");
}
