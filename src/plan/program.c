/* What a step runs: shell text, a program with its arguments, a request, a jq program,
 * a pause or branches. Programs of types and models are parsed once for all steps that
 * use them. One build, one thread. */
#include "formread.h"
#include "route.h"

#include <string.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/str.h"

static const char *const default_shell[] = {"sh", "-ec"};

/* A step without what makes it what it is. */
static void report_missing(struct build *b, const struct fr_step *step, const char *key,
                           const char *help)
{
    const struct note *note = &b->notes[step->index];

    if (src_told(note->src->node, key) ||
        (strcmp(key, "duration") == 0 && src_told(note->src->node, "until_time")))
        return;
    fr_diag_add(b->diags, FR_ERROR, src_mark(note->src->node, "type"), "missing-key",
                fr_format(&b->scratch, "add %s", help), "step '%s' is of type %s, but has no `%s`",
                step->id, step->type, key);
}

static const char **shell_of(struct build *b, const struct layers *layers, int program,
                             struct fr_step *step)
{
    struct layer *own = layers->at[LAYER_OWN];
    struct layer *layer = own && own->keys[KEY_SHELL] ? own : NULL;

    /* The script of a type was written for the shell that type or model name, not for that of `defaults:`. */
    for (int i = LAYER_MODEL; !layer && i < LAYER__COUNT; i++)
        if (layers->at[i] && layers->at[i]->keys[KEY_SHELL] &&
            (program == LAYER_OWN || i != LAYER_DEFAULTS))
            layer = layers->at[i];
    if (!layer) {
        step->shell_count = 2;
        return (const char **)(uintptr_t)default_shell;
    }
    struct kept_list *kept =
        layer->cache ? (struct kept_list *)(uintptr_t)layer->cache->keys[KEY_SHELL] : NULL;
    if (!kept) {
        kept = FR_NEW(&b->scratch, struct kept_list);
        kept->items = value_strings(b, layer->keys[KEY_SHELL], &kept->count);
        if (layer->cache)
            layer->cache->keys[KEY_SHELL] = kept;
    }
    step->shell_count = kept->count;
    return (const char **)(uintptr_t)kept->items;
}

/* Shell text of a layer, its expressions bound; text of a shared layer is bound once for each kind of shell. */
static void fill_script(struct build *b, struct fr_step *step, const struct layers *layers,
                        int program)
{
    struct layer *layer = layers->at[program];
    const void **slot = NULL;

    step->shell = shell_of(b, layers, program, step);
    if (!step->shell_count) {
        step->shell = (const char **)(uintptr_t)default_shell;
        step->shell_count = 2;
    }
    bool bourne = fr_shell_is_bourne(step->shell, step->shell_count);
    if (layer->cache && bourne)
        slot = &layer->cache->fields[FIELD(run) / sizeof(void *)];
    if (slot && *slot) {
        step->script = *slot;
        return;
    }
    const struct node *node = node_get(layer->node, "run");
    struct fr_mark mark = node ? text_mark(node) : step->mark;
    step->script = fr_script_parse(&b->exprs, fr_strdup(b->arena, layer->src->run), mark, bourne);
    if (slot)
        *slot = step->script;
}

/* A list of texts, parsed once for all steps that share its layer. */
static const struct fr_tmpl **fill_list(struct build *b, struct layer *layer, enum free_key key,
                                        uint32_t *count)
{
    struct kept_list *kept =
        layer->cache ? (struct kept_list *)(uintptr_t)layer->cache->keys[key] : NULL;

    if (!kept) {
        kept = FR_NEW(&b->scratch, struct kept_list);
        kept->items = value_list(b, layer->keys[key], &kept->count);
        if (layer->cache)
            layer->cache->keys[key] = kept;
    }
    *count = kept->count;
    return (const struct fr_tmpl **)(uintptr_t)kept->items;
}

/* The files that a step reads and makes. */
static void fill_files(struct build *b, struct fr_step *step, const struct layers *layers)
{
    struct layer *sources = layers_with_key(layers, KEY_SOURCES);
    struct layer *generates = layers_with_key(layers, KEY_GENERATES);
    if (sources)
        step->sources = fill_list(b, sources, KEY_SOURCES, &step->source_count);
    if (generates)
        step->generates = fill_list(b, generates, KEY_GENERATES, &step->generate_count);
}

/* `run` or `argv` of the strongest layer that has one. */
static void fill_program(struct build *b, struct fr_step *step, const struct layers *layers)
{
    const struct note *note = &b->notes[step->index];

    for (int i = 0; i < LAYER__COUNT; i++) {
        struct layer *layer = layers->at[i];
        if (!layer || i == LAYER_DEFAULTS)
            continue;
        if (layer->src->run && layer->keys[KEY_ARGV])
            fr_diag_add(b->diags, FR_ERROR, src_key_mark(layer->node, "argv"), "conflicting-keys",
                        "`argv` needs no shell, `run` is shell text: keep one",
                        "step '%s' has both `run` and `argv`", step->id);
        if (layer->src->run) {
            fill_script(b, step, layers, i);
            return;
        }
        if (layer->keys[KEY_ARGV]) {
            step->argv = fill_list(b, layer, KEY_ARGV, &step->argv_count);
            return;
        }
    }
    if (!note->type) /* was reported as unknown */
        return;
    if (note->type->model_count && !note->src->model)
        fr_diag_add(b->diags, FR_ERROR, src_mark(note->src->node, "type"), "missing-model",
                    fr_format(&b->scratch, "add `model:`, one of: %s", model_list(b, note->type)),
                    "step '%s': type '%s' runs by model only", step->id, step->type);
    else if (note->type->builtin)
        report_missing(b, step, "run", "`run` (shell text) or `argv` (a list)");
    else if (!note->src->model || note->type->model_count == 0 || note->model)
        fr_diag_add(b->diags, FR_ERROR, src_mark(note->src->node, "type"), "nothing-to-run",
                    fr_format(&b->scratch, "give the type `run` or `argv`: %s:%u",
                              note->type->def->mark.file, note->type->def->mark.line),
                    "step '%s' has nothing to run: type '%s' says neither `run` nor `argv`",
                    step->id, step->type);
}

