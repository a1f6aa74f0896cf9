/* Forms and what people write into them: text to values, defaults, and the form as JSON Schema. Pure; any thread. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "flowrun/base/str.h"
#include "flowrun/plan/form.h"

/* ---- text to values ---- */

/* true, yes, y, false, no, n, in any case. */
static struct json_object *read_boolean(const char *text)
{
    static const char *const words[] = {"true", "yes", "y", "false", "no", "n"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcasecmp(text, words[i]) == 0)
            return json_object_new_boolean(i < 3);
    return NULL;
}

/* The choice that stands at a place, from 1; NULL = there is none. */
static struct json_object *choice_at(const struct fr_field *field, const char *text)
{
    int64_t place;
    if (!fr_parse_i64(text, &place) || place < 1 || place > field->choice_count)
        return NULL;
    return fr_json_of_text(field->choices[place - 1]);
}

/* A text as a value of a scalar type; what is none stays a text, and is refused for that. */
static struct json_object *read_one(const struct fr_field *field, enum fr_field_type type,
                                    const char *text, bool by_number)
{
    struct json_object *value = NULL;
    double number;
    if (by_number && fr_field_is_numbered(field) && (value = choice_at(field, text)))
        return value;
    if (type == FR_FIELD_BOOLEAN)
        value = read_boolean(text);
    else if (type != FR_FIELD_STRING && fr_parse_f64(text, &number))
        value = fr_json_of_text(text);
    return value ? value : json_object_new_string(text);
}

/* A copy of a piece of text without the blanks around it; owned. */
static char *trimmed(const char *text, size_t len)
{
    while (len && isspace((unsigned char)*text)) {
        text++;
        len--;
    }
    while (len && isspace((unsigned char)text[len - 1]))
        len--;
    char *copy = strndup(text, len);
    if (!copy)
        abort();
    return copy;
}

/* `a, b`, or a list in JSON. */
static struct json_object *read_list(const struct fr_field *field, const char *text, bool by_number)
{
    struct json_object *list = *text == '[' ? fr_json_of_text(text) : NULL;
    if (list)
        return list;
    list = json_object_new_array();
    while (*text) {
        size_t len = strcspn(text, ",");
        char *item = trimmed(text, len);
        json_object_array_add(list, read_one(field, field->item, item, by_number));
        free(item);
        text += len;
        if (*text == ',' && *++text == '\0') /* a gap behind the last comma */
            json_object_array_add(list, json_object_new_string(""));
    }
    return list;
}

bool fr_field_parse(const struct fr_field *field, const char *text, bool by_number,
                    struct json_object **value, struct fr_buf *why)
{
    bool as_it_is = field->type == FR_FIELD_STRING && !field->choice_count;
    char *clean = as_it_is ? NULL : trimmed(text, strlen(text));
    *value = as_it_is                       ? json_object_new_string(text)
             : field->type == FR_FIELD_LIST ? read_list(field, clean, by_number)
                                            : read_one(field, field->type, clean, by_number);
    free(clean);
    if (fr_field_check(field, *value, why))
        return true;
    json_object_put(*value);
    *value = NULL;
    return false;
}

/* Choices that read as numbers themselves would be mistaken for places. */
bool fr_field_is_numbered(const struct fr_field *field)
{
    enum fr_field_type type = field->type == FR_FIELD_LIST ? field->item : field->type;
    double number;
    for (uint32_t i = 0; i < field->choice_count; i++) {
        struct json_object *choice = fr_json_of_text(field->choices[i]);
        bool reads = json_object_is_type(choice, json_type_string) &&
                     fr_parse_f64(json_object_get_string(choice), &number);
        json_object_put(choice);
        if (reads)
            return false;
    }
    return field->choice_count > 0 && type == FR_FIELD_STRING;
}

/* ---- whole forms ---- */

struct json_object *fr_form_fill(const struct fr_form *form, const struct json_object *answers)
{
    struct json_object *all = json_object_new_object();
    for (uint32_t i = 0; i < form->count; i++) {
        const struct fr_field *field = &form->fields[i];
        struct json_object *value = NULL;
        if (answers && json_object_object_get_ex(answers, field->name, &value))
            json_object_object_add(all, field->name, json_object_get(value));
        else if (field->default_json)
            json_object_object_add(all, field->name, fr_json_of_text(field->default_json));
    }
    return all;
}

const struct fr_field *fr_form_missing(const struct fr_form *form,
                                       const struct json_object *answers)
{
    for (uint32_t i = 0; i < form->count; i++) {
        const struct fr_field *field = &form->fields[i];
        if (field->required && !field->default_json &&
            !(answers && json_object_object_get_ex(answers, field->name, NULL)))
            return field;
    }
    return NULL;
}

static void add_text(struct json_object *into, const char *key, const char *text)
{
    if (text)
        json_object_object_add(into, key, json_object_new_string(text));
}

static void add_size(struct json_object *into, const char *key, uint64_t size, uint64_t none)
{
    if (size != none)
        json_object_object_add(into, key, json_object_new_uint64(size));
}

static void add_bound(struct json_object *into, const char *key, const char *exclusive,
                      const struct fr_bound *bound)
{
    if (bound->text)
        json_object_object_add(into, bound->exclusive ? exclusive : key,
                               fr_json_of_text(bound->text));
}

/* What holds for one value of a field. */
static void add_rules(const struct fr_field *field, enum fr_field_type type,
                      struct json_object *into)
{
    add_text(into, "type", fr_field_type_name(type));
    if (field->choice_count) {
        struct json_object *choices = json_object_new_array();
        for (uint32_t i = 0; i < field->choice_count; i++)
            json_object_array_add(choices, fr_json_of_text(field->choices[i]));
        json_object_object_add(into, "enum", choices);
    }
    add_bound(into, "minimum", "exclusiveMinimum", &field->low);
    add_bound(into, "maximum", "exclusiveMaximum", &field->high);
    add_size(into, "minLength", field->min_length, 0);
    add_size(into, "maxLength", field->max_length, UINT64_MAX);
    add_text(into, "pattern", field->pattern);
}

static struct json_object *field_json(const struct fr_field *field)
{
    struct json_object *all = json_object_new_object();
    add_text(all, "title", field->title);
    add_text(all, "description", field->description);
    if (field->type == FR_FIELD_LIST) {
        struct json_object *items = json_object_new_object();
        add_text(all, "type", "array");
        add_rules(field, field->item, items);
        json_object_object_add(all, "items", items);
        add_size(all, "minItems", field->min_items, 0);
        add_size(all, "maxItems", field->max_items, UINT64_MAX);
    } else {
        add_rules(field, field->type, all);
    }
    if (field->default_json)
        json_object_object_add(all, "default", fr_json_of_text(field->default_json));
    return all;
}

struct json_object *fr_form_json(const struct fr_form *form)
{
    struct json_object *all = json_object_new_object();
    struct json_object *properties = json_object_new_object();
    struct json_object *required = json_object_new_array();
    add_text(all, "type", "object");
    for (uint32_t i = 0; i < form->count; i++) {
        const struct fr_field *field = &form->fields[i];
        json_object_object_add(properties, field->name, field_json(field));
        if (field->required)
            json_object_array_add(required, json_object_new_string(field->name));
    }
    json_object_object_add(all, "properties", properties);
    json_object_object_add(all, "required", required);
    return all;
}
