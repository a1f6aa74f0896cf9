/* Merge keys (`<<: *base`, `<<: [*a, *b]`): replaced while the tree is built. Reader's
 * thread; what it makes lives in the reader's arena. */

#include "read.h"

/* What a map becomes. */
struct merged {
    struct node_pair *pairs; /* in the arena, room for all */
    size_t count;
    struct fr_map taken;
};

/* Tells whether a pair is a merge key: plain `<<`. */
static bool is_merge(const struct reader *reader, const struct node_pair *pair)
{
    return pair->key->text == reader->merge_key && !pair->key->quoted;
}

/* Adds a pair unless its key was taken before. */
static void add_pair(struct merged *merged, const struct node_pair *pair, bool explicit_key)
{
    if (!explicit_key) {
        if (fr_map_get(&merged->taken, pair->key->text)) {
            return;
        }
        fr_map_put(&merged->taken, pair->key->text, pair->key);
    }
    merged->pairs[merged->count++] = *pair;
}

/* Reports a merge key whose value is no mapping. */
static void report_bad(struct reader *reader, const struct node *value)
{
    fr_diag_add(reader->diags, FR_ERROR, node_mark(value), "wrong-type",
                "write `<<: *name` or `<<: [*first, *second]`, or quote the key: \"<<\"",
                "'<<' merges mappings, but this is %s", node_type_name(value));
}

/* Returns how many pairs a merge value can add; reports values that are none. */
static size_t count_merge(struct reader *reader, const struct node *value)
{
    if (value->kind == NODE_MAP) {
        return value->len;
    }
    if (value->kind != NODE_LIST) {
        report_bad(reader, value);
        return 0;
    }
    size_t count = 0;
    for (uint32_t i = 0; i < value->len; i++) {
        if (value->items[i]->kind == NODE_MAP) {
            count += value->items[i]->len;
        } else {
            report_bad(reader, value->items[i]);
        }
    }
    return count;
}

/* Adds all pairs of one merged map. */
static void add_map(struct merged *merged, const struct node *map)
{
    for (uint32_t i = 0; map->kind == NODE_MAP && i < map->len; i++) {
        add_pair(merged, &map->pairs[i], false);
    }
}

/* Adds what a merge key stands for. */
static void add_merge(struct merged *merged, const struct node *value)
{
    if (value->kind != NODE_LIST) {
        add_map(merged, value);
        return;
    }
    for (uint32_t i = 0; i < value->len; i++) {
        add_map(merged, value->items[i]);
    }
}

/* Replaces merge keys; what they stand for takes their place in the order of the map. */
void read_merge(struct reader *reader, struct node *map)
{
    size_t merges = 0;
    size_t most = map->len;
    for (uint32_t i = 0; map->kind == NODE_MAP && i < map->len; i++) {
        if (is_merge(reader, &map->pairs[i])) {
            merges++;
            most += count_merge(reader, map->pairs[i].value);
        }
    }
    if (merges == 0) {
        return;
    }
    struct merged merged = {.pairs = FR_NEW_ARRAY(reader->arena, most, struct node_pair)};
    fr_map_init(&merged.taken);
    for (uint32_t i = 0; i < map->len; i++) {
        if (!is_merge(reader, &map->pairs[i])) {
            fr_map_put(&merged.taken, map->pairs[i].key->text, map->pairs[i].key);
        }
    }
    for (uint32_t i = 0; i < map->len; i++) {
        if (is_merge(reader, &map->pairs[i])) {
            add_merge(&merged, map->pairs[i].value);
        } else {
            add_pair(&merged, &map->pairs[i], true);
        }
    }
    fr_map_release(&merged.taken);
    map->pairs = merged.pairs;
    map->len = (uint32_t)merged.count;
}
