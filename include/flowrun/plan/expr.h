/* Expressions and templates: what stands in `${{ }}` and the values that hold it.
 * Parsed once while the plan is built, frozen with it, evaluated by the coordinator.
 *
 * A plain path (`.steps.a.output[0].x`), and a chain of plain paths and literals joined by `//`, is looked up
 * without jq. Everything else is a jq program: registered with the plan's fr_jq and run where it can be given
 * up on (run/jqproc). */
#ifndef FLOWRUN_PLAN_EXPR_H
#define FLOWRUN_PLAN_EXPR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowrun/base/arena.h"
#include "flowrun/base/diag.h"
#include "flowrun/base/err.h"
#include "flowrun/base/json.h"

struct fr_jq;

/* Names an expression may start from; a bit each in fr_expr.roots. */
enum fr_root {
    FR_ROOT_INPUT,
    FR_ROOT_PARAMS,
    FR_ROOT_STATE,
    FR_ROOT_STEPS,
    FR_ROOT_CONTEXT,
    FR_ROOT_ENV,
    FR_ROOT_RUN,
    FR_ROOT_STEP,
    FR_ROOT_MODEL,
    FR_ROOT_ATTEMPT,
    FR_ROOT_ITEM,
    FR_ROOT_INDEX,     /* in a batch: its item, and the number of its turn, from 0 */
    FR_ROOT_MATRIX,    /* in a matrix: the combination */
    FR_ROOT_ITERATION, /* in a loop: the number of the turn, from 1 */
    FR_ROOT_OUTPUT_FILE,
    FR_ROOT_ERROR,
    FR_ROOT_RESULTS, /* in merge and rank: the branches' results */
    FR_ROOT_RESULT,  /* after the step: its own result */
    FR_ROOT__COUNT
};
const char *fr_root_name(enum fr_root root); /* "input", ...; static */

enum fr_access_kind { FR_ACCESS_KEY, FR_ACCESS_INDEX };
struct fr_access {
    enum fr_access_kind kind;
    const char *key;
    int64_t index; /* negative counts from the end */
    bool optional; /* followed by `?`: what cannot be indexed yields nothing instead of an error */
};

/* One operand of a `//` chain: a path, or a literal. */
struct fr_operand {
    const char *literal; /* JSON text when it is a literal, else NULL */
    enum fr_root root;
    struct fr_access *access; /* what follows the root; for FR_ROOT_STEPS the first is the id */
    uint32_t access_count;
};

enum fr_expr_kind { FR_EXPR_PATH, FR_EXPR_JQ };
struct fr_expr {
    const char *text; /* the jq text without braces, trimmed */
    struct fr_mark mark;
    enum fr_expr_kind kind;
    struct fr_operand *operands; /* PATH: at least one */
    uint32_t operand_count;
    uint32_t jq_index;      /* JQ: its number in the plan's fr_jq */
    uint32_t roots;         /* bits of enum fr_root that it may read */
    uint32_t fields;        /* bits of enum fr_fields that it may read of results */
    const char **step_refs; /* ids of the steps it reads; with all_steps it may read any */
    uint32_t step_ref_count;
    bool all_steps;
};

enum fr_tmpl_kind {
    FR_TMPL_STRING, /* a constant string */
    FR_TMPL_JSON,   /* another constant scalar: number, true, false, null; its JSON text */
    FR_TMPL_EXPR,   /* only an expression: keeps its JSON type */
    FR_TMPL_TEXT,   /* text with expressions inside: becomes text */
    FR_TMPL_LIST,
    FR_TMPL_MAP
};
struct fr_tmpl {
    enum fr_tmpl_kind kind;
    struct fr_mark mark;
    const char *text;             /* STRING, JSON */
    const struct fr_expr *expr;   /* EXPR */
    const char **keys;            /* MAP */
    const struct fr_tmpl **items; /* TEXT (STRING and EXPR parts), LIST, MAP (values) */
    uint32_t count;
};

/* Where expressions are parsed into. Borrowed. */
struct fr_expr_ctx {
    struct fr_arena *arena;
    struct fr_jq *jq;
    struct fr_diags *diags;
};

/* True when the text holds an expression: `${{`, or an older `{{input}}`, `{{env.NAME}}`, `{{step_NAME.output}}`. */
bool fr_has_expr(const char *text);

/* In both the text is borrowed: it lives as long as the arena. Problems: jq-syntax, unclosed-expression,
 * impure-expression, unknown-name.
 * Parses bare jq text (`when: .input > 3`; braces around the whole are allowed). mark is the place of its first
 * character. NULL after an error diagnostic. */
const struct fr_expr *fr_expr_parse(struct fr_expr_ctx *ctx, const char *text, struct fr_mark mark);
/* Parses text that may hold `${{ }}` (also `$${{` and the older forms). NULL after an error diagnostic. */
const struct fr_tmpl *fr_tmpl_parse(struct fr_expr_ctx *ctx, const char *text, struct fr_mark mark);
/* A constant, for values that the program itself supplies. */
const struct fr_tmpl *fr_tmpl_string(struct fr_arena *arena, const char *text, struct fr_mark mark);

/* Calls `visit` for each expression of a template, in order. tmpl may be NULL. */
void fr_tmpl_each(const struct fr_tmpl *tmpl, void (*visit)(void *arg, const struct fr_expr *expr),
                  void *arg);
bool fr_tmpl_is_const(const struct fr_tmpl *tmpl);
#include "flowrun/plan/scope.h" /* how they are evaluated */

#endif
