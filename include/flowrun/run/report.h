/* Reports: what an executor gives back of its jobs. Whoever has one owns it: a worker, then the
 * coordinator. Comes with flowrun/run/job.h. */
#ifndef FLOWRUN_RUN_REPORT_H
#define FLOWRUN_RUN_REPORT_H

#include "flowrun/run/job.h"

enum fr_report_kind { FR_REPORT_STARTED, FR_REPORT_OUTPUT, FR_REPORT_FINISHED };
enum fr_end {
    FR_END_EXITED,      /* exit_code */
    FR_END_SIGNALED,    /* signal, not sent by us */
    FR_END_TIMED_OUT,   /* by us: the attempt's timeout */
    FR_END_CANCELLED,   /* by us: cancel says why */
    FR_END_NOT_STARTED, /* could not be started: message */
    FR_END_FAILED /* the program was fine, but the worker could not finish: output file missing, disk full,
                           HTTP status not expected …: message */
};

struct fr_leftover_proc {
    pid_t pid;
    char name[32];
};

/* STARTED comes without waking anybody: it is there when the next report is looked for. */
struct fr_report {
    struct fr_report *next; /* the executor's */
    enum fr_report_kind kind;
    uint64_t job_id;
    uint32_t step, attempt;
    /* OUTPUT */
    int fd;     /* 1 or 2 */
    char *data; /* owned */
    size_t len;
    /* FINISHED */
    enum fr_end end;
    int exit_code, signal, http_status;
    enum fr_cancel cancel;
    bool was_killed;         /* needed KILL after the grace */
    bool stdout_closed_late; /* the drain passed while a background process still held the pipe */
    char *out;               /* stdout, owned; NULL when spilled or empty */
    size_t out_len;          /* its full size, spilled or not */
    char *out_path;          /* owned: spilled there */
    char *err; /* the whole of stderr up to 64 KiB, else its last 64 KiB; owned; may be NULL */
    size_t err_len;
    bool err_cut;
    char *
        weave; /* how all of stdout and stderr were woven together (flowrun/base/weave.h); owned; NULL = only one spoke,
                  * or it is not known */
    size_t weave_len;
    uint64_t err_total; /* the full size of stderr */
    char *commands;     /* what it wrote to command_path; owned; NULL = no file */
    size_t commands_len;
    char *message;                /* owned, one line; NULL = none */
    const char *code;             /* of message; static. NOT_STARTED: missing-program, cannot-run,
                                   * missing-folder, missing-input, too-long, no-terminal, no-resources.
                                   * FAILED: missing-output, no-space, out-of-memory, io-error,
                                   * http-status, http-error */
    int64_t retry_after_ns;       /* HTTP 429/503 with Retry-After; 0 = none */
    int64_t started_ns, ended_ns; /* monotonic */
    bool has_file;                /* file_final is in place: */
    int64_t file_size;
    char file_sha256[65];
    struct fr_leftover_proc *leftover; /* the step's other processes that had to be ended; owned */
    uint32_t leftover_count;
    /* of an attempt that did not run now, but before (flowrun/run/memory.h): */
    bool kept;
    bool up_to_date;     /* nothing has changed since, so that the step is skipped */
    int64_t cost_before; /* of the attempts that had failed before it, in millionths … */
    int64_t began_before,
        took_before; /* when the step began, by the wall clock, and how long it took; 0 = unknown */
    char *usage_before; /* … and what they had used, a JSON list; owned; NULL = nothing */
};

void fr_report_free(struct fr_report *report);

#endif
