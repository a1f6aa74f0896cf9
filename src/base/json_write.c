/* JSON values to text: numbers as they came, strings always valid UTF-8, one line or many. Owns
 * nothing. Coordinator thread. */
#include <math.h>
#include <string.h>

#include "base.h"
#include "flowrun/base/json.h"
#include "flowrun/base/str.h"

enum { COMPACT = -1 };

static void write_value(const struct json_object *value, int level, struct fr_buf *out);

/* Tells whether a byte of ASCII stands for itself in a JSON string. */
static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Appends one byte as an escape. */
static void write_escape(unsigned char c, struct fr_buf *out)
{
    static const char bytes[] = "\"\\\b\f\n\r\t";
    static const char names[] = "\"\\bfnrt";
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(bytes, c) : NULL;
    if (at) {
        const char escape[2] = {'\\', names[at - bytes]};
        (void)fr_buf_add(out, escape, 2);
    } else {
        const char escape[6] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
        (void)fr_buf_add(out, escape, sizeof(escape));
    }
}

/* Appends a string in quotes; runs of plain bytes are copied at once. */
static void write_string(const char *text, size_t len, bool as_it_is, struct fr_buf *out)
{
    (void)fr_buf_char(out, '"');
    for (size_t at = 0; at < len;) {
        size_t run = at;
        while (run < len && is_plain((unsigned char)text[run])) {
            run++;
        }
        (void)fr_buf_add(out, text + at, run - at);
        at = run;
        if (at == len) {
            break;
        }
        if ((unsigned char)text[at] < 0x80) {
            write_escape((unsigned char)text[at++], out);
            continue;
        }
        size_t step = as_it_is ? 1 : fr_utf8_len(text + at, len - at);
        (void)fr_buf_add(out, step ? text + at : "\xef\xbf\xbd", step ? step : 3);
        at += step ? step : 1;
    }
    (void)fr_buf_char(out, '"');
}

/* Appends a string that is valid UTF-8 whatever its bytes are. */
void fr_json_write_str(const char *text, size_t len, struct fr_buf *out)
{
    write_string(text, len, false, out);
}

void fr_json_write_text(const char *text, struct fr_buf *out)
{
    if (text)
        fr_json_write_str(text, strlen(text), out);
    else
        (void)fr_buf_str(out, "null");
}

/* Appends a string with its bytes. */
void fr_json_write_bytes(const char *text, size_t len, struct fr_buf *out)
{
    write_string(text, len, true, out);
}

/* Appends a double: its own text, or a short one that reads back. JSON has no NaN and no infinity;
 * they are written as jq does. */
static void write_double(const struct json_object *value, struct fr_buf *out)
{
    const char *own = json_object_get_userdata((struct json_object *)value);
    double number = json_object_get_double(value);
    char text[BASE_F64_SIZE];
    if (own) {
        (void)fr_buf_str(out, own);
    } else if (isnan(number)) {
        (void)fr_buf_str(out, "null");
    } else if (isinf(number)) {
        (void)fr_buf_str(out, number < 0 ? "-1.7976931348623157e+308" : "1.7976931348623157e+308");
    } else {
        (void)fr_buf_str(out, base_f64_text(number, text));
    }
}

/* Appends an integer of either sign. */
static void write_int(const struct json_object *value, struct fr_buf *out)
{
    int64_t number = json_object_get_int64(value);
    if (number < 0) {
        (void)fr_buf_printf(out, "%lld", (long long)number);
    } else {
        (void)fr_buf_printf(out, "%llu", (unsigned long long)json_object_get_uint64(value));
    }
}

/* Begins a new line at a level, in the form of several lines. */
static void break_line(int level, struct fr_buf *out)
{
    if (level != COMPACT) {
        (void)fr_buf_printf(out, "\n%*s", 2 * level, "");
    }
}

static void write_array(const struct json_object *value, int level, struct fr_buf *out)
{
    size_t count = json_object_array_length(value);
    int inner = level == COMPACT ? COMPACT : level + 1;
    (void)fr_buf_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            (void)fr_buf_char(out, ',');
        }
        break_line(inner, out);
        write_value(json_object_array_get_idx(value, i), inner, out);
    }
    if (count > 0) {
        break_line(level, out);
    }
    (void)fr_buf_char(out, ']');
}

static void write_object(const struct json_object *value, int level, struct fr_buf *out)
{
    int inner = level == COMPACT ? COMPACT : level + 1;
    bool first = true;
    (void)fr_buf_char(out, '{');
    json_object_object_foreach((struct json_object *)value, key, member)
    {
        if (!first) {
            (void)fr_buf_char(out, ',');
        }
        first = false;
        break_line(inner, out);
        fr_json_write_str(key, strlen(key), out);
        (void)fr_buf_str(out, level == COMPACT ? ":" : ": ");
        write_value(member, inner, out);
    }
    if (!first) {
        break_line(level, out);
    }
    (void)fr_buf_char(out, '}');
}

/* Appends any value; level COMPACT writes one line. */
static void write_value(const struct json_object *value, int level, struct fr_buf *out)
{
    switch (json_object_get_type(value)) {
    case json_type_null:
        (void)fr_buf_str(out, "null");
        break;
    case json_type_boolean:
        (void)fr_buf_str(out, json_object_get_boolean(value) ? "true" : "false");
        break;
    case json_type_double:
        write_double(value, out);
        break;
    case json_type_int:
        write_int(value, out);
        break;
    case json_type_string:
        fr_json_write_str(json_object_get_string((struct json_object *)value),
                          (size_t)json_object_get_string_len(value), out);
        break;
    case json_type_array:
        write_array(value, level, out);
        break;
    case json_type_object:
        write_object(value, level, out);
        break;
    }
}

/* Appends a value on one line. */
void fr_json_write(const struct json_object *value, struct fr_buf *out)
{
    write_value(value, COMPACT, out);
}

/* Appends a value over several lines. */
void fr_json_write_pretty(const struct json_object *value, struct fr_buf *out)
{
    write_value(value, 0, out);
}

/* Appends a value as the text a process is given. */
void fr_json_text(const struct json_object *value, struct fr_buf *out)
{
    struct json_object *text = (struct json_object *)value;
    if (!value) {
        return;
    }
    if (fr_json_is_artifact(value)) {
        text = json_object_object_get(value, "path");
    }
    if (json_object_is_type(text, json_type_string)) {
        (void)fr_buf_add(out, json_object_get_string(text),
                         (size_t)json_object_get_string_len(text));
    } else {
        fr_json_write(value, out);
    }
}
