/* The lexer of jq programs: one pass, a bracket stack of fixed depth, no memory of
 * its own. Strings are several tokens, since \( ) puts programs into them. Pure. */
#include "lexjq.h"

#include <string.h>

void jqlex_init(struct jqlex *lex, const char *text, size_t len)
{
    memset(lex, 0, sizeof(*lex));
    lex->at = text;
    lex->end = text + len;
}

bool jqtok_is(const struct jqtok *tok, const char *text)
{
    return strlen(text) == tok->len && memcmp(tok->at, text, tok->len) == 0;
}

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
    return is_name_start(c) || is_digit(c);
}

/* The byte `ahead` of where the lexer stands; NUL behind the end. */
static char peek(const struct jqlex *lex, size_t ahead)
{
    return (size_t)(lex->end - lex->at) > ahead ? lex->at[ahead] : '\0';
}

static char top(const struct jqlex *lex)
{
    return lex->depth > 0 ? lex->stack[lex->depth - 1] : '\0';
}

static struct jqtok make(struct jqlex *lex, enum jqtok_kind kind, size_t len)
{
    struct jqtok tok = {.kind = kind, .at = lex->at, .len = len};
    lex->at += len;
    return tok;
}

/* A token for what cannot be read; the lexer stays where it is. */
static struct jqtok bad(struct jqlex *lex, const char *at, size_t len, const char *why,
                        const char *mend)
{
    lex->why = why;
    lex->mend = mend;
    return (struct jqtok){.kind = JQTOK_BAD, .at = at, .len = len};
}

static struct jqtok push(struct jqlex *lex, char what, enum jqtok_kind kind, size_t len)
{
    if (lex->depth == JQLEX_DEPTH) {
        return bad(lex, lex->at, len, "is nested too deeply", NULL);
    }
    lex->open[lex->depth] = lex->at;
    lex->stack[lex->depth++] = what;
    return make(lex, kind, len);
}

static void skip_space(struct jqlex *lex)
{
    while (lex->at < lex->end) {
        if (*lex->at == '#') {
            const char *newline = memchr(lex->at, '\n', (size_t)(lex->end - lex->at));
            lex->at = newline != NULL ? newline : lex->end;
        } else if (strchr(" \t\r\n", *lex->at) != NULL && *lex->at != '\0') {
            lex->at++;
        } else {
            return;
        }
    }
}

/* One piece of a string: its end, an interpolation, or text up to the next of these. */
static struct jqtok in_string(struct jqlex *lex)
{
    if (lex->at == lex->end) {
        return bad(lex, lex->open[lex->depth - 1], 1, "has a string that is not closed", NULL);
    }
    if (*lex->at == '"') {
        lex->depth--;
        return make(lex, JQTOK_STR_CLOSE, 1);
    }
    if (*lex->at == '\\' && peek(lex, 1) == '(') {
        return push(lex, 'i', JQTOK_INTERP_OPEN, 2);
    }
    size_t len = 0;
    while (lex->at + len < lex->end && lex->at[len] != '"') {
        if (lex->at[len] == '\\') {
            if (peek(lex, len + 1) == '(') {
                break;
            }
            len++;
        }
        len++;
    }
    size_t avail = (size_t)(lex->end - lex->at);
    return make(lex, JQTOK_STR_TEXT, len < avail ? len : avail);
}

static size_t number_len(const struct jqlex *lex)
{
    size_t n = 0;
    while (is_digit(peek(lex, n))) {
        n++;
    }
    if (peek(lex, n) == '.') {
        n++;
        while (is_digit(peek(lex, n))) {
            n++;
        }
    }
    if (peek(lex, n) == 'e' || peek(lex, n) == 'E') {
        size_t digits = n + 1;
        if (peek(lex, digits) == '+' || peek(lex, digits) == '-') {
            digits++;
        }
        if (is_digit(peek(lex, digits))) {
            n = digits;
            while (is_digit(peek(lex, n))) {
                n++;
            }
        }
    }
    return n;
}

/* Length of a name from `from` on, which may have module prefixes (a::b). */
static size_t name_len(const struct jqlex *lex, size_t from)
{
    size_t n = from;
    for (;;) {
        while (is_name(peek(lex, n))) {
            n++;
        }
        if (peek(lex, n) != ':' || peek(lex, n + 1) != ':' || !is_name_start(peek(lex, n + 2))) {
            return n;
        }
        n += 2;
    }
}

/* `.name`; right after `.steps` a name goes on over dashes. jq would subtract there, which no step's result can do. */
static struct jqtok field(struct jqlex *lex, bool after_steps)
{
    size_t n = 1;
    while (is_name(peek(lex, n))) {
        n++;
    }
    size_t plain = n;
    bool digits = false;
    while (after_steps && peek(lex, n) == '-' && is_name(peek(lex, n + 1))) {
        digits = digits || is_digit(peek(lex, n + 1));
        n++;
        while (is_name(peek(lex, n))) {
            n++;
        }
    }
    if (digits && strchr(".[?", peek(lex, n)) == NULL) {
        n = plain;
    }
    struct jqtok tok = make(lex, JQTOK_FIELD, n);
    tok.dashed = n > plain;
    return tok;
}

static size_t op_len(const struct jqlex *lex)
{
    static const char *const ops[] = {
        "?//", "//=", "!=", "==", "//", "|=", "+=", "-=", "*=", "/=", "%=", "<=", ">=", ".."};
    size_t avail = (size_t)(lex->end - lex->at);
    for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
        size_t len = strlen(ops[i]);
        if (len <= avail && memcmp(lex->at, ops[i], len) == 0) {
            return len;
        }
    }
    return *lex->at != '\0' && strchr(".?=;,:|+-*/%<>", *lex->at) != NULL ? 1 : 0;
}

