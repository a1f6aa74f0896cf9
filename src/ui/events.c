/* The sink behind `--events`. Lines are collected during a turn of the coordinator and go out at its end. Coordinator
 * thread. */
#include "flowrun/ui/events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/run/event_line.h"
#include "flowrun/run/run.h"
#include "outlet.h"

enum {
    LAST_WAIT_MS = 5000, /* how long a reader may take nothing when the run is over */
    PIECE = 1 << 20      /* bytes of a turn that are too many to wait for its end */
};

struct events {
    struct outlet outlet; /* first: its sink is the events */
    int fd;
    bool again, own_file;
    const struct fr_mask *mask;
    struct fr_arena arena;
    struct fr_buf lines; /* of this turn */
    char trouble[160];   /* why nothing more is written; empty = it goes well */
};

/* Gives up. */
static void fail(struct events *e, const char *why)
{
    snprintf(e->trouble, sizeof e->trouble, "%s", why);
    fr_buf_release(&e->lines);
}

/* A file of our own keeps no half of a line. */
static void cut_half(const struct events *e)
{
    off_t end = e->own_file ? lseek(e->fd, 0, SEEK_CUR) : -1;
    off_t half = (off_t)e->outlet.half;
    if (end >= half && ftruncate(e->fd, end - half) < 0)
        return; /* then it has to stay */
}

/* Gives up when the descriptor does not take it any more. */
static void check(struct events *e)
{
    int err = e->outlet.err;
    if (!err || *e->trouble)
        return;
    cut_half(e);
    fail(e, err == EPIPE ? "nobody reads them any more" : strerror(err));
}

/* Hands the lines over. */
static void flush(struct events *e)
{
    if (!outlet_put(&e->outlet, e->lines.data, e->lines.len, false))
        fail(e, "their reader is too slow: it is more than 16 MiB behind");
    fr_buf_clear(&e->lines);
}

/* A stream of an attempt, masked into `masked`. */
static struct fr_event_text mask_text(const struct events *e, const char *text, size_t len,
                                      struct fr_buf *masked)
{
    if (!text || len == 0)
        return (struct fr_event_text){.data = NULL};
    fr_mask_text(e->mask, text, len, false, masked);
    if (masked->len > FR_EVENT_TEXT_MAX)
        return (struct fr_event_text){.large = true};
    return (struct fr_event_text){.data = masked->data, .len = masked->len};
}

/* What an attempt printed; false when that was nothing, or is known from before. */
static bool add_log(struct events *e, const struct fr_event *event)
{
    const struct fr_report *report = event->report;
    struct fr_buf out, err;
    if ((report->kept && e->again) || (!report->out_path && !report->out_len && !report->err_len))
        return false;
    fr_buf_init(&out, 0);
    fr_buf_init(&err, 0);
    struct fr_event_text out_text = {.large = true};
    if (!report->out_path)
        out_text = mask_text(e, report->out, report->out_len, &out);
    size_t cut = report->err_cut ? fr_mask_cut(e->mask, report->err, report->err_len) : 0;
    struct fr_event_text err_text =
        mask_text(e, report->err ? report->err + cut : NULL, report->err_len - cut, &err);
    fr_event_log_write(event->wall_ns, fr_run_step_id(event->run, event->step), event->attempt,
                       &out_text, &err_text, report->err_cut, &e->lines);
    fr_buf_release(&out);
    fr_buf_release(&err);
    return true;
}

static void on_event(struct fr_sink *sink, const struct fr_event *event)
{
    struct events *e = (struct events *)sink;
    struct fr_event_line line;
    bool any = false;
    outlet_note_owner(&e->outlet, event);
    if (*e->trouble || !fr_event_counts(event))
        return;
    if (event->kind == FR_EVENT_LOG) {
        any = add_log(e, event);
    } else if (fr_event_line(event, e->again, e->mask, &e->arena, &line)) {
        fr_event_line_write(&line, &e->lines);
        any = true;
    }
    if (any)
        fr_buf_char(&e->lines, '\n');
    if (e->lines.len > PIECE)
        flush(e);
    fr_arena_clear(&e->arena);
}

static void on_turn(struct fr_sink *sink)
{
    struct events *e = (struct events *)sink;
    if (e->lines.len)
        flush(e);
    outlet_push(&e->outlet);
    check(e);
}

struct fr_sink *fr_events_new(int fd, bool shared, bool again, const struct fr_mask *mask)
{
    struct stat info;
    struct events *e = calloc(1, sizeof *e);
    if (!e)
        abort();
    outlet_init(&e->outlet, fd);
    e->outlet.sink.event = on_event;
    e->outlet.sink.turn = on_turn;
    e->fd = fd;
    e->again = again;
    e->own_file = !shared && fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
    e->mask = mask;
    fr_arena_init(&e->arena);
    fr_buf_init(&e->lines, 0);
    return &e->outlet.sink;
}

const char *fr_events_end(struct fr_sink *sink)
{
    struct events *e = (struct events *)sink;
    on_turn(sink);
    if (!outlet_finish(&e->outlet, LAST_WAIT_MS) && !*e->trouble)
        fail(e, "their reader is too slow: it takes none");
    check(e);
    return *e->trouble ? e->trouble : NULL;
}

void fr_events_free(struct fr_sink *sink)
{
    struct events *e = (struct events *)sink;
    if (!e)
        return;
    fr_buf_release(&e->lines);
    outlet_release(&e->outlet);
    fr_arena_release(&e->arena);
    fr_close(&e->fd);
    free(e);
}
