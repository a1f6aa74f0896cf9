/* Quotes and substitutions of shell text. Every function starts at its construct and
 * ends behind it, copying as it goes. Build thread only. */
#include "shlex.h"

#include <string.h>

#define ENV_OR_ARGV "hand the value over with 'env:' and write \"$NAME\" there, or use 'argv:'"

static const struct sh_refusal in_single = {
    "inside single quotes", "use double quotes, or hand the value over with 'env:' or 'argv:'"};
static const struct sh_refusal in_ansi = {
    "inside $'…'", "end the quotes before it, or hand the value over with 'env:' or 'argv:'"};
const struct sh_refusal sh_in_quoted_doc = {
    "in a here-document whose delimiter is quoted",
    "write the delimiter without quotes, or hand the value over with 'env:' or 'argv:'"};
const struct sh_refusal sh_in_arithmetic = {"in arithmetic, which runs commands found in data",
                                            "compute in the expression, ${{ .input + 1 }}, or "
                                            "check the value and hand it over with 'env:'"};
const struct sh_refusal sh_in_brackets = {
    "inside [[ ]], which may evaluate data",
    "use [ ] or case, or hand the value over with 'env:' or 'argv:'"};
static const struct sh_refusal in_parameter = {"inside ${ }", ENV_OR_ARGV};
const struct sh_refusal sh_in_pattern = {"in a pattern group", ENV_OR_ARGV};
static const struct sh_refusal in_backticks = {
    "in backticks that hold backslashes or stand in double quotes",
    "write $( ) instead of backticks, or hand the value over with 'env:' or 'argv:'"};
static const struct sh_refusal after_backslash = {
    "behind a backslash",
    "write '$${{' where the text itself is meant, else take the backslash away"};

void sh_take(struct sh *sh, size_t n)
{
    size_t avail = (size_t)(sh->end - sh->at);
    n = n < avail ? n : avail;
    fr_buf_add(&sh->out, sh->at, n);
    sh->at += n;
}

bool sh_at(const struct sh *sh, const char *text)
{
    size_t len = strlen(text);
    return (size_t)(sh->end - sh->at) >= len && memcmp(sh->at, text, len) == 0;
}

static void stop(struct sh *sh)
{
    sh->failed = true;
    sh->broken = true;
    sh->at = sh->end;
}

void sh_fail(struct sh *sh, const char *at, const char *what)
{
    if (!sh->broken) {
        fr_diag_add(sh->ctx->diags, FR_ERROR,
                    expr_mark(sh->mark, sh->text, (size_t)(at - sh->text), 1), "unsafe-expression",
                    "values are bound by the quoting around them, which must be clear: mend the "
                    "script, or hand values over with 'env:' or 'argv:'",
                    "%s", what);
    }
    stop(sh);
}

/* The number of the variable that carries an expression; the same text is carried once. */
static uint32_t variable(struct sh *sh, const struct fr_expr *expr)
{
    for (uint32_t i = 0; i < sh->value_count; i++) {
        if (strcmp(sh->values[i]->text, expr->text) == 0) {
            return i + 1;
        }
    }
    if (sh->value_count == sh->value_cap) {
        uint32_t cap = sh->value_cap == 0 ? 4 : sh->value_cap * 2;
        const struct fr_expr **grown = FR_NEW_ARRAY(sh->ctx->arena, cap, const struct fr_expr *);
        if (sh->value_count > 0) {
            memcpy(grown, sh->values, sh->value_count * sizeof(*grown));
        }
        sh->values = grown;
        sh->value_cap = cap;
    }
    sh->values[sh->value_count++] = expr;
    return sh->value_count;
}

