/* The jq programs of one plan. libjq is loaded with dlopen when the first one is
 * compiled; a plan of plain paths never pays for it. Expressions are compiled in
 * chunks (one program with a dispatch over the index), since compiling costs 13 ms
 * whatever its size. Not thread-safe: the thread that builds the plan compiles, the
 * evaluator process that was forked from it runs. */
#ifndef FLOWRUN_PLAN_JQ_H
#define FLOWRUN_PLAN_JQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowrun/base/buf.h"
#include "flowrun/base/diag.h"
#include "flowrun/base/err.h"

struct fr_jq;

struct fr_jq *fr_jq_new(void);
void fr_jq_free(struct fr_jq *jq);

/* Registers program text; the same text gives the same number. Text and mark.file are borrowed. */
uint32_t fr_jq_add(struct fr_jq *jq, const char *text, struct fr_mark mark);
uint32_t fr_jq_count(const struct fr_jq *jq);

/* Compiles what was added since. Syntax errors become diagnostics (code jq-syntax) placed inside the YAML line.
 * FR_ERR_MISSING when libjq cannot be loaded. */
enum fr_err fr_jq_compile(struct fr_jq *jq, struct fr_diags *diags);

/* Runs program `index` on one JSON text. Appends the first result as JSON to `out` (`null` when it yields nothing);
 * FR_ERR_INVALID with jq's message appended to `why` instead. May run for as long as the program likes. */
enum fr_err fr_jq_run(struct fr_jq *jq, uint32_t index, const char *input, size_t len,
                      struct fr_buf *out, struct fr_buf *why);

/* One program for many items. */
struct fr_jq_many {
    uint32_t index;
    uint32_t first; /* the number of the first item */
    uint32_t
        shared_len; /* the data begin with a JSON object of so many bytes, which is part of every context … */
    bool as_item, as_input,
        with_index; /* … beside `.item`, `.input`, both of which are the item, and `.index` */
};
/* Stands before each item, and before each answer. */
struct fr_jq_piece {
    uint32_t err; /* of an answer: enum fr_err */
    uint32_t len; /* bytes that follow: JSON, or the reason of an error */
};

/* Appends an answer for each item, in order, as far as it gets in a short time; how many, at least one but when the data are
 * no JSON for jq. */
uint32_t fr_jq_run_many(struct fr_jq *jq, const struct fr_jq_many *many, const char *data,
                        size_t len, struct fr_buf *out);

#endif
