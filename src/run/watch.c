/* Watching the process of a step: one poll over its pipes, its end, its tree and the request to
 * cancel. What the events mean for its phases is decided in ending.c. Runs on worker threads. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "task.h"

enum { AT_CANCEL, AT_EXIT, AT_OUT, AT_ERR, AT_IN, AT_TREE }; /* places in the poll set */

#define STOPPED_CHECK_NS FR_NS_PER_S
#define TTY_CHECK_NS (100 * FR_NS_PER_MS)
#define UNSENT_CHECK_NS (10 * FR_NS_PER_MS)
#define TREE_CHECK_NS (20 * FR_NS_PER_MS)

/* Reaps the process when it has ended. */
static void check_exit(struct task *task)
{
    siginfo_t info = {0};
    int rc = waitid(P_PIDFD, (id_t)task->child.pidfd, &info, WEXITED | WNOHANG);
    if (rc == 0 && info.si_pid == 0) {
        return;
    }
    atomic_store(&task->worker->slot.pid, 0);
    if (info.si_code == CLD_EXITED) {
        task->report->end = FR_END_EXITED;
        task->report->exit_code = info.si_status;
    } else {
        task->report->end = FR_END_SIGNALED;
        task->report->signal = info.si_status;
    }
    task->order.pid = 0;
    ending_exited(task);
}

/* Looks whether the process was stopped because it wants the terminal. */
static void check_stopped(struct task *task)
{
    siginfo_t info = {0};
    if (task->exited || waitid(P_PIDFD, (id_t)task->child.pidfd, &info, WSTOPPED | WNOHANG) < 0 ||
        info.si_pid == 0) {
        return;
    }
    if (task->tty_fd >= 0) {
        terminal_check(task, info.si_status);
    } else if (info.si_status == SIGTTIN || info.si_status == SIGTTOU) {
        report_fail(task->report, FR_END_FAILED, "no-terminal",
                    "it was stopped because it wants to %s the terminal, which steps share: `tty: "
                    "true` gives it to this one",
                    info.si_status == SIGTTIN ? "read from" : "set up");
        ending_begin(task, FR_END_FAILED, false);
    }
}

/* The output could not be kept: the step is ended. */
static void fail_capture(struct task *task, int err)
{
    const char *code = err == ENOSPC || err == EDQUOT ? "no-space"
                       : err == ENOMEM                ? "out-of-memory"
                                                      : "io-error";
    report_fail(task->report, FR_END_FAILED, code, "its output could not be kept: %s",
                strerrordesc_np(err));
    task->out.ignore = true;
    ending_begin(task, FR_END_FAILED, false);
}

/* Passes a piece of output on as it comes. */
static void send_output(struct task *task, int fd, const char *data, size_t len)
{
    struct fr_report *report = pool_report(task->job, FR_REPORT_OUTPUT);
    report->fd = fd;
    report->data = malloc(len);
    if (!report->data) {
        fr_report_free(report);
        return;
    }
    memcpy(report->data, data, len);
    report->len = len;
    atomic_fetch_add(&task->worker->pool->unsent, len);
    pool_send(task->worker->pool, report, true);
}

/* Takes what one of the pipes has. */
static void read_output(struct task *task, struct capture *capture, int fd, short revents)
{
    struct worker *worker = task->worker;
    size_t seen = 0;
    if (!worker->chunk && revents & POLLIN) {
        worker->chunk = malloc(CAPTURE_CHUNK);
        if (!worker->chunk) {
            fr_close(&capture->fd);
            fail_capture(task, ENOMEM);
            return;
        }
    }
    uint64_t before = capture->total;
    int err = capture_read(capture, revents, worker->chunk, task->job->stream, &seen);
    order_note(&task->order, fd - 1, capture->total - before, pool_now());
    if (task->job->peek && capture->total > before) {
        peek_note(worker, fd, seen ? worker->chunk : NULL, seen);
    }
    if (seen > 0 && worker->chunk && task->job->stream) {
        send_output(task, fd, worker->chunk, seen);
    }
    if (err) {
        fail_capture(task, -err);
    }
    if (task->out.fd < 0 && task->err.fd < 0) {
        ending_pipes_closed(task);
    }
}

/* Takes what a pipe holds at this moment, without waiting: its time is over, but on a busy machine
 * that may have passed before we came to read. */
static void read_rest(struct task *task, struct capture *capture, int fd)
{
    int held = 0;
    if (capture->fd < 0 || ioctl(capture->fd, FIONREAD, &held) < 0) {
        return;
    }
    uint64_t until = capture->total + (uint64_t)held;
    uint64_t before = capture->total - 1;
    while (capture->fd >= 0 && capture->total < until && capture->total != before) {
        before = capture->total;
        read_output(task, capture, fd, POLLIN);
    }
}

/* Feeds the process. Who does not read is not fed any more. */
static void write_input(struct task *task)
{
    const struct fr_job *job = task->job;
    ssize_t n = write(task->in_fd, job->stdin_data + task->in_done, job->stdin_len - task->in_done);
    if (n > 0) {
        task->in_done += (size_t)n;
    }
    if (task->in_done == job->stdin_len || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        fr_close(&task->in_fd);
    }
}

