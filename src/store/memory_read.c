/* From rows back to reports and values. What was masked, lost or changed since is not given back. Coordinator thread. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/store/heads.h"
#include "memory.h"

enum { IN_MEMORY = 1 << 20 }; /* outputs above it are files, as when they were made */

/* The columns of an attempt, in the order of the statement. */
enum {
    LOG_KEY,
    LOG_STEP,
    LOG_RECIPE,
    LOG_ATTEMPT,
    LOG_OUT_SIZE,
    LOG_OUT_FILE,
    LOG_OUT_MASKED,
    LOG_ERR_SIZE,
    LOG_ERR_FILE,
    LOG_ERR_MASKED,
    LOG_ERR_CUT,
    LOG_WEAVE,
    LOG_FILE_SIZE,
    LOG_FILE_HASH,
    LOG_COST,
    LOG_USAGE,
    LOG_BEGAN,
    LOG_TOOK,
    LOG_SAID_MASKED,
    LOG_SAID,
    LOG_ERR,
    LOG_OUT
};

/* Copies a file of the store into the run's folder; NULL when that cannot be done. */
static char *copy_file(const char *from, const char *run_dir, uint32_t number)
{
    struct fr_buf path;
    struct stat st;
    fr_buf_init(&path, 0);
    fr_buf_printf(&path, "%s/kept-%u", run_dir, number);
    char *to = fr_buf_take(&path, NULL);
    int in = fr_open(from, O_RDONLY, 0);
    int out = fr_open(to, O_WRONLY | O_CREAT | O_EXCL, 0600);
    bool good = in >= 0 && out >= 0 && fstat(in, &st) == 0;
    for (off_t left = good ? st.st_size : 0; good && left > 0;) {
        ssize_t n = sendfile(out, in, NULL, (size_t)left);
        good = n > 0 || (n < 0 && errno == EINTR);
        left -= n > 0 ? n : 0;
    }
    fr_close(&in);
    fr_close(&out);
    if (!good) {
        (void)unlink(to);
        free(to);
        to = NULL;
    }
    return to;
}

/* A copy of bytes with a NUL behind them. */
static char *copy_bytes(const char *data, size_t len)
{
    char *copy = malloc(len + 1);
    if (!copy)
        abort();
    if (len)
        memcpy(copy, data, len);
    copy[len] = '\0';
    return copy;
}

/* A kept text as an attempt has it: in memory, or in a file of the run's folder. False when it is lost. */
static bool take_text(const struct fr_kept_value *value, const char *run_dir, uint32_t number,
                      char **data, size_t *len, char **path)
{
    struct fr_buf bytes;
    *data = *path = NULL;
    *len = value->len;
    if (value->kind == FR_KEPT_NULL || value->len == 0)
        return true;
    fr_buf_init(&bytes, 0);
    if (value->path && value->len > IN_MEMORY) {
        bool bad = fr_kept_value_fault(value, &bytes);
        fr_buf_release(&bytes);
        *path = bad ? NULL : copy_file(value->path, run_dir, number);
        return *path != NULL;
    }
    bool whole = fr_kept_value_add(value, &bytes);
    *data = whole ? fr_buf_take(&bytes, NULL) : NULL;
    fr_buf_release(&bytes);
    return whole;
}

/* Says why a text is lost. */
static void say_lost(struct memory_read *read, const struct fr_kept_value *out,
                     const struct fr_kept_value *err)
{
    struct fr_buf fault;
    fr_buf_init(&fault, 0);
    bool first = fr_kept_value_fault(out, &fault);
    if (!first) {
        fr_buf_clear(&fault);
        (void)fr_kept_value_fault(err, &fault);
    }
    snprintf(read->why, read->why_size, "the file of its %s %s",
             first ? "output" : "standard error", fr_buf_cstr(&fault));
    fr_buf_release(&fault);
}

/* Whether the file that the attempt made is as it was; says why not. */
static bool has_file(struct memory_read *read, struct fr_report *report)
{
    struct fr_store *store = read->store;
    const char *hash = db_text(store, STMT_LOG_ONE, LOG_FILE_HASH);
    char now[65] = "";
    if (!hash)
        return true;
    report->has_file = true;
    report->file_size = db_int(store, STMT_LOG_ONE, LOG_FILE_SIZE);
    snprintf(report->file_sha256, sizeof report->file_sha256, "%s", hash);
    int err = read->file ? memory_file_sha256(store, read->mask, read->file, now) : -1;
    if (!err && strcmp(now, hash) == 0)
        return true;
    snprintf(read->why, read->why_size, "its file is %s", err ? "gone" : "not as it left it");
    return false;
}

