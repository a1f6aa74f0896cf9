/* A workflow file as one step: it opens like a group, but its steps have a setting of their own, and what stands at the
 * top of the file is done for it as for a run.
 *
 *   BEGIN: env, input --> steps (BRANCHES) --> FILE_OUTPUT --> FILE_FINALLY --> quality, update, end
 *                            | failed, cancelled, out of time      ^
 *                            +-------------------------------------+
 *
 * Coordinator thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phases.h"
#include "result.h"
#include "scope.h"
#include "state.h"
#include "sched_file.h"

void setting_init(struct setting *setting, const struct fr_unit *unit)
{
    *setting = (struct setting){.unit = unit};
    env_init(&setting->env);
}

void setting_release(struct setting *setting)
{
    env_release(&setting->env);
    json_object_put(setting->params);
    json_object_put(setting->context);
    json_object_put(setting->env_obj);
}

struct setting *setting_of(struct coord *c, const struct fr_step *step)
{
    const struct fr_step *outer = step ? fr_plan_outer(c->plan, step) : NULL;
    return outer ? c->tasks[outer->index]->setting : &c->setting;
}

struct setting *setting_seen(struct coord *c, const struct active *t)
{
    return t->inside ? t->setting : setting_of(c, active_step(c, t));
}

/* The setting of the file that the step runs, made when first asked for. */
static struct setting *own_setting(struct coord *c, struct active *t)
{
    if (!t->setting) {
        t->setting = calloc(1, sizeof(*t->setting));
        if (!t->setting)
            abort();
        setting_init(t->setting, active_step(c, t)->runs);
    }
    return t->setting;
}

const char *workflow_name(const struct coord *c, const struct fr_step *step)
{
    const struct fr_step *outer = fr_plan_outer(c->plan, step);
    const char *id = fr_run_step_id(c->run, step);
    return outer ? id + strlen(fr_run_step_id(c->run, outer)) + 1 : id;
}

/* Where a parameter stands in the step. */
static struct fr_mark mark_of(const struct fr_step *step, const char *name)
{
    for (uint32_t i = 0; i < step->params->count; i++)
        if (strcmp(step->params->keys[i], name) == 0)
            return step->params->items[i]->mark;
    return step->mark;
}

enum fr_err workflow_params(struct coord *c, struct active *t, struct json_object *given)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_unit *unit = step->runs;
    struct setting *s = own_setting(c, t);
    enum fr_err err = FR_OK;
    struct json_object *defaults = NULL, *all = json_object_new_object();
    fr_json_parse(unit->params_json, strlen(unit->params_json), &defaults, NULL, 0);
    for (uint32_t i = 0; i < unit->param_count && !err; i++) {
        const struct fr_param_def *def = &unit->params[i];
        struct json_object *value = NULL;
        struct fr_buf why;
        if (!json_object_object_get_ex(given, def->name, &value)) {
            if (json_object_object_get_ex(defaults, def->name, &value))
                json_object_object_add(all, def->name, json_object_get(value));
            continue;
        }
        fr_buf_init(&why, 0);
        if (!fr_param_accepts(def, value, &why))
            err =
                eval_fail(c, mark_of(step, def->name), "bad-param", "step '%s': parameter '%s' %s",
                          fr_run_step_id(c->run, step), def->name, fr_buf_cstr(&why));
        fr_buf_release(&why);
        json_object_object_add(all, def->name, json_object_get(value));
    }
    json_object_put(defaults);
    json_object_put(s->params);
    s->params = all;
    s->params_ready = true;
    return err;
}

/* Whether nothing is handed in. */
static bool is_null(struct fr_value *value)
{
    enum fr_value_kind kind = value ? fr_value_kind(value) : FR_VALUE_NULL;
    return kind == FR_VALUE_NULL || (kind == FR_VALUE_JSON && !fr_value_object(value, NULL));
}

/* The input: what the step says or its place gives, else the file's own. */
static enum fr_err own_input(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct fr_value *value = NULL;
    if (step->input || !step->runs->input || !is_null(t->input))
        return FR_OK;
    enum fr_err err = eval_value(c, t, step->runs->input, &value);
    if (err)
        return err;
    fr_value_unref(t->input);
    t->input = value;
    return FR_OK;
}

/* Prepares what the steps of the file share, and lets them begin. */
enum fr_err phase_workflow(struct coord *c, struct active *t)
{
    t->inside = true;
    enum fr_err err = env_boot(c, t, own_setting(c, t));
    if (!err)
        err = own_input(c, t);
    t->inside = false;
    if (err)
        return err;
    sched_file_begins(&c->sched, t->step);
    if (c->state)
        state_begin(c->state, t->step);
    return phase_open(c, t);
}

/* The output by mode: of the last step, in a graph of the only sink or {id: output} of the sinks. */
struct fr_value *output_by_mode(struct coord *c, const struct fr_indexes *list, bool graph_mode)
{
    const struct fr_step *sink = NULL;
    struct json_object *all = NULL;
    if (list->count == 0)
        return NULL;
    if (!graph_mode)
        return fr_value_ref(value_after(c, &c->plan->steps[list->at[list->count - 1]]));
    for (uint32_t i = 0; i < list->count; i++) {
        const struct fr_step *step = &c->plan->steps[list->at[i]];
        if (step->dependents.count)
            continue;
        if (sink && !all) {
            all = json_object_new_object();
            json_object_object_add(all, fr_plan_name(c->plan, sink),
                                   json_object_get(fr_value_object(value_after(c, sink), NULL)));
        }
        if (all)
            json_object_object_add(all, fr_plan_name(c->plan, step),
                                   json_object_get(fr_value_object(value_after(c, step), NULL)));
        sink = step;
    }
    return all ? fr_value_json(all) : fr_value_ref(value_after(c, sink));
}

