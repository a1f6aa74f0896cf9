/* Reads a jq program to find which names of the context it may use, and refuses what
 * is not pure. A descent over jq's grammar that follows what `.` is: the context, the
 * steps, or something else. Where it is not sure it takes everything, and where it does
 * not understand the text it leaves the error to libjq. Build thread only. */
#include "jqread.h"

#include <string.h>

void jqread_advance(struct jqread *r)
{
    if (!r->gave_up) {
        r->tok = jqlex_next(&r->lex);
        r->gave_up = r->tok.kind == JQTOK_BAD || r->tok.kind == JQTOK_STRAY;
    }
    if (r->gave_up) {
        r->tok = (struct jqtok){.kind = JQTOK_END, .at = r->lex.at};
    }
}

void jqread_give_up(struct jqread *r)
{
    r->gave_up = true;
    jqread_advance(r);
}

bool jqread_is(const struct jqread *r, const char *text)
{
    return r->tok.kind != JQTOK_STR_TEXT && r->tok.kind != JQTOK_END && jqtok_is(&r->tok, text);
}

bool jqread_accept(struct jqread *r, const char *text)
{
    bool is = jqread_is(r, text);
    if (is) {
        jqread_advance(r);
    }
    return is;
}

void jqread_expect(struct jqread *r, const char *text)
{
    if (!jqread_accept(r, text)) {
        jqread_give_up(r);
    }
}

static void read_everything(struct fr_expr *expr)
{
    expr->roots = (1U << FR_ROOT__COUNT) - 1;
    expr->all_steps = true;
    expr->fields = FR_FIELDS_ALL;
}

void jqread_use(struct jqread *r, unsigned value)
{
    if ((value & IS_ROOT) != 0) {
        read_everything(r->expr);
    }
    if ((value & IS_STEPS) != 0) {
        r->expr->all_steps = true;
    }
    if ((value & (IS_STEPS | IS_RESULT | IS_RESULTS)) != 0) {
        r->expr->fields = FR_FIELDS_ALL;
    }
}

void jqread_check_pure(struct jqread *r, const struct jqtok *tok)
{
    const char *help = jq_impure_help(tok->at, tok->len);
    if (help != NULL) {
        struct fr_mark mark =
            expr_mark(r->expr->mark, r->text, (size_t)(tok->at - r->text), tok->len);
        fr_diag_add(r->ctx->diags, FR_ERROR, mark, "impure-expression", help,
                    "expressions are pure: '%.*s' is not allowed", (int)tok->len, tok->at);
        r->failed = true;
    }
}

bool jqread_is_defined(const struct jqread *r, const struct jqtok *tok)
{
    for (unsigned i = r->def_count; i > 0; i--) {
        if (r->defs[i - 1].len == tok->len && memcmp(r->defs[i - 1].at, tok->at, tok->len) == 0) {
            return true;
        }
    }
    return false;
}

/* Brings a function into scope. */
static void define(struct jqread *r, const struct jqtok *tok)
{
    if (r->def_count == JQREAD_DEFS) {
        jqread_give_up(r);
    } else {
        r->defs[r->def_count++] = *tok;
    }
}

static void read_pattern(struct jqread *r)
{
    if (r->tok.kind == JQTOK_VAR) {
        jqread_advance(r);
    } else if (r->tok.kind == JQTOK_OPEN && !jqread_is(r, "(")) {
        unsigned depth = r->lex.depth;
        while (!r->gave_up && r->lex.depth >= depth) {
            jqread_advance(r);
            if (jqread_is(r, "(") || r->tok.kind == JQTOK_INTERP_OPEN) {
                jqread_give_up(r); /* it holds a program */
            }
        }
        jqread_advance(r);
    } else {
        jqread_give_up(r);
    }
}

/* `def name(params): body;`, the keyword being read. The name stays in scope for the caller to take back. */
static void read_def(struct jqread *r)
{
    struct jqtok name = r->tok;
    if (name.kind != JQTOK_IDENT) {
        jqread_give_up(r);
        return;
    }
    jqread_advance(r);
    define(r, &name);
    unsigned outer = r->def_count;
    if (jqread_accept(r, "(")) {
        do {
            struct jqtok param = r->tok;
            if (param.kind == JQTOK_VAR) { /* $p defines the function p too */
                param.at++;
                param.len--;
            } else if (param.kind != JQTOK_IDENT) {
                jqread_give_up(r);
            }
            define(r, &param);
            jqread_advance(r);
        } while (jqread_accept(r, ";"));
        jqread_expect(r, ")");
    }
    jqread_expect(r, ":");
    /* It may be called with anything as its input. */
    jqread_use(r, jqread_pipe(r, IS_ROOT | UNSURE));
    r->def_count = outer;
    jqread_expect(r, ";");
}

static unsigned read_if(struct jqread *r, unsigned dot)
{
    unsigned result = 0;
    do {
        jqread_pipe(r, dot); /* only whether it is true */
        jqread_expect(r, "then");
        result |= jqread_pipe(r, dot);
    } while (jqread_accept(r, "elif"));
    if (jqread_accept(r, "else")) {
        result |= jqread_pipe(r, dot);
    } else {
        result |= dot;
    }
    jqread_expect(r, "end");
    return result;
}

