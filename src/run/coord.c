/* fr_run: sets a run up, takes its turns, ends it.
 *
 *   BOOT (environment, input) --> STEPS --> OUTPUT (`output:`) --> FINALLY --> OVER
 *
 * Each turn collects all that has come and then starts all that can start. Coordinator thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dispatch.h"
#include "jobmaker.h"
#include "loser.h"
#include "output_claim.h"
#include "people.h"
#include "phases.h"
#include "recipe.h"
#include "result.h"
#include "scope.h"
#include "state.h"
#include "turns.h"

/* What steps are expected to take, for the order in which they start. Where a budget decides by that order what a run
 * yields, the time of earlier runs must not. */
static const int64_t *expected_of(const struct fr_plan *plan, const struct fr_run_options *options)
{
    return options->pace && plan->budget.cost < 0 ? options->pace->expected : NULL;
}

/* Makes the run's result and the coordinator's arrays. */
static void init(struct coord *c, const struct fr_plan *plan, const struct fr_run_options *options,
                 struct fr_diags *diags)
{
    struct fr_run *run = calloc(1, sizeof(*run));
    uint32_t workers = options->max_workers ? options->max_workers : plan->max_workers;
    *c = (struct coord){.plan = plan, .options = options, .diags = diags, .run = run};
    c->tasks = calloc(plan->step_count + 1U, sizeof(struct active *));
    if (!run || !c->tasks)
        abort();
    run->results = calloc(plan->step_count + 1U, sizeof(*run->results));
    if (!run->results)
        abort();
    run->plan = plan;
    run->run_id = options->run_id;
    run->recorded = options->recorded;
    run->pace = options->pace;
    run->coord = c;
    run->max_workers = workers ? workers : 1;
    run->first_failed = FR_NO_STEP;
    for (uint32_t i = 0; i < plan->step_count; i++) {
        run->results[i].exit_code = -1;
        run->results[i].culprit = FR_NO_STEP;
        run->total += plan->steps[i].group == NULL && !repeat_frame(plan, &plan->steps[i]);
    }
    repeats_init(run);
    c->limit_timers = calloc(plan->limit_count + 1U, sizeof(*c->limit_timers));
    c->places = calloc(plan->unit_count, sizeof(*c->places));
    if (!c->limit_timers || !c->places)
        abort();
    c->tty_owner = c->asked_step = FR_NO_STEP;
    c->timeout_ns = options->timeout_ns ? options->timeout_ns : plan->main->timeout_ns;
    coord_update_clock(c);
    c->wall_offset = options->clock->wall_ns(options->clock->ctx) - c->now;
    c->next_tick = c->now + options->tick_ns;
    run->started_ns = c->now;
    run->before_ns = options->before_ns;
    run->started_wall_ns =
        options->started_wall_ns ? options->started_wall_ns : c->now + c->wall_offset;
    fr_diags_init(&c->scratch);
    fr_arena_init(&c->arena);
    fr_map_init(&c->files);
    fr_map_init(&c->inputs);
    setting_init(&c->setting, plan->main);
    sched_init_expecting(&c->sched, plan, run->max_workers, expected_of(plan, options));
    for (uint32_t i = 0; i < plan->unit_count && !c->state; i++)
        if (plan->units[i]->state)
            c->state = state_new(plan);
}

/* Forks the evaluator and makes the executor, in this order: no process with threads is forked. */
static enum fr_err start_helpers(struct coord *c)
{
    if (c->plan->jq && fr_jq_count(c->plan->jq) > 0) {
        c->jq = jqproc_new(c->plan->jq);
        if (!c->jq) {
            fr_diag_add(c->diags, FR_ERROR, (struct fr_mark){0}, "no-evaluator", NULL,
                        "cannot start the process that evaluates jq expressions");
            return FR_ERR_IO;
        }
    }
    c->executor = c->options->executor;
    if (!c->executor) {
        c->executor = fr_pool_new(c->run->max_workers, c->options->run_dir);
        c->own_executor = true;
    }
    if (!c->executor) {
        fr_diag_add(c->diags, FR_ERROR, (struct fr_mark){0}, "no-workers", NULL,
                    "cannot start worker threads");
        return FR_ERR_IO;
    }
    return FR_OK;
}

/* Ends the workers and the evaluator. */
static void stop_helpers(struct coord *c)
{
    if (c->executor && c->own_executor)
        c->executor->free(c->executor);
    c->executor = NULL;
    jqproc_free(c->jq);
    c->jq = NULL;
}

