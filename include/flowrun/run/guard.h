/* The guard: what makes `nothing left behind` true even after kill -9. See the drawing in run/guard.c. */
#ifndef FLOWRUN_RUN_GUARD_H
#define FLOWRUN_RUN_GUARD_H

#include <stdbool.h>
#include <sys/types.h>

#include "flowrun/base/err.h"

struct fr_guard {
    int signal_fd; /* INT TERM HUP QUIT (TSTP CONT WINCH …) of the coordinator, blocked before any thread starts */
    int life_fd; /* readable (end of file) when the guard died */
    pid_t guard_pid;
    int direct[65],
        forwarded
            [65]; /* how often each signal came; a press of a key counts once, see fr_guard_read */
};

/* Forks once: the parent becomes the guard (subreaper, watches, forwards signals, ends what is left, never returns but exits as the
 * coordinator did); the child returns as coordinator, subreaper too, signals blocked and readable. Before threads. run_dir
 * (may be NULL) is removed by the guard when the coordinator dies without doing it. */
enum fr_err fr_guard_start(struct fr_guard *guard, const char *run_dir);

/* Reads one pending signal; 0 when there is none. *count is how often that signal was sent by now: the larger of the
 * numbers received directly and through the guard, so that a Ctrl-C that reaches both counts once. */
int fr_guard_read(struct fr_guard *guard, int *count);

/* Coordinator only, at the end of a run: ends every process below us but those of `keep` steps: TERM, grace, KILL. Calls
 * `each` for each process found (its step id from FLOWRUN_STEP_ID, or NULL). Returns how many were ended. */
typedef void (*fr_ended_fn)(void *arg, const char *step_id, pid_t pid, const char *name);
unsigned fr_guard_sweep(const char *run_id, const char *const *keep_ids, unsigned keep_count,
                        long grace_ms, fr_ended_fn each, void *arg);

#endif
