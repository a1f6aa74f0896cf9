/* Fields of forms: whether a value will do, and what a form looks like as JSON Schema. Pure; any thread. */
#include "flowrun/plan/form.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/locale.h"
#include "flowrun/base/str.h"

static const char *const type_names[FR_FIELD__COUNT] = {"string", "integer", "number", "boolean",
                                                        "array"};

const char *fr_field_type_name(enum fr_field_type type)
{
    return type_names[type];
}

const struct fr_field *fr_form_find(const struct fr_form *form, const char *name)
{
    for (uint32_t i = 0; i < form->count; i++)
        if (strcmp(form->fields[i].name, name) == 0)
            return &form->fields[i];
    return NULL;
}

const char *fr_form_suggest(const struct fr_form *form, const char *name)
{
    const char **names = calloc(form->count + 1U, sizeof(*names));
    if (!names)
        return NULL;
    for (uint32_t i = 0; i < form->count; i++)
        names[i] = form->fields[i].name;
    const char *near = fr_suggest(name, names, form->count);
    free(names);
    return near;
}

/* ---- judging values ---- */

/* Appends a value as a person writes it, cut when long. */
static void add_shown(const struct json_object *value, struct fr_buf *out)
{
    enum { SHOWN = 60 };
    struct fr_buf text;
    fr_buf_init(&text, 0);
    if (json_object_is_type(value, json_type_string))
        fr_json_text(value, &text);
    else
        fr_json_write(value, &text);
    size_t cut = fr_utf8_first(fr_buf_cstr(&text), text.len, SHOWN);
    fr_buf_char(out, '\'');
    fr_buf_add(out, fr_buf_cstr(&text), cut);
    fr_buf_str(out, cut < text.len ? "…'" : "'");
    fr_buf_release(&text);
}

/* Says what a value must be, and what it is. */
static bool refuse(struct fr_buf *why, const char *must, const struct json_object *value)
{
    fr_buf_printf(why, "must be %s, not ", must);
    add_shown(value, why);
    return false;
}

static const char *words_of(enum fr_field_type type, bool one)
{
    static const char *const single[] = {"text", "a whole number", "a number", "true or false",
                                         "a list"};
    static const char *const many[] = {"texts", "whole numbers", "numbers", "true and false",
                                       "lists"};
    return one ? single[type] : many[type];
}

static bool is_of_type(enum fr_field_type type, const struct json_object *value)
{
    enum json_type is = json_object_get_type(value);
    switch (type) {
    case FR_FIELD_STRING:
        return is == json_type_string;
    case FR_FIELD_INTEGER:
        return is == json_type_int;
    case FR_FIELD_NUMBER:
        return is == json_type_int || is == json_type_double;
    case FR_FIELD_BOOLEAN:
        return is == json_type_boolean;
    default:
        return is == json_type_array;
    }
}

static bool is_among(const struct fr_field *field, const struct json_object *value)
{
    for (uint32_t i = 0; i < field->choice_count; i++) {
        struct json_object *choice = NULL;
        bool same = fr_json_parse(field->choices[i], strlen(field->choices[i]), &choice, NULL, 0) &&
                    fr_json_equal(choice, value);
        json_object_put(choice);
        if (same)
            return true;
    }
    return field->choice_count == 0;
}

/* -1, 0, 1: how a number stands to a bound; whole numbers are compared as such. */
static int compare(const struct json_object *value, const struct fr_bound *bound)
{
    int64_t whole;
    if (json_object_is_type(value, json_type_int) && fr_parse_i64(bound->text, &whole)) {
        int64_t number = json_object_get_int64(value);
        return (number > whole) - (number < whole);
    }
    double number = json_object_get_double(value);
    return (number > bound->value) - (number < bound->value);
}

/* Whether a number is on the right side of a bound. */
static bool is_within(const struct json_object *value, const struct fr_bound *bound, int side)
{
    int stands = bound->text ? compare(value, bound) * side : 1;
    return stands > 0 || (stands == 0 && !bound->exclusive);
}

