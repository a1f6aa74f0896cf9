/* What a human step asks, from its keys. One build, one thread. */
#include "formread.h"

#include <string.h>

#include "flowrun/base/str.h"
#include "names.h"

/* Whether a schema is written out, with `properties`, or is the properties themselves. */
static bool is_whole(const struct node *schema)
{
    const struct node *type = node_get(schema, "type");
    return node_get(schema, "properties") || (type && type->kind == NODE_SCALAR) ||
           (node_get(schema, "required") && node_get(schema, "required")->kind == NODE_LIST);
}

/* The keywords of a schema that is written out. */
static void check_whole(struct build *b, const struct fr_step *step, const struct node *schema)
{
    static const char *const known[] = {"type", "properties", "required"};
    for (uint32_t i = 0; i < schema->len; i++) {
        const struct node *key = schema->pairs[i].key, *value = schema->pairs[i].value;
        if (strcmp(key->text, "type") == 0 &&
            (value->kind != NODE_SCALAR || strcmp(value->text, "object") != 0)) {
            fr_diag_add(b->diags, FR_ERROR, node_mark(value), "bad-form", "write type: object",
                        "step '%s': a form is of type object", step->id);
            continue;
        }
        bool found = false;
        for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
            found = found || strcmp(key->text, known[k]) == 0;
        if (found)
            continue;
        const char *near = fr_suggest(key->text, known, sizeof(known) / sizeof(known[0]));
        fr_diag_add(b->diags, FR_ERROR, node_mark(key), "bad-form",
                    near ? fr_format(&b->scratch, "did you mean '%s'?", near)
                         : "these work: type, properties, required",
                    "step '%s': the form has the keyword '%s', which forms do not know", step->id,
                    key->text);
    }
}

/* `required:` beside `properties:`. */
static void read_required(struct build *b, const struct fr_step *step, const struct node *list,
                          struct fr_field *fields, uint32_t count)
{
    const struct fr_form form = {fields, count};
    if (!list)
        return;
    if (list->kind != NODE_LIST) {
        fr_diag_add(b->diags, FR_ERROR, node_mark(list), "bad-form", "write required: [name]",
                    "step '%s': `required` of a form must be a list of fields", step->id);
        return;
    }
    for (uint32_t i = 0; i < list->len; i++) {
        const struct node *item = list->items[i];
        const char *name = item->kind == NODE_SCALAR ? item->text : "";
        struct fr_field *field = (struct fr_field *)(uintptr_t)fr_form_find(&form, name);
        const char *near = field ? NULL : fr_form_suggest(&form, name);
        if (field)
            field->required = true;
        else
            fr_diag_add(b->diags, FR_ERROR, node_mark(item), "bad-form",
                        near ? fr_format(&b->scratch, "did you mean '%s'?", near)
                             : "name a field of `properties:`",
                        "step '%s': the form has no field '%s'", step->id, name);
    }
}

/* The fields of `form_schema`, in order. */
static void read_form(struct build *b, struct fr_step *step, const struct node *schema,
                      struct fr_form *form)
{
    bool whole = is_whole(schema);
    const struct node *map = whole ? node_get(schema, "properties") : schema;
    if (whole)
        check_whole(b, step, schema);
    if (whole && (!map || map->kind != NODE_MAP)) {
        fr_diag_add(b->diags, FR_ERROR, node_mark(map ? map : schema), "bad-form",
                    "write properties: {approved: {type: boolean}}",
                    "step '%s': `properties` of a form must be a mapping of fields", step->id);
        return;
    }
    struct fr_field *fields = FR_NEW_ARRAY(b->arena, map->len, struct fr_field);
    for (uint32_t i = 0; i < map->len; i++)
        form_read_field(b, step->id, &map->pairs[i], &fields[i]);
    if (whole)
        read_required(b, step, node_get(schema, "required"), fields, map->len);
    form->fields = fields;
    form->count = map->len;
}

enum fr_err fr_form_read(struct fr_arena *arena, const char *json, struct fr_form *form)
{
    struct fr_diags diags;
    struct node *root = NULL;
    struct fr_step step = {.id = ""};
    *form = (struct fr_form){NULL, 0};
    fr_diags_init(&diags);
    struct build b = {.arena = arena, .diags = &diags};
    fr_arena_init(&b.scratch);
    const char *text = fr_strdup(arena, json);
    enum fr_err err = node_read(arena, "", text, strlen(text), &diags, &root);
    if (!err && root->kind == NODE_MAP)
        read_form(&b, &step, root, form);
    if (!err && (root->kind != NODE_MAP || diags.errors))
        err = FR_ERR_INVALID;
    fr_arena_release(&b.scratch);
    fr_diags_release(&diags);
    return err;
}

/* Reports a form that nobody but a person can fill in, where nobody is asked any more. */
static void check_late(struct build *b, const struct fr_step *step)
{
    const struct fr_human *human = step->human;
    const struct fr_field *open = fr_form_missing(&human->form, NULL);
    const struct node *map = b->notes[step->index].src->node;
    if (human->on_timeout == FR_LATE_APPROVE && open)
        fr_diag_add(b->diags, FR_ERROR, src_mark(map, "on_timeout"), "bad-form",
                    fr_format(&b->scratch, "give field '%s' a default", open->name),
                    "step '%s' cannot be approved by itself: its field '%s' is required and has "
                    "no default",
                    step->id, open->name);
    if (node_get(map, "on_timeout") && step->timeout_ns == FR_UNLIMITED)
        fr_diag_add(b->diags, FR_ERROR, src_key_mark(map, "on_timeout"), "missing-key",
                    "add `timeout:`, or remove the key",
                    "step '%s' has `on_timeout`, but no `timeout`", step->id);
}

/* `finally` runs to its end, whatever happened: it cannot be put off until somebody comes. */
static void check_place(struct build *b, const struct fr_step *step)
{
    const struct fr_step *at = step;
    while (at->role != FR_ROLE_FINALLY && at->parent != FR_NO_STEP)
        at = &b->plan->steps[at->parent];
    if (at->role == FR_ROLE_FINALLY)
        fr_diag_add(b->diags, FR_ERROR, src_mark(b->notes[step->index].src->node, "type"),
                    "bad-place", "ask before it, as a step of `steps:`",
                    "step '%s' waits for a person, which `finally` does not do", step->id);
}

void human_fill(struct build *b, struct fr_step *step, const struct layers *layers)
{
    const struct node *schema = node_get(b->notes[step->index].src->node, "form_schema");
    struct fr_human *human = FR_NEW(b->arena, struct fr_human);

    human->title = layers_tmpl(b, layers, FIELD(title));
    human->description = layers_tmpl(b, layers, FIELD(description));
    human->assignee = layers_tmpl(b, layers, FIELD(assignee));
    human->on_timeout = (enum fr_on_timeout)names_find(
        names_late, FR_LATE__COUNT, layers_text(layers, FIELD(on_timeout)), FR_LATE_REJECT);
    human->on_reject = (enum fr_on_reject)names_find(
        names_rejected, FR_REJECT__COUNT, layers_text(layers, FIELD(on_reject)), FR_REJECT_FAIL);
    if (schema && schema->kind == NODE_MAP)
        read_form(b, step, schema, &human->form);
    step->human = human;
    check_late(b, step);
    check_place(b, step);
}
