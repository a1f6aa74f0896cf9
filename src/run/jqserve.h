/* What the evaluator process does, and how the coordinator and it talk: frames of a head and bytes. */
#ifndef FLOWRUN_RUN_JQSERVE_H
#define FLOWRUN_RUN_JQSERVE_H

#include <stdint.h>

#include "flowrun/plan/jq.h"

/* Followed by `len` bytes of input. */
struct jq_request {
    uint64_t len;
    uint32_t index;
    uint32_t many; /* 1: the input begins with a struct fr_jq_many */
};

/* Followed by `len` bytes: the result, or the reason when err is not FR_OK. */
struct jq_answer {
    uint64_t len;
    uint32_t err;
    uint32_t zero;
};

/* The body of the evaluator process: answers until the socket closes. Never returns. */
_Noreturn void jqserve(struct fr_jq *jq, int socket);

#endif
