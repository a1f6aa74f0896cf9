/* The guard: what makes `nothing left behind` true even after kill -9. See the drawing in
 * run/guard.c. Coordinator's thread only. */
#ifndef FLOWRUN_RUN_GUARD_H
#define FLOWRUN_RUN_GUARD_H

#include <stdbool.h>
#include <sys/types.h>

#include "flowrun/base/err.h"

struct fr_guard {
    int signal_fd; /* INT TERM HUP QUIT USR1 USR2 WINCH of the coordinator, and Ctrl-Z */
    int life_fd;   /* readable (end of file) when the guard died: the run is to end at once */
    pid_t guard_pid;
    bool is_key;      /* the signal read last came from the terminal, not from a program */
    pid_t sender;     /* the process that sent it; 0 = unknown */
    bool was_stopped; /* by Ctrl-Z, and went on; whoever reads it takes it back */
    void (*before_stop)(void *arg); /* called when Ctrl-Z is about to stop us; NULL = nothing */
    void *before_stop_arg;
    int direct[65];    /* by signal: how often it came to the coordinator … */
    int forwarded[65]; /* … and through the guard */
};

/* What the guard needs to know. */
struct fr_guard_told {
    const char *run_dir;    /* removed when the coordinator ended without doing it; NULL = none */
    const char *last_words; /* said on stderr when the coordinator was ended by a signal */
    /* Kept open: locks that are to last for as long as one of the two lives. The guard marks each with a record lock (fcntl)
     * of its own, which others see for as long as it lives. */
    const int *held;
    unsigned held_count;
};

/* Forks once: the parent becomes the guard, which never returns but exits as the coordinator did;
 * the child returns as coordinator: subreaper, signals blocked and readable. Before any thread is
 * made. HUP is left alone where it was ignored (nohup). */
enum fr_err fr_guard_start(struct fr_guard *guard, const struct fr_guard_told *told);

/* Reads one pending signal; 0 when there is none. *count is how often that signal was sent by now:
 * the larger of the numbers received directly and through the guard, so that a Ctrl-C that reaches
 * both counts once. Ctrl-Z is dealt with inside: steps and flowrun are stopped and go on together. */
int fr_guard_read(struct fr_guard *guard, int *count);

/* The run is over and recorded, and what is left is to tell people: one more INT, TERM, QUIT or HUP ends the process at once
 * with this exit code, whatever it waits for. When it has ended while a signal hurried it, some seconds do that. The guard removes the run's folder. `guard` is borrowed until then. */
void fr_guard_let_go(struct fr_guard *guard, int exit_code);

/* At the end of a run, when no worker is busy and the evaluator is gone: ends every process below
 * us but those of `keep_ids` steps: TERM, grace (cut short by another INT, TERM or QUIT, which
 * stays to be read), KILL. Calls `each` (may be NULL) for each process found, with its step's id
 * from FLOWRUN_STEP_ID or NULL. Returns how many were ended. One system call when there are none. */
typedef void (*fr_ended_fn)(void *arg, const char *step_id, pid_t pid, const char *name);
unsigned fr_guard_sweep(const char *run_id, const char *const *keep_ids, unsigned keep_count,
                        long grace_ms, fr_ended_fn each, void *arg);

/* Before a run goes on that was killed: KILLs what is left of its processes, known by FLOWRUN_RUN_ID in their
 * environment, but those of `keep_ids` steps, and waits for their end. Returns how many there were. */
unsigned fr_guard_clear(const char *run_id, const char *const *keep_ids, unsigned keep_count);

#endif
