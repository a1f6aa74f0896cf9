/* Plain progress lines and step logs on one descriptor. Owns the half lines of running
 * steps; coordinator thread. Each event is written in one piece, so that lines never mix. */
#include "flowrun/ui/progress.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/str.h"
#include "flowrun/run/event_line.h"
#include "flowrun/run/run.h"
#include "ci.h"
#include "lines.h"
#include "teller.h"

enum { STILL_RUNNING_SHOWN = 8 };

static const char *const mode_names[] = {"group", "stream", "raw", "quiet"};

const char *fr_log_mode_name(enum fr_log_mode mode)
{
    return mode_names[mode];
}

bool fr_log_mode_streams(enum fr_log_mode mode)
{
    return mode == FR_LOG_STREAM || mode == FR_LOG_RAW;
}

/* Where something was left out a line before the next text says so. */
bool teller_write(struct progress *p, const char *text, size_t len, bool spare)
{
    struct fr_buf whole;
    fr_buf_init(&whole, 0);
    if (p->left_out)
        fr_buf_printf(&whole,
                      "%sflowrun: %zu bytes of the log were left out here: more waited to be shown "
                      "than memory is for; `flowrun logs RUN` has what was recorded\n",
                      p->open ? "\n" : "", p->left_out);
    const char *data = text;
    size_t size = len;
    if (whole.len) {
        fr_buf_add(&whole, text, len);
        data = whole.data;
        size = whole.len;
    }
    bool taken = outlet_put(&p->outlet, data, size, spare);
    p->left_out = taken ? 0 : p->left_out + len;
    fr_buf_release(&whole);
    return taken;
}

/* Writes a text; a full disk or a closed pipe must not end the run. */
static void emit(struct progress *p, const char *text, size_t len, bool output)
{
    if (!len)
        return;
    if (p->make_room)
        p->make_room(p->make_room_arg);
    bool taken = true;
    if (p->write)
        p->write(p->write_arg, text, len);
    else
        taken = teller_write(p, text, len, !output);
    if (taken)
        p->open = text[len - 1] != '\n';
}

/* Writes what was gathered. */
static void flush(struct progress *p, bool output)
{
    const struct fr_buf *text = &p->out;
    struct fr_buf masked, guarded;

    fr_buf_init(&masked, 0);
    fr_buf_init(&guarded, 0);
    if (p->mask && text->len) {
        fr_mask_text(p->mask, text->data, text->len, false, &masked);
        text = &masked;
    }
    if (p->ci.kind != FR_CI_NONE && p->mode != FR_LOG_RAW) {
        fr_ci_guard(p->ci.kind, fr_buf_cstr(text), text->len, &guarded);
        text = &guarded;
    }
    emit(p, text->data, text->len, output);
    fr_buf_release(&guarded);
    fr_buf_release(&masked);
    fr_buf_clear(&p->out);
}

/* Whether a step is part of a batch of so many items that only what goes wrong is told, and what goes to standard
 * error. */
bool teller_is_crowd(const struct fr_event *ev)
{
    const struct fr_plan *plan = ev->run->plan;
    for (uint32_t i = ev->step->frame; i != FR_NO_STEP; i = plan->steps[i].frame)
        if (plan->steps[i].kind == FR_KIND_BATCH &&
            fr_run_turns(ev->run, &plan->steps[i]) > TELLER_CROWD)
            return true;
    return false;
}

/* What is said behind the status: messages of steps that did not run begin with that word, too. */
static const char *without_status(const char *message, const char *status)
{
    size_t len = strlen(status);
    bool again = strncmp(message, status, len) == 0 && strncmp(message + len, ": ", 2) == 0;
    return again ? message + len + 2 : message;
}

