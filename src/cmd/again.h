/* A recorded run that goes on, or whose results another run takes. Main thread. */
#ifndef CMD_AGAIN_H
#define CMD_AGAIN_H

#include "cmd.h"
#include "flowrun/plan/turns.h"
#include "flowrun/store/lock.h"

/* What a run goes on with. */
struct cmd_again {
    int64_t key;
    char id[64], status[16]; /* as they were recorded */
    int64_t started_wall_ns, took_ns;
    struct fr_run_hold hold;     /* until the run has taken it */
    struct json_object *options; /* what was recorded of the command line; borrowed */
    const char *step;            /* this one runs again, and all behind it; NULL = none */
};

/* resume.c: says that a file is not as it was when the run was begun. */
void cmd_changed(const char *path);

/* ---- select.c: what the command line chooses of a plan. 0 or an exit code after printing. ---- */

struct cmd_selected {
    bool *set;             /* by step; NULL = nothing was chosen; owned */
    struct fr_turn *turns; /* besides, of single turns of batches and loops; owned */
    uint32_t turn_count;
};
void cmd_selected_release(struct cmd_selected *selected);
/* A step and all that run behind it. */
int cmd_select_behind(const struct fr_plan *plan, const char *option, const char *id,
                      struct cmd_selected *selected);
/* The steps of a list "a,b", what holds them and what is inside of them. */
int cmd_select_only(const struct fr_plan *plan, const char *const *lists, uint32_t count,
                    struct cmd_selected *selected);
/* Whether the step of this name is one of those that were chosen, when any were. */
bool cmd_selected_has(const struct fr_plan *plan, const struct cmd_selected *selected,
                      const char *id);

#endif
