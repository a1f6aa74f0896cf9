/* How evaluations and attempts come out. Owned by the task they belong to; coordinator thread. Private to run/. */
#ifndef RUN_VERDICT_H
#define RUN_VERDICT_H

#include "flowrun/run/run.h"

/* The answer to a jq question. */
struct memo {
    const struct fr_expr *expr;
    uint32_t salt;  /* the branch that `.result` is, in rank */
    uint64_t token; /* of the question */
    bool have;
    enum fr_err err;
    struct json_object *value; /* owned */
    char *why;                 /* owned; with err */
};

/* How an attempt, or the step, came out. */
struct verdict {
    enum fr_status status;
    const char *code; /* static */
    char *message;    /* owned */
};

#endif
