/* Tokens of jq programs, as libjq's own lexer cuts them. It finds where an
 * expression ends, checks brackets before libjq sees the text, and lets a program be
 * written anew with one token a line, so that a line number of libjq's becomes a
 * column. Private to plan/. */
#ifndef PLAN_LEXJQ_H
#define PLAN_LEXJQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowrun/base/buf.h"

enum jqtok_kind {
    JQTOK_END,
    JQTOK_FIELD,  /* .name; with `dashed`, .build-app right after .steps */
    JQTOK_IDENT,  /* name or keyword */
    JQTOK_VAR,    /* $name */
    JQTOK_FORMAT, /* @name */
    JQTOK_NUMBER,
    JQTOK_STR_OPEN,
    JQTOK_STR_TEXT, /* with its escapes */
    JQTOK_STR_CLOSE,
    JQTOK_INTERP_OPEN, /* \( */
    JQTOK_INTERP_CLOSE,
    JQTOK_OPEN,  /* ( [ { */
    JQTOK_CLOSE, /* ) ] } */
    JQTOK_OP,
    JQTOK_STRAY, /* a closing bracket that closes nothing: nothing was consumed */
    JQTOK_BAD    /* `why` of the lexer says what is wrong */
};

struct jqtok {
    enum jqtok_kind kind;
    const char *at;
    size_t len;
    bool dashed;
};

enum { JQLEX_DEPTH = 200, JQLEX_MAX_BYTES = 8192 };

struct jqlex {
    const char *at, *end;
    const char *why;  /* of JQTOK_BAD; static */
    const char *mend; /* how to write it; static, may be NULL */
    const char *open[JQLEX_DEPTH];
    char stack[JQLEX_DEPTH]; /* ( [ { , '"' inside a string, 'i' inside \( ) */
    unsigned depth;
    bool after_steps; /* the token before was .steps at the start of a path */
    bool after_term;  /* the token before may be continued by a suffix */
    const char *prev_end;
};

/* Borrows the text. */
void jqlex_init(struct jqlex *lex, const char *text, size_t len);
/* Cuts the next token off; after END, STRAY and BAD it gives the same again. */
struct jqtok jqlex_next(struct jqlex *lex);

bool jqtok_is(const struct jqtok *tok, const char *text);

/* Appends the program with a newline after each token, comments left out and dashed step ids written as
 * ["id"]. The text must have been lexed without error. */
void jqlex_emit(const char *text, size_t len, struct fr_buf *out);
/* Finds the token on line `line` (from 0) of what jqlex_emit writes; the last one, as JQTOK_END, when
 * there is no such line. */
struct jqtok jqlex_find_line(const char *text, size_t len, unsigned line);

#endif
