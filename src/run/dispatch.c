/* Does what the scheduler says and what timers remind of. Coordinator thread. */
#include <stdio.h>
#include <stdlib.h>

#include "dispatch.h"
#include "flowrun/base/str.h"
#include "people.h"
#include "phases.h"
#include "why.h"

/* A dependency failed. */
static void block(struct coord *c, const struct fr_step *step)
{
    struct fr_buf text;
    fr_buf_init(&text, 0);
    why_blocked(c, step, &text);
    if (!step_leave_out(c, step, SCHED_BAD))
        step_settle(c, step, FR_BLOCKED, "blocked", fr_buf_cstr(&text));
    fr_buf_release(&text);
}

/* Why a step does not start any more: its container's reason, the run's, or a dependency that was cancelled. */
static void cancel(struct coord *c, const struct fr_step *step)
{
    const struct active *parent = step->parent == FR_NO_STEP ? NULL : c->tasks[step->parent];
    struct fr_buf text;
    fr_buf_init(&text, 0);
    if (parent && parent->close_text)
        fr_buf_str(&text, parent->close_text);
    else if (c->stop_text || workflow_drains(c, step))
        fr_buf_str(&text, c->stop_text ? c->stop_text : workflow_drains(c, step));
    else
        why_blocked(c, step, &text);
    if (!step_leave_out(c, step, SCHED_STOPPED))
        step_settle(c, step, FR_CANCELLED, "cancelled", fr_buf_cstr(&text));
    fr_buf_release(&text);
}

/* Begins a step, or ends it as skipped when its input is known. */
static void begin(struct coord *c, const struct fr_step *step, bool skip)
{
    if (step_leave_out(c, step, SCHED_TOLERATED))
        return;
    struct active *t = active_new(c, step);
    t->skip = skip;
    if (skip)
        why_rule(c, step);
    t->phase = skip ? STEP_INPUT : STEP_WHEN_EARLY;
    active_go(c, t);
}

/* Does everything that can be done now. */
void dispatch(struct coord *c)
{
    enum { AT_ONCE = 512 }; /* moves before signals are looked at again */
    struct sched_move move;
    unsigned left = AT_ONCE;
    c->more = false;
    while (sched_next(&c->sched, &move)) {
        c->more = --left == 0;
        const struct fr_step *step = &c->plan->steps[move.step];
        struct active *t = c->tasks[move.step];
        switch (move.verb) {
        case SCHED_START:
            begin(c, step, false);
            break;
        case SCHED_SKIP:
            begin(c, step, true);
            break;
        case SCHED_AGAIN:
            if (t->phase == STEP_LIMIT) {
                t->phase = STEP_JOB;
                active_go(c, t);
            } else {
                retry_begin(c, t);
            }
            break;
        case SCHED_PASS:
            if (!step_leave_out(c, step, SCHED_UNTAKEN))
                step_not_taken(c, step);
            break;
        case SCHED_BLOCK:
            block(c, step);
            break;
        case SCHED_CANCEL:
            cancel(c, step);
            break;
        case SCHED_MERGE:
            container_complete(c, t);
            break;
        }
        if (c->more)
            return;
    }
}

/* A wait step has waited long enough. */
static void wait_over(struct coord *c, struct active *t)
{
    const struct fr_step_result *result = result_of(c, active_step(c, t));
    c->run->sequential_ns += c->now - result->started_ns;
    fr_value_unref(t->output);
    t->output = fr_value_ref(t->input);
    t->verdict.status = FR_SUCCEEDED;
    t->phase = STEP_UPDATE;
    active_go(c, t);
}

/* The limit of all attempts, or of a container. */
static void limit_over(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    int64_t limit = step->group ? container_limit(step) : step->total_timeout_ns;
    char text[80], time[40];
    if (t->phase == STEP_FILE_FINALLY)
        return; /* what it is for has ended in time */
    fr_format_duration(limit, time, sizeof(time));
    snprintf(text, sizeof(text), "timed out after %s%s", time,
             step->group ? "" : " (total_timeout)");
    active_cancel(c, t, FR_CANCEL_TOTAL_TIMEOUT, text, false);
}

/* A timer is due; one that nobody counts on any more does nothing. */
void timer_fired(struct coord *c, const struct timer *timer)
{
    if (timer->step == FR_NO_STEP) {
        if (limit_rested(c, timer->number))
            return;
        if (timer->number != c->run_timer || c->stage != STAGE_STEPS)
            return;
        char text[80], time[40];
        fr_format_duration(c->timeout_ns, time, sizeof(time));
        snprintf(text, sizeof(text), "the run timed out after %s", time);
        if (c->run->outcome != FR_RUN_SIGNALED)
            c->run->outcome = FR_RUN_TIMED_OUT;
        run_stop(c, FR_CANCEL_RUN_TIMEOUT, text, false);
        return;
    }
    struct active *t = c->tasks[timer->step];
    if (!t)
        return;
    if (timer->number == t->limit_timer) {
        limit_over(c, t);
    } else if (timer->number == t->wait_timer && t->phase == STEP_WAIT) {
        wait_over(c, t);
    } else if (timer->number == t->wait_timer && t->phase == STEP_HUMAN) {
        people_late(c, t);
    } else if (timer->number == t->wait_timer && t->phase == STEP_BACKOFF) {
        t->phase = STEP_RETURNING;
        sched_return(&c->sched, t->step);
    }
}
