/* The phases of a step before its job: condition, input, params; and where the kinds of
 * steps part. Each may be entered several times, until jq's answers are there. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/str.h"
#include "people.h"
#include "recipe.h"
#include "repeat.h"
#include "scope.h"
#include "why.h"

/* Whether the condition reads what the step's own keys make of its input or params. */
static bool reads_own(const struct fr_step *step)
{
    unsigned own =
        (step->input ? 1U << FR_ROOT_INPUT : 0) | (step->params ? 1U << FR_ROOT_PARAMS : 0);
    return step->when->roots & own;
}

/* The condition. One that reads the step's own input or params is evaluated after these, all others before, so that
 * a skipped step's values need not exist. */
enum fr_err phase_when(struct coord *c, struct active *t, bool late)
{
    const struct fr_step *step = active_step(c, t);
    struct json_object *value = NULL;
    t->phase = late ? STEP_BEGIN : STEP_INPUT;
    if (!step->when || t->skip || reads_own(step) != late)
        return FR_OK;
    enum fr_err err = eval_expr(c, t, step->when, &value);
    if (err) {
        t->phase = late ? STEP_WHEN_LATE : STEP_WHEN_EARLY;
        return err;
    }
    if (!fr_json_true(value)) {
        t->skip = true;
        why_condition(c, t);
        if (late) {
            t->verdict.status = FR_SKIPPED;
            active_over(c, t);
        }
    }
    json_object_put(value);
    return FR_OK;
}

/* Ends a step that is to be skipped, when its input is known. */
static enum fr_err skip(struct coord *c, struct active *t)
{
    if (!t->input)
        t->input = fr_value_ref(t->came);
    t->verdict.status = FR_SKIPPED;
    active_over(c, t);
    return FR_OK;
}

/* The input: by place, or what `input:` says. */
enum fr_err phase_input(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    if (step->input) {
        enum fr_err err = eval_value(c, t, step->input, &t->input);
        if (err == FR_ERR_AGAIN || (err && !t->skip))
            return err;
    } else if (t->too_large) {
        return eval_fail(c, step->mark, "too-large",
                         "the output of '%s' is too large to be part of an object; let step '%s' "
                         "depend on it alone and read it from stdin",
                         t->too_large, fr_run_step_id(c->run, step));
    } else {
        t->input = fr_value_ref(t->came);
    }
    if (t->skip)
        return skip(c, t);
    t->phase = STEP_PARAMS;
    return FR_OK;
}

/* Adds the keys of one object to another. */
static void add_keys(struct json_object *into, struct json_object *from)
{
    json_object_object_foreach(from, key, value)
    {
        json_object_object_add(into, key, json_object_get(value));
    }
}

/* `.params`: the workflow's, overlaid by the step's. */
enum fr_err phase_params(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct json_object *own = NULL;
    struct json_object *base = scope_params(setting_of(c, step));
    t->phase = STEP_WHEN_LATE;
    if (!step->params || step->params->count == 0)
        return FR_OK;
    enum fr_err err = eval_tmpl(c, t, step->params, &own);
    if (!err && step->runs)
        err = workflow_params(c, t, own);
    if (err) {
        json_object_put(own);
        t->phase = STEP_PARAMS;
        return err;
    }
    struct json_object *all = json_object_new_object();
    if (base)
        add_keys(all, base);
    add_keys(all, own);
    json_object_put(own);
    t->params = all;
    return FR_OK;
}

/* Evaluates a transform; that is all it does. */
static enum fr_err transform(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct json_object *value = NULL;
    if (result_of(c, step)->status == FR_PENDING) {
        budget_reserve(c, t);
        t->attempt = result_of(c, step)->attempts = 1;
        step_move(c, step, FR_RUNNING);
    }
    enum fr_err err = eval_expr(c, t, step->expr, &value);
    if (err)
        return err;
    t->output = fr_value_json(value);
    t->verdict.status = FR_SUCCEEDED;
    t->phase = STEP_COST;
    return FR_OK;
}