static void fill_expect(struct build *b, struct fr_http *http, const struct node *list)
{
    uint32_t count = list && list->kind == NODE_LIST ? list->len : list ? 1 : 0;
    int64_t code;

    http->expect = FR_NEW_ARRAY(b->arena, count, int);
    for (uint32_t i = 0; i < count; i++) {
        const struct node *item = list->kind == NODE_LIST ? list->items[i] : list;
        if (item->kind == NODE_SCALAR && fr_parse_i64(item->text, &code))
            http->expect[http->expect_count++] = (int)code;
    }
}

/* The strongest layer that says what a request sends; of `body`, `json` and `form` each may have one. */
static struct layer *sending_layer(struct build *b, const struct fr_step *step,
                                   const struct layers *layers)
{
    for (int i = 0; i < LAYER__COUNT; i++) {
        struct layer *layer = layers->at[i];
        const struct node_pair *first = NULL;
        if (!layer || (!layer->src->body && !layer->keys[KEY_JSON] && !layer->keys[KEY_FORM]))
            continue;
        for (uint32_t k = 0; k < layer->node->len; k++) {
            const struct node_pair *pair = &layer->node->pairs[k];
            const char *key = pair->key->text;
            if (strcmp(key, "body") != 0 && strcmp(key, "json") != 0 && strcmp(key, "form") != 0)
                continue;
            if (first)
                fr_diag_add(b->diags, FR_ERROR, node_mark(pair->key), "conflicting-keys",
                            "a request has one body: keep one", "step '%s' has both `%s` and `%s`",
                            step->id, first->key->text, key);
            else
                first = pair;
        }
        return layer;
    }
    return NULL;
}

static void fill_http(struct build *b, struct fr_step *step, const struct layers *layers)
{
    struct fr_http *http = FR_NEW(b->arena, struct fr_http);
    const struct layer *headers = layers_with_key(layers, KEY_HEADERS),
                       *expect = layers_with_key(layers, KEY_EXPECT);
    const struct layers sending = {{sending_layer(b, step, layers)}};
    const struct layer *form = layers_with_key(&sending, KEY_FORM);

    http->url = layers_tmpl(b, layers, FIELD(url));
    http->method = layers_tmpl(b, layers, FIELD(method));
    http->body = layers_tmpl(b, &sending, FIELD(body));
    http->save_to = layers_tmpl(b, layers, FIELD(save_to));
    http->json = layers_key_tmpl(b, &sending, KEY_JSON);
    if (headers)
        http->headers = value_named(b, headers->keys[KEY_HEADERS], &http->header_count);
    if (form)
        http->form = value_named(b, form->keys[KEY_FORM], &http->form_count);
    if (expect)
        fill_expect(b, http, expect->keys[KEY_EXPECT]);
    step->http = http;
    if (!layers_text(layers, FIELD(url)))
        report_missing(b, step, "url", "`url:`, the address of the request");
}

static void fill_wait(struct build *b, struct fr_step *step, const struct layers *layers)
{
    const struct src_step *own = layers->at[LAYER_OWN]->src;
    int64_t moment;

    step->wait_for = layers_tmpl(b, layers, FIELD(duration));
    step->wait_until = layers_tmpl(b, layers, FIELD(until_time));
    if (step->wait_until && step->wait_until->kind == FR_TMPL_STRING &&
        !fr_parse_time(step->wait_until->text, &moment))
        fr_diag_add(b->diags, FR_ERROR, step->wait_until->mark, "bad-time",
                    "as in 2026-11-21T12:00:00Z or 2026-11-21T13:00:00+01:00",
                    "until_time: must be a time, not '%s'", step->wait_until->text);
    if (!own->duration && !own->until_time)
        report_missing(b, step, "duration", "`duration:` or `until_time:`");
    if (own->duration && own->until_time)
        fr_diag_add(b->diags, FR_ERROR, src_key_mark(own->node, "until_time"), "conflicting-keys",
                    "keep one", "step '%s' has both `duration` and `until_time`", step->id);
}

void fill_kind(struct build *b, struct fr_step *step, const struct layers *layers)
{
    if (step->kind != FR_KIND_ROUTE)
        route_fill_offer(b, step);
    switch (step->kind) {
    case FR_KIND_PROCESS:
        fill_program(b, step, layers);
        fill_files(b, step, layers);
        break;
    case FR_KIND_HTTP:
        fill_http(b, step, layers);
        fill_files(b, step, layers);
        break;
    case FR_KIND_TRANSFORM:
        step->expr = layers_expr(b, layers, FIELD(expr));
        if (!layers_text(layers, FIELD(expr)))
            report_missing(b, step, "expr", "`expr:`, a jq program");
        break;
    case FR_KIND_ROUTE:
        route_fill(b, step);
        break;
    case FR_KIND_SPLIT:
        split_fill(b, step, layers);
        break;
    case FR_KIND_MERGE:
        merging_fill(b, step);
        break;
    case FR_KIND_WORKFLOW:
        unit_fill(b, step);
        break;
    case FR_KIND_HUMAN:
        human_fill(b, step, layers);
        break;
    case FR_KIND_WAIT:
        fill_wait(b, step, layers);
        break;
    default:
        group_fill(b, step);
        break;
    }
}
