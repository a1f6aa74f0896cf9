/* The executor: runs jobs and sends reports. An interface, so that a dry run or a test's fake can
 * stand where the thread pool does.
 *
 * A job is self-contained and immutable; it goes to the executor by start and belongs to it from
 * then on. A report belongs to whoever received it. Jobs and reports hold no JSON values. The
 * interface is called by the coordinator only. */
#ifndef FLOWRUN_RUN_EXEC_H
#define FLOWRUN_RUN_EXEC_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/run/job.h"

enum { FR_PEEK_BYTES = 4096 };

struct fr_executor {
    /* Takes the job. Never blocks. */
    void (*start)(struct fr_executor *ex, struct fr_job *job);
    /* The next report, owned by the caller; NULL when there is none now, or enough for one turn. Never blocks. */
    struct fr_report *(*next)(struct fr_executor *ex);
    /* Readable while reports wait. */
    int (*fd)(struct fr_executor *ex);
    /* Asks a running or queued job to end: TERM, grace, KILL; with `at_once` KILL now. It still sends FINISHED. */
    void (*cancel)(struct fr_executor *ex, uint64_t job_id, enum fr_cancel why, bool at_once);
    /* All jobs have sent FINISHED. Joins the threads. */
    void (*free)(struct fr_executor *ex);
    /* Copies the last bytes that a running job (with `peek`) printed, at most FR_PEEK_BYTES; *cut: there were others
     * before them. Returns how many; 0 = nothing. Never blocks. NULL = it cannot tell. */
    size_t (*peek)(struct fr_executor *ex, uint64_t job_id, char *out, bool *cut);
    /* From now on (or no longer) what jobs with `stream` print is left in their pipes. NULL = it cannot. */
    void (*hold)(struct fr_executor *ex, bool on);
};

/* The pthread pool: up to `workers` threads, made when first needed. run_dir: a private folder for spilled outputs and
 * scratch folders, borrowed. */
struct fr_executor *fr_pool_new(uint32_t workers, const char *run_dir);

#endif
