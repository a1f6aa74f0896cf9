/* The terminal's side of the live view. It is drawn line by line below what was written before, with the cursor on the
 * line below it: so a shell's prompt has a place wherever flowrun is killed. To draw again the cursor goes up; lines that
 * are as they were are passed over. Nothing is switched on or off in the terminal. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "screen.h"
#include "teller.h"

#define TO_LINE_END "\033[K"
#define TO_SCREEN_END "\033[J"

/* Whether the locale is one of UTF-8. Where the width of a block or an ellipsis depends on the font, ASCII is safer. */
static bool speaks_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *locale = NULL;
    for (unsigned i = 0; i < 3 && (!locale || !*locale); i++)
        locale = getenv(names[i]);
    if (!locale || !*locale || strncmp(locale, "zh", 2) == 0 || strncmp(locale, "ja", 2) == 0 ||
        strncmp(locale, "ko", 2) == 0)
        return false;
    return strcasestr(locale, "utf-8") || strcasestr(locale, "utf8");
}

void paint_init(struct paint *paint, int fd, bool color, struct fr_sink *lines)
{
    *paint = (struct paint){.fd = fd, .lines = (struct progress *)lines, .fresh = true};
    paint->look = (struct view_look){.color = color, .utf8 = speaks_utf8()};
    paint->shown = &paint->frames[0];
    paint->next = &paint->frames[1];
    fr_buf_init(&paint->out, 0);
    fr_buf_init(&paint->frames[0].text, 0);
    fr_buf_init(&paint->frames[1].text, 0);
    (void)paint_measure(paint);
}

void paint_release(struct paint *paint)
{
    view_frame_release(&paint->frames[0]);
    view_frame_release(&paint->frames[1]);
    fr_buf_release(&paint->out);
}

bool paint_measure(struct paint *paint)
{
    struct winsize size = {0};
    (void)ioctl(paint->fd, TIOCGWINSZ, &size);
    unsigned rows = size.ws_row ? size.ws_row : 24, cols = size.ws_col ? size.ws_col : 80;
    bool changed = rows != paint->look.rows || cols != paint->look.cols;
    paint->resized = paint->resized || changed;
    paint->look.rows = rows;
    paint->look.cols = cols;
    return changed;
}

bool paint_has_room(const struct paint *paint)
{
    enum { ROWS_LEAST = 3, COLS_LEAST = 8 };
    return paint->look.rows >= ROWS_LEAST && paint->look.cols >= COLS_LEAST;
}

bool paint_is_ready(const struct paint *paint)
{
    struct pollfd terminal = {.fd = paint->fd, .events = POLLOUT};
    return !outlet_is_late(&paint->lines->outlet) && poll(&terminal, 1, 0) != 0;
}

bool paint_has_failed(const struct paint *paint)
{
    return paint->lines->outlet.err != 0;
}

bool paint_in_foreground(const struct paint *paint)
{
    pid_t group = tcgetpgrp(paint->fd);
    return group < 0 ||
           group == getpgrp(); /* < 0: it is not our own terminal, so nobody contests it */
}

/* Sends what was put together in one piece. */
static size_t send(struct paint *paint)
{
    size_t len = paint->out.len;
    if (len)
        (void)teller_write(paint->lines, paint->out.data, len, false);
    fr_buf_clear(&paint->out);
    return len;
}

/* Goes to the first line of what is shown. Terminals wrap what has become too long when they become narrower. */
static void go_up(struct paint *paint)
{
    unsigned up = 0, cols = paint->look.cols;
    if (!paint->shown->count)
        return;
    for (unsigned i = 0; i < paint->shown->count; i++) {
        unsigned width = paint->shown->lines[i].width;
        up += width > cols ? (width + cols - 1) / cols : 1;
    }
    up = up < paint->look.rows ? up : paint->look.rows - 1;
    fr_buf_char(&paint->out, '\r');
    if (up)
        fr_buf_printf(&paint->out, "\033[%uA", up);
}

/* Begins a line of our own wherever the cursor is: blanks up to the margin wrap when something stands before them, and
 * only then. */
static void begin_line(struct paint *paint)
{
    for (unsigned i = 1; i < paint->look.cols; i++)
        fr_buf_char(&paint->out, ' ');
    fr_buf_char(&paint->out, '\r');
}

/* Takes the view away, and begins where it was. Not in one stroke: a terminal may take a screen that is erased as a whole
 * for one that is worth keeping, and put it into its history. */
static void clear(struct paint *paint)
{
    if (paint->shown->count) {
        go_up(paint);
        fr_buf_str(&paint->out, TO_LINE_END "\n" TO_SCREEN_END "\033[A");
    }
    paint->shown->count = 0;
}

/* Whether a line of the new frame is on the terminal already. */
static bool is_shown(const struct paint *paint, unsigned i)
{
    if (i >= paint->shown->count)
        return false;
    const struct view_line *old = &paint->shown->lines[i], *new = &paint->next->lines[i];
    return old->len ==
           new->len &&memcmp(paint->shown->text.data + old->at, paint->next->text.data + new->at,
                             old->len) == 0;
}

/* Writes the lines that have changed; false when none has. */
static bool add_changes(struct paint *paint)
{
    const struct view_frame *next = paint->next;
    bool changed = paint->shown->count != next->count;
    for (unsigned i = 0; i < next->count; i++) {
        if (!is_shown(paint, i)) {
            fr_buf_add(&paint->out, next->text.data + next->lines[i].at, next->lines[i].len);
            fr_buf_str(&paint->out, TO_LINE_END);
            changed = true;
        }
        fr_buf_char(&paint->out, '\n');
    }
    fr_buf_str(&paint->out, TO_SCREEN_END); /* lines there are no more, and what was typed */
    return changed;
}

size_t paint_frame(struct paint *paint, const struct fr_buf *lines)
{
    if (paint->fresh && !paint->shown->count)
        begin_line(paint);
    if (lines->len || paint->resized)
        clear(paint);
    else
        go_up(paint);
    fr_buf_add(&paint->out, lines->data, lines->len);
    bool changed = add_changes(paint) || lines->len;
    paint->fresh = paint->resized = false;
    if (!changed)
        fr_buf_clear(&paint->out);
    struct view_frame *old = paint->shown;
    paint->shown = paint->next;
    paint->next = old;
    return send(paint);
}

size_t paint_lines(struct paint *paint, const struct fr_buf *lines)
{
    clear(paint);
    fr_buf_add(&paint->out, lines->data, lines->len);
    paint->fresh = paint->fresh && !lines->len;
    return send(paint);
}

void paint_leave(struct paint *paint, const struct fr_buf *lines)
{
    paint->shown->count = 0;
    paint->fresh = true;
    fr_buf_add(&paint->out, lines->data, lines->len);
    (void)send(paint);
}
