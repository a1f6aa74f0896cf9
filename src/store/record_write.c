/* Rows into the database: a run's first one, those of a turn in one transaction, and the run's end. Coordinator thread. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/sha256.h"
#include "flowrun/store/history.h"
#include "record.h"

/* The row of the workflow's text, shared by all runs of the same text; its key, or -1. */
static int64_t plan_key(struct recorder *r, const struct fr_record *record)
{
    struct fr_sha256 sha;
    struct fr_buf masked;
    char hash[65];
    int64_t key = -1;
    fr_sha256_init(&sha);
    fr_sha256_add(&sha, record->text, record->text_len);
    fr_sha256_hex(&sha, hash);
    fr_buf_init(&masked, 0);
    fr_mask_text(r->mask, record->text, record->text_len, false, &masked);
    bool same = masked.len == record->text_len &&
                memcmp(fr_buf_cstr(&masked), record->text, masked.len) == 0;
    if (db_run(r->store, STMT_PLAN_ADD, "tib", hash, (int64_t)!same, fr_buf_cstr(&masked),
               masked.len) == FR_OK &&
        db_bind(r->store, STMT_PLAN_KEY, "t", hash) == FR_OK &&
        db_step(r->store, STMT_PLAN_KEY) == 1) {
        key = db_int(r->store, STMT_PLAN_KEY, 0);
        db_reset(r->store, STMT_PLAN_KEY);
    }
    fr_buf_release(&masked);
    return key;
}

/* The names of environment variables, as a JSON list. */
const char *record_names_of(struct recorder *r, const char *const *env)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    fr_buf_char(&out, '[');
    for (size_t i = 0; env && env[i]; i++) {
        if (out.len > 1)
            fr_buf_char(&out, ',');
        fr_json_write_str(env[i], strcspn(env[i], "="), &out);
    }
    fr_buf_char(&out, ']');
    const char *text = fr_strdup(&r->arena, fr_buf_cstr(&out));
    fr_buf_release(&out);
    return text;
}

/* A JSON value as masked text; NULL when there is none. */
const char *record_json_text(struct recorder *r, const struct json_object *value, bool there)
{
    struct fr_buf out;
    if (!there)
        return NULL;
    fr_buf_init(&out, 0);
    fr_json_write(value, &out);
    const char *text = keep_text(r, fr_buf_cstr(&out));
    fr_buf_release(&out);
    return text;
}

/* How many steps there are, groups and chains left out. */
int64_t record_leaves(const struct fr_plan *plan)
{
    int64_t count = 0;
    for (uint32_t i = 0; i < plan->step_count; i++)
        count += plan->steps[i].group == NULL;
    return count;
}

/* The run's row, inside of a transaction. */
static enum fr_err add_run(struct recorder *r, const struct fr_record *record, int64_t plan)
{
    const struct fr_clock *clock = fr_clock_system();
    enum fr_err err = db_run(r->store, STMT_RUN_ADD, "tittiitttttt", record->run_id, plan,
                             keep_text(r, record->plan->name), keep_text(r, record->file),
                             clock->wall_ns(clock->ctx), record_leaves(record->plan),
                             record->resumed_from, r->user, r->host, keep_text(r, record->cwd),
                             keep_text(r, record->options_json), record_names_of(r, record->env));
    if (!err)
        r->run = r->store->lib->last_insert_rowid(r->store->db);
    return err;
}

/* Takes a transaction back; what went wrong stays to be read. */
static void roll_back(struct recorder *r)
{
    char *why = strdup(fr_store_error(r->store));
    (void)db_run(r->store, STMT_ROLLBACK, "");
    free(r->store->error);
    r->store->error = why;
}

/* What the run was given, inside of the same transaction. */
static enum fr_err add_input(struct recorder *r, const struct kept *input)
{
    if (input->kind == FR_KEPT_NULL)
        return FR_OK;
    return db_run(r->store, STMT_INPUT_ADD, "iiitib", r->run, (int64_t)input->kind,
                  (int64_t)input->len, input->file, (int64_t)input->masked, input->data,
                  input->len);
}