/* Takes the texts of the row at hand. */
static bool take_texts(struct memory_read *read, struct fr_report *report)
{
    static const struct value_columns outs = {-1, LOG_OUT_SIZE, LOG_OUT_FILE, LOG_OUT_MASKED,
                                              LOG_OUT};
    static const struct value_columns errs = {-1, LOG_ERR_SIZE, LOG_ERR_FILE, LOG_ERR_MASKED,
                                              LOG_ERR};
    struct fr_store *store = read->store;
    struct fr_kept_value out, err;
    char run_id[64], *out_path, *err_path, *spilled = NULL;
    size_t len = 0;
    read_run_id(store, read->key >> 32, run_id, sizeof run_id);
    read_value(store, STMT_LOG_ONE, &outs, run_id, &out, &out_path);
    read_value(store, STMT_LOG_ONE, &errs, run_id, &err, &err_path);
    const char *said = db_bytes(store, STMT_LOG_ONE, LOG_SAID, &len);
    bool masked = out.masked || db_int(store, STMT_LOG_ONE, LOG_SAID_MASKED);
    bool good =
        !masked &&
        take_text(&out, read->run_dir, read->number, &report->out, &report->out_len,
                  &report->out_path) &&
        take_text(&err, read->run_dir, read->number, &report->err, &report->err_len, &spilled);
    const char *weave = db_bytes(store, STMT_LOG_ONE, LOG_WEAVE, &report->weave_len);
    report->weave = weave ? copy_bytes(weave, report->weave_len) : NULL;
    report->err_total = report->err_len;
    if (said) {
        report->commands = copy_bytes(said, len);
        report->commands_len = len;
    }
    if (masked)
        snprintf(read->why, read->why_size, "its output held a secret, which is not kept");
    else if (!good)
        say_lost(read, &out, &err);
    free(spilled);
    free(out_path);
    free(err_path);
    return good;
}

/* Makes the report of the row at hand; NULL after saying why not. */
static struct fr_report *make_report(struct memory_read *read)
{
    struct fr_store *store = read->store;
    struct fr_report *report = calloc(1, sizeof *report);
    const char *usage = db_text(store, STMT_LOG_ONE, LOG_USAGE);
    if (!report)
        abort();
    report->kind = FR_REPORT_FINISHED;
    report->end = FR_END_EXITED;
    report->kept = true;
    report->attempt = (uint32_t)db_int(store, STMT_LOG_ONE, LOG_ATTEMPT);
    report->cost_before = db_int(store, STMT_LOG_ONE, LOG_COST);
    report->began_before = db_int(store, STMT_LOG_ONE, LOG_BEGAN);
    report->took_before = db_int(store, STMT_LOG_ONE, LOG_TOOK);
    report->usage_before = usage ? copy_bytes(usage, strlen(usage)) : NULL;
    report->err_cut = db_int(store, STMT_LOG_ONE, LOG_ERR_CUT) != 0;
    if (has_file(read, report) && take_texts(read, report))
        return report;
    fr_report_free(report);
    return NULL;
}

struct fr_report *memory_read(struct memory_read *read)
{
    struct fr_store *store = read->store;
    struct fr_report *report = NULL;
    if (db_bind(store, STMT_LOG_ONE, "i", read->key) || db_step(store, STMT_LOG_ONE) != 1)
        return NULL;
    const char *step = db_text(store, STMT_LOG_ONE, LOG_STEP);
    const char *recipe = db_text(store, STMT_LOG_ONE, LOG_RECIPE);
    if (strcmp(step, read->id) == 0 &&
        (!read->recipe || (recipe && strcmp(recipe, read->recipe) == 0)))
        report = make_report(read);
    db_reset(store, STMT_LOG_ONE);
    return report;
}

bool memory_read_value(const struct fr_kept_value *value, const char *run_dir, uint32_t number,
                       struct fr_value **out)
{
    char *data, *path;
    size_t len;
    *out = NULL;
    if (value->masked || value->kind == FR_KEPT_NULL ||
        !take_text(value, run_dir, number, &data, &len, &path))
        return false;
    if (path)
        *out = fr_value_file(path, len);
    else if (value->kind == FR_KEPT_JSON)
        *out = fr_value_json_text(data, len);
    else
        *out = fr_value_text(data, len);
    return true;
}
