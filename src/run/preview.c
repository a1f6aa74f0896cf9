/* What a step would run, for `plan`: values that are known before the run are filled in,
 * others stand as the expressions they are. Nothing is executed, jq neither: its programs
 * are shown as written. The caller's thread. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/fd.h"
#include "flowrun/run/run.h"

struct preview {
    const struct fr_plan *plan;
    const struct fr_step *step;
    struct json_object *input; /* NULL also when it is not known */
    bool has_input;
    struct json_object *params, *context; /* owned */
    struct json_object *temp;             /* owned: the last root that was made for one look */
    char *output_file;                    /* owned; NULL = none or not known */
    struct fr_diags diags; /* what would be errors at run time is shown as it stands */
    struct fr_scope scope;
};

static void release(struct preview *p)
{
    json_object_put(p->input);
    json_object_put(p->params);
    json_object_put(p->context);
    json_object_put(p->temp);
    free(p->output_file);
    fr_diags_release(&p->diags);
}

/* A JSON string; NULL for NULL. */
static struct json_object *string(struct preview *p, const char *text)
{
    json_object_put(p->temp);
    p->temp = text ? json_object_new_string(text) : NULL;
    return p->temp;
}

/* `.matrix`. */
static struct json_object *combination(struct preview *p)
{
    const struct fr_step *step = p->step;
    while (!step->matrix_json && step->parent != FR_NO_STEP)
        step = &p->plan->steps[step->parent];
    json_object_put(p->temp);
    p->temp = NULL;
    if (step->matrix_json)
        fr_json_parse(step->matrix_json, strlen(step->matrix_json), &p->temp, NULL, 0);
    return p->temp;
}

/* `.step`. */
static struct json_object *step_object(struct preview *p)
{
    json_object_put(p->temp);
    p->temp = json_object_new_object();
    json_object_object_add(p->temp, "id", json_object_new_string(p->step->id));
    json_object_object_add(p->temp, "type", json_object_new_string(p->step->type));
    return p->temp;
}

/* fr_scope.root. */
static struct json_object *get_root(void *ctx, enum fr_root root)
{
    struct preview *p = ctx;
    switch (root) {
    case FR_ROOT_INPUT:
        return p->input;
    case FR_ROOT_PARAMS:
        return p->params;
    case FR_ROOT_CONTEXT:
        return p->context;
    case FR_ROOT_MODEL:
        return string(p, p->step->model);
    case FR_ROOT_STEP:
        return step_object(p);
    case FR_ROOT_MATRIX:
        return combination(p);
    case FR_ROOT_OUTPUT_FILE:
        return string(p, p->output_file);
    default:
        return NULL;
    }
}

/* fr_scope.step: no step has run. */
static struct json_object *get_step(void *ctx, const char *id, const char *field)
{
    (void)ctx;
    (void)id;
    (void)field;
    return NULL;
}

/* Whether all that an expression reads is known now. */
static bool is_known(const struct preview *p, const struct fr_expr *expr)
{
    unsigned known = 1U << FR_ROOT_MATRIX | 1U << FR_ROOT_PARAMS | 1U << FR_ROOT_CONTEXT |
                     1U << FR_ROOT_MODEL | 1U << FR_ROOT_STEP;
    if (p->has_input)
        known |= 1U << FR_ROOT_INPUT;
    if (p->output_file)
        known |= 1U << FR_ROOT_OUTPUT_FILE;
    return expr->kind == FR_EXPR_PATH && (expr->roots & ~known) == 0;
}

/* An expression's text, or the expression. */
static void add_expr(struct preview *p, const struct fr_expr *expr, struct fr_buf *out)
{
    struct json_object *value = NULL;
    bool known = is_known(p, expr) && fr_expr_eval(expr, &p->scope, &p->diags, &value) == FR_OK;
    if (known && value)
        fr_json_text(value, out);
    else
        fr_buf_printf(out, "${{ %s }}", expr->text);
    json_object_put(value);
}

/* A template's text. */
static void add_tmpl(struct preview *p, const struct fr_tmpl *tmpl, struct fr_buf *out)
{
    switch (tmpl->kind) {
    case FR_TMPL_STRING:
    case FR_TMPL_JSON:
        fr_buf_str(out, tmpl->text);
        break;
    case FR_TMPL_EXPR:
        add_expr(p, tmpl->expr, out);
        break;
    case FR_TMPL_TEXT:
        for (uint32_t i = 0; i < tmpl->count; i++)
            add_tmpl(p, tmpl->items[i], out);
        break;
    case FR_TMPL_LIST:
    case FR_TMPL_MAP:
        fr_buf_char(out, tmpl->kind == FR_TMPL_LIST ? '[' : '{');
        for (uint32_t i = 0; i < tmpl->count; i++) {
            if (i)
                fr_buf_str(out, ", ");
            if (tmpl->kind == FR_TMPL_MAP)
                fr_buf_printf(out, "%s: ", tmpl->keys[i]);
            add_tmpl(p, tmpl->items[i], out);
        }
        fr_buf_char(out, tmpl->kind == FR_TMPL_LIST ? ']' : '}');
    }
}

