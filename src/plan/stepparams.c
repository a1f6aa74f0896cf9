/* The parameters of a step: its own over those of its model over the defaults of its
 * type, its constants checked against what the type declares. Values with expressions
 * are taken as they come. One build, one thread. */
#include "build.h"

#include <string.h>

/* A value as a template; a constant of a parameter of type string stays its text (`voice: 7`). */
static const struct fr_tmpl *typed_tmpl(struct build *b, const struct fr_param_def *def,
                                        const struct node *node)
{
    if (def && node->kind == NODE_SCALAR && strcmp(def->type, "string") == 0 &&
        strcmp(node_core_type(node), "null") != 0)
        return value_text(b, node);
    return value_tmpl(b, node);
}

/* `over` laid over `base`; either may be NULL. */
static const struct fr_tmpl *overlay(struct build *b, const struct fr_tmpl *base,
                                     const struct fr_tmpl *over)
{
    if (!base || base->count == 0)
        return over;
    if (!over)
        return base;

    struct fr_tmpl *map = FR_NEW(b->arena, struct fr_tmpl);
    *map = *over;
    map->keys = FR_NEW_ARRAY(b->arena, base->count + over->count, const char *);
    map->items = FR_NEW_ARRAY(b->arena, base->count + over->count, const struct fr_tmpl *);
    memcpy(map->keys, base->keys, base->count * sizeof(*map->keys));
    memcpy(map->items, base->items, base->count * sizeof(*map->items));
    map->count = base->count;
    for (uint32_t i = 0; i < over->count; i++) {
        uint32_t at = 0;
        while (at < base->count && strcmp(map->keys[at], over->keys[i]) != 0)
            at++;
        if (at == base->count)
            at = map->count++;
        map->keys[at] = over->keys[i];
        map->items[at] = over->items[i];
    }
    return map;
}

/* A mapping of values for parameters that a type declares. */
static const struct fr_tmpl *given_map(struct build *b, const struct fr_type_def *def,
                                       const struct node *map)
{
    struct fr_tmpl *tmpl = FR_NEW(b->arena, struct fr_tmpl);

    tmpl->kind = FR_TMPL_MAP;
    tmpl->mark = node_mark(map);
    tmpl->keys = FR_NEW_ARRAY(b->arena, map->len, const char *);
    tmpl->items = FR_NEW_ARRAY(b->arena, map->len, const struct fr_tmpl *);
    for (uint32_t i = 0; map->kind == NODE_MAP && i < map->len; i++) {
        const struct node *key = map->pairs[i].key;
        const struct fr_param_def *param =
            def ? params_find(def->params, def->param_count, key->text, key->len) : NULL;
        const struct fr_tmpl *value = typed_tmpl(b, param, map->pairs[i].value);
        if (!value)
            continue;
        tmpl->keys[tmpl->count] = param ? param->name : fr_strdup(b->arena, key->text);
        tmpl->items[tmpl->count++] = value;
    }
    return tmpl;
}

/* The defaults that a type declares, as a map; kept with the type. */
static const struct fr_tmpl *type_defaults(struct build *b, struct catalog_type *type)
{
    const struct node *list = node_get(type->layer.node, "params");

    if (type->params || !list || list->kind != NODE_LIST)
        return type->params;
    struct fr_tmpl *map = FR_NEW(b->arena, struct fr_tmpl);
    map->kind = FR_TMPL_MAP;
    map->mark = node_mark(list);
    map->keys = FR_NEW_ARRAY(b->arena, list->len, const char *);
    map->items = FR_NEW_ARRAY(b->arena, list->len, const struct fr_tmpl *);
    for (uint32_t i = 0; i < list->len; i++) {
        const struct node *name = node_get(list->items[i], "name");
        const struct node *value = node_get(list->items[i], "default");
        const struct fr_param_def *def =
            name && name->kind == NODE_SCALAR
                ? params_find(type->def->params, type->def->param_count, name->text, name->len)
                : NULL;
        const struct fr_tmpl *tmpl = def && value ? typed_tmpl(b, def, value) : NULL;
        if (!tmpl)
            continue;
        map->keys[map->count] = def->name;
        map->items[map->count++] = tmpl;
    }
    return type->params = map;
}

/* True when no expression stands in a value. */
static bool is_constant(const struct node *node)
{
    if (node->kind == NODE_SCALAR)
        return !fr_has_expr(node->text);
    for (uint32_t i = 0; i < node->len; i++)
        if (!is_constant(node->kind == NODE_MAP ? node->pairs[i].value : node->items[i]))
            return false;
    return true;
}

