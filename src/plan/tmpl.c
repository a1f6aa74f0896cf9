/* Templates: text that may hold expressions, cut into parts once. Constant text costs
 * one struct and no copy. Everything made lives in the plan's arena. */
#include <string.h>

#include "exprs.h"

const struct fr_tmpl *fr_tmpl_string(struct fr_arena *arena, const char *text, struct fr_mark mark)
{
    struct fr_tmpl *tmpl = FR_NEW(arena, struct fr_tmpl);
    tmpl->kind = FR_TMPL_STRING;
    tmpl->mark = mark;
    tmpl->text = text;
    return tmpl;
}

static const struct fr_tmpl *expr_tmpl(struct fr_arena *arena, const struct fr_expr *expr)
{
    struct fr_tmpl *tmpl = FR_NEW(arena, struct fr_tmpl);
    tmpl->kind = FR_TMPL_EXPR;
    tmpl->mark = expr->mark;
    tmpl->expr = expr;
    return tmpl;
}

/* Parts of a template while it is cut. */
struct parts {
    struct fr_arena *arena;
    const struct fr_tmpl **items;
    uint32_t count, cap;
    struct fr_buf text; /* constant text that is not a part yet */
    bool broken;        /* an expression was wrong; the rest is still checked */
    bool has_expr;
};

static void add_part(struct parts *parts, const struct fr_tmpl *part)
{
    if (parts->count == parts->cap) {
        uint32_t cap = parts->cap == 0 ? 4 : parts->cap * 2;
        const struct fr_tmpl **grown = FR_NEW_ARRAY(parts->arena, cap, const struct fr_tmpl *);
        if (parts->count > 0) {
            memcpy(grown, parts->items, parts->count * sizeof(*grown));
        }
        parts->items = grown;
        parts->cap = cap;
    }
    parts->items[parts->count++] = part;
}

static void flush_text(struct parts *parts, struct fr_mark mark)
{
    if (parts->text.len > 0) {
        const char *copy = fr_strndup(parts->arena, parts->text.data, parts->text.len);
        add_part(parts, fr_tmpl_string(parts->arena, copy, mark));
        fr_buf_clear(&parts->text);
    }
}

/* Cuts text into parts. *only is the expression when nothing but white space stands around it. */
static void cut(struct fr_expr_ctx *ctx, const char *text, struct fr_mark mark, struct parts *parts,
                const struct fr_expr **only)
{
    struct expr_span span = {0};
    size_t from = 0, len = strlen(text);
    enum expr_found found;
    while ((found = expr_find(ctx, text, from, mark, &span)) == EXPR_FOUND ||
           found == EXPR_ESCAPE) {
        fr_buf_add(&parts->text, text + from, span.start - from);
        from = span.end;
        if (found == EXPR_ESCAPE) {
            fr_buf_str(&parts->text, "${{");
            continue;
        }
        const struct fr_expr *expr = expr_parse_span(ctx, text, mark, &span);
        if (expr == NULL) {
            parts->broken = true;
            continue;
        }
        bool alone = strspn(text, " \t\r\n") == span.start &&
                     strspn(text + span.end, " \t\r\n") == len - span.end;
        *only = alone ? expr : NULL;
        parts->has_expr = true;
        flush_text(parts, mark);
        add_part(parts, expr_tmpl(ctx->arena, expr));
    }
    parts->broken = parts->broken || found == EXPR_BROKEN;
    fr_buf_add(&parts->text, text + from, len - from);
    flush_text(parts, mark);
}

const struct fr_tmpl *fr_tmpl_parse(struct fr_expr_ctx *ctx, const char *text, struct fr_mark mark)
{
    if (!fr_has_expr(text)) {
        return fr_tmpl_string(ctx->arena, text, mark);
    }
    struct parts parts = {.arena = ctx->arena};
    fr_buf_init(&parts.text, 0);
    const struct fr_expr *only = NULL;
    cut(ctx, text, mark, &parts, &only);
    fr_buf_release(&parts.text);
    if (parts.broken) {
        return NULL;
    }
    if (only != NULL) {
        return expr_tmpl(ctx->arena, only);
    }
    if (!parts.has_expr) { /* only escapes */
        return parts.count > 0 ? parts.items[0] : fr_tmpl_string(ctx->arena, "", mark);
    }
    struct fr_tmpl *tmpl = FR_NEW(ctx->arena, struct fr_tmpl);
    tmpl->kind = FR_TMPL_TEXT;
    tmpl->mark = mark;
    tmpl->items = parts.items;
    tmpl->count = parts.count;
    return tmpl;
}

void fr_tmpl_each(const struct fr_tmpl *tmpl, void (*visit)(void *arg, const struct fr_expr *expr),
                  void *arg)
{
    if (tmpl == NULL) {
        return;
    }
    if (tmpl->kind == FR_TMPL_EXPR) {
        visit(arg, tmpl->expr);
    }
    for (uint32_t i = 0; i < tmpl->count; i++) {
        fr_tmpl_each(tmpl->items[i], visit, arg);
    }
}

bool fr_tmpl_is_const(const struct fr_tmpl *tmpl)
{
    if (tmpl == NULL) {
        return true;
    }
    if (tmpl->kind == FR_TMPL_EXPR) {
        return false;
    }
    for (uint32_t i = 0; i < tmpl->count; i++) {
        if (!fr_tmpl_is_const(tmpl->items[i])) {
            return false;
        }
    }
    return true;
}
