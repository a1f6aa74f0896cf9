/* Binding by libcyaml, and beside it the node that each struct came from. libcyaml gets the
 * bound keys only, written out from the tree: that is also today's form of older files, without
 * aliases and merge keys, and takes two thirds of the time of the whole text. The structs are
 * libcyaml's until bind_free. The thread that loads the plan. */
#include "bindyaml.h"

#include <string.h>

#include "schema.h"

/* Aliases were resolved before; what libcyaml would log was said by the checker. */
static const cyaml_config_t config = {
    .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR, .flags = CYAML_CFG_NO_ALIAS};

/* libcyaml enlarges a list for each of its items, which costs time in proportion to its square wherever realloc copies:
 * the steps of the file are bound in portions of this size. */
enum { PORTION = 32 };

static void write_map(const struct schema_table *table, const struct node *map, struct fr_buf *out);

/* Writes a bound value: a scalar, a mapping of the format or a list of them. */
static void write_value(const struct schema_key *row, const struct node *node, struct fr_buf *out)
{
    const struct schema_table *table = schema_of_kind((enum schema_kind)row->kind);
    if (node->kind == NODE_SCALAR) {
        node_emit_quoted(node->text, node->len, out);
    } else if (node->kind == NODE_MAP) {
        write_map(table, node, out);
    } else {
        fr_buf_char(out, '[');
        for (uint32_t i = 0; i < node->len; i++) {
            write_map(table, node->items[i], out);
            fr_buf_str(out, ",\n");
        }
        fr_buf_char(out, ']');
    }
}

/* Tells whether libcyaml binds the value of a key; free-form ones need not be written. */
static bool is_bound(const struct schema_key *row, const struct node *value)
{
    switch ((enum schema_kind)row->kind) {
    case KIND_VALUE:
    case KIND_VALUES:
    case KIND_ANY_LIST:
    case KIND_TEXTS:
    case KIND_ARGV:
    case KIND_IDS:
    case KIND_NAMED:
    case KIND_RETRY_ON:
    case KIND_EXPECT:
    case KIND_ROUTES:
    case KIND_MATRIX:
    case KIND_LIMITS:
        return false;
    default:
        return value->kind == NODE_SCALAR || schema_of_kind((enum schema_kind)row->kind);
    }
}

/* Writes the bound part of a mapping in flow style. */
static void write_map(const struct schema_table *table, const struct node *map, struct fr_buf *out)
{
    fr_buf_char(out, '{');
    for (uint32_t i = 0; i < map->len; i++) {
        const struct node_pair *pair = &map->pairs[i];
        const struct schema_key *row = schema_find(table, pair->key->text);
        bool later = table == &schema_workflow && pair->value->kind == NODE_LIST &&
                     strcmp(pair->key->text, "steps") == 0;
        if (row && !later && is_bound(row, pair->value)) {
            fr_buf_str(out, row->key);
            fr_buf_str(out, ": ");
            write_value(row, pair->value, out);
            fr_buf_char(out, ',');
        }
    }
    fr_buf_char(out, '}');
}

/* Gives steps their nodes. */
static void attach_step(struct src_step *step, const struct node *node)
{
    step->node = node;
    const struct node *list = step->steps_count > 0 ? node_get(node, "steps") : NULL;
    for (unsigned i = 0; list && i < step->steps_count && i < list->len; i++) {
        attach_step(&step->steps[i], list->items[i]);
    }
    if (step->callback) {
        attach_step(step->callback, node_get(node, "callback"));
    }
    if (step->step) {
        attach_step(step->step, node_get(node, "step"));
    }
    if (step->combine) {
        attach_step(step->combine, node_get(node, "combine"));
    }
    if (step->fallback) {
        attach_step(step->fallback, node_get(node, "fallback"));
    }
}

/* Gives the n-th of a list of structs the n-th item of the list under a key; NULL when there is none. */
static const struct node *item_of(const struct node *map, const char *key, unsigned at)
{
    const struct node *list = node_get(map, key);
    return list && list->kind == NODE_LIST && at < list->len ? list->items[at] : NULL;
}

/* Gives a type, its parameters and its models their nodes. */
static void attach_type(struct src_type *type, const struct node *node)
{
    type->node = node;
    type->keys.node = node;
    for (unsigned i = 0; i < type->params_count; i++) {
        type->params[i].node = item_of(node, "params", i);
    }
    for (unsigned i = 0; i < type->models_count; i++) {
        type->models[i].node = item_of(node, "models", i);
        type->models[i].keys.node = type->models[i].node;
    }
}

