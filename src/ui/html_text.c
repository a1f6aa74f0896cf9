/* How foreign text gets into the report: escaped, cleaned and cut. Pure, but for html_fetch. */
#include <string.h>

#include "flowrun/base/str.h"
#include "html.h"

/* A character of XML that stands for itself nowhere, or NULL. */
static const char *entity(char c)
{
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* Whether a character changes the direction of all that follows (U+202A to U+202E, U+2066 to U+2069). */
static bool turns_text(const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text;
    return len == 3 && p[0] == 0xE2 &&
           ((p[1] == 0x80 && p[2] >= 0xAA && p[2] <= 0xAE) ||
            (p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9));
}

/* Length of what can be shown as it is at `text`; 0 = it is a control character or no UTF-8. */
static size_t shown_len(const char *text, size_t avail)
{
    unsigned char c = (unsigned char)text[0];
    if (c < 0x80)
        return (c >= 0x20 && c != 0x7F) || c == '\t' || c == '\n';
    size_t len = fr_utf8_len(text, avail);
    bool hidden = (len == 2 && c == 0xC2 && (unsigned char)text[1] < 0xA0) || turns_text(text, len);
    return hidden ? 0 : len;
}

/* Appends what stands for a byte that cannot be shown, and returns how many bytes that was about. */
static size_t add_hidden(const char *text, size_t avail, struct fr_buf *out)
{
    unsigned char c = (unsigned char)text[0];
    size_t len = fr_utf8_len(text, avail);
    if (c >= 0x80) {
        fr_buf_str(out, "\xEF\xBF\xBD");
        return len ? len : 1;
    }
    fr_buf_char(out, '^');
    fr_buf_char(out, c == 0x7F ? '?' : (char)(c + 0x40));
    return 1;
}

void html_bytes(const char *text, size_t len, struct fr_buf *out)
{
    for (size_t i = 0; i < len;) {
        size_t from = i, step = 0;
        while (i < len && !entity(text[i]) && (step = shown_len(text + i, len - i)) > 0)
            i += step;
        fr_buf_add(out, text + from, i - from);
        if (i == len)
            return;
        const char *name = entity(text[i]);
        if (name)
            fr_buf_str(out, name);
        i += name ? 1 : add_hidden(text + i, len - i, out);
    }
}

void html_text(const char *text, struct fr_buf *out)
{
    if (text)
        html_bytes(text, strlen(text), out);
}

/* How much of a text is `max` bytes, whole characters. */
static size_t cut(const char *text, size_t max)
{
    size_t len = strnlen(text, max + 1);
    if (len <= max)
        return len;
    while (max && ((unsigned char)text[max] & 0xC0) == 0x80)
        max--;
    return max;
}

void html_start(const char *text, size_t max, struct fr_buf *out)
{
    size_t len = text ? cut(text, max) : 0;
    if (text)
        html_bytes(text, len, out);
    if (text && text[len])
        fr_buf_str(out, "…");
}

/* Appends one character of a JSON string; `<`, `>` and `&` would be seen by an HTML parser. */
static size_t add_json_char(const char *text, size_t avail, struct fr_buf *out)
{
    unsigned char c = (unsigned char)text[0];
    size_t len = fr_utf8_len(text, avail);
    if (c == '"' || c == '\\')
        fr_buf_printf(out, "\\%c", c);
    else if (c == '\n')
        fr_buf_str(out, "\\n");
    else if (c == '\t')
        fr_buf_str(out, "\\t");
    else if (c < 0x20 || c == '<' || c == '>' || c == '&' || c == 0x7F)
        fr_buf_printf(out, "\\u%04x", c);
    else if (len)
        fr_buf_add(out, text, len);
    else
        fr_buf_str(out, "\xEF\xBF\xBD");
    return len ? len : 1;
}

/* Tells whether a byte stands for itself in a JSON string within HTML. */
static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
}

void html_json_bytes(const char *text, size_t len, struct fr_buf *out)
{
    fr_buf_char(out, '"');
    for (size_t i = 0; i < len;) {
        size_t from = i;
        while (i < len && is_plain((unsigned char)text[i]))
            i++;
        fr_buf_add(out, text + from, i - from);
        if (i < len)
            i += add_json_char(text + i, len - i, out);
    }
    fr_buf_char(out, '"');
}

void html_json(const char *text, struct fr_buf *out)
{
    struct fr_buf shown;
    if (!text) {
        fr_buf_str(out, "null");
        return;
    }
    fr_buf_init(&shown, 0);
    size_t len = cut(text, HTML_TEXT_MAX);
    for (size_t i = 0; i < len;) {
        size_t step = shown_len(text + i, len - i);
        if (step)
            fr_buf_add(&shown, text + i, step);
        i += step ? step : add_hidden(text + i, len - i, &shown);
    }
    if (text[len])
        fr_buf_str(&shown, "…");
    html_json_bytes(fr_buf_cstr(&shown), shown.len, out);
    fr_buf_release(&shown);
}

