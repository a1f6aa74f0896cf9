/* The items of a batch. A list that is still text is counted once and then cut item by item, so that a million items are
 * never there as objects at one time. Coordinator thread. */
#include "items.h"

#include <stdlib.h>
#include <string.h>

#include "flowrun/base/str.h"
#include "value.h"

static const char *skip_blank(const char *at, const char *end)
{
    while (at && at < end &&
           (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r' || *at == ','))
        at++;
    return at;
}

/* Behind the string that begins at `at`. */
static const char *skip_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        at += *at == '\\';
    return at < end ? at + 1 : end;
}

/* Behind the value that begins at `at`; the text was checked to be JSON. */
static const char *skip_value(const char *at, const char *end)
{
    unsigned depth = 0;
    while (at < end) {
        char c = *at;
        if (c == '"') {
            at = skip_string(at, end);
        } else if (depth == 0 &&
                   (c == ',' || c == ']' || c == ' ' || c == '\n' || c == '\t' || c == '\r')) {
            return at; /* behind a number or a word */
        } else {
            depth += c == '[' || c == '{';
            depth -= c == ']' || c == '}';
            at++;
        }
        if (depth == 0 && (c == '"' || c == ']' || c == '}'))
            return at;
    }
    return at;
}

/* Counts the items of a list that is text. */
static uint32_t count_items(const char *at, const char *end)
{
    uint32_t count = 0;
    while ((at = skip_blank(at, end)) < end) {
        at = skip_value(at, end);
        count++;
    }
    return count;
}

/* Finds the inside of a list that is text; false when it is none. */
static bool init_text(struct items *items, const char *text, size_t len)
{
    const char *end = text + len;
    const char *at = skip_blank(text, end);
    if (at == end || *at != '[')
        return false;
    while (end[-1] != ']')
        end--;
    items->at = at + 1;
    items->end = end - 1;
    items->item_count = count_items(items->at, items->end);
    return true;
}

/* Says what a value is that is no list. */
static void explain(struct fr_value *value, struct fr_buf *why)
{
    enum fr_err err = FR_OK;
    if (fr_value_kind(value) == FR_VALUE_TEXT || fr_value_kind(value) == FR_VALUE_FILE) {
        fr_buf_str(why, "text");
        return;
    }
    struct json_object *object = fr_value_object(value, &err);
    if (json_object_is_type(object, json_type_object))
        fr_buf_str(why, "an object");
    else if (json_object_is_type(object, json_type_boolean))
        fr_buf_str(why, "true or false");
    else
        fr_buf_str(why, object ? "a number" : "null");
}

bool items_init(struct items *items, struct fr_value *value, uint32_t batch_size,
                struct fr_buf *why)
{
    size_t len = 0;
    const char *text = value_json_data(value, &len);
    *items = (struct items){.batch_size = batch_size ? batch_size : 1};
    if (!text) {
        bool json = fr_value_kind(value) == FR_VALUE_JSON;
        struct json_object *list = json ? fr_value_object(value, NULL) : NULL;
        items->list = json_object_is_type(list, json_type_array) ? list : NULL;
        items->item_count = items->list ? (uint32_t)json_object_array_length(list) : 0;
    }
    if (!items->list && !(text && init_text(items, text, len))) {
        explain(value, why);
        return false;
    }
    items->value = fr_value_ref(value);
    items->count =
        (uint32_t)(((uint64_t)items->item_count + items->batch_size - 1) / items->batch_size);
    return true;
}

bool items_init_text(struct items *items, const char *text, size_t len)
{
    *items = (struct items){.batch_size = 1};
    if (!init_text(items, text, len))
        return false;
    items->count = items->item_count;
    return true;
}

void items_release(struct items *items)
{
    fr_value_unref(items->value);
    *items = (struct items){0};
}

/* The text of the next item. */
static const char *next_text(struct items *items, size_t *len)
{
    const char *begin = skip_blank(items->at, items->end);
    items->at = skip_value(begin, items->end);
    items->item++;
    *len = (size_t)(items->at - begin);
    return begin;
}

/* The next item; owned. */
static struct json_object *next_object(struct items *items)
{
    struct json_object *object = NULL;
    size_t len = 0;
    if (items->list)
        return json_object_get(json_object_array_get_idx(items->list, items->item++));
    const char *text = next_text(items, &len);
    fr_json_parse(text, len, &object, NULL, 0);
    return object;
}

/* How many items the next turn gets. */
static uint32_t next_size(const struct items *items)
{
    uint32_t left = items->item_count - items->item;
    return left < items->batch_size ? left : items->batch_size;
}

struct fr_value *items_next(struct items *items)
{
    if (items->batch_size == 1)
        return fr_value_json(next_object(items));
    uint32_t size = next_size(items);
    struct json_object *list = json_object_new_array_ext((int)size);
    for (uint32_t i = 0; i < size; i++)
        json_object_array_add(list, next_object(items));
    return fr_value_json(list);
}

void items_skip(struct items *items, uint32_t turns)
{
    size_t len = 0;
    for (; turns; turns--)
        for (uint32_t size = next_size(items); size; size--) {
            if (items->list)
                items->item++;
            else
                (void)next_text(items, &len);
        }
}

/* Appends one item. */
static void add_item(struct items *items, struct fr_buf *out)
{
    const char *begin = items->at;
    size_t len = 0;
    const char *text = items->list ? NULL : next_text(items, &len);
    if (text && fr_utf8_valid(text, len)) {
        fr_buf_add(out, text, len);
        return;
    }
    if (text) { /* bad bytes are replaced where JSON is written */
        items->at = begin;
        items->item--;
    }
    struct json_object *object = next_object(items);
    fr_json_write(object, out);
    json_object_put(object);
}

void items_next_json(struct items *items, struct fr_buf *out)
{
    if (items->batch_size == 1) {
        add_item(items, out);
        return;
    }
    uint32_t size = next_size(items);
    for (uint32_t i = 0; i < size; i++) {
        fr_buf_char(out, i ? ',' : '[');
        add_item(items, out);
    }
    fr_buf_char(out, ']');
}
