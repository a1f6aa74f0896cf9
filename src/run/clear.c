/* What a run has left that was killed together with its guard. They are no children of ours, so that only their
 * environment tells whose they are. Any thread; owns nothing. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/run/guard.h"
#include "proc.h"

enum { ROUNDS = 250, PAUSE_MS = 20 };

/* Whether a process is of the run, and is not to stay. */
static bool is_of(pid_t pid, const char *run_id, const char *const *keep, unsigned count)
{
    struct fr_buf env;
    bool is = false;
    if (proc_environ(pid, &env)) {
        const char *run = proc_env_get(&env, "FLOWRUN_RUN_ID");
        const char *step = proc_env_get(&env, "FLOWRUN_STEP_ID");
        is = run && strcmp(run, run_id) == 0;
        for (unsigned i = 0; is && step && i < count; i++)
            is = strcmp(step, keep[i]) != 0;
    }
    fr_buf_release(&env);
    return is;
}

/* Ends a process that is still the one that was looked at. */
static void end_process(const struct proc *proc)
{
    struct proc now;
    int fd = (int)syscall(SYS_pidfd_open, proc->pid, 0);
    if (fd >= 0 && proc_read(proc->pid, &now) && now.start == proc->start)
        (void)syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
    fr_close(&fd);
}

/* One walk over all processes; how many are left. */
static unsigned walk(const char *run_id, const char *const *keep, unsigned count)
{
    struct proc_list list;
    unsigned left = 0;
    proc_read_all(&list);
    for (size_t i = 0; i < list.count; i++) {
        const struct proc *proc = &list.items[i];
        bool of_kernel = proc->pid == 2 || proc->parent == 2;
        if (proc->pid == getpid() || of_kernel || proc->state == 'Z' ||
            !is_of(proc->pid, run_id, keep, count))
            continue;
        end_process(proc);
        left++;
    }
    proc_list_release(&list);
    return left;
}

unsigned fr_guard_clear(const char *run_id, const char *const *keep_ids, unsigned keep_count)
{
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
    unsigned found = walk(run_id, keep_ids, keep_count);
    for (int i = 0; i < ROUNDS && found && walk(run_id, keep_ids, keep_count); i++)
        nanosleep(&pause, NULL);
    return found;
}
