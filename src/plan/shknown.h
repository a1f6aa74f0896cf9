/* What is known of the commands and variables that a shell treats in a way of their own.
 * Private to plan/. */
#ifndef PLAN_SHKNOWN_H
#define PLAN_SHKNOWN_H

#include <stdbool.h>
#include <stddef.h>

/* What a command does with its words. */
enum sh_policy {
    SH_PLAIN,   /* they are data */
    SH_EVAL,    /* they are program text */
    SH_NAMES,   /* they are names of variables */
    SH_DECLARE, /* NAME=value */
    SH_SET,     /* options, then data behind -- */
    SH_TEST,    /* data, but a name behind -v */
    SH_SCRIPT,  /* program text behind an option, up to the name of a file */
    SH_UNKNOWN, /* a name the script computes: a program behind what a shell takes for -c */
    SH_AWK,     /* program text as the first word, unless an option names its file */
    SH_FIND,    /* a command behind -exec */
    SH_VERB,    /* program text behind one word: deno eval */
    SH_PREFIX   /* another command, behind options */
};
struct sh_known {
    const char *name;
    enum sh_policy policy;
    const char *program; /* letters of options that announce a program; VERB: the word */
    const char
        *values; /* of options whose value may be the next word; behind a comma: whose value may
                            only be the rest of the word */
    unsigned positional; /* words before the program or command, or that do not end the options */
};
/* What is known of the command of this name (path and version number left out); NULL when nothing. */
const struct sh_known *sh_known_command(const char *name);
/* A variable whose value the shell evaluates or reads as a file of commands. */
bool sh_is_special_variable(const char *name, size_t len);
/* A builtin or a reserved word of sh, dash, busybox or bash. */
bool sh_is_builtin(const char *name);

#endif
