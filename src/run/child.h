/* Starting processes: the one place of the program that forks, clones or executes. Any thread may
 * call; every thread that spawns has a stack of its own for it and all signals blocked. */
#ifndef FLOWRUN_RUN_CHILD_H
#define FLOWRUN_RUN_CHILD_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* What all processes of a pool have in common. */
struct child_setup {
    uint64_t reset;  /* signals (1 << number) that are ignored here and get their default there */
    bool has_nofile; /* the limit of open files was raised here; there it is as it was: */
    struct rlimit nofile;
};

/* The stack a new process runs on until it executes its program; with a guard page. */
struct child_stack {
    void *base;
    size_t size;
};

enum child_step {
    CHILD_RUNS,  /* it was started */
    CHILD_CLONE, /* where it failed: no process could be made */
    CHILD_GROUP, /* process group, limits, descriptors */
    CHILD_TTY,   /* taking the terminal */
    CHILD_ENTER, /* entering its folder */
    CHILD_EXEC,  /* executing the program */
};

struct child_spec {
    const char *path; /* the program, already looked up */
    const char *const *argv, *const *envp;
    const char *cwd;
    int fds[3]; /* become 0, 1 and 2; numbers above 2, close-on-exec */
    int tty_fd; /* the terminal whose foreground group it becomes; -1 = none */
    const struct child_setup *setup;
    _Atomic pid_t *owner; /* receives the pid before the process can end; borrowed */
};

struct child {
    pid_t pid; /* also its process group */
    int pidfd;
    enum child_step failed; /* CHILD_RUNS = it did not */
    int err;                /* errno of the failure */
};

/* Finds out once what children have to undo. `files` is how many descriptors will be wanted. */
void child_setup_init(struct child_setup *setup, unsigned files);

/* 0 or -errno. */
int child_stack_init(struct child_stack *stack);
void child_stack_release(struct child_stack *stack);

/* Starts one process in a process group of its own, with default signals and an empty mask. It gets
 * SIGKILL when the calling thread ends. Returns when its program is running or could not be. */
struct child child_spawn(const struct child_spec *spec, const struct child_stack *stack);

/* fork(2) for the guard and the evaluator: one thread in the child, which may use malloc. */
pid_t child_fork(void);

/* Closes every descriptor from `first` on but those of `keep` (ascending). */
void child_close_others(int first, const int *keep, unsigned count);

#endif
