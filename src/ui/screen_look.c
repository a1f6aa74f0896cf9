/* Looking at the steps that are shown: the line that each printed last, and how far it says it is. What programs print is
 * masked before it is cut, and a line whose beginning is not there is left out when there are secrets. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/run/glimpse.h"
#include "screen.h"

/* The last line that has something in it; a carriage return begins a new one, as progress bars have it. *whole: its
 * beginning is there; *ended: so is its end. */
static const char *last_line(const char *text, size_t *len, bool *whole, bool *ended)
{
    const char *end = text + *len;
    *ended = false;
    for (; end > text && end[-1] && strchr(" \t\r\n", end[-1]); end--)
        *ended = *ended || end[-1] == '\n' || end[-1] == '\r';
    const char *begin = end;
    while (begin > text && begin[-1] != '\n' && begin[-1] != '\r')
        begin--;
    *whole = begin > text;
    *len = (size_t)(end - begin);
    return begin;
}

/* Replaces a text when it is another one; true when it was. */
static bool replace(char **old, const char *text, size_t len)
{
    if (*old ? strlen(*old) == len && memcmp(*old, text, len) == 0 : len == 0)
        return false;
    free(*old);
    *old = strndup(text, len);
    return true;
}

/* Leaves out what is not there as a whole of the first character (with `cut`) and the last one (unless `ended`). */
static const char *whole_characters(const char *text, size_t *len, bool cut, bool ended)
{
    enum { REST_MAX = 3 };
    size_t begin = 0, end = *len;
    while (cut && begin < end && begin < REST_MAX && ((unsigned char)text[begin] & 0xc0) == 0x80)
        begin++;
    size_t last = end;
    while (last > begin && end - last < REST_MAX && ((unsigned char)text[last - 1] & 0xc0) == 0x80)
        last--;
    if (!ended && last > begin && (unsigned char)text[last - 1] >= 0xc0 &&
        !fr_utf8_len(text + last - 1, end - last + 1))
        end = last - 1;
    *len = end - begin;
    return text + begin;
}

/* Takes what a step printed. */
static bool take_output(const struct screen *screen, struct view_row *row,
                        const struct fr_glimpse *glimpse)
{
    const struct fr_mask *mask = screen->options.mask;
    size_t len = glimpse->output_len;
    struct fr_buf masked;
    bool whole, ended, changed = false;
    const char *line = last_line(glimpse->output, &len, &whole, &ended);
    if (!len || (mask && glimpse->output_cut && !whole))
        return false;
    bool cut = glimpse->output_cut && !whole;
    line = whole_characters(line, &len, cut, ended);
    fr_buf_init(&masked, 0);
    if (cut)
        fr_buf_str(&masked, screen->paint.look.utf8 ? "…" : "<");
    fr_mask_text(mask, line, len, !ended, &masked);
    const char *text = fr_buf_cstr(&masked);
    size_t shown = strnlen(text, masked.len); /* a NUL would end it anyway */
    changed = replace(&row->output, text, shown);
    fr_buf_release(&masked);
    return changed;
}

/* Takes what a step said. */
static bool take_progress(const struct screen *screen, struct view_row *row,
                          const struct fr_glimpse *glimpse)
{
    struct fr_buf masked;
    bool changed = row->progress != glimpse->progress;
    if (glimpse->progress < 0)
        return false;
    fr_buf_init(&masked, 0);
    fr_mask_text(screen->options.mask, glimpse->message, strlen(glimpse->message), false, &masked);
    row->progress = glimpse->progress;
    changed = replace(&row->message, fr_buf_cstr(&masked), masked.len) || changed;
    fr_buf_release(&masked);
    return changed;
}

bool screen_look(struct screen *screen)
{
    struct view *view = &screen->view;
    struct fr_glimpse glimpse;
    bool changed = false;
    for (uint32_t i = 0; i < view->picked_count; i++) {
        struct view_row *row = view->rows[view->picked[i]];
        if (row)
            row->looked = true;
        if (!row || row->waits || !fr_run_glimpse(view->run, row->step, &glimpse))
            continue;
        changed = take_output(screen, row, &glimpse) || changed;
        changed = take_progress(screen, row, &glimpse) || changed;
    }
    return changed;
}
