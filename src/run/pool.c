/* The thread pool behind the executor interface.
 *
 *      coordinator                          worker threads
 *      start  ── job ──> queue ──────────>  take, run one job, free it
 *      next   <── reports <───────────────  FINISHED (STARTED, OUTPUT before it)
 *      fd     <── eventfd, written once per batch of reports
 *      cancel ── why ──> worker ── its eventfd wakes its poll
 *
 * Giving is moving: a job belongs to the pool from start on, a report to who got it. One mutex
 * guards queue, reports and what each worker is asked to do; nothing is called while it is held.
 * Threads are made when a job finds none idle, and live as long as the pool, since a process gets
 * SIGKILL when the thread that made it ends. */
#include "pool.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "flowrun/base/fd.h"

enum { THREAD_STACK = 512 << 10, FILES_PER_WORKER = 16, FILES_BESIDES = 128 };

/* The pool an executor is the front of. */
static struct pool *pool_of(struct fr_executor *ex)
{
    return (struct pool *)ex;
}

/* Ends the process when there is no memory for what cannot be left out. */
static void *need(void *memory)
{
    if (!memory) {
        abort();
    }
    return memory;
}

/* Appends a report; true when the eventfd has to be written, after the lock was given back. */
static bool append_report(struct pool *pool, struct fr_report *report, bool wake)
{
    report->next = NULL;
    *pool->reports_end = report;
    pool->reports_end = &report->next;
    bool write = wake && !pool->signalled;
    pool->signalled = pool->signalled || wake;
    return write;
}

/* Makes the eventfd readable. */
static void signal_reports(struct pool *pool)
{
    (void)eventfd_write(pool->event_fd, 1);
}

/* Sends a report. */
void pool_send(struct pool *pool, struct fr_report *report, bool wake)
{
    pthread_mutex_lock(&pool->lock);
    bool write = append_report(pool, report, wake);
    pthread_mutex_unlock(&pool->lock);
    if (write) {
        signal_reports(pool);
    }
}

/* Reads what the coordinator asks of a worker. */
bool pool_cancelled(struct worker *worker, enum fr_cancel *why, bool *at_once)
{
    eventfd_t count;
    pthread_mutex_lock(&worker->pool->lock);
    (void)eventfd_read(worker->cancel_fd, &count);
    *why = worker->why;
    *at_once = worker->at_once;
    pthread_mutex_unlock(&worker->pool->lock);
    return *why != FR_CANCEL_NONE;
}

/* Gives the worker its next job, or NULL when the pool ends. Called and left with the lock held. */
static struct fr_job *take_job(struct pool *pool, struct worker *worker)
{
    while (!pool->queue && !pool->stop) {
        pool->idle++;
        pthread_cond_wait(&pool->wake, &pool->lock);
        pool->idle--;
    }
    struct fr_job *job = pool->queue;
    if (!job) {
        return NULL;
    }
    pool->queue = job->next;
    if (!pool->queue) {
        pool->queue_end = &pool->queue;
    }
    pool->queued--;
    worker->job_id = job->id;
    worker->busy = true;
    return job;
}

/* Notes that the worker has no job, and clears what was asked of the last one. */
static void end_job(struct worker *worker)
{
    eventfd_t count;
    if (worker->why != FR_CANCEL_NONE) {
        (void)eventfd_read(worker->cancel_fd, &count);
    }
    worker->busy = false;
    worker->why = FR_CANCEL_NONE;
    worker->at_once = false;
}

/* A worker thread: jobs until the pool ends. The report goes off with the same turn of the lock
 * that takes the next job, and wakes the coordinator after it. */
