/* `flowrun runs`: recorded runs, the newest first. Main thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/json.h"
#include "flowrun/base/str.h"
#include "flowrun/ui/progress.h"
#include "story.h"

enum form { FORM_TEXT, FORM_JSON, FORM_TSV, FORM__COUNT };
static const char *const form_names[] = {"text", "json", "tsv"};

enum { RUNS_SHOWN = 20, ID_SHOWN = 8 };

struct list {
    enum form form;
    struct fr_store *store;
    enum fr_err err;
    struct fr_buf out;
    uint32_t count;
};

/* A moment: a date, a time, or how long ago. */
static int parse_moment(const char *option, const char *text, int64_t unless, int64_t *wall_ns)
{
    const struct fr_clock *clock = fr_clock_system();
    char whole[40];
    int64_t ago;
    *wall_ns = unless;
    if (!text || fr_parse_time(text, wall_ns))
        return CMD_OK;
    snprintf(whole, sizeof whole, "%.10sT00:00:00Z", text);
    if (strlen(text) == 10 && fr_parse_time(whole, wall_ns))
        return CMD_OK;
    if (!fr_parse_duration(text, &ago))
        return cmd_fail(CMD_USAGE,
                        "%s is a date like 2026-11-21, a time like 2026-11-21T08:00:00Z or how "
                        "long ago, like 2h, not '%s'",
                        option, text);
    *wall_ns = clock->wall_ns(clock->ctx) - ago;
    return CMD_OK;
}

/* Options into a filter. */
static int parse(const struct cmd_opts *opts, struct list *list, struct fr_run_filter *filter)
{
    for (int form = 0; opts->output && form < FORM__COUNT; form++)
        if (strcmp(opts->output, form_names[form]) == 0)
            list->form = (enum form)form;
    filter->workflow = opts->workflow;
    filter->status = opts->status;
    int code = cmd_number("--last", opts->last, RUNS_SHOWN, &filter->last);
    if (!code)
        code = parse_moment("--since", opts->since, 0, &filter->since_ns);
    return code ? code : parse_moment("--until", opts->until, 0, &filter->until_ns);
}

static void add_text(struct list *list, const struct fr_kept_run *run)
{
    char time[32], took[40];
    if (list->count == 0)
        fr_buf_printf(&list->out, "%-*s  %-11s  %-20s  %-10s  %s\n", ID_SHOWN, "RUN", "STATUS",
                      "STARTED", "TOOK", "WORKFLOW");
    fr_buf_printf(&list->out, "%.*s  %-11s  %-20s  %-10s  ", ID_SHOWN, run->id, run->status,
                  cmd_moment(run->started_wall_ns, time, sizeof time),
                  fr_format_duration(run->duration_ns, took, sizeof took));
    fr_visible_line(run->name, &list->out);
    fr_buf_char(&list->out, '\n');
}

static void add_tsv(struct list *list, const struct fr_kept_run *run)
{
    char time[32];
    if (list->count == 0)
        fr_buf_str(&list->out, "id\tstatus\texit_code\tstarted_at\tduration\tname\tfile\n");
    fr_buf_printf(&list->out, "%s\t%s\t", run->id, run->status);
    if (run->exit_code >= 0)
        fr_buf_printf(&list->out, "%d", run->exit_code);
    fr_buf_printf(&list->out, "\t%s\t%.3f\t",
                  fr_format_time(run->started_wall_ns, time, sizeof time),
                  (double)run->duration_ns / FR_NS_PER_S);
    fr_visible_line(run->name, &list->out);
    fr_buf_char(&list->out, '\t');
    fr_visible_line(run->file, &list->out);
    fr_buf_char(&list->out, '\n');
}

static void add_json(struct list *list, const struct fr_kept_run *run)
{
    struct fr_buf *out = &list->out;
    uint32_t total = run->total, failed = run->failed;
    char time[32];
    if (run->exit_code < 0 && !list->err)
        list->err = cmd_story_count(list->store, run->key, &total, &failed);
    fr_buf_str(out, list->count ? ",\n {\"run_id\":" : "[\n {\"run_id\":");
    fr_json_write_str(run->id, strlen(run->id), out);
    fr_buf_str(out, ",\"name\":");
    fr_json_write_str(run->name, strlen(run->name), out);
    fr_buf_str(out, ",\"file\":");
    fr_json_write_str(run->file, strlen(run->file), out);
    fr_buf_printf(out, ",\"status\":\"%s\",\"exit_code\":", run->status);
    if (run->exit_code >= 0)
        fr_buf_printf(out, "%d", run->exit_code);
    else
        fr_buf_str(out, "null");
    fr_buf_printf(out, ",\"started_at\":\"%s\",\"duration\":%.3f,\"steps\":%u,\"failed\":%u}",
                  fr_format_time(run->started_wall_ns, time, sizeof time),
                  (double)run->duration_ns / FR_NS_PER_S, total, failed);
}

static void add(void *arg, const struct fr_kept_run *run)
{
    struct list *list = arg;
    if (list->form == FORM_TEXT)
        add_text(list, run);
    else if (list->form == FORM_TSV)
        add_tsv(list, run);
    else
        add_json(list, run);
    list->count++;
}

int cmd_runs(const struct cmd *cmd, struct cmd_opts *opts)
{
    struct fr_run_filter filter = {0};
    struct fr_store *store = NULL;
    struct list list = {.form = FORM_TEXT};

    (void)cmd;
    fr_buf_init(&list.out, 0);
    int code = parse(opts, &list, &filter);
    if (!code)
        code = cmd_store_open(opts, &store);
    list.store = store;
    if (!code && store && (fr_history_runs(store, &filter, add, &list) || list.err))
        code = cmd_store_failed(store);
    if (!code && list.form == FORM_JSON)
        fr_buf_str(&list.out, list.count ? "\n]\n" : "[]\n");
    if (!code)
        code = cmd_write_stdout(&list.out, code);
    fr_buf_release(&list.out);
    fr_store_close(store);
    return code;
}
