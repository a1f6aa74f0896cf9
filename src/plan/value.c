/* Free-form values of a file as templates and lists in the plan's arena. Scalars
 * keep their YAML 1.2 core type; text with `${{ }}` becomes a template. One build,
 * one thread. */
#include "build.h"

#include <stdlib.h>
#include <string.h>

#include "flowrun/base/buf.h"

const char *value_json(struct build *b, const struct node *node)
{
    struct fr_buf json;
    const char *text;

    fr_buf_init(&json, 0);
    node_json(node, &json);
    text = fr_strndup(b->arena, fr_buf_cstr(&json), json.len);
    fr_buf_release(&json);
    return text;
}

const struct fr_tmpl *value_text(struct build *b, const struct node *scalar)
{
    const char *text = fr_strndup(b->arena, scalar->text, scalar->len);

    if (fr_has_expr(text))
        return fr_tmpl_parse(&b->exprs, text, text_mark(scalar));
    return fr_tmpl_string(b->arena, text, node_mark(scalar));
}

/* A scalar by its core type: text, or a constant of JSON. */
static const struct fr_tmpl *scalar_tmpl(struct build *b, const struct node *node)
{
    if (node->quoted || strcmp(node_core_type(node), "string") == 0)
        return value_text(b, node);

    struct fr_tmpl *tmpl = FR_NEW(b->arena, struct fr_tmpl);
    tmpl->kind = FR_TMPL_JSON;
    tmpl->mark = node_mark(node);
    tmpl->text = value_json(b, node);
    return tmpl;
}

/* A mapping: keys in order, values as templates. */
static const struct fr_tmpl *map_tmpl(struct build *b, const struct node *map)
{
    struct fr_tmpl *tmpl = FR_NEW(b->arena, struct fr_tmpl);

    tmpl->kind = FR_TMPL_MAP;
    tmpl->mark = node_mark(map);
    tmpl->keys = FR_NEW_ARRAY(b->arena, map->len, const char *);
    tmpl->items = FR_NEW_ARRAY(b->arena, map->len, const struct fr_tmpl *);
    for (uint32_t i = 0; i < map->len; i++) {
        const struct fr_tmpl *value = value_tmpl(b, map->pairs[i].value);
        if (!value)
            continue;
        tmpl->keys[tmpl->count] = fr_strdup(b->arena, map->pairs[i].key->text);
        tmpl->items[tmpl->count++] = value;
    }
    return tmpl;
}

/* A sequence of templates. */
static const struct fr_tmpl *list_tmpl(struct build *b, const struct node *list)
{
    struct fr_tmpl *tmpl = FR_NEW(b->arena, struct fr_tmpl);

    tmpl->kind = FR_TMPL_LIST;
    tmpl->mark = node_mark(list);
    tmpl->items = FR_NEW_ARRAY(b->arena, list->len, const struct fr_tmpl *);
    for (uint32_t i = 0; i < list->len; i++) {
        const struct fr_tmpl *value = value_tmpl(b, list->items[i]);
        if (value)
            tmpl->items[tmpl->count++] = value;
    }
    return tmpl;
}

const struct fr_tmpl *value_tmpl(struct build *b, const struct node *node)
{
    switch (node->kind) {
    case NODE_MAP:
        return map_tmpl(b, node);
    case NODE_LIST:
        return list_tmpl(b, node);
    default:
        return scalar_tmpl(b, node);
    }
}

const struct fr_tmpl **value_list(struct build *b, const struct node *list, uint32_t *count)
{
    const struct fr_tmpl **items;

    *count = 0;
    if (list->kind != NODE_LIST)
        return NULL;
    items = FR_NEW_ARRAY(b->arena, list->len, const struct fr_tmpl *);
    for (uint32_t i = 0; i < list->len; i++) {
        const struct fr_tmpl *value =
            list->items[i]->kind == NODE_SCALAR ? value_text(b, list->items[i]) : NULL;
        if (value)
            items[(*count)++] = value;
    }
    return items;
}

struct fr_named *value_named(struct build *b, const struct node *map, uint32_t *count)
{
    struct fr_named *items;

    *count = 0;
    if (map->kind != NODE_MAP)
        return NULL;
    items = FR_NEW_ARRAY(b->arena, map->len, struct fr_named);
    for (uint32_t i = 0; i < map->len; i++) {
        const struct node *node = map->pairs[i].value;
        const struct fr_tmpl *value =
            node->kind == NODE_SCALAR ? value_text(b, node) : value_tmpl(b, node);
        if (!value)
            continue;
        items[*count].name = fr_strdup(b->arena, map->pairs[i].key->text);
        items[(*count)++].value = value;
    }
    return items;
}

const char **value_strings(struct build *b, const struct node *list, uint32_t *count)
{
    const char **items;

    *count = 0;
    if (list->kind == NODE_SCALAR) {
        items = FR_NEW(b->arena, const char *);
        items[(*count)++] = fr_strdup(b->arena, list->text);
        return items;
    }
    if (list->kind != NODE_LIST)
        return NULL;
    items = FR_NEW_ARRAY(b->arena, list->len, const char *);
    for (uint32_t i = 0; i < list->len; i++)
        if (list->items[i]->kind == NODE_SCALAR)
            items[(*count)++] = fr_strdup(b->arena, list->items[i]->text);
    return items;
}
