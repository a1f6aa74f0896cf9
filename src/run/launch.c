/* Starting the process of a step: its program is looked up, its descriptors are made, and when it
 * cannot run, the report says why and what would help. Runs on worker threads. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "task.h"

enum {
    STRING_MAX = 128 << 10, /* the kernel's limit for one argument or variable */
    AT_ONCE_MAX = 4096,     /* what any new pipe takes without waiting */
    BUSY_TRIES = 6,
};

/* The value of a variable in the process's environment; borrowed; NULL when absent. */
static const char *env_of(const struct fr_job *job, const char *name)
{
    size_t len = strlen(name);
    for (const char **entry = job->envp; *entry; entry++) {
        if (strncmp(*entry, name, len) == 0 && (*entry)[len] == '=') {
            return *entry + len + 1;
        }
    }
    return NULL;
}

/* Says why there is no program to run. */
static void fail_lookup(struct task *task, const char *name)
{
    if (!strchr(name, '/')) {
        report_fail(task->report, FR_END_NOT_STARTED, "missing-program",
                    "cannot run '%s': no such program on PATH", name);
        return;
    }
    char *path = fr_path_join(task->job->cwd, name);
    struct stat st;
    if (!path || stat(path, &st) < 0) {
        report_fail(task->report, FR_END_NOT_STARTED, "missing-program",
                    "cannot run '%s': no such file in '%s'", name, task->job->cwd);
    } else {
        report_fail(task->report, FR_END_NOT_STARTED, "cannot-run", "cannot run '%s': %s", name,
                    S_ISREG(st.st_mode) ? "it is not executable (chmod +x)" : "it is no file");
    }
    free(path);
}

/* Says which string was too long for the system, or that all together were. */
static void fail_too_long(struct task *task)
{
    static const char mend[] = "use stdin or $FLOWRUN_INPUT for large values";
    const struct fr_job *job = task->job;
    for (unsigned i = 0; job->argv[i]; i++) {
        if (strlen(job->argv[i]) >= STRING_MAX) {
            report_fail(task->report, FR_END_NOT_STARTED, "too-long",
                        "argument %u of '%s' is longer than the 128 KiB the system allows: %s", i,
                        job->argv[0], mend);
            return;
        }
    }
    for (const char **entry = job->envp; *entry; entry++) {
        if (strlen(*entry) >= STRING_MAX) {
            report_fail(task->report, FR_END_NOT_STARTED, "too-long",
                        "the value of variable '%.*s' is longer than the 128 KiB the system "
                        "allows: %s",
                        (int)strcspn(*entry, "="), *entry, mend);
            return;
        }
    }
    report_fail(task->report, FR_END_NOT_STARTED, "too-long",
                "argument list too long: arguments and environment of '%s' are more than the "
                "system allows: %s",
                job->argv[0], mend);
}

/* Says what the system call refused. */
static void fail_spawn(struct task *task, const char *path)
{
    const struct fr_job *job = task->job;
    const char *why = strerrordesc_np(task->child.err);
    switch (task->child.failed) {
    case CHILD_ENTER:
        report_fail(task->report, FR_END_NOT_STARTED, "missing-folder",
                    "cannot enter folder '%s': %s", job->cwd, why);
        break;
    case CHILD_TTY:
        report_fail(task->report, FR_END_NOT_STARTED, "no-terminal",
                    "cannot give the terminal to '%s': %s", job->argv[0], why);
        break;
    case CHILD_EXEC:
        if (task->child.err == E2BIG) {
            fail_too_long(task);
        } else if (task->child.err == ENOENT && access(path, F_OK) == 0) {
            report_fail(task->report, FR_END_NOT_STARTED, "missing-program",
                        "cannot run '%s': the interpreter named in its first line does not exist",
                        job->argv[0]);
        } else {
            report_fail(task->report, FR_END_NOT_STARTED, "cannot-run", "cannot run '%s': %s",
                        job->argv[0], why);
        }
        break;
    default:
        report_fail(task->report, FR_END_NOT_STARTED, "no-resources",
                    "cannot start a process for '%s': %s", job->argv[0], why);
    }
}

/* Runs a script without a first line `#!` as the shell and execvp do. */
static void spawn_script(struct task *task, struct child_spec *spec)
{
    struct fr_job *job = task->job;
    size_t count = 0;
    while (job->argv[count]) {
        count++;
    }
    const char **argv = FR_NEW_ARRAY(&job->arena, count + 2, const char *);
    argv[0] = "/bin/sh";
    argv[1] = spec->path;
    for (size_t i = 1; i < count; i++) {
        argv[i + 1] = job->argv[i];
    }
    spec->argv = argv;
    spec->path = argv[0];
    task->child = child_spawn(spec, &task->worker->stack);
}

/* Starts it, again where that helps: a program that was written just now may still be open in a
 * process that another worker is starting this moment. */
