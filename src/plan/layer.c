/* The keys of a step and the layers below it: what the step does not say, its
 * model, its type and then `defaults:` may say. Values of shared layers are parsed
 * once and used by every step. One build, one thread. */
#include "build.h"

#include <string.h>

#include "flowrun/base/str.h"

struct field {
    const char *name;
    size_t offset;
};

#define F(name)                                                                                    \
    {                                                                                              \
#name, FIELD(name)                                                                         \
    }
static const struct field fields[] = {
    F(id),
    F(name),
    F(type),
    F(run),
    F(model),
    F(output),
    F(output_type),
    F(output_file),
    F(cwd),
    F(when),
    F(enabled),
    F(trigger_rule),
    F(timeout),
    F(total_timeout),
    F(retries),
    F(retry_delay),
    F(retry_backoff),
    F(retry_max_delay),
    F(retry_jitter),
    F(retry_when),
    F(continue_on_error),
    F(leftover),
    F(priority),
    F(limit),
    F(tty),
    F(grace),
    F(cost),
    F(quality),
    F(max_workers),
    F(fail_fast),
    F(merge_strategy),
    F(success),
    F(split),
    F(separator),
    F(on_conflict),
    F(rank),
    F(merge),
    F(keep),
    F(first),
    F(expr),
    F(path),
    F(strategy),
    F(parts),
    F(title),
    F(description),
    F(assignee),
    F(on_timeout),
    F(on_reject),
    F(batch_size),
    F(sequential_below),
    F(until),
    F(max_iterations),
    F(duration),
    F(until_time),
    F(url),
    F(method),
    F(body),
    F(save_to),
};
#undef F
enum { FIELD_COUNT = sizeof(fields) / sizeof(fields[0]) };

static const char *const keys[KEY__COUNT] = {
    "argv",         "shell",  "input",   "params",  "stdin",    "depends_on",
    "retry_on",     "env",    "headers", "form",    "json",     "expect",
    "requires_env", "update", "items",   "sources", "generates"};

static const char failed; /* in a cache: was parsed and reported */

static const char *field_name(size_t offset)
{
    for (int i = 0; i < FIELD_COUNT; i++)
        if (fields[i].offset == offset)
            return fields[i].name;
    return "?";
}

/* The free key of this name, or KEY__COUNT; most keys are told apart by their first letters. */
static enum free_key find_key(const char *name)
{
    for (int i = 0; i < KEY__COUNT; i++)
        if (keys[i][0] == name[0] && strcmp(keys[i], name) == 0)
            return (enum free_key)i;
    return KEY__COUNT;
}

/* Notes where the free keys of a mapping are. */
static void find_keys(struct layer *layer)
{
    if (!layer->node || layer->node->kind != NODE_MAP)
        return;
    for (uint32_t i = 0; i < layer->node->len; i++) {
        const struct node_pair *pair = &layer->node->pairs[i];
        enum free_key key = find_key(pair->key->text);
        if (key != KEY__COUNT)
            layer->keys[key] = pair->value;
    }
}

void layer_of_step(struct layer *layer, const struct src_step *src)
{
    memset(layer, 0, sizeof(*layer));
    layer->src = src;
    layer->node = src->node;
    find_keys(layer);
}

void layer_of_shared(struct build *b, struct layer *layer, const struct src_step *src)
{
    layer_of_step(layer, src);
    layer->cache = FR_NEW(&b->scratch, struct layer_cache);
}

void layer_bind(struct src_step *src, const struct node *map)
{
    src->node = map;
    for (int i = 0; i < FIELD_COUNT; i++) {
        const struct node *value = node_get(map, fields[i].name);
        if (value && value->kind == NODE_SCALAR && !node_is_null(value))
            *(const char **)(void *)((char *)src + fields[i].offset) = value->text;
    }
}

/* The text of a field, NULL when the layer lacks it. */
static const char *layer_text(const struct layer *layer, size_t field)
{
    const char *text;

    memcpy(&text, (const char *)layer->src + field, sizeof(text));
    return text;
}

