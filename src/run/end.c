/* The end of a step: its result, its fallback, and who hears of it: dependents through
 * the scheduler, its container, its owner, the run. Coordinator thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/str.h"
#include "jobmaker.h"
#include "output_claim.h"
#include "people.h"
#include "recipe.h"
#include "repeat.h"
#include "result.h"
#include "why.h"
#include "sched_file.h"

/* Whether the time that was over was not the step's own: nobody tolerates that, and what waits for it is cancelled, like it
 * would be. */
static bool is_of_others(enum fr_status status, const char *code)
{
    return status == FR_TIMED_OUT &&
           (fr_str_eq(code, "run-timeout") || fr_str_eq(code, "group-timeout"));
}

/* What a step's end means for those that wait for it. */
static enum sched_outcome outcome_of(const struct fr_step_result *result)
{
    if (result->stays)
        return SCHED_STOPPED; /* nobody has made sure that it is what it would be now */
    if (result->status == FR_SUCCEEDED)
        return SCHED_OK;
    if (result->status == FR_SKIPPED)
        return SCHED_SKIPPED;
    if (result->status == FR_NOT_TAKEN)
        return SCHED_UNTAKEN;
    if (result->status == FR_CANCELLED || is_of_others(result->status, result->error_code))
        return SCHED_STOPPED;
    return result->tolerated ? SCHED_TOLERATED : SCHED_BAD;
}

/* The output that an earlier run had of a step which is left out of this one. *lost: why it cannot be had. */
static bool take_kept_output(struct coord *c, const struct fr_step *step, const char **lost)
{
    struct fr_memory_source *memory = c->options->memory;
    struct fr_step_result *result = result_of(c, step);
    if (!memory || !memory->leaves_out ||
        !memory->leaves_out(memory, step, fr_run_step_id(c->run, step), &result->output, lost))
        return false;
    result->kept = result->output != NULL;
    return true;
}

static void settle_below(struct coord *c, uint32_t index, enum fr_status status,
                         const char *message);

/* Settles what a container holds. */
static void settle_held(struct coord *c, const struct fr_step *step, enum fr_status status,
                        const char *message)
{
    const struct fr_group *group = step->group;
    if (!group)
        return;
    /* Of a batch all items have ended that have begun. */
    for (uint32_t i = 0; step->kind != FR_KIND_BATCH && i < group->branches.count; i++)
        settle_below(c, group->branches.at[i], status, message);
    for (uint32_t i = 0; i < group->finally.count; i++)
        settle_below(c, group->finally.at[i], status, message);
    if (group->combine != FR_NO_STEP)
        settle_below(c, group->combine, status, message);
    if (group->callback != FR_NO_STEP)
        settle_below(c, group->callback, status, message);
}

/* One that is to be cancelled keeps what is on record of it, if that stays; what it holds is asked for itself. */
static bool settle_stays(struct coord *c, const struct fr_step *step, enum fr_status status,
                         const char *message)
{
    if (status != FR_CANCELLED || !stay_as_recorded(c, step))
        return false;
    settle_held(c, step, status, message);
    if (step->fallback != FR_NO_STEP)
        settle_below(c, step->fallback, status, message);
    return true;
}

/* Gives a step below one that has ended its last status; the scheduler never opened it. */
static void settle_below(struct coord *c, uint32_t index, enum fr_status status,
                         const char *message)
{
    const struct fr_step *step = &c->plan->steps[index];
    struct fr_step_result *result = result_of(c, step);
    const struct fr_step *frame = repeat_frame(c->plan, step);
    if (result->status != FR_PENDING || (frame && !turns_of(c->run, frame)))
        return;              /* what is only a template has no status */
    const char *lost = NULL; /* nobody reads it */
    bool out = take_kept_output(c, step, &lost);
    if (!out && settle_stays(c, step, status, message))
        return;
    if (out)
        message = result_by_only;
    if (out || (!step->enabled && status != FR_NOT_TAKEN))
        status = FR_SKIPPED; /* it would never have run */
    if (status != FR_SKIPPED && status != FR_NOT_TAKEN) {
        result->error_code = status == FR_BLOCKED ? "blocked" : "cancelled";
        result->error_message = strdup(message);
    }
    if (out)
        result->error_message = strdup(message);
    else if (status == FR_SKIPPED && step->role == FR_ROLE_FALLBACK)
        why_left_out(c, step, "'%s' did without its fallback",
                     fr_run_step_id(c->run, &c->plan->steps[step->parent]));
    else if (status == FR_SKIPPED)
        why_left_out(c, step, step->enabled ? "%s" : "`enabled: false`", message);
    step_move(c, step, status);
    settle_held(c, step, status, message);
    if (step->fallback != FR_NO_STEP)
        settle_below(c, step->fallback, status, message);
}

