/* Plain paths: `.steps.build-app.output[0].x?`, and chains of them and literals joined
 * by `//`. They are looked up without jq. Whatever is not surely one of these is left
 * to jq, so that the two never disagree. Pure. */
#include <string.h>

#include "exprs.h"
#include "flowrun/base/str.h"

enum { MAX_OPERANDS = 16, MAX_ACCESS = 16 };

struct reader {
    struct fr_arena *arena;
    const char *at, *end;
};

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char peek(const struct reader *r, size_t ahead)
{
    return (size_t)(r->end - r->at) > ahead ? r->at[ahead] : '\0';
}

static void skip_space(struct reader *r)
{
    while (peek(r, 0) != '\0' && strchr(" \t\r\n", peek(r, 0)) != NULL) {
        r->at++;
    }
}

/* Length of a name. Dashes go on when a letter follows, in a step's id a digit too: jq would subtract. */
static size_t name_len(const struct reader *r, bool dashes, bool digits)
{
    size_t n = 0;
    if (!is_alpha(peek(r, 0))) {
        return 0;
    }
    while (is_alpha(peek(r, n)) || is_digit(peek(r, n)) ||
           (dashes && peek(r, n) == '-' &&
            (is_alpha(peek(r, n + 1)) || (digits && is_digit(peek(r, n + 1)))))) {
        n++;
    }
    return n;
}

/* A string without interpolation: its JSON text's length, quotes included; 0 when it is none. */
static size_t string_len(const struct reader *r)
{
    size_t n = 1;
    while (peek(r, n) != '"') {
        if (peek(r, n) == '\0' || (unsigned char)peek(r, n) < 0x20 ||
            (peek(r, n) == '\\' && peek(r, ++n) == '(')) {
            return 0;
        }
        n++;
    }
    return n + 1;
}

/* The string literal at the reader as plain text, or NULL. */
static const char *read_string(struct reader *r)
{
    size_t len = string_len(r);
    struct json_object *value = NULL;
    char why[64];
    if (len == 0 || !fr_json_parse(r->at, len, &value, why, sizeof(why))) {
        return NULL;
    }
    const char *text = json_object_get_string(value);
    size_t text_len = (size_t)json_object_get_string_len(value);
    const char *copy = strlen(text) == text_len ? fr_strndup(r->arena, text, text_len) : NULL;
    json_object_put(value);
    r->at += len;
    return copy;
}

/* `["key"]` or `[3]`, the bracket being next. */
static bool read_bracket(struct reader *r, struct fr_access *access)
{
    r->at++;
    skip_space(r);
    if (peek(r, 0) == '"') {
        access->kind = FR_ACCESS_KEY;
        access->key = read_string(r);
        if (access->key == NULL) {
            return false;
        }
    } else {
        char digits[24];
        size_t n = peek(r, 0) == '-' ? 1 : 0;
        while (is_digit(peek(r, n))) {
            n++;
        }
        if (n == 0 || n > 10) {
            return false;
        }
        memcpy(digits, r->at, n);
        digits[n] = '\0';
        access->kind = FR_ACCESS_INDEX;
        if (!fr_parse_i64(digits, &access->index)) {
            return false;
        }
        r->at += n;
    }
    skip_space(r);
    if (peek(r, 0) != ']') {
        return false;
    }
    r->at++;
    return true;
}

/* What follows a dot (already read): a name or a quoted key. */
static bool read_key(struct reader *r, struct fr_access *access, bool dashes, bool digits)
{
    access->kind = FR_ACCESS_KEY;
    if (peek(r, 0) == '"') {
        access->key = read_string(r);
        return access->key != NULL;
    }
    size_t len = name_len(r, dashes, digits);
    if (len == 0) {
        return false;
    }
    access->key = fr_strndup(r->arena, r->at, len);
    r->at += len;
    return true;
}