/* One word as a shell would need it. */
static void add_word(const char *word, size_t len, struct fr_buf *out)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "_-./:=,+@%";
    if (len && strspn(word, plain) == len) {
        fr_buf_add(out, word, len);
        return;
    }
    fr_buf_char(out, '\'');
    for (size_t i = 0; i < len; i++) {
        if (word[i] == '\'')
            fr_buf_str(out, "'\\''");
        else
            fr_buf_char(out, word[i]);
    }
    fr_buf_char(out, '\'');
}

/* A template as one word. */
static void add_tmpl_word(struct preview *p, const struct fr_tmpl *tmpl, struct fr_buf *out)
{
    struct fr_buf word;
    fr_buf_init(&word, 0);
    add_tmpl(p, tmpl, &word);
    add_word(fr_buf_cstr(&word), word.len, out);
    fr_buf_release(&word);
}

/* A process: its argv, or the values that the shell is given, a line each, and its text. */
static void add_process(struct preview *p, struct fr_buf *out)
{
    const struct fr_step *step = p->step;
    const struct fr_script *script = step->script;
    for (uint32_t i = 0; !script && i < step->argv_count; i++) {
        if (i)
            fr_buf_char(out, ' ');
        add_tmpl_word(p, step->argv[i], out);
    }
    for (uint32_t i = 0; script && i < script->value_count; i++) {
        struct fr_buf word;
        fr_buf_init(&word, 0);
        add_expr(p, script->values[i], &word);
        fr_buf_printf(out, FR_BIND_PREFIX "%u=", i + 1);
        add_word(fr_buf_cstr(&word), word.len, out);
        fr_buf_char(out, '\n');
        fr_buf_release(&word);
    }
    if (script)
        fr_buf_str(out, script->text);
}

/* A request. */
static void add_request(struct preview *p, struct fr_buf *out)
{
    const struct fr_http *http = p->step->http;
    if (http->method)
        add_tmpl(p, http->method, out);
    else
        fr_buf_str(out, http->body || http->json || http->form_count ? "POST" : "GET");
    fr_buf_char(out, ' ');
    add_tmpl(p, http->url, out);
}

/* Lays a step's params over others, as far as they are known. */
static void lay_over(struct preview *p, const struct fr_tmpl *own, struct json_object *all)
{
    for (uint32_t i = 0; own && i < own->count; i++) {
        struct json_object *item = NULL;
        struct fr_buf text;
        if (fr_tmpl_is_const(own->items[i]) &&
            fr_tmpl_eval(own->items[i], &p->scope, &p->diags, &item) == FR_OK) {
            json_object_object_add(all, own->keys[i], item);
            continue;
        }
        fr_buf_init(&text, 0);
        add_tmpl(p, own->items[i], &text);
        json_object_object_add(all, own->keys[i],
                               json_object_new_string_len(fr_buf_cstr(&text), (int)text.len));
        fr_buf_release(&text);
    }
}

/* An object from its text, empty when there is none; returned owned. */
static struct json_object *object_from(const char *json)
{
    struct json_object *object = NULL;
    if (json)
        fr_json_parse(json, strlen(json), &object, NULL, 0);
    return object ? object : json_object_new_object();
}

/* The params of a file: its own, overlaid by what the step `outer` that runs it hands in, in the light of the file that
 * one stands in; returned owned. */
static struct json_object *params_of_file(struct preview *p, const struct fr_step *outer)
{
    if (!outer)
        return object_from(p->plan->main->params_json);
    struct preview caller = {.plan = p->plan, .step = outer};
    struct json_object *all = object_from(outer->runs->params_json);
    caller.scope = (struct fr_scope){.ctx = &caller, .root = get_root, .step = get_step};
    fr_diags_init(&caller.diags);
    caller.context = object_from(outer->unit->context_json);
    caller.params = params_of_file(p, fr_plan_outer(p->plan, outer));
    lay_over(&caller, outer->params, all);
    release(&caller);
    return all;
}

/* Params: the file's, overlaid by the step's as far as these are known. */
static void make_params(struct preview *p)
{
    struct json_object *file = params_of_file(p, fr_plan_outer(p->plan, p->step));
    struct json_object *all = NULL;
    if (json_object_deep_copy(file, &all, NULL) < 0)
        abort();
    p->params = file;
    lay_over(p, p->step->params, all);
    json_object_put(file);
    p->params = all;
}