bool sh_expr(struct sh *sh, bool quoted, const struct sh_refusal *refusal)
{
    if (!expr_starts(sh->at)) {
        return false;
    }
    struct expr_span span;
    enum expr_found found =
        expr_find(sh->ctx, sh->text, (size_t)(sh->at - sh->text), sh->mark, &span);
    if (found == EXPR_ESCAPE) {
        fr_buf_str(&sh->out, "${{");
        sh->at += 4;
        return true;
    }
    if (found != EXPR_FOUND) {
        stop(sh);
        return true;
    }
    if (refusal != NULL) {
        fr_diag_add(sh->ctx->diags, FR_ERROR,
                    expr_mark(sh->mark, sh->text, span.start, span.end - span.start),
                    "unsafe-expression", refusal->help, "an expression cannot stand %s",
                    refusal->where);
    }
    const struct fr_expr *expr = expr_parse_span(sh->ctx, sh->text, sh->mark, &span);
    if (expr != NULL && refusal == NULL) {
        const char *quote = quoted ? "" : "\"";
        fr_buf_printf(&sh->out, "%s${" FR_BIND_PREFIX "%u}%s", quote, variable(sh, expr), quote);
    } else {
        sh->failed = true;
    }
    sh->at = sh->text + span.end;
    return true;
}

const char *sh_expr_end(struct sh *sh, const char *at)
{
    struct expr_span span;
    enum expr_found found = expr_find(sh->ctx, sh->text, (size_t)(at - sh->text), sh->mark, &span);
    if (found != EXPR_FOUND && found != EXPR_ESCAPE) {
        stop(sh);
        return NULL;
    }
    return sh->text + span.end;
}

static void backslash(struct sh *sh)
{
    if (sh->at + 1 < sh->end && expr_starts(sh->at + 1) && sh->at[1] == '$') {
        sh_take(sh, 1);
        sh_expr(sh, true, &after_backslash);
        return;
    }
    sh_take(sh, 2);
}

static void single_quotes(struct sh *sh)
{
    const char *start = sh->at;
    sh_take(sh, 1);
    while (sh->at < sh->end && *sh->at != '\'') {
        if (!sh_expr(sh, true, &in_single)) {
            sh_take(sh, 1);
        }
    }
    if (sh->at == sh->end) {
        sh_fail(sh, start, "single quotes are not closed");
    }
    sh_take(sh, 1);
}

/* `$'…'`, where backslashes quote. */
static void ansi(struct sh *sh)
{
    const char *start = sh->at;
    sh_take(sh, 2);
    while (sh->at < sh->end && *sh->at != '\'') {
        if (*sh->at == '\\' && !expr_starts(sh->at + 1)) {
            sh_take(sh, 2);
        } else if (!sh_expr(sh, true, &in_ansi)) {
            sh_take(sh, 1);
        }
    }
    if (sh->at == sh->end) {
        sh_fail(sh, start, "single quotes are not closed");
    }
    sh_take(sh, 1);
}

static void double_quotes(struct sh *sh, const struct sh_refusal *refusal)
{
    const char *start = sh->at;
    sh_take(sh, 1);
    while (sh->at < sh->end && *sh->at != '"') {
        if (!sh_piece(sh, SH_QUOTED, refusal)) {
            sh_take(sh, 1);
        }
    }
    if (sh->at == sh->end) {
        sh_fail(sh, start, "double quotes are not closed");
    }
    sh_take(sh, 1);
}

/* Where the backtick that closes the one at `sh->at` stands; NULL when there is none. */
static const char *backtick_end(struct sh *sh, bool *escapes)
{
    *escapes = false;
    for (const char *at = sh->at + 1; at < sh->end;) {
        if (expr_starts(at)) {
            at = sh_expr_end(sh, at);
            if (at == NULL) {
                return NULL;
            }
        } else if (*at == '\\') {
            *escapes = true;
            at += 2;
        } else if (*at == '`') {
            return at;
        } else {
            at++;
        }
    }
    return NULL;
}

static void backtick(struct sh *sh, bool in_double, const struct sh_refusal *refusal)
{
    bool escapes;
    const char *start = sh->at;
    const char *close = backtick_end(sh, &escapes);
    if (sh->depth >= SH_DEPTH) {
        sh_fail(sh, start, "the script is nested too deeply");
        return;
    }
    if (close == NULL) {
        sh_fail(sh, start, "backticks are not closed");
        return;
    }
    const char *outer_end = sh->end;
    const struct sh_refusal *outer = sh->refuse;
    sh->end = close;
    sh->at++;
    fr_buf_char(&sh->out, '`');
    if (in_double || escapes) {
        while (sh->at < sh->end) {
            if (!sh_expr(sh, true, &in_backticks)) {
                sh_take(sh, 1);
            }
        }
    } else {
        sh->refuse = refusal != NULL ? refusal : outer;
        sh->depth++;
        sh_commands(sh, SH_STOP_END);
        sh->depth--;
        sh->refuse = outer;
    }
    sh->end = outer_end;
    sh->at = sh->broken ? outer_end : close;
    sh_take(sh, 1);
}

