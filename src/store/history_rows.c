/* Reading what belongs to a run: its steps, its history, what was printed. One thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/shell.h"
#include "flowrun/store/heads.h"
#include "read.h"

/* The columns of a step behind its key, in the order of the statements. */
enum {
    STEP_KEY,
    STEP_ID,
    STEP_TYPE,
    STEP_STATUS,
    STEP_PARENT,
    STEP_PLACE,
    STEP_BRANCH,
    STEP_ATTEMPTS,
    STEP_EXIT,
    STEP_SIGNAL,
    STEP_TOLERATED,
    STEP_ERROR_CODE,
    STEP_STARTED,
    STEP_DURATION,
    STEP_COST,
    STEP_QUALITY,
    STEP_OUTPUT_KIND,
    STEP_OUTPUT_SIZE,
    STEP_OUTPUT_FILE,
    STEP_MASKED,
    STEP_GROUP,
    STEP_USAGE,
    STEP_LEFTOVER,
    STEP_QUESTION,
    STEP_ANSWER,
    STEP_KEPT,
    STEP_ERROR,
    STEP_OUTPUT
};

/* Copies the id. */
static void take_id(void *arg, const struct fr_kept_run *run)
{
    snprintf(arg, 64, "%s", run->id);
}

void read_run_id(struct fr_store *store, int64_t key, char *out, size_t size)
{
    char id[64] = "";
    if (fr_history_run(store, key, take_id, id) != FR_OK)
        *id = '\0';
    snprintf(out, size, "%s", id);
}

void read_step(struct fr_store *store, enum stmt stmt, const char *run_id,
               struct fr_kept_step *step, char **path)
{
    static const struct value_columns output = {STEP_OUTPUT_KIND, STEP_OUTPUT_SIZE,
                                                STEP_OUTPUT_FILE, STEP_MASKED, STEP_OUTPUT};
    *step = (struct fr_kept_step){.key = db_int(store, stmt, STEP_KEY),
                                  .id = db_name(store, stmt, STEP_ID),
                                  .type = db_name(store, stmt, STEP_TYPE),
                                  .status = db_name(store, stmt, STEP_STATUS),
                                  .parent = db_text(store, stmt, STEP_PARENT),
                                  .place = (int32_t)db_int(store, stmt, STEP_PLACE),
                                  .branch = (int32_t)db_int(store, stmt, STEP_BRANCH),
                                  .attempts = (uint32_t)db_int(store, stmt, STEP_ATTEMPTS),
                                  .exit_code = (int)db_int(store, stmt, STEP_EXIT),
                                  .signal = (int)db_int(store, stmt, STEP_SIGNAL),
                                  .tolerated = db_int(store, stmt, STEP_TOLERATED) != 0,
                                  .kept = db_int(store, stmt, STEP_KEPT) != 0,
                                  .error_code = db_text(store, stmt, STEP_ERROR_CODE),
                                  .error = db_text(store, stmt, STEP_ERROR),
                                  .started_wall_ns = db_int(store, stmt, STEP_STARTED),
                                  .duration_ns = db_int(store, stmt, STEP_DURATION),
                                  .cost = db_int(store, stmt, STEP_COST),
                                  .has_quality = !db_is_null(store, stmt, STEP_QUALITY),
                                  .quality = db_double(store, stmt, STEP_QUALITY),
                                  .usage_json = db_text(store, stmt, STEP_USAGE),
                                  .leftover_json = db_text(store, stmt, STEP_LEFTOVER),
                                  .question_json = db_text(store, stmt, STEP_QUESTION),
                                  .answer_json = db_text(store, stmt, STEP_ANSWER),
                                  .group_json = db_text(store, stmt, STEP_GROUP)};
    read_value(store, stmt, &output, run_id, &step->output, path);
}

bool fr_kept_lasts(const struct fr_kept_step *step)
{
    return strcmp(step->status, "running") == 0 || strcmp(step->status, "waiting") == 0;
}

bool fr_kept_holds_steps(const struct fr_kept_step *step)
{
    static const char *const types[] = {"parallel_group", "parallel", "race",    "chain",
                                        "batch_process",  "loop",     "workflow"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(step->type, types[i]) == 0)
            return true;
    return step->group_json != NULL;
}

char *fr_kept_repro(const struct fr_store *store, const char *run_id,
                    const struct fr_kept_step *step)
{
    bool failed = strcmp(step->status, "failed") == 0 || strcmp(step->status, "timed_out") == 0;
    char *path = failed && step->attempts ? fr_store_repro(store, run_id, step->id) : NULL;
    struct fr_buf word;
    if (!path)
        return NULL;
    fr_buf_init(&word, 0);
    fr_shell_word(path, &word);
    free(path);
    return fr_buf_take(&word, NULL);
}

