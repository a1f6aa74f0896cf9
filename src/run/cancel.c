/* Ending things before their time: a step, a container, the whole run; and what is said
 * about it. Coordinator thread. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/str.h"
#include "loser.h"
#include "people.h"
#include "phases.h"
#include "sched_file.h"

/* "KILL", "TERM", …, "RTMIN+1". */
const char *signal_name(int signal, char *out, size_t size)
{
    const char *name = sigabbrev_np(signal);
    if (name)
        snprintf(out, size, "%s", name);
    else if (signal >= SIGRTMIN && signal <= SIGRTMAX)
        snprintf(out, size, "RTMIN+%d", signal - SIGRTMIN);
    else
        snprintf(out, size, "%d", signal);
    return out;
}

/* What was done to a process to end it. */
static void describe_end(const struct coord *c, const struct active *t, char *out, size_t size)
{
    const struct fr_step *step = active_step(c, t);
    char grace[40];
    fr_format_duration(step->grace_ns, grace, sizeof(grace));
    if (!t->was_running || step->kind != FR_KIND_PROCESS)
        *out = '\0';
    else if (t->killed)
        snprintf(out, size, ": flowrun sent KILL");
    else if (t->was_killed)
        snprintf(out, size, ": flowrun sent TERM, then KILL after the grace of %s", grace);
    else
        snprintf(out, size, ": flowrun sent TERM");
}

/* Whether a step was under way when the time of the run, or of its group, was over. One that still waited for its limit
 * had not started. */
static bool is_out_of_time(struct coord *c, const struct active *t)
{
    return (t->cancel == FR_CANCEL_RUN_TIMEOUT || t->cancel == FR_CANCEL_GROUP_TIMEOUT) &&
           result_of(c, active_step(c, t))->attempts > 0;
}

/* Sets the verdict of a task that was ended by us. */
void cancelled_verdict(struct coord *c, struct active *t)
{
    const char *text = t->cancel_text ? t->cancel_text : "the run is ending";
    char how[120];
    describe_end(c, t, how, sizeof(how));
    if (t->cancel == FR_CANCEL_TOTAL_TIMEOUT)
        verdict_set(&t->verdict, FR_TIMED_OUT,
                    active_step(c, t)->group ? "timeout" : "total-timeout", "%s%s", text, how);
    else if (is_out_of_time(c, t))
        verdict_set(&t->verdict, FR_TIMED_OUT,
                    t->cancel == FR_CANCEL_RUN_TIMEOUT ? "run-timeout" : "group-timeout", "%s%s",
                    text, how);
    else
        verdict_set(&t->verdict, FR_CANCELLED, "cancelled", "%s%s", text, how);
}

/* Cancels a step that a container or another step is waiting for, whether it has begun or not. */
static void cancel_extra(struct coord *c, uint32_t extra, const struct active *t, bool at_once)
{
    if (c->tasks[extra])
        active_cancel(c, c->tasks[extra], t->cancel, t->cancel_text, at_once);
    else
        sched_drop(&c->sched, extra);
}

/* Cancels what a container waits for. */
static void cancel_children(struct coord *c, struct active *t, bool at_once)
{
    const struct fr_step *step = active_step(c, t);
    char text[300];
    snprintf(text, sizeof(text), "%s '%s' %s", step->runs ? "workflow" : "group",
             fr_run_step_id(c->run, step), t->cancel_text);
    if (t->cancel == FR_CANCEL_TOTAL_TIMEOUT)
        container_cancel(c, t, FR_CANCEL_GROUP_TIMEOUT, text, at_once);
    else
        container_cancel(c, t, t->cancel, t->cancel_text, at_once);
}

/* Asks a task to end. One that only waits for a time or an answer ends now; others when what they wait for has
 * ended. With `at_once` processes get KILL, also those that are ending already. */
void active_cancel(struct coord *c, struct active *t, enum fr_cancel why, const char *text,
                   bool at_once)
{
    const struct fr_step *step = active_step(c, t);
    if (t->cancel != FR_CANCEL_NONE && (!at_once || t->killed))
        return;
    if (t->phase == STEP_FILE_FINALLY && !at_once)
        return; /* it always runs to its end */
    if (t->cancel == FR_CANCEL_NONE) {
        t->cancel = why;
        t->cancel_text = strdup(text);
        t->cancelled_ns = c->now;
    }
    t->killed = at_once;
    switch (t->phase) {
    case STEP_RUNNING:
        t->was_running = true;
        c->executor->cancel(c->executor, t->job_id, t->cancel, at_once);
        if (loser_let_go(c, t)) {
            cancelled_verdict(c, t);
            active_over(c, t);
        }
        break;
    case STEP_BRANCHES:
    case STEP_FILE_FINALLY:
        cancel_children(c, t, at_once);
        break;
    case STEP_FILE_OUTPUT:
        cancelled_verdict(c, t);
        workflow_over(c, t);
        break;
    case STEP_COMBINE:
        cancel_extra(c, step->group->combine, t, at_once);
        break;
    case STEP_CALLBACK:
        cancel_extra(c, step->group->callback, t, at_once);
        break;
    case STEP_FALLBACK:
        cancel_extra(c, step->fallback, t, at_once);
        break;
    default:
        cancelled_verdict(c, t);
        active_over(c, t);
    }
}