static struct jqtok close_bracket(struct jqlex *lex, char c)
{
    char want = c == ')' ? '(' : c == ']' ? '[' : '{';
    if (c == ')' && top(lex) == 'i') {
        lex->depth--;
        return make(lex, JQTOK_INTERP_CLOSE, 1);
    }
    if (top(lex) != want) {
        return (struct jqtok){.kind = JQTOK_STRAY, .at = lex->at, .len = 1};
    }
    lex->depth--;
    return make(lex, JQTOK_CLOSE, 1);
}

static struct jqtok unknown(struct jqlex *lex)
{
    switch (*lex->at) {
    case '\'':
        return bad(lex, lex->at, 1, "holds a single quote", "jq's strings stand in double quotes");
    case '&':
        return bad(lex, lex->at, 1, "holds '&'", "jq writes 'and'");
    case '!':
        return bad(lex, lex->at, 1, "holds '!'", "jq writes '… | not', or '!=' to compare");
    case '`':
        return bad(lex, lex->at, 1, "holds a backtick", "jq's strings stand in double quotes");
    case '$':
        return bad(lex, lex->at, 1, "has a '$' without a name", NULL);
    case '@':
        return bad(lex, lex->at, 1, "has an '@' without a name", NULL);
    default:
        return bad(lex, lex->at, 1, "holds a character that jq does not know", NULL);
    }
}

/* Cuts a token outside of strings, white space being skipped. */
static struct jqtok cut(struct jqlex *lex)
{
    char c = *lex->at;
    if (c == '"') {
        return push(lex, '"', JQTOK_STR_OPEN, 1);
    }
    if (c == '(' || c == '[' || c == '{') {
        return push(lex, c, JQTOK_OPEN, 1);
    }
    if (c == ')' || c == ']' || c == '}') {
        return close_bracket(lex, c);
    }
    if (c == '.' && is_name_start(peek(lex, 1))) {
        return field(lex, lex->after_steps && lex->prev_end == lex->at);
    }
    if (is_digit(c) || (c == '.' && is_digit(peek(lex, 1)))) {
        return make(lex, JQTOK_NUMBER, number_len(lex));
    }
    if (is_name_start(c)) {
        return make(lex, JQTOK_IDENT, name_len(lex, 0));
    }
    if (c == '$' && is_name_start(peek(lex, 1))) {
        return make(lex, JQTOK_VAR, name_len(lex, 1));
    }
    if (c == '@' && is_name(peek(lex, 1))) {
        return make(lex, JQTOK_FORMAT, name_len(lex, 1));
    }
    size_t len = op_len(lex);
    if (c == '|' && peek(lex, 1) == '|') {
        return bad(lex, lex->at, 2, "holds '||'", "jq writes 'or'");
    }
    return len > 0 ? make(lex, JQTOK_OP, len) : unknown(lex);
}

struct jqtok jqlex_next(struct jqlex *lex)
{
    struct jqtok tok;
    if (top(lex) == '"') {
        tok = in_string(lex);
    } else {
        skip_space(lex);
        if (lex->at == lex->end && lex->depth > 0) {
            return bad(lex, lex->open[lex->depth - 1], 1, "has a bracket that is not closed", NULL);
        }
        if (lex->at == lex->end) {
            return (struct jqtok){.kind = JQTOK_END, .at = lex->end};
        }
        tok = cut(lex);
    }
    bool glued = lex->prev_end == tok.at && lex->after_term;
    lex->after_steps = tok.kind == JQTOK_FIELD && !glued && jqtok_is(&tok, ".steps");
    lex->after_term = tok.kind == JQTOK_FIELD || tok.kind == JQTOK_IDENT || tok.kind == JQTOK_VAR ||
                      tok.kind == JQTOK_CLOSE || tok.kind == JQTOK_STR_CLOSE || jqtok_is(&tok, "?");
    lex->prev_end = tok.at + tok.len;
    return tok;
}

static bool ends(const struct jqtok *tok)
{
    return tok->kind == JQTOK_END || tok->kind == JQTOK_STRAY || tok->kind == JQTOK_BAD;
}

/* Inside a string white space is text: there no newline may be put in. */
static bool in_text(const struct jqlex *lex)
{
    return top(lex) == '"';
}

void jqlex_emit(const char *text, size_t len, struct fr_buf *out)
{
    struct jqlex lex;
    jqlex_init(&lex, text, len);
    for (struct jqtok tok = jqlex_next(&lex); !ends(&tok); tok = jqlex_next(&lex)) {
        if (tok.dashed) {
            fr_buf_str(out, "[\"");
            fr_buf_add(out, tok.at + 1, tok.len - 1);
            fr_buf_str(out, "\"]");
        } else {
            fr_buf_add(out, tok.at, tok.len);
        }
        if (!in_text(&lex)) {
            fr_buf_char(out, '\n');
        }
    }
}

struct jqtok jqlex_find_line(const char *text, size_t len, unsigned line)
{
    struct jqlex lex;
    jqlex_init(&lex, text, len);
    struct jqtok last = {.kind = JQTOK_END, .at = text};
    unsigned now = 0;
    for (struct jqtok tok = jqlex_next(&lex); !ends(&tok); tok = jqlex_next(&lex)) {
        last = tok;
        for (size_t i = 0; i < tok.len; i++) {
            now += tok.at[i] == '\n';
        }
        now += !in_text(&lex);
        if (now > line) {
            return last;
        }
    }
    last.kind = JQTOK_END;
    return last;
}
