/* What is remembered of attempts of earlier runs, or of this one before it was killed: an interface, so that the
 * run needs to know no store. The coordinator asks it, from its thread, just before an attempt would start; what it
 * gives back is treated as if a process had just ended so. */
#ifndef FLOWRUN_RUN_MEMORY_H
#define FLOWRUN_RUN_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/run/report.h"

struct fr_value;

/* Which attempt is asked for. */
struct fr_recall {
    const struct fr_step *step;
    const char *id;     /* what the step is called in this run */
    const char *recipe; /* hash of all that makes its result */
    const char *file;   /* absolute path of the file that it makes; NULL = none */
    bool in_finally;    /* it is in `finally` or inside of a step there */
    bool made_nothing;  /* what its `generates` name is not there */
};

struct fr_memory_source {
    /* What the step's attempt came to, owned by the caller; NULL = it has to run. *why is then NULL, or says in a
     * few words why something kept could not be taken; borrowed until the next call. */
    struct fr_report *(*recall)(struct fr_memory_source *memory, const struct fr_recall *asked,
                                const char **why);
    /* Whether the step is left out of this run: *output is then what an earlier run had, owned by the caller, or NULL.
     * NULL = none is. */
    bool (*leaves_out)(struct fr_memory_source *memory, const struct fr_step *step, const char *id,
                       struct fr_value **output);
    /* SHA-256 of a file, which is read only when it has changed since the last time. 0 or -errno. */
    int (*file_sha256)(struct fr_memory_source *memory, const char *path, char out[65]);
};

#endif
