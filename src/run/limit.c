/* Steps that draw on a limit: when they may start, and the time between starts. The scheduler
 * counts, the clock is here. Coordinator thread. */
#include "flowrun/base/str.h"
#include "phases.h"
#include "sched_limit.h"
#include "why.h"

/* Whether a step that waits for a place does not get one any more, since the run is ending. When it drains, repeated
 * attempts go on. */
static bool is_too_late(const struct coord *c, const struct active *t)
{
    return !sched_may_begin(&c->sched, t->step) &&
           (t->attempt == 1 || c->sched.level > SCHED_DRAIN);
}

/* Cancels a step that is too late. */
static void turn_away(struct coord *c, struct active *t, const char *why)
{
    bool drains = c->sched.level <= SCHED_DRAIN;
    active_cancel(c, t, drains ? FR_CANCEL_FAIL_FAST : c->stop_why, why, false);
}

/* The limit, and what it allows. */
static void add_limit(const struct coord *c, const struct fr_step *step, struct fr_buf *out)
{
    const struct fr_limit *limit = &c->plan->limits[step->limit];
    char time[40];
    fr_buf_printf(out, "for a place of the limit '%s' (", limit->name);
    if (limit->max_workers)
        fr_buf_printf(out, "max_workers: %u%s", limit->max_workers, limit->interval_ns ? ", " : "");
    if (limit->interval_ns)
        fr_buf_printf(out, "a start every %s",
                      fr_format_duration(limit->interval_ns, time, sizeof(time)));
    fr_buf_char(out, ')');
}

/* The step waits, and it is told for which limit. */
static void wait_for_place(struct coord *c, const struct fr_step *step)
{
    struct fr_buf why;
    fr_buf_init(&why, 0);
    if (result_of(c, step)->status == FR_PENDING) {
        why_begins(c, step, &why);
        fr_buf_str(&why, "; waits ");
    }
    add_limit(c, step, &why);
    c->why = fr_buf_cstr(&why);
    step_move(c, step, FR_WAITING);
    fr_buf_release(&why);
}

/* Takes a place for the attempt that is about to start; else the task waits, without a worker. */
bool limit_draw(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    if (!sched_draw(&c->sched, t->step)) {
        t->phase = STEP_LIMIT;
        if (is_too_late(c, t))
            turn_away(c, t, c->stop_text ? c->stop_text : workflow_drains(c, step));
        else if (result_of(c, step)->status != FR_WAITING)
            wait_for_place(c, step);
        return false;
    }
    if (step->limit < c->plan->limit_count && c->plan->limits[step->limit].interval_ns)
        c->limit_timers[step->limit] =
            timers_set(&c->timers, c->now + c->plan->limits[step->limit].interval_ns, FR_NO_STEP);
    return true;
}

/* Ends the rest of the limit that set this timer. */
bool limit_rested(struct coord *c, uint64_t timer)
{
    for (uint32_t i = 0; i < c->plan->limit_count; i++) {
        if (c->limit_timers[i] != timer)
            continue;
        c->limit_timers[i] = 0;
        sched_rested(&c->sched, i);
        return true;
    }
    return false;
}

/* Cancels the steps that are too late. */
void limit_drain(struct coord *c, const char *why)
{
    for (uint32_t i = 0; c->plan->limit_count && i < c->plan->step_count; i++) {
        struct active *t = c->tasks[i];
        if (t && t->phase == STEP_LIMIT && is_too_late(c, t))
            turn_away(c, t, why);
    }
}