/* What the file yields. */
enum fr_err phase_file_output(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    enum fr_err err = FR_OK;
    if (step->runs->output) {
        t->inside = true;
        err = eval_value(c, t, step->runs->output, &t->output);
        t->inside = false;
        json_object_put(t->state); /* it was the file's */
        t->state = NULL;
        if (err)
            return err;
    } else {
        t->output = output_by_mode(c, &step->group->branches, step->runs->graph_mode);
    }
    t->verdict.status = FR_SUCCEEDED;
    workflow_over(c, t);
    return FR_OK;
}

/* Why a step of a file that drains does not start; NULL: its file does not drain. */
const char *workflow_drains(const struct coord *c, const struct fr_step *step)
{
    while ((step = fr_plan_outer(c->plan, step))) {
        const struct active *t = c->tasks[step->index];
        if (t && t->drain_text)
            return t->drain_text;
    }
    return NULL;
}

/* A step of the file failed: what its `on_failure` says. */
void workflow_child_ended(struct coord *c, struct active *t, const struct fr_step *child)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_step_result *result = result_of(c, child);
    enum fr_on_failure mode = c->options->keep_going ? FR_FAIL_CONTINUE : step->runs->on_failure;
    char text[340];
    if ((result->status != FR_FAILED && result->status != FR_TIMED_OUT) || result->tolerated ||
        mode == FR_FAIL_CONTINUE || t->drain_text)
        return;
    snprintf(text, sizeof(text), "step '%s' failed (`on_failure: %s`)",
             fr_run_step_id(c->run, child), mode == FR_FAIL_CANCEL ? "cancel" : "drain");
    t->drain_text = strdup(text);
    sched_drain(&c->sched, t->step);
    limit_drain(c, text);
    if (mode != FR_FAIL_CANCEL)
        return;
    snprintf(text, sizeof(text), "fail-fast of workflow '%s' after step '%s' failed",
             fr_run_step_id(c->run, step), fr_run_step_id(c->run, child));
    for (uint32_t i = 0; i < step->group->branches.count; i++) {
        struct active *other = c->tasks[step->group->branches.at[i]];
        if (other)
            active_cancel(c, other, FR_CANCEL_FAIL_FAST, text, false);
    }
}

/* The state that the file has come to goes into the result; a conflict fails the step. */
static void take_state(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    const char *conflict = NULL;
    if (!step->runs->state)
        return;
    json_object_put(result_of(c, step)->state);
    result_of(c, step)->state = state_of_file(c->state, t->step, &conflict);
    if (conflict && t->verdict.status == FR_SUCCEEDED)
        verdict_set(&t->verdict, FR_FAILED, "state-conflict", "%s", conflict);
}

/* All that belongs to the file is over. */
static void finish(struct coord *c, struct active *t)
{
    take_state(c, t);
    if (t->verdict.status == FR_SUCCEEDED)
        t->phase = STEP_QUALITY;
    else
        active_over(c, t);
}

void workflow_over(struct coord *c, struct active *t)
{
    if (active_step(c, t)->group->finally.count == 0) {
        finish(c, t);
        return;
    }
    take_state(c, t);
    t->phase = STEP_FILE_FINALLY;
    sched_open_cleanup(&c->sched, t->step);
}

/* What the steps of `finally` get: the result when `steps` had ended. */
struct fr_value *workflow_so_far(struct coord *c, struct active *t)
{
    if (!t->so_far) {
        struct json_object *result =
            result_provisional(c->run, active_step(c, t), &t->verdict, t->output, FR_FIELDS_ALL);
        json_object_object_del(result, "finally");
        t->so_far = fr_value_json(result);
    }
    return fr_value_ref(t->so_far);
}

/* All of `finally` has ended. */
static void finally_complete(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_indexes *list = &step->group->finally;
    if (t->cancel != FR_CANCEL_NONE && t->verdict.status == FR_SUCCEEDED)
        cancelled_verdict(c, t);
    for (uint32_t i = 0; i < list->count; i++) {
        const struct fr_step *child = &c->plan->steps[list->at[i]];
        const struct fr_step_result *one = result_of(c, child);
        result_of(c, step)->cost += one->cost;
        result_of(c, step)->sequential_ns +=
            child->group ? one->sequential_ns : one->ended_ns - one->started_ns;
        if (fr_status_is_failure(one->status) && !one->tolerated &&
            t->verdict.status == FR_SUCCEEDED)
            verdict_set(&t->verdict, FR_FAILED, "finally-failed", "'%s' %s%s",
                        fr_run_step_id(c->run, child),
                        one->status == FR_TIMED_OUT ? "" : "failed: ",
                        one->error_message ? one->error_message : "");
    }
    finish(c, t);
}

/* All of `steps`, or of `finally`, has ended. */
void workflow_complete(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    if (t->phase == STEP_FILE_FINALLY) {
        finally_complete(c, t);
    } else {
        container_tally(c, step, &step->group->branches);
        if (t->cancel != FR_CANCEL_NONE) {
            cancelled_verdict(c, t);
            workflow_over(c, t);
        } else if (!container_enough(c, step)) {
            container_blame(c, t, "the workflow was not completed");
            workflow_over(c, t);
        } else {
            t->phase = STEP_FILE_OUTPUT;
        }
    }
    if (c->tasks[step->index])
        active_go(c, c->tasks[step->index]);
}
