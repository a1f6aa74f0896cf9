/* `flowrun runs`: recorded runs, the newest first. Main thread. */
#include <ctype.h>
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
    struct story_counter counter;
    enum fr_err err;
    struct fr_buf out;
    uint32_t count;
};

/* How long ago: "2h" or "2h ago". A number alone is none: it may be meant as a date. */
static bool parse_ago(const char *text, int64_t *ago)
{
    static const char end[] = " ago";
    char span[40];
    size_t len = strlen(text), end_len = strlen(end);
    if (len > end_len && strcmp(text + len - end_len, end) == 0)
        len -= end_len;
    if (len == 0 || len >= sizeof span || isdigit((unsigned char)text[len - 1]))
        return false;
    snprintf(span, sizeof span, "%.*s", (int)len, text);
    return fr_parse_duration(span, ago);
}

/* A moment: a date, a time, or how long ago. A day and a second begin at *first and end at *last. */
static int parse_moment(const char *option, const char *text, int64_t *first, int64_t *last)
{
    const struct fr_clock *clock = fr_clock_system();
    char whole[40];
    int64_t ago, span = FR_NS_PER_S;
    bool good = fr_parse_time(text, first);
    if (!good && strlen(text) == 10) {
        snprintf(whole, sizeof whole, "%sT00:00:00Z", text);
        good = fr_parse_time(whole, first);
        span = FR_NS_PER_S * 3600 * 24;
    }
    if (!good && parse_ago(text, &ago)) {
        *first = clock->wall_ns(clock->ctx) - ago;
        good = true;
        span = 1;
    }
    if (!good)
        return cmd_fail(CMD_USAGE,
                        "%s is a date like 2026-11-21, a time like 2026-11-21T08:00:00Z or how "
                        "long ago, like 2h, not '%s'",
                        option, text);
    if (__builtin_add_overflow(*first, span - 1, last))
        *last = INT64_MAX;
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
    int64_t unused;
    if (!code && opts->since)
        code = parse_moment("--since", opts->since, &filter->since_ns, &unused);
    if (!code && opts->until)
        code = parse_moment("--until", opts->until, &unused, &filter->until_ns);
    return code;
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
        list->err = cmd_story_count(&list->counter, list->store, run->key, &total, &failed);
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
    if (list.form == FORM_TSV)
        fr_buf_str(&list.out, "id\tstatus\texit_code\tstarted_at\tduration\tname\tfile\n");
    if (!code && store && (fr_history_runs(store, &filter, add, &list) || list.err))
        code = cmd_store_failed(store);
    if (!code && list.form == FORM_JSON)
        fr_buf_str(&list.out, list.count ? "\n]\n" : "[]\n");
    if (!code)
        code = cmd_write_stdout(&list.out, code);
    fr_buf_release(&list.out);
    cmd_story_counter_release(&list.counter);
    fr_store_close(store);
    return code;
}
