/* What expressions see: the roots and the steps, and jq's answers. Everything handed to
 * the evaluator is borrowed until scope_done. Coordinator thread. */
#include <stdlib.h>
#include <string.h>

#include "repeat.h"
#include "result.h"
#include "scope.h"

const char scope_all[] = "all that it reads";

/* One evaluation at a time: the coordinator has one thread and evaluation does not nest. */
static struct scope_ctx current;

/* Keeps an object until the evaluation under way is over. */
static struct json_object *keep(struct coord *c, struct json_object *object)
{
    if (!object)
        return NULL;
    if (c->temp_count == c->temp_cap) {
        c->temp_cap = c->temp_cap ? c->temp_cap * 2 : 16;
        c->temps = realloc(c->temps, c->temp_cap * sizeof(struct json_object *));
        if (!c->temps)
            abort();
    }
    c->temps[c->temp_count++] = object;
    return object;
}

/* Gives back what the evaluation was handed. */
void scope_done(struct coord *c)
{
    while (c->temp_count)
        json_object_put(c->temps[--c->temp_count]);
    c->too_large = NULL;
    c->conflict = NULL;
}

/* A value as JSON; one that is too large is remembered, for the message. */
static struct json_object *object_of(struct coord *c, struct fr_value *value, const char *whose)
{
    enum fr_err err = FR_OK;
    struct json_object *object = fr_value_object(value, &err);
    if (err)
        c->too_large = whose;
    return object;
}

/* `.context`: the file's facts, the run's id and start time. */
static struct json_object *context_root(struct coord *c, struct setting *s)
{
    char time[32];
    if (!s->context_ready) {
        s->context_ready = true;
        if (s->unit->context_json)
            fr_json_parse(s->unit->context_json, strlen(s->unit->context_json), &s->context, NULL,
                          0);
        if (!s->context)
            s->context = json_object_new_object();
        fr_format_time(c->run->started_wall_ns, time, sizeof(time));
        json_object_object_add(s->context, "run_id", json_object_new_string(c->run->run_id));
        json_object_object_add(s->context, "started_at", json_object_new_string(time));
    }
    return s->context;
}

/* `.params` of the file. */
struct json_object *scope_params(struct setting *s)
{
    if (!s->params_ready) {
        s->params_ready = true;
        if (s->unit->params_json)
            fr_json_parse(s->unit->params_json, strlen(s->unit->params_json), &s->params, NULL, 0);
    }
    return s->params;
}

/* `.run`. */
static struct json_object *run_root(struct coord *c)
{
    char time[32];
    if (!c->run_obj) {
        fr_format_time(c->run->started_wall_ns, time, sizeof(time));
        c->run_obj = json_object_new_object();
        json_object_object_add(c->run_obj, "id", json_object_new_string(c->run->run_id));
        json_object_object_add(c->run_obj, "name", json_object_new_string(c->plan->name));
        json_object_object_add(c->run_obj, "input",
                               json_object_get(object_of(c, c->input, "the run")));
        json_object_object_add(c->run_obj, "started_at", json_object_new_string(time));
    }
    return c->run_obj;
}

/* Adds NAME=value to an object. */
static void add_pair(struct json_object *object, const char *pair)
{
    const char *eq = strchr(pair, '=');
    char *name = strndup(pair, (size_t)(eq - pair));
    if (!name)
        abort();
    json_object_object_add(object, name, value_string_object(eq + 1, strlen(eq + 1)));
    free(name);
}

/* `.env`: what the step will see, as far as it is known now. */
static struct json_object *env_root(struct coord *c, struct active *t)
{
    if (!t->env && t->envp && !t->inside) {
        t->env = json_object_new_object();
        for (uint32_t i = 0; i < t->env_count; i++)
            add_pair(t->env, t->envp[i]);
    }
    if (t->env)
        return t->env;
    struct setting *s = setting_seen(c, t);
    if (!s->env_obj) {
        struct json_object *object = json_object_new_object();
        for (uint32_t i = 0; i < s->env.count; i++)
            add_pair(object, s->env.pairs[i]);
        if (c->stage == STAGE_BOOT || (t->inside && t->phase == STEP_BEGIN))
            return keep(c, object); /* it still grows */
        s->env_obj = object;
    }
    return s->env_obj;
}

/* `.step`. */
static struct json_object *step_root(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    if (!step || t->step_obj)
        return t->step_obj;
    t->step_obj = json_object_new_object();
    json_object_object_add(t->step_obj, "id", json_object_new_string(fr_run_step_id(c->run, step)));
    json_object_object_add(
        t->step_obj, "name",
        json_object_new_string(step->title ? step->title : fr_run_step_id(c->run, step)));
    json_object_object_add(t->step_obj, "type", json_object_new_string(step->type));
    json_object_object_add(t->step_obj, "attempt",
                           json_object_new_int64(t->attempt ? t->attempt : 1));
    return t->step_obj;
}

