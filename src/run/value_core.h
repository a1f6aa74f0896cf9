/* What a value is made of: of value.c and value_form.c alone. Coordinator thread only. */
#ifndef RUN_VALUE_CORE_H
#define RUN_VALUE_CORE_H

#include <stdint.h>

#include "value.h"

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

/* Whether JSON can be read back from its text as it is: nested little, and all of it UTF-8. */
bool value_is_packable(const struct json_object *object, unsigned levels);

#endif