/* Whether it is a question that is open: nothing that is killed ends it. */
static bool asks(const struct fr_kept_step *step)
{
    return strcmp(step->status, "waiting") == 0 && step->question_json && !step->answer_json &&
           !step->error_code;
}

bool fr_kept_unknown(const struct fr_kept_step *step, bool over)
{
    return over && fr_kept_lasts(step) && !asks(step);
}

const char *fr_kept_status(const struct fr_kept_step *step, bool over)
{
    return fr_kept_unknown(step, over) ? "unknown" : step->status;
}

int64_t fr_kept_took(const struct fr_kept_step *step, int64_t seen_ns)
{
    if (!fr_kept_lasts(step) || !step->started_wall_ns || seen_ns < step->started_wall_ns)
        return step->duration_ns;
    return seen_ns - step->started_wall_ns;
}

enum fr_err fr_history_steps(struct fr_store *store, int64_t key, const char *id,
                             fr_each_step_fn each, void *arg)
{
    char run_id[64];
    int more;
    read_run_id(store, key, run_id, sizeof run_id);
    if (db_bind(store, STMT_STEPS, "it", key, id))
        return FR_ERR_IO;
    while ((more = db_step(store, STMT_STEPS)) == 1) {
        struct fr_kept_step step;
        char *path;
        read_step(store, STMT_STEPS, run_id, &step, &path);
        each(arg, &step);
        free(path);
    }
    return more < 0 ? FR_ERR_IO : FR_OK;
}

bool read_step_at(struct fr_store *store, const char *run_id, int64_t key, fr_each_step_fn each,
                  void *arg)
{
    struct fr_kept_step step;
    char *path;
    if (db_bind(store, STMT_STEP_AT, "i", key) || db_step(store, STMT_STEP_AT) != 1)
        return false;
    read_step(store, STMT_STEP_AT, run_id, &step, &path);
    each(arg, &step);
    free(path);
    db_reset(store, STMT_STEP_AT);
    return true;
}

/* Hands on the rows of a statement that is bound. */
static enum fr_err read_moves(struct fr_store *store, enum stmt stmt, fr_each_move_fn each,
                              void *arg)
{
    int more;
    while ((more = db_step(store, stmt)) == 1) {
        struct fr_kept_move move = {.key = db_int(store, stmt, 0),
                                    .wall_ns = db_int(store, stmt, 1),
                                    .kind = db_name(store, stmt, 2),
                                    .step = db_text(store, stmt, 3),
                                    .attempt = (uint32_t)db_int(store, stmt, 4),
                                    .from = db_text(store, stmt, 5),
                                    .to = db_text(store, stmt, 6),
                                    .delay_ns = db_int(store, stmt, 7),
                                    .text = db_text(store, stmt, 8),
                                    .detail = db_text(store, stmt, 9)};
        each(arg, &move);
    }
    return more < 0 ? FR_ERR_IO : FR_OK;
}

enum fr_err fr_history_moves(struct fr_store *store, int64_t key, fr_each_move_fn each, void *arg)
{
    if (db_bind(store, STMT_MOVES, "i", key))
        return FR_ERR_IO;
    return read_moves(store, STMT_MOVES, each, arg);
}

enum fr_err fr_history_events(struct fr_store *store, int64_t key, int64_t after, uint32_t max,
                              fr_each_move_fn each, void *arg)
{
    if (db_bind(store, STMT_EVENTS, "iii", key, after, (int64_t)max))
        return FR_ERR_IO;
    return read_moves(store, STMT_EVENTS, each, arg);
}

/* The columns of a log. */
enum {
    LOG_KEY,
    LOG_WALL,
    LOG_STEP,
    LOG_ATTEMPT,
    LOG_OUT_SIZE,
    LOG_OUT_FILE,
    LOG_OUT_MASKED,
    LOG_ERR_SIZE,
    LOG_ERR_FILE,
    LOG_ERR_MASKED,
    LOG_ERR_CUT,
    LOG_WEAVE,
    LOG_ERR,
    LOG_OUT
};

