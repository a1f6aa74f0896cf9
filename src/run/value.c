/* Values: what a step yields, passed on by reference count. Text and JSON stay as the bytes that came until somebody
 * asks for the other form; what was parsed is kept. Coordinator thread only: counts have no locks. */
#include "value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "spill.h"

struct fr_value {
    uint32_t refs; /* 0 = shared for ever */
    enum fr_value_kind kind;
    bool parsed;                /* object is the value's JSON */
    bool packed;                /* JSON: data is its text form, too */
    char *data;                 /* TEXT: bytes; JSON: its text or NULL; FILE: path */
    size_t len;                 /* of data, or of the file */
    struct json_object *object; /* owned */
    char *input_path; /* the file with the value's JSON form that steps are given; owned */
    bool input_owned; /* that file goes with the value */
    uint32_t input_users;
    char *hash; /* see value_sha256; owned */
};

static struct fr_value shared_null = {.kind = FR_VALUE_NULL, .parsed = true};
static struct fr_value shared_empty = {.kind = FR_VALUE_TEXT};

/* A new value with one reference. */
static struct fr_value *make(enum fr_value_kind kind, char *data, size_t len)
{
    struct fr_value *value = calloc(1, sizeof(*value));
    if (!value)
        abort();
    value->refs = 1;
    value->kind = kind;
    value->data = data;
    value->len = len;
    return value;
}

/* JSON null; one object for all. */
struct fr_value *fr_value_null(void)
{
    return &shared_null;
}

/* Text from a program; the empty text is one object for all. */
struct fr_value *fr_value_text(char *data, size_t len)
{
    if (len == 0) {
        free(data);
        return &shared_empty;
    }
    return make(FR_VALUE_TEXT, data, len);
}

/* Text from a constant. */
struct fr_value *fr_value_string(const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        abort();
    return fr_value_text(copy, strlen(text));
}

/* Text that is known to be JSON. */
struct fr_value *fr_value_json_text(char *data, size_t len)
{
    return make(FR_VALUE_JSON, data, len);
}

/* A JSON object; strings become text, null the shared null. */
struct fr_value *fr_value_json(struct json_object *object)
{
    if (!object)
        return &shared_null;
    if (json_object_is_type(object, json_type_string) && json_object_get_string_len(object) == 0) {
        json_object_put(object);
        return &shared_empty;
    }
    bool text = json_object_is_type(object, json_type_string);
    struct fr_value *value = make(text ? FR_VALUE_TEXT : FR_VALUE_JSON, NULL, 0);
    value->object = object;
    value->parsed = true;
    if (text)
        value->len = (size_t)json_object_get_string_len(object);
    return value;
}

/* Whether JSON can be read back from its text as it is: nested little, and all of it UTF-8. */
static bool is_packable(const struct json_object *object, unsigned levels)
{
    if (json_object_is_type(object, json_type_array)) {
        for (size_t i = 0; levels && i < json_object_array_length(object); i++)
            if (!is_packable(json_object_array_get_idx(object, i), levels - 1))
                return false;
        return levels > 0;
    }
    if (json_object_is_type(object, json_type_object)) {
        json_object_object_foreach(object, key, item)
        {
            if (!levels || !fr_utf8_valid(key, strlen(key)) || !is_packable(item, levels - 1))
                return false;
        }
        return levels > 0;
    }
    if (json_object_is_type(object, json_type_string))
        return fr_utf8_valid(json_object_get_string((struct json_object *)object),
                             (size_t)json_object_get_string_len(object));
    return true;
}

/* A JSON object as its text. */
struct fr_value *value_json_packed(struct json_object *object)
{
    struct fr_buf buf;
    bool nested = json_object_is_type(object, json_type_array) ||
                  json_object_is_type(object, json_type_object);
    if (!nested || fr_json_is_artifact(object) || !is_packable(object, FR_JSON_DEPTH - 1))
        return fr_value_json(object);
    fr_buf_init(&buf, 0);
    fr_json_write(object, &buf);
    if (buf.overflow) {
        fr_buf_release(&buf);
        return fr_value_json(object);
    }
    json_object_put(object);
    size_t len = 0;
    char *data = fr_buf_take(&buf, &len);
    return value_json_compact(data, len);
}

/* Text that is JSON as we write it: its text form, too, unless it has bytes to replace. */
struct fr_value *value_json_compact(char *data, size_t len)
{
    struct fr_value *value = fr_value_json_text(data, len);
    value->packed = fr_utf8_valid(data, len);
    return value;
}

