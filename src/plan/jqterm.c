/* The terms of a jq program: paths, strings, objects, calls. Part of the reader that
 * finds what a program uses. Build thread only. */
#include <string.h>

#include "jqread.h"

/* What a root is. */
static unsigned root_is(enum fr_root root)
{
    switch (root) {
    case FR_ROOT_STEPS:
        return IS_STEPS;
    case FR_ROOT_RESULT:
        return IS_RESULT;
    case FR_ROOT_RESULTS:
        return IS_RESULTS;
    default:
        return 0;
    }
}

/* `.name` of what may be a result. Of what may be a part of one nothing is known. */
static unsigned access_result(struct jqread *r, unsigned value, const char *name, size_t len)
{
    if ((value & (UNSURE | IS_RESULTS)) != 0) {
        jqread_use(r, value & (IS_RESULT | IS_RESULTS));
        return 0;
    }
    r->expr->fields |= fr_field_bit(name, len);
    return fr_field_bit(name, len) == FR_FIELDS_PARTS ? IS_RESULTS : 0;
}

/* `.name` of a value; `tok` is where the name stands. Returns what that is. */
static unsigned access_name(struct jqread *r, unsigned value, const char *name, size_t len,
                            const struct jqtok *tok)
{
    unsigned result = 0;
    if ((value & IS_ROOT) != 0) {
        enum fr_root root = expr_root(name, len);
        if (root != FR_ROOT__COUNT) {
            r->expr->roots |= 1U << root;
            result = root_is(root) ? root_is(root) | (value & UNSURE) : 0;
        } else if (value == IS_ROOT) {
            struct fr_mark mark =
                expr_mark(r->expr->mark, r->text, (size_t)(tok->at - r->text), tok->len);
            expr_unknown_root(r->ctx, mark, name, len);
            r->failed = true;
        }
    }
    if ((value & IS_STEPS) != 0 && (value & UNSURE) != 0) {
        jqread_use(r, IS_STEPS);
    } else if ((value & IS_STEPS) != 0) {
        expr_add_step(r->ctx->arena, r->expr, fr_strndup(r->ctx->arena, name, len));
        result |= IS_RESULT;
    }
    if ((value & (IS_RESULT | IS_RESULTS)) != 0) {
        result |= access_result(r, value, name, len);
    }
    return result;
}

/* A string; the text is given back when it has no interpolation and no escapes, else at is NULL. */
static struct jqtok read_string(struct jqread *r, unsigned dot)
{
    bool plain = true;
    jqread_advance(r);
    struct jqtok text = {.kind = JQTOK_STR_TEXT, .at = r->tok.at};
    while (r->tok.kind == JQTOK_STR_TEXT || r->tok.kind == JQTOK_INTERP_OPEN) {
        if (r->tok.kind == JQTOK_STR_TEXT) {
            plain = plain && memchr(r->tok.at, '\\', r->tok.len) == NULL;
            text.len += r->tok.len;
            jqread_advance(r);
            continue;
        }
        plain = false;
        jqread_advance(r);
        jqread_use(r, jqread_pipe(r, dot));
        if (r->tok.kind != JQTOK_INTERP_CLOSE) {
            jqread_give_up(r);
        }
        jqread_advance(r);
    }
    if (r->tok.kind != JQTOK_STR_CLOSE) {
        jqread_give_up(r);
    }
    jqread_advance(r);
    text.at = plain ? text.at : NULL;
    return text;
}

/* A key written as a string: `."name"`, `{"name"}`. */
static unsigned access_string(struct jqread *r, unsigned value, unsigned dot)
{
    struct jqtok text = read_string(r, dot);
    if (text.at != NULL) {
        return access_name(r, value, text.at, text.len, &text);
    }
    jqread_use(r, value);
    return 0;
}