enum fr_err record_begin(struct recorder *r, const struct fr_record *record, struct fr_diags *diags)
{
    struct kept input = keep_value(r, 0, "input", record->input);
    if (r->error) {
        store_complain(diags, "store", NULL, "%s", r->error);
        return FR_ERR_IO;
    }
    /* Asking a name service may take long, and others wait while this transaction lasts. */
    fr_user_name(r->user, sizeof r->user);
    gethostname(r->host, sizeof r->host - 1);
    enum fr_err err = db_run(r->store, STMT_BEGIN, "");
    if (err)
        return db_tell(r->store, diags);
    int64_t plan = plan_key(r, record);
    if (plan < 0)
        err = FR_ERR_IO;
    else
        err = record->again ? record_again(r, record, plan, diags) : add_run(r, record, plan);
    err = err ? err : add_input(r, &input);
    if (!err && !db_run(r->store, STMT_COMMIT, ""))
        return FR_OK;
    r->run = 0;
    roll_back(r);
    return err == FR_ERR_USAGE ? err : db_tell(r->store, diags);
}

/* Writes a row of what happened. */
static enum fr_err write_move(struct recorder *r, int64_t key, const struct fr_event_line *move)
{
    return db_run(r->store, STMT_MOVE_ADD, "iittittitt", key, move->wall_ns, move->event,
                  move->step, (int64_t)move->attempt, move->from, move->to, move->delay_ns,
                  move->text, move->detail);
}

/* Writes what an attempt printed. */
static enum fr_err write_log(struct recorder *r, int64_t key, const struct row_log *log)
{
    return db_run(r->store, STMT_LOG_ADD,
                  "iitiitib"
                  "itibib"
                  "tiititib"
                  "ii",
                  key, log->wall, log->step, (int64_t)log->attempt, (int64_t)log->out.len,
                  log->out.file, (int64_t)log->out.masked, log->out.data, log->out.len,
                  (int64_t)log->err.len, log->err.file, (int64_t)log->err.masked, log->err.data,
                  log->err.len, (int64_t)log->err_cut, log->weave, log->weave_len, log->recipe,
                  (int64_t)log->done, log->file_size, log->file_hash, log->cost, log->usage,
                  (int64_t)log->said.masked, log->said.data, log->said.len, log->began, log->took);
}

/* Writes that a step ended well by an attempt, or that what is kept of it counts no more. */
static enum fr_err write_done(struct recorder *r, const struct row_done *done)
{
    enum fr_err err = FR_OK;
    if (done->log)
        err = db_run(r->store, STMT_LOG_DONE, "i", done->log);
    if (err || !done->step)
        return err;
    if (done->log)
        return db_run(r->store, STMT_FRESH_ADD, "tti", r->file, done->step, done->log);
    return db_run(r->store, STMT_FRESH_DROP, "tt", r->file, done->step);
}

/* Writes a step as it stands now. */
static enum fr_err write_step(struct recorder *r, int64_t key, const struct row_step *step)
{
    const struct fr_step_result *result = &step->result;
    return db_run(r->store, STMT_STEP_ADD,
                  "itttt"
                  "iiiiiit"
                  "iiid"
                  "iiti"
                  "tttttitb",
                  key, step->id, step->type, step->status, step->parent, step->place, step->branch,
                  (int64_t)result->attempts, (int64_t)result->exit_code, (int64_t)result->signal,
                  (int64_t)result->tolerated, result->error_code, result->started_wall_ns,
                  step->duration, result->cost, result->has_quality ? &result->quality : NULL,
                  (int64_t)step->output.kind, (int64_t)step->output.len, step->output.file,
                  (int64_t)step->output.masked, step->group, step->usage, step->leftover,
                  step->question, step->answer, (int64_t)step->kept, step->error, step->output.data,
                  step->output.len);
}

