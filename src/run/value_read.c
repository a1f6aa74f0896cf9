/* Reads JSON that somebody gives. A list of very many items stays text: it is written over what was read, item by item,
 * as we write JSON, which never takes more bytes. Coordinator thread only. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/str.h"
#include "items.h"
#include "value.h"

enum { KEPT_PARSED = 64 << 10 };

/* Writes the next item at *to, which is not behind where it is read from. */
static void move_item(struct items *items, char *data, size_t *to)
{
    struct fr_buf item;
    fr_buf_init(&item, 0);
    struct fr_value *value = items_next(items);
    fr_value_add_json(value, &item);
    memcpy(data + *to, fr_buf_cstr(&item), item.len);
    *to += item.len;
    fr_value_unref(value);
    fr_buf_release(&item);
}

/* Writes a list over itself without blanks; its new size, 0 = it is no list. */
static size_t compact_list(char *data, size_t len)
{
    struct items items;
    size_t to = 0;
    if (!items_init_text(&items, data, len))
        return 0;
    for (uint32_t i = 0; i < items.count; i++) {
        data[to++] = i ? ',' : '[';
        move_item(&items, data, &to);
    }
    if (to == 0)
        data[to++] = '[';
    data[to++] = ']';
    data[to] = '\0';
    items_release(&items);
    return to;
}

struct fr_value *fr_value_json_parse(char *data, size_t len, char *why, size_t why_size)
{
    struct json_object *object = NULL;
    if (len > KEPT_PARSED && fr_utf8_valid(data, len)) {
        if (!fr_json_parse(data, len, NULL, why, why_size)) {
            free(data);
            return NULL;
        }
        size_t size = compact_list(data, len);
        if (size)
            return value_json_compact(data, size);
    }
    bool ok = fr_json_parse(data, len, &object, why, why_size);
    free(data);
    return ok ? fr_value_json(object) : NULL;
}