/* `.error`: of the step whose fallback this is or is inside of. */
static struct json_object *error_root(struct coord *c, const struct fr_step *step)
{
    const struct fr_step *outer = step ? fr_plan_outer(c->plan, step) : NULL;
    while (step && step != outer && step->role != FR_ROLE_FALLBACK)
        step = step->parent == FR_NO_STEP ? NULL : &c->plan->steps[step->parent];
    if (!step || step == outer)
        return NULL;
    return keep(c, result_error_json(&c->run->results[step->parent]));
}

/* What is NULL although it is there, is too large; that is remembered, for the message. */
static struct json_object *keep_result(struct coord *c, struct json_object *object)
{
    if (!object)
        c->too_large = scope_all;
    return keep(c, object);
}

/* The branch whose rank is asked for. */
static const struct fr_step *ranked(const struct coord *c, const struct active *t)
{
    return &c->plan->steps[fr_step_merges(active_step(c, t))->branches.at[t->salt]];
}

/* `.result`: the step's own, or in `rank` the branch's. */
static struct json_object *result_root(struct coord *c, const struct active *t, unsigned fields)
{
    const struct fr_step *step = active_step(c, t);
    if (!step)
        return NULL;
    if (t->phase == STEP_RANK && step->kind == FR_KIND_BATCH)
        return keep_result(c, result_turn_json(c->run, step, t->salt, fields));
    if (t->phase == STEP_RANK)
        return keep_result(c, result_fields_json(c->run, ranked(c, t), fields));
    return keep_result(c, result_provisional(c->run, step, &t->verdict, t->output, fields));
}

/* `.results`: of the branches, in order. */
static struct json_object *results_root(struct coord *c, const struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    if (!step || !fr_step_merges(step))
        return NULL;
    return keep_result(c, result_parts_json(c->run, step));
}

/* A text root. */
static struct json_object *text_root(struct coord *c, const char *text)
{
    return text ? keep(c, value_string_object(text, strlen(text))) : NULL;
}

/* fr_scope.root. */
static struct json_object *get_root(void *ctx, enum fr_root root)
{
    struct coord *c = ((struct scope_ctx *)ctx)->c;
    struct active *t = ((struct scope_ctx *)ctx)->t;
    bool of_file = t->inside || t->step == FR_NO_STEP;
    const struct fr_step *step = of_file ? NULL : active_step(c, t);
    switch (root) {
    case FR_ROOT_INPUT:
        return object_of(c, scope_input(c, t), "its input");
    case FR_ROOT_PARAMS:
        return t->params && !t->inside ? t->params : scope_params(setting_seen(c, t));
    case FR_ROOT_STATE:
        return state_root(c, t);
    case FR_ROOT_CONTEXT:
        return context_root(c, setting_seen(c, t));
    case FR_ROOT_ENV:
        return env_root(c, t);
    case FR_ROOT_RUN:
        return run_root(c);
    case FR_ROOT_STEP:
        return step ? step_root(c, t) : NULL;
    case FR_ROOT_MODEL:
        return text_root(c, step ? step->model : NULL);
    case FR_ROOT_ATTEMPT:
        return keep(c, json_object_new_int64(t->attempt ? t->attempt : 1));
    case FR_ROOT_ITEM:
        return object_of(c, repeat_item(c, step), "its item");
    case FR_ROOT_INDEX:
    case FR_ROOT_ITERATION:
    case FR_ROOT_MATRIX:
        return keep(c, repeat_root(c, step, root));
    case FR_ROOT_OUTPUT_FILE:
        return text_root(c, t->file_tmp);
    case FR_ROOT_ERROR:
        return error_root(c, step);
    case FR_ROOT_RESULT:
        return step ? result_root(c, t, FR_FIELDS_ALL) : NULL;
    case FR_ROOT_RESULTS:
        return step ? results_root(c, t) : NULL;
    default:
        return NULL;
    }
}

/* The input of a task, of the file that it runs, or of the run. */
struct fr_value *scope_input(struct coord *c, const struct active *t)
{
    if (t->step == FR_NO_STEP)
        return c->input;
    return t->input ? t->input : t->came;
}

/* The step that a task's expression calls `id`. */
const struct fr_step *scope_step(const struct coord *c, const struct active *t, const char *id)
{
    if (t->inside)
        return fr_plan_inside(c->plan, active_step(c, t), id);
    return fr_plan_seen(c->plan, active_step(c, t), id);
}

/* One field of an object, or with `field` NULL the object. */
static struct json_object *field_of(struct json_object *object, const char *field)
{
    struct json_object *found = NULL;
    if (!field)
        return object;
    json_object_object_get_ex(object, field, &found);
    return found;
}

/* Whether a task is the fallback of a step, or inside of it: that has failed, but not ended. */
static bool stands_in_for(const struct coord *c, const struct active *t, const struct fr_step *step)
{
    uint32_t at = t->step;
    while (at != FR_NO_STEP && c->plan->steps[at].parent != step->index)
        at = c->plan->steps[at].parent;
    return at != FR_NO_STEP && c->plan->steps[at].role == FR_ROLE_FALLBACK;
}

