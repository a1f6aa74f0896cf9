/* JSON values are json-c objects, with what json-c lacks: exact writing, a depth
 * limit, text forms, artifacts. Objects are reference counted without locks:
 * coordinator thread only. */
#ifndef FLOWRUN_BASE_JSON_H
#define FLOWRUN_BASE_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowrun/base/buf.h"

enum { FR_JSON_DEPTH = 256 };

/* Parses exactly one value (white space around it allowed). Returns false and a message (static or in
 * `why`) when it is none. *out is owned by the caller; JSON null gives *out = NULL with true.
 * Integers keep 64 bits, doubles their own text. Duplicate keys: the last wins, as in jq.
 * With `out` NULL it is only checked: the same answer and message, but no object is made. */
bool fr_json_parse(const char *text, size_t len, struct json_object **out, char *why,
                   size_t why_size);
/* The value of a C string, owned by the caller; NULL for NULL, for JSON null, and for what is no JSON. */
struct json_object *fr_json_of_text(const char *text);

/* Appends compact JSON; strings that are no UTF-8 get U+FFFD for bad bytes; NULL is `null`. */
void fr_json_write(const struct json_object *value, struct fr_buf *out);
/* The same over several lines, two spaces a level. */
void fr_json_write_pretty(const struct json_object *value, struct fr_buf *out);
/* Appends one JSON string with its quotes. */
void fr_json_write_str(const char *text, size_t len, struct fr_buf *out);
/* The same of a C string; NULL is null. */
void fr_json_write_text(const char *text, struct fr_buf *out);
/* The same with bytes that are no UTF-8 as they are: for text that only fr_json_parse reads. */
void fr_json_write_bytes(const char *text, size_t len, struct fr_buf *out);

/* Appends the text form: a string as its bytes, an artifact as its path, null as nothing, else compact JSON. */
void fr_json_text(const struct json_object *value, struct fr_buf *out);

/* jq's truth: everything but null and false. */
bool fr_json_true(const struct json_object *value);
bool fr_json_equal(const struct json_object *a, const struct json_object *b);

/* An artifact is an object with exactly the keys path, media_type, size, sha256. */
bool fr_json_is_artifact(const struct json_object *value);
/* Returns owned. */
struct json_object *fr_json_artifact(const char *path, const char *media_type, int64_t size,
                                     const char *sha256);

/* Money in millionths as a JSON number with its exact decimal text; returns owned. */
struct json_object *fr_json_micros(int64_t micros);
/* Appends the same. */
void fr_json_write_micros(int64_t micros, struct fr_buf *out);
/* Appends seconds with three decimals; a negative time is 0. */
void fr_json_write_seconds(int64_t ns, struct fr_buf *out);
/* The sum of two numbers; whole ones stay whole as long as they fit into 64 bits. Returned owned. */
struct json_object *fr_json_sum(const struct json_object *a, const struct json_object *b);
/* Reads a number (or numeric string) as millionths; false when it is none or not exact to 6 decimals. */
bool fr_json_to_micros(const struct json_object *value, int64_t *micros);

#endif
