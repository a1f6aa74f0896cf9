/* Plain progress lines and step logs on one descriptor. Owns the half lines of running
 * steps; coordinator thread. Each event is written in one piece, so that lines never mix. */
#include "flowrun/ui/progress.h"

#include <stdlib.h>
#include <string.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "flowrun/run/run.h"
#include "lines.h"

enum { LINE_LIMIT = 64 * 1024, STILL_RUNNING_SHOWN = 8, CROWD = 20 };

/* What a running step printed without ending the line yet, on stdout and stderr. */
struct half {
    struct fr_buf text[2];
};

struct progress {
    struct fr_sink sink; /* first: the sink is the progress */
    int fd;
    enum fr_log_mode mode;
    const struct fr_mask *mask; /* borrowed; NULL = none */
    bool color, failed;         /* failed: the descriptor does not take our text any more */
    uint32_t done;
    struct half **halves; /* by step index; NULL = none */
    uint32_t half_count;
    struct fr_buf out;
    void (*make_room)(void *arg); /* NULL = nobody else writes */
    void *make_room_arg;
    void (*write)(void *arg, const char *text, size_t len); /* NULL = to the descriptor */
    void *write_arg;
};

static const char *const mode_names[] = {"group", "stream", "raw", "quiet"};

const char *fr_log_mode_name(enum fr_log_mode mode)
{
    return mode_names[mode];
}

bool fr_log_mode_streams(enum fr_log_mode mode)
{
    return mode == FR_LOG_STREAM || mode == FR_LOG_RAW;
}

/* Writes what was gathered; a full disk or a closed pipe must not end the run. */
static void flush(struct progress *p)
{
    const struct fr_buf *text = &p->out;
    struct fr_buf masked;

    fr_buf_init(&masked, 0);
    if (p->mask && p->out.len) {
        fr_mask_text(p->mask, p->out.data, p->out.len, false, &masked);
        text = &masked;
    }
    if (text->len && p->make_room)
        p->make_room(p->make_room_arg);
    if (text->len && p->write)
        p->write(p->write_arg, text->data, text->len);
    else if (text->len && !p->failed)
        p->failed = fr_write_all(p->fd, text->data, text->len) != 0;
    fr_buf_release(&masked);
    fr_buf_clear(&p->out);
}

/* The half line of a step's descriptor, made when first needed. */
static struct fr_buf *half_of(struct progress *p, const struct fr_event *ev)
{
    struct half **slot;
    if (!p->halves) {
        p->half_count = ev->run->plan->step_count;
        p->halves = calloc(p->half_count, sizeof *p->halves);
    }
    if (!p->halves)
        return NULL;
    slot = &p->halves[ev->step->index];
    if (!*slot) {
        *slot = calloc(1, sizeof **slot);
        if (!*slot)
            return NULL;
        fr_buf_init(&(*slot)->text[0], 0);
        fr_buf_init(&(*slot)->text[1], 0);
    }
    return &(*slot)->text[ev->fd == 2];
}

/* One whole line with the step's tag. */
static void add_tagged(struct progress *p, const struct fr_event *ev, const char *text, size_t len)
{
    if (len && text[len - 1] == '\r')
        len--;
    fr_buf_printf(&p->out, "%s%s |%s ", lines_dim(p->color), fr_run_step_id(ev->run, ev->step),
                  lines_off(p->color));
    fr_visible(text, len, p->color, &p->out);
    fr_buf_str(&p->out, memchr(text, '\033', len) ? lines_off(p->color) : "");
    fr_buf_char(&p->out, '\n');
}

/* How much of a line that is too long to wait for its end is shown now: not what may be the beginning of a secret. */
static size_t cut_line(const struct progress *p, const struct fr_buf *half)
{
    struct fr_buf masked;
    fr_buf_init(&masked, 0);
    size_t len = fr_mask_text(p->mask, half->data, half->len, true, &masked);
    fr_buf_release(&masked);
    return len;
}

/* Splits a chunk into lines; the rest waits for its end (or for LINE_LIMIT). */
static void add_stream(struct progress *p, const struct fr_event *ev)
{
    struct fr_buf *half = half_of(p, ev);
    const char *at = ev->data;
    const char *end = ev->data + ev->len;

    if (!half)
        return;
    while (at < end) {
        const char *eol = memchr(at, '\n', (size_t)(end - at));
        size_t run = (size_t)((eol ? eol : end) - at);
        fr_buf_add(half, at, run);
        if (eol || half->len >= LINE_LIMIT) {
            size_t len = eol ? half->len : cut_line(p, half);
            add_tagged(p, ev, fr_buf_cstr(half), len);
            memmove(half->data, half->data + len, half->len - len);
            half->len -= len;
        }
        at += run + (eol != NULL);
    }
}

/* A chunk as it is. What could be the beginning of a secret waits for the next one. */
static void add_raw(struct progress *p, const struct fr_event *ev)
{
    struct fr_buf *half = p->mask ? half_of(p, ev) : NULL;
    if (!half) {
        fr_buf_add(&p->out, ev->data, ev->len);
        return;
    }
    fr_buf_add(half, ev->data, ev->len);
    size_t taken = fr_mask_text(p->mask, half->data, half->len, true, &p->out);
    memmove(half->data, half->data + taken, half->len - taken);
    half->len -= taken;
}

