/* `flowrun events RUN`: the history of a run, a line of JSON for each event, as `run --events` wrote them. Main thread. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/run/event_line.h"
#include "flowrun/store/heads.h"
#include "history.h"

enum { PIECE = 32 }; /* events that are read and written at once */

struct reading {
    struct fr_store *store;
    char run_id[64];
    int64_t after;  /* key of the last one that was printed */
    uint32_t count; /* of events that were read at once */
    bool lasts, lost;
    int err;
    struct fr_buf out;
};

void cmd_event_json(const struct fr_kept_move *move, struct fr_buf *out)
{
    const struct fr_event_line line = {.wall_ns = move->wall_ns,
                                       .event = move->kind,
                                       .step = move->step,
                                       .from = move->from,
                                       .to = move->to,
                                       .attempt = move->attempt,
                                       .delay_ns = move->delay_ns,
                                       .text = move->text,
                                       .detail = move->detail};
    fr_event_line_write(&line, out);
}

/* A stream as it was recorded. */
static struct fr_event_text text_of(const struct fr_kept_value *value)
{
    if (value->path)
        return (struct fr_event_text){.large = true};
    return (struct fr_event_text){.data = value->len ? value->data : NULL, .len = value->len};
}

static void add_log(void *arg, const struct fr_kept_log *log)
{
    const struct fr_event_text out = text_of(&log->out), err = text_of(&log->err);
    fr_event_log_write(log->wall_ns, log->step, log->attempt, &out, &err, log->err_cut, arg);
}

static void add_event(void *arg, const struct fr_kept_move *move)
{
    struct reading *reading = arg;
    reading->after = move->key;
    reading->count++;
    if (strcmp(move->kind, "log") != 0)
        cmd_event_json(move, &reading->out);
    else if (fr_history_log(reading->store, reading->run_id, move->key, add_log, &reading->out))
        reading->lost = true;
    fr_buf_char(&reading->out, '\n');
}

static void see_run(void *arg, const struct fr_kept_run *run)
{
    struct reading *reading = arg;
    reading->lasts = strcmp(run->status, "running") == 0;
    snprintf(reading->run_id, sizeof reading->run_id, "%s", run->id);
}

/* Prints what is there. Nothing is being read while it is written: whoever reads that may take his time. */
static enum fr_err print_events(struct reading *reading, int64_t run)
{
    do {
        reading->count = 0;
        if (fr_history_events(reading->store, run, reading->after, PIECE, add_event, reading) ||
            reading->lost)
            return FR_ERR_IO;
        reading->err = fr_write_all(STDOUT_FILENO, fr_buf_cstr(&reading->out), reading->out.len);
        fr_buf_clear(&reading->out);
    } while (reading->count && !reading->err);
    return FR_OK;
}

/* Prints what is there, and with `follow` what comes, until the run has ended. */
static int read_all(struct reading *reading, int64_t run, bool follow)
{
    const struct timespec pause = {0, 100000000};
    do {
        /* The end is looked for first: what happened before it is recorded by then. */
        if (fr_history_run(reading->store, run, see_run, reading) || print_events(reading, run))
            return cmd_store_failed(reading->store);
        if (follow && reading->lasts && !reading->err)
            nanosleep(&pause, NULL);
    } while (follow && reading->lasts && !reading->err);
    if (reading->err && reading->err != -EPIPE)
        return cmd_fail(CMD_FAILED, "cannot write to standard output: %s", strerror(-reading->err));
    return CMD_OK;
}

int cmd_events(const struct cmd *cmd, struct cmd_opts *opts)
{
    struct reading reading = {.lasts = false};
    int64_t run = 0;

    fr_buf_init(&reading.out, 0);
    int code = cmd_run_open(cmd, opts, &reading.store, &run);
    if (!code)
        code = read_all(&reading, run, opts->follow);
    fr_buf_release(&reading.out);
    fr_store_close(reading.store);
    return code;
}