/* The step whose input this one gets: itself, or the group that hands its own to all of its branches. */
static const struct fr_step *input_owner(const struct fr_plan *plan, const struct fr_step *step)
{
    while (!step->input && step->input_from == FR_INPUT_PARENT &&
           plan->steps[step->parent].group->split == FR_SPLIT_DUPLICATE)
        step = &plan->steps[step->parent];
    return step;
}

/* The step's input, where it is the run's and that is known. */
static void make_input(struct preview *p, const struct json_object *input)
{
    const struct fr_step *owner = input_owner(p->plan, p->step);
    const struct fr_tmpl *tmpl = owner->input;
    if (!tmpl && owner->input_from == FR_INPUT_RUN && input) {
        p->input = json_object_get((struct json_object *)input);
        p->has_input = true;
        return;
    }
    if (!tmpl && owner->input_from == FR_INPUT_RUN)
        tmpl = p->plan->main->input;
    if (tmpl && fr_tmpl_is_const(tmpl))
        p->has_input = fr_tmpl_eval(tmpl, &p->scope, &p->diags, &p->input) == FR_OK;
}

/* The file that the step makes, where its name is known. */
static void make_output_file(struct preview *p)
{
    struct fr_buf text;
    if (!p->step->output_file)
        return;
    fr_buf_init(&text, 0);
    add_tmpl(p, p->step->output_file, &text);
    if (!strstr(fr_buf_cstr(&text), "${{"))
        p->output_file = fr_path_join(p->step->unit->output_dir, fr_buf_cstr(&text));
    fr_buf_release(&text);
}

/* Appends the steps that a way of a router leads to. */
static void add_way(const struct preview *p, const struct fr_way *way, struct fr_buf *out)
{
    fr_buf_str(out, way->when ? way->when->text : "default");
    fr_buf_str(out, " ->");
    for (uint32_t i = 0; i < way->targets.count; i++)
        fr_buf_printf(out, "%s %s", i ? "," : "", p->plan->steps[way->targets.at[i]].id);
    if (way->targets.count == 0)
        fr_buf_str(out, " nothing");
}

/* Appends the choices of a router, one a line. */
static void add_routes(const struct preview *p, struct fr_buf *out)
{
    const struct fr_route *route = p->step->route;
    for (uint32_t i = 0; i < route->way_count; i++) {
        add_way(p, &route->ways[i], out);
        if (i + 1 < route->way_count || route->otherwise)
            fr_buf_char(out, '\n');
    }
    if (route->otherwise)
        add_way(p, route->otherwise, out);
}

/* Appends what a person is asked, and what the fields take. */
static void add_question(struct preview *p, struct fr_buf *out)
{
    const struct fr_human *human = p->step->human;
    fr_buf_str(out, "ask: ");
    if (human->title)
        add_tmpl(p, human->title, out);
    else
        fr_buf_str(out, p->step->title ? p->step->title : p->step->id);
    if (human->assignee) {
        fr_buf_str(out, " (for ");
        add_tmpl(p, human->assignee, out);
        fr_buf_char(out, ')');
    }
    for (uint32_t i = 0; i < human->form.count; i++) {
        const struct fr_field *field = &human->form.fields[i];
        fr_buf_printf(out, "\n%s: ", field->name);
        fr_field_describe(field, out);
        if (field->default_json)
            fr_buf_printf(out, " (default %s)", field->default_json);
        else
            fr_buf_str(out, field->required ? " (required)" : " (optional)");
    }
}

/* Appends what the kind of step does. */
static void add_step(struct preview *p, struct fr_buf *out)
{
    const struct fr_step *step = p->step;
    switch (step->kind) {
    case FR_KIND_PROCESS:
        add_process(p, out);
        break;
    case FR_KIND_HTTP:
        add_request(p, out);
        break;
    case FR_KIND_TRANSFORM:
        fr_buf_str(out, step->expr->text);
        break;
    case FR_KIND_ROUTE:
        add_routes(p, out);
        break;
    case FR_KIND_HUMAN:
        add_question(p, out);
        break;
    case FR_KIND_WAIT:
        fr_buf_str(out, step->wait_for ? "wait " : "wait until ");
        add_tmpl(p, step->wait_for ? step->wait_for : step->wait_until, out);
        break;
    default:
        break;
    }
}

/* Appends what a step would run. */
void fr_preview_step(const struct fr_plan *plan, const struct fr_step *step,
                     const struct json_object *input, struct fr_buf *out)
{
    struct preview p = {.plan = plan, .step = step};
    p.scope = (struct fr_scope){.ctx = &p, .root = get_root, .step = get_step};
    fr_diags_init(&p.diags);
    p.context = object_from(step->unit->context_json);
    make_input(&p, input);
    make_params(&p);
    make_output_file(&p);
    add_step(&p, out);
    release(&p);
}