static bool check_range(const struct fr_field *field, const struct json_object *value,
                        struct fr_buf *why)
{
    char must[96];
    if (!is_within(value, &field->low, 1)) {
        snprintf(must, sizeof(must), "%s %.60s", field->low.exclusive ? "more than" : "at least",
                 field->low.text);
        return refuse(why, must, value);
    }
    if (!is_within(value, &field->high, -1)) {
        snprintf(must, sizeof(must), "%s %.60s", field->high.exclusive ? "less than" : "at most",
                 field->high.text);
        return refuse(why, must, value);
    }
    return true;
}

/* How many characters a text has; a byte that is no UTF-8 counts as one. */
static uint64_t characters(const char *text, size_t len)
{
    uint64_t count = 0;
    for (size_t at = 0; at < len; count++) {
        size_t n = fr_utf8_len(text + at, len - at);
        at += n ? n : 1;
    }
    return count;
}

static bool matches(const char *pattern, const char *text)
{
    regex_t regex;
    locale_t before = fr_locale_utf8();
    bool found = regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) == 0;
    if (found) {
        found = regexec(&regex, text, 0, NULL, 0) == 0;
        regfree(&regex);
    }
    fr_locale_back(before);
    return found;
}

static bool check_text(const struct fr_field *field, const struct json_object *value,
                       struct fr_buf *why)
{
    const char *text = json_object_get_string((struct json_object *)value);
    size_t len = (size_t)json_object_get_string_len(value);
    uint64_t count = characters(text, len);
    if (memchr(text, '\0', len)) {
        fr_buf_str(why, "must not hold a NUL character");
        return false;
    }
    if (count < field->min_length || count > field->max_length) {
        bool few = count < field->min_length;
        uint64_t limit = few ? field->min_length : field->max_length;
        fr_buf_printf(why, "must have at %s %llu character%s, and has %llu", few ? "least" : "most",
                      (unsigned long long)limit, limit == 1 ? "" : "s", (unsigned long long)count);
        return false;
    }
    if (field->pattern && !matches(field->pattern, text)) {
        fr_buf_printf(why, "must match the pattern %s, and ", field->pattern);
        add_shown(value, why);
        fr_buf_str(why, " does not");
        return false;
    }
    return true;
}

/* Appends the choices: "low, high". */
static void add_choices(const struct fr_field *field, struct fr_buf *out)
{
    for (uint32_t i = 0; i < field->choice_count; i++) {
        struct json_object *choice = NULL;
        fr_buf_str(out, i ? ", " : "");
        if (fr_json_parse(field->choices[i], strlen(field->choices[i]), &choice, NULL, 0))
            fr_json_text(choice, out);
        json_object_put(choice);
    }
}

/* Says that a value is none of the choices, and which one is near. */
static bool refuse_choice(const struct fr_field *field, const struct json_object *value,
                          struct fr_buf *why)
{
    fr_buf_str(why, "must be one of: ");
    add_choices(field, why);
    fr_buf_str(why, "; not ");
    add_shown(value, why);
    return false;
}

/* Says that a value is of another type; "2" must not read like 2. */
static bool refuse_type(enum fr_field_type type, const struct json_object *value,
                        struct fr_buf *why)
{
    const char *text = json_object_is_type(value, json_type_string)
                           ? json_object_get_string((struct json_object *)value)
                           : NULL;
    double number = 0;
    bool flag = false;
    bool alike = text && (type == FR_FIELD_BOOLEAN ? fr_parse_bool(text, &flag)
                                                   : fr_parse_f64(text, &number));
    fr_buf_printf(why, "must be %s, not %s", words_of(type, true), alike ? "the text " : "");
    add_shown(value, why);
    return false;
}

/* One value of a scalar type. */
static bool check_one(const struct fr_field *field, enum fr_field_type type,
                      const struct json_object *value, struct fr_buf *why)
{
    if (!is_of_type(type, value))
        return refuse_type(type, value, why);
    if (!is_among(field, value))
        return refuse_choice(field, value, why);
    if (type == FR_FIELD_STRING)
        return check_text(field, value, why);
    return type == FR_FIELD_BOOLEAN || check_range(field, value, why);
}

