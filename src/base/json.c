/* What JSON values mean: truth, equality, artifacts, money, seconds. Owns nothing. Coordinator
 * thread. */
#include "flowrun/base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "flowrun/base/str.h"

/* Everything but null and false is true. */
bool fr_json_true(const struct json_object *value)
{
    return value &&
           (!json_object_is_type(value, json_type_boolean) || json_object_get_boolean(value));
}

static bool is_number(enum json_type type)
{
    return type == json_type_int || type == json_type_double;
}

/* A number beyond 64 bits is a double with its digits as text; returns those, else NULL. */
static const char *own_digits(const struct json_object *value)
{
    if (!json_object_is_type(value, json_type_double)) {
        return NULL;
    }
    const char *text = json_object_get_userdata((struct json_object *)value);
    return text && !strpbrk(text, ".eE") ? text : NULL;
}

/* Compares by value: 1 equals 1.0, and integers beyond what a double holds stay distinct. */
static bool equal_numbers(const struct json_object *a, const struct json_object *b)
{
    bool a_int = json_object_is_type(a, json_type_int);
    bool b_int = json_object_is_type(b, json_type_int);
    if (a_int && b_int) {
        return json_object_get_int64(a) == json_object_get_int64(b) &&
               json_object_get_uint64(a) == json_object_get_uint64(b);
    }
    if (!a_int && !b_int) {
        const char *a_text = own_digits(a);
        const char *b_text = own_digits(b);
        if (a_text && b_text && strcmp(a_text, "-0") != 0 && strcmp(b_text, "-0") != 0) {
            return strcmp(a_text, b_text) == 0;
        }
        return json_object_get_double(a) == json_object_get_double(b);
    }
    const struct json_object *whole = a_int ? a : b;
    double other = json_object_get_double(a_int ? b : a);
    if (other != trunc(other) || other < -9223372036854775808.0 ||
        other >= 18446744073709551616.0) {
        return false;
    }
    if (other < 0) {
        return json_object_get_int64(whole) == (int64_t)other;
    }
    return json_object_get_int64(whole) >= 0 && json_object_get_uint64(whole) == (uint64_t)other;
}

static bool equal_arrays(const struct json_object *a, const struct json_object *b)
{
    size_t count = json_object_array_length(a);
    if (json_object_array_length(b) != count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!fr_json_equal(json_object_array_get_idx(a, i), json_object_array_get_idx(b, i))) {
            return false;
        }
    }
    return true;
}

/* Objects are equal whatever the order of their keys. */
static bool equal_objects(const struct json_object *a, const struct json_object *b)
{
    if (json_object_object_length(a) != json_object_object_length(b)) {
        return false;
    }
    json_object_object_foreach((struct json_object *)a, key, member)
    {
        struct json_object *other = NULL;
        if (!json_object_object_get_ex(b, key, &other) || !fr_json_equal(member, other)) {
            return false;
        }
    }
    return true;
}

/* Tells whether two values are the same JSON value. */
bool fr_json_equal(const struct json_object *a, const struct json_object *b)
{
    enum json_type type = json_object_get_type(a);
    enum json_type other = json_object_get_type(b);
    if (is_number(type) && is_number(other)) {
        return equal_numbers(a, b);
    }
    if (type != other) {
        return false;
    }
    switch (type) {
    case json_type_boolean:
        return json_object_get_boolean(a) == json_object_get_boolean(b);
    case json_type_string: {
        int len = json_object_get_string_len(a);
        return len == json_object_get_string_len(b) &&
               memcmp(json_object_get_string((struct json_object *)a),
                      json_object_get_string((struct json_object *)b), (size_t)len) == 0;
    }
    case json_type_array:
        return equal_arrays(a, b);
    case json_type_object:
        return equal_objects(a, b);
    default:
        return true;
    }
}

/* Tells whether the value has the keys of an artifact and no other, with the types they have. */
bool fr_json_is_artifact(const struct json_object *value)
{
    static const struct {
        const char *key;
        enum json_type type;
    } keys[] = {
        {"path", json_type_string},
        {"media_type", json_type_string},
        {"size", json_type_int},
        {"sha256", json_type_string},
    };
    if (!json_object_is_type(value, json_type_object) || json_object_object_length(value) != 4) {
        return false;
    }
    for (size_t i = 0; i < 4; i++) {
        struct json_object *member = NULL;
        if (!json_object_object_get_ex(value, keys[i].key, &member) ||
            !json_object_is_type(member, keys[i].type)) {
            return false;
        }
    }
    return true;
}

/* Sets a key; takes the value, which is no null. */
static void set(struct json_object *object, const char *key, struct json_object *value)
{
    if (!value || json_object_object_add(object, key, value) < 0) {
        base_oom();
    }
}

/* Makes an artifact. */
struct json_object *fr_json_artifact(const char *path, const char *media_type, int64_t size,
                                     const char *sha256)
{
    struct json_object *artifact = json_object_new_object();
    if (!artifact) {
        base_oom();
    }
    set(artifact, "path", json_object_new_string(path));
    set(artifact, "media_type", json_object_new_string(media_type));
    set(artifact, "size", json_object_new_int64(size));
    set(artifact, "sha256", json_object_new_string(sha256));
    return artifact;
}

/* Makes a number that is written as `text`. */
static struct json_object *new_number(const char *text)
{
    struct json_object *number = json_object_new_double_s(base_strtod(text), text);
    if (!number) {
        base_oom();
    }
    return number;
}

/* Makes money: its shortest decimal text, so that it looks the same after jq had it in hands. */
struct json_object *fr_json_micros(int64_t micros)
{
    char text[32];
    (void)fr_format_micros(micros, text, sizeof(text));
    size_t len = strlen(text);
    while (text[len - 1] == '0') {
        text[--len] = '\0';
    }
    if (text[len - 1] == '.') {
        text[len - 1] = '\0';
    }
    return new_number(text);
}

/* Appends money. */
void fr_json_write_micros(int64_t micros, struct fr_buf *out)
{
    struct json_object *value = fr_json_micros(micros);
    fr_json_write(value, out);
    json_object_put(value);
}

/* Appends seconds, rounded to milliseconds. */
void fr_json_write_seconds(int64_t ns, struct fr_buf *out)
{
    int64_t ms = ((ns > 0 ? ns : 0) + FR_NS_PER_MS / 2) / FR_NS_PER_MS;
    fr_buf_printf(out, "%lld.%03lld", (long long)(ms / 1000), (long long)(ms % 1000));
}

/* Adds two numbers. */
struct json_object *fr_json_sum(const struct json_object *a, const struct json_object *b)
{
    int64_t whole = 0;
    if (json_object_is_type(a, json_type_int) && json_object_is_type(b, json_type_int) &&
        !__builtin_add_overflow(json_object_get_int64(a), json_object_get_int64(b), &whole)) {
        return json_object_new_int64(whole);
    }
    return json_object_new_double(json_object_get_double(a) + json_object_get_double(b));
}

/* Reads money out of a number or a numeric string. */
bool fr_json_to_micros(const struct json_object *value, int64_t *micros)
{
    struct fr_buf text;
    fr_buf_init(&text, 0);
    bool ok =
        is_number(json_object_get_type(value)) || json_object_is_type(value, json_type_string);
    if (ok) {
        fr_json_text(value, &text);
        ok = strlen(fr_buf_cstr(&text)) == text.len && fr_parse_micros(fr_buf_cstr(&text), micros);
    }
    fr_buf_release(&text);
    return ok;
}
