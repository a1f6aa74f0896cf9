/* The step types a workflow may use: built-in ones, then those of `use:`, of `types:`
 * and of --catalog; a later definition takes the place of an earlier one. Definitions
 * go into the plan's registry, the keys they give to steps stay with the build. One
 * build, one thread. */
#include "build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/str.h"
#include "readfiles.h"

static const struct builtin {
    const char *name, *description;
    enum fr_kind kind;
    enum fr_vtype output_type;
} builtins[] = {
    {"command", "a process, from `run` (shell text) or `argv`", FR_KIND_PROCESS, FR_VT_ANY},
    {"function", "the same as command", FR_KIND_PROCESS, FR_VT_ANY},
    {"http", "one request through libcurl", FR_KIND_HTTP, FR_VT_ANY},
    {"transform", "a jq program over the context; no process", FR_KIND_TRANSFORM, FR_VT_ANY},
    {"wait", "a pause, for a time or until one; holds no worker", FR_KIND_WAIT, FR_VT_ANY},
    {"human", "asks a person, with a form; holds no worker", FR_KIND_HUMAN, FR_VT_JSON},
    {"route", "chooses which of the steps behind it run", FR_KIND_ROUTE, FR_VT_ANY},
    {"split_input", "a list of parts of the input, for groups with `split: parts`", FR_KIND_SPLIT,
     FR_VT_LIST},
    {"merge_results", "the results of several steps or groups as one", FR_KIND_MERGE, FR_VT_ANY},
    {"parallel_group", "branches side by side, their outputs merged", FR_KIND_GROUP, FR_VT_JSON},
    {"parallel", "the same as parallel_group", FR_KIND_GROUP, FR_VT_JSON},
    {"workflow", "another file as one step", FR_KIND_WORKFLOW, FR_VT_ANY},
    {"race", "branches side by side; the first success is the output", FR_KIND_RACE, FR_VT_ANY},
    {"batch_process", "a step for each item of a list, some at once; the list of their outputs",
     FR_KIND_BATCH, FR_VT_ANY},
    {"loop", "steps one after the other, again and again until a condition holds", FR_KIND_LOOP,
     FR_VT_ANY},
};

/* Puts a definition into registry and catalog. */
static struct catalog_type *enter(struct build *b, struct fr_type_def *def)
{
    struct catalog_type *type = FR_NEW(&b->scratch, struct catalog_type);
    struct fr_registry *registry = (struct fr_registry *)(uintptr_t)b->plan->types;

    type->def = def;
    if (b->unit->made->number == 0)
        fr_map_put(&registry->types, def->name, def);
    fr_map_put(&b->unit->catalog, def->name, type);
    return type;
}

static void enter_builtins(struct build *b)
{
    for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++) {
        struct fr_type_def *def = FR_NEW(b->arena, struct fr_type_def);
        def->name = builtins[i].name;
        def->description = builtins[i].description;
        def->origin = "built-in";
        def->output_type = builtins[i].output_type;

        struct catalog_type *type = enter(b, def);
        type->builtin = true;
        type->kind = builtins[i].kind;
    }
}

/* The step keys of a type or model as a shared layer; a price is no expression over the result. */
static void enter_keys(struct build *b, struct layer *layer, const struct src_step *keys,
                       const char *cost)
{
    struct src_step *copy = FR_NEW(&b->scratch, struct src_step);
    int64_t price;

    *copy = *keys;
    copy->cost = cost && !fr_parse_micros(cost, &price) ? (char *)(uintptr_t)cost : NULL;
    layer_of_shared(b, layer, copy);
}

static int64_t price_of(const char *cost)
{
    int64_t price = -1;

    if (cost && !fr_parse_micros(cost, &price))
        return -1;
    return price;
}

static void enter_models(struct build *b, struct fr_type_def *def, struct catalog_type *type,
                         const struct src_type *src)
{
    struct fr_model_def *models = FR_NEW_ARRAY(b->arena, src->models_count, struct fr_model_def);

    type->models = FR_NEW_ARRAY(&b->scratch, src->models_count, struct catalog_model);
    for (unsigned i = 0; i < src->models_count; i++) {
        const struct src_model *from = &src->models[i];
        const struct catalog_model *twin = catalog_model(type, from->name);
        if (twin) {
            fr_diag_add(b->diags, FR_ERROR, src_mark(from->node, "name"), "duplicate-model",
                        "give one of them another name",
                        "type '%s' defines the model '%s' twice: first on line %u", def->name,
                        from->name, twin->def->mark.line);
            continue;
        }
        struct fr_model_def *model = &models[type->model_count];
        model->name = fr_strdup(b->arena, from->name);
        model->cost = price_of(from->cost);
        model->mark = src_mark(from->node, "name");
        type->models[type->model_count].def = model;
        enter_keys(b, &type->models[type->model_count++].layer, &from->keys, NULL);
    }
    def->models = models;
    def->model_count = type->model_count;
}

