/* The items of a batch, one after the other: a cursor over a list that is parsed item by item when it is text. Coordinator
 * thread. Private to run/. */
#ifndef RUN_ITEMS_H
#define RUN_ITEMS_H

#include "flowrun/run/value.h"

struct items {
    struct fr_value *value;   /* owned: what the items are borrowed from */
    struct json_object *list; /* the list, or … */
    const char *at, *end;     /* … the text behind the item before, and behind the list */
    uint32_t item_count;      /* all items */
    uint32_t item;            /* the next one */
    uint32_t batch_size;
    uint32_t count; /* turns */
};

/* Takes a list (one more reference). false, with what the value is appended to `why`, when it is none. */
bool items_init(struct items *items, struct fr_value *value, uint32_t batch_size,
                struct fr_buf *why);
/* The items one by one of JSON text, borrowed, that was checked; false when it is no list. */
bool items_init_text(struct items *items, const char *text, size_t len);
void items_release(struct items *items);

/* What the next turn gets, owned by the caller: an item, or with a larger batch_size a list of items. There is one. */
struct fr_value *items_next(struct items *items);
/* Passes over turns. */
void items_skip(struct items *items, uint32_t turns);
/* Appends the JSON of the next turn's item instead. */
void items_next_json(struct items *items, struct fr_buf *out);

#endif