/* What stands in `[ ]` behind a value, the bracket being read. */
static unsigned read_index(struct jqread *r, unsigned value, unsigned dot)
{
    if (r->tok.kind == JQTOK_STR_OPEN) {
        struct jqlex lex = r->lex;
        struct jqtok tok = r->tok;
        struct jqtok text = read_string(r, dot);
        if (text.at != NULL && jqread_accept(r, "]")) {
            return access_name(r, value, text.at, text.len, &text);
        }
        if (!r->gave_up) { /* a longer program that starts with a string */
            r->lex = lex;
            r->tok = tok;
        }
    }
    if (value == IS_RESULTS && r->tok.kind == JQTOK_NUMBER) {
        struct jqlex lex = r->lex;
        struct jqtok tok = r->tok;
        jqread_advance(r);
        if (jqread_accept(r, "]")) {
            return IS_RESULT;
        }
        r->lex = lex;
        r->tok = tok;
    }
    if (value == IS_RESULTS && jqread_accept(r, "]")) {
        return IS_RESULT;
    }
    jqread_use(r, value);
    if (!jqread_is(r, "]") && !jqread_is(r, ":")) {
        jqread_use(r, jqread_pipe(r, dot));
    }
    if (jqread_accept(r, ":") && !jqread_is(r, "]")) {
        jqread_use(r, jqread_pipe(r, dot));
    }
    jqread_expect(r, "]");
    return 0;
}

/* An object's value: terms joined by bars, no commas. */
static void read_object_value(struct jqread *r, unsigned dot)
{
    do {
        bool negative = jqread_accept(r, "-");
        unsigned value = jqread_term(r, dot);
        jqread_use(r, negative ? value : 0);
        dot = value;
    } while (jqread_accept(r, "|"));
    jqread_use(r, dot);
}

/* One `key: value` of an object, or one of the short forms. */
static void read_pair(struct jqread *r, unsigned dot)
{
    struct jqtok key = r->tok;
    unsigned shorthand = 0;
    struct jqtok text = {.at = NULL};
    if (jqread_accept(r, "(")) {
        jqread_use(r, jqread_pipe(r, dot));
        jqread_expect(r, ")");
    } else if (key.kind == JQTOK_STR_OPEN || key.kind == JQTOK_FORMAT) {
        if (key.kind == JQTOK_FORMAT) {
            jqread_advance(r);
        }
        text = r->tok.kind == JQTOK_STR_OPEN ? read_string(r, dot) : text;
        shorthand = dot;
    } else if (key.kind == JQTOK_IDENT || key.kind == JQTOK_NUMBER) {
        jqread_advance(r);
        text = key;
    } else if (key.kind == JQTOK_VAR) {
        jqread_check_pure(r, &key);
        jqread_advance(r);
    } else {
        jqread_give_up(r);
    }
    if (jqread_accept(r, ":")) {
        read_object_value(r, dot);
    } else if (text.at != NULL) {
        jqread_use(r, access_name(r, dot, text.at, text.len, &text));
    } else {
        jqread_use(r, shorthand);
    }
}

static void read_object(struct jqread *r, unsigned dot)
{
    while (!r->gave_up && !jqread_is(r, "}")) {
        read_pair(r, dot);
        if (!jqread_accept(r, ",")) {
            break;
        }
    }
    jqread_expect(r, "}");
}

static bool is_keyword(const struct jqtok *tok)
{
    static const char *const words[] = {"then", "elif", "else", "end", "as", "catch", "and", "or"};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (jqtok_is(tok, words[i])) {
            return true;
        }
    }
    return false;
}

/* `length` and `map(f)` of a list of results, which are known better than others. True: it was one, what it yields
 * is *result. */
static bool call_of_results(struct jqread *r, const struct jqtok *name, unsigned dot,
                            unsigned *result)
{
    if (dot != IS_RESULTS || jqread_is_defined(r, name)) {
        return false;
    }
    if (jqtok_is(name, "length") && !jqread_is(r, "(")) {
        *result = 0;
        return true;
    }
    if (!jqtok_is(name, "map") || !jqread_accept(r, "(")) {
        return false;
    }
    unsigned value = jqread_pipe(r, IS_RESULT);
    jqread_expect(r, ")");
    *result = value == IS_RESULT ? IS_RESULTS : 0;
    jqread_use(r, value == IS_RESULT ? 0 : value);
    return true;
}

