/* The only place with clone, fork and exec.
 *
 * A step's process is made by clone(CLONE_VM | CLONE_VFORK): the new process borrows our memory and
 * the calling thread stands still until it has executed its program or failed. Nothing is copied,
 * however large the plan is, and a failure is told through a plain variable. The price: between
 * clone and exec only raw system calls are allowed, no function of the library that locks,
 * allocates or looks at thread-local state. Runs on worker threads; owns nothing. */
#include "child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STACK_SIZE = 32 << 10, KERNEL_SIGSET = 8 };

/* Sanitizers must not keep their books about a process that borrows our memory and stack. */
#define UNCHECKED __attribute__((no_sanitize("thread"), no_sanitize("address"), noinline))

#ifdef __SANITIZE_THREAD__
/* ThreadSanitizer takes every clone for a fork and would reset its state in our memory; the
 * function has a second name that it does not know. */
int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...);
#define clone __clone
#endif

/* What parent and child share while the parent waits. */
struct handover {
    const struct child_spec *spec;
    volatile enum child_step failed;
    volatile int err;
};

/* The kernel's form of struct sigaction, all zero but the handler: the default. */
struct kernel_sigaction {
    void *handler;
    unsigned long flags;
    void *restorer;
    uint64_t mask;
};

/* Notes where and why the new process failed, and ends it. */
UNCHECKED static void give_up(struct handover *hand, enum child_step where)
{
    hand->err = errno;
    hand->failed = where;
    for (;;) {
        (void)syscall(SYS_exit_group, 127);
    }
}

/* Gives signals that were ignored when flowrun started their default action. */
UNCHECKED static void reset_signals(uint64_t set)
{
    static const struct kernel_sigaction by_default;
    for (int sig = 1; set >> sig; sig++) {
        if (set >> sig & 1) {
            (void)syscall(SYS_rt_sigaction, sig, &by_default, NULL, KERNEL_SIGSET);
        }
    }
}

/* The new process, in our memory and on its own stack: system calls only. */
UNCHECKED static int become_program(void *arg)
{
    static const uint64_t no_signals;
    struct handover *hand = arg;
    const struct child_spec *spec = hand->spec;
    if (syscall(SYS_setpgid, 0, 0) < 0 || syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL) < 0) {
        give_up(hand, CHILD_GROUP);
    }
    if (spec->tty_fd >= 0) {
        pid_t self = (pid_t)syscall(SYS_getpid);
        /* SIGTTOU is still blocked here. */
        if (syscall(SYS_ioctl, spec->tty_fd, TIOCSPGRP, &self) < 0) {
            give_up(hand, CHILD_TTY);
        }
    }
    for (int fd = 0; fd < 3; fd++) {
        if (syscall(SYS_dup3, spec->fds[fd], fd, 0) < 0) {
            give_up(hand, CHILD_GROUP);
        }
    }
    if (spec->setup->has_nofile) {
        (void)syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &spec->setup->nofile, NULL);
    }
    if (spec->cwd && syscall(SYS_chdir, spec->cwd) < 0) {
        give_up(hand, CHILD_ENTER);
    }
    reset_signals(spec->setup->reset);
    (void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, NULL, KERNEL_SIGSET);
    (void)syscall(SYS_execve, spec->path, spec->argv, spec->envp);
    give_up(hand, CHILD_EXEC);
    return 0;
}

/* Starts one process. */
struct child child_spawn(const struct child_spec *spec, const struct child_stack *stack)
{
    struct handover hand = {.spec = spec};
    struct child child = {.pidfd = -1};
    /* CHILD_SETTID: the kernel writes the pid, in our memory, before the process takes a step, so
     * that whoever reaps adopted orphans never takes it for one of them. */
    child.pid = clone(become_program, (char *)stack->base + stack->size,
                      CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CHILD_SETTID | SIGCHLD, &hand,
                      &child.pidfd, NULL, (pid_t *)spec->owner);
    if (child.pid < 0) {
        child.failed = CHILD_CLONE;
        child.err = errno;
        return child;
    }
    if (hand.failed) {
        siginfo_t info;
        while (waitid(P_PIDFD, (id_t)child.pidfd, &info, WEXITED) < 0 && errno == EINTR) {
        }
        (void)close(child.pidfd);
        atomic_store(spec->owner, 0);
        child.pidfd = -1;
        child.failed = hand.failed;
        child.err = hand.err;
    }
    return child;
}

/* Looks at the signals' actions and at the limit of open files. */
void child_setup_init(struct child_setup *setup, unsigned files)
{
    *setup = (struct child_setup){0};
    for (int sig = 1; sig < 32; sig++) {
        struct sigaction action;
        /* Who was started by nohup wants its steps to live through a hang-up as well. */
        if (sig != SIGHUP && sigaction(sig, NULL, &action) == 0 && action.sa_handler == SIG_IGN) {
            setup->reset |= UINT64_C(1) << sig;
        }
    }
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < files) {
        setup->nofile = limit;
        setup->has_nofile = true;
        limit.rlim_cur = limit.rlim_max < files ? limit.rlim_max : files;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Maps a stack below which lies a page that must not be touched. */
int child_stack_init(struct child_stack *stack)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    stack->size = STACK_SIZE + page;
    stack->base = mmap(NULL, stack->size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack->base == MAP_FAILED) {
        stack->base = NULL;
        return -errno;
    }
    if (mprotect(stack->base, page, PROT_NONE) < 0) {
        int err = errno;
        child_stack_release(stack);
        return -err;
    }
    return 0;
}

/* Unmaps the stack; harmless when there is none. */
void child_stack_release(struct child_stack *stack)
{
    if (stack->base) {
        (void)munmap(stack->base, stack->size);
        stack->base = NULL;
    }
}

/* fork(2). */
pid_t child_fork(void)
{
    return fork();
}

/* Closes a range; false when the kernel (before 5.9) cannot. */
static bool close_between(unsigned first, unsigned last)
{
    return first > last || syscall(SYS_close_range, first, last, 0) == 0;
}

/* Closes what /proc lists, for kernels without close_range. */
static void close_listed(int first, const int *keep, unsigned count)
{
    DIR *dir = opendir("/proc/self/fd");
    if (!dir) {
        return;
    }
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        char *end = NULL;
        long fd = strtol(entry->d_name, &end, 10);
        bool wanted = *end || fd < first || fd == dirfd(dir);
        for (unsigned i = 0; i < count && !wanted; i++) {
            wanted = keep[i] == fd;
        }
        if (!wanted) {
            (void)close((int)fd);
        }
    }
    (void)closedir(dir);
}

/* Closes all but a few descriptors. */
void child_close_others(int first, const int *keep, unsigned count)
{
    unsigned from = (unsigned)first;
    for (unsigned i = 0; i < count; i++) {
        if (keep[i] < first) {
            continue;
        }
        if (!close_between(from, (unsigned)keep[i] - 1)) {
            close_listed(first, keep, count);
            return;
        }
        from = (unsigned)keep[i] + 1;
    }
    if (!close_between(from, ~0U)) {
        close_listed(first, keep, count);
    }
}