static void enter_type(struct build *b, const struct src_type *src, const char *file)
{
    const struct catalog_type *old = catalog_find(b, src->name);
    struct fr_mark mark = src_mark(src->node, "name");

    if (old && old->builtin) {
        fr_diag_add(b->diags, FR_ERROR, mark, "reserved-type", "choose another name",
                    "type '%s' is built in and cannot be defined anew", src->name);
        return;
    }
    if (old && old->def->origin == file) {
        fr_diag_add(b->diags, FR_ERROR, mark, "duplicate-type", "give one of them another name",
                    "type '%s' is defined twice in this file: first on line %u", src->name,
                    old->def->mark.line);
        return;
    }

    struct fr_type_def *def = FR_NEW(b->arena, struct fr_type_def);
    def->name = fr_strdup(b->arena, src->name);
    def->description = src->description ? fr_strdup(b->arena, src->description) : NULL;
    def->origin = file;
    def->input_type = names_find(names_vtype, FR_VT__COUNT, src->input_type, FR_VT_ANY);
    def->output_type = names_find(names_vtype, FR_VT__COUNT, src->output_type, FR_VT_ANY);
    def->param_count = src->params_count;
    def->params = params_define(b, src->params, &def->param_count, def->name);
    def->mark = mark;

    struct catalog_type *type = enter(b, def);
    type->kind = src->keys.url    ? FR_KIND_HTTP
                 : src->keys.expr ? FR_KIND_TRANSFORM
                                  : FR_KIND_PROCESS;
    type->price = price_of(src->cost);
    enter_keys(b, &type->layer, &src->keys, src->cost);
    type->layer.keys[KEY_PARAMS] = NULL; /* definitions, not values */
    enter_models(b, def, type, src);
}

static enum fr_err enter_file(struct build *b, const char *file, enum src_what what);

/* True when -C says where relative paths start: those of the workflow, not those of catalogs. */
static bool below_cwd(const struct build *b, const struct loaded *by)
{
    return by == b->units[0]->loaded && b->options->cwd;
}

const char *catalog_beside(struct build *b, const struct loaded *by, const char *path)
{
    const char *file = by->src.file, *slash = strrchr(file, '/');

    if (path[0] == '/')
        return fr_strdup(b->arena, path);
    if (below_cwd(b, by))
        return fr_format(b->arena, "%s/%s", b->options->cwd, path);
    if (!slash)
        return fr_strdup(b->arena, path);
    return fr_format(b->arena, "%.*s/%s", (int)(slash - file), file, path);
}

static enum fr_err enter_used(struct build *b, const struct loaded *by)
{
    const struct node *use = node_get(by->src.root, "use");
    enum fr_err worst = FR_OK;

    for (uint32_t i = 0; use && use->kind == NODE_LIST && i < use->len; i++) {
        const struct node *item = use->items[i];
        if (item->kind != NODE_SCALAR)
            continue;
        const char *name = catalog_beside(b, by, item->text);
        if (access(name, R_OK) != 0) {
            fr_diag_add(b->diags, FR_ERROR, node_mark(item), "missing-file",
                        below_cwd(b, by)
                            ? "with -C/--directory paths in `use:` start at the folder given there"
                            : "paths in `use:` start at the folder of the file that names them",
                        "cannot read '%s': %s", name, strerror(errno));
            worst = FR_ERR_MISSING;
            continue;
        }
        enum fr_err err = enter_file(b, name, SRC_CATALOG);
        worst = err ? err : worst;
    }
    return worst;
}

/* The types of a file that was read, those it uses first. */
static enum fr_err enter_loaded(struct build *b, struct loaded *loaded)
{
    enum fr_err err = enter_used(b, loaded);
    const struct src_workflow *wf = loaded->wf;

    for (unsigned i = 0; wf && i < wf->types_count; i++)
        enter_type(b, &wf->types[i], loaded->src.file);
    return err;
}

/* Reads a catalog and what it uses; one that was read before adds nothing, so that a circle ends. */
static enum fr_err enter_file(struct build *b, const char *file, enum src_what what)
{
    char *real = realpath(file, NULL);
    const char *path = fr_strdup(&b->scratch, real ? real : file);

    free(real);
    if (fr_map_get(&b->unit->seen_files, path))
        return FR_OK;

    struct loaded *loaded = fr_map_get(&b->read_files, path);
    fr_map_put(&b->unit->seen_files, path, loaded ? loaded : b->unit->loaded);
    if (loaded) { /* for another file: what is wrong with it was said */
        b->diags = &b->trash;
        enum fr_err known = enter_loaded(b, loaded);
        b->diags = b->all_diags;
        return known;
    }
    loaded = FR_NEW(&b->scratch, struct loaded);
    fr_map_put(&b->read_files, path, loaded);
    loaded->next = b->files;
    b->files = loaded;
    enum fr_err err = source_load(&loaded->src, &b->scratch, what, file, NULL, 0, b->diags);
    if (*loaded->src.sha256)
        read_files_note(b, file, loaded->src.sha256);
    loaded->wf = loaded->src.wf;
    if (!loaded->wf && loaded->src.root)
        loaded->wf = salvage_workflow(&b->scratch, loaded->src.root);
    enum fr_err below = loaded->src.root ? enter_loaded(b, loaded) : FR_OK;
    return err ? err : below;
}

enum fr_err catalog_load(struct build *b)
{
    enum fr_err worst = FR_OK;

    enter_builtins(b);
    if (b->unit->loaded)
        worst = enter_loaded(b, b->unit->loaded);
    for (uint32_t i = 0; i < b->options->catalog_count; i++) {
        enum fr_err err = enter_file(b, b->options->catalogs[i], SRC_CATALOG);
        worst = err ? err : worst;
    }
    return worst;
}

struct catalog_type *catalog_find(const struct build *b, const char *name)
{
    return fr_map_get(&b->unit->catalog, name);
}

struct catalog_model *catalog_model(const struct catalog_type *type, const char *name)
{
    for (uint32_t i = 0; i < type->model_count; i++)
        if (strcmp(type->models[i].def->name, name) == 0)
            return &type->models[i];
    return NULL;
}
