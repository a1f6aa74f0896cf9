/* Text that fits: foreign bytes to characters of known width, cut at a column. Widths are never guessed too small, since
 * one line that wraps would put all that is drawn after it in the wrong place. Pure. */
#include "cells.h"

#include <stdint.h>
#include <string.h>

#include "flowrun/base/str.h"

/* One character as it is shown. */
struct cell {
    const char *text;
    char own[4]; /* where `text` is made */
    size_t len;
    unsigned width;
};

/* Bytes of a control sequence at `text` that colours, moves or names something, ESC [ … or ESC ] …; 0 = there is none
 * or not all of it. */
static size_t sequence_len(const char *text, size_t len)
{
    size_t i = 2;
    if (len < 3 || text[0] != '\033' || (text[1] != '[' && text[1] != ']'))
        return 0;
    if (text[1] == '[') {
        while (i < len && text[i] >= 0x20 && text[i] <= 0x3f)
            i++;
        return i < len && text[i] >= 0x40 && text[i] <= 0x7e ? i + 1 : 0;
    }
    while (i < len && text[i] != '\a' && text[i] != '\033')
        i++;
    if (i < len && text[i] == '\a')
        return i + 1;
    return i + 1 < len && text[i + 1] == '\\' ? i + 2 : 0;
}

/* How wide a character may become, whatever the terminal makes of it. */
static unsigned width_of(uint32_t cp)
{
    if (cp == 0xfe0f ||
        (cp >= 0x1f1e6 && cp <= 0x1f1ff)) /* makes an emoji of what is before; flags */
        return cp == 0xfe0f ? 1 : 2;
    return (unsigned)fr_utf8_width(cp);
}

/* Makes the cell of the character at `text`; returns how many bytes it was. */
static size_t next_cell(const char *text, size_t len, bool utf8, struct cell *cell)
{
    size_t taken = sequence_len(text, len);
    *cell = (struct cell){.text = cell->own};
    if (taken)
        return taken;
    uint32_t cp = fr_utf8_decode(text, len, &taken);
    if (cp == '\t') {
        cell->own[0] = ' ';
        cell->len = cell->width = 1;
    } else if (cp < 0x20 || cp == 0x7f) {
        cell->own[0] = '^';
        cell->own[1] = (char)(cp == 0x7f ? '?' : cp + 0x40);
        cell->len = cell->width = 2;
    } else if (cp == UINT32_MAX || fr_utf8_is_control(cp) || (!utf8 && cp > 0x7f)) {
        cell->own[0] = '?';
        cell->len = cell->width = 1;
    } else {
        cell->text = text;
        cell->len = taken;
        cell->width = width_of(cp);
    }
    return taken;
}

unsigned cells_width(const char *text, size_t len, bool utf8)
{
    struct cell cell;
    unsigned width = 0;
    for (size_t at = 0; at < len; width += cell.width)
        at += next_cell(text + at, len - at, utf8, &cell);
    return width;
}

/* Whether a text is no wider than `max`, looking at no more of it than needed. */
static bool fits(const char *text, size_t len, bool utf8, unsigned max)
{
    struct cell cell;
    unsigned width = 0;
    for (size_t at = 0; at < len && width <= max; width += cell.width)
        at += next_cell(text + at, len - at, utf8, &cell);
    return width <= max;
}

void cells_text(struct cells *line, const char *text, size_t len, unsigned max)
{
    unsigned left = line->width > line->used ? line->width - line->used : 0;
    struct cell cell;
    max = max < left ? max : left;
    bool whole = fits(text, len, line->utf8, max);
    unsigned room = whole ? max : max ? max - 1 : 0, width = 0;
    for (size_t at = 0; at < len;) {
        at += next_cell(text + at, len - at, line->utf8, &cell);
        if (width + cell.width > room)
            break;
        fr_buf_add(line->out, cell.text, cell.len);
        width += cell.width;
    }
    if (!whole && max) {
        fr_buf_str(line->out, line->utf8 ? "…" : ">");
        width++;
    }
    line->used += width;
}

void cells_str(struct cells *line, const char *text)
{
    cells_text(line, text, strlen(text), line->width);
}

void cells_to(struct cells *line, unsigned column)
{
    column = column < line->width ? column : line->width;
    for (; line->used < column; line->used++)
        fr_buf_char(line->out, ' ');
}

void cells_code(struct cells *line, const char *code)
{
    fr_buf_str(line->out, code);
}
