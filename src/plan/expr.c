/* Parsing of one expression: a plain path, or a jq program that is checked, read for
 * what it needs, and registered with the plan's fr_jq. Everything made lives in the
 * plan's arena. Runs on the thread that builds the plan. */
#include <string.h>

#include "exprs.h"
#include "flowrun/base/str.h"
#include "flowrun/plan/jq.h"

static const char *const root_names[] = {
    [FR_ROOT_INPUT] = "input",     [FR_ROOT_PARAMS] = "params",
    [FR_ROOT_STEPS] = "steps",     [FR_ROOT_CONTEXT] = "context",
    [FR_ROOT_ENV] = "env",         [FR_ROOT_RUN] = "run",
    [FR_ROOT_STEP] = "step",       [FR_ROOT_MODEL] = "model",
    [FR_ROOT_ATTEMPT] = "attempt", [FR_ROOT_OUTPUT_FILE] = "output_file",
    [FR_ROOT_ERROR] = "error",     [FR_ROOT_RESULTS] = "results",
    [FR_ROOT_RESULT] = "result",   [FR_ROOT_STATE] = "state",
    [FR_ROOT_ITEM] = "item",       [FR_ROOT_INDEX] = "index",
    [FR_ROOT_MATRIX] = "matrix",   [FR_ROOT_ITERATION] = "iteration",
};
_Static_assert(sizeof(root_names) / sizeof(*root_names) == FR_ROOT__COUNT, "a name for each root");

const char *fr_root_name(enum fr_root root)
{
    return root < FR_ROOT__COUNT ? root_names[root] : "?";
}

enum fr_root expr_root(const char *name, size_t len)
{
    for (int i = 0; i < FR_ROOT__COUNT; i++) {
        if (strlen(root_names[i]) == len && memcmp(root_names[i], name, len) == 0) {
            return (enum fr_root)i;
        }
    }
    return FR_ROOT__COUNT;
}

enum fr_fields fr_field_bit(const char *name, size_t len)
{
    static const struct {
        const char *name;
        enum fr_fields bit;
    } fields[] = {{"id", FR_FIELDS_NAME},       {"type", FR_FIELDS_NAME},
                  {"status", FR_FIELDS_NAME},   {"success", FR_FIELDS_NAME},
                  {"output", FR_FIELDS_OUTPUT}, {"results", FR_FIELDS_PARTS},
                  {"finally", FR_FIELDS_PARTS}};
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        if (strlen(fields[i].name) == len && memcmp(fields[i].name, name, len) == 0) {
            return fields[i].bit;
        }
    }
    return FR_FIELDS_REST;
}

void expr_unknown_root(struct fr_expr_ctx *ctx, struct fr_mark mark, const char *name, size_t len)
{
    const char *word = fr_strndup(ctx->arena, name, len);
    const char *near = fr_suggest(word, root_names, FR_ROOT__COUNT);
    const char *help =
        near != NULL
            ? fr_format(ctx->arena, "did you mean '.%s'?", near)
            : "an expression starts from .input, .params, .state, .steps.<id>, "
              ".context, .env, .run, .step, .model, .attempt, .item, .index, .matrix, .iteration, "
              ".output_file, .error, .results or .result";
    fr_diag_add(ctx->diags, FR_ERROR, mark, "unknown-name", help, "expressions know no name '.%s'",
                word);
}

void expr_add_step(struct fr_arena *arena, struct fr_expr *expr, const char *id)
{
    for (uint32_t i = 0; i < expr->step_ref_count; i++) {
        if (strcmp(expr->step_refs[i], id) == 0) {
            return;
        }
    }
    uint32_t count = expr->step_ref_count;
    if ((count & (count - 1)) == 0) { /* full at powers of two */
        const char **grown = FR_NEW_ARRAY(arena, count == 0 ? 1 : 2 * (size_t)count, const char *);
        if (count > 0) {
            memcpy(grown, expr->step_refs, count * sizeof(*grown));
        }
        expr->step_refs = grown;
    }
    expr->step_refs[expr->step_ref_count++] = id;
}