/* Why what is inside of a step was never needed or never reached. */
static void say_inside(struct coord *c, const struct fr_step *step, struct fr_buf *message)
{
    const struct fr_step_result *result = result_of(c, step);
    bool early = step->group && result->attempts == 0 && fr_status_is_failure(result->status);
    if (result->status == FR_CANCELLED || result->stays)
        fr_buf_str(message, result->error_message && !result->stays ? result->error_message
                                                                    : "the run is ending");
    else if (result_is_left_out(result))
        fr_buf_str(message, result_by_only);
    else
        fr_buf_printf(message, "step '%s' %s", fr_run_step_id(c->run, step),
                      early ? "failed before anything in it could begin" : "did not succeed");
}

/* Settles what is inside of a step and was never needed or never reached. */
static void settle_inside(struct coord *c, const struct fr_step *step)
{
    const struct fr_step_result *result = result_of(c, step);
    enum fr_status status = result->stays ? FR_CANCELLED : result->status;
    struct fr_buf message;
    if (!step->group && step->fallback == FR_NO_STEP)
        return;
    fr_buf_init(&message, 0);
    say_inside(c, step, &message);
    if (fr_status_is_failure(status))
        status = FR_BLOCKED;
    else if (status == FR_SUCCEEDED)
        status = FR_SKIPPED;
    settle_held(c, step, status, fr_buf_cstr(&message));
    fr_buf_release(&message);
    if (step->fallback != FR_NO_STEP)
        settle_below(c, step->fallback,
                     result->stays || fr_status_is_failure(result->status) ? FR_CANCELLED
                     : result->status == FR_NOT_TAKEN                      ? FR_NOT_TAKEN
                                                                           : FR_SKIPPED,
                     result_is_left_out(result) ? result_by_only : "the run is ending");
}

/* The run hears of a failure that nobody tolerates. */
static void tell_run(struct coord *c, const struct fr_step *step)
{
    const struct fr_step_result *result = result_of(c, step);
    if (!fr_status_is_failure(result->status) || result->tolerated)
        return;
    if (step->parent == FR_NO_STEP)
        run_failed(c, step);
}

/* Tells everybody that a step has ended; its task is gone. Dependents judge it by `outcome`. */
static void tell_as(struct coord *c, const struct fr_step *step, enum sched_outcome outcome)
{
    settle_inside(c, step);
    if (batch_is_slot(c, step)) {
        batch_item_ended(c, step, outcome);
        return;
    }
    sched_ended(&c->sched, step->index, outcome);
    tell_run(c, step);
    if (step->role == FR_ROLE_BRANCH || step->role == FR_ROLE_CHAINED)
        container_child_ended(c, step);
    else if (step->role != FR_ROLE_STEP && step->role != FR_ROLE_FINALLY)
        owner_go_on(c, step);
}

/* Tells everybody how a step has ended. */
static void tell(struct coord *c, const struct fr_step *step)
{
    tell_as(c, step, outcome_of(result_of(c, step)));
}

/* Moves what the task found out into the result. */
static void fill_result(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct fr_step_result *result = result_of(c, step);
    if (t->verdict.code) {
        free(result->error_message);
        result->error_code = t->verdict.code;
        result->error_message = t->verdict.message;
        t->verdict.message = NULL;
    }
    if (t->verdict.status == FR_SUCCEEDED) {
        result->output = t->output;
        t->output = NULL;
    }
    if (t->verdict.status == FR_SKIPPED || step->kind == FR_KIND_WAIT)
        result->passed = fr_value_ref(t->input);
    result->tolerated =
        result->tolerated || (step->continue_on_error && fr_status_is_failure(t->verdict.status) &&
                              !is_of_others(t->verdict.status, t->verdict.code));
}

/* Ends a step that has a task; the task is gone after it. */
static void end(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    enum fr_status status = t->verdict.status;
    struct fr_buf why;
    bool stopped = status == FR_CANCELLED || is_of_others(status, t->verdict.code);
    if (stopped && stay_as_recorded(c, step)) {
        active_free(c, t);
        tell(c, step);
        return;
    }
    repro_keep(c, t);
    fill_result(c, t);
    if (t->up_to_date && status == FR_SUCCEEDED) {
        status = FR_SKIPPED; /* with its output */
        result_of(c, step)->error_message = strdup("up to date");
    }
    fr_buf_init(&why, 0);
    why_ended(c, t, status, &why);
    c->why = why.len ? fr_buf_cstr(&why) : c->why;
    step_move(c, step, status);
    fr_buf_release(&why);
    route_ended(c, t);
    active_free(c, t);
    tell(c, step);
    if (step->tty)
        tty_release(c, step);
}

