/* `flowrun events RUN`: the history of a run, a line of JSON for each event. Main thread. */
#include <stdio.h>
#include <string.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/json.h"
#include "flowrun/base/str.h"
#include "history.h"

/* `,"key":"text"`, when there is one. */
static void add_text(struct fr_buf *out, const char *key, const char *text)
{
    if (!text)
        return;
    fr_buf_printf(out, ",\"%s\":", key);
    fr_json_write_str(text, strlen(text), out);
}

void cmd_event_json(const struct fr_kept_move *move, struct fr_buf *out)
{
    char time[32];
    fr_buf_printf(out, "{\"time\":\"%s\"", fr_format_time(move->wall_ns, time, sizeof time));
    add_text(out, "event", move->kind);
    add_text(out, "step", move->step);
    add_text(out, "from", move->from);
    add_text(out, "to", move->to);
    if (move->attempt)
        fr_buf_printf(out, ",\"attempt\":%u", move->attempt);
    if (move->delay_ns)
        fr_buf_printf(out, ",\"delay\":%.3f", (double)move->delay_ns / FR_NS_PER_S);
    add_text(out, "text", move->text);
    fr_buf_char(out, '}');
}

static void add_event(void *arg, const struct fr_kept_move *move)
{
    cmd_event_json(move, arg);
    fr_buf_char(arg, '\n');
}

int cmd_events(const struct cmd *cmd, struct cmd_opts *opts)
{
    struct fr_store *store = NULL;
    struct fr_buf out;
    int64_t run = 0;

    fr_buf_init(&out, 0);
    int code = cmd_run_open(cmd, opts, &store, &run);
    if (!code && fr_history_moves(store, run, add_event, &out))
        code = cmd_store_failed(store);
    if (!code)
        code = cmd_write_stdout(&out, code);
    fr_buf_release(&out);
    fr_store_close(store);
    return code;
}