/* Sums up what the operands of a plain expression read; false after an unknown name was reported. */
static bool note_plain(struct fr_expr_ctx *ctx, struct fr_expr *expr)
{
    bool ok = true;
    for (uint32_t i = 0; i < expr->operand_count; i++) {
        const struct fr_operand *operand = &expr->operands[i];
        if (operand->root == FR_ROOT__COUNT) {
            const char *at = strstr(expr->text, operand->literal);
            size_t offset = at != NULL ? (size_t)(at - expr->text) : 0;
            size_t len = strlen(operand->literal);
            expr_unknown_root(ctx, expr_mark(expr->mark, expr->text, offset, len), operand->literal,
                              len);
            ok = false;
        } else if (operand->literal == NULL) {
            expr->roots |= 1U << operand->root;
            if (operand->root == FR_ROOT_STEPS) {
                expr_add_step(ctx->arena, expr, operand->access[0].key);
            }
        }
    }
    return ok;
}

/* Reports what the lexer cannot read; true when the program is fine so far. */
static bool check_tokens(struct fr_expr_ctx *ctx, const struct fr_expr *expr, size_t len)
{
    struct jqlex lex;
    jqlex_init(&lex, expr->text, len);
    struct jqtok tok = jqlex_next(&lex);
    bool empty = tok.kind == JQTOK_END;
    while (tok.kind != JQTOK_END && tok.kind != JQTOK_STRAY && tok.kind != JQTOK_BAD) {
        tok = jqlex_next(&lex);
    }
    struct fr_mark place =
        expr_mark(expr->mark, expr->text, (size_t)(tok.at - expr->text), tok.len);
    if (empty) {
        fr_diag_add(ctx->diags, FR_ERROR, expr->mark, "jq-syntax",
                    "write a path like .input, or a jq program", "expression is empty");
    } else if (tok.kind == JQTOK_STRAY) {
        fr_diag_add(ctx->diags, FR_ERROR, place, "jq-syntax", NULL,
                    "expression has a '%c' that closes nothing", *tok.at);
    } else if (tok.kind == JQTOK_BAD) {
        fr_diag_add(ctx->diags, FR_ERROR, place, "jq-syntax", lex.mend, "expression %s", lex.why);
    } else if (len > JQLEX_MAX_BYTES) {
        fr_diag_add(ctx->diags, FR_ERROR, expr->mark, "jq-syntax", "split it over several steps",
                    "expression is longer than %d bytes", JQLEX_MAX_BYTES);
    } else {
        return true;
    }
    return false;
}

static const struct fr_expr *parse(struct fr_expr_ctx *ctx, const char *program, size_t len,
                                   struct fr_mark mark)
{
    struct fr_expr *expr = FR_NEW(ctx->arena, struct fr_expr);
    /* Text that is NUL-terminated as it stands is not copied. */
    expr->text = program[len] == '\0' ? program : fr_strndup(ctx->arena, program, len);
    expr->mark = mark;
    if (expr_read_plain(ctx->arena, expr, program, len)) {
        return note_plain(ctx, expr) ? expr : NULL;
    }
    expr->kind = FR_EXPR_JQ;
    if (!check_tokens(ctx, expr, len) || !expr_read_jq(ctx, expr, expr->text, len)) {
        return NULL;
    }
    expr->jq_index = fr_jq_add(ctx->jq, expr->text, mark);
    return expr;
}

const struct fr_expr *expr_parse_span(struct fr_expr_ctx *ctx, const char *text,
                                      struct fr_mark mark, const struct expr_span *span)
{
    bool inside = span->program >= text + span->start && span->program <= text + span->end;
    size_t offset = inside ? (size_t)(span->program - text) : span->start;
    size_t len = inside ? span->program_len : span->end - span->start;
    return parse(ctx, span->program, span->program_len, expr_mark(mark, text, offset, len));
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

const struct fr_expr *fr_expr_parse(struct fr_expr_ctx *ctx, const char *text, struct fr_mark mark)
{
    size_t start = 0, end = strlen(text);
    while (is_space(text[start])) {
        start++;
    }
    while (end > start && is_space(text[end - 1])) {
        end--;
    }
    if (strncmp(text + start, "${{", 3) == 0 || strncmp(text + start, "{{", 2) == 0) {
        struct expr_span span;
        enum expr_found found = expr_find(ctx, text, start, mark, &span);
        if (found == EXPR_BROKEN) {
            return NULL;
        }
        if (found == EXPR_FOUND && span.start == start && span.end == end) {
            return expr_parse_span(ctx, text, mark, &span);
        }
        if (found == EXPR_FOUND && span.start == start) {
            fr_diag_add(ctx->diags, FR_ERROR, expr_mark(mark, text, span.end, end - span.end),
                        "jq-syntax", "this key is jq: leave the braces out, or put them around all",
                        "there is text behind the expression");
            return NULL;
        }
    }
    return parse(ctx, text + start, end - start, expr_mark(mark, text, start, end - start));
}
