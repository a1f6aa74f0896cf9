/* Finds plain paths in the tokens of a jq program. A path is one that begins where a value may, with a name that every
 * context has, as long as `.` is the context there: not behind a pipe. Pure. */
#include "flowrun/plan/paths.h"

#include <string.h>

#include "exprs.h"
#include "lexjq.h"

/* A program that is looked through. */
struct search {
    struct jqlex lex;
    struct jqtok tok;            /* the one looked at */
    const char *end;             /* of the one before */
    bool after_value;            /* what stands here goes on with a value */
    bool piped[JQLEX_DEPTH + 1]; /* by depth of brackets: `.` is something else now */
    bool binding;                /* behind `as`: the pipe after it leaves `.` alone */
};

/* The next token. */
static void advance(struct search *s)
{
    s->end = s->tok.at + s->tok.len;
    switch (s->tok.kind) {
    case JQTOK_FIELD:
    case JQTOK_IDENT:
    case JQTOK_VAR:
    case JQTOK_NUMBER:
    case JQTOK_STR_CLOSE:
    case JQTOK_CLOSE:
        s->after_value = true;
        break;
    default:
        s->after_value = false;
    }
    if (s->tok.kind == JQTOK_IDENT)
        s->after_value = !jqtok_is(&s->tok, "and") && !jqtok_is(&s->tok, "or") &&
                         !jqtok_is(&s->tok, "then") && !jqtok_is(&s->tok, "else") &&
                         !jqtok_is(&s->tok, "elif") && !jqtok_is(&s->tok, "if") &&
                         !jqtok_is(&s->tok, "reduce") && !jqtok_is(&s->tok, "foreach") &&
                         !jqtok_is(&s->tok, "try") && !jqtok_is(&s->tok, "catch");
    s->tok = jqlex_next(&s->lex);
}

/* Whether the bracket at hand holds a number or a text alone, which are passed with it. */
static bool pass_index(struct search *s)
{
    struct search before = *s;
    advance(s);
    if (s->tok.kind == JQTOK_STR_OPEN) {
        advance(s);
        if (s->tok.kind == JQTOK_STR_TEXT)
            advance(s);
        if (s->tok.kind == JQTOK_STR_CLOSE)
            advance(s);
    } else {
        if (jqtok_is(&s->tok, "-"))
            advance(s);
        if (s->tok.kind == JQTOK_NUMBER)
            advance(s);
    }
    if (s->tok.kind == JQTOK_CLOSE && s->end != before.tok.at + 1) {
        advance(s);
        return true;
    }
    *s = before;
    return false;
}

/* Passes the path that begins here. */
static size_t pass_path(struct search *s)
{
    const char *start = s->tok.at;
    advance(s);
    while (s->tok.at == s->end) {
        if (s->tok.kind == JQTOK_FIELD)
            advance(s);
        else if (s->tok.kind != JQTOK_OPEN || *s->tok.at != '[' || !pass_index(s))
            break;
    }
    return (size_t)(s->end - start);
}

/* Whether a path that reads of the context begins here. */
static bool begins_path(const struct search *s)
{
    return s->tok.kind == JQTOK_FIELD && !s->after_value && !s->piped[s->lex.depth] &&
           s->tok.len > 1 && expr_root(s->tok.at + 1, s->tok.len - 1) != FR_ROOT__COUNT;
}

/* Passes what is no path. */
static void pass_other(struct search *s)
{
    bool opens = s->tok.kind == JQTOK_OPEN || s->tok.kind == JQTOK_INTERP_OPEN ||
                 s->tok.kind == JQTOK_STR_OPEN;
    if (s->tok.kind == JQTOK_IDENT && jqtok_is(&s->tok, "as"))
        s->binding = true;
    if (opens && s->lex.depth > 0)
        s->piped[s->lex.depth] = s->piped[s->lex.depth - 1];
    if (s->tok.kind == JQTOK_OP && jqtok_is(&s->tok, "|")) {
        s->piped[s->lex.depth] = s->piped[s->lex.depth] || !s->binding;
        s->binding = false;
    }
    advance(s);
}

uint32_t fr_paths_find(const char *program, struct fr_path_span *found, uint32_t max)
{
    struct search s = {.end = program};
    uint32_t count = 0;
    jqlex_init(&s.lex, program, strlen(program));
    s.tok = jqlex_next(&s.lex);
    while (count < max && s.tok.kind != JQTOK_END && s.tok.kind != JQTOK_STRAY &&
           s.tok.kind != JQTOK_BAD) {
        if (!begins_path(&s)) {
            pass_other(&s);
            continue;
        }
        struct fr_path_span one = {.at = s.tok.at};
        bool known = false;
        one.len = pass_path(&s);
        for (uint32_t i = 0; i < count; i++)
            known = known || (found[i].len == one.len && memcmp(found[i].at, one.at, one.len) == 0);
        if (!known)
            found[count++] = one;
    }
    return count;
}

const struct fr_expr *fr_path_parse(struct fr_arena *arena, const char *text, size_t len)
{
    struct fr_expr *expr = FR_NEW(arena, struct fr_expr);
    expr->text = fr_strndup(arena, text, len);
    bool plain = expr_read_plain(arena, expr, expr->text, len) && expr->operand_count == 1;
    return plain && !expr->operands[0].literal ? expr : NULL; /* an unknown root has one, too */
}
