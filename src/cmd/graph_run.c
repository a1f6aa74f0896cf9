/* `flowrun graph RUN`: the plan of a recorded run, from the text that ran, with what became of its steps. Main thread. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/json.h"
#include "graph_run.h"

/* A path of the run's command line, seen from the folder that it ran in. */
static char *seen_from(const char *cwd, const char *path)
{
    return fr_path_join(cwd ? cwd : "/", path);
}

/* The member of the recorded options, or NULL. */
static struct json_object *option(struct json_object *options, const char *key)
{
    struct json_object *value = NULL;
    json_object_object_get_ex(options, key, &value);
    return value;
}

/* Takes over what the run's command line said about reading the file. */
static void take_run(void *arg, const struct fr_kept_run *run)
{
    struct graph_run *graph = arg;
    struct json_object *options = NULL;
    graph->path = strdup(run->file);
    if (!run->options_json ||
        !fr_json_parse(run->options_json, strlen(run->options_json), &options, NULL, 0))
        options = NULL;
    struct json_object *folder = option(options, "directory");
    struct json_object *catalogs = option(options, "catalog");
    if (folder)
        graph->cwd = seen_from(run->cwd, json_object_get_string(folder));
    else if (strcmp(run->file, "-") == 0 && run->cwd)
        graph->cwd = strdup(run->cwd);
    size_t count = catalogs ? json_object_array_length(catalogs) : 0;
    graph->catalogs = calloc(count + 1, sizeof *graph->catalogs);
    if (!graph->path || !graph->catalogs)
        abort();
    for (size_t i = 0; i < count; i++)
        graph->catalogs[graph->catalog_count++] =
            seen_from(run->cwd, json_object_get_string(json_object_array_get_idx(catalogs, i)));
    json_object_put(options);
}

/* Loads the plan from the text that ran. */
static int load(struct graph_run *graph, const struct cmd_opts *opts, struct cmd_file *file,
                struct fr_plan **plan)
{
    struct fr_diags diags;
    file->load = (struct fr_load_options){.file = graph->path,
                                          .text = file->text,
                                          .text_len = file->load.text_len,
                                          .cwd = graph->cwd,
                                          .catalogs = (const char *const *)graph->catalogs,
                                          .catalog_count = graph->catalog_count,
                                          .validate_only = true};
    fr_diags_init(&diags);
    enum fr_err err = fr_plan_load(&file->load, &diags, plan);
    cmd_print_diags(&diags, file, cmd_use_color(opts, STDERR_FILENO));
    fr_diags_release(&diags);
    return cmd_exit_of(err);
}

int graph_run_open(struct graph_run *graph, const struct cmd *cmd, const struct cmd_opts *opts,
                   struct cmd_file *file, struct fr_plan **plan, enum fr_status **statuses)
{
    struct fr_store *store = NULL;
    struct fr_buf result;
    int64_t run = 0;
    bool masked;

    int code = cmd_run_open(cmd, opts, &store, &run);
    fr_buf_init(&result, 0);
    if (!code) {
        file->text = fr_history_plan(store, run, &masked, &file->load.text_len);
        if (!file->text || fr_history_run(store, run, take_run, graph) ||
            fr_history_json(store, run, &result))
            code = cmd_store_failed(store);
    }
    fr_store_close(store);
    if (!code)
        code = load(graph, opts, file, plan);
    if (!code)
        code = cmd_parse_result(opts->files[0], &result, *plan, statuses);
    fr_buf_release(&result);
    return code;
}

void graph_run_close(struct graph_run *graph)
{
    for (uint32_t i = 0; i < graph->catalog_count; i++)
        free(graph->catalogs[i]);
    free(graph->catalogs);
    free(graph->path);
    free(graph->cwd);
}