/* Reads the request to end. */
static void check_cancel(struct task *task)
{
    enum fr_cancel why = FR_CANCEL_NONE;
    bool at_once = false;
    if (pool_cancelled(task->worker, &why, &at_once)) {
        if (task->phase == PHASE_RUNNING) {
            task->report->cancel = why;
        }
        ending_begin(task, FR_END_CANCELLED, at_once);
    }
}

/* How often to look at what poll cannot tell. INT64_MAX = never. */
static int64_t check_every(const struct task *task, int64_t every, bool throttled, bool all_fds)
{
    if (!task->exited && task->tty_fd >= 0) {
        every = TTY_CHECK_NS;
    } else if (!task->exited && task->worker->pool->has_terminal && every > STOPPED_CHECK_NS) {
        every = STOPPED_CHECK_NS;
    }
    if (throttled) {
        every = UNSENT_CHECK_NS;
    }
    return !all_fds && every > TREE_CHECK_NS ? TREE_CHECK_NS : every;
}

/* Milliseconds for poll, rounded up. */
static int poll_timeout(const struct task *task, int64_t every)
{
    int64_t until = task->phase == PHASE_RUNNING ? task->timeout_at : task->deadline;
    if (until == INT64_MAX && every == INT64_MAX) {
        return -1;
    }
    int64_t left = until == INT64_MAX ? INT64_MAX : until - pool_now();
    left = left < every ? left : every;
    if (left <= 0) {
        return 0;
    }
    left = (left + FR_NS_PER_MS - 1) / FR_NS_PER_MS;
    return left > INT_MAX ? INT_MAX : (int)left;
}

/* Acts when the time of a phase is over. */
static void check_time(struct task *task)
{
    int64_t until = task->phase == PHASE_RUNNING ? task->timeout_at : task->deadline;
    if (until == INT64_MAX || pool_now() < until) {
        return;
    }
    if (task->phase == PHASE_RUNNING) {
        ending_begin(task, FR_END_TIMED_OUT, false);
        return;
    }
    enum phase phase = task->phase;
    if (phase == PHASE_DRAINING || phase == PHASE_LAST) {
        order_stop(&task->order);
        read_rest(task, &task->out, STDOUT_FILENO);
        read_rest(task, &task->err, STDERR_FILENO);
    }
    if (task->phase == phase) {
        ending_deadline(task);
    }
}

/* Deals with what poll found. Output comes first, so that nothing of it is behind the end. */
static void handle(struct task *task, const struct pollfd *fds, unsigned members)
{
    struct order_ready pipes[2];
    unsigned count = order_ready(&task->order, fds + AT_OUT, pipes);
    for (unsigned i = 0; i < count; i++) {
        bool out = pipes[i].pipe == 0;
        read_output(task, out ? &task->out : &task->err, out ? STDOUT_FILENO : STDERR_FILENO,
                    pipes[i].revents);
    }
    if (fds[AT_IN].revents) {
        write_input(task);
    }
    if (fds[AT_EXIT].revents) {
        check_exit(task);
    }
    if (fds[AT_CANCEL].revents) {
        check_cancel(task);
    }
    for (unsigned i = 0; i < members; i++) {
        if (fds[AT_TREE + i].revents) {
            ending_member_gone(task);
            break;
        }
    }
}

/* Whether what the step prints is to wait. What is left in the pipes of a process that has ended is little, and must not
 * get lost. */
static bool is_throttled(const struct task *task)
{
    struct pool *pool = task->worker->pool;
    return task->job->stream && !task->exited &&
           (atomic_load(&pool->held) || atomic_load(&pool->unsent) > POOL_UNSENT_MAX);
}

/* One turn: waits for something to happen and deals with it. */
static void turn(struct task *task)
{
    struct pollfd fds[AT_TREE + TREE_FDS];
    bool all_fds = true;
    bool throttled = is_throttled(task);
    /* poll skips negative descriptors. */
    fds[AT_CANCEL] = (struct pollfd){.fd = task->worker->cancel_fd, .events = POLLIN};
    fds[AT_EXIT] = (struct pollfd){.fd = task->exited ? -1 : task->child.pidfd, .events = POLLIN};
    int64_t every = order_poll(&task->order, fds + AT_OUT);
    if (throttled) {
        fds[AT_OUT].fd = fds[AT_ERR].fd = -1;
        every = INT64_MAX;
    }
    fds[AT_IN] = (struct pollfd){.fd = task->in_fd, .events = POLLOUT};
    unsigned members = tree_pollfds(&task->tree, fds + AT_TREE, &all_fds);

    int timeout = poll_timeout(task, check_every(task, every, throttled, all_fds));
    int ready = poll(fds, AT_TREE + members, timeout);
    if (ready > 0) {
        handle(task, fds, members);
    } else if (ready == 0) {
        check_stopped(task);
        if (!all_fds) {
            ending_member_gone(task);
        }
    }
    if (!throttled) {
        order_turn(&task->order, ready == 0, pool_now());
    }
    check_time(task);
}

/* Watches until it is over. */
void watch(struct task *task)
{
    while (task->phase != PHASE_OVER) {
        turn(task);
    }
}
