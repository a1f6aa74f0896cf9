/* Binds what can be understood of a file with errors. libcyaml binds clean files
 * only; but a file with ten mistakes shall give ten diagnostics in one run, also those
 * of the later stages. Everything lives in the arena given and borrows from the tree.
 * One build, one thread. */
#include "build.h"

/* The text of a scalar that is not null, NULL for anything else. */
static char *text_of(const struct node *map, const char *key)
{
    const struct node *node = node_get(map, key);

    if (!node || node->kind != NODE_SCALAR || node_is_null(node))
        return NULL;
    return (char *)(uintptr_t)node->text;
}

/* The list under a key, NULL for anything else. */
static const struct node *list_of(const struct node *map, const char *key)
{
    const struct node *node = node_get(map, key);

    return node && node->kind == NODE_LIST ? node : NULL;
}

static struct src_step *salvage_steps(struct fr_arena *arena, const struct node *list,
                                      unsigned *count);

static void salvage_step(struct fr_arena *arena, const struct node *map, struct src_step *step)
{
    static const struct {
        const char *key;
        size_t offset;
    } single[] = {{"callback", FIELD(callback)},
                  {"combine", FIELD(combine)},
                  {"fallback", FIELD(fallback)},
                  {"step", FIELD(step)}};

    layer_bind(step, map);
    step->steps = salvage_steps(arena, list_of(map, "steps"), &step->steps_count);
    for (unsigned i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
        const struct node *node = node_get(map, single[i].key);
        if (!node || node->kind != NODE_MAP)
            continue;
        struct src_step *child = FR_NEW(arena, struct src_step);
        salvage_step(arena, node, child);
        *(struct src_step **)(void *)((char *)step + single[i].offset) = child;
    }
}

/* The mappings of a list as steps; what is no mapping is left out. */
static struct src_step *salvage_steps(struct fr_arena *arena, const struct node *list,
                                      unsigned *count)
{
    struct src_step *steps;

    *count = 0;
    if (!list)
        return NULL;
    steps = FR_NEW_ARRAY(arena, list->len + 1, struct src_step);
    for (uint32_t i = 0; i < list->len; i++)
        if (list->items[i]->kind == NODE_MAP)
            salvage_step(arena, list->items[i], &steps[(*count)++]);
    return steps;
}

static struct src_param *salvage_params(struct fr_arena *arena, const struct node *list,
                                        unsigned *count)
{
    struct src_param *params;

    *count = 0;
    if (!list)
        return NULL;
    params = FR_NEW_ARRAY(arena, list->len + 1, struct src_param);
    for (uint32_t i = 0; i < list->len; i++) {
        const struct node *map = list->items[i];
        struct src_param *param = &params[*count];
        *param = (struct src_param){map, text_of(map, "name"), text_of(map, "type"),
                                    text_of(map, "required"), text_of(map, "description")};
        *count += param->name ? 1 : 0;
    }
    return params;
}

static struct src_model *salvage_models(struct fr_arena *arena, const struct node *list,
                                        unsigned *count)
{
    struct src_model *models;

    *count = 0;
    if (!list)
        return NULL;
    models = FR_NEW_ARRAY(arena, list->len + 1, struct src_model);
    for (uint32_t i = 0; i < list->len; i++) {
        struct src_model *model = &models[*count];
        model->node = list->items[i];
        model->name = text_of(model->node, "name");
        model->description = text_of(model->node, "description");
        model->cost = text_of(model->node, "cost");
        layer_bind(&model->keys, model->node);
        *count += model->name ? 1 : 0;
    }
    return models;
}

static struct src_type *salvage_types(struct fr_arena *arena, const struct node *list,
                                      unsigned *count)
{
    struct src_type *types;

    *count = 0;
    if (!list)
        return NULL;
    types = FR_NEW_ARRAY(arena, list->len + 1, struct src_type);
    for (uint32_t i = 0; i < list->len; i++) {
        const struct node *map = list->items[i];
        struct src_type *type = &types[*count];
        type->node = map;
        type->name = text_of(map, "name");
        type->description = text_of(map, "description");
        type->input_type = text_of(map, "input_type");
        type->output_type = text_of(map, "output_type");
        type->cost = text_of(map, "cost");
        type->params = salvage_params(arena, list_of(map, "params"), &type->params_count);
        type->models = salvage_models(arena, list_of(map, "models"), &type->models_count);
        layer_bind(&type->keys, map);
        *count += type->name ? 1 : 0;
    }
    return types;
}

struct src_workflow *salvage_workflow(struct fr_arena *arena, const struct node *root)
{
    struct src_workflow *wf = FR_NEW(arena, struct src_workflow);
    const struct node *defaults = node_get(root, "defaults");

    wf->name = text_of(root, "name");
    wf->version = text_of(root, "version");
    wf->description = text_of(root, "description");
    wf->mode = text_of(root, "mode");
    wf->max_workers = text_of(root, "max_workers");
    wf->timeout = text_of(root, "timeout");
    wf->on_failure = text_of(root, "on_failure");
    wf->fail_fast = text_of(root, "fail_fast");
    wf->output_dir = text_of(root, "output_dir");
    wf->params = salvage_params(arena, list_of(root, "params"), &wf->params_count);
    wf->types = salvage_types(arena, list_of(root, "types"), &wf->types_count);
    wf->steps = salvage_steps(arena, list_of(root, "steps"), &wf->steps_count);
    wf->finally = salvage_steps(arena, list_of(root, "finally"), &wf->finally_count);
    if (defaults && defaults->kind == NODE_MAP) {
        wf->defaults = FR_NEW(arena, struct src_step);
        layer_bind(wf->defaults, defaults);
    }
    return wf;
}