/* What a step came to whose fallback runs. */
static struct json_object *get_failed(struct coord *c, const struct fr_step *step,
                                      const char *field)
{
    const struct active *failed = c->tasks[step->index];
    unsigned fields = field ? fr_field_bit(field, strlen(field)) : FR_FIELDS_ALL;
    if (!failed)
        return NULL;
    return field_of(keep(c, result_provisional(c->run, step, &failed->verdict, NULL, fields)),
                    field);
}

/* fr_scope.step: a step that has not ended has no result yet. */
static struct json_object *get_step(void *ctx, const char *id, const char *field)
{
    struct coord *c = ((struct scope_ctx *)ctx)->c;
    struct active *t = ((struct scope_ctx *)ctx)->t;
    unsigned fields = field ? fr_field_bit(field, strlen(field)) : FR_FIELDS_ALL;
    const struct fr_step *step = id ? scope_step(c, t, id) : NULL;
    if (!id)
        return t->inside ? NULL : field_of(result_root(c, t, fields), field);
    if (step && stands_in_for(c, t, step))
        return get_failed(c, step, field);
    if (!step || !fr_status_is_final(result_of(c, step)->status))
        return NULL;
    if (field && strcmp(field, "output") == 0)
        return object_of(c, result_of(c, step)->output, step->id);
    if (field && strcmp(field, "status") == 0)
        return text_root(c, fr_status_name(result_of(c, step)->status));
    if (fr_value_kind(result_of(c, step)->output) == FR_VALUE_FILE && !field)
        object_of(c, result_of(c, step)->output, step->id);
    return field_of(keep_result(c, result_fields_json(c->run, step, fields)), field);
}

/* Appends `.result`. */
static void write_own(struct coord *c, struct active *t, unsigned fields, struct fr_buf *out)
{
    const struct fr_step *step = active_step(c, t);
    if (t->phase == STEP_RANK && step->kind == FR_KIND_BATCH)
        result_write_turn(c->run, step, t->salt, fields, out);
    else if (t->phase == STEP_RANK)
        result_write(c->run, ranked(c, t), fields, out);
    else
        result_write_provisional(c->run, step, &t->verdict, t->output, fields, out);
}

/* fr_scope.result. */
static void write_result(void *ctx, enum fr_root root, const char *id, unsigned fields,
                         struct fr_buf *out)
{
    struct coord *c = ((struct scope_ctx *)ctx)->c;
    struct active *t = ((struct scope_ctx *)ctx)->t;
    const struct fr_step *step = id ? scope_step(c, t, id) : active_step(c, t);
    if (id && step && stands_in_for(c, t, step)) {
        const struct active *failed = c->tasks[step->index];
        if (failed)
            result_write_provisional(c->run, step, &failed->verdict, NULL, fields, out);
        else
            fr_buf_str(out, "null");
        return;
    }
    bool there = step && (id ? fr_status_is_final(result_of(c, step)->status) : !t->inside);
    if (!there || (root == FR_ROOT_RESULTS && !fr_step_merges(step))) {
        fr_buf_str(out, "null");
    } else if (root == FR_ROOT_RESULTS) {
        result_write_parts(c->run, step, fields, out);
    } else if (root == FR_ROOT_RESULT) {
        write_own(c, t, fields, out);
    } else {
        if (fr_value_kind(result_of(c, step)->output) == FR_VALUE_FILE && fields & FR_FIELDS_OUTPUT)
            object_of(c, result_of(c, step)->output, step->id);
        result_write(c->run, step, fields, out);
    }
}

/* What a step is called where the expression stands: in its own file, "x" of "sub/x". */
static const char *name_for(const struct scope_ctx *ctx, const struct fr_step *step)
{
    const struct fr_step *outer = active_step(ctx->c, ctx->t);
    if (outer && !ctx->t->inside)
        outer = fr_plan_outer(ctx->c->plan, outer);
    return outer ? step->id + strlen(outer->id) + 1 : step->id;
}

/* fr_scope.step_id: the steps that have always ended by now, in order of declaration. Asked for one after the other. */
static const char *get_step_id(void *arg, uint32_t i)
{
    struct scope_ctx *ctx = arg;
    const struct fr_plan *plan = ctx->c->plan;
    if (i == 0 || i < ctx->listed) {
        ctx->listed = ctx->next = 0;
        visible_steps(ctx->c, ctx->t);
    }
    while (ctx->next < plan->step_count) {
        const struct fr_step *step = &plan->steps[ctx->next++];
        bool over = fr_status_is_final(result_of(ctx->c, step)->status) ||
                    stands_in_for(ctx->c, ctx->t, step);
        if (ctx->c->visible[step->index] && over && ctx->listed++ == i)
            return name_for(ctx, step);
    }
    return NULL;
}

/* The scope of a task's expressions. */
void scope_of(struct coord *c, struct active *t, struct fr_scope *scope)
{
    current = (struct scope_ctx){.c = c, .t = t};
    *scope = (struct fr_scope){.ctx = &current,
                               .root = get_root,
                               .step = get_step,
                               .result = write_result,
                               .step_id = get_step_id,
                               .jq = scope_jq};
}
