/* A recorded run that goes on, or whose results another run takes. Main thread. */
#ifndef CMD_AGAIN_H
#define CMD_AGAIN_H

#include "cmd.h"
#include "flowrun/store/lock.h"

/* What a run goes on with. */
struct cmd_again {
    int64_t key;
    char id[64], status[16]; /* as they were recorded */
    int64_t started_wall_ns, took_ns;
    struct fr_run_hold hold; /* until the run has taken it */
    const char *step;        /* this one runs again, and all behind it; NULL = none */
};

/* ---- select.c: sets of steps, by step; owned by the caller. 0 or an exit code after printing. ---- */

/* A step and all that run behind it. */
int cmd_select_behind(const struct fr_plan *plan, const char *option, const char *id, bool **set);
/* The steps of a list "a,b", what holds them and what is inside of them. */
int cmd_select_only(const struct fr_plan *plan, const char *const *lists, uint32_t count,
                    bool **set);

#endif
