/* Values: what a step yields, passed on by reference count. Text and JSON stay as the bytes that came until somebody
 * asks for the other form; what was parsed is kept. Coordinator thread only: counts have no locks. */
#include "value_core.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/str.h"
#include "spill.h"

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

/* A JSON object as its text. */
struct fr_value *value_json_packed(struct json_object *object)
{
    struct fr_buf buf;
    bool nested = json_object_is_type(object, json_type_array) ||
                  json_object_is_type(object, json_type_object);
    if (!nested || fr_json_is_artifact(object) || !value_is_packable(object, FR_JSON_DEPTH - 1))
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

/* The text of a value that is JSON and was not parsed. */
const char *value_json_data(const struct fr_value *value, size_t *len)
{
    if (!value || value->kind != FR_VALUE_JSON || !value->data)
        return NULL;
    *len = value->len;
    return value->data;
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
