/* Evaluating a task's expressions: questions to jq and their answers, errors, and values
 * that are passed on whole. Coordinator thread. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ahead.h"
#include "flowrun/base/str.h"
#include "scope.h"

/* Reports an error of the evaluation under way. */
enum fr_err eval_fail(struct coord *c, struct fr_mark mark, const char *code, const char *fmt, ...)
{
    struct fr_buf text;
    va_list args;
    fr_buf_init(&text, 0);
    va_start(args, fmt);
    fr_buf_vprintf(&text, fmt, args);
    va_end(args);
    fr_diag_add(&c->scratch, FR_ERROR, mark, code, NULL, "%s", fr_buf_cstr(&text));
    fr_buf_release(&text);
    return FR_ERR_INVALID;
}

/* An expression asked for something that does not fit into memory. */
static enum fr_err fail_too_large(struct coord *c, struct fr_mark mark)
{
    if (c->too_large == scope_all)
        return eval_fail(c, mark, "too-large",
                         "what the expression reads is larger than %d MB; read single fields, such "
                         "as `.failed_count`, or only what is needed of each result, such as "
                         "`[.results[] | .output]`",
                         FR_VALUE_PARSE_LIMIT >> 20);
    return eval_fail(c, mark, "too-large",
                     "the output of %s is larger than %d MB: too large for an expression; read it "
                     "from stdin or from the file $FLOWRUN_INPUT",
                     c->too_large, FR_VALUE_PARSE_LIMIT >> 20);
}

/* Room for one more answer. */
static struct memo *add_memo(struct active *t, const struct fr_expr *expr)
{
    struct memo *memos = realloc(t->memos, (t->memo_count + 1) * sizeof(*memos));
    if (!memos)
        abort();
    t->memos = memos;
    memos[t->memo_count] = (struct memo){.expr = expr, .salt = t->salt};
    return &memos[t->memo_count++];
}

/* Asks the evaluator process. */
static enum fr_err ask(struct scope_ctx *ctx, const struct fr_expr *expr)
{
    struct coord *c = ctx->c;
    struct active *t = ctx->t;
    struct fr_scope scope;
    struct fr_buf text;
    if (!c->jq)
        return eval_fail(c, expr->mark, "no-evaluator",
                         "the jq evaluator process cannot be started");
    scope_of(c, t, &scope);
    fr_buf_init(&text, FR_VALUE_PARSE_LIMIT);
    fr_scope_json(&scope, expr, &text);
    if (text.overflow && !c->too_large)
        c->too_large = scope_all;
    if (c->too_large) {
        fr_buf_release(&text);
        return fail_too_large(c, expr->mark);
    }
    if (c->conflict) {
        fr_buf_release(&text);
        return eval_fail(c, expr->mark, "state-conflict", "%s", c->conflict);
    }
    uint64_t token = ++c->next_token << 32 | t->step;
    add_memo(t, expr)->token = token;
    t->asked++;
    jqproc_ask(c->jq, token, expr->jq_index, fr_buf_cstr(&text), text.len);
    fr_buf_release(&text);
    return FR_ERR_AGAIN;
}

/* The mend for what jq says, or NULL: most often a text is taken for what it shows. */
static const char *mend_of(const char *why)
{
    if (!why)
        return NULL;
    if (fr_str_starts(why, "Cannot index string with string"))
        return FR_TEXT_IS_NO_JSON;
    if (strstr(why, "string (") && strstr(why, " cannot be "))
        return "a text is no number: put `| tonumber` behind it, or give the step that yields it "
               "`output: json` or, for lines, `jsonl`";
    return NULL;
}

/* What an answer says, when it is there. */
static enum fr_err read_memo(const struct memo *memo, struct json_object **out,
                             struct fr_diags *diags)
{
    if (!memo->have)
        return FR_ERR_AGAIN;
    if (memo->err)
        fr_diag_add(diags, FR_ERROR, memo->expr->mark, "expression-failed", mend_of(memo->why),
                    "`%s`: %s", memo->expr->text, memo->why ? memo->why : fr_err_name(memo->err));
    *out = memo->value;
    return memo->err;
}

