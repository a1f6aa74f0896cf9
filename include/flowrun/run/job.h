/* Jobs and reports: what an executor is given, and what comes back. Whoever has one owns it. */
#ifndef FLOWRUN_RUN_JOB_H
#define FLOWRUN_RUN_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "flowrun/base/arena.h"
#include "flowrun/plan/plan.h"

enum fr_stdin { FR_STDIN_NONE /* /dev/null */, FR_STDIN_BYTES, FR_STDIN_FILE, FR_STDIN_TTY };

struct fr_http_header {
    const char *name, *value;
};

struct fr_job {
    struct fr_arena arena;  /* holds everything below; released with the job */
    struct fr_job *next;    /* the executor's */
    uint64_t id;            /* unique in the run */
    uint32_t step, attempt; /* attempt from 1 */
    bool is_http;
    /* a process */
    const char *step_id; /* value of FLOWRUN_STEP_ID, by which escaped processes are recognised */
    const char **argv;   /* NULL-terminated; argv[0] is looked up on the PATH of envp */
    const char **envp; /* NULL-terminated, complete but for FLOWRUN_TMPDIR, which the worker adds */
    const char *cwd;
    enum fr_stdin stdin_kind;
    const char *stdin_data; /* BYTES */
    size_t stdin_len;
    const char *stdin_path;            /* FILE */
    const char *input_from, *input_to; /* a spilled input, and its JSON file; NULL = none */
    bool stream;          /* send output as it comes (FR_REPORT_OUTPUT), besides capturing */
    bool discard_stdout;  /* output: none */
    size_t capture_limit; /* bytes of stdout kept in memory; beyond it goes to a file in run_dir */
    enum fr_leftover leftover;
    /* an HTTP request */
    const char *url, *method, *body;
    size_t body_len;
    bool is_form; /* body is url-encoded form data */
    const struct fr_http_header *headers;
    uint32_t header_count;
    const int *expect;
    uint32_t expect_count;
    /* both */
    const char *file_tmp;         /* the step's private output file; NULL = none */
    const char *file_final;       /* where it goes on success */
    int64_t timeout_ns, grace_ns; /* timeout FR_UNLIMITED = none */
};

/* Why a job is to end. */
enum fr_cancel {
    FR_CANCEL_NONE,
    FR_CANCEL_FAIL_FAST,
    FR_CANCEL_RACE,
    FR_CANCEL_SIGNAL,
    FR_CANCEL_RUN_TIMEOUT,
    FR_CANCEL_GROUP_TIMEOUT,
    FR_CANCEL_TOTAL_TIMEOUT,
    FR_CANCEL_GUARD,
    FR_CANCEL__COUNT
};

enum fr_report_kind { FR_REPORT_STARTED, FR_REPORT_OUTPUT, FR_REPORT_FINISHED };
enum fr_end {
    FR_END_EXITED,      /* exit_code */
    FR_END_SIGNALED,    /* signal, not sent by us */
    FR_END_TIMED_OUT,   /* by us: the attempt's timeout */
    FR_END_CANCELLED,   /* by us: cancel says why */
    FR_END_NOT_STARTED, /* could not be started: message */
    FR_END_FAILED,      /* it ended well, but file, disk, HTTP status … did not: message */
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
};
/* Returns zeroed, its arena ready, owned by the caller until start takes it. Any thread. */
struct fr_job *fr_job_new(void);
void fr_job_free(struct fr_job *job);
void fr_report_free(struct fr_report *report);

#endif