/* One line for a batch that is over, when its items had none. */
static void add_batch(struct progress *p, const struct fr_event *ev)
{
    const struct fr_step_result *r = ev->result;
    uint32_t count = fr_run_turns(ev->run, ev->step);
    char time[32];
    if (p->mode == FR_LOG_QUIET || count <= TELLER_CROWD || teller_is_crowd(ev))
        return;
    fr_buf_printf(&p->out, "%s: %u items, %u succeeded", fr_run_step_id(ev->run, ev->step), count,
                  r->ok);
    if (r->failed)
        fr_buf_printf(&p->out, ", %u failed", r->failed);
    if (r->skipped)
        fr_buf_printf(&p->out, ", %u skipped", r->skipped);
    if (r->cancelled)
        fr_buf_printf(&p->out, ", %u cancelled", r->cancelled);
    fr_buf_printf(&p->out, ", %s\n",
                  fr_format_duration(r->ended_ns - r->started_ns, time, sizeof time));
}

/* Whether the end of a step has come about because flowrun was killed. It is in no record: of what was under way it is not
 * known how it would have ended, and the rest has not begun. */
static bool is_lost(struct progress *p, const struct fr_event *ev)
{
    if (fr_event_counts(ev))
        return false;
    if (ev->from == FR_RUNNING && p->mode != FR_LOG_QUIET && fr_status_is_final(ev->to) &&
        fr_run_tells(ev->run, ev->step))
        fr_buf_printf(&p->out, "%s: unknown: flowrun was killed while it ran\n",
                      fr_run_step_id(ev->run, ev->step));
    return true;
}

/* One line for a step that reached its end. */
static void add_status(struct progress *p, const struct fr_event *ev)
{
    const struct fr_step_result *r = ev->result;
    char time[32];

    if (is_lost(p, ev))
        return;
    if (fr_status_is_final(ev->to) && ev->step->kind == FR_KIND_BATCH)
        add_batch(p, ev);
    if (!fr_status_is_final(ev->to) || !fr_run_tells(ev->run, ev->step))
        return;
    p->done++;
    if (p->mode == FR_LOG_QUIET || (lines_is_good(ev->to) && teller_is_crowd(ev)))
        return;
    fr_buf_printf(&p->out, "[%u/%u] %s: %s%s%s", p->done, ev->run->total,
                  fr_run_step_id(ev->run, ev->step), lines_color_of(ev->to, p->color),
                  lines_end_of(ev->to, r->kept), lines_off(p->color));
    if (r->started_ns && !r->kept)
        fr_buf_printf(&p->out, ", %s",
                      fr_format_duration(r->ended_ns - r->started_ns, time, sizeof time));
    if (r->error_message && ev->to != FR_SUCCEEDED) {
        const char *why = without_status(r->error_message, fr_status_name(ev->to));
        fr_buf_str(&p->out, ": ");
        fr_visible_line(why, &p->out);
    }
    fr_buf_str(&p->out, r->tolerated && ev->to != FR_SUCCEEDED ? " (the run goes on)\n" : "\n");
}

static void add_retry(struct progress *p, const struct fr_event *ev)
{
    char time[32];
    fr_buf_printf(&p->out, "%s: attempt %u failed: ", fr_run_step_id(ev->run, ev->step),
                  ev->attempt);
    fr_visible_line(ev->text ? ev->text : "", &p->out);
    fr_buf_printf(&p->out, "; again in %s\n", fr_format_duration(ev->delay_ns, time, sizeof time));
}

/* Every half minute without news: what still runs, the longest first by declaration. */
static void add_still_running(struct progress *p, const struct fr_event *ev)
{
    const struct fr_plan *plan = ev->run->plan;
    uint32_t shown = 0, running = 0;
    char time[32];

    for (uint32_t i = 0; i < plan->step_count; i++) {
        const struct fr_step_result *r = &ev->run->results[i];
        if (r->status != FR_RUNNING || !lines_is_leaf(&plan->steps[i]))
            continue;
        if (++running > STILL_RUNNING_SHOWN)
            continue;
        fr_buf_printf(&p->out, "%s%s (%s)",
                      shown++ ? ", " : "still running: ", fr_run_step_id(ev->run, &plan->steps[i]),
                      fr_format_duration(ev->now_ns - r->started_ns, time, sizeof time));
    }
    if (running > shown)
        fr_buf_printf(&p->out, " and %u more", running - shown);
    if (shown)
        fr_buf_char(&p->out, '\n');
}

