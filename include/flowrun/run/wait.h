/* What a step was short of, and for how long. */
#ifndef FLOWRUN_RUN_WAIT_H
#define FLOWRUN_RUN_WAIT_H

#include <stdint.h>

struct fr_wait {
    int64_t ns;
    const char *what; /* "for a worker (max_workers: 2)" */
};

#endif
