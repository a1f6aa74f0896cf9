/* The plan and the statuses of a recorded run, for `graph RUN`. Main thread. */
#ifndef CMD_GRAPH_RUN_H
#define CMD_GRAPH_RUN_H

#include "flowrun/run/event.h"
#include "history.h"

/* What the plan borrows; all owned. */
struct graph_run {
    char *path, *cwd;
    char **catalogs;
    uint32_t catalog_count;
};

/* Fills file, plan and statuses (all owned by the caller) of the run that the first operand means. 0 or an exit code after
 * printing. */
int graph_run_open(struct graph_run *graph, const struct cmd *cmd, const struct cmd_opts *opts,
                   struct cmd_file *file, struct fr_plan **plan, enum fr_status **statuses);
void graph_run_close(struct graph_run *graph);

#endif
