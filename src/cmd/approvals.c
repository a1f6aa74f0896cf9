/* `flowrun approvals [RUN]`: what waits for a person, in one run or in all. Main thread. */
#include <stdio.h>
#include <string.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/json.h"
#include "flowrun/base/str.h"
#include "flowrun/ui/ask.h"
#include "flowrun/ui/progress.h"
#include "waiting.h"

/* What is left of its time, and what comes of it then. */
static void add_time(const struct waiting *item, int64_t now, struct fr_buf *out)
{
    char time[40];
    if (item->by) {
        fr_buf_printf(out, "    answered by ");
        fr_visible_line(item->by, out);
        fr_buf_printf(out, "; the run has not taken it yet: flowrun resume %s\n", item->run_id);
        return;
    }
    fr_buf_printf(out, "    waits since %s", cmd_moment(item->asked, time, sizeof time));
    if (item->due == INT64_MAX)
        fr_buf_str(out, "\n");
    else if (item->due <= now)
        fr_buf_printf(out, "; fell due at %s: %s when the run goes on\n",
                      cmd_moment(item->due, time, sizeof time), item->on_timeout);
    else
        fr_buf_printf(out, "; %s left, then %s\n",
                      fr_format_duration(item->due - now, time, sizeof time), item->on_timeout);
}

static void add_text(const struct waiting *item, int64_t now, struct fr_buf *out)
{
    fr_buf_printf(out, "%s  ", item->run_id);
    fr_visible_line(item->step, out);
    fr_buf_str(out, "  ");
    fr_visible_line(item->title ? item->title : item->step, out);
    if (item->assignee) {
        fr_buf_str(out, " (for ");
        fr_visible_line(item->assignee, out);
        fr_buf_char(out, ')');
    }
    fr_buf_str(out, "\n    ");
    fr_visible_line(item->workflow, out);
    fr_buf_printf(out, ", %s\n", item->status);
    if (item->description) {
        fr_buf_str(out, "    ");
        fr_visible_line(item->description, out);
        fr_buf_char(out, '\n');
    }
    fr_form_show(&item->form, out);
    add_time(item, now, out);
}

static void add_json(const struct waiting *item, int64_t now, struct fr_buf *out)
{
    char time[32];
    fr_buf_char(out, '{');
    cmd_put_member(out, "run_id", item->run_id);
    cmd_put_member(out, "workflow", item->workflow);
    cmd_put_member(out, "status", item->status);
    cmd_put_member(out, "step", item->step);
    fr_buf_str(out, ",\"question\":");
    fr_json_write(item->question, out);
    cmd_put_member(out, "since", fr_format_time(item->asked, time, sizeof time));
    bool ends = item->due != INT64_MAX;
    cmd_put_member(out, "due", ends ? fr_format_time(item->due, time, sizeof time) : NULL);
    fr_buf_str(out, ",\"left\":");
    if (ends)
        fr_buf_printf(out, "%.3f", item->due > now ? (double)(item->due - now) / FR_NS_PER_S : 0.0);
    else
        fr_buf_str(out, "null");
    cmd_put_member(out, "answered_by", item->by);
    fr_buf_char(out, '}');
}

/* All of them, in one of two forms. */
static void add_all(const struct waiting_list *list, bool json, struct fr_buf *out)
{
    const struct fr_clock *clock = fr_clock_system();
    int64_t now = clock->wall_ns(clock->ctx);
    if (json && list->count == 0)
        fr_buf_str(out, "[]\n");
    for (uint32_t i = 0; i < list->count; i++) {
        if (!json) {
            add_text(&list->items[i], now, out);
            continue;
        }
        fr_buf_str(out, i ? ",\n " : "[\n ");
        add_json(&list->items[i], now, out);
    }
    if (json && list->count)
        fr_buf_str(out, "\n]\n");
}

int cmd_approvals(const struct cmd *cmd, struct cmd_opts *opts)
{
    struct waiting_list list = {.items = NULL};
    struct fr_store *store = NULL;
    struct fr_buf out;
    bool json = opts->output && strcmp(opts->output, "json") == 0;
    int64_t run = 0;

    int code =
        opts->file_count ? cmd_run_open(cmd, opts, &store, &run) : cmd_store_open(opts, &store);
    if (!code && store)
        code = waiting_read(store, run, &list);
    fr_buf_init(&out, 0);
    if (!code) {
        add_all(&list, json, &out);
        code = cmd_write_stdout(&out, code);
    }
    fr_buf_release(&out);
    waiting_release(&list);
    fr_store_close(store);
    return code;
}
