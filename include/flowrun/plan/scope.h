/* Evaluation of expressions and templates: the scope they ask for their values, and what
 * a jq program is given. Coordinator thread only. Comes with flowrun/plan/expr.h. */
#ifndef FLOWRUN_PLAN_SCOPE_H
#define FLOWRUN_PLAN_SCOPE_H

#include "flowrun/plan/expr.h"

/* What may be read of the result of a step, and of each result in such a result's lists. */
enum fr_fields {
    FR_FIELDS_NAME = 1,   /* id, type, status, success */
    FR_FIELDS_OUTPUT = 2, /* output */
    FR_FIELDS_PARTS = 4,  /* results, finally: lists of results */
    FR_FIELDS_REST = 8,
    FR_FIELDS_ALL = 15,
    FR_FIELDS_REPRO = 16 /* `repro` of errors: where it runs alone; in what a run prints only */
};
/* The bit of a field. */
enum fr_fields fr_field_bit(const char *name, size_t len);

/* What evaluation asks for. All answers are borrowed by the evaluator until it returns. */
struct fr_scope {
    void *ctx;
    /* The value of a root other than `steps`; NULL = JSON null. */
    struct json_object *(*root)(void *ctx, enum fr_root root);
    /* `.steps.<id>.<field>`, with id NULL `.result.<field>`; field NULL = the whole result object. NULL = null. */
    struct json_object *(*step)(void *ctx, const char *id, const char *field);
    /* Appends `.steps.<id>`, or with id NULL the root RESULT or RESULTS, as JSON that has these fields. NULL callback: what
     * `step` and `root` say is written. */
    void (*result)(void *ctx, enum fr_root root, const char *id, unsigned fields,
                   struct fr_buf *out);
    /* The id of the i-th step that `.steps` holds as a whole, in order; NULL behind the last. NULL callback: none. */
    const char *(*step_id)(void *ctx, uint32_t i);
    /* The result of a jq expression, *out borrowed: FR_OK, FR_ERR_AGAIN (asked for, not here yet) or an error whose
     * text was added to diags. NULL callback: every jq expression is FR_ERR_AGAIN. */
    enum fr_err (*jq)(void *ctx, const struct fr_expr *expr, struct json_object **out,
                      struct fr_diags *diags);
};

/* *out is owned by the caller (json_object_put); NULL = JSON null. */
enum fr_err fr_expr_eval(const struct fr_expr *expr, const struct fr_scope *scope,
                         struct fr_diags *diags, struct json_object **out);
/* As a value. In FR_TMPL_TEXT a null is an error ("missing-value", says `// ""`). */
enum fr_err fr_tmpl_eval(const struct fr_tmpl *tmpl, const struct fr_scope *scope,
                         struct fr_diags *diags, struct json_object **out);
/* As text, appended to out (strings as their bytes, artifacts as their path, anything else as JSON). A null
 * is an error here too. */
enum fr_err fr_tmpl_eval_text(const struct fr_tmpl *tmpl, const struct fr_scope *scope,
                              struct fr_diags *diags, struct fr_buf *out);
enum fr_err fr_expr_eval_text(const struct fr_expr *expr, const struct fr_scope *scope,
                              struct fr_diags *diags, struct fr_buf *out);

/* Builds the JSON object that a jq expression gets as its `.`: the roots (and steps) it reads, nothing else. */
void fr_scope_json(const struct fr_scope *scope, const struct fr_expr *expr, struct fr_buf *out);

/* The mend where a program looks for a key in a text. */
#define FR_TEXT_IS_NO_JSON                                                                         \
    "this is text: `output: json` on the step that yields it, or `fromjson`, reads it as JSON"

#endif
