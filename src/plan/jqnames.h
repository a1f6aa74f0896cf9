/* What is known of jq's own functions. Private to plan/. */
#ifndef PLAN_JQNAMES_H
#define PLAN_JQNAMES_H

#include <stdbool.h>
#include <stddef.h>

/* Why a function, keyword or $variable is not allowed, as help text; NULL when it is. */
const char *jq_impure_help(const char *name, size_t len);

/* What a builtin does with its input. */
enum jq_builtin {
    JQ_READS_INPUT, /* or nothing is known of it */
    JQ_IGNORES_INPUT,
    JQ_PASSES_INPUT,   /* its result is its input: select */
    JQ_PASSES_LAST_ARG /* its results are those of its last argument */
};
enum jq_builtin jq_builtin(const char *name, size_t len, unsigned arity);
/* True when the arguments of a builtin get the same input as itself. */
bool jq_builtin_shares_input(const char *name, size_t len);

/* The mend of a function that is not defined; `after_dash`: it stands right behind one. */
const char *jq_undefined_help(bool after_dash);

#endif
