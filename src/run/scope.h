/* Expressions of a task: what they see and how they are evaluated. All of these may return FR_ERR_AGAIN: jq was
 * asked, and the phase is to be entered again when the answer is there. Coordinator thread. Private to run/. */
#ifndef RUN_SCOPE_H
#define RUN_SCOPE_H

#include "coord.h"

/* One evaluation; what the callbacks of fr_scope get. */
struct scope_ctx {
    struct coord *c;
    struct active *t;
    uint32_t listed, next; /* get_step_id: how many ids were given, and where the search goes on */
};

/* Stands in too_large for all that an expression reads, where no single value is to blame. */
extern const char scope_all[];
void scope_of(struct coord *c, struct active *t, struct fr_scope *scope);
void scope_done(struct coord *c);
/* Fills c->visible: the steps that `.steps` as a whole holds for a task (visible.c). */
void visible_steps(struct coord *c, const struct active *t);
/* `.params` of a file; borrowed, may be NULL. */
struct json_object *scope_params(struct setting *setting);
/* `.input` of a task; borrowed, may be NULL. */
struct fr_value *scope_input(struct coord *c, const struct active *t);
/* The step that a task's expression calls `id`; NULL = none. */
const struct fr_step *scope_step(const struct coord *c, const struct active *t, const char *id);
enum fr_err eval_tmpl(struct coord *c, struct active *t, const struct fr_tmpl *tmpl,
                      struct json_object **out);
enum fr_err eval_text(struct coord *c, struct active *t, const struct fr_tmpl *tmpl,
                      struct fr_buf *out);
enum fr_err eval_expr(struct coord *c, struct active *t, const struct fr_expr *expr,
                      struct json_object **out);
enum fr_err eval_expr_text(struct coord *c, struct active *t, const struct fr_expr *expr,
                           struct fr_buf *out);
/* The template as a value; one that is nothing but another value is handed on whole. */
enum fr_err eval_value(struct coord *c, struct active *t, const struct fr_tmpl *tmpl,
                       struct fr_value **out);
/* Reports an error of the evaluation under way. */
enum fr_err eval_fail(struct coord *c, struct fr_mark mark, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* fr_scope.jq: an answer that is there, or a question. */
enum fr_err scope_jq(void *arg, const struct fr_expr *expr, struct json_object **out,
                     struct fr_diags *diags);

#endif