static void spawn(struct task *task, struct child_spec *spec)
{
    struct timespec pause = {.tv_nsec = FR_NS_PER_MS};
    for (int i = 0; i < BUSY_TRIES; i++) {
        task->child = child_spawn(spec, &task->worker->stack);
        if (task->child.failed != CHILD_EXEC || task->child.err != ETXTBSY) {
            break;
        }
        (void)nanosleep(&pause, NULL);
        pause.tv_nsec *= 2;
    }
    if (task->child.failed == CHILD_EXEC && task->child.err == ENOEXEC) {
        spawn_script(task, spec);
    }
}

/* The environment with FLOWRUN_TMPDIR. */
static const char *const *complete_env(struct task *task)
{
    struct fr_job *job = task->job;
    size_t count = 0;
    while (job->envp[count]) {
        count++;
    }
    const char **envp = FR_NEW_ARRAY(&job->arena, count + 2, const char *);
    memcpy(envp, job->envp, count * sizeof(*envp));
    envp[count] = task->worker->scratch.env;
    return envp;
}

/* A pipe with the bytes it reads, or the first of them. */
static int open_bytes(struct task *task, int *theirs)
{
    const struct fr_job *job = task->job;
    int fds[2];
    int err = fr_pipe(fds, 0);
    if (err) {
        return err;
    }
    *theirs = fds[0];
    task->in_fd = fds[1];
    if (job->stdin_len > AT_ONCE_MAX) {
        (void)fcntl(task->in_fd, F_SETFL, O_NONBLOCK);
    }
    ssize_t n = write(task->in_fd, job->stdin_data, job->stdin_len);
    task->in_done = n > 0 ? (size_t)n : 0;
    if (task->in_done == job->stdin_len) {
        fr_close(&task->in_fd);
    }
    return 0;
}

/* What it reads: *theirs is closed here after the start. 0 or -errno. */
static int open_input(struct task *task, int *theirs, int *fd)
{
    const struct fr_job *job = task->job;
    int err = 0;
    *fd = task->worker->pool->null_fd;
    if (job->stdin_kind == FR_STDIN_BYTES && job->stdin_len > 0) {
        err = open_bytes(task, theirs);
    } else if (job->stdin_kind == FR_STDIN_FILE) {
        *theirs = fr_open(job->stdin_path, O_RDONLY, 0);
        if (*theirs < 0) {
            report_fail(task->report, FR_END_NOT_STARTED, "missing-input",
                        "cannot read its standard input '%s': %s", job->stdin_path,
                        strerrordesc_np(-*theirs));
            return *theirs;
        }
    } else {
        return 0;
    }
    *fd = *theirs;
    return err;
}

/* Makes the three descriptors the process begins with. 0 or -errno. */
static int open_files(struct task *task, struct child_spec *spec, int theirs[3])
{
    const struct fr_job *job = task->job;
    if (job->stdin_kind == FR_STDIN_TTY) {
        if (!terminal_open(task)) {
            return -ENXIO;
        }
        spec->fds[0] = spec->fds[1] = spec->fds[2] = spec->tty_fd = task->tty_fd;
        return 0;
    }
    bool both = job->stream || !job->discard_stdout;
    int err = open_input(task, &theirs[0], &spec->fds[0]);
    spec->fds[1] = task->worker->pool->null_fd;
    if (!err && both) {
        err = order_pipe(&task->out, both, &theirs[1]);
        spec->fds[1] = theirs[1];
    }
    if (!err) {
        err = order_pipe(&task->err, both, &theirs[2]);
        spec->fds[2] = theirs[2];
    }
    if (!err) {
        order_begin(&task->order, &task->out, &task->err, &task->worker->order_fd, job->id);
    }
    return err;
}

/* Starts the process. */
bool launch(struct task *task)
{
    struct fr_job *job = task->job;
    struct worker *worker = task->worker;
    int theirs[3] = {-1, -1, -1};
    bool started = false;
    char *path = fr_find_program(job->argv[0], env_of(job, "PATH"), job->cwd);
    if (!path) {
        fail_lookup(task, job->argv[0]);
        return false;
    }
    int err = scratch_prepare(&worker->scratch, worker->pool->run_dir, worker->number);
    struct child_spec spec = {.path = path,
                              .argv = job->argv,
                              .cwd = job->cwd,
                              .tty_fd = -1,
                              .setup = &worker->pool->setup,
                              .owner = &worker->slot.pid};
    err = err ? err : open_files(task, &spec, theirs);
    if (err) {
        report_fail(task->report, FR_END_NOT_STARTED, "no-resources",
                    "cannot start a process for '%s': %s", job->argv[0], strerrordesc_np(-err));
        goto out;
    }
    spec.envp = complete_env(task);
    spawn(task, &spec);
    started = task->child.failed == CHILD_RUNS;
    if (!started) {
        fail_spawn(task, path);
    } else {
        task->order.pid = task->child.pid;
    }
    task->query = (struct tree_query){.main = task->child.pid,
                                      .main_lives = true,
                                      .run_id = env_of(job, "FLOWRUN_RUN_ID"),
                                      .step_id = job->step_id};
out:
    for (int i = 0; i < 3; i++) {
        fr_close(&theirs[i]);
    }
    free(path);
    return started;
}
