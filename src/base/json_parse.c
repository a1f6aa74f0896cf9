/* Text to JSON values. json-c's own reader is not used: even when strict it clamps integers beyond
 * 64 bits without a word, makes 0 of -0, and takes NaN, "1." and raw control characters for JSON.
 * Ours tells line and column, too. Owns nothing after it returned. Coordinator thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "flowrun/base/json.h"
#include "json_scan.h"

static bool parse_value(struct json_scan *p, struct json_object **out);

static void skip_space(struct json_scan *p)
{
    while (p->at < p->end &&
           (*p->at == ' ' || *p->at == '\n' || *p->at == '\t' || *p->at == '\r')) {
        p->at++;
    }
}

/* Reads one of the three words. */
static bool parse_word(struct json_scan *p, struct json_object **out)
{
    static const char *const words[] = {"null", "false", "true"};
    for (size_t i = 0; i < 3; i++) {
        size_t len = strlen(words[i]);
        if ((size_t)(p->end - p->at) >= len && memcmp(p->at, words[i], len) == 0) {
            p->at += len;
            *out = i == 0 || p->check ? NULL : json_scan_made(json_object_new_boolean(i == 2));
            return true;
        }
    }
    return json_scan_refuse(p, p->at == p->end ? "the text ends where a value is expected"
                                               : "expected a value");
}

/* Reads the rest of an array behind its bracket. */
static bool parse_array(struct json_scan *p, struct json_object *array)
{
    p->at++;
    skip_space(p);
    if (json_scan_is_next(p, ']')) {
        p->at++;
        return true;
    }
    for (;;) {
        struct json_object *item = NULL;
        if (!parse_value(p, &item)) {
            return false;
        }
        if (!p->check && json_object_array_add(array, item) < 0) {
            base_oom();
        }
        skip_space(p);
        if (json_scan_is_next(p, ']')) {
            p->at++;
            return true;
        }
        if (!json_scan_is_next(p, ',')) {
            return json_scan_refuse(p, "expected ',' or ']'");
        }
        p->at++;
    }
}

/* Reads `"key": value` into the object. */
static bool parse_member(struct json_scan *p, struct json_object *object)
{
    skip_space(p);
    if (!json_scan_is_next(p, '"')) {
        return json_scan_refuse(p, "expected a key in double quotes");
    }
    const char *text = NULL;
    size_t len = 0;
    if (!json_scan_string(p, &text, &len)) {
        return false;
    }
    if (memchr(text, '\0', len)) {
        return json_scan_refuse(p, "a key must not hold \\u0000");
    }
    char *key = p->check ? NULL : strndup(text, len);
    if (!key && !p->check) {
        base_oom();
    }
    struct json_object *value = NULL;
    skip_space(p);
    bool ok = json_scan_is_next(p, ':') || json_scan_refuse(p, "expected ':' behind the key");
    if (ok) {
        p->at++;
        ok = parse_value(p, &value);
    }
    if (ok && !p->check && json_object_object_add(object, key, value) < 0) {
        base_oom();
    }
    free(key);
    return ok;
}

/* Reads the rest of an object behind its brace. */
static bool parse_object(struct json_scan *p, struct json_object *object)
{
    p->at++;
    skip_space(p);
    if (json_scan_is_next(p, '}')) {
        p->at++;
        return true;
    }
    for (;;) {
        if (!parse_member(p, object)) {
            return false;
        }
        skip_space(p);
        if (json_scan_is_next(p, '}')) {
            p->at++;
            return true;
        }
        if (!json_scan_is_next(p, ',')) {
            return json_scan_refuse(p, "expected ',' or '}'");
        }
        p->at++;
    }
}

/* Reads an array or an object, one level deeper; frees what it began when that fails. */
static bool parse_nested(struct json_scan *p, struct json_object **out)
{
    if (p->depth == FR_JSON_DEPTH) {
        return json_scan_refuse(p, "nested more than 256 levels deep");
    }
    p->depth++;
    bool is_object = *p->at == '{';
    struct json_object *value = NULL;
    if (!p->check) {
        value = json_scan_made(is_object ? json_object_new_object() : json_object_new_array());
    }
    bool ok = is_object ? parse_object(p, value) : parse_array(p, value);
    p->depth--;
    if (!ok) {
        (void)json_object_put(value);
        return false;
    }
    *out = value;
    return true;
}

/* Reads any value. */
static bool parse_value(struct json_scan *p, struct json_object **out)
{
    skip_space(p);
    char c = p->at < p->end ? *p->at : '\0';
    if (c == '{' || c == '[') {
        return parse_nested(p, out);
    }
    if (c == '"') {
        const char *text = NULL;
        size_t len = 0;
        if (!json_scan_string(p, &text, &len)) {
            return false;
        }
        *out = p->check ? NULL : json_scan_made(json_object_new_string_len(text, (int)len));
        return true;
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        return json_scan_number(p, out);
    }
    return parse_word(p, out);
}

/* Writes the problem with its line and column (in bytes). */
static void explain(const struct json_scan *p, char *why, size_t size)
{
    size_t line = 1;
    const char *line_at = p->start;
    for (const char *at = p->start; at < p->at; at++) {
        if (*at == '\n') {
            line++;
            line_at = at + 1;
        }
    }
    (void)snprintf(why, size, "line %zu, column %zu: %s", line, (size_t)(p->at - line_at) + 1,
                   p->problem);
}

/* Parses a text that is one value and nothing else. */
bool fr_json_parse(const char *text, size_t len, struct json_object **out, char *why,
                   size_t why_size)
{
    struct json_scan p = {.start = text, .at = text, .end = text + len, .check = !out};
    struct json_object *value = NULL;
    fr_buf_init(&p.scratch, 0);
    bool ok = parse_value(&p, &value);
    if (ok) {
        skip_space(&p);
        ok = p.at == p.end || json_scan_refuse(&p, "more text behind the value");
    }
    if (!ok) {
        explain(&p, why, why_size);
        (void)json_object_put(value);
    } else if (out) {
        *out = value;
    }
    fr_buf_release(&p.scratch);
    return ok;
}

struct json_object *fr_json_of_text(const char *text)
{
    struct json_object *value = NULL;
    return text && fr_json_parse(text, strlen(text), &value, NULL, 0) ? value : NULL;
}