/* Gives everything its node. */
static void attach(struct src_workflow *wf, const struct node *root)
{
    const struct node *steps = node_get(root, "steps");
    for (unsigned i = 0; steps && i < wf->steps_count && i < steps->len; i++) {
        attach_step(&wf->steps[i], steps->items[i]);
    }
    for (unsigned i = 0; i < wf->finally_count; i++) {
        attach_step(&wf->finally[i], item_of(root, "finally", i));
    }
    for (unsigned i = 0; i < wf->params_count; i++) {
        wf->params[i].node = item_of(root, "params", i);
    }
    for (unsigned i = 0; i < wf->types_count; i++) {
        attach_type(&wf->types[i], item_of(root, "types", i));
    }
    if (wf->defaults) {
        attach_step(wf->defaults, node_get(root, "defaults"));
    }
}

/* Binds text; *wf is NULL after an error, which was reported at `root`. */
static enum fr_err bind_text(struct fr_buf *text, const struct node *root, struct fr_diags *diags,
                             struct src_workflow **wf)
{
    cyaml_data_t *data = NULL;
    cyaml_err_t failed = cyaml_load_data((const uint8_t *)fr_buf_cstr(text), text->len, &config,
                                         &schema_binding, &data, NULL);
    if (failed == CYAML_OK && !data) { /* nothing in the text is bound */
        data = cyaml_mem(NULL, NULL, sizeof(struct src_workflow));
        failed = data ? CYAML_OK : CYAML_ERR_OOM;
        if (data) {
            memset(data, 0, sizeof(struct src_workflow));
        }
    }
    *wf = data;
    if (failed != CYAML_OK) {
        fr_diag_add(diags, FR_ERROR, node_mark(root), "internal", NULL,
                    "the file passed the check but cannot be bound: %s", cyaml_strerror(failed));
        return FR_ERR_INTERNAL;
    }
    return FR_OK;
}

/* Binds some steps and moves them behind those that the workflow has. */
static enum fr_err bind_portion(const struct node *steps, uint32_t from, uint32_t count,
                                struct fr_diags *diags, struct src_workflow *wf)
{
    struct fr_buf text;
    struct src_workflow *part = NULL;
    fr_buf_init(&text, 0);
    fr_buf_str(&text, "{steps: [");
    for (uint32_t i = from; i < from + count; i++) {
        write_map(&schema_step, steps->items[i], &text);
        fr_buf_str(&text, ",\n");
    }
    fr_buf_str(&text, "]}");
    enum fr_err err = bind_text(&text, steps, diags, &part);
    fr_buf_release(&text);
    if (err == FR_OK) {
        memcpy(&wf->steps[wf->steps_count], part->steps, part->steps_count * sizeof(*part->steps));
        wf->steps_count += part->steps_count;
        cyaml_mem(NULL, part->steps, 0);
        part->steps = NULL;
        part->steps_count = 0;
        bind_free(part);
    }
    return err;
}

/* Binds the steps of a file. */
static enum fr_err bind_steps(const struct node *steps, struct fr_diags *diags,
                              struct src_workflow *wf)
{
    enum fr_err err = FR_OK;
    if (!steps || steps->kind != NODE_LIST || steps->len == 0) {
        return FR_OK;
    }
    wf->steps = cyaml_mem(NULL, NULL, steps->len * sizeof(*wf->steps));
    if (!wf->steps) {
        return FR_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < steps->len && err == FR_OK; i += PORTION) {
        uint32_t left = steps->len - i;
        err = bind_portion(steps, i, left < PORTION ? left : PORTION, diags, wf);
    }
    return err;
}

/* Binds a file. */
enum fr_err bind_workflow(const struct node *root, struct fr_diags *diags, struct src_workflow **wf)
{
    struct fr_buf text;
    fr_buf_init(&text, 0);
    write_map(&schema_workflow, root, &text);
    enum fr_err err = bind_text(&text, root, diags, wf);
    fr_buf_release(&text);
    if (err == FR_OK) {
        err = bind_steps(node_get(root, "steps"), diags, *wf);
    }
    if (err != FR_OK) {
        bind_free(*wf);
        *wf = NULL;
        return err;
    }
    attach(*wf, root);
    return FR_OK;
}

/* Frees the structs. */
void bind_free(struct src_workflow *wf)
{
    if (wf) {
        (void)cyaml_free(&config, &schema_binding, wf, 0);
    }
}
