/* Pieces of text that progress and summary share. Pure. */
#include "lines.h"

#include <string.h>

#include "flowrun/ui/progress.h"

bool lines_is_leaf(const struct fr_step *step)
{
    return step->kind != FR_KIND_GROUP && step->kind != FR_KIND_RACE && step->kind != FR_KIND_CHAIN;
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
    if (status == FR_FAILED || status == FR_TIMED_OUT)
        return lines_red(color);
    return lines_dim(color);
}

void lines_quote(const char *prefix, const char *text, size_t len, bool color, struct fr_buf *out)
{
    const char *end = text + len;
    while (text < end) {
        const char *eol = memchr(text, '\n', (size_t)(end - text));
        size_t run = (size_t)((eol ? eol : end) - text);
        size_t shown = run && text[run - 1] == '\r' ? run - 1 : run;
        fr_buf_str(out, prefix);
        fr_visible(text, shown, color, out);
        fr_buf_str(out, memchr(text, '\033', shown) ? lines_off(color) : "");
        fr_buf_char(out, '\n');
        text += run + (eol != NULL);
    }
}

const char *lines_tail(const char *text, size_t len, int count)
{
    const char *at = text + len;
    if (len && at[-1] == '\n')
        at--;
    while (at > text) {
        if (at[-1] == '\n' && --count == 0)
            return at;
        at--;
    }
    return text;
}
