/* Reading /proc: what is running, whose child it is, what is in its environment. Any thread. */
#ifndef FLOWRUN_RUN_PROC_H
#define FLOWRUN_RUN_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "flowrun/base/buf.h"

struct proc {
    pid_t pid, parent, group;
    char state;     /* R S D T Z … */
    uint64_t start; /* ticks after boot */
    char name[32];  /* the kernel's, up to 15 bytes */
    int mark;       /* free for the caller; 0 after reading */
};

struct proc_list {
    struct proc *items; /* by pid, ascending; owned */
    size_t count, cap;
};

/* Reads one process; false when there is none of that pid. */
bool proc_read(pid_t pid, struct proc *out);
/* Reads all of them; an empty list when /proc is not there. */
void proc_read_all(struct proc_list *list);
void proc_list_release(struct proc_list *list);
struct proc *proc_find(const struct proc_list *list, pid_t pid); /* NULL when absent */

/* Reads the environment a process was started with: NAME=VALUE strings, each with its NUL. False
 * when that is not allowed or the process is gone. */
bool proc_environ(pid_t pid, struct fr_buf *out);
/* The value of `name` in such an environment; borrowed; NULL when absent. */
const char *proc_env_get(const struct fr_buf *env, const char *name);

#endif
