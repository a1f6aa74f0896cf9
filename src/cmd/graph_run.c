/* `flowrun graph RUN`: the plan of a recorded run, from the text that ran, with what became of its steps. Main thread. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/json.h"
#include "flowrun/base/str.h"
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

/* A list of the recorded options; owned. With a folder they are paths, seen from there. */
static char **words_of(struct json_object *list, const char *cwd, uint32_t *count)
{
    size_t length = list ? json_object_array_length(list) : 0;
    char **words = calloc(length + 1, sizeof *words);
    for (size_t i = 0; words && i < length; i++) {
        const char *word = json_object_get_string(json_object_array_get_idx(list, i));
        words[(*count)++] = cwd ? seen_from(cwd, word) : strdup(word ? word : "");
    }
    if (!words)
        abort();
    return words;
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
    graph->catalogs = words_of(option(options, "catalog"), run->cwd, &graph->catalog_count);
    graph->params = words_of(option(options, "set"), NULL, &graph->param_count);
    if (folder)
        graph->cwd = seen_from(run->cwd, json_object_get_string(folder));
    else if (strcmp(run->file, "-") == 0 && run->cwd)
        graph->cwd = strdup(run->cwd);
    if (!graph->path)
        abort();
    json_object_put(options);
}

/* What is masked, and how it is written for YAML, where an asterisk would begin an alias: asterisk operators, U+2217. */
static const char mask_sign[] = "***", yaml_sign[] = "∗∗∗";

/* Appends a text with one sign instead of another. */
static void replace(const char *text, size_t len, const char *from, const char *to,
                    struct fr_buf *out)
{
    const char *found;
    while ((found = memmem(text, len, from, strlen(from))) != NULL) {
        fr_buf_add(out, text, (size_t)(found - text));
        fr_buf_str(out, to);
        len -= (size_t)(found - text) + strlen(from);
        text = found + strlen(from);
    }
    fr_buf_add(out, text, len);
}

/* Reads the text that ran. */
static void read_text(struct graph_run *graph, struct fr_store *store, int64_t run,
                      struct cmd_file *file)
{
    struct fr_buf text;
    file->text = fr_history_plan(store, run, &graph->masked, &file->load.text_len);
    if (!file->text || !graph->masked)
        return;
    fr_buf_init(&text, 0);
    replace(file->text, file->load.text_len, mask_sign, yaml_sign, &text);
    free(file->text);
    file->text = fr_buf_take(&text, &file->load.text_len);
}

void graph_run_shown(const struct graph_run *graph, const char *text, size_t len,
                     struct fr_buf *out)
{
    if (graph->masked)
        replace(text, len, yaml_sign, mask_sign, out);
    else
        fr_buf_add(out, text, len);
}

void graph_run_meant(const struct graph_run *graph, const char *text, struct fr_buf *out)
{
    if (graph->masked)
        replace(text, strlen(text), mask_sign, yaml_sign, out);
    else
        fr_buf_str(out, text);
}

void graph_run_draw(const struct graph_run *graph, const struct fr_plan *plan,
                    const enum fr_status *statuses, enum fr_graph_format format, struct fr_buf *out)
{
    struct fr_buf drawing;
    fr_buf_init(&drawing, 0);
    fr_graph_write(plan, statuses, format, &drawing);
    graph_run_shown(graph, fr_buf_cstr(&drawing), drawing.len, out);
    fr_buf_release(&drawing);
}

/* Says why there is no plan. Of a text with holes in it nothing is the file's fault. */
static int say_why(const struct graph_run *graph, struct fr_diags *diags, const struct cmd *cmd,
                   const struct cmd_opts *opts, const struct cmd_file *file, enum fr_err err)
{
    if (err && graph->masked && strcmp(cmd->name, "explain") == 0)
        return cmd_fail(CMD_FAILED,
                        "why steps have not begun cannot be told: the workflow is recorded with "
                        "its secrets masked, and without them it is none");
    if (err && graph->masked)
        return cmd_fail(
            CMD_FAILED,
            "the run cannot be drawn: its workflow is recorded with its secrets masked, "
            "and without them it is none; draw the file itself: `flowrun show %s --output "
            "json | flowrun graph FILE --result -`",
            opts->files[0]);
    cmd_print_diags(diags, file, cmd_use_color(opts, STDERR_FILENO));
    return cmd_exit_of(err);
}

