/* What the tests of expressions share: a place to parse in, and what was reported. */
#ifndef TESTS_EXPRS_H
#define TESTS_EXPRS_H

#include "flowrun/plan/bind.h"
#include "flowrun/plan/expr.h"
#include "flowrun/plan/jq.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct fixture {
    struct fr_arena arena;
    struct fr_diags diags;
    struct fr_expr_ctx ctx;
};

void fixture_init(struct fixture *f);
void fixture_release(struct fixture *f);

/* Texts are written as if they started at f.yaml:10:5. */
struct fr_mark fixture_mark(void);

/* The expression must be fine. */
const struct fr_expr *expr_of(struct fixture *f, const char *text);
/* "code line:col+len message" of all that was reported, in lines; valid until the next call. */
const char *reported(const struct fixture *f);
/* Exactly one problem, which reads so; forgets it then. */
void assert_one(struct fixture *f, const char *expected);

#endif
