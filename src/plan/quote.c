/* Raw lines of a file and how their values look in quotes, for messages that mend.
 * Owns nothing. Any thread. */
#include "quote.h"

#include <string.h>

#include "flowrun/base/str.h"

/* Finds a line, going on from the last one asked for. */
struct quote_span quote_line(struct quote_lines *lines, uint32_t line)
{
    if (lines->line == 0 || line < lines->line) {
        lines->line = 1;
        lines->at = 0;
    }
    while (lines->line < line) {
        const char *from = lines->text + lines->at;
        const char *end = memchr(from, '\n', lines->len - lines->at);
        if (!end) {
            return (struct quote_span){lines->text + lines->len, 0};
        }
        lines->at = (size_t)(end + 1 - lines->text);
        lines->line++;
    }
    const char *start = lines->text + lines->at;
    const char *end = memchr(start, '\n', lines->len - lines->at);
    size_t len = end ? (size_t)(end - start) : lines->len - lines->at;
    if (len > 0 && start[len - 1] == '\r') {
        len--;
    }
    return (struct quote_span){start, len};
}

/* Tells whether a byte begins a character. */
static bool is_start(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

/* Counts characters. */
uint32_t quote_chars(const char *text, size_t len)
{
    uint32_t count = 0;
    for (size_t i = 0; i < len; i++) {
        count += is_start(text[i]);
    }
    return count;
}

/* Cuts what stands before a column and the spaces at the end. */
struct quote_span quote_rest(struct quote_span line, uint32_t col)
{
    size_t at = 0;
    while (at < line.len && col > 1) {
        at++;
        while (at < line.len && !is_start(line.text[at])) {
            at++;
        }
        col--;
    }
    size_t end = line.len;
    while (end > at && (line.text[end - 1] == ' ' || line.text[end - 1] == '\t')) {
        end--;
    }
    return (struct quote_span){line.text + at, end - at};
}

/* Skips spaces and list dashes from `at`. */
static size_t skip_lead(struct quote_span line, size_t at)
{
    for (;;) {
        while (at < line.len && line.text[at] == ' ') {
            at++;
        }
        if (at + 1 < line.len && line.text[at] == '-' && line.text[at + 1] == ' ') {
            at++;
            continue;
        }
        return at;
    }
}

/* Returns the length of a plain key that ends in ": " at `at`, or 0. */
static size_t key_len(struct quote_span line, size_t at)
{
    size_t i = at;
    if (i < line.len && strchr("[{\"'*&!%@`|>#?", line.text[i])) {
        return 0;
    }
    for (; i + 1 < line.len; i++) {
        if (line.text[i] == ':' && line.text[i + 1] == ' ') {
            return i - at;
        }
        if (line.text[i] == ' ' && line.text[i + 1] == '#') {
            return 0;
        }
    }
    return 0;
}

/* Splits a line into key and value. */
bool quote_find_value(struct quote_span line, struct quote_value *out)
{
    size_t at = skip_lead(line, 0);
    size_t key = key_len(line, at);
    *out = (struct quote_value){.key = {line.text + at, key}};
    if (key > 0) {
        at += key + 1;
        while (at < line.len && line.text[at] == ' ') {
            at++;
        }
    } else if (at == 0 || line.text[at - 1] != ' ' || !memchr(line.text, '-', at)) {
        return false;
    }
    out->col = quote_chars(line.text, at) + 1;
    out->value = quote_rest(line, out->col);
    return out->value.len > 0;
}

/* Appends the text as a quoted YAML scalar, in single quotes where these do. */
static void write_quoted(struct quote_span raw, struct fr_buf *out)
{
    if (!memchr(raw.text, '\'', raw.len)) {
        fr_buf_char(out, '\'');
        fr_buf_add(out, raw.text, raw.len);
        fr_buf_char(out, '\'');
        return;
    }
    bool doubled = !memchr(raw.text, '"', raw.len) && !memchr(raw.text, '\\', raw.len);
    fr_buf_char(out, doubled ? '"' : '\'');
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.text[i] == '\'' && !doubled) {
            fr_buf_char(out, '\'');
        }
        fr_buf_char(out, raw.text[i]);
    }
    fr_buf_char(out, doubled ? '"' : '\'');
}

/* Appends the mend; a long value is not written out. */
void quote_help(const struct quote_value *value, struct fr_buf *out)
{
    fr_buf_str(out, "quote this");
    if (value->value.len == 0 || value->value.len > 100 || value->key.len > 60) {
        return;
    }
    fr_buf_str(out, ": ");
    if (value->key.len > 0) {
        fr_buf_add(out, value->key.text, value->key.len);
        fr_buf_str(out, ": ");
    }
    write_quoted(value->value, out);
}

/* Copies the beginning of a text. */
const char *quote_shown(const char *text, char out[QUOTE_SHOWN])
{
    size_t len = strlen(text);
    size_t at = fr_utf8_first(text, strcspn(text, "\n"), 60);
    memcpy(out, text, at);
    memcpy(out + at, at < len ? "…" : "", at < len ? sizeof("…") : 1);
    return out;
}
