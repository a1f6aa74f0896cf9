/* What the items of a batch have updated. A million items may: each is kept as text, and is an object only while it is
 * applied. What text cannot hold as it is stays an object. Coordinator thread. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/buf.h"
#include "flowrun/base/str.h"
#include "state_core.h"

/* The updates of one item. */
struct kept {
    struct json_object *list; /* owned; NULL = they are text, … */
    size_t at;                /* … which begins here … */
    uint32_t len;             /* … and has so many bytes */
    uint32_t number;          /* of the item */
};

struct state_items {
    struct kept *kept; /* as items ended; then in order of items */
    uint32_t count, cap;
    struct fr_buf text; /* of all of them */
    uint32_t seen;      /* so many can be seen: the batch is over */
};

static bool reads_back(struct json_object *value, unsigned levels);

/* Whether every value of an array or object reads back. */
static bool all_read_back(struct json_object *value, unsigned levels)
{
    if (levels == 0)
        return false;
    if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
            if (!reads_back(json_object_array_get_idx(value, i), levels - 1))
                return false;
        return true;
    }
    json_object_object_foreach(value, key, member)
    {
        if (!fr_utf8_valid(key, strlen(key)) || !reads_back(member, levels - 1))
            return false;
    }
    return true;
}

/* Whether the text of a value is read as the same value: nested little, all of it UTF-8, and no double whose text is that
 * of a whole number or of no number. */
static bool reads_back(struct json_object *value, unsigned levels)
{
    const char *own = NULL;
    switch (json_object_get_type(value)) {
    case json_type_double:
        own = json_object_get_userdata(value);
        return own && strpbrk(own, ".eE");
    case json_type_string:
        return fr_utf8_valid(json_object_get_string(value),
                             (size_t)json_object_get_string_len(value));
    case json_type_array:
    case json_type_object:
        return all_read_back(value, levels);
    default:
        return true;
    }
}

/* Keeps a list as text; false when that cannot be. */
static bool keep_text(struct state_items *items, struct kept *kept, struct json_object *list)
{
    if (!reads_back(list, FR_JSON_DEPTH))
        return false;
    kept->at = items->text.len;
    fr_json_write(list, &items->text);
    if (items->text.overflow)
        abort();
    size_t len = items->text.len - kept->at;
    if (len > UINT32_MAX) {
        items->text.len = kept->at;
        return false;
    }
    kept->len = (uint32_t)len;
    json_object_put(list);
    return true;
}

/* Adds what an item has updated. */
void state_items_add(struct state_items **made, uint32_t number, struct json_object *updates)
{
    if (!*made && !(*made = calloc(1, sizeof(**made))))
        abort();
    struct state_items *items = *made;
    if (items->count == items->cap) {
        items->cap = items->cap ? items->cap * 2 : 16;
        items->kept = realloc(items->kept, items->cap * sizeof(*items->kept));
        if (!items->kept)
            abort();
    }
    struct kept *kept = &items->kept[items->count++];
    *kept = (struct kept){.number = number};
    if (!keep_text(items, kept, updates))
        kept->list = updates;
}

/* By item. */
static int by_number(const void *a, const void *b)
{
    uint32_t x = ((const struct kept *)a)->number, y = ((const struct kept *)b)->number;
    return (x > y) - (x < y);
}

/* All items are over. */
void state_items_end(struct state_items *items)
{
    if (!items)
        return;
    qsort(items->kept + items->seen, items->count - items->seen, sizeof(*items->kept), by_number);
    items->seen = items->count;
}

/* Whether there is something to see. */
bool state_items_seen(const struct state_items *items)
{
    return items && items->seen;
}

/* The updates of the next item. */
struct json_object *state_items_next(const struct state_items *items, uint32_t *at)
{
    struct json_object *list = NULL;
    if (!items || *at == items->seen)
        return NULL;
    const struct kept *kept = &items->kept[(*at)++];
    if (kept->list)
        return json_object_get(kept->list);
    fr_json_parse(items->text.data + kept->at, kept->len, &list, NULL, 0);
    return list;
}

/* Frees them. */
void state_items_free(struct state_items *items)
{
    if (!items)
        return;
    for (uint32_t i = 0; i < items->count; i++)
        json_object_put(items->kept[i].list);
    fr_buf_release(&items->text);
    free(items->kept);
    free(items);
}
