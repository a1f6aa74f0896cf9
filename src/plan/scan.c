/* Finds expressions in text: `${{ … }}`, whose end is found by reading jq, the escape
 * `$${{`, and the forms of older files: {{input}}, {{env.NAME}}, {{step_NAME.output}}.
 * Any other `{{` is text. Pure. */
#include <stdio.h>
#include <string.h>

#include "exprs.h"

struct fr_mark expr_mark(struct fr_mark mark, const char *text, size_t offset, size_t len)
{
    if (mark.skip != 0) {
        mark.skip += (uint32_t)offset;
        mark.len = 0;
        for (size_t i = offset; i < offset + len; i++) {
            mark.len += ((unsigned char)text[i] & 0xC0) != 0x80;
        }
        return mark;
    }
    uint32_t chars = 0;
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            mark.line += mark.line != 0;
            chars = 0;
        } else if (((unsigned char)text[i] & 0xC0) != 0x80) {
            chars++;
        }
    }
    mark.col += mark.col != 0 ? chars : 0;
    mark.len = 0;
    for (size_t i = offset; i < offset + len && text[i] != '\n'; i++) {
        mark.len += ((unsigned char)text[i] & 0xC0) != 0x80;
    }
    return mark;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Length of NAME (with dashes when allowed) at `at`; 0 when there is none. */
static size_t name_len(const char *at, bool dashes)
{
    size_t n = 0;
    while (is_name(at[n]) || (dashes && n > 0 && at[n] == '-')) {
        n++;
    }
    return n;
}

/* An older form at `at` (which starts with `{{`): its length, and its name's place; 0 when it is none. */
static size_t old_form(const char *at, const char **name, size_t *len)
{
    *name = NULL;
    if (strncmp(at, "{{input}}", 9) == 0) {
        return 9;
    }
    if (strncmp(at, "{{env.", 6) == 0) {
        *name = at + 6;
        *len = name_len(*name, false);
        return *len > 0 && strncmp(*name + *len, "}}", 2) == 0 ? 6 + *len + 2 : 0;
    }
    if (strncmp(at, "{{step_", 7) == 0) {
        *name = at + 7;
        *len = name_len(*name, true);
        return *len > 0 && strncmp(*name + *len, ".output}}", 9) == 0 ? 7 + *len + 9 : 0;
    }
    return 0;
}

bool expr_starts(const char *at)
{
    const char *name;
    size_t len;
    if (at[0] == '$') {
        at += at[1] == '$';
        return at[1] == '{' && at[2] == '{';
    }
    return at[0] == '{' && at[1] == '{' && old_form(at, &name, &len) > 0;
}

bool expr_is_older(const char *text)
{
    const char *name;
    size_t len;
    for (const char *at = strstr(text, "{{"); at != NULL; at = strstr(at + 1, "{{")) {
        if ((at == text || at[-1] != '$') && old_form(at, &name, &len) > 0) {
            return true;
        }
    }
    return false;
}

/* Length of an older form at `at` that blanks stand in; 0 when it is none. */
static size_t spaced_form(const char *at)
{
    const char *word = at + 2 + strspn(at + 2, " \t");
    size_t len = strcspn(word, " \t{}"), gap = strspn(word + len, " \t");
    char form[80];
    const char *name;
    size_t unused;
    bool ends = strncmp(word + len + gap, "}}", 2) == 0;
    if ((word == at + 2 && gap == 0) || !ends || len > sizeof(form) - 5) {
        return 0;
    }
    (void)snprintf(form, sizeof(form), "{{%.*s}}", (int)len, word);
    return old_form(form, &name, &unused) > 0 ? (size_t)(word + len + gap + 2 - at) : 0;
}

const char *expr_spaced_older(const char *text, size_t *len)
{
    for (const char *at = strstr(text, "{{"); at != NULL; at = strstr(at + 1, "{{")) {
        *len = at == text || at[-1] != '$' ? spaced_form(at) : 0;
        if (*len > 0) {
            return at;
        }
    }
    return NULL;
}

bool expr_is_whole_older(const char *text)
{
    const char *name;
    size_t len;
    const char *at = text + strspn(text, " \t\r\n");
    size_t form = strncmp(at, "{{", 2) == 0 ? old_form(at, &name, &len) : 0;
    return form > 0 && at[form + strspn(at + form, " \t\r\n")] == '\0';
}

bool fr_has_expr(const char *text)
{
    const char *name;
    size_t len;
    for (const char *at = strstr(text, "{{"); at != NULL; at = strstr(at + 1, "{{")) {
        if ((at > text && at[-1] == '$') || old_form(at, &name, &len) > 0) {
            return true;
        }
    }
    return false;
}

