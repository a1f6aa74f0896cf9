/* Looks at the bytes of a file before libyaml does, because libyaml reports bad ones by
 * their offset and without saying what they are. Reader's thread; owns nothing. */
#include <string.h>

#include "flowrun/base/str.h"
#include "read.h"

enum { MAX_TAG_DIRECTIVES = 100 }; /* libyaml compares each with all before it */

/* Tells whether eight bytes are printable ASCII. */
static bool eight_plain(const char *at)
{
    uint64_t eight = 0;
    memcpy(&eight, at, sizeof(eight));
    const uint64_t high = 0x8080808080808080U;
    uint64_t below_space = (eight - 0x2020202020202020U) & ~eight & high;
    uint64_t is_delete = eight ^ 0x7f7f7f7f7f7f7f7fU;
    is_delete = (is_delete - 0x0101010101010101U) & ~is_delete & high;
    return ((eight & high) | below_space | is_delete) == 0;
}

/* Returns the length of the character at `at` when YAML allows it, else 0. */
static size_t allowed_len(const char *at, size_t avail)
{
    unsigned char c = (unsigned char)*at;
    if (c < 0x80) {
        return (c >= 0x20 && c != 0x7f) || c == '\t' || c == '\n' || c == '\r' ? 1 : 0;
    }
    size_t len = fr_utf8_len(at, avail);
    bool c1_control =
        len == 2 && c == 0xc2 && (unsigned char)at[1] < 0xa0 && (unsigned char)at[1] != 0x85;
    bool not_a_character = len == 3 && c == 0xef &&
                           ((unsigned char)at[1] == 0xbf ? (unsigned char)at[2] >= 0xbe
                                                         : memcmp(at, "\xef\xbb\xbf", 3) == 0);
    return c1_control || not_a_character ? 0 : len;
}

/* Returns the offset of the first byte that is not allowed, or `len`. */
static size_t find_bad(const char *text, size_t len, size_t at)
{
    while (at < len) {
        if (len - at >= 8 && eight_plain(text + at)) {
            at += 8;
            continue;
        }
        size_t step = allowed_len(text + at, len - at);
        if (step == 0) {
            return at;
        }
        at += step;
    }
    return len;
}

/* Turns an offset into a place. */
static struct fr_mark mark_at(const struct reader *reader, size_t from, size_t at)
{
    const char *start = reader->text + from;
    struct fr_mark mark = {.file = reader->file, .line = 1};
    for (const char *end; (end = memchr(start, '\n', (size_t)(reader->text + at - start)));) {
        start = end + 1;
        mark.line++;
    }
    mark.col = quote_chars(start, (size_t)(reader->text + at - start)) + 1;
    return mark;
}

/* Reports the byte at an offset. */
static void report_bad(const struct reader *reader, size_t from, size_t at)
{
    unsigned char c = (unsigned char)reader->text[at];
    struct fr_mark mark = mark_at(reader, from, at);
    if (c == 0) {
        fr_diag_add(reader->diags, FR_ERROR, mark, "not-utf8", "a workflow file is text; remove it",
                    "the file holds a NUL byte");
    } else if (fr_utf8_len(reader->text + at, reader->len - at) > 0) {
        fr_diag_add(reader->diags, FR_ERROR, mark, "not-utf8",
                    "remove it, or write it as an escape in double quotes, like \"\\x1b\"",
                    "the file holds a control character (0x%02x)", c);
    } else {
        fr_diag_add(reader->diags, FR_ERROR, mark, "not-utf8", "save the file as UTF-8",
                    "the byte 0x%02x is not UTF-8", c);
    }
}

/* Counts lines that begin with a %TAG directive, as far as the limit. */
static unsigned count_tags(const char *text, size_t len)
{
    unsigned count = 0;
    const char *end = text + len;
    for (const char *at = text; count <= MAX_TAG_DIRECTIVES;) {
        at = memmem(at, (size_t)(end - at), "%TAG", 4);
        if (!at) {
            break;
        }
        count += at == text || at[-1] == '\n' || at[-1] == '\r';
        at += 4;
    }
    return count;
}

/* Checks all bytes once. */
bool read_check_bytes(struct reader *reader)
{
    const char *text = reader->text;
    struct fr_mark start = {.file = reader->file, .line = 1, .col = 1};
    if (reader->len > NODE_MAX_TEXT) {
        fr_diag_add(reader->diags, FR_ERROR, start, "too-long", NULL,
                    "the file is longer than %d MB", NODE_MAX_TEXT >> 20);
        return false;
    }
    if (reader->len >= 2 &&
        (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
        fr_diag_add(reader->diags, FR_ERROR, start, "not-utf8", "save the file as UTF-8",
                    "the file is UTF-16");
        return false;
    }
    size_t from = reader->len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    size_t bad = find_bad(text, reader->len, from);
    if (bad < reader->len) {
        report_bad(reader, from, bad);
        return false;
    }
    if (count_tags(text, reader->len) > MAX_TAG_DIRECTIVES) {
        fr_diag_add(reader->diags, FR_ERROR, start, "yaml-syntax", NULL,
                    "the file has more than %d %%TAG directives", MAX_TAG_DIRECTIVES);
        return false;
    }
    return true;
}
