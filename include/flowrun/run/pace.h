/* What the steps of a workflow took in earlier runs: plain numbers, which the store has and run and ui use. Frozen;
 * any thread. */
#ifndef FLOWRUN_RUN_PACE_H
#define FLOWRUN_RUN_PACE_H

#include <stdint.h>

struct fr_pace_step {
    int64_t usual_ns;      /* median of the last successes; 0 = unknown */
    int64_t p95_ns;        /* of the same */
    uint32_t successes;    /* how many those are */
    uint32_t runs, failed; /* of the last runs, so many failed */
};

struct fr_pace {
    struct fr_pace_step *steps; /* by step */
    int64_t *expected;          /* by step: usual_ns */
    uint32_t count;
};

enum {
    FR_PACE_RUNS = 20,  /* so many of the last runs are looked at … */
    FR_PACE_ENOUGH = 5, /* … and so many successes are needed to judge by */
};

#endif
