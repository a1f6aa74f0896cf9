/* A reader of Bourne shell text (POSIX and bash) that knows, at each expression, how it
 * is quoted and what the shell will do with it: shlex.c has quotes and substitutions,
 * shdoc.c here-documents, shword.c words, shcmd.c commands, shargs.c arguments, shknown.c
 * what is known of commands by name.
 * It copies the text and puts references in. Private to plan/. */
#ifndef PLAN_SHLEX_H
#define PLAN_SHLEX_H

#include "exprs.h"
#include "flowrun/plan/bind.h"
#include "shknown.h"

/* Why no value may stand in a place, and what to do instead. */
struct sh_refusal {
    const char *where; /* "inside single quotes" */
    const char *help;
};
extern const struct sh_refusal sh_in_quoted_doc, sh_in_arithmetic, sh_in_brackets, sh_in_pattern,
    sh_as_command, sh_as_name;

enum { SH_DOCS = 8, SH_DELIMITER = 64, SH_DEPTH = 60 };

struct sh_doc {
    char delimiter[SH_DELIMITER];
    bool quoted, strip;
};

struct sh {
    struct fr_expr_ctx *ctx;
    const char *text;
    struct fr_mark mark; /* of text */
    const char *at, *end;
    struct fr_buf out;
    const struct fr_expr **values;
    uint32_t value_count, value_cap;
    const struct sh_refusal
        *refuse;                 /* nothing may stand in all of what is read now; NULL = by place */
    struct sh_doc docs[SH_DOCS]; /* whose bodies come after the next newline */
    unsigned doc_count, doc_base; /* those below base belong to an outer command */
    unsigned depth;
    bool arrays; /* the script declares variables that evaluate their subscripts */
    bool failed; /* something was reported */
    bool broken; /* and the reader cannot go on: every loop finds its end */
};

/* A word while it is read. */
struct sh_word {
    char text[48]; /* its literal text, quotes removed; cut when longer */
    size_t len;    /* of the literal text, also beyond the cut */
    bool plain;    /* nothing but literal text so far */
    bool quoted;   /* some of it was quoted */
    bool assign;   /* it starts with NAME= or NAME+= */
};

/* Copies n bytes. */
void sh_take(struct sh *sh, size_t n);
bool sh_at(const struct sh *sh, const char *text);
/* Reports what keeps the reader from going on. */
void sh_fail(struct sh *sh, const char *at, const char *what);

/* When an expression starts here, binds it (or reports `refusal`) and returns true. `quoted`: it stands in double
 * quotes or a here-document. */
bool sh_expr(struct sh *sh, bool quoted, const struct sh_refusal *refusal);
/* The end of the expression that starts at `at`; NULL when it is broken, which was reported. */
const char *sh_expr_end(struct sh *sh, const char *at);
/* Where text stands: in double quotes or a here-document, and which quotes open there. */
enum { SH_QUOTED = 1, SH_SINGLES = 2, SH_DOUBLES = 4, SH_BARE = SH_SINGLES | SH_DOUBLES };
/* Reads an expression, a backslash, quotes or a substitution, if one starts here. `refusal` holds for what stands in
 * it. */
bool sh_piece(struct sh *sh, unsigned where, const struct sh_refusal *refusal);
/* Reads on to the bracket that closes the one already taken. */
void sh_balanced(struct sh *sh, char open, char close, const struct sh_refusal *refusal);

/* Notes a here-document, its operator being taken. */
void sh_doc_start(struct sh *sh, bool strip);
/* Reads the bodies that start here, a newline being taken. */
void sh_doc_bodies(struct sh *sh);

/* Copies the rest of the line: what stands in a comment is text. */
void sh_comment(struct sh *sh);

/* What ends a list of commands besides the end of the text. */
enum sh_stop { SH_STOP_END, SH_STOP_PAREN, SH_STOP_CASE };
void sh_commands(struct sh *sh, enum sh_stop stop);
/* `( … )` behind `$`, `<` or `>`: takes `skip` bytes, the commands and the closing bracket. */
void sh_subst(struct sh *sh, size_t skip, const struct sh_refusal *refusal);

/* The command that is read. */
enum sh_state { SH_AT_NAME, SH_AT_ARGS, SH_AT_FOR, SH_AT_FOR_IN, SH_AT_FUNCTION };
struct sh_cmd {
    enum sh_state state;
    const struct sh_known *known; /* NULL = nothing known: arguments are data */
    bool announced;               /* a program follows */
    bool value;                   /* an option's value follows */
    bool in_find;                 /* the command stands behind find's -exec */
    bool dashes;                  /* -- was read */
    bool after_v;                 /* TEST: the word before was -v */
    bool typed;                   /* DECLARE: its options make it evaluate values */
    unsigned positional;          /* words left that are neither options nor the command */
};

/* The name of a command was read. */
void sh_set_command(struct sh_cmd *cmd, const struct sh_word *word);
/* An argument of it was read. */
void sh_note_argument(struct sh_cmd *cmd, const struct sh_word *word);
/* Why no expression may stand in an argument, or in a value behind NAME=; NULL when it may. */
const struct sh_refusal *sh_decide_argument(const struct sh *sh, const struct sh_cmd *cmd,
                                            const struct sh_word *word);
const struct sh_refusal *sh_decide_value(const struct sh *sh, const struct sh_cmd *cmd,
                                         const struct sh_word *word);

/* Reads one word; expressions in it are bound or refused by what cmd does with it. */
void sh_word(struct sh *sh, const struct sh_cmd *cmd, struct sh_word *word);

#endif
