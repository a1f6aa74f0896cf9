/* What a step yields: text, JSON, or a file that was too large for memory. Values are passed on whole, unparsed, by
 * reference count without locks: coordinator thread only. */
#ifndef FLOWRUN_RUN_VALUE_H
#define FLOWRUN_RUN_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "flowrun/base/buf.h"
#include "flowrun/base/err.h"
#include "flowrun/base/json.h"

enum fr_value_kind {
    FR_VALUE_NULL,
    FR_VALUE_TEXT, /* bytes as the program printed them */
    FR_VALUE_JSON, /* valid JSON text, or a json-c object, or both */
    FR_VALUE_FILE  /* text of any size in a file of the run's folder */
};

struct fr_value;

/* All constructors return one reference owned by the caller. */
struct fr_value *fr_value_null(void);
struct fr_value *fr_value_text(char *data, size_t len); /* takes malloc'ed data */
struct fr_value *fr_value_json_text(char *data,
                                    size_t len); /* takes; the text was checked to be JSON */
struct fr_value *fr_value_json(struct json_object *object); /* takes the reference */
/* Reads JSON, takes malloc'ed data; of a long list only the text is kept. NULL with a message when it is none. */
struct fr_value *fr_value_json_parse(char *data, size_t len, char *why, size_t why_size);
struct fr_value *fr_value_string(const char *text); /* copies */
struct fr_value *fr_value_file(char *path,
                               size_t size); /* takes path; the file is removed with the value */
struct fr_value *fr_value_ref(struct fr_value *value); /* returns value */
void fr_value_unref(struct fr_value *value);           /* NULL is fine */

enum fr_value_kind fr_value_kind(const struct fr_value *value);
size_t fr_value_size(const struct fr_value *value);      /* bytes of its text */
const char *fr_value_path(const struct fr_value *value); /* FILE only, else NULL; borrowed */

enum {
    FR_VALUE_PARSE_LIMIT = 64 << 20
}; /* a spilled value may be read back into memory up to this size */

/* The value as JSON, parsed once and kept; borrowed; NULL = null (also when a FILE is larger than the limit:
 * *err is FR_ERR_LIMIT then; err may be NULL). */
struct json_object *fr_value_object(struct fr_value *value, enum fr_err *err);
/* The bytes of its text form / JSON form where they lie in memory as they are; borrowed; NULL = they would have to be
 * made. */
const char *fr_value_bytes(const struct fr_value *value, bool json, size_t *len);
/* Appends text form (fr_json_text) / JSON form. FR_ERR_LIMIT when a FILE does not fit the buffer's ceiling. */
enum fr_err fr_value_add_text(struct fr_value *value, struct fr_buf *out);
enum fr_err fr_value_add_json(struct fr_value *value, struct fr_buf *out);
/* Writes the text form / JSON form to a descriptor, streaming a FILE. 0 or -errno. */
int fr_value_write(struct fr_value *value, bool json, int fd);

#endif
