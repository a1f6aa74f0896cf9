/* Pieces of text that progress and summary share. Pure. */
#include "lines.h"

#include <string.h>

#include "flowrun/ui/progress.h"

enum { LINE_SHOWN = 400 }; /* bytes of a line in a summary */

bool lines_is_leaf(const struct fr_step *step)
{
    return step->group == NULL;
}

const char *lines_red(bool color)
{
    return color ? "\033[31m" : "";
}

const char *lines_green(bool color)
{
    return color ? "\033[32m" : "";
}

const char *lines_dim(bool color)
{
    return color ? "\033[2m" : "";
}

const char *lines_off(bool color)
{
    return color ? "\033[0m" : "";
}

const char *lines_color_of(enum fr_status status, bool color)
{
    if (status == FR_SUCCEEDED)
        return lines_green(color);
    if (fr_status_is_failure(status))
        return lines_red(color);
    return lines_dim(color);
}

/* Bytes of a line that are shown when at most `width` may be (0: any number); characters stay whole. */
static size_t shown_len(const char *text, size_t len, size_t width)
{
    if (len && text[len - 1] == '\r')
        len--;
    if (!width || len <= width)
        return len;
    while (width && ((unsigned char)text[width] & 0xC0) == 0x80)
        width--;
    return width;
}

void lines_quote_line(const char *prefix, const char *text, size_t len, bool shorten, bool color,
                      struct fr_buf *out)
{
    size_t shown = shown_len(text, len, shorten ? LINE_SHOWN : 0);
    fr_buf_str(out, prefix);
    fr_visible(text, shown, color, out);
    fr_buf_str(out, memchr(text, '\033', shown) ? lines_off(color) : "");
    if (shorten && len > shown + 1)
        fr_buf_printf(out, "… (and %zu bytes)", len - shown);
    fr_buf_char(out, '\n');
}

void lines_quote(const char *prefix, const char *text, size_t len, struct fr_buf *out)
{
    const char *end = text + len;
    while (text < end) {
        const char *eol = memchr(text, '\n', (size_t)(end - text));
        size_t run = (size_t)((eol ? eol : end) - text);
        fr_buf_str(out, prefix);
        fr_visible_text(text, shown_len(text, run, 0), out);
        fr_buf_char(out, '\n');
        text += run + (eol != NULL);
    }
}

bool lines_is_good(enum fr_status status)
{
    return status == FR_SUCCEEDED || status == FR_SKIPPED || status == FR_NOT_TAKEN;
}

const char *lines_end_of(enum fr_status status, bool kept)
{
    switch (status) {
    case FR_SUCCEEDED:
        return kept ? "kept" : "ok";
    case FR_NOT_TAKEN:
        return "not taken";
    case FR_TIMED_OUT:
        return "timed out";
    default:
        return fr_status_name(status);
    }
}
