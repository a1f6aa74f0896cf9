/* Jobs: what an executor is given. Whoever has one owns it. */
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
    const char *stdin_path; /* FILE */
    const char *input_from; /* a spilled input: written as JSON … */
    const char *input_to; /* … to this file, which is there while the process runs; NULL = none */
    const char *command_path; /* of the file it may write commands to, removed after; NULL = none */
    bool stream;              /* send output as it comes (FR_REPORT_OUTPUT), besides capturing */
    bool peek;                /* what it printed last may be asked for while it runs */
    bool discard_stdout;      /* output: none */
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
    FR_CANCEL_STOP, /* a step ended the run well */
    FR_CANCEL_BUDGET,
    FR_CANCEL_RECORD /* the run cannot be recorded any more */
};

/* Returns zeroed, its arena ready, owned by the caller until start takes it. Any thread. */
struct fr_job *fr_job_new(void);
void fr_job_free(struct fr_job *job);

/* What comes back. */
#include "flowrun/run/report.h"

#endif