/* Cancels all steps of a list that have begun. */
static void cancel_list(struct coord *c, const struct fr_indexes *list, enum fr_cancel why,
                        const char *text, bool at_once)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (c->tasks[list->at[i]])
            active_cancel(c, c->tasks[list->at[i]], why, text, at_once);
}

/* Remembers why nothing new starts, the first time, and says so. */
static void note_stop(struct coord *c, const char *text)
{
    struct fr_buf line;
    if (!c->stop_text)
        c->stop_text = strdup(text);
    fr_buf_init(&line, 0);
    fr_buf_printf(&line, "%s", text);
    if (c->jobs)
        fr_buf_printf(&line, ": waiting for %u running step%s", c->jobs, c->jobs == 1 ? "" : "s");
    emit_text(c, FR_EVENT_STOPPING, NULL, fr_buf_cstr(&line));
    fr_buf_release(&line);
}

/* The step that failed inside of one that failed: the earliest of its children's failures; it itself when its time was
 * over. */
static const struct fr_step *root_failure(struct coord *c, const struct fr_step *step)
{
    while (step->group && step->kind != FR_KIND_BATCH && step->kind != FR_KIND_LOOP &&
           result_of(c, step)->status != FR_TIMED_OUT) {
        const struct fr_step *first = NULL;
        for (uint32_t i = 0; i < step->group->branches.count; i++) {
            const struct fr_step *branch = &c->plan->steps[step->group->branches.at[i]];
            const struct fr_step_result *result = result_of(c, branch);
            if (fr_status_is_failure(result->status) && !result->tolerated &&
                (!first || result->ended_ns < result_of(c, first)->ended_ns))
                first = branch;
        }
        if (!first)
            break;
        step = first;
    }
    return step;
}

/* A step failed that nothing tolerates: what `on_failure` says. */
void run_failed(struct coord *c, const struct fr_step *step)
{
    enum fr_on_failure mode = c->options->keep_going ? FR_FAIL_CONTINUE : c->plan->main->on_failure;
    char text[300], why[340];
    if (c->run->first_failed == FR_NO_STEP)
        c->run->first_failed = root_failure(c, step)->index;
    if (c->run->outcome == FR_RUN_SUCCEEDED)
        c->run->outcome = FR_RUN_FAILED;
    if (mode == FR_FAIL_CONTINUE || step->role == FR_ROLE_FINALLY || c->sched.level > SCHED_ALL)
        return;
    snprintf(text, sizeof(text), "step '%s' failed", step->id);
    snprintf(why, sizeof(why), "%s (`on_failure: %s`)", text,
             mode == FR_FAIL_CANCEL ? "cancel" : "drain");
    sched_stop(&c->sched, SCHED_DRAIN);
    limit_drain(c, why);
    if (!c->stop_text)
        c->stop_text = strdup(why);
    if (!sched_steps_done(&c->sched))
        note_stop(c, text);
    people_drain(c, why);
    if (mode == FR_FAIL_CANCEL) {
        snprintf(why, sizeof(why), "fail-fast of the run after %s", text);
        cancel_list(c, &c->plan->top, FR_CANCEL_FAIL_FAST, why, false);
    }
}

/* Ends the run: nothing starts any more but `finally`, which `at_once` ends, too. */
void run_stop(struct coord *c, enum fr_cancel why, const char *text, bool at_once)
{
    c->stop_why = why;
    free(c->stop_text);
    c->stop_text = NULL;
    sched_stop(&c->sched, at_once ? SCHED_NOTHING : SCHED_FINALLY);
    note_stop(c, text);
    cancel_list(c, &c->plan->top, why, text, at_once);
    if (at_once) {
        cancel_list(c, &c->plan->finally, why, text, true);
        losers_kill(c);
    }
}