/* At the end of an attempt a line without an end is one all the same. */
static void end_stream(struct progress *p, const struct fr_event *ev)
{
    struct half *half = p->halves ? p->halves[ev->step->index] : NULL;
    if (!half)
        return;
    for (int i = 0; i < 2; i++) {
        if (half->text[i].len && p->mode == FR_LOG_RAW)
            fr_buf_add(&p->out, half->text[i].data, half->text[i].len);
        else if (half->text[i].len)
            add_tagged(p, ev, fr_buf_cstr(&half->text[i]), half->text[i].len);
        fr_buf_release(&half->text[i]);
    }
    free(half);
    p->halves[ev->step->index] = NULL;
}

/* Whether a step is part of a batch of so many items that only what goes wrong is told, and what goes to standard
 * error. */
static bool is_crowd(const struct fr_event *ev)
{
    const struct fr_plan *plan = ev->run->plan;
    for (uint32_t i = ev->step->frame; i != FR_NO_STEP; i = plan->steps[i].frame)
        if (plan->steps[i].kind == FR_KIND_BATCH && fr_run_turns(ev->run, &plan->steps[i]) > CROWD)
            return true;
    return false;
}

/* What an attempt printed, in one piece under a header. */
static void add_log(struct progress *p, const struct fr_event *ev)
{
    const struct fr_report *report = ev->report;
    bool good = report->end == FR_END_EXITED && report->exit_code == 0;
    bool output = report->out_len && !(good && is_crowd(ev));
    if (report->kept || (!output && !report->err_len))
        return; /* what is kept was shown when it was printed */
    fr_buf_printf(&p->out, "--- %s", fr_run_step_id(ev->run, ev->step));
    if (ev->attempt > 1)
        fr_buf_printf(&p->out, ", attempt %u", ev->attempt);
    fr_buf_char(&p->out, '\n');
    if (output && report->out_path)
        fr_buf_printf(&p->out, "  | (%zu bytes of output, too many to show)\n", report->out_len);
    else if (output && report->out)
        lines_quote("  | ", report->out, report->out_len, p->color, &p->out);
    if (report->err_cut)
        fr_buf_str(&p->out, "  ! (only the last 64 KiB of standard error were kept)\n");
    size_t cut = report->err_cut ? fr_mask_cut(p->mask, report->err, report->err_len) : 0;
    if (report->err)
        lines_quote("  ! ", report->err + cut, report->err_len - cut, p->color, &p->out);
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
    if (p->mode == FR_LOG_QUIET || count <= CROWD || is_crowd(ev))
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

/* One line for a step that reached its end. */
static void add_status(struct progress *p, const struct fr_event *ev)
{
    const struct fr_step_result *r = ev->result;
    char time[32];

    if (fr_status_is_final(ev->to) && ev->step->kind == FR_KIND_BATCH)
        add_batch(p, ev);
    if (!fr_status_is_final(ev->to) || !lines_is_leaf(ev->step))
        return;
    p->done++;
    if (p->mode == FR_LOG_QUIET || (lines_is_good(ev->to) && is_crowd(ev)))
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
        fr_visible(why, strlen(why), false, &p->out);
    }
    fr_buf_str(&p->out, r->tolerated && ev->to != FR_SUCCEEDED ? " (the run goes on)\n" : "\n");
}

static void add_retry(struct progress *p, const struct fr_event *ev)
{
    char time[32];
    fr_buf_printf(&p->out, "%s: attempt %u failed: ", fr_run_step_id(ev->run, ev->step),
                  ev->attempt);
    fr_visible(ev->text ? ev->text : "", ev->text ? strlen(ev->text) : 0, false, &p->out);
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
    fr_visible(ev->text, strlen(ev->text), false, &p->out);
    fr_buf_char(&p->out, '\n');
}

/* The attempt's output, by mode; quiet shows none. */
static void add_attempt_end(struct progress *p, const struct fr_event *ev)
{
    if (p->mode == FR_LOG_GROUP)
        add_log(p, ev);
    else if (p->mode != FR_LOG_QUIET)
        end_stream(p, ev);
}

static void add_output(struct progress *p, const struct fr_event *ev)
{
    if (p->mode == FR_LOG_RAW)
        add_raw(p, ev);
    else if (p->mode == FR_LOG_STREAM)
        add_stream(p, ev);
}

/* Turns one event into text. */
static void on_event(struct fr_sink *sink, const struct fr_event *ev)
{
    struct progress *p = (struct progress *)sink;
    switch (ev->kind) {
    case FR_EVENT_STATUS:
        add_status(p, ev);
        break;
    case FR_EVENT_OUTPUT:
        add_output(p, ev);
        break;
    case FR_EVENT_LOG:
        add_attempt_end(p, ev);
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
        if (p->mode != FR_LOG_QUIET)
            add_still_running(p, ev);
        break;
    case FR_EVENT_RUN_STARTED:
    case FR_EVENT_RUN_ENDED:
    case FR_EVENT__COUNT:
        break;
    }
    flush(p);
}

struct fr_sink *fr_progress_new(int fd, enum fr_log_mode mode, bool color,
                                const struct fr_mask *mask)
{
    struct progress *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    p->sink.event = on_event;
    p->fd = fd;
    p->mode = mode;
    p->color = color;
    p->mask = mask;
    fr_buf_init(&p->out, 0);
    return &p->sink;
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

void fr_progress_free(struct fr_sink *sink)
{
    struct progress *p = (struct progress *)sink;
    if (!p)
        return;
    for (uint32_t i = 0; i < p->half_count; i++) {
        if (!p->halves[i])
            continue;
        fr_buf_release(&p->halves[i]->text[0]);
        fr_buf_release(&p->halves[i]->text[1]);
        free(p->halves[i]);
    }
    free(p->halves);
    fr_buf_release(&p->out);
    free(p);
}