/* The run's input: --input, else the file's. */
static enum fr_err boot_input(struct coord *c, struct active *t)
{
    if (c->options->has_input) {
        c->input = fr_value_ref(c->options->input);
        return FR_OK;
    }
    return c->plan->main->input ? eval_value(c, t, c->plan->main->input, &c->input) : FR_OK;
}

/* Goes on with the run's own evaluations; true when the stage is over. */
static bool boot(struct coord *c)
{
    struct active *t = c->boot;
    enum fr_err err = FR_OK;
    if (t->phase == STEP_BOOT_ENV) {
        err = env_boot(c, t, &c->setting);
        if (!err)
            t->phase = STEP_BOOT_INPUT;
    }
    if (!err)
        err = boot_input(c, t);
    scope_done(c);
    if (err == FR_ERR_AGAIN)
        return false;
    c->broken = err != FR_OK;
    for (size_t i = 0; i < c->scratch.count; i++) {
        const struct fr_diag *diag = &c->scratch.items[i];
        fr_diag_add(c->diags, diag->severity, diag->mark, diag->code, diag->help, "%s",
                    diag->message);
    }
    fr_diags_release(&c->scratch);
    fr_diags_init(&c->scratch);
    return true;
}

/* The first event and the run's limit of time. */
static void begin_steps(struct coord *c)
{
    struct fr_event event = {.kind = FR_EVENT_RUN_STARTED};
    c->stage = STAGE_STEPS;
    if (c->timeout_ns && c->timeout_ns != FR_UNLIMITED)
        c->run_timer = timers_set(&c->timers, c->run->started_ns + c->timeout_ns, FR_NO_STEP);
    emit(c, &event);
}

/* Evaluates the run's output; true when that is over. A run that did not succeed has none. */
static bool finish_output(struct coord *c)
{
    struct active *t = c->boot;
    struct verdict verdict = {0};
    enum fr_err err = FR_OK;
    if (c->run->outcome != FR_RUN_SUCCEEDED)
        return true;
    t->phase = STEP_RUN_OUTPUT;
    if (c->plan->main->output)
        err = eval_value(c, t, c->plan->main->output, &c->run->output);
    else
        c->run->output = output_by_mode(c, &c->plan->top, c->plan->main->graph_mode);
    scope_done(c);
    if (err == FR_ERR_AGAIN)
        return c->stop_signal != 0;
    if (err && !c->ended_well) { /* a run that was stopped yields what there is */
        verdict_from_diags(c, &verdict);
        c->run->outcome = FR_RUN_FAILED;
        c->run->error_code = verdict.code;
        c->run->error_message = verdict.message;
    }
    return true;
}

/* Files that several steps made side by side are removed, and the run fails. */
static void check_files(struct coord *c)
{
    struct verdict verdict = {.status = FR_SUCCEEDED};
    bool good = c->run->outcome == FR_RUN_SUCCEEDED;
    if (!output_contested(c, NULL, &verdict) || !good) {
        verdict_release(&verdict);
        return;
    }
    c->run->outcome = FR_RUN_FAILED;
    c->run->error_code = verdict.code;
    c->run->error_message = verdict.message;
}

/* Starts what can start. The terminal goes to the first in the file of those that want it. */
static void start_all(struct coord *c)
{
    do {
        dispatch(c);
        people_go_on(c);
    } while (c->stage != STAGE_OVER && tty_go_on(c));
}

/* Moves the run to its next stages, as far as it goes. */
static void advance(struct coord *c)
{
    if (c->stage == STAGE_BOOT && boot(c)) {
        if (c->broken) {
            c->stage = STAGE_OVER;
            return;
        }
        begin_steps(c);
    }
    if (c->stage == STAGE_STEPS || c->stage == STAGE_FINALLY)
        start_all(c);
    if (c->stage == STAGE_STEPS && sched_steps_done(&c->sched) && !c->losers) {
        c->stage = STAGE_OUTPUT;
        state_finish(c, false);
        check_files(c);
    }
    if (c->stage == STAGE_OUTPUT && finish_output(c)) {
        c->stage = STAGE_FINALLY;
        sched_open_finally(&c->sched);
        start_all(c);
    }
    if (c->stage == STAGE_FINALLY && sched_finally_done(&c->sched) && !c->losers) {
        c->stage = STAGE_OVER;
        state_finish(c, true);
        check_files(c);
    }
}

