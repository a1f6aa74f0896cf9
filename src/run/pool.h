/* The inside of the thread pool: what pool.c, which owns the queue and the reports, shares with the
 * files that run one job. */
#ifndef FLOWRUN_RUN_POOL_H
#define FLOWRUN_RUN_POOL_H

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>

#include "child.h"
#include "flowrun/run/exec.h"
#include "scratch.h"
#include "tree.h"

struct http;

/* What the job of a worker printed last: the worker writes, the coordinator reads. peek.c */
struct peek {
    pthread_mutex_t lock;
    uint64_t job_id; /* 0 = a job of which nobody wants to know it */
    struct {
        char bytes[FR_PEEK_BYTES];
        size_t len;
        bool cut; /* there was more before it */
    } of[2];      /* stdout, stderr */
    bool is_err;  /* which of them came last */
    bool in_file; /* the last of stdout went by to the file that keeps it */
};

/* One thread and what it keeps from job to job. Its own unless said otherwise. */
struct worker {
    struct pool *pool;
    struct worker *next; /* under the pool's lock */
    pthread_t thread;
    uint32_t number;
    struct tree_slot slot; /* the process it waits for */
    int cancel_fd;         /* eventfd: readable when why or at_once has changed */
    struct child_stack stack;
    struct scratch scratch; /* FLOWRUN_TMPDIR */
    int order_fd;           /* epoll for the order of outputs; -1 = not made so far */
    char *chunk;            /* CAPTURE_CHUNK bytes, made when the first output comes */
    struct http *http;      /* made by the first request */
    struct peek peek;       /* under a lock of its own */
    /* under the pool's lock: */
    uint64_t job_id; /* what it runs */
    bool busy;
    enum fr_cancel why;
    bool at_once;
};

struct pool {
    struct fr_executor front; /* first: the executor is the pool */
    const char *run_dir;      /* borrowed */
    struct child_setup setup;
    int null_fd;           /* /dev/null, for both directions */
    bool has_terminal;     /* a step may be stopped because it reads from or writes to it */
    _Atomic size_t unsent; /* bytes of OUTPUT reports that nobody has taken yet */
    atomic_bool held;      /* no more of them for now */
    uint32_t max_workers;

    pthread_mutex_t lock; /* guards all that follows */
    pthread_cond_t wake;  /* the queue has got a job, or stop was set */
    struct fr_job *queue, **queue_end;
    uint32_t queued, idle, worker_count;
    struct worker *workers;
    struct fr_report *reports, **reports_end;
    bool signalled; /* event_fd is readable */
    bool stop;

    int event_fd;
    struct fr_report
        *taken; /* taken from `reports` by the coordinator, not yet given out; no lock */
    bool gave;  /* some of those were given out; no lock */
};

enum { POOL_UNSENT_MAX = 8 << 20 };

/* Sends a report. Without `wake` it waits for the next one that does. Any thread. */
void pool_send(struct pool *pool, struct fr_report *report, bool wake);

/* Reads and clears the worker's cancel_fd; true when its job is to end. */
bool pool_cancelled(struct worker *worker, enum fr_cancel *why, bool *at_once);

/* A zeroed report for a job; aborts when memory is out. */
struct fr_report *pool_report(const struct fr_job *job, enum fr_report_kind kind);

/* Monotonic nanoseconds. */
int64_t pool_now(void);

/* Runs one job from start to end and fills its FINISHED report. worker.c */
void worker_run(struct worker *worker, struct fr_job *job, struct fr_report *report);
/* http.c */
void http_run(struct worker *worker, struct fr_job *job, struct fr_report *report);
void http_free(struct http *http);

/* Sets the report's end, code and message (one line). */
void report_fail(struct fr_report *report, enum fr_end end, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* command_file.c: moves what the process wrote to $FLOWRUN_COMMAND to the report. */
void take_commands(const struct fr_job *job, struct fr_report *report);

/* peek.c: a job begins; it printed something (data NULL: into the file that keeps its stdout, unseen); the executor's peek. */
void peek_begin(struct worker *worker, const struct fr_job *job);
void peek_note(struct worker *worker, int fd, const char *data, size_t len);
size_t pool_peek(struct fr_executor *ex, uint64_t job_id, char *out, bool *cut);

/* Where the stdout of a job goes that is too long for memory, by the run's folder and the job's number. */
#define SPILL_FILE "%s/out-%" PRIu64

/* publish.c: moves the step's file into place, or removes what a failed step left there. */
void publish_file(const struct fr_job *job, struct fr_report *report);
void discard_file(const struct fr_job *job);

#endif