/* Notes since when a question waits, and when it waits no more. One that was cancelled with its run still does: it is
 * asked again when somebody goes on with that, and its time goes on. */
static enum fr_err write_asked(struct recorder *r, const struct row_step *step)
{
    enum fr_status status = step->result.status;
    enum fr_err err = FR_OK;
    if (step->answer)
        err = db_run(r->store, STMT_ANSWER_DONE, "it", r->run, step->id);
    else if (status == FR_WAITING && !step->result.error_code)
        return db_run(r->store, STMT_ASK_ADD, "itit", r->run, step->id,
                      step->result.started_wall_ns, step->question);
    if (!err && fr_status_is_final(status) && status != FR_CANCELLED)
        err = db_run(r->store, STMT_ASK_DROP, "it", r->run, step->id);
    return err;
}

/* Writes the rows of the turn, in order. */
static enum fr_err write_rows(struct recorder *r)
{
    enum fr_err err = FR_OK;
    for (const struct row *row = r->first; row && !err; row = row->next) {
        if (row->kind == ROW_MOVE)
            err = write_move(r, row->key, &row->move);
        else if (row->kind == ROW_LOG)
            err = write_log(r, row->key, &row->log);
        else if (row->kind == ROW_STAYS)
            err = db_run(r->store, STMT_STEP_STAYS, "i", row->key);
        else if (row->kind == ROW_DONE)
            err = write_done(r, &row->done);
        else
            err = write_step(r, row->key, &row->step);
        if (!err && row->kind == ROW_STEP && row->step.question)
            err = write_asked(r, &row->step);
    }
    return err;
}

/* The ids of the critical path, as a JSON list. */
static const char *critical_json(struct recorder *r, const struct fr_run *run)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    fr_buf_char(&out, '[');
    for (uint32_t i = 0; i < run->critical.count; i++) {
        const char *id = run->plan->steps[run->critical.at[i]].id;
        if (i)
            fr_buf_char(&out, ',');
        fr_json_write_str(id, strlen(id), &out);
    }
    fr_buf_char(&out, ']');
    const char *text = fr_strdup(&r->arena, fr_buf_cstr(&out));
    fr_buf_release(&out);
    return text;
}

/* How the run came out. */
static enum fr_err write_end(struct recorder *r, const struct fr_run *run,
                             const struct kept *output)
{
    int64_t failed = run->counts[FR_FAILED] + run->counts[FR_TIMED_OUT];
    return db_run(
        r->store, STMT_RUN_END,
        "itiiiii"
        "ttiiti"
        "ttbii",
        r->run, fr_run_status(run), (int64_t)fr_run_exit_code(run), run->ended_ns - run->started_ns,
        run->sequential_ns, run->cost, failed, run->error_code, keep_text(r, run->error_message),
        (int64_t)output->kind, (int64_t)output->len, output->file, (int64_t)output->masked,
        critical_json(r, run), record_json_text(r, run->state, run->plan->main->state != NULL),
        output->data, output->len, (int64_t)run->total, run->started_wall_ns);
}

enum fr_err record_flush(struct recorder *r)
{
    struct kept output = {.kind = FR_KEPT_NULL};
    bool broken = r->sink.error != NULL; /* then only the run's end is tried */
    if (r->ended && !broken)
        output = keep_value(r, 0, "output", r->ended->output);
    enum fr_err err = db_run(r->store, STMT_BEGIN, "");
    if (err)
        return err;
    if (!broken)
        err = write_rows(r);
    if (!err && r->ended && !broken)
        err = record_drop_unseen(r, r->ended);
    if (!err && r->ended)
        err = write_end(r, r->ended, &output);
    if (!err && r->ended && r->ended->outcome == FR_RUN_SUCCEEDED)
        err = db_run(r->store, STMT_ASK_DROP, "it", r->run, NULL);
    if (!err && r->ended && !broken)
        err = record_pace(r, r->ended);
    if (!err)
        err = db_run(r->store, STMT_COMMIT, "");
    if (err)
        roll_back(r);
    return err;
}
