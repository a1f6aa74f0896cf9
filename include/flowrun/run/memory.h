/* What is remembered of attempts of earlier runs, or of this one before it was killed: an interface, so that the
 * run needs to know no store. The coordinator asks it, from its thread, just before an attempt would start; what it
 * gives back is treated as if a process had just ended so. */
#ifndef FLOWRUN_RUN_MEMORY_H
#define FLOWRUN_RUN_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/run/job.h"

struct fr_value;
struct fr_step_result;

/* Which attempt is asked for. */
struct fr_recall {
    const struct fr_step *step;
    const char *id;     /* what the step is called in this run */
    const char *recipe; /* hash of all that makes its result */
    const char *file;   /* absolute path of the file that it makes; NULL = none */
    bool in_finally;    /* it is in `finally` or inside of a step there */
    bool made_nothing;  /* what its `generates` name is not there */
};

/* An attempt that failed for good. All borrowed. */
struct fr_failure {
    const char *id;           /* what the step is called in this run */
    const struct fr_job *job; /* as it was started */
    const char *const
        *given; /* of its environment what the file and flowrun give: NAME=value, NULL-terminated */
    const char *input_path; /* $FLOWRUN_INPUT; NULL = none */
};

struct fr_memory_source {
    /* *report: what the step's attempt came to, owned by the caller; NULL = it has to run. Returns then NULL, or in a
     * few words why something kept could not be taken; borrowed until the next call. */
    const char *(*recall)(struct fr_memory_source *memory, const struct fr_recall *asked,
                          struct fr_report **report);
    /* Whether the step is left out of this run: *output, if asked for, is then what an earlier run had, owned by the
     * caller, or NULL; and *lost, where that is damaged, what is the matter with it, borrowed until the next call.
     * NULL = none is. */
    bool (*leaves_out)(struct fr_memory_source *memory, const struct fr_step *step, const char *id,
                       struct fr_value **output, const char **lost);
    /* Whether the branch of a race was one of those that won it before. NULL = none was. */
    bool (*had_won)(struct fr_memory_source *memory, const struct fr_step *branch, const char *id);
    /* SHA-256 of a file, which is read only when it has changed since the last time. 0 or -errno. */
    int (*file_sha256)(struct fr_memory_source *memory, const char *path, char out[65]);
    /* Writes down how a failed step can be run again alone. The path of a script, owned by the caller; NULL = there is
     * none. NULL here: nobody wants to. */
    char *(*keep_failure)(struct fr_memory_source *memory, const struct fr_failure *failure);
    /* Whether what is on record of a step stays, to which a run that goes on has not come: when it has succeeded, and
     * nothing that it depends on runs anew. With `inside`, a step that holds it stays: then so does all that is final.
     * With `result`, an empty one, fills in what it came to and how long that took. NULL = nothing stays. */
    bool (*stays)(struct fr_memory_source *memory, const struct fr_step *step, const char *id,
                  bool inside, struct fr_step_result *result);
};

#endif