void sh_balanced(struct sh *sh, char open, char close, const struct sh_refusal *refusal)
{
    const char *start = sh->at;
    unsigned depth = 1;
    while (sh->at < sh->end) {
        if (sh_piece(sh, SH_BARE, refusal)) {
            continue;
        }
        depth += *sh->at == open;
        depth -= *sh->at == close;
        sh_take(sh, 1);
        if (depth == 0) {
            return;
        }
    }
    sh_fail(sh, start, "a bracket is not closed");
}

/* The operator behind the name of `${name…}`; NUL when there is none. */
static char parameter_operator(const struct sh *sh)
{
    const char *at = sh->at + 2;
    at += at < sh->end && (*at == '!' || *at == '#');
    while (at < sh->end && (*at == '_' || (*at >= '0' && *at <= '9') ||
                            (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z'))) {
        at++;
    }
    return at < sh->end ? *at : '\0';
}

/* `${…}`. In double quotes a single quote is text, unless the operator takes a pattern. */
static void parameter(struct sh *sh, bool in_double)
{
    const char *start = sh->at;
    bool pattern = strchr("#%/^,@[", parameter_operator(sh)) != NULL;
    unsigned where = in_double ? SH_QUOTED | SH_DOUBLES | (pattern ? SH_SINGLES : 0U) : SH_BARE;
    sh_take(sh, 2);
    while (sh->at < sh->end && *sh->at != '}') {
        if (!sh_piece(sh, where, &in_parameter)) {
            sh_take(sh, 1);
        }
    }
    if (sh->at == sh->end) {
        sh_fail(sh, start, "'${' is not closed");
    }
    sh_take(sh, 1);
}

/* `$[…]`, bash's old arithmetic, over lines if need be; elsewhere it is text, and the same care does no harm. */
static void old_arithmetic(struct sh *sh)
{
    bool closed = memchr(sh->at, ']', (size_t)(sh->end - sh->at)) != NULL;
    sh_take(sh, 2);
    if (closed) {
        sh_balanced(sh, '[', ']', &sh_in_arithmetic);
    }
}

static void dollar(struct sh *sh, bool in_double, const struct sh_refusal *refusal)
{
    if (++sh->depth > SH_DEPTH) {
        sh_fail(sh, sh->at, "the script is nested too deeply");
    } else if (sh_at(sh, "$((")) {
        sh_take(sh, 2);
        sh_balanced(sh, '(', ')', &sh_in_arithmetic);
    } else if (sh_at(sh, "$(")) {
        sh_subst(sh, 2, refusal);
    } else if (sh_at(sh, "$[")) {
        old_arithmetic(sh);
    } else if (sh_at(sh, "${")) {
        parameter(sh, in_double);
    } else if (sh_at(sh, "$'") && !in_double) {
        ansi(sh);
    } else if (sh_at(sh, "$$") && expr_starts(sh->at + 1)) {
        sh_take(sh, 1);
    } else {
        bool special = sh->at + 1 < sh->end && strchr("$?!#@*-0123456789", sh->at[1]) != NULL;
        sh_take(sh, special ? 2 : 1);
    }
    sh->depth--;
}

bool sh_piece(struct sh *sh, unsigned where, const struct sh_refusal *refusal)
{
    bool quoted = (where & SH_QUOTED) != 0;
    char c = *sh->at;
    if (c == '\\') {
        backslash(sh);
    } else if (sh_expr(sh, quoted, refusal)) {
        return true;
    } else if (c == '\'' && (where & SH_SINGLES) != 0) {
        single_quotes(sh);
    } else if (c == '"' && (where & SH_DOUBLES) != 0) {
        double_quotes(sh, refusal);
    } else if (c == '$') {
        dollar(sh, quoted, refusal);
    } else if (c == '`') {
        backtick(sh, quoted, refusal);
    } else {
        return false;
    }
    return true;
}
