/* The event stream of a run: every event goes through here, and a step's status is
 * written here and nowhere else. Coordinator thread. */
#include <stdio.h>
#include <stdlib.h>

#include "coord.h"
#include "flowrun/run/event_line.h"
#include "status.h"
#include "why.h"

/* Sends one event to all sinks; fills in what every event has. */
void emit(struct coord *c, struct fr_event *event)
{
    event->now_ns = c->now;
    event->wall_ns = c->now + c->wall_offset;
    event->run = c->run;
    if (event->step)
        event->result = result_of(c, event->step);
    for (uint32_t i = 0; i < c->options->sink_count; i++)
        c->options->sinks[i]->event(c->options->sinks[i], event);
}

/* Tells the sinks that a turn is over. */
void emit_turn(struct coord *c)
{
    for (uint32_t i = 0; i < c->options->sink_count; i++) {
        struct fr_sink *sink = c->options->sinks[i];
        if (sink->turn)
            sink->turn(sink);
    }
}

/* When a sink can do its work no more the run is to end. */
void emit_check(struct coord *c)
{
    for (uint32_t i = 0; i < c->options->sink_count && !c->unrecorded; i++)
        if (c->options->sinks[i]->error)
            run_unrecorded(c, c->options->sinks[i]->error);
}

/* Holds back what makes output while a reader of it cannot follow: times and signals count all the same. */
void emit_hold(struct coord *c)
{
    bool behind = false;
    for (uint32_t i = 0; i < c->options->sink_count; i++) {
        struct fr_sink *sink = c->options->sinks[i];
        behind = (sink->behind && sink->behind(sink)) || behind;
    }
    behind = behind && !c->stop_signal;
    if (behind == c->sched.held)
        return;
    c->sched.held = behind;
    if (c->executor->hold)
        c->executor->hold(c->executor, behind);
}

/* An event that is a line of text. */
void emit_text(struct coord *c, enum fr_event_kind kind, const struct fr_step *step,
               const char *text)
{
    struct fr_event event = {.kind = kind, .step = step, .text = text};
    emit(c, &event);
}

/* What the process of an attempt printed. */
void emit_log(struct coord *c, const struct fr_step *step, const struct fr_report *report)
{
    struct fr_event event = {
        .kind = FR_EVENT_LOG, .step = step, .attempt = report->attempt, .report = report};
    emit(c, &event);
}

struct fr_step_result *result_of(struct coord *c, const struct fr_step *step)
{
    return &c->run->results[step->index];
}

/* Moves a step to another status. A move that the table does not have is a mistake of ours: going on would make
 * every report of the run doubtful, so the program ends, and the guard ends its steps. */
void step_move(struct coord *c, const struct fr_step *step, enum fr_status to)
{
    struct fr_step_result *result = result_of(c, step);
    struct fr_event event = {.kind = FR_EVENT_STATUS,
                             .step = step,
                             .from = result->status,
                             .to = to,
                             .attempt = result->attempts};
    struct fr_arena arena;
    struct fr_buf why;
    fr_arena_init(&arena);
    fr_buf_init(&why, 0);
    if (c->options->reasons && !fr_status_is_final(to) && result->status != FR_RUNNING)
        event.waits = why_waited(c, step, &arena);
    if (c->options->reasons && !c->why && result->status == FR_PENDING && !fr_status_is_final(to))
        why_begins(c, step, &why);
    event.text = why.len ? fr_buf_cstr(&why) : c->why;
    if (!status_may_move(result->status, to))
        abort();
    event.run = c->run;
    if (fr_status_is_final(to) && !fr_event_counts(&event))
        result->lost = result->status == FR_PENDING ? FR_LOST_PENDING : FR_LOST_UNKNOWN;
    result->status = to;
    if (to == FR_RUNNING && !result->started_ns) {
        result->started_ns = c->now;
        result->started_wall_ns = c->now + c->wall_offset;
    }
    if (fr_status_is_final(to))
        result->over_ns = c->now;
    if (fr_status_is_final(to) && result->started_ns)
        result->ended_ns = c->now;
    c->run->total += fr_status_is_final(to) && step->group && fr_run_tells(c->run, step);
    emit(c, &event);
    fr_buf_release(&why);
    fr_arena_release(&arena);
    c->why = NULL;
}