struct layer *layers_with(const struct layers *layers, size_t field)
{
    for (int i = 0; i < LAYER__COUNT; i++)
        if (layers->at[i] && layer_text(layers->at[i], field))
            return layers->at[i];
    return NULL;
}

struct layer *layers_with_key(const struct layers *layers, enum free_key key)
{
    for (int i = 0; i < LAYER__COUNT; i++)
        if (layers->at[i] && layers->at[i]->keys[key])
            return layers->at[i];
    return NULL;
}

const char *layers_text(const struct layers *layers, size_t field)
{
    const struct layer *layer = layers_with(layers, field);

    return layer ? layer_text(layer, field) : NULL;
}

struct fr_mark text_mark(const struct node *node)
{
    struct fr_mark mark = node_mark(node);

    if (node->loose) {
        mark.skip = 1;
    } else if (node->block) {
        mark.line++;
        mark.col = node->block;
    } else if (node->quoted) {
        mark.col++;
    }
    return mark;
}

/* Where the parsed value of a shared layer's field is kept; NULL for a layer that is read once. */
static const void **cached_field(struct layer *layer, size_t field)
{
    return layer->cache ? &layer->cache->fields[field / sizeof(void *)] : NULL;
}

/* Keeps `value` in `slot`, also that there is none. */
static const void *keep(const void **slot, const void *value)
{
    if (slot)
        *slot = value ? value : &failed;
    return value;
}

/* What a slot holds: true when it was filled before. */
static bool kept(const void **slot, const void **value)
{
    if (!slot || !*slot)
        return false;
    *value = *slot == &failed ? NULL : *slot;
    return true;
}

/* The place of the text of a layer's field. */
static struct fr_mark field_text_mark(const struct layer *layer, size_t field)
{
    const struct node *node = node_get(layer->node, field_name(field));

    return node ? text_mark(node) : src_mark(layer->node, field_name(field));
}

/* The text of a field for the plan, which outlives its sources. */
static const char *own_text(struct build *b, const struct layer *layer, size_t field)
{
    return fr_strdup(b->arena, layer_text(layer, field));
}

/* A field of text as an expression or a template; those of types, models and defaults are read once. */
static const void *parse_field(struct build *b, const struct layers *layers, size_t field,
                               bool is_expr)
{
    struct layer *layer = layers_with(layers, field);
    const void *value = NULL;

    if (!layer)
        return NULL;
    const void **slot = cached_field(layer, field);
    if (kept(slot, &value))
        return value;
    const char *text = own_text(b, layer, field);
    struct fr_mark mark = field_text_mark(layer, field);
    return keep(slot, is_expr ? (const void *)fr_expr_parse(&b->exprs, text, mark)
                              : fr_tmpl_parse(&b->exprs, text, mark));
}

const struct fr_expr *layers_expr(struct build *b, const struct layers *layers, size_t field)
{
    return parse_field(b, layers, field, true);
}

const struct fr_tmpl *layers_tmpl(struct build *b, const struct layers *layers, size_t field)
{
    return parse_field(b, layers, field, false);
}

const struct fr_tmpl *layers_key_tmpl(struct build *b, const struct layers *layers,
                                      enum free_key key)
{
    struct layer *layer = layers_with_key(layers, key);
    const void *value = NULL;

    if (!layer)
        return NULL;
    const void **slot = layer->cache ? &layer->cache->keys[key] : NULL;
    if (kept(slot, &value))
        return value;
    return keep(slot, value_tmpl(b, layer->keys[key]));
}

bool text_bool(const char *text, bool otherwise)
{
    bool value = otherwise;

    if (text)
        fr_parse_bool(text, &value);
    return value;
}

int64_t text_duration(const char *text, int64_t otherwise)
{
    int64_t value = otherwise;

    if (text)
        fr_parse_duration(text, &value);
    return value;
}

uint32_t text_count(const char *text, uint32_t otherwise)
{
    int64_t value = otherwise;

    if (text && (!fr_parse_i64(text, &value) || value < 0 || value > INT32_MAX))
        return otherwise;
    return (uint32_t)value;
}

double text_number(const char *text, double otherwise)
{
    double value = otherwise;

    if (text)
        fr_parse_f64(text, &value);
    return value;
}