static void *work(void *arg)
{
    struct worker *worker = arg;
    struct pool *pool = worker->pool;
    pthread_mutex_lock(&pool->lock);
    struct fr_job *job = take_job(pool, worker);
    while (job) {
        pthread_mutex_unlock(&pool->lock);
        struct fr_report *report = pool_report(job, FR_REPORT_FINISHED);
        report->exit_code = -1;
        if (job->is_http) {
            http_run(worker, job, report);
        } else {
            worker_run(worker, job, report);
        }
        fr_job_free(job);
        pthread_mutex_lock(&pool->lock);
        end_job(worker);
        if (append_report(pool, report, true)) {
            pthread_mutex_unlock(&pool->lock);
            signal_reports(pool);
            pthread_mutex_lock(&pool->lock);
        }
        job = take_job(pool, worker);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Frees a worker whose thread has ended or never began. */
static void free_worker(struct worker *worker)
{
    tree_slot_remove(&worker->slot);
    scratch_release(&worker->scratch);
    child_stack_release(&worker->stack);
    fr_close(&worker->cancel_fd);
    fr_close(&worker->order_fd);
    http_free(worker->http);
    (void)pthread_mutex_destroy(&worker->peek.lock);
    free(worker->chunk);
    free(worker);
}

/* Starts the thread with all signals blocked: they are the coordinator's. */
static int start_thread(struct worker *worker)
{
    pthread_attr_t attr;
    sigset_t all;
    sigset_t before;
    int err = pthread_attr_init(&attr);
    if (err) {
        return err;
    }
    (void)pthread_attr_setstacksize(&attr, THREAD_STACK);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    err = pthread_create(&worker->thread, &attr, work, worker);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attr);
    return err;
}

/* Makes one more worker; false when the system does not give it. Lock held. */
static bool add_worker(struct pool *pool)
{
    struct worker *worker = need(calloc(1, sizeof(*worker)));
    worker->pool = pool;
    worker->number = pool->worker_count;
    worker->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    worker->order_fd = -1;
    (void)pthread_mutex_init(&worker->peek.lock, NULL);
    tree_slot_add(&worker->slot);
    if (worker->cancel_fd < 0 || child_stack_init(&worker->stack) < 0 || start_thread(worker)) {
        free_worker(worker);
        return false;
    }
    worker->next = pool->workers;
    pool->workers = worker;
    pool->worker_count++;
    return true;
}

/* Reports a job that never ran. Lock held by nobody. */
static void refuse(struct pool *pool, struct fr_job *job, enum fr_cancel why)
{
    struct fr_report *report = pool_report(job, FR_REPORT_FINISHED);
    report->exit_code = -1;
    report->started_ns = report->ended_ns = pool_now();
    if (why != FR_CANCEL_NONE) {
        report->end = FR_END_CANCELLED;
        report->cancel = why;
    } else {
        report_fail(report, FR_END_NOT_STARTED, "no-resources", "cannot start a thread: %s",
                    "the system's limit of processes or files is reached");
    }
    fr_job_free(job);
    pool_send(pool, report, true);
}

/* Queues a job, with a thread more when none is idle and the pool may grow. */
static void start(struct fr_executor *ex, struct fr_job *job)
{
    struct pool *pool = pool_of(ex);
    pthread_mutex_lock(&pool->lock);
    job->next = NULL;
    if (pool->queued >= pool->idle && pool->worker_count < pool->max_workers && !add_worker(pool) &&
        pool->worker_count == 0) {
        pthread_mutex_unlock(&pool->lock);
        refuse(pool, job, FR_CANCEL_NONE);
        return;
    }
    *pool->queue_end = job;
    pool->queue_end = &job->next;
    pool->queued++;
    bool wake = pool->idle > 0;
    pthread_mutex_unlock(&pool->lock);
    if (wake) {
        pthread_cond_signal(&pool->wake);
    }
}

/* Moves all reports that wait to the coordinator's own list. */
static void take_reports(struct pool *pool)
{
    eventfd_t count;
    pthread_mutex_lock(&pool->lock);
    pool->taken = pool->reports;
    pool->reports = NULL;
    pool->reports_end = &pool->reports;
    if (pool->signalled) {
        (void)eventfd_read(pool->event_fd, &count);
        pool->signalled = false;
    }
    pthread_mutex_unlock(&pool->lock);
}

/* The next report of those that had come when the first of them was asked for: jobs that print without end do not keep the
 * coordinator. Orphans that have ended are reaped when that is done. */
static struct fr_report *next(struct fr_executor *ex)
{
    struct pool *pool = pool_of(ex);
    if (!pool->taken && !pool->gave) {
        take_reports(pool);
    }
    struct fr_report *report = pool->taken;
    pool->gave = report != NULL;
    if (!report) {
        tree_reap_adopted();
        return NULL;
    }
    pool->taken = report->next;
    report->next = NULL;
    if (report->kind == FR_REPORT_OUTPUT) {
        atomic_fetch_sub(&pool->unsent, report->len);
    }
    return report;
}

/* Readable while reports wait. */
static int poll_fd(struct fr_executor *ex)
{
    return pool_of(ex)->event_fd;
}

/* Takes a job out of the queue; NULL when it is not there. Lock held. */
static struct fr_job *unqueue(struct pool *pool, uint64_t job_id)
{
    struct fr_job **link = &pool->queue;
    while (*link && (*link)->id != job_id) {
        link = &(*link)->next;
    }
    struct fr_job *job = *link;
    if (job) {
        *link = job->next;
        if (!*link) {
            pool->queue_end = link;
        }
        pool->queued--;
    }
    return job;
}

/* Asks a job to end. The first reason stays; `at_once` may come later. */
static void cancel(struct fr_executor *ex, uint64_t job_id, enum fr_cancel why, bool at_once)
{
    struct pool *pool = pool_of(ex);
    pthread_mutex_lock(&pool->lock);
    struct fr_job *job = unqueue(pool, job_id);
    for (struct worker *w = job ? NULL : pool->workers; w; w = w->next) {
        if (w->busy && w->job_id == job_id) {
            w->why = w->why != FR_CANCEL_NONE ? w->why : why;
            w->at_once = w->at_once || at_once;
            (void)eventfd_write(w->cancel_fd, 1);
            break;
        }
    }
    pthread_mutex_unlock(&pool->lock);
    if (job) {
        refuse(pool, job, why);
    }
}

/* Leaves outputs in their pipes, or takes them again. */
static void hold(struct fr_executor *ex, bool on)
{
    atomic_store(&pool_of(ex)->held, on);
}

/* Ends the threads and frees everything. */
static void free_pool(struct fr_executor *ex)
{
    struct pool *pool = pool_of(ex);
    pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    pthread_mutex_unlock(&pool->lock);
    pthread_cond_broadcast(&pool->wake);
    while (pool->workers) {
        struct worker *worker = pool->workers;
        pool->workers = worker->next;
        (void)pthread_join(worker->thread, NULL);
        free_worker(worker);
    }
    while (pool->taken || pool->reports) {
        fr_report_free(next(ex));
    }
    fr_close(&pool->event_fd);
    fr_close(&pool->null_fd);
    (void)pthread_cond_destroy(&pool->wake);
    (void)pthread_mutex_destroy(&pool->lock);
    free(pool);
}

/* Opens /dev/null so that no descriptor below 3 is free: a pipe must not land there. */
static int open_null(void)
{
    int fd = fr_open("/dev/null", O_RDWR, 0);
    while (fd >= 0 && fd < 3) {
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (copy < 0) {
            break;
        }
        fd = copy; /* the low one stays open for good, in place of what the caller had closed */
    }
    return fd;
}

/* Makes a pool without threads. */
struct fr_executor *fr_pool_new(uint32_t workers, const char *run_dir)
{
    struct pool *pool = need(calloc(1, sizeof(*pool)));
    pool->front = (struct fr_executor){start, next, poll_fd, cancel, free_pool, pool_peek, hold};
    pool->run_dir = run_dir;
    pool->max_workers = workers ? workers : 1;
    pool->queue_end = &pool->queue;
    pool->reports_end = &pool->reports;
    child_setup_init(&pool->setup, pool->max_workers * FILES_PER_WORKER + FILES_BESIDES);
    pool->null_fd = open_null();
    pool->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int terminal = fr_open("/dev/tty", O_RDWR, 0);
    pool->has_terminal = terminal >= 0;
    fr_close(&terminal);
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_cond_init(&pool->wake, NULL);
    if (pool->null_fd < 0 || pool->event_fd < 0) {
        free_pool(&pool->front);
        return NULL;
    }
    return &pool->front;
}