/* Text in a file that goes with the value. */
struct fr_value *fr_value_file(char *path, size_t size)
{
    return make(FR_VALUE_FILE, path, size);
}

/* One more reference. */
struct fr_value *fr_value_ref(struct fr_value *value)
{
    if (value && value->refs)
        value->refs++;
    return value;
}

/* One reference fewer; with the last one the value and its files go. */
void fr_value_unref(struct fr_value *value)
{
    if (!value || value->refs == 0 || --value->refs > 0)
        return;
    if (value->kind == FR_VALUE_FILE)
        unlink(value->data);
    if (value->input_path && value->input_owned)
        unlink(value->input_path);
    if (value->object)
        json_object_put(value->object);
    free(value->input_path);
    free(value->hash);
    free(value->data);
    free(value);
}

enum fr_value_kind fr_value_kind(const struct fr_value *value)
{
    return value ? value->kind : FR_VALUE_NULL;
}

/* The bytes of a text value. */
static const char *text_of(const struct fr_value *value)
{
    if (value->data)
        return value->data;
    return value->object ? json_object_get_string(value->object) : "";
}

/* Bytes of the text form. */
size_t fr_value_size(const struct fr_value *value)
{
    struct fr_buf buf;
    if (!value || value->kind == FR_VALUE_NULL)
        return 0;
    if (value->kind != FR_VALUE_JSON || value->data)
        return value->len;
    fr_buf_init(&buf, 0);
    fr_json_text(value->object, &buf);
    size_t len = buf.len;
    fr_buf_release(&buf);
    return len;
}

const char *fr_value_path(const struct fr_value *value)
{
    return value && value->kind == FR_VALUE_FILE ? value->data : NULL;
}

/* Whether the value's text form has no bytes. */
bool value_is_empty(const struct fr_value *value)
{
    return !value || value->kind == FR_VALUE_NULL ||
           (value->kind != FR_VALUE_JSON && value->len == 0);
}

/* The bytes of a text value in memory; NULL when it is none. */
const char *value_bytes(const struct fr_value *value, size_t *len)
{
    if (!value || value->kind != FR_VALUE_TEXT)
        return NULL;
    *len = value->len;
    return text_of(value);
}

/* The text of a value that is JSON and was not parsed. */
const char *value_json_data(const struct fr_value *value, size_t *len)
{
    if (!value || value->kind != FR_VALUE_JSON || !value->data)
        return NULL;
    *len = value->len;
    return value->data;
}

/* Appends JSON that is the value to the byte. */
bool value_add_exact(struct fr_value *value, struct fr_buf *out)
{
    size_t before = out->len;
    if (!value || value->kind == FR_VALUE_NULL)
        fr_buf_str(out, "null");
    else if (value->kind == FR_VALUE_TEXT)
        fr_json_write_bytes(text_of(value), value->len, out);
    else if (value->kind == FR_VALUE_FILE ||
             (!value->data && !is_packable(value->object, FR_JSON_DEPTH - 1)) ||
             (value->data && !fr_utf8_valid(value->data, value->len)))
        return false;
    else
        fr_value_add_json(value, out);
    if (out->overflow)
        out->len = before;
    return !out->overflow;
}

/* A JSON string with these bytes; only writing it as JSON makes UTF-8 of them. */
struct json_object *value_string_object(const char *data, size_t len)
{
    return len < INT32_MAX ? json_object_new_string_len(data, (int)len) : NULL;
}

/* Reads a spilled value back, when it is not too large. */
static enum fr_err read_file(const struct fr_value *value, struct json_object **object)
{
    struct fr_buf buf;
    if (value->len > FR_VALUE_PARSE_LIMIT)
        return FR_ERR_LIMIT;
    fr_buf_init(&buf, FR_VALUE_PARSE_LIMIT);
    int err = fr_read_file(value->data, &buf);
    if (!err)
        *object = value_string_object(fr_buf_cstr(&buf), buf.len);
    fr_buf_release(&buf);
    return err ? FR_ERR_IO : FR_OK;
}

