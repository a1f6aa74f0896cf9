/* Lists of ids that a file spells out again and again: each layer of a large graph names
 * the whole layer before it. Equal lists share their items, so that 990,000 ids cost what 10,000 do. Only
 * `depends_on` is treated so: an id is an id wherever it stands, while other texts may hold expressions, whose errors need
 * their own places. Reader's thread; the table is the reader's. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/str.h"
#include "read.h"

enum { SHORTEST = 8, FIRST_CAP = 64 };

/* The hash of a list's texts. */
static size_t hash_of(const struct node *list)
{
    uint64_t hash = list->len;
    for (uint32_t i = 0; i < list->len; i++) {
        const struct node *item = list->items[i];
        hash = (hash ^ fr_hash(item->text, item->len)) * 0x9e3779b97f4a7c15U;
        hash ^= hash >> 29;
    }
    return (size_t)hash;
}

/* Tells whether two lists hold the same texts in the same order. */
static bool equal(const struct node *a, const struct node *b)
{
    if (a->len != b->len) {
        return false;
    }
    for (uint32_t i = 0; i < a->len; i++) {
        if (a->items[i]->len != b->items[i]->len ||
            memcmp(a->items[i]->text, b->items[i]->text, a->items[i]->len) != 0) {
            return false;
        }
    }
    return true;
}

/* The slot of a list that equals this one, or the free one where it belongs. */
static struct node **find(struct node **table, size_t cap, const struct node *list)
{
    size_t at = hash_of(list) & (cap - 1);
    while (table[at] && !equal(table[at], list)) {
        at = (at + 1) & (cap - 1);
    }
    return &table[at];
}

/* Keeps the table at most half full; false when memory is out, and nothing is shared then. */
static bool make_room(struct reader *reader)
{
    if (reader->repeat_count * 2 < reader->repeat_cap) {
        return true;
    }
    size_t cap = reader->repeat_cap ? reader->repeat_cap * 2 : FIRST_CAP;
    struct node **table = calloc(cap, sizeof(struct node *));
    if (!table) {
        return false;
    }
    for (size_t i = 0; i < reader->repeat_cap; i++) {
        if (reader->repeats[i]) {
            *find(table, cap, reader->repeats[i]) = reader->repeats[i];
        }
    }
    free(reader->repeats);
    reader->repeats = table;
    reader->repeat_cap = cap;
    return true;
}

/* Shares the items of a list with those of an equal one. */
void read_share_ids(struct reader *reader, const struct read_frame *frame)
{
    struct node *list = frame->node;
    if (list->len < SHORTEST || !make_room(reader)) {
        return;
    }
    struct node **slot = find(reader->repeats, reader->repeat_cap, list);
    if (!*slot) {
        *slot = list;
        reader->repeat_count++;
        return;
    }
    list->items = (*slot)->items;
    list->shared = true;
    fr_arena_restore(reader->arena, frame->begin);
}
