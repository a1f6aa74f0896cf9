/* `flowrun logs RUN [STEP]`: what the steps of a run have printed. Of all steps, each attempt has a header; of one step
 * come the bytes as they were, each stream on its own descriptor, in the order in which they came. Main thread. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/map.h"
#include "flowrun/base/str.h"
#include "flowrun/base/weave.h"
#include "flowrun/store/heads.h"
#include "flowrun/ui/output.h"
#include "history.h"

struct reading {
    const char *step; /* NULL = of all */
    char run_id[64];
    int64_t after;       /* key of the last one that was printed */
    struct fr_map steps; /* id -> struct seen */
    struct fr_arena arena;
    bool any, lost, lasts;
    int err;
    struct fr_buf texts[2], weave; /* of one attempt */
    struct fr_buf out;             /* of one attempt among others */
};

/* Writes both streams of an attempt as they were, in the order in which they came. */
static void write_raw(struct reading *reading)
{
    struct fr_weave_reader pieces;
    size_t at[2] = {0, 0};
    uint64_t len;
    int fd;
    fr_weave_read(&pieces, fr_buf_cstr(&reading->weave), reading->weave.len);
    for (int rest = 0; rest < 2 && !reading->err;) {
        if (!fr_weave_next(&pieces, &fd, &len)) {
            fd = ++rest;
            len = UINT64_MAX;
        }
        const struct fr_buf *text = &reading->texts[fd - 1];
        size_t left = text->len - at[fd - 1];
        size_t piece = len < left ? (size_t)len : left;
        if (piece)
            reading->err = fr_write_all(fd, text->data + at[fd - 1], piece);
        at[fd - 1] += piece;
    }
}

/* Adds both streams of an attempt for reading, below a header. */
static void add_attempt(const struct fr_kept_log *log, bool anew, struct fr_buf texts[2],
                        struct fr_buf *out)
{
    const char *const text[2] = {fr_buf_cstr(&texts[0]), fr_buf_cstr(&texts[1])};
    const size_t len[2] = {texts[0].len, texts[1].len};
    fr_buf_printf(out, "==> %s%s", log->step, anew ? ", run again" : "");
    if (log->attempt > 1)
        fr_buf_printf(out, ", attempt %u", log->attempt);
    fr_buf_str(out, " <==\n");
    if (log->err_cut)
        fr_buf_str(out, "(the beginning of its standard error was not kept)\n");
    fr_output_show(text, len, log->weave, log->weave_len, out);
}

/* What is known of a step's logs. */
struct seen {
    uint32_t attempt; /* the one that came last */
    bool anew;
};

/* Whether a step has begun anew, in a run that was gone on with: its attempts are counted from 1 then. */
static bool began_anew(struct reading *reading, const struct fr_kept_log *log)
{
    struct seen *seen = fr_map_get(&reading->steps, log->step);
    if (!seen) {
        seen = FR_NEW(&reading->arena, struct seen);
        fr_map_put(&reading->steps, fr_strdup(&reading->arena, log->step), seen);
    }
    seen->anew = seen->anew || log->attempt <= seen->attempt;
    seen->attempt = log->attempt;
    return seen->anew;
}

/* Takes one attempt as it is to be printed. */
static void take(void *arg, const struct fr_kept_log *log)
{
    struct reading *reading = arg;
    reading->after = log->key;
    reading->any = true;
    bool out_there = cmd_value_add(&log->out, log->step, "standard output", &reading->texts[0]);
    bool err_there = cmd_value_add(&log->err, log->step, "standard error", &reading->texts[1]);
    reading->lost = reading->lost || !out_there || !err_there;
    if (reading->step)
        fr_buf_add(&reading->weave, log->weave, log->weave_len);
    else
        add_attempt(log, began_anew(reading, log), reading->texts, &reading->out);
}

/* Prints what is there. Nothing is being read while it is written: whoever reads that may take his time. */
static enum fr_err print_logs(struct fr_store *store, int64_t run, struct reading *reading)
{
    enum fr_err err = FR_OK;
    while (!err && !reading->err) {
        err = fr_history_log_next(store, reading->run_id, run, reading->step, reading->after, take,
                                  reading);
        if (!err && reading->step)
            write_raw(reading);
        else if (!err)
            reading->err = fr_write_all(STDOUT_FILENO, reading->out.data, reading->out.len);
        fr_buf_clear(&reading->texts[0]);
        fr_buf_clear(&reading->texts[1]);
        fr_buf_clear(&reading->weave);
        fr_buf_clear(&reading->out);
    }
    return err == FR_ERR_MISSING ? FR_OK : err;
}

/* Whether the run goes on. */
static void see_run(void *arg, const struct fr_kept_run *run)
{
    struct reading *reading = arg;
    reading->lasts = strcmp(run->status, "running") == 0;
    snprintf(reading->run_id, sizeof reading->run_id, "%s", run->id);
}

static void see_step(void *arg, const struct fr_kept_step *step)
{
    (void)step;
    *(bool *)arg = true;
}

/* Prints what is there, and with `follow` what comes, until the run has ended. */
static int read_all(struct fr_store *store, int64_t run, bool follow, struct reading *reading)
{
    const struct timespec pause = {0, 100000000};
    do {
        /* The end is looked for first: what was printed before it is recorded by then. */
        if (fr_history_run(store, run, see_run, reading) || print_logs(store, run, reading))
            return cmd_store_failed(store);
        if (follow && reading->lasts && !reading->err)
            nanosleep(&pause, NULL);
    } while (follow && reading->lasts && !reading->err);
    if (reading->err && reading->err != -EPIPE)
        return cmd_fail(CMD_FAILED, "cannot write to standard output: %s", strerror(-reading->err));
    return CMD_OK;
}

int cmd_logs(const struct cmd *cmd, struct cmd_opts *opts)
{
    struct reading reading = {.step = opts->file_count > 1 ? opts->files[1] : NULL};
    struct fr_store *store = NULL;
    int64_t run = 0;
    bool known = true;

    fr_map_init(&reading.steps);
    fr_arena_init(&reading.arena);
    fr_buf_init(&reading.texts[0], 0);
    fr_buf_init(&reading.texts[1], 0);
    fr_buf_init(&reading.weave, 0);
    fr_buf_init(&reading.out, 0);
    int code = cmd_run_open(cmd, opts, &store, &run);
    if (!code)
        code = read_all(store, run, opts->follow, &reading);
    if (!code && reading.step && !reading.any) {
        known = false;
        if (fr_history_steps(store, run, reading.step, see_step, &known))
            code = cmd_store_failed(store);
    }
    if (!code && !known)
        code = cmd_no_step(store, run, reading.step);
    if (!code && reading.lost)
        code = CMD_FAILED;
    fr_map_release(&reading.steps);
    fr_arena_release(&reading.arena);
    fr_buf_release(&reading.out);
    fr_buf_release(&reading.weave);
    fr_buf_release(&reading.texts[1]);
    fr_buf_release(&reading.texts[0]);
    fr_store_close(store);
    return code;
}
