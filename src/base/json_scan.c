/* Strings and numbers of JSON text. Owns nothing but the scratch buffer of its caller. Coordinator
 * thread. */
#include "json_scan.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "base.h"
#include "flowrun/base/str.h"

/* Notes what is wrong at the current place. */
bool json_scan_refuse(struct json_scan *p, const char *problem)
{
    p->problem = problem;
    return false;
}

/* Ends the process when json-c had no memory. */
struct json_object *json_scan_made(struct json_object *value)
{
    if (!value) {
        base_oom();
    }
    return value;
}

/* Tells whether the next byte is `c`. */
bool json_scan_is_next(const struct json_scan *p, char c)
{
    return p->at < p->end && *p->at == c;
}

/* Reads the four digits of \uXXXX. */
static bool parse_hex4(struct json_scan *p, uint32_t *out)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++, p->at++) {
        char c = p->at < p->end ? *p->at : '\0';
        uint32_t digit = 0;
        if (c >= '0' && c <= '9') {
            digit = (uint32_t)(c - '0');
        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
            digit = (uint32_t)((c | 0x20) - 'a' + 10);
        } else {
            return json_scan_refuse(p, "\\u needs four hexadecimal digits");
        }
        value = value << 4 | digit;
    }
    *out = value;
    return true;
}

/* Reads what follows \u, both halves of a surrogate pair; half a pair becomes U+FFFD. */
static bool parse_unicode(struct json_scan *p)
{
    uint32_t cp = 0;
    if (!parse_hex4(p, &cp)) {
        return false;
    }
    if (cp >= 0xd800 && cp < 0xdc00 && p->end - p->at >= 2 && p->at[0] == '\\' && p->at[1] == 'u') {
        const char *second = p->at;
        uint32_t low = 0;
        p->at += 2;
        if (!parse_hex4(p, &low)) {
            return false;
        }
        if (low >= 0xdc00 && low < 0xe000) {
            cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
        } else {
            p->at = second;
        }
    }
    char utf8[4];
    (void)fr_buf_add(&p->scratch, utf8, base_utf8_encode(cp, utf8));
    return true;
}

/* Reads an escape behind its backslash. */
static bool parse_escape(struct json_scan *p)
{
    static const char names[] = "\"\\/bfnrt";
    static const char bytes[] = "\"\\/\b\f\n\r\t";
    char c = p->at < p->end ? *p->at : '\0';
    if (c == 'u') {
        p->at++;
        return parse_unicode(p);
    }
    const char *name = c ? strchr(names, c) : NULL;
    if (!name) {
        return json_scan_refuse(p, "unknown escape in a string");
    }
    p->at++;
    (void)fr_buf_char(&p->scratch, bytes[name - names]);
    return true;
}

/* Moves over bytes that stand for themselves. */
static void skip_plain(struct json_scan *p)
{
    while (p->at < p->end && *p->at != '"' && *p->at != '\\' && (unsigned char)*p->at >= 0x20) {
        p->at++;
    }
}

/* Reads a string; *text is borrowed from the input, or from the scratch buffer when it has escapes. */
bool json_scan_string(struct json_scan *p, const char **text, size_t *len)
{
    const char *begin = ++p->at;
    skip_plain(p);
    if (json_scan_is_next(p, '"')) {
        *text = begin;
        *len = (size_t)(p->at++ - begin);
        return *len <= INT_MAX - 1 || json_scan_refuse(p, "a string is too long");
    }
    fr_buf_clear(&p->scratch);
    for (;;) {
        (void)fr_buf_add(&p->scratch, begin, (size_t)(p->at - begin));
        if (p->at == p->end) {
            return json_scan_refuse(p, "a string has no end");
        }
        if (*p->at == '"') {
            break;
        }
        if (*p->at != '\\') {
            return json_scan_refuse(p, "control characters in a string must be escaped");
        }
        p->at++;
        if (!parse_escape(p)) {
            return false;
        }
        begin = p->at;
        skip_plain(p);
    }
    p->at++;
    if (p->scratch.overflow) {
        base_oom();
    }
    *text = fr_buf_cstr(&p->scratch);
    *len = p->scratch.len;
    return *len <= INT_MAX - 1 || json_scan_refuse(p, "a string is too long");
}

/* Moves over digits; tells whether there were any. */
static bool skip_digits(struct json_scan *p)
{
    const char *begin = p->at;
    while (p->at < p->end && *p->at >= '0' && *p->at <= '9') {
        p->at++;
    }
    return p->at > begin;
}

/* Moves over a number; *integer tells whether it has neither point nor exponent. */
static bool skip_number(struct json_scan *p, bool *integer)
{
    p->at += json_scan_is_next(p, '-');
    bool zero = json_scan_is_next(p, '0');
    const char *begin = p->at;
    if (!skip_digits(p) || (zero && p->at - begin > 1)) {
        return false;
    }
    *integer = true;
    if (json_scan_is_next(p, '.')) {
        *integer = false;
        p->at++;
        if (!skip_digits(p)) {
            return false;
        }
    }
    if (json_scan_is_next(p, 'e') || json_scan_is_next(p, 'E')) {
        *integer = false;
        p->at++;
        p->at += json_scan_is_next(p, '-') || json_scan_is_next(p, '+');
        return skip_digits(p);
    }
    return true;
}

/* Reads a whole number beyond int64_t but within uint64_t. */
static bool parse_u64(const char *text, uint64_t *out)
{
    uint64_t value = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        if (__builtin_mul_overflow(value, 10U, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value)) {
            return false;
        }
    }
    *out = value;
    return *text == '\0';
}

/* Reads a number. What 64 bits do not hold is a double that keeps its text, so nothing is lost;
 * -0 is one as well, since no integer is. */
bool json_scan_number(struct json_scan *p, struct json_object **out)
{
    const char *begin = p->at;
    bool integer = false;
    if (!skip_number(p, &integer)) {
        return json_scan_refuse(p, "malformed number");
    }
    if (p->check) {
        return true;
    }
    fr_buf_clear(&p->scratch);
    (void)fr_buf_add(&p->scratch, begin, (size_t)(p->at - begin));
    if (p->scratch.overflow) {
        base_oom();
    }
    const char *text = fr_buf_cstr(&p->scratch);
    int64_t small = 0;
    uint64_t big = 0;
    if (integer && strcmp(text, "-0") != 0 && fr_parse_i64(text, &small)) {
        *out = json_scan_made(json_object_new_int64(small));
    } else if (integer && parse_u64(text, &big)) {
        *out = json_scan_made(json_object_new_uint64(big));
    } else {
        *out = json_scan_made(json_object_new_double_s(base_strtod(text), text));
    }
    return true;
}