/* fr_scope.jq: an answer that is there, or a question. */
enum fr_err scope_jq(void *arg, const struct fr_expr *expr, struct json_object **out,
                     struct fr_diags *diags)
{
    struct scope_ctx *ctx = arg;
    struct active *t = ctx->t;
    struct memo ahead = {.expr = expr, .salt = t->salt};
    for (uint32_t i = 0; i < t->memo_count; i++)
        if (t->memos[i].expr == expr && t->memos[i].salt == t->salt)
            return read_memo(&t->memos[i], out, diags);
    switch (ahead_take(ctx->c, t, expr, &ahead)) {
    case AHEAD_HAVE:
        *add_memo(t, expr) = ahead;
        return read_memo(&ahead, out, diags);
    case AHEAD_WAIT:
        return FR_ERR_AGAIN;
    default:
        return ask(ctx, expr);
    }
}

/* Turns a success that left something out into a failure; that a state in conflict was missing is no news beside it. */
static enum fr_err check_size(struct coord *c, enum fr_err err, struct fr_mark mark)
{
    if (c->conflict && err != FR_ERR_AGAIN) {
        fr_diags_release(&c->scratch);
        fr_diags_init(&c->scratch);
        return eval_fail(c, mark, "state-conflict", "%s", c->conflict);
    }
    return c->too_large && (err == FR_OK || err == FR_ERR_MISSING) ? fail_too_large(c, mark) : err;
}

enum fr_err eval_tmpl(struct coord *c, struct active *t, const struct fr_tmpl *tmpl,
                      struct json_object **out)
{
    struct fr_scope scope;
    scope_of(c, t, &scope);
    enum fr_err err = check_size(c, fr_tmpl_eval(tmpl, &scope, &c->scratch, out), tmpl->mark);
    if (err) {
        json_object_put(*out);
        *out = NULL;
    }
    return err;
}

enum fr_err eval_text(struct coord *c, struct active *t, const struct fr_tmpl *tmpl,
                      struct fr_buf *out)
{
    struct fr_scope scope;
    scope_of(c, t, &scope);
    return check_size(c, fr_tmpl_eval_text(tmpl, &scope, &c->scratch, out), tmpl->mark);
}

enum fr_err eval_expr(struct coord *c, struct active *t, const struct fr_expr *expr,
                      struct json_object **out)
{
    struct fr_scope scope;
    scope_of(c, t, &scope);
    enum fr_err err = check_size(c, fr_expr_eval(expr, &scope, &c->scratch, out), expr->mark);
    if (err) {
        json_object_put(*out);
        *out = NULL;
    }
    return err;
}

enum fr_err eval_expr_text(struct coord *c, struct active *t, const struct fr_expr *expr,
                           struct fr_buf *out)
{
    struct fr_scope scope;
    scope_of(c, t, &scope);
    return check_size(c, fr_expr_eval_text(expr, &scope, &c->scratch, out), expr->mark);
}

/* The value that an expression names and nothing else, so that it can be passed on unparsed; NULL when there is
 * none. Borrowed. */
static struct fr_value *whole_value(struct coord *c, struct active *t, const struct fr_expr *expr)
{
    if (expr->kind != FR_EXPR_PATH || expr->operand_count != 1 || expr->operands[0].literal)
        return NULL;
    const struct fr_operand *operand = &expr->operands[0];
    if (operand->root == FR_ROOT_INPUT && operand->access_count == 0)
        return scope_input(c, t);
    if (operand->root != FR_ROOT_STEPS || operand->access_count != 2 ||
        operand->access[1].kind != FR_ACCESS_KEY || strcmp(operand->access[1].key, "output") != 0)
        return NULL;
    const struct fr_step *step = scope_step(c, t, operand->access[0].key);
    if (!step || !fr_status_is_final(result_of(c, step)->status))
        return NULL;
    return result_of(c, step)->output;
}

/* A template as a value. */
enum fr_err eval_value(struct coord *c, struct active *t, const struct fr_tmpl *tmpl,
                       struct fr_value **out)
{
    struct json_object *object = NULL;
    struct fr_value *whole = tmpl->kind == FR_TMPL_EXPR ? whole_value(c, t, tmpl->expr) : NULL;
    if (whole) {
        *out = fr_value_ref(whole);
        return FR_OK;
    }
    enum fr_err err = eval_tmpl(c, t, tmpl, &object);
    if (!err)
        *out = fr_value_json(object);
    return err;
}
