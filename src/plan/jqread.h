/* The reader of jq programs that finds what they use: jqread.c has pipes, operators and
 * control, jqterm.c what they are made of. Private to plan/. */
#ifndef PLAN_JQREAD_H
#define PLAN_JQREAD_H

#include "exprs.h"
#include "jqnames.h"

/* What a value may be; bits. 0: nothing of the context. */
enum {
    IS_STEPS = 1,
    IS_ROOT = 2,
    IS_RESULT = 4,  /* of a step */
    IS_RESULTS = 8, /* a list of such */
    UNSURE = 16     /* or it may be something else */
};

enum { JQREAD_LEVELS = 1000, JQREAD_DEFS = 64 };

struct jqread {
    struct fr_expr_ctx *ctx;
    struct fr_expr *expr;
    const char *text;
    struct jqlex lex;
    struct jqtok tok;               /* the one looked at */
    struct jqtok defs[JQREAD_DEFS]; /* functions and parameters in scope */
    unsigned def_count, level;
    bool gave_up; /* the text is not understood: every token is the end from then on */
    bool failed;  /* something was reported */
};

void jqread_advance(struct jqread *r);
void jqread_give_up(struct jqread *r);
bool jqread_is(const struct jqread *r, const char *text);
bool jqread_accept(struct jqread *r, const char *text);
void jqread_expect(struct jqread *r, const char *text); /* gives up when it is something else */

/* A value is used as a whole: all of what it may be is read. */
void jqread_use(struct jqread *r, unsigned value);
void jqread_check_pure(struct jqread *r, const struct jqtok *tok);
bool jqread_is_defined(const struct jqread *r, const struct jqtok *tok);

/* Each reads its part of the grammar, given what `.` is, and returns what its result may be. */
unsigned jqread_pipe(struct jqread *r, unsigned dot);    /* a whole program */
unsigned jqread_operand(struct jqread *r, unsigned dot); /* what stands between operators */
unsigned jqread_term(struct jqread *r, unsigned dot);    /* a value with its suffixes */

#endif
