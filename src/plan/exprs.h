/* What the files behind flowrun/plan/expr.h share. Private to plan/. */
#ifndef PLAN_EXPRS_H
#define PLAN_EXPRS_H

#include "flowrun/plan/expr.h"
#include "lexjq.h"

/* An expression found in text: what is cut out, and the jq text in it (trimmed). */
struct expr_span {
    size_t start, end; /* of the whole, braces included */
    const char *program;
    size_t program_len;
};

enum expr_found {
    EXPR_NONE,
    EXPR_FOUND,
    EXPR_ESCAPE /* `$${{` at start */,
    EXPR_BROKEN /* reported */
};

/* True when an expression, an escape or an older form starts exactly here. */
bool expr_starts(const char *at);

/* True when the text holds an expression of an older form. */
bool expr_is_older(const char *text);
/* The first such form that is none because of blanks in it, `{{ input }}`; NULL = none. */
const char *expr_spaced_older(const char *text, size_t *len);
/* True when it is one, but for space around it. */
bool expr_is_whole_older(const char *text);

/* Finds the next expression of `text` from `from` on. Older forms are rewritten to jq in the arena. */
enum expr_found expr_find(struct fr_expr_ctx *ctx, const char *text, size_t from,
                          struct fr_mark mark, struct expr_span *span);

/* The text with {{input}}, {{env.NAME}} and {{step_NAME.output}} written as `${{ }}`; the text itself when it has none of
 * them. In the arena. */
const char *expr_modern(struct fr_arena *arena, const char *text);

/* Parses the program of a span found in `text`, which starts at `mark`. NULL after a diagnostic. */
const struct fr_expr *expr_parse_span(struct fr_expr_ctx *ctx, const char *text,
                                      struct fr_mark mark, const struct expr_span *span);

/* The place `offset` bytes into text that starts at `mark`, `len` bytes long. */
struct fr_mark expr_mark(struct fr_mark mark, const char *text, size_t offset, size_t len);

/* Reads a plain path or a `//` chain of them into expr; false (nothing reported, expr unchanged) when the
 * program is something else. */
bool expr_read_plain(struct fr_arena *arena, struct fr_expr *expr, const char *text, size_t len);

/* Finds what a jq program may read and whether it is pure; false after a diagnostic. */
bool expr_read_jq(struct fr_expr_ctx *ctx, struct fr_expr *expr, const char *text, size_t len);

/* The root called so, or FR_ROOT__COUNT. */
enum fr_root expr_root(const char *name, size_t len);
/* Reports a name that is no root. */
void expr_unknown_root(struct fr_expr_ctx *ctx, struct fr_mark mark, const char *name, size_t len);
/* Adds a step to step_refs, once. */
void expr_add_step(struct fr_arena *arena, struct fr_expr *expr, const char *id);

#endif
