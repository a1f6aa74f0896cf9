/* The two halves of the JSON reader: json_scan.c reads strings and numbers, json_parse.c what is
 * made of them. Private to base/. */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "flowrun/base/buf.h"
#include "flowrun/base/json.h"

struct json_scan {
    const char *start;
    const char *at; /* the next byte; where the problem is, when there is one */
    const char *end;
    const char *problem;   /* static; NULL = none */
    struct fr_buf scratch; /* what the last string or number needed room for */
    int depth;
    bool check; /* only whether it is JSON: no object is made */
};

/* Notes what is wrong at the current place; returns false. */
bool json_scan_refuse(struct json_scan *scan, const char *problem);
/* Tells whether the next byte is `c`. */
bool json_scan_is_next(const struct json_scan *scan, char c);
/* At a quote: *text is borrowed from the input, or until the next call from the scratch buffer. */
bool json_scan_string(struct json_scan *scan, const char **text, size_t *len);
/* At a digit or '-'; *out is owned by the caller, and NULL with `check`. */
bool json_scan_number(struct json_scan *scan, struct json_object **out);
/* json-c tells of missing memory by NULL, which is also its null: this keeps them apart. */
struct json_object *json_scan_made(struct json_object *value);

#endif
