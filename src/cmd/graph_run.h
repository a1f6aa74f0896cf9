/* The plan and the statuses of a recorded run, for `graph RUN` and reports. Main thread. */
#ifndef CMD_GRAPH_RUN_H
#define CMD_GRAPH_RUN_H

#include "flowrun/run/event.h"
#include "history.h"

/* What the plan borrows; all owned. */
struct graph_run {
    char *path, *cwd;
    char **catalogs, **params;
    uint32_t catalog_count, param_count;
};

/* Loads the plan of a run from the text that ran, with or without the parameters it was given: of those secrets are masked.
 * What is wrong with it goes to diags; FR_ERR_IO: the store failed. file and *plan are owned by the caller. */
enum fr_err graph_run_load(struct graph_run *graph, struct fr_store *store, int64_t run,
                           bool with_params, struct cmd_file *file, struct fr_diags *diags,
                           struct fr_plan **plan);

/* Fills file, plan and statuses (all owned by the caller) of the run that the first operand means. 0 or an exit code after
 * printing. */
int graph_run_open(struct graph_run *graph, const struct cmd *cmd, const struct cmd_opts *opts,
                   struct cmd_file *file, struct fr_plan **plan, enum fr_status **statuses);
void graph_run_close(struct graph_run *graph);

#endif
