/* The screen: a sink that stands before the progress sink, takes its lines, and shows them above a live view of what runs.
 * A frame is drawn at most ten times a second, when something has changed; when nothing has, once a second, for the clocks.
 * While somebody else has the terminal (a step with `tty`, a person who answers, the shell) there is no view, and lines are
 * written as they come. Owns the view and the lines not written yet. */
#include "flowrun/ui/screen.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/str.h"
#include "lines.h"
#include "screen.h"
#include "teller.h"

#define FRAME_NS (100 * FR_NS_PER_MS)
#define FIRST_NS (250 * FR_NS_PER_MS) /* runs shorter than this need no view */
#define IDLE_NS FR_NS_PER_S
#define LOOK_NS (250 * FR_NS_PER_MS) /* how often steps are looked at that say something */

enum { LINES_MAX = 32 << 10, BYTES_PER_S = 12 << 10 /* of frames */ };

static int64_t now_of(const struct screen *screen)
{
    const struct fr_clock *clock = screen->options.clock;
    return clock->mono_ns(clock->ctx);
}

bool fr_screen_fits(int fd, enum fr_log_mode mode)
{
    const char *term = getenv("TERM");
    return (mode == FR_LOG_GROUP || mode == FR_LOG_STREAM) && isatty(fd) && term && *term &&
           strcmp(term, "dumb") != 0;
}

/* Whether the view may be there now. */
static bool is_free(const struct screen *screen)
{
    const struct fr_screen_options *options = &screen->options;
    return !screen->over && !screen->owners && !paint_has_failed(&screen->paint) &&
           !(options->taken && options->taken(options->taken_arg));
}

/* Takes the view away and writes what waits. */
static void step_aside(struct screen *screen)
{
    calm_flush(&screen->calm, &screen->lines);
    if (paint_in_foreground(&screen->paint))
        (void)paint_lines(&screen->paint, &screen->lines);
    else
        paint_leave(&screen->paint, &screen->lines);
    fr_buf_clear(&screen->lines);
    screen->dirty = true;
}

void fr_screen_make_room(void *sink)
{
    struct screen *screen = sink;
    step_aside(screen);
    outlet_settle(&screen->paint.lines->outlet);
    screen->paint.fresh = true;
}

/* When the next frame may come: the more it took to write the last one, the later. */
static void plan_next(struct screen *screen, int64_t now, size_t bytes)
{
    int64_t pause = (int64_t)bytes * FR_NS_PER_S / BYTES_PER_S;
    screen->last = now;
    screen->next = now + (pause > FRAME_NS ? pause : FRAME_NS);
    screen->dirty = false;
}

/* Draws the view, and what waits above it. */
static void draw(struct screen *screen, int64_t now)
{
    if (calm_due(&screen->calm) <= now)
        calm_flush(&screen->calm, &screen->lines);
    size_t text = screen->lines.len;
    view_draw(&screen->view, &screen->paint.look, now, screen->paint.next);
    size_t bytes = paint_frame(&screen->paint, &screen->lines);
    fr_buf_clear(&screen->lines);
    plan_next(screen, now, bytes > text ? bytes - text : 0);
    screen->dirty = screen->view.has_young;
    if (screen->view.has_new)
        screen->look_at = now; /* with the next frame */
    screen->lively = screen->lively || screen->view.has_new;
}

/* Nobody can see a view now: lines only. */
static void go_without(struct screen *screen, int64_t now)
{
    if (screen->lines.len || screen->calm.count || screen->paint.shown->count)
        step_aside(screen);
    plan_next(screen, now, 0);
}

static void on_turn(struct fr_sink *sink)
{
    struct screen *screen = (struct screen *)sink;
    struct fr_sink *lines = screen->options.lines;
    int64_t now = now_of(screen);
    lines->turn(lines);
    if (screen->over || !screen->view.run || now < screen->next)
        return;
    if (!is_free(screen) || !paint_in_foreground(&screen->paint)) {
        go_without(screen, now);
        return;
    }
    if (!paint_is_ready(&screen->paint)) { /* the run does not wait for it */
        screen->next = now + FRAME_NS;
        return;
    }
    bool resized = paint_measure(&screen->paint);
    calm_measure(&screen->calm, screen->paint.look.rows);
    if (!paint_has_room(&screen->paint)) {
        go_without(screen, now);
        return;
    }
    bool news = resized || screen->dirty || screen->lines.len || calm_due(&screen->calm) <= now ||
                now >= screen->last + IDLE_NS;
    if (now >= screen->look_at) {
        screen->lively = screen_look(screen);
        screen->look_at = now + LOOK_NS;
        news = news || screen->lively;
    }
    if (news)
        draw(screen, now);
}

/* When the view wants a turn. */
static int64_t view_due(const struct screen *screen)
{
    if (screen->over || !screen->view.run)
        return INT64_MAX;
    int64_t until = screen->last + IDLE_NS, calm = calm_due(&screen->calm);
    if (screen->lively && screen->look_at < until)
        until = screen->look_at;
    until = calm < until ? calm : until;
    if (screen->dirty || screen->lines.len)
        until = screen->next;
    return until > screen->next ? until : screen->next;
}

static int64_t due(struct fr_sink *sink)
{
    const struct screen *screen = (struct screen *)sink;
    int64_t view = view_due(screen), lines = screen->options.lines->due(screen->options.lines);
    return view < lines ? view : lines;
}

static int waits_for(struct fr_sink *sink)
{
    struct fr_sink *lines = ((struct screen *)sink)->options.lines;
    return lines->fd(lines);
}

static bool is_behind(struct fr_sink *sink)
{
    struct fr_sink *lines = ((struct screen *)sink)->options.lines;
    return lines->behind(lines);
}

