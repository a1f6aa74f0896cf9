/* `flowrun graph FILE|RUN`: draws the plan, or a run of it. Main thread. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "flowrun/ui/draw.h"
#include "graph_run.h"

/* The format called `name`, a word that the table of options allows; without one the first. */
static enum fr_graph_format find_format(const char *name)
{
    for (int i = 0; name && i < FR_GRAPH__COUNT; i++)
        if (strcmp(name, fr_graph_format_name((enum fr_graph_format)i)) == 0)
            return (enum fr_graph_format)i;
    return (enum fr_graph_format)0;
}

int cmd_graph(const struct cmd *cmd, struct cmd_opts *opts)
{
    struct cmd_file file = {0};
    struct fr_plan *plan = NULL;
    struct fr_buf out;
    enum fr_graph_format format = find_format(opts->format);
    enum fr_status *statuses = NULL;
    struct graph_run recorded = {NULL};
    int code;

    opts->without_values = true;
    if (opts->file_count && cmd_names_run(opts->files[0])) {
        if (opts->result)
            return cmd_fail(CMD_USAGE, "--result is for a FILE: a recorded run has its own");
        code = graph_run_open(&recorded, cmd, opts, &file, &plan, &statuses);
    } else {
        code = cmd_load_plan(opts, opts->file_count ? opts->files[0] : NULL, &file, &plan);
    }
    if (!code && opts->result)
        code = cmd_read_result(opts, plan, &statuses);
    if (!code) {
        fr_buf_init(&out, 0);
        graph_run_draw(&recorded, plan, statuses, format, &out);
        code = cmd_write_stdout(&out, code);
        fr_buf_release(&out);
    }
    free(statuses);
    fr_plan_free(plan);
    cmd_file_close(&file);
    graph_run_close(&recorded);
    return code;
}
