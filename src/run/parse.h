/* From a program's stdout to a value. Coordinator thread. Private to run/. */
#ifndef RUN_PARSE_H
#define RUN_PARSE_H

#include "flowrun/plan/plan.h"
#include "flowrun/run/exec.h"
#include "flowrun/run/value.h"

/* Takes the report's stdout. NULL after a message was appended to `why`. */
struct fr_value *parse_output(enum fr_output form, struct fr_report *report, struct fr_buf *why);

/* Appends the beginning of a text as JSON, for a message: at most `max` characters, and … when there are others, or
 * `more` lines. */
void parse_excerpt(const char *text, size_t len, size_t max, bool more, struct fr_buf *out);

/* The artifact of a file: {path, media_type, size, sha256}; returned owned. */
struct json_object *artifact_json(const char *path, int64_t size, const char *sha256);
/* By the file's ending; static. */
const char *media_type(const char *path);

#endif
