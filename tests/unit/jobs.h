/* What the tests of the pool share: jobs in one line, and their reports. */
#ifndef TESTS_JOBS_H
#define TESTS_JOBS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "flowrun/run/exec.h"
#include "flowrun/run/guard.h"

/* A pool in a folder of its own. */
struct fixture {
    struct fr_executor *pool;
    char dir[64];
    uint64_t last_id;
};

static inline int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    (void)snprintf(f->dir, sizeof(f->dir), "/tmp/test-pool-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    f->pool = fr_pool_new(4, f->dir);
    assert_non_null(f->pool);
    *state = f;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *f = *state;
    f->pool->free(f->pool);
    assert_int_equal(fr_remove_tree(f->dir), 0);
    free(f);
    return 0;
}

/* A job that runs `sh -c text`, with everything at its defaults. */
static inline struct fr_job *shell_job(struct fixture *f, const char *text)
{
    static const char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin",
                                              "FLOWRUN_RUN_ID=run-1", "FLOWRUN_STEP_ID=step-1",
                                              NULL};
    struct fr_job *job = fr_job_new();
    job->id = ++f->last_id;
    job->attempt = 1;
    job->step_id = "step-1";
    job->argv = FR_NEW_ARRAY(&job->arena, 4, const char *);
    job->argv[0] = "sh";
    job->argv[1] = "-c";
    job->argv[2] = fr_strdup(&job->arena, text);
    job->envp = FR_NEW_ARRAY(&job->arena, 4, const char *);
    memcpy(job->envp, environment, sizeof(environment));
    job->cwd = fr_strdup(&job->arena, f->dir);
    job->capture_limit = 1 << 20;
    job->timeout_ns = FR_UNLIMITED;
    job->grace_ns = 20 * FR_NS_PER_S;
    return job;
}

/* The next report of a kind; others are dropped. */
static inline struct fr_report *await(struct fixture *f, enum fr_report_kind kind)
{
    for (;;) {
        struct fr_report *report = f->pool->next(f->pool);
        if (!report) {
            struct pollfd p = {.fd = f->pool->fd(f->pool), .events = POLLIN};
            assert_true(poll(&p, 1, 60000) > 0 || errno == EINTR);
        } else if (report->kind == kind) {
            return report;
        } else {
            fr_report_free(report);
        }
    }
}

/* Runs a job to its end. */
static inline struct fr_report *run_job(struct fixture *f, struct fr_job *job)
{
    f->pool->start(f->pool, job);
    return await(f, FR_REPORT_FINISHED);
}

static inline struct fr_report *run_shell(struct fixture *f, const char *text)
{
    return run_job(f, shell_job(f, text));
}

/* Starts a job that prints when it is ready, and returns what it printed; owned. */
static inline char *start_until_ready(struct fixture *f, struct fr_job *job)
{
    job->stream = true;
    f->pool->start(f->pool, job);
    struct fr_report *report = await(f, FR_REPORT_OUTPUT);
    char *text = strndup(report->data, report->len);
    fr_report_free(report);
    return text;
}

/* Whether a process of this number is there. */
static inline bool is_alive(long pid)
{
    assert_true(pid > 1);
    return kill((pid_t)pid, 0) == 0;
}

#endif