/* A call: of a builtin, or of what the program defines. */
static unsigned read_call(struct jqread *r, unsigned dot)
{
    struct jqtok name = r->tok;
    bool own = jqread_is_defined(r, &name);
    unsigned arity = 0, all = 0, last = 0;
    jqread_advance(r);
    if (is_keyword(&name)) {
        jqread_give_up(r);
        return 0;
    }
    if (!own) {
        jqread_check_pure(r, &name);
    }
    if (call_of_results(r, &name, dot, &last)) {
        return last;
    }
    bool same_dot = !own && jq_builtin_shares_input(name.at, name.len);
    /* Most functions give their arguments something else as input, or may do so. */
    unsigned input = dot == 0 || same_dot ? dot : dot | UNSURE;
    if (jqread_accept(r, "(")) {
        do {
            last = jqread_pipe(r, input);
            if (jqtok_is(&name, "any") || jqtok_is(&name, "all")) {
                input = last; /* any(generator; condition) */
            }
            all |= last;
            arity++;
        } while (jqread_accept(r, ";"));
        jqread_expect(r, ")");
    }
    enum jq_builtin does = own ? JQ_READS_INPUT : jq_builtin(name.at, name.len, arity);
    if (does == JQ_PASSES_INPUT) {
        return dot;
    }
    if (does == JQ_PASSES_LAST_ARG) {
        return last;
    }
    jqread_use(r, all);
    jqread_use(r, does == JQ_READS_INPUT ? dot : 0);
    return 0;
}

static unsigned read_name(struct jqread *r, unsigned dot)
{
    if (jqread_accept(r, "break")) {
        jqread_advance(r);
        return 0;
    }
    if (jqread_is(r, "if") || jqread_is(r, "reduce") || jqread_is(r, "foreach") ||
        jqread_is(r, "try") || jqread_is(r, "def") || jqread_is(r, "label")) {
        return jqread_operand(r, dot);
    }
    return read_call(r, dot);
}

static unsigned read_bracketed(struct jqread *r, unsigned dot)
{
    unsigned value = 0;
    if (jqread_accept(r, "(")) {
        value = jqread_pipe(r, dot);
        jqread_expect(r, ")");
    } else if (jqread_accept(r, "[")) {
        if (!jqread_is(r, "]")) {
            jqread_use(r, jqread_pipe(r, dot));
        }
        jqread_expect(r, "]");
    } else {
        jqread_advance(r);
        read_object(r, dot);
    }
    return value;
}

/* A term without its suffixes. */
static unsigned read_primary(struct jqread *r, unsigned dot)
{
    struct jqtok tok = r->tok;
    switch (tok.kind) {
    case JQTOK_FIELD:
        jqread_advance(r);
        return access_name(r, dot, tok.at + 1, tok.len - 1, &tok);
    case JQTOK_NUMBER:
        jqread_advance(r);
        return 0;
    case JQTOK_STR_OPEN:
        read_string(r, dot);
        return 0;
    case JQTOK_FORMAT:
        jqread_advance(r);
        if (r->tok.kind == JQTOK_STR_OPEN) {
            read_string(r, dot);
        } else {
            jqread_use(r, dot);
        }
        return 0;
    case JQTOK_VAR:
        jqread_check_pure(r, &tok);
        jqread_advance(r);
        return 0;
    case JQTOK_OPEN:
        return read_bracketed(r, dot);
    case JQTOK_IDENT:
        return read_name(r, dot);
    default:
        break;
    }
    if (jqread_accept(r, ".")) {
        return r->tok.kind == JQTOK_STR_OPEN ? access_string(r, dot, dot) : dot;
    }
    jqread_expect(r, "..");
    jqread_use(r, dot);
    return 0;
}

unsigned jqread_term(struct jqread *r, unsigned dot)
{
    if (r->level >= JQREAD_LEVELS) {
        jqread_give_up(r);
        return dot;
    }
    r->level++;
    unsigned value = read_primary(r, dot);
    for (;;) {
        struct jqtok tok = r->tok;
        if (tok.kind == JQTOK_FIELD) {
            jqread_advance(r);
            value = access_name(r, value, tok.at + 1, tok.len - 1, &tok);
        } else if (jqread_accept(r, "[")) {
            value = read_index(r, value, dot);
        } else if (jqread_accept(r, ".")) {
            if (r->tok.kind == JQTOK_STR_OPEN) {
                value = access_string(r, value, dot);
            } else if (!jqread_is(r, "[")) {
                jqread_give_up(r);
            }
        } else if (!jqread_accept(r, "?")) {
            break;
        }
    }
    r->level--;
    return value;
}
