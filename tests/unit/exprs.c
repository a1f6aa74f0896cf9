/* What the tests of expressions share. */
#include "exprs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

void fixture_init(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    fr_arena_init(&f->arena);
    fr_diags_init(&f->diags);
    f->ctx.arena = &f->arena;
    f->ctx.diags = &f->diags;
    f->ctx.jq = fr_jq_new();
}

void fixture_release(struct fixture *f)
{
    fr_jq_free(f->ctx.jq);
    fr_diags_release(&f->diags);
    fr_arena_release(&f->arena);
}

struct fr_mark fixture_mark(void)
{
    return (struct fr_mark){.file = "f.yaml", .line = 10, .col = 5};
}

const struct fr_expr *expr_of(struct fixture *f, const char *text)
{
    const struct fr_expr *expr = fr_expr_parse(&f->ctx, text, fixture_mark());
    if (expr == NULL || f->diags.count > 0) {
        fail_msg("%s: %s", text, reported(f));
    }
    return expr;
}

const char *reported(const struct fixture *f)
{
    static char text[4096];
    struct fr_buf out;
    fr_buf_init(&out, sizeof(text) - 1);
    for (size_t i = 0; i < f->diags.count; i++) {
        const struct fr_diag *diag = &f->diags.items[i];
        fr_buf_printf(&out, "%s%s %u:%u+%u %s", i > 0 ? "\n" : "", diag->code, diag->mark.line,
                      diag->mark.col, diag->mark.len, diag->message);
    }
    memcpy(text, fr_buf_cstr(&out), out.len);
    text[out.len] = '\0';
    fr_buf_release(&out);
    return text;
}

void assert_one(struct fixture *f, const char *expected)
{
    assert_string_equal(reported(f), expected);
    fr_diags_release(&f->diags);
    fr_diags_init(&f->diags);
}
