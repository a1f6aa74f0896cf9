/* `flowrun convert`: a file in today's form, its keys in the order of the tables. The
 * caller's thread. */
#include <string.h>

#include "dialect.h"
#include "exprs.h"
#include "flowrun/plan/tools.h"
#include "schema.h"
#include "source.h"

static struct node *order_map(struct fr_arena *arena, const struct schema_table *table,
                              struct node *map);

/* A copy of a free-form value in which older forms of expressions are written as today's; in a `program`, which is
 * jq, only where one is all of it. Depth is bounded by the reader. */
static struct node *modern_value(struct fr_arena *arena, struct node *value, bool program)
{
    struct node *copy = FR_NEW(arena, struct node);

    *copy = *value;
    if (value->kind == NODE_SCALAR) {
        copy->text = program && !expr_is_whole_older(value->text) ? value->text
                                                                  : expr_modern(arena, value->text);
        copy->len = (uint32_t)strlen(copy->text);
    } else if (value->kind == NODE_LIST) {
        copy->items = FR_NEW_ARRAY(arena, value->len, struct node *);
        for (uint32_t i = 0; i < value->len; i++) {
            copy->items[i] = modern_value(arena, value->items[i], program);
        }
    } else {
        copy->pairs = FR_NEW_ARRAY(arena, value->len, struct node_pair);
        for (uint32_t i = 0; i < value->len; i++) {
            copy->pairs[i].key = value->pairs[i].key;
            copy->pairs[i].value = modern_value(arena, value->pairs[i].value, program);
        }
    }
    return copy;
}

/* Keys whose values hold no expressions: braces in them are only braces. */
static bool is_literal(const struct schema_key *row)
{
    static const char *const keys[] = {"name",  "description", "version",  "context",
                                       "state", "limit",       "reducers", "separator"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strcmp(row->key, keys[i]) == 0) {
            return true;
        }
    }
    return row->kind == KIND_TEXTS || row->kind == KIND_ANY_LIST ||
           (row->kind == KIND_VALUE && strcmp(row->key, "default") == 0);
}

/* Orders what a value holds: mappings of the format only, the order of free-form values stays. */
static struct node *order_value(struct fr_arena *arena, const struct schema_key *row,
                                struct node *value)
{
    const struct schema_table *table = schema_of_kind((enum schema_kind)row->kind);
    if (!table || value->kind == NODE_SCALAR) {
        bool program = row->kind == KIND_EXPR || strcmp(row->key, "update") == 0;
        return is_literal(row) ? value : modern_value(arena, value, program);
    }
    if (value->kind == NODE_MAP) {
        return order_map(arena, table, value);
    }
    struct node *list = FR_NEW(arena, struct node);
    *list = *value;
    list->items = FR_NEW_ARRAY(arena, value->len, struct node *);
    for (uint32_t i = 0; i < value->len; i++) {
        list->items[i] = order_map(arena, table, value->items[i]);
    }
    return list;
}

/* Orders a mapping that the checker has passed. */
static struct node *order_map(struct fr_arena *arena, const struct schema_table *table,
                              struct node *map)
{
    struct edit edit = {.arena = arena, .map = FR_NEW(arena, struct node)};
    uint32_t at = 0;
    const struct schema_key *row = NULL;
    *edit.map =
        (struct node){.file = map->file, .line = map->line, .col = map->col, .kind = NODE_MAP};
    while ((row = schema_next(table, &at))) {
        struct node *value = node_get(map, row->key);
        /* A key that a type has of its own comes again among a step's. */
        if (value && edit_find(&edit, row->key) == EDIT_NONE) {
            edit_add(&edit, node_get_key(map, row->key), order_value(arena, row, value));
        }
    }
    return edit.map;
}

/* Converts a file. */
enum fr_err fr_convert(const struct fr_load_options *options, struct fr_diags *diags,
                       struct fr_buf *out)
{
    struct fr_arena arena;
    struct source src;
    fr_arena_init(&arena);
    enum fr_err err =
        source_load(&src, &arena, SRC_ANY, options->file, options->text, options->text_len, diags);
    if (err == FR_OK) {
        node_emit(order_map(&arena, &schema_workflow, src.root), out);
    }
    source_release(&src);
    fr_arena_release(&arena);
    return err;
}