/* reduce and foreach: source as pattern (init; update; extract). */
static unsigned read_fold(struct jqread *r, unsigned dot)
{
    bool each = jqread_is(r, "foreach");
    jqread_advance(r);
    jqread_use(r, jqread_term(r, dot));
    jqread_expect(r, "as");
    read_pattern(r);
    jqread_expect(r, "(");
    jqread_use(r, jqread_pipe(r, dot));
    jqread_expect(r, ";");
    jqread_use(r, jqread_pipe(r, 0));
    if (each && jqread_accept(r, ";")) {
        jqread_use(r, jqread_pipe(r, 0));
    }
    jqread_expect(r, ")");
    return 0;
}

static unsigned read_try(struct jqread *r, unsigned dot)
{
    unsigned result = jqread_operand(r, dot);
    if (jqread_accept(r, "catch")) {
        result |= jqread_operand(r, 0);
    }
    return result;
}

/* `term as pattern ?// pattern | body`, from `as` on. */
static unsigned read_binding(struct jqread *r, unsigned dot, unsigned value)
{
    jqread_use(r, value);
    do {
        jqread_advance(r);
        read_pattern(r);
    } while (jqread_is(r, "?//"));
    jqread_expect(r, "|");
    return jqread_pipe(r, dot);
}

unsigned jqread_operand(struct jqread *r, unsigned dot)
{
    if (r->level >= JQREAD_LEVELS) {
        jqread_give_up(r);
        return dot;
    }
    r->level++;
    unsigned result;
    if (jqread_accept(r, "if")) {
        result = read_if(r, dot);
    } else if (jqread_is(r, "reduce") || jqread_is(r, "foreach")) {
        result = read_fold(r, dot);
    } else if (jqread_accept(r, "try")) {
        result = read_try(r, dot);
    } else if (jqread_is(r, "def") || jqread_is(r, "label")) {
        result = jqread_pipe(r, dot);
    } else if (jqread_accept(r, "-")) {
        jqread_use(r, jqread_operand(r, dot));
        result = 0;
    } else {
        result = jqread_term(r, dot);
    }
    while (jqread_accept(r, "?")) {
    }
    if (jqread_is(r, "as")) {
        result = read_binding(r, dot, result);
    }
    r->level--;
    return result;
}

enum operator{ OP_NONE, OP_ALTERNATIVE, OP_ASSIGN, OP_OTHER };

static enum operator operator_of(const struct jqread *r)
{
    static const char *const assign[] = {"=", "|=", "+=", "-=", "*=", "/=", "%=", "//="};
    static const char *const other[] = {
        "+", "-", "*", "/", "%", "==", "!=", "<=", "<", ">=", ">", "and", "or"};
    if (jqread_is(r, "//") || jqread_is(r, "?//")) {
        return OP_ALTERNATIVE;
    }
    for (size_t i = 0; i < sizeof(assign) / sizeof(*assign); i++) {
        if (jqread_is(r, assign[i])) {
            return OP_ASSIGN;
        }
    }
    for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++) {
        if (jqread_is(r, other[i])) {
            return OP_OTHER;
        }
    }
    return OP_NONE;
}

/* Operands joined by operators. Precedence does not matter for what is read. */
static unsigned read_operators(struct jqread *r, unsigned dot)
{
    unsigned all = jqread_operand(r, dot);
    bool computed = false;
    enum operator op;
    while ((op = operator_of(r)) != OP_NONE) {
        jqread_advance(r);
        if (op == OP_ASSIGN) {
            jqread_use(r, dot); /* the result is the whole input, changed */
            all |= jqread_operand(r, dot | UNSURE);
        } else {
            all |= jqread_operand(r, dot);
        }
        computed = computed || op != OP_ALTERNATIVE;
    }
    if (computed) {
        jqread_use(r, all);
        return 0;
    }
    return all;
}

unsigned jqread_pipe(struct jqread *r, unsigned dot)
{
    unsigned outer = r->def_count;
    unsigned result;
    do {
        while (jqread_accept(r, "def")) {
            read_def(r);
        }
        if (jqread_accept(r, "label")) {
            jqread_advance(r);
            continue; /* the label's bar leads on, with the same input */
        }
        result = read_operators(r, dot);
        while (jqread_accept(r, ",")) {
            result |= read_operators(r, dot);
        }
        dot = result;
    } while (jqread_accept(r, "|"));
    r->def_count = outer;
    return dot;
}

/* Where the grammar was not understood: every name that is surely no object key is looked at. */
static void check_names(struct jqread *r, size_t len)
{
    struct jqlex lex;
    jqlex_init(&lex, r->text, len);
    struct jqtok before = {.kind = JQTOK_END, .at = r->text};
    struct jqtok tok = jqlex_next(&lex);
    while (tok.kind != JQTOK_END && tok.kind != JQTOK_BAD && tok.kind != JQTOK_STRAY) {
        struct jqtok next = jqlex_next(&lex);
        bool key = jqtok_is(&next, ":") || jqtok_is(&before, "{");
        if ((tok.kind == JQTOK_IDENT && !key) || tok.kind == JQTOK_VAR) {
            jqread_check_pure(r, &tok);
        }
        before = tok;
        tok = next;
    }
}

bool expr_read_jq(struct fr_expr_ctx *ctx, struct fr_expr *expr, const char *text, size_t len)
{
    struct jqread r = {.ctx = ctx, .expr = expr, .text = text};
    jqlex_init(&r.lex, text, len);
    jqread_advance(&r);
    jqread_use(&r, jqread_pipe(&r, IS_ROOT));
    if (r.gave_up || r.tok.kind != JQTOK_END) {
        read_everything(expr);
        if (!r.failed) {
            check_names(&r, len);
        }
    }
    if (expr->step_ref_count > 0 || expr->all_steps) {
        expr->roots |= 1U << FR_ROOT_STEPS;
    }
    return !r.failed;
}