/* When a wait step ends. */
static enum fr_err wait_end(struct coord *c, struct active *t, int64_t *at)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_tmpl *tmpl = step->wait_for ? step->wait_for : step->wait_until;
    struct fr_buf text;
    int64_t ns = 0;
    fr_buf_init(&text, 4096);
    enum fr_err err = eval_text(c, t, tmpl, &text);
    bool good = !err && (step->wait_for ? fr_parse_duration(fr_buf_cstr(&text), &ns)
                                        : fr_parse_time(fr_buf_cstr(&text), &ns));
    if (!err && !good)
        err = eval_fail(c, tmpl->mark, step->wait_for ? "bad-duration" : "bad-time",
                        step->wait_for ? "'%s' is no duration; write 250ms, 30s, 5m or 1h30m"
                                       : "'%s' is no time; write it as 2026-11-21T12:00:00Z",
                        fr_buf_cstr(&text));
    *at = step->wait_for ? c->now + ns : ns - c->wall_offset;
    if (!err && c->options->memory)
        recipe_of_text(c, t, fr_buf_cstr(&text));
    fr_buf_release(&text);
    return err;
}

/* Whether the run that this one goes on with has waited so long before. */
static bool has_waited(struct coord *c, struct active *t)
{
    struct fr_report *report = c->options->memory ? replay_get(c, t) : NULL;
    bool has = report != NULL;
    fr_report_free(report);
    return has;
}

/* Lets a wait step wait; it passes its input on. */
static enum fr_err begin_wait(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    int64_t at = 0;
    enum fr_err err = wait_end(c, t, &at);
    if (err)
        return err;
    t->attempt = result_of(c, step)->attempts = 1;
    result_of(c, step)->started_ns = c->now;
    result_of(c, step)->started_wall_ns = c->now + c->wall_offset;
    step_move(c, step, FR_WAITING);
    if (has_waited(c, t)) {
        t->verdict.status = FR_SUCCEEDED;
        t->phase = STEP_UPDATE;
        return FR_OK;
    }
    race_let_go(c, step);
    t->phase = STEP_WAIT;
    t->wait_timer = timers_set(&c->timers, at, t->step);
    return FR_OK;
}

/* Whether the budget is asked before each attempt, and not when the step begins. */
static bool draws_later(const struct fr_step *step)
{
    return step->kind == FR_KIND_PROCESS || step->kind == FR_KIND_HTTP;
}

/* Where the kinds part. */
enum fr_err phase_begin(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    if (!draws_later(step) && result_of(c, step)->status == FR_PENDING && budget_refuses(c, t))
        return FR_OK;
    switch (step->kind) {
    case FR_KIND_GROUP:
    case FR_KIND_RACE:
    case FR_KIND_CHAIN:
        return phase_open(c, t);
    case FR_KIND_WORKFLOW:
        return phase_workflow(c, t);
    case FR_KIND_BATCH:
        return phase_batch(c, t);
    case FR_KIND_LOOP:
        return phase_loop(c, t);
    case FR_KIND_SPLIT:
        return phase_split(c, t);
    case FR_KIND_MERGE:
        return phase_gather(c, t);
    case FR_KIND_TRANSFORM:
        return transform(c, t);
    case FR_KIND_ROUTE:
        return phase_route(c, t);
    case FR_KIND_HUMAN:
        return phase_human(c, t);
    case FR_KIND_WAIT:
        return begin_wait(c, t);
    default:
        if (step->total_timeout_ns != FR_UNLIMITED && t->total_deadline == INT64_MAX) {
            t->total_deadline = c->now + step->total_timeout_ns;
            t->limit_timer = timers_set(&c->timers, t->total_deadline, t->step);
        }
        t->phase = STEP_FILE;
        return FR_OK;
    }
}
