/* Foreign text made safe to show: what a step printed must not drive our terminal. Pure. */
#include <string.h>

#include "flowrun/base/str.h"
#include "flowrun/ui/progress.h"

/* Length of a colour code (CSI digits and ';' then 'm') at `text`, or 0. */
static size_t sgr_len(const char *text, size_t avail)
{
    size_t i = 2;
    if (avail < 3 || text[0] != '\033' || text[1] != '[')
        return 0;
    while (i < avail && i < 24 && (text[i] == ';' || (text[i] >= '0' && text[i] <= '9')))
        i++;
    return i < avail && text[i] == 'm' ? i + 1 : 0;
}

/* C1 controls (U+0080 to U+009F) drive terminals just as ESC does. */
static bool is_c1(const char *text, size_t len)
{
    return len == 2 && (unsigned char)text[0] == 0xC2 && (unsigned char)text[1] < 0xA0;
}

/* Whether a character orders what stands around it anew, or breaks the line, where a terminal or a browser shows it. */
static bool is_format(const char *text, size_t len)
{
    size_t taken;
    return len > 2 && fr_utf8_is_control(fr_utf8_decode(text, len, &taken));
}

void fr_visible(const char *text, size_t len, bool keep_sgr, struct fr_buf *out)
{
    for (size_t i = 0; i < len;) {
        unsigned char c = (unsigned char)text[i];
        size_t code = keep_sgr ? sgr_len(text + i, len - i) : 0;
        size_t run = code ? code : fr_utf8_len(text + i, len - i);
        if (!code && (c < 0x20 || c == 0x7F) && c != '\t' && c != '\n') {
            fr_buf_printf(out, "^%c", c == 0x7F ? '?' : c + 0x40);
            run = 1;
        } else if (run == 0 || is_c1(text + i, run)) {
            fr_buf_str(out, "\xEF\xBF\xBD");
            run = run ? run : 1;
        } else {
            fr_buf_add(out, text + i, run);
        }
        i += run;
    }
}

void fr_visible_text(const char *text, size_t len, struct fr_buf *out)
{
    for (size_t i = 0, run; i < len; i += run) {
        run = fr_utf8_len(text + i, len - i);
        if (is_format(text + i, run))
            fr_buf_str(out, "\xEF\xBF\xBD");
        else
            fr_visible(text + i, run ? run : 1, false, out);
        run = run ? run : 1;
    }
}

void fr_visible_line(const char *text, struct fr_buf *out)
{
    size_t begin = out->len;
    fr_visible_text(text, strlen(text), out);
    for (size_t i = begin; i < out->len; i++)
        if (out->data[i] == '\n' || out->data[i] == '\t')
            out->data[i] = ' ';
}