/* A line about the run itself. */
static void add_note(struct progress *p, const char *what, const struct fr_event *ev)
{
    fr_buf_printf(&p->out, "flowrun: %s", what);
    if (ev->step)
        fr_buf_printf(&p->out, "%s: ", fr_run_step_id(ev->run, ev->step));
    fr_visible_line(ev->text, &p->out);
    fr_buf_char(&p->out, '\n');
}

/* Turns one event into text. */
static void on_event(struct fr_sink *sink, const struct fr_event *ev)
{
    struct progress *p = (struct progress *)sink;
    if (p->terminal && fr_run_is_killed(ev->run))
        return; /* a shell has it now: the summary is enough */
    outlet_note_owner(&p->outlet, ev);
    bool afresh = p->open && ev->kind != FR_EVENT_OUTPUT && ev->kind != FR_EVENT_LOG;
    if (afresh) /* a program's raw output has not ended its line */
        fr_buf_char(&p->out, '\n');
    switch (ev->kind) {
    case FR_EVENT_STATUS:
        add_status(p, ev);
        break;
    case FR_EVENT_OUTPUT:
        log_output(p, ev);
        break;
    case FR_EVENT_LOG:
        log_attempt(p, ev);
        break;
    case FR_EVENT_RETRY:
        if (p->mode != FR_LOG_QUIET)
            add_retry(p, ev);
        break;
    case FR_EVENT_STOPPING:
        add_note(p, "", ev);
        break;
    case FR_EVENT_NOTE:
        if (p->mode != FR_LOG_QUIET)
            add_note(p, "", ev);
        break;
    case FR_EVENT_WARNING:
        add_note(p, "warning: ", ev);
        break;
    case FR_EVENT_TICK:
        if (p->mode != FR_LOG_QUIET && !p->outlet.owners) /* it would be old news */
            add_still_running(p, ev);
        break;
    case FR_EVENT_RUN_STARTED:
        if (p->mode == FR_LOG_RAW)
            ci_deaf_begin(&p->ci, &p->out);
        break;
    case FR_EVENT_RUN_ENDED:
        if (p->mode == FR_LOG_RAW)
            ci_deaf_end(&p->ci, &p->out);
        break;
    case FR_EVENT__COUNT:
        break;
    }
    if (afresh && p->out.len == 1 && ev->kind != FR_EVENT_RUN_ENDED)
        fr_buf_clear(&p->out);
    flush(p, ev->kind == FR_EVENT_OUTPUT || ev->kind == FR_EVENT_LOG);
}

struct fr_sink *fr_progress_new(int fd, enum fr_log_mode mode, bool color,
                                const struct fr_mask *mask)
{
    struct progress *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    outlet_init(&p->outlet, fd);
    p->outlet.sink.event = on_event;
    p->mode = mode;
    p->color = color;
    p->terminal = isatty(fd);
    p->mask = mask;
    fr_buf_init(&p->out, 0);
    return &p->outlet.sink;
}

void fr_progress_ci(struct fr_sink *sink, const struct fr_ci *ci)
{
    ((struct progress *)sink)->ci = *ci;
}

void fr_progress_share(struct fr_sink *sink, void (*make_room)(void *arg), void *arg)
{
    struct progress *p = (struct progress *)sink;
    p->make_room = make_room;
    p->make_room_arg = arg;
}

void fr_progress_divert(struct fr_sink *sink,
                        void (*write)(void *arg, const char *text, size_t len), void *arg)
{
    struct progress *p = (struct progress *)sink;
    p->write = write;
    p->write_arg = arg;
}

void fr_progress_end(struct fr_sink *sink)
{
    struct progress *p = (struct progress *)sink;
    (void)outlet_finish(&p->outlet, -1);
    if (p->left_out) {
        (void)teller_write(p, "", 0, true);
        (void)outlet_finish(&p->outlet, -1);
    }
}

void fr_progress_free(struct fr_sink *sink)
{
    struct progress *p = (struct progress *)sink;
    if (!p)
        return;
    log_release(p);
    outlet_release(&p->outlet);
    fr_buf_release(&p->out);
    free(p);
}