/* Whether a step that has begun does nothing yet, or nothing at present: its input, condition or job is being made, or
 * it waits for a time, another attempt, a person or the terminal. */
static bool is_idle(const struct coord *c, const struct active *t)
{
    enum fr_status status = c->run->results[t->step].status;
    switch (t->phase) {
    case STEP_BACKOFF:
    case STEP_RETURNING:
    case STEP_TTY:
    case STEP_WAIT:
    case STEP_HUMAN:
        return true;
    default:
        return t->phase <= STEP_JOB && status != FR_RUNNING;
    }
}

/* Ends what is idle or waits for a place of its limit. */
static void cancel_idle(struct coord *c, const char *text)
{
    for (uint32_t i = 0; i < c->plan->step_count; i++) {
        struct active *t = c->tasks[i];
        if (t && is_idle(c, t) && !t->skip && !sched_in_finally(&c->sched, i))
            active_cancel(c, t, c->stop_why, text, false);
    }
    limit_drain(c, text);
}

/* Nothing more starts but `finally`, and what runs ends by itself. */
static void wind_down(struct coord *c, enum fr_cancel why, const char *text)
{
    c->stop_why = why;
    free(c->stop_text);
    c->stop_text = NULL;
    sched_stop(&c->sched, SCHED_FINALLY);
    note_stop(c, text);
    cancel_idle(c, text);
}

/* A step ends the run well. */
void run_stop_well(struct coord *c, const struct fr_step *step, const char *reason)
{
    struct fr_buf text;
    if (c->sched.level >= SCHED_FINALLY || c->stage != STAGE_STEPS)
        return;
    fr_buf_init(&text, 0);
    fr_buf_printf(&text, "step '%s' ended the run: %s", fr_run_step_id(c->run, step), reason);
    c->ended_well = true;
    wind_down(c, FR_CANCEL_STOP, fr_buf_cstr(&text));
    fr_buf_release(&text);
}

/* Ends the run because of a request that came from outside: gently the first time, at once the second. */
static void end_on_request(struct coord *c, int signal, bool again, const char *text)
{
    if (!c->stop_signal) {
        c->stop_signal = signal;
        c->run->signal = signal;
        c->run->outcome = FR_RUN_SIGNALED;
    } else if (!again) {
        return;
    }
    c->kill = c->kill || again;
    if (c->stage <= STAGE_FINALLY)
        run_stop(c, FR_CANCEL_SIGNAL, text, again);
}

/* As by Ctrl-C. */
void run_asked(struct coord *c, const char *who)
{
    char line[240];
    bool again = c->asked;
    c->asked = true;
    if (!c->stop_signal)
        c->run->cancelled_by = strdup(who);
    snprintf(line, sizeof(line), "%s cancelled the run%s", who,
             again ? " again: what still runs is killed at once" : "");
    end_on_request(c, SIGINT, again, line);
}

/* What happens from now on would be lost: what runs is stopped, `finally` runs. */
void run_unrecorded(struct coord *c, const char *error)
{
    c->unrecorded = true;
    if (c->run->outcome == FR_RUN_SUCCEEDED)
        c->run->outcome = FR_RUN_FAILED;
    if (!c->run->error_code) {
        c->run->error_code = "no-record";
        c->run->error_message = strdup(error);
    }
    if (c->stage <= STAGE_OUTPUT && c->sched.level < SCHED_FINALLY)
        run_stop(c, FR_CANCEL_RECORD, "the store failed", false); /* the run's error has the rest */
}

/* A step may not start. */
void run_over_budget(struct coord *c, const char *text)
{
    if (c->sched.level >= SCHED_FINALLY)
        return;
    c->run->outcome = FR_RUN_OVER_BUDGET;
    c->run->error_code = "over-budget";
    c->run->error_message = strdup(text);
    wind_down(c, FR_CANCEL_BUDGET, text);
}

/* A signal asks the run to end: gently the first time, at once the second. A HUP only says that the terminal is gone,
 * which the shell and the kernel may both tell: it counts once and never hurries. */
void run_signal(struct coord *c, int signal, int count, bool is_key)
{
    char name[24], text[120];
    bool again = signal != SIGHUP && (count > 1 || c->asked);
    const char *more = again ? " again: what still runs is killed at once" : "";
    c->asked = c->asked || signal != SIGHUP;
    if (signal == SIGINT && is_key)
        snprintf(text, sizeof(text), "you pressed Ctrl-C%s", more);
    else
        snprintf(text, sizeof(text), "flowrun got %s%s", signal_name(signal, name, sizeof(name)),
                 more);
    end_on_request(c, signal, again, text);
}
