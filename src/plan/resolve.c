/* Which type and model a step is of, and so which kind. One build, one thread. */
#include "build.h"

#include <string.h>

#include "flowrun/base/str.h"

/* Reports a type that nothing defines. */
static void report_type(struct build *b, const struct fr_step *step, const struct src_step *src)
{
    const char *near = b->diags->errors < 50 ? fr_map_suggest(&b->unit->catalog, src->type) : NULL;

    fr_diag_add(b->diags, FR_ERROR, src_mark(src->node, "type"), "unknown-type",
                near ? fr_format(&b->scratch, "did you mean '%s'?", near)
                     : "define it under `types:`, or load a file that does: --catalog FILE",
                "step '%s' has the unknown type '%s'", step->id, src->type);
}

/* Tells whether an error about what the step runs was reported: it stands under another tool's word, or its type or its
 * steps are none. */
static bool is_told_of(const struct node *node)
{
    static const char *const words[] = {"command", "cmd", "script", "commands", "uses"};
    const struct node *type = node_get(node, "type");

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (node_get(node, words[i]))
            return true;
    return (type && (type->kind != NODE_SCALAR || node_is_null(type))) || src_told(node, "steps");
}

/* The type of a step that names none: by what it runs, else the type called like the step. */
static struct catalog_type *implied_type(struct build *b, struct fr_step *step,
                                         const struct layer *own)
{
    const struct src_step *src = own->src;
    struct catalog_type *type = NULL;

    if (src->run || own->keys[KEY_ARGV] || src_told(src->node, "run"))
        return catalog_find(b, "command");
    if (src->name)
        type = catalog_find(b, src->name);
    if (!type)
        type = catalog_find(b, step->id);
    if (type && !type->builtin)
        return type;
    if (!src->steps && !is_told_of(src->node))
        fr_diag_add(b->diags, FR_ERROR, step->mark, "nothing-to-run",
                    fr_format(&b->scratch,
                              "give it `run`, `argv` or a `type`; or define a type '%s' under "
                              "`types:` or in a file "
                              "for --catalog",
                              step->id),
                    "step '%s' has nothing to run", step->id);
    return NULL;
}

const char *model_list(struct build *b, const struct catalog_type *type)
{
    const char *list = "";

    for (uint32_t i = 0; i < type->model_count; i++)
        list = fr_format(&b->scratch, "%s%s%s", list, i ? ", " : "", type->models[i].def->name);
    return list;
}

/* Finds the model; a type that declares none takes any name. */
static void resolve_model(struct build *b, struct fr_step *step, struct note *note)
{
    const char *name = note->src->model;
    struct catalog_type *type = note->type;

    if (!name)
        return;
    step->model = fr_strdup(b->arena, name);
    if (!type || type->builtin || type->model_count == 0)
        return;
    note->model = catalog_model(type, name);
    if (note->model) {
        step->model = note->model->def->name;
        return;
    }
    const char **names = FR_NEW_ARRAY(&b->scratch, type->model_count, const char *);
    for (uint32_t i = 0; i < type->model_count; i++)
        names[i] = type->models[i].def->name;
    const char *near = fr_suggest(name, names, type->model_count);
    fr_diag_add(b->diags, FR_ERROR, src_mark(note->src->node, "model"), "unknown-model",
                near ? fr_format(&b->scratch, "did you mean '%s'?", near)
                     : fr_format(&b->scratch, "its models are: %s", model_list(b, type)),
                "step '%s': type '%s' has no model '%s'", step->id, type->def->name, name);
}

/* A function that says nothing of what it runs is one that is called like the step, as in older files. */
static bool is_nameless(const struct layer *own)
{
    return own->src->type && strcmp(own->src->type, "function") == 0 && !own->src->run &&
           !own->keys[KEY_ARGV];
}

/* Kind, type and model of a step. */
void resolve_type(struct build *b, struct fr_step *step, const struct layer *own)
{
    struct note *note = &b->notes[step->index];
    const struct src_step *src = own->src;

    if (!src->type && src->steps) {
        step->kind = FR_KIND_CHAIN;
        step->type = "chain";
        return;
    }
    if (src->type && !is_nameless(own)) {
        note->type = catalog_find(b, src->type);
        if (!note->type)
            report_type(b, step, src);
    } else {
        note->type = implied_type(b, step, own);
    }
    step->type = note->type  ? note->type->def->name
                 : src->type ? fr_strdup(b->arena, src->type)
                             : "command";
    step->kind = note->type ? note->type->kind : step->group ? FR_KIND_GROUP : FR_KIND_PROCESS;
    if (step->group && step->kind != FR_KIND_GROUP && step->kind != FR_KIND_RACE &&
        step->kind != FR_KIND_BATCH && step->kind != FR_KIND_LOOP && step->kind != FR_KIND_WORKFLOW)
        step->kind = FR_KIND_GROUP;
    /* The checker knows no types of catalogs: what they take is told here. */
    if (src->steps && note->type && !note->type->builtin)
        fr_diag_add(b->diags, FR_ERROR, src_key_mark(src->node, "steps"), "key-not-here",
                    "remove the key", "'steps' is a key of groups, but step '%s' is of type %s",
                    step->id, step->type);
    resolve_model(b, step, note);
    if (note->type)
        note->typed = note->type->def->output_type != FR_VT_ANY;
}
