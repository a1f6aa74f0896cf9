/* Forms: what a person is asked, and whether an answer will do. The fields come from a JSON Schema in the workflow file;
 * answers come from a terminal, a file or a command line, and all of them are judged here. Frozen with the plan; pure,
 * any thread. */
#ifndef FLOWRUN_PLAN_FORM_H
#define FLOWRUN_PLAN_FORM_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/base/arena.h"
#include "flowrun/base/diag.h"
#include "flowrun/base/err.h"
#include "flowrun/base/json.h"

enum fr_field_type {
    FR_FIELD_STRING,
    FR_FIELD_INTEGER,
    FR_FIELD_NUMBER,
    FR_FIELD_BOOLEAN,
    FR_FIELD_LIST, /* `array`, of one of the others */
    FR_FIELD__COUNT
};
const char *fr_field_type_name(enum fr_field_type type); /* "integer"; "array" of a list; static */

/* One end of a range. */
struct fr_bound {
    const char *text; /* as the file writes it; NULL = none */
    double value;
    bool exclusive;
};

/* One question. */
struct fr_field {
    const char *name, *title, *description; /* title, description: NULL = none */
    enum fr_field_type type, item; /* item: of a list's items, to which all but the sizes apply */
    bool required;
    const char *default_json;
    const char **choices; /* JSON texts; none = free */
    uint32_t choice_count;
    struct fr_bound low, high;
    uint64_t min_length, max_length; /* characters; UINT64_MAX = any number */
    uint64_t min_items, max_items;
    const char *
        pattern; /* POSIX extended regular expression that the text has to match somewhere; NULL = none */
};

struct fr_form {
    const struct fr_field *fields; /* in order of declaration */
    uint32_t count;
};

/* The field called `name`, or NULL. */
const struct fr_field *fr_form_find(const struct fr_form *form, const char *name);
/* The name nearest to one that no field has, or NULL. */
const char *fr_form_suggest(const struct fr_form *form, const char *name);

/* Whether a value will do; if not, `why` gets a sentence without its dot: "must be at least 1, not 0". */
bool fr_field_check(const struct fr_field *field, const struct json_object *value,
                    struct fr_buf *why);
/* What somebody wrote, as a value of the field's type: text as it is, 12, 0.5, true, yes, n; a list as `a, b` or in JSON.
 * With by_number a choice may also be given by its place, from 1, where fr_field_is_numbered. *value is owned by the
 * caller; false after a sentence in `why`. */
bool fr_field_parse(const struct fr_field *field, const char *text, bool by_number,
                    struct json_object **value, struct fr_buf *why);
/* Whether the choices can be told apart from their places. */
bool fr_field_is_numbered(const struct fr_field *field);
/* Appends what the field takes: "a whole number from 1 to 5", "true or false", "one of: low, high". */
void fr_field_describe(const struct fr_field *field, struct fr_buf *out);

/* Adds the defaults of fields that `answers` lacks, in the order of the form; returned owned. */
struct json_object *fr_form_fill(const struct fr_form *form, const struct json_object *answers);
/* The first field that is required and has neither an answer nor a default, or NULL; `answers` may be NULL. */
const struct fr_field *fr_form_missing(const struct fr_form *form,
                                       const struct json_object *answers);
/* Whether values fit the form: an object of its fields, each as it has to be, none missing that is required. */
bool fr_form_fits(const struct fr_form *form, const struct json_object *values);
/* A form out of what fr_form_json has written; it lives in the arena. FR_ERR_INVALID: that is none. */
enum fr_err fr_form_read(struct fr_arena *arena, const char *json, struct fr_form *form);
/* The form as a JSON Schema; returned owned. */
struct json_object *fr_form_json(const struct fr_form *form);

#endif