/* Fills a log from the row at hand; *out and *err, the files of its values, are owned by the caller. */
static void read_log(struct fr_store *store, enum stmt stmt, const char *run_id,
                     struct fr_kept_log *log, char **out, char **err)
{
    static const struct value_columns outs = {-1, LOG_OUT_SIZE, LOG_OUT_FILE, LOG_OUT_MASKED,
                                              LOG_OUT};
    static const struct value_columns errs = {-1, LOG_ERR_SIZE, LOG_ERR_FILE, LOG_ERR_MASKED,
                                              LOG_ERR};
    *log = (struct fr_kept_log){.key = db_int(store, stmt, LOG_KEY),
                                .wall_ns = db_int(store, stmt, LOG_WALL),
                                .step = db_name(store, stmt, LOG_STEP),
                                .attempt = (uint32_t)db_int(store, stmt, LOG_ATTEMPT),
                                .err_cut = db_int(store, stmt, LOG_ERR_CUT) != 0};
    log->weave = db_bytes(store, stmt, LOG_WEAVE, &log->weave_len);
    read_value(store, stmt, &outs, run_id, &log->out, out);
    read_value(store, stmt, &errs, run_id, &log->err, err);
}

/* Hands on the row at hand. */
static void hand_log(struct fr_store *store, enum stmt stmt, const char *run_id,
                     fr_each_log_fn each, void *arg)
{
    char *out_path, *err_path;
    struct fr_kept_log log;
    read_log(store, stmt, run_id, &log, &out_path, &err_path);
    each(arg, &log);
    free(out_path);
    free(err_path);
    db_reset(store, stmt);
}

enum fr_err fr_history_log_next(struct fr_store *store, const char *run_id, int64_t key,
                                const char *step, int64_t after, fr_each_log_fn each, void *arg)
{
    if (db_bind(store, STMT_LOG_NEXT, "iit", key, after, step))
        return FR_ERR_IO;
    int more = db_step(store, STMT_LOG_NEXT);
    if (more == 1)
        hand_log(store, STMT_LOG_NEXT, run_id, each, arg);
    return more < 0 ? FR_ERR_IO : more ? FR_OK : FR_ERR_MISSING;
}

enum fr_err fr_history_log(struct fr_store *store, const char *run_id, int64_t key,
                           fr_each_log_fn each, void *arg)
{
    if (db_bind(store, STMT_LOG_AT, "i", key) || db_step(store, STMT_LOG_AT) != 1)
        return FR_ERR_IO;
    hand_log(store, STMT_LOG_AT, run_id, each, arg);
    return FR_OK;
}

/* A value whose bytes were not asked for. */
static void leave_bytes(struct fr_store *store, enum stmt stmt, int size, int data,
                        struct fr_kept_value *value)
{
    if (value->path || !db_is_null(store, stmt, data))
        return;
    value->data = NULL;
    value->len = (size_t)db_int(store, stmt, size);
    if (value->len && value->kind == FR_KEPT_NULL)
        value->kind = FR_KEPT_TEXT;
}

enum fr_err fr_history_step_heads(struct fr_store *store, int64_t key, fr_each_step_fn each,
                                  void *arg)
{
    char run_id[64];
    int more;
    read_run_id(store, key, run_id, sizeof run_id);
    if (db_bind(store, STMT_STEP_HEADS, "ii", key, (int64_t)FR_HEAD_BYTES))
        return FR_ERR_IO;
    while ((more = db_step(store, STMT_STEP_HEADS)) == 1) {
        struct fr_kept_step step;
        char *path;
        read_step(store, STMT_STEP_HEADS, run_id, &step, &path);
        leave_bytes(store, STMT_STEP_HEADS, STEP_OUTPUT_SIZE, STEP_OUTPUT, &step.output);
        each(arg, &step);
        free(path);
    }
    return more < 0 ? FR_ERR_IO : FR_OK;
}

enum fr_err fr_history_log_heads(struct fr_store *store, int64_t key, fr_each_log_fn each,
                                 void *arg)
{
    char run_id[64];
    int more;
    read_run_id(store, key, run_id, sizeof run_id);
    if (db_bind(store, STMT_LOG_HEADS, "i", key))
        return FR_ERR_IO;
    while ((more = db_step(store, STMT_LOG_HEADS)) == 1) {
        struct fr_kept_log log;
        char *out, *err;
        read_log(store, STMT_LOG_HEADS, run_id, &log, &out, &err);
        leave_bytes(store, STMT_LOG_HEADS, LOG_OUT_SIZE, LOG_OUT, &log.out);
        leave_bytes(store, STMT_LOG_HEADS, LOG_ERR_SIZE, LOG_ERR, &log.err);
        each(arg, &log);
        free(out);
        free(err);
    }
    return more < 0 ? FR_ERR_IO : FR_OK;
}
