/* Values against what a parameter declares, before a run and while it lasts. Pure; any thread. */
#include "paramvalue.h"

#include <string.h>

#include "flowrun/base/buf.h"
#include "flowrun/base/str.h"

enum { SHOWN_MAX = 60 }; /* characters of a value that a message shows */

bool param_is_of(const char *type, const struct json_object *value)
{
    enum json_type kind = json_object_get_type(value);

    if (strcmp(type, "string") == 0)
        return kind == json_type_string;
    if (strcmp(type, "integer") == 0)
        return kind == json_type_int;
    if (strcmp(type, "number") == 0)
        return kind == json_type_int || kind == json_type_double;
    if (strcmp(type, "boolean") == 0)
        return kind == json_type_boolean;
    if (strcmp(type, "list") == 0)
        return kind == json_type_array;
    if (strcmp(type, "object") == 0)
        return kind == json_type_object;
    return true;
}

const char *param_type_words(const char *type)
{
    return strcmp(type, "integer") == 0  ? "an integer"
           : strcmp(type, "object") == 0 ? "an object"
           : strcmp(type, "string") == 0 ? "text"
           : strcmp(type, "number") == 0 ? "a number"
           : strcmp(type, "list") == 0   ? "a list"
                                         : "true or false";
}

bool param_in_enum(const struct fr_param_def *def, const struct json_object *value)
{
    for (uint32_t i = 0; i < def->enum_count; i++) {
        struct json_object *choice = NULL;
        bool same = fr_json_parse(def->enum_json[i], strlen(def->enum_json[i]), &choice, NULL, 0) &&
                    fr_json_equal(choice, value);
        json_object_put(choice);
        if (same)
            return true;
    }
    return def->enum_count == 0;
}

/* A value as people write it, cut when long. */
static void add_shown(const struct json_object *value, struct fr_buf *out)
{
    struct fr_buf text;

    fr_buf_init(&text, 0);
    fr_json_text(value, &text);
    size_t len = fr_utf8_first(fr_buf_cstr(&text), text.len, SHOWN_MAX);
    fr_buf_add(out, fr_buf_cstr(&text), len);
    fr_buf_str(out, len < text.len ? "…" : "");
    fr_buf_release(&text);
}

/* The values that it may have. */
static void add_choices(const struct fr_param_def *def, struct fr_buf *out)
{
    for (uint32_t i = 0; i < def->enum_count; i++)
        fr_buf_printf(out, "%s%s", i ? ", " : "", def->enum_json[i]);
}

bool fr_param_accepts(const struct fr_param_def *def, const struct json_object *value,
                      struct fr_buf *why)
{
    bool number = strcmp(def->type, "integer") == 0 || strcmp(def->type, "number") == 0;

    if (!value) {
        if (def->required)
            fr_buf_str(why, "is required, but its value is null");
        return !def->required;
    }
    if (!param_is_of(def->type, value)) {
        fr_buf_printf(why, "must be %s, not '", param_type_words(def->type));
        add_shown(value, why);
        fr_buf_str(why, "'");
        if (number && json_object_is_type(value, json_type_string))
            fr_buf_str(why, " (a text becomes a number by `| tonumber`)");
        return false;
    }
    if (param_in_enum(def, value))
        return true;
    fr_buf_str(why, "cannot be '");
    add_shown(value, why);
    fr_buf_str(why, "' (one of: ");
    add_choices(def, why);
    fr_buf_str(why, ")");
    return false;
}
