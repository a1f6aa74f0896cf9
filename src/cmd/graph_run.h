/* The plan and the statuses of a recorded run, for `graph RUN` and reports. Main thread. */
#ifndef CMD_GRAPH_RUN_H
#define CMD_GRAPH_RUN_H

#include "flowrun/run/event.h"
#include "flowrun/ui/draw.h"
#include "history.h"

/* What the plan borrows; all owned. */
struct graph_run {
    char *path, *cwd;
    char **catalogs, **params;
    uint32_t catalog_count, param_count;
    bool masked; /* secrets are masked in the text that ran: see graph_run_shown */
};

/* Reads what the plan of a run is made of, unless it has been read: the text that ran, and the options. FR_ERR_IO: there is
 * none, or the store failed. */
enum fr_err graph_run_read(struct graph_run *graph, struct fr_store *store, int64_t run,
                           struct cmd_file *file);
/* Whether two runs have the same plan, by what was read of them. */
bool graph_run_same(const struct graph_run *graph, const struct cmd_file *file,
                    const struct graph_run *other, const struct cmd_file *other_file);
/* Loads the plan of a run from the text that ran, with or without the parameters it was given: of those secrets are masked.
 * What is wrong with it goes to diags; FR_ERR_IO: the store failed. file and *plan are owned by the caller. */
enum fr_err graph_run_load(struct graph_run *graph, struct fr_store *store, int64_t run,
                           bool with_params, struct cmd_file *file, struct fr_diags *diags,
                           struct fr_plan **plan);

/* Loads the plan of a run from its file as it is now, else from the text that ran, and says nothing; NULL when there is none.
 * file and the plan are owned by the caller. */
struct fr_plan *graph_run_now(struct graph_run *graph, struct fr_store *store, int64_t run,
                              struct cmd_file *file);

/* Fills file, plan and statuses (all owned by the caller) of the run that the first operand means. 0 or an exit code after
 * printing. */
int graph_run_open(struct graph_run *graph, const struct cmd *cmd, const struct cmd_opts *opts,
                   struct cmd_file *file, struct fr_plan **plan, enum fr_status **statuses);
/* Appends a text of the plan. While the plan is loaded, what is masked is written so that YAML takes it for text. */
void graph_run_shown(const struct graph_run *graph, const char *text, size_t len,
                     struct fr_buf *out);
/* The same the other way: what somebody has typed as the plan has it. */
void graph_run_meant(const struct graph_run *graph, const char *text, struct fr_buf *out);
/* Appends the drawing of the plan. */
void graph_run_draw(const struct graph_run *graph, const struct fr_plan *plan,
                    const enum fr_status *statuses, enum fr_graph_format format,
                    struct fr_buf *out);
void graph_run_close(struct graph_run *graph);

#endif
