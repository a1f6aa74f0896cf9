/* `flowrun report RUN`: a report of a recorded run, which may still be under way. Main thread. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/ui/draw.h"
#include "graph_run.h"
#include "reportfile.h"
#include "reports.h"
#include "story.h"

/* Draws the run, as `graph RUN` does. */
static int draw(const struct cmd *cmd, const struct cmd_opts *opts, struct fr_buf *out)
{
    struct graph_run graph = {NULL};
    struct cmd_file file = {0};
    struct fr_plan *plan = NULL;
    enum fr_status *statuses = NULL;
    int code = graph_run_open(&graph, cmd, opts, &file, &plan, &statuses);
    if (!code)
        graph_run_draw(&graph, plan, statuses, FR_GRAPH_MERMAID, out);
    free(statuses);
    fr_plan_free(plan);
    cmd_file_close(&file);
    graph_run_close(&graph);
    return code;
}

/* Writes the story in one of its formats; NULL: the run as an object of JSON. `path` NULL = to standard output. */
static int tell(const struct cmd *cmd, const struct cmd_opts *opts,
                const struct fr_story_format *format, const char *path, struct fr_buf *out)
{
    struct fr_store *store = NULL;
    struct fr_story story;
    int64_t run = 0;
    enum fr_err err = FR_OK;
    int code = cmd_run_open(cmd, opts, &store, &run);
    if (!code && !format) {
        err = cmd_history_json(store, run, out);
        fr_buf_char(out, '\n');
    } else if (!code) {
        err = cmd_story_fill(&(struct story_source){.store = store, .run = run, .files = true},
                             &story);
        if (!err) {
            char *folder = path ? reportfile_folder(path) : NULL;
            story.page_folder = folder;
            format->write(&story, out);
            free(folder);
            cmd_story_release(&story);
        }
    }
    if (err)
        code = cmd_store_failed(store);
    fr_store_close(store);
    return code;
}

/* The format called so, a word that the table of options allows; NULL = it is none of a story. */
static const struct fr_story_format *find(const char *name)
{
    const struct fr_story_format *format = fr_story_formats;
    while (format->name && strcmp(format->name, name) != 0)
        format++;
    return format->name ? format : NULL;
}

/* Where -o leads must be no file of the store, nor of the run's workflow as far as that can still be read. */
static int check_target(const struct cmd *cmd, const struct cmd_opts *opts, const char *path)
{
    struct graph_run graph = {NULL};
    struct cmd_file file = {0};
    struct fr_store *store = NULL;
    struct fr_plan *plan = NULL;
    int64_t run = 0;
    int code = reportfile_check_store("-o/--output", path, opts);
    if (!code)
        code = cmd_run_open(cmd, opts, &store, &run);
    if (!code)
        plan = graph_run_now(&graph, store, run, &file);
    if (!code && graph.path && *graph.path == '/' && reportfile_same(path, graph.path))
        code = cmd_fail(CMD_USAGE, "-o/--output: '%s' is the workflow itself", opts->to);
    for (uint32_t i = 0; i < graph.catalog_count && !code; i++)
        if (reportfile_same(path, graph.catalogs[i]))
            code = cmd_fail(CMD_USAGE, "-o/--output: '%s' is what --catalog has read", opts->to);
    if (!code && plan)
        code = reports_check_path("-o/--output", path, plan);
    fr_plan_free(plan);
    cmd_file_close(&file);
    graph_run_close(&graph);
    fr_store_close(store);
    return code;
}

int cmd_report(const struct cmd *cmd, struct cmd_opts *opts)
{
    struct fr_buf out;
    if (!opts->format)
        return cmd_fail(CMD_USAGE, "say with --format what to write: html, junit, tap, joblog, "
                                   "markdown, mermaid or json");
    bool drawing = strcmp(opts->format, "mermaid") == 0;
    char *path = opts->to ? reportfile_resolve("-o/--output", opts->to) : NULL;
    if (opts->to && !path)
        return CMD_USAGE;
    int code = path ? check_target(cmd, opts, path) : CMD_OK;
    fr_buf_init(&out, 0);
    if (!code)
        code = drawing ? draw(cmd, opts, &out) : tell(cmd, opts, find(opts->format), path, &out);
    if (!code && path) {
        int err = reportfile_write(path, &out);
        if (err)
            code = cmd_fail(CMD_FAILED, "cannot write the report '%s': %s", opts->to,
                            reportfile_error(err));
    } else if (!code) {
        code = cmd_write_stdout(&out, code);
    }
    free(path);
    fr_buf_release(&out);
    return code;
}
