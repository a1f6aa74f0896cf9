/* The keys of a mapping once it was read: text, and each only once. Reader's thread; what
 * it makes lives in the reader's arena. */
#include <stdio.h>

#include "read.h"

/* Reports a key that stands twice. */
static void report_duplicate(const struct reader *reader, const struct node *first,
                             const struct node *again)
{
    char shown[QUOTE_SHOWN];
    char help[64];
    (void)snprintf(help, sizeof(help), "the first one is on line %u; keep one", first->line);
    fr_diag_add(reader->diags, FR_ERROR, node_mark(again), "duplicate-key", help,
                "the key '%s' stands twice in one mapping", quote_shown(again->text, shown));
}

/* Returns the pair before `at` with the same key, or NULL; keys are interned. */
static const struct node *find_earlier(const struct node_pair *pairs, uint32_t at)
{
    for (uint32_t i = 0; i < at; i++) {
        if (pairs[i].key->text == pairs[at].key->text) {
            return pairs[i].key;
        }
    }
    return NULL;
}

/* Reports duplicate keys and keeps the first of each. */
static void drop_duplicates(const struct reader *reader, struct node *map)
{
    enum { FEW = 16 };
    struct fr_map seen;
    fr_map_init(&seen);
    bool few = map->len <= FEW;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < map->len; i++) {
        map->pairs[kept] = map->pairs[i];
        struct node *key = map->pairs[i].key;
        const struct node *first = NULL;
        if (few) {
            first = find_earlier(map->pairs, kept);
        } else if ((first = fr_map_get(&seen, key->text)) == NULL) {
            fr_map_put(&seen, key->text, key);
        }
        if (first) {
            report_duplicate(reader, first, key);
        } else {
            kept++;
        }
    }
    map->len = kept;
    fr_map_release(&seen);
}

/* Reports keys that are no text. A `{{ }}` that lost its quotes becomes the text it was meant to be, so that
 * nothing else is said about it. */
static void report_bad_keys(struct reader *reader, struct node *map, const yaml_event_t *end)
{
    struct quote_span line = quote_line(&reader->lines, map->line);
    struct quote_span raw = quote_rest(line, map->col);
    bool braces = map->flow && raw.len > 1 && raw.text[1] == '{';
    uint32_t kept = 0;
    for (uint32_t i = 0; i < map->len; i++) {
        const struct node *key = map->pairs[i].key;
        if (key->kind == NODE_SCALAR) {
            map->pairs[kept++] = map->pairs[i];
        } else if (!braces) {
            fr_diag_add(reader->diags, FR_ERROR, node_mark(key), "bad-key", "quote this",
                        "a key must be text, not %s", node_type_name(key));
        }
    }
    map->len = kept;
    if (!braces) {
        return;
    }
    struct fr_mark mark = node_mark(map);
    if (end->end_mark.line + 1 == map->line && end->end_mark.column + 1 > map->col) {
        mark.len = (uint32_t)end->end_mark.column + 1 - map->col;
        struct quote_span rest = quote_rest(line, (uint32_t)end->end_mark.column + 1);
        raw.len = (size_t)(rest.text - raw.text);
    }
    struct fr_buf help;
    fr_buf_init(&help, 0);
    quote_help(&(struct quote_value){.value = raw}, &help);
    fr_diag_add(reader->diags, FR_ERROR, mark, "bad-key", fr_buf_cstr(&help),
                "without quotes '{{' begins a mapping, not an expression");
    fr_buf_release(&help);
    *map = (struct node){.file = map->file,
                         .text = fr_strndup(reader->arena, raw.text, raw.len),
                         .len = (uint32_t)raw.len,
                         .line = map->line,
                         .col = map->col,
                         .kind = NODE_SCALAR,
                         .quoted = true};
}

/* Checks the keys of a map; `end` is its last event when one of them is no text. */
void read_check_keys(struct reader *reader, struct node *map, const yaml_event_t *end)
{
    if (end) {
        report_bad_keys(reader, map, end);
    }
    if (map->kind == NODE_MAP) {
        drop_duplicates(reader, map);
    }
}
