/* What run/ does with values beyond the front door. Coordinator thread only. Private to run/. */
#ifndef RUN_VALUE_H
#define RUN_VALUE_H

#include "flowrun/run/value.h"

/* Like fr_value_json, but kept as text until somebody asks: json-c takes 700 bytes for an object of one key.
 * What is nested too deep to be read back stays as it is. */
struct fr_value *value_json_packed(struct json_object *object);

/* Whether the text form has no bytes: NULL, null, empty text. */
bool value_is_empty(const struct fr_value *value);

/* Hash of what the value is, the same wherever its bytes lie; found out once. */
void value_sha256(struct fr_value *value, char out[65]);
const char *value_known_hash(const struct fr_value *value); /* NULL = not found out yet */
void value_keep_hash(struct fr_value *value, const char *hash);
/* The JSON text of a value that is kept as text, borrowed; NULL for all others. */
const char *value_json_data(const struct fr_value *value, size_t *len);
/* Appends JSON from which exactly this value can be read back; false, and nothing is appended, when there is none. */
bool value_add_exact(struct fr_value *value, struct fr_buf *out);
/* Takes JSON text on one line as fr_json_write makes it. */
struct fr_value *value_json_compact(char *data, size_t len);

/* A JSON string with these bytes, which may be no UTF-8; returned owned. NULL when it is longer than 2 GB. */
struct json_object *value_string_object(const char *data, size_t len);

/* The file with the JSON form that steps find at $FLOWRUN_INPUT; see inputs.c. */
const char *value_input_path(const struct fr_value *value);
void value_set_input_path(struct fr_value *value, char *path, bool owned);
void value_input_use(struct fr_value *value);
void value_input_unuse(struct fr_value *value);
void value_forget_inputs(void);

#endif
