/* Messages, which show of a value no more than its beginning: of a secret not even that. Main thread. */
#include <string.h>

#include "flowrun/base/mask.h"

/* Where a text was cut next, by us, jq or libcurl: "…" or "...", how long that is. NULL = nowhere. */
static const char *find_cut(const char *text, size_t len, size_t *cut_len)
{
    const char *letter = memmem(text, len, "…", strlen("…"));
    const char *dots = memmem(text, len, "...", 3);
    const char *cut = letter && (!dots || letter < dots) ? letter : dots;
    if (!cut)
        return NULL;
    const char *end = cut + (cut == letter ? strlen("…") : 3);
    while (end < text + len && *end == '.')
        end++;
    *cut_len = (size_t)(end - cut);
    return cut;
}

/* The same without what became of half a character that a cut has left there. */
static size_t without_halves(const char *text, size_t len)
{
    static const char unknown[] = "\xef\xbf\xbd"; /* U+FFFD */
    size_t size = strlen(unknown);
    while (len >= size && memcmp(text + len - size, unknown, size) == 0)
        len -= size;
    return len;
}

/* Where what may be the beginning of a value begins at the end of a text; a few bytes of one, as it is with what is too short
 * to be masked, tell nothing. */
static size_t find_begun(const struct fr_mask *mask, const char *text, size_t len)
{
    struct fr_buf taken;
    fr_buf_init(&taken, 0);
    size_t at = fr_mask_text(mask, text, len, true, &taken);
    fr_buf_release(&taken);
    return len - at < FR_MASK_SHORTEST ? len : at;
}

/* Appends a text without the beginnings of values, and with `rests` without what may be the ends of those before them. */
static void hide_cuts(const struct fr_mask *mask, const char *text, size_t len, bool rests,
                      struct fr_buf *out)
{
    const char *cut;
    bool behind = false;
    do {
        size_t cut_len = 0;
        cut = find_cut(text, len, &cut_len);
        size_t piece = cut ? (size_t)(cut - text) : len;
        size_t from = rests && behind ? fr_mask_cut(mask, text, piece) : 0;
        from = from < FR_MASK_SHORTEST ? 0 : from;
        size_t whole = cut ? without_halves(text, piece) : piece;
        size_t end =
            cut && whole > from ? from + find_begun(mask, text + from, whole - from) : piece;
        end = end == whole ? piece : end;
        fr_buf_str(out, from ? "***" : "");
        fr_buf_add(out, text + from, end - from);
        fr_buf_str(out, end < piece ? "***" : "");
        fr_buf_add(out, text + piece, cut_len);
        text += piece + cut_len;
        len -= piece + cut_len;
        behind = true;
    } while (cut);
}

void fr_mask_cuts(const struct fr_mask *mask, const char *text, size_t len, struct fr_buf *out)
{
    if (mask)
        hide_cuts(mask, text, len, false, out);
    else
        fr_buf_add(out, text, len);
}

void fr_mask_message(const struct fr_mask *mask, const char *text, size_t len, struct fr_buf *out)
{
    struct fr_buf masked;
    fr_buf_init(&masked, 0);
    fr_mask_text(mask, text, len, false, &masked);
    if (mask)
        hide_cuts(mask, fr_buf_cstr(&masked), masked.len, true, out);
    else
        fr_buf_add(out, text, len);
    fr_buf_release(&masked);
}