/* A background process that had to be ended. */
static void note_swept(void *arg, const char *step_id, pid_t pid, const char *name)
{
    struct coord *c = arg;
    const struct fr_step *step = step_id ? fr_plan_find(c->plan, step_id) : NULL;
    char text[400];
    snprintf(text, sizeof(text), "%s%sprocess %ld (%s) was still running and was ended",
             step_id && !step ? step_id : "", step_id && !step ? ": " : "", (long)pid, name);
    if (step) {
        struct fr_step_result *result = result_of(c, step);
        struct fr_leftover_proc *all =
            realloc(result->leftover, (result->leftover_count + 1) * sizeof(*all));
        if (all) {
            result->leftover = all;
            all[result->leftover_count].pid = pid;
            snprintf(all[result->leftover_count++].name, sizeof(all->name), "%s", name);
        }
    }
    emit_text(c, FR_EVENT_WARNING, step, text);
}

/* Ends what steps left running, but for those that asked to keep it. */
static void sweep(struct coord *c)
{
    enum { GRACE_MS = 5000 };
    unsigned count = 0;
    const char **keep = calloc(c->plan->step_count + c->kept_count + 1U, sizeof(*keep));
    if (!c->options->guard || !keep) {
        free(keep);
        return;
    }
    for (uint32_t i = 0; i < c->plan->step_count; i++)
        if (c->plan->steps[i].leftover == FR_LEFTOVER_KEEP &&
            c->run->results[i].status == FR_SUCCEEDED)
            keep[count++] = fr_run_step_id(c->run, &c->plan->steps[i]);
    for (uint32_t i = 0; i < c->kept_count; i++)
        keep[count++] = c->kept[i];
    fr_guard_sweep(c->run->run_id, keep, count, c->kill ? 0 : GRACE_MS, note_swept, c);
    free(keep);
}

/* The run is over: what is left is ended, sums are made, the last event goes out. */
static void end(struct coord *c)
{
    struct fr_event event = {.kind = FR_EVENT_RUN_ENDED};
    stop_helpers(c);
    sweep(c);
    coord_update_clock(c);
    c->run->ended_ns = c->now;
    past_sort(c->run);
    run_measure(c->run);
    if (c->broken)
        return;
    emit(c, &event);
    emit_turn(c);
    emit_check(c);
}

/* Frees everything but the result. */
static void release(struct coord *c)
{
    stop_helpers(c);
    output_files_remove(c);
    for (uint32_t i = 0; i < c->plan->step_count; i++)
        if (c->tasks[i])
            active_free(c, c->tasks[i]);
    if (c->boot)
        active_free(c, c->boot);
    given_release(c);
    losers_release(c);
    replay_release(c);
    scope_done(c);
    sched_release(&c->sched);
    timers_release(&c->timers);
    setting_release(&c->setting);
    fr_map_release(&c->files);
    fr_arena_release(&c->arena);
    fr_diags_release(&c->scratch);
    fr_value_unref(c->input);
    fr_value_unref(c->so_far);
    fr_value_unref(c->fan_in);
    state_free(c->state);
    json_object_put(c->run_obj);
    c->run->coord = NULL;
    free(c->tasks);
    free(c->limit_timers);
    free(c->places);
    free(c->temps);
    free(c->visible);
    free(c->tty_queue);
    free(c->kept);
    free(c->people);
    free(c->stop_text);
}

/* Takes turns until the run is over. */
static void take_turns(struct coord *c)
{
    c->boot = active_new(c, NULL);
    c->boot->phase = STEP_BOOT_ENV;
    advance(c);
    while (c->stage != STAGE_OVER) {
        emit_turn(c);
        emit_check(c);
        coord_wait(c);
        coord_collect(c);
        emit_check(c); /* before anything starts because of what could not be recorded */
        emit_hold(c);
        advance(c);
    }
    end(c);
}

/* Runs a plan to its end. */
enum fr_err fr_run(const struct fr_plan *plan, const struct fr_run_options *options,
                   struct fr_diags *diags, struct fr_run **out)
{
    struct fr_run_options mine = *options;
    struct coord c;
    *out = NULL;
    if (!mine.clock)
        mine.clock = fr_clock_system();
    init(&c, plan, &mine, diags);
    enum fr_err err = start_helpers(&c);
    if (!err) {
        take_turns(&c);
        err = c.broken ? FR_ERR_INVALID : FR_OK;
    }
    release(&c);
    if (err)
        fr_run_free(c.run);
    else
        *out = c.run;
    return err;
}