/* The value as JSON. A spilled one is parsed and kept, too: who asks once asks again. */
struct json_object *fr_value_object(struct fr_value *value, enum fr_err *err)
{
    enum fr_err result = FR_OK;
    if (value && !value->parsed) {
        if (value->kind == FR_VALUE_TEXT)
            value->object = value_string_object(text_of(value), value->len);
        else if (value->kind == FR_VALUE_FILE)
            result = read_file(value, &value->object);
        else if (!fr_json_parse(value->data, value->len, &value->object, NULL, 0))
            result = FR_ERR_INTERNAL;
        value->parsed = result == FR_OK;
    }
    if (err)
        *err = result;
    return value ? value->object : NULL;
}

/* Appends a file's bytes; with `json` as the inside of a JSON string. */
static enum fr_err add_file(const struct fr_value *value, bool json, struct fr_buf *out)
{
    struct fr_buf buf;
    if (out->ceiling && value->len > out->ceiling - out->len) {
        out->overflow = true;
        return FR_ERR_LIMIT;
    }
    fr_buf_init(&buf, 0);
    int err = fr_read_file(value->data, &buf);
    if (!err && json)
        fr_json_write_str(fr_buf_cstr(&buf), buf.len, out);
    else if (!err)
        fr_buf_add(out, fr_buf_cstr(&buf), buf.len);
    fr_buf_release(&buf);
    return err ? FR_ERR_IO : FR_OK;
}

/* Appends the text form. */
enum fr_err fr_value_add_text(struct fr_value *value, struct fr_buf *out)
{
    if (!value || value->kind == FR_VALUE_NULL)
        return FR_OK;
    if (value->kind == FR_VALUE_FILE)
        return add_file(value, false, out);
    if (value->kind == FR_VALUE_TEXT || value->packed)
        fr_buf_add(out, text_of(value), value->len);
    else
        fr_json_text(fr_value_object(value, NULL), out);
    return out->overflow ? FR_ERR_LIMIT : FR_OK;
}

/* Appends the JSON form: text that is JSON as it came, but on one line. */
enum fr_err fr_value_add_json(struct fr_value *value, struct fr_buf *out)
{
    if (!value || value->kind == FR_VALUE_NULL)
        fr_buf_str(out, "null");
    else if (value->kind == FR_VALUE_FILE)
        return add_file(value, true, out);
    else if (value->kind == FR_VALUE_TEXT)
        fr_json_write_str(text_of(value), value->len, out);
    else if (value->data && !memchr(value->data, '\n', value->len) &&
             fr_utf8_valid(value->data, value->len))
        fr_buf_add(out, value->data, value->len);
    else
        fr_json_write(fr_value_object(value, NULL), out);
    return out->overflow ? FR_ERR_LIMIT : FR_OK;
}

/* Writes the text or JSON form to a descriptor. */
int fr_value_write(struct fr_value *value, bool json, int fd)
{
    struct fr_buf buf;
    if (value && value->kind == FR_VALUE_FILE)
        return spill_write(value->data, json, fd, NULL, NULL);
    fr_buf_init(&buf, 0);
    enum fr_err err = json ? fr_value_add_json(value, &buf) : fr_value_add_text(value, &buf);
    int result = err ? -ENOMEM : fr_write_all(fd, fr_buf_cstr(&buf), buf.len);
    fr_buf_release(&buf);
    return result;
}

/* The file with the value's JSON form, when there is one. */
const char *value_input_path(const struct fr_value *value)
{
    return value->input_path;
}

/* Remembers that file; takes `path`. */
void value_set_input_path(struct fr_value *value, char *path, bool owned)
{
    free(value->input_path);
    value->input_path = path;
    value->input_owned = owned;
}

/* The hash that was found out before. */
const char *value_known_hash(const struct fr_value *value)
{
    return value ? value->hash : NULL;
}

/* Remembers it, but for the values that live as long as the program. */
void value_keep_hash(struct fr_value *value, const char *hash)
{
    if (value && value->refs && !value->hash)
        value->hash = strdup(hash);
}

/* A step that was given the file begins. */
void value_input_use(struct fr_value *value)
{
    value->input_users++;
}

/* It ended: a large file goes with its last user, since it can be written again. */
void value_input_unuse(struct fr_value *value)
{
    if (--value->input_users > 0 || !value->input_owned)
        return;
    unlink(value->input_path);
    free(value->input_path);
    value->input_path = NULL;
}

/* Forgets the files of the values that live as long as the program: their run has ended. */
void value_forget_inputs(void)
{
    value_set_input_path(&shared_null, NULL, false);
    value_set_input_path(&shared_empty, NULL, false);
}