/* One piece of a path, given those before it. *more is false where the path ends. */
static bool read_access(struct reader *r, const struct fr_access *found, uint32_t count,
                        struct fr_access *access, bool *more)
{
    bool ok = true;
    memset(access, 0, sizeof(*access));
    if (peek(r, 0) == '.') {
        r->at++;
        bool in_steps = count == 1 && strcmp(found[0].key, "steps") == 0;
        ok = peek(r, 0) == '[' ? count == 0 && read_bracket(r, access)
                               : read_key(r, access, count > 0, in_steps);
    } else if (peek(r, 0) == '[' && count > 0) {
        ok = read_bracket(r, access);
    } else {
        *more = false;
        return true;
    }
    while (ok && peek(r, 0) == '?') {
        access->optional = true;
        r->at++;
    }
    return ok && (count > 0 || access->kind == FR_ACCESS_KEY);
}

static bool read_path(struct reader *r, struct fr_operand *operand)
{
    struct fr_access found[MAX_ACCESS] = {{0}};
    uint32_t count = 0;
    bool more = true;
    while (more) {
        if (count == MAX_ACCESS || !read_access(r, found, count, &found[count], &more)) {
            return false;
        }
        count += more;
    }
    if (count == 0 || found[0].key == NULL) {
        return false;
    }
    operand->root = expr_root(found[0].key, strlen(found[0].key));
    operand->access_count = count - 1;
    operand->access = FR_NEW_ARRAY(r->arena, count, struct fr_access);
    memcpy(operand->access, found + 1, (count - 1) * sizeof(*found));
    if (operand->root == FR_ROOT__COUNT) {
        operand->literal = found[0].key; /* for the message; the caller reports it */
    }
    return operand->root != FR_ROOT_STEPS || (count > 1 && found[1].kind == FR_ACCESS_KEY);
}

/* A JSON literal: string, number, true, false, null, [] or {}. */
static bool read_literal(struct reader *r, struct fr_operand *operand)
{
    size_t n = 0;
    if (peek(r, 0) == '"') {
        n = string_len(r);
    } else if (is_digit(peek(r, 0)) || peek(r, 0) == '-') {
        for (n = 1; peek(r, n) != '\0' && strchr("0123456789.eE", peek(r, n)) != NULL; n++) {
            n += (peek(r, n) == 'e' || peek(r, n) == 'E') &&
                 (peek(r, n + 1) == '-' || peek(r, n + 1) == '+');
        }
    } else if (is_alpha(peek(r, 0))) {
        n = name_len(r, false, false);
        bool word = (n == 4 && memcmp(r->at, "true", 4) == 0) ||
                    (n == 5 && memcmp(r->at, "false", 5) == 0) ||
                    (n == 4 && memcmp(r->at, "null", 4) == 0);
        n = word ? n : 0;
    } else if ((peek(r, 0) == '[' && peek(r, 1) == ']') ||
               (peek(r, 0) == '{' && peek(r, 1) == '}')) {
        n = 2;
    }
    struct json_object *value = NULL;
    char why[64];
    if (n == 0 || n > (size_t)(r->end - r->at) ||
        !fr_json_parse(r->at, n, &value, why, sizeof(why))) {
        return false;
    }
    json_object_put(value);
    operand->literal = fr_strndup(r->arena, r->at, n);
    r->at += n;
    return true;
}

bool expr_read_plain(struct fr_arena *arena, struct fr_expr *expr, const char *text, size_t len)
{
    struct reader r = {.arena = arena, .at = text, .end = text + len};
    struct fr_operand found[MAX_OPERANDS];
    uint32_t count = 0;
    for (;;) {
        struct fr_operand *operand = &found[count];
        memset(operand, 0, sizeof(*operand));
        skip_space(&r);
        bool ok = peek(&r, 0) == '.' && !is_digit(peek(&r, 1)) ? read_path(&r, operand)
                                                               : read_literal(&r, operand);
        if (!ok || ++count == MAX_OPERANDS) {
            return false;
        }
        skip_space(&r);
        if (r.at == r.end) {
            break;
        }
        if (peek(&r, 0) != '/' || peek(&r, 1) != '/' || peek(&r, 2) == '=') {
            return false;
        }
        r.at += 2;
    }
    expr->kind = FR_EXPR_PATH;
    expr->operands = FR_NEW_ARRAY(arena, count, struct fr_operand);
    memcpy(expr->operands, found, count * sizeof(*found));
    expr->operand_count = count;
    return true;
}