/* The parameters of the file that a step runs, as those of a type; NULL for other steps. */
static const struct fr_type_def *run_params(struct build *b, const struct note *note)
{
    if (!note->runs)
        return NULL;
    struct fr_type_def *def = FR_NEW(&b->scratch, struct fr_type_def);
    def->name = note->runs->made->file;
    def->params = note->runs->made->params;
    def->param_count = note->runs->made->param_count;
    return def;
}

/* Refuses parameters that the file a step runs does not declare: it would never see them. */
static void refuse_unknown(struct build *b, const struct fr_step *step,
                           const struct fr_type_def *def, const struct node *own)
{
    for (uint32_t i = 0; own && i < own->len; i++) {
        const struct node *key = own->pairs[i].key;
        if (params_find(def->params, def->param_count, key->text, key->len))
            continue;
        const char *near = params_nearest(b, def->params, def->param_count, key->text);
        fr_diag_add(b->diags, FR_ERROR, node_mark(key), "unknown-param",
                    near ? fr_format(&b->scratch, "did you mean '%s'?", near)
                         : "declare it there under `params:`",
                    "step '%s': '%s' has no parameter '%s'", step->id, def->name, key->text);
    }
}

/* Compares what the step gives with what its type declares. */
static void check_given(struct build *b, const struct fr_step *step, const struct fr_type_def *def,
                        const struct node *own)
{
    const char *who = fr_format(&b->scratch, "step '%s': parameter", step->id);

    for (uint32_t i = 0; i < own->len; i++) {
        const struct node *key = own->pairs[i].key, *value = own->pairs[i].value;
        const struct fr_param_def *param =
            params_find(def->params, def->param_count, key->text, key->len);
        const char *near = param || b->notes[step->index].runs
                               ? NULL
                               : params_nearest(b, def->params, def->param_count, key->text);
        if (near)
            fr_diag_add(b->diags, FR_WARNING, node_mark(key), "unknown-param",
                        fr_format(&b->scratch, "did you mean '%s'?", near),
                        "step '%s': type '%s' has no parameter '%s'", step->id, def->name,
                        key->text);
        bool constant = value->kind != NODE_SCALAR
                            ? b->notes[step->index].runs && is_constant(value)
                            : !fr_has_expr(value->text);
        if (param && constant)
            params_check(b, param, params_json(b, param->type, value), node_mark(value), who);
    }
}

static const char *word_of(const struct note *note)
{
    return note->runs ? "" : "type ";
}

static void check_required(struct build *b, const struct fr_step *step,
                           const struct fr_type_def *def, const struct node *own)
{
    for (uint32_t i = 0; i < def->param_count; i++) {
        const struct fr_param_def *param = &def->params[i];
        if (!param->required || node_get(own, param->name))
            continue;
        fr_diag_add(b->diags, FR_ERROR, src_mark(b->notes[step->index].src->node, "type"),
                    "missing-param",
                    fr_format(&b->scratch, "add it: `params: {%s: …}`", param->name),
                    "step '%s' lacks the parameter '%s', which %s'%s' requires", step->id,
                    param->name, word_of(&b->notes[step->index]), def->name);
    }
}

const struct fr_tmpl *params_step(struct build *b, const struct fr_step *step,
                                  const struct node *own)
{
    struct note *note = &b->notes[step->index];
    struct catalog_type *type = note->type && !note->type->builtin ? note->type : NULL;
    const struct fr_tmpl *base = type ? type_defaults(b, type) : NULL;

    if (own && own->kind != NODE_MAP)
        own = NULL;
    if (type && note->model && note->model->layer.keys[KEY_PARAMS]) {
        if (!note->model->params)
            note->model->params =
                overlay(b, base, given_map(b, type->def, note->model->layer.keys[KEY_PARAMS]));
        base = note->model->params;
    }
    if (type) {
        if (own)
            check_given(b, step, type->def, own);
        check_required(b, step, type->def, own);
    }
    const struct fr_type_def *run = run_params(b, note);
    if (run) {
        refuse_unknown(b, step, run, own);
        if (own)
            check_given(b, step, run, own);
        check_required(b, step, run, own);
        return own ? given_map(b, run, own) : NULL;
    }
    return overlay(b, base, own ? given_map(b, type ? type->def : NULL, own) : NULL);
}