/* Says that a failure is not the last word. */
static void announce_fallback(struct coord *c, const struct fr_step *step)
{
    struct fr_buf text;
    fr_buf_init(&text, 0);
    fr_buf_printf(&text, "%s; its fallback '%s' takes over", result_of(c, step)->error_message,
                  fr_run_step_id(c->run, &c->plan->steps[step->fallback]));
    emit_text(c, FR_EVENT_WARNING, step, fr_buf_cstr(&text));
    fr_buf_release(&text);
}

/* Lets the fallback of a step run that has failed for good. */
static bool begin_fallback(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct fr_step_result *result = result_of(c, step);
    bool late = c->sched.level > SCHED_DRAIN && !sched_in_finally(&c->sched, t->step);
    if (step->fallback == FR_NO_STEP || !fr_status_is_failure(t->verdict.status) || late ||
        t->fell_back || (t->cancel != FR_CANCEL_NONE && t->cancel != FR_CANCEL_TOTAL_TIMEOUT))
        return false;
    t->fell_back = true;
    t->cancel = FR_CANCEL_NONE;
    t->limit_timer = t->wait_timer = 0;
    t->phase = STEP_FALLBACK;
    result->error_code = t->verdict.code; /* what `.error` is */
    result->error_message = strdup(t->verdict.message ? t->verdict.message : "failed");
    sched_pause(&c->sched, t->step);
    c->why = "for its fallback";
    if (result->status != FR_WAITING)
        step_move(c, step, FR_WAITING);
    c->why = NULL;
    announce_fallback(c, step);
    sched_extra(&c->sched, step->fallback);
    if (step->tty)
        tty_release(c, step);
    return true;
}

/* The step ends as the verdict says, or its fallback begins. */
void active_over(struct coord *c, struct active *t)
{
    if (t->ask)
        people_leave(c, t, t->cancel_text);
    if (active_step(c, t)->group)
        (void)output_contested(c, active_step(c, t), &t->verdict);
    updates_commit(c, t);
    budget_settle(c, t);
    if (!begin_fallback(c, t))
        end(c, t);
}

/* The fallback has ended: a good one takes the step's place. */
static void take_fallback(struct coord *c, struct active *t, const struct fr_step *fallback)
{
    struct fr_step_result *result = result_of(c, active_step(c, t));
    const struct fr_step_result *other = result_of(c, fallback);
    result->cost += other->cost;
    if (other->status == FR_SUCCEEDED) {
        verdict_release(&t->verdict);
        t->verdict.status = FR_SUCCEEDED;
        fr_value_unref(t->output);
        t->output = fr_value_ref(other->output);
        result->has_quality = other->has_quality;
        result->quality = other->quality;
        result->tolerated = true;
        t->phase = STEP_UPDATE;
        active_go(c, t);
        return;
    }
    end(c, t);
}

/* A callback, combine or fallback has ended: its owner goes on. */
void owner_go_on(struct coord *c, const struct fr_step *extra)
{
    struct active *t = c->tasks[extra->parent];
    if (!t)
        return;
    if (extra->role == FR_ROLE_FALLBACK)
        take_fallback(c, t, extra);
    else
        container_extra_ended(c, t, extra);
}

/* In a chain what came to a step that no router chose passes through it. */
static void pass_through(struct coord *c, const struct fr_step *step)
{
    if (step->input_from != FR_INPUT_STEPS)
        result_of(c, step)->passed = input_by_place(c, step);
}

void step_not_taken(struct coord *c, const struct fr_step *step)
{
    pass_through(c, step);
    why_not_taken(c, step);
    step_move(c, step, FR_NOT_TAKEN);
    tell(c, step);
}

/* Ends a step that never got a task. */
void step_settle(struct coord *c, const struct fr_step *step, enum fr_status status,
                 const char *code, const char *message)
{
    struct fr_step_result *result = result_of(c, step);
    if (status != FR_CANCELLED || !stay_as_recorded(c, step)) {
        result->error_code = code;
        result->error_message = strdup(message);
        step_move(c, step, status);
    }
    tell(c, step);
}

bool step_leave_out(struct coord *c, const struct fr_step *step, enum sched_outcome outcome)
{
    struct fr_memory_source *memory = c->options->memory;
    const char *lost = NULL;
    if (!memory || !memory->leaves_out ||
        !memory->leaves_out(memory, step, fr_run_step_id(c->run, step), NULL, NULL))
        return false;
    if (outcome == SCHED_UNTAKEN)
        pass_through(c, step);
    else
        take_kept_output(c, step, &lost);
    if (lost) { /* what is behind it would yield something else than it should */
        step_settle(c, step, FR_FAILED, "lost-output", lost);
        return true;
    }
    result_of(c, step)->error_message = strdup(result_by_only);
    step_move(c, step, FR_SKIPPED);
    if (step->route && outcome == SCHED_TOLERATED)
        sched_choose(&c->sched, &step->route->targets);
    tell_as(c, step, outcome);
    return true;
}
