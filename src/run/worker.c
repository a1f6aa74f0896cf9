/* One job from start to end: prepare, launch, watch, and put together the report. Runs on worker
 * threads; owns the task. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "spill.h"
#include "task.h"

enum { STDERR_KEPT = 64 << 10 };

/* When something that takes `ns` from `now` is over. */
static int64_t after(int64_t now, int64_t ns)
{
    return ns == FR_UNLIMITED || ns > INT64_MAX - now ? INT64_MAX : now + ns;
}

/* Sets up a task without doing anything yet. */
static void init_task(struct task *task, struct worker *worker, struct fr_job *job,
                      struct fr_report *report)
{
    *task =
        (struct task){.worker = worker, .job = job, .report = report, .in_fd = -1, .tty_fd = -1};
    task->child.pidfd = -1;
    task->deadline = INT64_MAX;
    if (asprintf(&task->spill_path, SPILL_FILE, worker->pool->run_dir, job->id) < 0) {
        task->spill_path = NULL;
    }
    capture_init(&task->out, task->spill_path ? job->capture_limit : SIZE_MAX, task->spill_path);
    task->out.ignore = job->discard_stdout;
    capture_init_last(&task->err, STDERR_KEPT);
    order_begin(&task->order, &task->out, &task->err, &worker->order_fd, job->id);
    tree_set_init(&task->tree);
}

/* Frees what a task holds. */
static void release_task(struct task *task)
{
    order_release(&task->order);
    capture_release(&task->out);
    capture_release(&task->err);
    tree_set_release(&task->tree);
    fr_close(&task->in_fd);
    fr_close(&task->child.pidfd);
    free(task->spill_path);
}

/* Tells that the process runs; nobody is woken for it. */
static void send_started(struct task *task)
{
    struct fr_report *report = pool_report(task->job, FR_REPORT_STARTED);
    report->started_ns = task->report->started_ns;
    pool_send(task->worker->pool, report, false);
}

/* Moves what was captured to the report. */
static void report_output(struct task *task)
{
    struct fr_report *report = task->report;
    char *no_path = NULL;
    /* When it could not be kept it was us who stopped reading. */
    bool held = task->out.fd >= 0 || task->err.fd >= 0;
    report->stdout_closed_late = held && task->why != FR_END_FAILED;
    report->err_cut = task->err.total > STDERR_KEPT;
    report->err_total = task->err.total;
    report->weave = fr_weave_take(&task->order.weave, &report->weave_len);
    (void)capture_take(&task->err, &report->err, &report->err_len, &no_path);
    int err = capture_take(&task->out, &report->out, &report->out_len, &report->out_path);
    if (err) {
        report_fail(report, FR_END_FAILED, err == -ENOSPC ? "no-space" : "io-error",
                    "its output could not be kept: %s", strerrordesc_np(-err));
    }
}

/* Whether a process is left in the group, which was reaped. */
static bool group_lives(pid_t group)
{
    return kill(-group, 0) == 0 || errno == EPERM;
}

/* Puts the rest of the report together after the process has ended. */
static void conclude(struct task *task)
{
    struct fr_report *report = task->report;
    /* Why it ended: what we did to it counts more than how it took that. */
    if (task->why != FR_END_EXITED) {
        report->end = task->why;
    }
    report_output(task);
    take_commands(task->job, report);
    if (report->end == FR_END_EXITED && report->exit_code == 0 && task->job->file_tmp) {
        publish_file(task->job, report);
    }
    /* A pipe that was closed late has its holder; the group is asked, since who wants to be a
     * daemon closes the pipes. */
    bool lives = report->stdout_closed_late || group_lives(task->child.pid);
    scratch_recycle(&task->worker->scratch, lives);
}

/* Whether the job is still wanted; a reason to stop stays to be read by launch and watch. */
static bool still_wanted(void *arg)
{
    const struct task *task = arg;
    struct pollfd cancel = {.fd = task->worker->cancel_fd, .events = POLLIN};
    return poll(&cancel, 1, 0) == 0 && pool_now() < task->timeout_at;
}

/* Writes the file that the process finds at $FLOWRUN_INPUT, when that is left to us. One that was not finished because
 * the job is to end does not matter: the process is ended as soon as it runs. */
static bool write_input(struct task *task)
{
    const struct fr_job *job = task->job;
    if (!job->input_from) {
        return true;
    }
    int err = spill_write_json_file(job->input_from, job->input_to, still_wanted, task);
    if (err && err != -ECANCELED) {
        report_fail(task->report, FR_END_NOT_STARTED, err == -ENOSPC ? "no-space" : "io-error",
                    "the file $FLOWRUN_INPUT could not be written: %s", strerrordesc_np(-err));
        return false;
    }
    return true;
}

/* Runs a job. */
void worker_run(struct worker *worker, struct fr_job *job, struct fr_report *report)
{
    struct task task;
    init_task(&task, worker, job, report);
    peek_begin(worker, job);
    report->started_ns = pool_now();
    task.timeout_at = after(report->started_ns, job->timeout_ns);
    if (write_input(&task) && launch(&task)) {
        send_started(&task);
        watch(&task);
        terminal_close(&task);
        conclude(&task);
    } else {
        terminal_close(&task);
    }
    report->ended_ns = pool_now();
    if (job->input_to) {
        unlink(job->input_to);
    }
    if (job->file_tmp) {
        discard_file(job); /* of a success nothing is there any more */
    }
    release_task(&task);
}
