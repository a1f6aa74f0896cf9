/* A run's part in the store, for the time it lasts. Main thread. */
#ifndef CMD_RECORDING_H
#define CMD_RECORDING_H

#include "cmd.h"
#include "flowrun/store/record.h"

enum { RECORDING_LOCKS = 2 };

struct recording {
    char *folder; /* of the store; owned; NULL = the run has no part in it */
    struct fr_run_hold hold;
    int locks[RECORDING_LOCKS]; /* what the guard is to hold, too; -1 = none */
    int group_fd;
    struct fr_store *store;
    struct fr_sink *sink; /* NULL = not recorded */
    struct fr_control *control;
};

/* Before the guard: checks the store, takes the locks. 0 or an exit code after printing. */
int recording_prepare(struct recording *rec, const struct cmd_opts *opts,
                      const struct fr_plan *plan, const char *run_id);
/* Behind the guard: opens the database and writes the run's first row. */
int recording_begin(struct recording *rec, const struct cmd_opts *opts, const struct fr_plan *plan,
                    const struct cmd_file *file, const struct fr_mask *mask, const char *run_id,
                    const struct json_object *input);
/* Everything is closed and given back. */
void recording_end(struct recording *rec);

#endif