/* Writes an older form as jq. A number alone is the place of a step without a name: `step_1`. */
static void rewrite_old(struct fr_arena *arena, const char *at, const char *name, size_t len,
                        struct expr_span *span)
{
    if (name == NULL) {
        span->program = ".input";
    } else if (at[2] == 'e') {
        span->program = fr_format(arena, ".env[\"%.*s\"]", (int)len, name);
    } else {
        const char *prefix = strspn(name, "0123456789") == len ? "step_" : "";
        span->program = fr_format(arena, ".steps[\"%s%.*s\"].output", prefix, (int)len, name);
    }
    span->program_len = strlen(span->program);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void trim(struct expr_span *span)
{
    while (span->program_len > 0 && is_space(*span->program)) {
        span->program++;
        span->program_len--;
    }
    while (span->program_len > 0 && is_space(span->program[span->program_len - 1])) {
        span->program_len--;
    }
}

/* Reads jq from behind the opening braces to the `}}` that ends it. */
static enum expr_found read_to_end(struct fr_expr_ctx *ctx, const char *text, struct fr_mark mark,
                                   struct expr_span *span)
{
    const char *from = text + span->start + 3;
    struct jqlex lex;
    jqlex_init(&lex, from, strlen(from));
    struct jqtok tok;
    do {
        tok = jqlex_next(&lex);
    } while (tok.kind != JQTOK_END && tok.kind != JQTOK_STRAY && tok.kind != JQTOK_BAD);
    bool closed = tok.kind == JQTOK_STRAY && lex.depth == 0 && tok.at[0] == '}' && tok.at[1] == '}';
    if (closed) {
        span->program = from;
        span->program_len = (size_t)(tok.at - from);
        span->end = (size_t)(tok.at - text) + 2;
        trim(span);
        return EXPR_FOUND;
    }
    struct fr_mark place = expr_mark(mark, text, (size_t)(tok.at - text), tok.len);
    if (tok.kind == JQTOK_END || strstr(from, "}}") == NULL) {
        fr_diag_add(ctx->diags, FR_ERROR, expr_mark(mark, text, span->start, 3),
                    "unclosed-expression",
                    "end it with '}}'; write '$${{' where the text itself is meant",
                    "the expression that starts with '${{' has no end");
    } else if (tok.kind == JQTOK_STRAY) {
        fr_diag_add(ctx->diags, FR_ERROR, place, "jq-syntax", NULL,
                    "expression has a '%c' that closes nothing", *tok.at);
    } else {
        fr_diag_add(ctx->diags, FR_ERROR, place, "jq-syntax", lex.mend, "expression %s", lex.why);
    }
    return EXPR_BROKEN;
}

enum expr_found expr_find(struct fr_expr_ctx *ctx, const char *text, size_t from,
                          struct fr_mark mark, struct expr_span *span)
{
    for (const char *at = strstr(text + from, "{{"); at != NULL; at = strstr(at + 1, "{{")) {
        size_t offset = (size_t)(at - text);
        if (offset > from && at[-1] == '$') {
            bool escaped = offset > from + 1 && at[-2] == '$';
            span->start = offset - (escaped ? 2 : 1);
            span->end = offset + 2;
            return escaped ? EXPR_ESCAPE : read_to_end(ctx, text, mark, span);
        }
        const char *name;
        size_t name_size = 0;
        size_t len = old_form(at, &name, &name_size);
        if (len > 0) {
            span->start = offset;
            span->end = offset + len;
            rewrite_old(ctx->arena, at, name, name_size, span);
            return EXPR_FOUND;
        }
    }
    return EXPR_NONE;
}

/* Writes the older forms of a text as today's, outside of expressions; the text itself when it has none. */
const char *expr_modern(struct fr_arena *arena, const char *text)
{
    struct fr_diags diags;
    struct fr_expr_ctx ctx = {.arena = arena, .diags = &diags};
    struct expr_span span;
    struct fr_buf out;
    size_t from = 0;
    bool changed = false;

    if (strstr(text, "{{") == NULL) {
        return text;
    }
    fr_diags_init(&diags);
    fr_buf_init(&out, 0);
    for (enum expr_found found = expr_find(&ctx, text, 0, (struct fr_mark){0}, &span);
         found == EXPR_FOUND || found == EXPR_ESCAPE;
         found = expr_find(&ctx, text, from, (struct fr_mark){0}, &span)) {
        bool old = found == EXPR_FOUND && text[span.start] == '{';
        (void)fr_buf_add(&out, text + from, (old ? span.start : span.end) - from);
        if (old) {
            (void)fr_buf_printf(&out, "${{ %.*s }}", (int)span.program_len, span.program);
        }
        changed |= old;
        from = span.end;
    }
    (void)fr_buf_str(&out, text + from);
    const char *modern = changed ? fr_strndup(arena, out.data, out.len) : text;
    fr_buf_release(&out);
    fr_diags_release(&diags);
    return modern;
}