/* The items of a list, and how many there are. */
static bool check_list(const struct fr_field *field, const struct json_object *value,
                       struct fr_buf *why)
{
    size_t count = json_object_array_length(value);
    if (count < field->min_items || count > field->max_items) {
        bool few = count < field->min_items;
        uint64_t limit = few ? field->min_items : field->max_items;
        fr_buf_printf(why, "must have at %s %llu item%s, and has %zu", few ? "least" : "most",
                      (unsigned long long)limit, limit == 1 ? "" : "s", count);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct fr_buf text;
        fr_buf_init(&text, 0);
        bool good = check_one(field, field->item, json_object_array_get_idx(value, i), &text);
        if (!good)
            fr_buf_printf(why, "item %zu %s", i + 1, fr_buf_cstr(&text));
        fr_buf_release(&text);
        if (!good)
            return false;
    }
    return true;
}

bool fr_field_check(const struct fr_field *field, const struct json_object *value,
                    struct fr_buf *why)
{
    if (field->type != FR_FIELD_LIST)
        return check_one(field, field->type, value, why);
    if (!is_of_type(FR_FIELD_LIST, value)) {
        char must[64];
        snprintf(must, sizeof(must), "a list of %s", words_of(field->item, false));
        return refuse(why, must, value);
    }
    return check_list(field, value, why);
}

/* ---- telling what a field takes ---- */

/* Appends "from 1 to 5", "more than 0 and at most 1". */
static void add_range(const struct fr_field *field, struct fr_buf *out)
{
    const struct fr_bound *low = &field->low, *high = &field->high;
    if (low->text && high->text && !low->exclusive && !high->exclusive) {
        fr_buf_printf(out, " from %s to %s", low->text, high->text);
        return;
    }
    if (low->text)
        fr_buf_printf(out, ", %s %s", low->exclusive ? "more than" : "at least", low->text);
    if (high->text)
        fr_buf_printf(out, "%s %s %s", low->text ? " and" : ",",
                      high->exclusive ? "less than" : "at most", high->text);
}

/* Appends ", 2 to 5 characters". */
static void add_sizes(uint64_t least, uint64_t most, const char *unit, struct fr_buf *out)
{
    unsigned long long low = least, high = most;
    if (least && most != UINT64_MAX)
        fr_buf_printf(out, ", %llu to %llu %ss", low, high, unit);
    else if (least)
        fr_buf_printf(out, ", at least %llu %s%s", low, unit, least == 1 ? "" : "s");
    else if (most != UINT64_MAX)
        fr_buf_printf(out, ", at most %llu %s%s", high, unit, most == 1 ? "" : "s");
}

void fr_field_describe(const struct fr_field *field, struct fr_buf *out)
{
    bool list = field->type == FR_FIELD_LIST;
    enum fr_field_type type = list ? field->item : field->type;
    if (list)
        fr_buf_str(out, "a list of ");
    if (field->choice_count) {
        fr_buf_str(out, list ? "any of: " : "one of: ");
        add_choices(field, out);
    } else {
        fr_buf_str(out, words_of(type, !list));
    }
    if (type == FR_FIELD_INTEGER || type == FR_FIELD_NUMBER)
        add_range(field, out);
    if (type == FR_FIELD_STRING)
        add_sizes(field->min_length, field->max_length, "character", out);
    if (field->pattern)
        fr_buf_printf(out, ", matching %s", field->pattern);
    if (list)
        add_sizes(field->min_items, field->max_items, "item", out);
}

bool fr_form_fits(const struct fr_form *form, const struct json_object *values)
{
    bool good = json_object_is_type(values, json_type_object) && !fr_form_missing(form, values);
    struct fr_buf why;
    if (!good)
        return false;
    fr_buf_init(&why, 0);
    json_object_object_foreach(values, name, value)
    {
        const struct fr_field *field = fr_form_find(form, name);
        good = good && field && fr_field_check(field, value, &why);
    }
    fr_buf_release(&why);
    return good;
}