void html_href(const char *path, const char *base, struct fr_buf *out)
{
    static const char plain[] = "-._~/";
    size_t skip = base ? strlen(base) : 0;
    while (skip && base[skip - 1] == '/')
        skip--;
    if (skip && strncmp(path, base, skip) == 0 && path[skip] == '/') {
        path += skip + 1;
        fr_buf_str(out, "./");
    } else {
        fr_buf_str(out, "file://");
    }
    for (const char *p = path; *p; p++) {
        bool word =
            (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');
        if (word || strchr(plain, *p))
            fr_buf_char(out, *p);
        else
            fr_buf_printf(out, "%%%02X", (unsigned char)*p);
    }
}

void html_base64(const void *data, size_t len, struct fr_buf *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *in = data;
    for (size_t i = 0; i < len; i += 3) {
        unsigned n = (unsigned)in[i] << 16;
        n |= i + 1 < len ? (unsigned)in[i + 1] << 8 : 0;
        n |= i + 2 < len ? in[i + 2] : 0;
        char four[4] = {digits[n >> 18], digits[n >> 12 & 63], digits[n >> 6 & 63], digits[n & 63]};
        if (i + 2 >= len)
            four[3] = '=';
        if (i + 1 >= len)
            four[2] = '=';
        fr_buf_add(out, four, 4);
    }
}

/* Length of a code that begins with ESC [ at `text`, or 0 when it is none or has no end. */
static size_t csi_len(const char *text, size_t avail)
{
    enum { LONGEST = 64 };
    size_t i = 2;
    if (avail < 3 || text[0] != '\033' || text[1] != '[')
        return 0;
    while (i < avail && i < LONGEST && text[i] >= 0x20 && text[i] < 0x40)
        i++;
    return i < avail && i < LONGEST && text[i] >= 0x40 && text[i] < 0x7F ? i + 1 : 0;
}

/* Length of a code that begins with ESC ] (titles, links) and ends within its line, or 0. */
static size_t osc_len(const char *text, size_t avail)
{
    enum { LONGEST = 2048 };
    if (avail < 3 || text[0] != '\033' || text[1] != ']')
        return 0;
    for (size_t i = 2; i < avail && i < LONGEST && text[i] != '\n'; i++) {
        if (text[i] == '\a')
            return i + 1;
        if (text[i] == '\033')
            return i + 1 < avail && text[i + 1] == '\\' ? i + 2 : 0;
    }
    return 0;
}

/* Length of any code of a terminal at `text`, or 0. */
static size_t code_len(const char *text, size_t avail)
{
    size_t len = csi_len(text, avail);
    len = len ? len : osc_len(text, avail);
    /* ESC ( B and the like choose a set of characters. */
    if (!len && avail >= 3 && (text[1] == '(' || text[1] == ')'))
        len = 3;
    return len;
}

/* Appends one control character or code of a log, and returns its length. */
static size_t clean_one(const char *text, size_t avail, bool keep_color, struct fr_buf *out)
{
    size_t code = text[0] == '\033' ? code_len(text, avail) : 0;
    if (code) {
        if (keep_color && text[code - 1] == 'm' && text[1] == '[')
            fr_buf_add(out, text, code);
        return code;
    }
    if (text[0] == '\r') {
        size_t run = 1;
        while (run < avail && text[run] == '\r')
            run++;
        if (run < avail && text[run] != '\n')
            fr_buf_char(out, '\n');
        return run;
    }
    return add_hidden(text, avail, out);
}

void html_clean_log(const char *text, size_t len, bool keep_color, struct fr_buf *out)
{
    for (size_t i = 0; i < len;) {
        size_t from = i, step = 0;
        while (i < len && (step = shown_len(text + i, len - i)) > 0)
            i += step;
        fr_buf_add(out, text + from, i - from);
        if (i < len)
            i += clean_one(text + i, len - i, keep_color, out);
    }
}

bool html_fetch(const struct fr_story *story, const struct fr_story_text *text, uint64_t max,
                struct fr_buf *out)
{
    struct fr_buf bytes;
    if (!text->key || !story->fetch)
        return false;
    fr_buf_init(&bytes, 0);
    bool there = story->fetch(story->fetch_arg, text, max, &bytes);
    size_t skip = 0;
    if (there && bytes.len && (text->cut || text->len > bytes.len)) {
        const char *line = memchr(bytes.data, '\n', bytes.len / 2);
        while (skip < bytes.len && skip < 4 && ((unsigned char)bytes.data[skip] & 0xC0) == 0x80)
            skip++;
        skip = line ? (size_t)(line - bytes.data) + 1 : skip;
    }
    if (there)
        fr_buf_add(out, bytes.data + skip, bytes.len - skip);
    fr_buf_release(&bytes);
    return there;
}

void html_took(int64_t from_ns, int64_t to_ns, struct fr_buf *out)
{
    char took[40];
    if (from_ns && to_ns >= from_ns)
        fr_buf_str(out, fr_format_duration(to_ns - from_ns, took, sizeof took));
    else
        fr_buf_str(out, "–");
}

void html_number(uint32_t number, struct fr_buf *out)
{
    if (number >= 1000000)
        fr_buf_printf(out, "%u,%03u,%03u", number / 1000000, number / 1000 % 1000, number % 1000);
    else if (number >= 1000)
        fr_buf_printf(out, "%u,%03u", number / 1000, number % 1000);
    else
        fr_buf_printf(out, "%u", number);
}

const char *html_count(uint64_t count, const char *one, const char *many)
{
    return count == 1 ? one : many;
}