enum fr_err graph_run_read(struct graph_run *graph, struct fr_store *store, int64_t run,
                           struct cmd_file *file)
{
    if (!file->text)
        read_text(graph, store, run, file);
    if (!file->text || (!graph->path && fr_history_run(store, run, take_run, graph)))
        return FR_ERR_IO;
    return FR_OK;
}

/* Whether two lists hold the same words. */
static bool are_same(char *const *words, uint32_t count, char *const *others, uint32_t other_count)
{
    bool same = count == other_count;
    for (uint32_t i = 0; same && i < count; i++)
        same = strcmp(words[i], others[i]) == 0;
    return same;
}

bool graph_run_same(const struct graph_run *graph, const struct cmd_file *file,
                    const struct graph_run *other, const struct cmd_file *other_file)
{
    return graph->masked == other->masked && fr_str_eq(graph->path, other->path) &&
           fr_str_eq(graph->cwd, other->cwd) &&
           are_same(graph->catalogs, graph->catalog_count, other->catalogs, other->catalog_count) &&
           are_same(graph->params, graph->param_count, other->params, other->param_count) &&
           file->load.text_len == other_file->load.text_len &&
           memcmp(file->text, other_file->text, file->load.text_len) == 0;
}

enum fr_err graph_run_load(struct graph_run *graph, struct fr_store *store, int64_t run,
                           bool with_params, struct cmd_file *file, struct fr_diags *diags,
                           struct fr_plan **plan)
{
    if (graph_run_read(graph, store, run, file))
        return FR_ERR_IO;
    file->load = (struct fr_load_options){.file = graph->path,
                                          .text = file->text,
                                          .text_len = file->load.text_len,
                                          .cwd = graph->cwd,
                                          .catalogs = (const char *const *)graph->catalogs,
                                          .catalog_count = graph->catalog_count,
                                          .validate_only = true};
    if (with_params) {
        file->load.params = (const char *const *)graph->params;
        file->load.param_count = graph->param_count;
    }
    return fr_plan_load(&file->load, diags, plan);
}

struct fr_plan *graph_run_now(struct graph_run *graph, struct fr_store *store, int64_t run,
                              struct cmd_file *file)
{
    struct fr_plan *plan = NULL;
    struct fr_diags diags;
    struct fr_buf text;
    struct stat st;
    if (fr_history_run(store, run, take_run, graph))
        return NULL;
    fr_buf_init(&text, 0);
    if (strcmp(graph->path, "-") != 0 && stat(graph->path, &st) == 0 && S_ISREG(st.st_mode) &&
        fr_read_file(graph->path, &text) == 0)
        file->text = fr_buf_take(&text, &file->load.text_len);
    fr_buf_release(&text);
    fr_diags_init(&diags);
    (void)graph_run_load(graph, store, run, false, file, &diags, &plan);
    fr_diags_release(&diags);
    return plan;
}

int graph_run_open(struct graph_run *graph, const struct cmd *cmd, const struct cmd_opts *opts,
                   struct cmd_file *file, struct fr_plan **plan, enum fr_status **statuses)
{
    struct fr_store *store = NULL;
    struct fr_buf result;
    struct fr_diags diags;
    int64_t run = 0;

    int code = cmd_run_open(cmd, opts, &store, &run);
    fr_buf_init(&result, 0);
    fr_diags_init(&diags);
    if (!code) {
        enum fr_err err = graph_run_load(graph, store, run, false, file, &diags, plan);
        code = err == FR_ERR_IO ? cmd_store_failed(store)
                                : say_why(graph, &diags, cmd, opts, file, err);
    }
    if (!code && fr_history_json(store, run, &result))
        code = cmd_store_failed(store);
    fr_store_close(store);
    if (!code)
        code = cmd_parse_result(opts->files[0], &result, *plan, statuses);
    fr_diags_release(&diags);
    fr_buf_release(&result);
    return code;
}

/* Frees a list and what is in it. */
static void free_words(char **words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        free(words[i]);
    free(words);
}

void graph_run_close(struct graph_run *graph)
{
    free_words(graph->catalogs, graph->catalog_count);
    free_words(graph->params, graph->param_count);
    free(graph->path);
    free(graph->cwd);
}
