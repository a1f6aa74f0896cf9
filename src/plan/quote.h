/* YAML without quotes says something else than its author meant: finds the raw text of
 * a value and says how it looks in quotes. Private to plan/. */
#ifndef PLAN_QUOTE_H
#define PLAN_QUOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowrun/base/buf.h"

/* Lines of a text by number; asked in rising order a look-up costs nothing. Borrows the text. */
struct quote_lines {
    const char *text;
    size_t len;
    uint32_t line; /* the last one asked for … */
    size_t at;     /* … and where it begins */
};

struct quote_span {
    const char *text;
    size_t len;
};

/* A line without its break; empty when there is none of that number. */
struct quote_span quote_line(struct quote_lines *lines, uint32_t line);
/* From a column (from 1, in characters) to the end of a line. */
struct quote_span quote_rest(struct quote_span line, uint32_t col);
/* Characters in some bytes. */
uint32_t quote_chars(const char *text, size_t len);

/* The value of a line such as `  - key: value`: what stands behind the first `key: ` and `- `; empty key when the line
 * is a list item only. False when there is no value. */
struct quote_value {
    struct quote_span key, value;
    uint32_t col; /* of the value, from 1 */
};
bool quote_find_value(struct quote_span line, struct quote_value *out);

/* Appends the mend: `quote this: key: 'value'`. */
void quote_help(const struct quote_value *value, struct fr_buf *out);

/* At most 60 characters of a text, for a message; returns `out`. */
enum { QUOTE_SHOWN = 256 };
const char *quote_shown(const char *text, char out[QUOTE_SHOWN]);

#endif
