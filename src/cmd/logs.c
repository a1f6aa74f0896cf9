/* `flowrun logs RUN [STEP]`: what the steps of a run have printed. Of all steps, each attempt has a header; of one step
 * come the bytes as they were, each stream on its own. Main thread. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/ui/progress.h"
#include "history.h"

struct reading {
    const char *step; /* NULL = of all */
    int64_t after;    /* key of the last one that was printed */
    bool any, lost;
    int err;
};

/* Writes one stream of an attempt as it was. */
static void write_raw(struct reading *reading, const struct fr_kept_value *value, int fd)
{
    struct fr_buf bytes;
    fr_buf_init(&bytes, 0);
    if (!fr_kept_value_add(value, &bytes))
        reading->lost = true;
    else if (!reading->err)
        reading->err = fr_write_all(fd, fr_buf_cstr(&bytes), bytes.len);
    fr_buf_release(&bytes);
}

/* Adds one stream for reading: what could move a terminal's cursor is made visible. */
static void add_visible(struct reading *reading, const struct fr_kept_value *value,
                        struct fr_buf *out)
{
    struct fr_buf bytes;
    fr_buf_init(&bytes, 0);
    if (fr_kept_value_add(value, &bytes))
        fr_visible(fr_buf_cstr(&bytes), bytes.len, false, out);
    else
        reading->lost = true;
    if (out->len && out->data[out->len - 1] != '\n')
        fr_buf_char(out, '\n');
    fr_buf_release(&bytes);
}

/* Prints one attempt. */
static void print(void *arg, const struct fr_kept_log *log)
{
    struct reading *reading = arg;
    struct fr_buf out;
    reading->after = log->key;
    reading->any = true;
    if (reading->step) {
        write_raw(reading, &log->out, STDOUT_FILENO);
        write_raw(reading, &log->err, STDERR_FILENO);
        return;
    }
    fr_buf_init(&out, 0);
    fr_buf_printf(&out, "==> %s", log->step);
    if (log->attempt > 1)
        fr_buf_printf(&out, ", attempt %u", log->attempt);
    fr_buf_str(&out, " <==\n");
    add_visible(reading, &log->out, &out);
    if (log->err_cut)
        fr_buf_str(&out, "(the beginning of its standard error was not kept)\n");
    add_visible(reading, &log->err, &out);
    if (!reading->err)
        reading->err = fr_write_all(STDOUT_FILENO, out.data, out.len);
    fr_buf_release(&out);
}

/* Whether the run goes on. */
static void see_status(void *arg, const struct fr_kept_run *run)
{
    *(bool *)arg = strcmp(run->status, "running") == 0;
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
    bool lasts = true;
    while (lasts && !reading->err) {
        /* The end is looked for first: what was printed before it is recorded by then. */
        if (fr_history_run(store, run, see_status, &lasts) ||
            fr_history_logs(store, run, reading->step, reading->after, print, reading))
            return cmd_store_failed(store);
        if (!follow)
            break;
        if (lasts)
            nanosleep(&pause, NULL);
    }
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
        code = cmd_fail(CMD_FAILED, "a file of the run is gone: some of its output is lost");
    fr_store_close(store);
    return code;
}
