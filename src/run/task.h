/* One process being run: what worker.c sets up, launch.c starts and watch.c sees to its end. Owned
 * by the worker's thread. */
#ifndef FLOWRUN_RUN_TASK_H
#define FLOWRUN_RUN_TASK_H

#include <termios.h>

#include "capture.h"
#include "order.h"
#include "pool.h"

enum phase {
    PHASE_RUNNING,
    PHASE_DRAINING, /* the process has ended; its pipes may still bring something */
    PHASE_ENDING, /* TERM was sent, to the process or to what it left; KILL follows at the deadline */
    PHASE_KILLING, /* KILL was sent; repeated until nobody is left */
    PHASE_LAST,    /* all have ended; a last short wait for the pipes */
    PHASE_OVER,
};

struct task {
    struct worker *worker;
    struct fr_job *job;
    struct fr_report *report;
    struct child child;
    bool exited; /* it was reaped */
    struct capture out, err;
    struct order order;       /* of what comes to them */
    char *spill_path;         /* for `out`, owned */
    int in_fd;                /* the pipe that feeds it, owned; -1 = none or all written */
    size_t in_done;           /* bytes written so far */
    int tty_fd;               /* of a step that owns the terminal; -1 = other */
    struct termios tty_modes; /* as they were before */
    enum phase phase;
    int64_t deadline;   /* of the phase; INT64_MAX = none */
    int64_t timeout_at; /* INT64_MAX = none */
    enum fr_end why;    /* TIMED_OUT or CANCELLED: we end it; FAILED: something went wrong here;
                               EXITED: nothing of that */
    bool at_once;       /* whoever of its tree is left gets KILL, not TERM */
    int64_t kill_until, drain_until; /* when KILLING loses its patience; when DRAINING does */
    struct tree_query query;
    struct tree_set tree; /* its other processes, once they are being ended */
};

/* launch.c: starts the process; false when the report says why it could not. */
bool launch(struct task *task);

/* watch.c: serves its pipes, deadlines and cancellation until it is over. */
void watch(struct task *task);

/* ending.c: moves from phase to phase. */
void ending_begin(struct task *task, enum fr_end why, bool at_once); /* the process is to end now */
void ending_exited(struct task *task);                               /* it was reaped */
void ending_member_gone(struct task *task);
void ending_pipes_closed(struct task *task);
void ending_deadline(struct task *task); /* the phase's deadline has passed */

/* terminal.c: for steps with `tty`. */
bool terminal_open(struct task *task); /* false when the report says why there is none */
void terminal_check(struct task *task, int stop_signal); /* its process was stopped */
void terminal_close(struct task *task);                  /* takes it back and restores its modes */

#endif
