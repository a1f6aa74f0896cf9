/* The forms of a value: its bytes as text, as JSON, as an object. What was parsed is kept. Coordinator thread only. */
#include <errno.h>
#include <string.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "spill.h"
#include "value_core.h"

/* Whether JSON can be read back from its text as it is: nested little, and all of it UTF-8. */
bool value_is_packable(const struct json_object *object, unsigned levels)
{
    if (json_object_is_type(object, json_type_array)) {
        for (size_t i = 0; levels && i < json_object_array_length(object); i++)
            if (!value_is_packable(json_object_array_get_idx(object, i), levels - 1))
                return false;
        return levels > 0;
    }
    if (json_object_is_type(object, json_type_object)) {
        json_object_object_foreach(object, key, item)
        {
            if (!levels || !fr_utf8_valid(key, strlen(key)) || !value_is_packable(item, levels - 1))
                return false;
        }
        return levels > 0;
    }
    if (json_object_is_type(object, json_type_string))
        return fr_utf8_valid(json_object_get_string((struct json_object *)object),
                             (size_t)json_object_get_string_len(object));
    return true;
}

/* The bytes of a text value. */
static const char *text_of(const struct fr_value *value)
{
    if (value->data)
        return value->data;
    return value->object ? json_object_get_string(value->object) : "";
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
             (!value->data && !value_is_packable(value->object, FR_JSON_DEPTH - 1)) ||
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

const char *fr_value_bytes(const struct fr_value *value, bool json, size_t *len)
{
    *len = value ? value->len : 0;
    if (value && value->kind == FR_VALUE_TEXT && !json)
        return text_of(value);
    bool as_it_is =
        value && value->kind == FR_VALUE_JSON && value->data &&
        (json ? !memchr(value->data, '\n', value->len) && fr_utf8_valid(value->data, value->len)
              : value->packed);
    return as_it_is ? value->data : NULL;
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
    size_t len;
    const char *bytes = fr_value_bytes(value, false, &len);
    if (bytes)
        fr_buf_add(out, bytes, len);
    else
        fr_json_text(fr_value_object(value, NULL), out);
    return out->overflow ? FR_ERR_LIMIT : FR_OK;
}

/* Appends the JSON form: text that is JSON as it came, but on one line. */
enum fr_err fr_value_add_json(struct fr_value *value, struct fr_buf *out)
{
    size_t len;
    const char *bytes = fr_value_bytes(value, true, &len);
    if (!value || value->kind == FR_VALUE_NULL)
        fr_buf_str(out, "null");
    else if (value->kind == FR_VALUE_FILE)
        return add_file(value, true, out);
    else if (value->kind == FR_VALUE_TEXT)
        fr_json_write_str(text_of(value), value->len, out);
    else if (bytes)
        fr_buf_add(out, bytes, len);
    else
        fr_json_write(fr_value_object(value, NULL), out);
    return out->overflow ? FR_ERR_LIMIT : FR_OK;
}

/* Writes the text or JSON form to a descriptor. */
int fr_value_write(struct fr_value *value, bool json, int fd)
{
    struct fr_buf buf;
    size_t len;
    if (value && value->kind == FR_VALUE_FILE)
        return spill_write(value->data, json, fd, NULL, NULL);
    const char *bytes = fr_value_bytes(value, json, &len);
    if (bytes)
        return fr_write_all(fd, bytes, len);
    fr_buf_init(&buf, 0);
    enum fr_err err = json ? fr_value_add_json(value, &buf) : fr_value_add_text(value, &buf);
    int result = err ? -ENOMEM : fr_write_all(fd, fr_buf_cstr(&buf), buf.len);
    fr_buf_release(&buf);
    return result;
}