/* ---- lines ---- */

/* Whether a step came to its end without having begun, because of others. */
static bool never_began(const struct fr_event *event)
{
    return (event->to == FR_CANCELLED || event->to == FR_BLOCKED) &&
           !(event->result && event->result->started_ns);
}

/* Whether what is told now may become a number: a step ended well or never began. */
static bool is_calm(const struct screen *screen)
{
    const struct fr_event *event = screen->event;
    return event && event->kind == FR_EVENT_STATUS &&
           (lines_is_good(event->to) || never_began(event)) &&
           (screen->held.len || fr_run_tells(event->run, event->step)) && !screen->printed;
}

/* The row of the step that an event is about; NULL = it has none. */
static struct view_row *row_of(const struct screen *screen, const struct fr_event *event)
{
    return event && event->step && screen->view.rows ? screen->view.rows[event->step->index] : NULL;
}

/* Shows lines behind what was held of the step, or keeps both back. */
static void put_lines(struct screen *screen, const char *text, size_t len)
{
    struct fr_buf *whole = &screen->held;
    bool calm = is_calm(screen) && is_free(screen);
    size_t output =
        calm && calm_has_room(&screen->calm, screen->event->run->total) ? 0 : whole->len;
    fr_buf_add(whole, text, len);
    if (calm) {
        calm_line(&screen->calm, screen->event->to, whole->data, whole->len, output,
                  screen->event->now_ns, &screen->lines);
    } else {
        calm_flush(&screen->calm, &screen->lines);
        fr_buf_add(&screen->lines, whole->data, whole->len);
    }
    fr_buf_clear(whole);
    if (screen->lines.len > LINES_MAX || !is_free(screen))
        step_aside(screen);
}

/* Takes lines of the progress sink. */
static void take_lines(void *arg, const char *text, size_t len)
{
    struct screen *screen = arg;
    struct view_row *row = screen->holds ? row_of(screen, screen->event) : NULL;
    if (row)
        fr_buf_add(&row->held, text, len);
    else
        put_lines(screen, text, len);
}

/* Remembers which steps have shown output: their last line belongs to it. That of an attempt which seems good waits for
 * how the step comes out. */
static void note_output(struct screen *screen, const struct fr_event *event)
{
    struct view_row *row = row_of(screen, event);
    const struct fr_report *report = event->kind == FR_EVENT_LOG ? event->report : NULL;
    bool output = report && !report->kept && (report->out_len || report->err_len);
    screen->holds = row && output && report->end == FR_END_EXITED && report->exit_code == 0;
    if (row && (event->kind == FR_EVENT_OUTPUT || (output && !screen->holds)))
        row->printed = true;
    screen->printed = row && row->printed;
    if (row && (event->kind == FR_EVENT_STATUS || event->kind == FR_EVENT_RETRY)) {
        struct fr_buf held = row->held;
        row->held = screen->held;
        screen->held = held;
    }
}

/* A step with `tty` gets the terminal, or gives it back. */
static void note_owner(struct screen *screen, const struct fr_event *event)
{
    if (event->kind != FR_EVENT_STATUS || !event->step->tty)
        return;
    if (event->to == FR_RUNNING) {
        fr_screen_make_room(screen);
        screen->owners++;
    } else if (event->from == FR_RUNNING) {
        screen->owners--;
        screen->paint.fresh = true;
    }
}

static void on_event(struct fr_sink *sink, const struct fr_event *event)
{
    struct screen *screen = (struct screen *)sink;
    struct fr_sink *lines = screen->options.lines;
    bool is_first = screen->view.run == NULL;
    screen->over = screen->over || fr_run_is_killed(event->run); /* what is shown stays as it is */
    if (screen->over)
        return;
    note_output(screen, event);
    view_event(&screen->view, event);
    if (is_first)
        screen->next = screen->last = event->now_ns + FIRST_NS;
    note_owner(screen, event);
    if (event->kind != FR_EVENT_TICK || !screen->paint.shown->count) {
        screen->event = event;
        lines->event(lines, event);
        if (screen->held.len) /* there was no line about its end */
            put_lines(screen, "", 0);
        screen->event = NULL;
    }
    screen->dirty = screen->dirty || event->kind != FR_EVENT_TICK;
    if (event->kind == FR_EVENT_RUN_ENDED) {
        step_aside(screen);
        screen->over = true;
    }
}

struct fr_sink *fr_screen_new(const struct fr_screen_options *options)
{
    struct screen *screen = calloc(1, sizeof *screen);
    if (!screen)
        abort();
    screen->sink = (struct fr_sink){
        .event = on_event, .turn = on_turn, .due = due, .fd = waits_for, .behind = is_behind};
    screen->options = *options;
    if (!options->clock)
        screen->options.clock = fr_clock_system();
    view_init(&screen->view, options->mask);
    calm_init(&screen->calm);
    fr_buf_init(&screen->lines, 0);
    fr_buf_init(&screen->held, 0);
    paint_init(&screen->paint, options->fd, options->color, options->lines);
    calm_measure(&screen->calm, screen->paint.look.rows);
    fr_progress_divert(options->lines, take_lines, screen);
    return &screen->sink;
}

void fr_screen_free(struct fr_sink *sink)
{
    struct screen *screen = (struct screen *)sink;
    if (!screen)
        return;
    if (!screen->over)
        step_aside(screen);
    fr_progress_divert(screen->options.lines, NULL, NULL);
    view_release(&screen->view);
    calm_release(&screen->calm);
    fr_buf_release(&screen->lines);
    fr_buf_release(&screen->held);
    paint_release(&screen->paint);
    free(screen);
}
