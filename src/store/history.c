/* Reading runs: lists, one, and the one that a word means. Owns nothing beyond a call. One thread. */
#include "flowrun/store/history.h"

#include <stdlib.h>
#include <string.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/fd.h"
#include "flowrun/store/lock.h"
#include "read.h"

/* The columns of a run, in the order of the statements. */
enum {
    RUN_KEY,
    RUN_ID,
    RUN_NAME,
    RUN_FILE,
    RUN_STATUS,
    RUN_EXIT,
    RUN_STARTED,
    RUN_DURATION,
    RUN_SEQUENTIAL,
    RUN_COST,
    RUN_TOTAL,
    RUN_FAILED,
    RUN_RESUMED,
    RUN_WHO,
    RUN_HOST,
    RUN_CWD,
    RUN_ERROR_CODE,
    RUN_ERROR,
    RUN_OUTPUT_KIND,
    RUN_OUTPUT_SIZE,
    RUN_OUTPUT_FILE,
    RUN_MASKED,
    RUN_OPTIONS,
    RUN_ENV,
    RUN_CRITICAL,
    RUN_STATE,
    RUN_BEFORE,
    RUN_BEGAN,
    RUN_OUTPUT
};

void read_value(struct fr_store *store, enum stmt stmt, const struct value_columns *at,
                const char *run_id, struct fr_kept_value *value, char **path)
{
    const char *file = db_text(store, stmt, at->file);
    size_t len;
    *path = NULL;
    *value = (struct fr_kept_value){.len = (size_t)db_int(store, stmt, at->size)};
    value->masked = db_int(store, stmt, at->masked) != 0;
    if (at->kind >= 0)
        value->kind = (int)db_int(store, stmt, at->kind);
    else
        value->kind = file || !db_is_null(store, stmt, at->data) ? FR_KEPT_TEXT : FR_KEPT_NULL;
    if (!file) {
        value->data = db_bytes(store, stmt, at->data, &len);
        value->len = len;
        return;
    }
    struct fr_buf full;
    fr_buf_init(&full, 0);
    fr_buf_printf(&full, "%s/runs/%s/%s", store->folder, fr_path_base(run_id), fr_path_base(file));
    *path = fr_buf_take(&full, NULL);
    value->path = *path;
}

/* A run that nobody has in hand although it is not over was killed. */
static const char *status_now(struct fr_store *store, const char *status, const char *id)
{
    bool lasts = strcmp(status, "running") == 0;
    return lasts && !fr_run_is_held(store->folder, id) ? "interrupted" : status;
}

/* When a run that was killed was last seen to live: what is recorded last happened then. */
static int64_t last_seen(struct fr_store *store, int64_t run, int64_t began)
{
    int64_t seen = began;
    if (db_bind(store, STMT_LAST_MOVE, "i", run))
        return seen;
    while (db_step(store, STMT_LAST_MOVE) == 1) {
        int64_t wall = db_int(store, STMT_LAST_MOVE, 0);
        seen = wall > seen ? wall : seen;
    }
    return seen;
}

/* Fills a run from the row at hand. */
static void read_run(struct fr_store *store, enum stmt stmt, struct fr_kept_run *run, char **path)
{
    static const struct value_columns output = {RUN_OUTPUT_KIND, RUN_OUTPUT_SIZE, RUN_OUTPUT_FILE,
                                                RUN_MASKED, RUN_OUTPUT};
    const struct fr_clock *clock = fr_clock_system();
    bool over = !db_is_null(store, stmt, RUN_EXIT);
    *run = (struct fr_kept_run){.key = db_int(store, stmt, RUN_KEY),
                                .id = db_name(store, stmt, RUN_ID),
                                .name = db_name(store, stmt, RUN_NAME),
                                .file = db_name(store, stmt, RUN_FILE),
                                .cwd = db_text(store, stmt, RUN_CWD),
                                .exit_code = over ? (int)db_int(store, stmt, RUN_EXIT) : -1,
                                .started_wall_ns = db_int(store, stmt, RUN_STARTED),
                                .session_ns = db_int(store, stmt, RUN_DURATION),
                                .sequential_ns = db_int(store, stmt, RUN_SEQUENTIAL),
                                .cost = db_int(store, stmt, RUN_COST),
                                .total = (uint32_t)db_int(store, stmt, RUN_TOTAL),
                                .failed = (uint32_t)db_int(store, stmt, RUN_FAILED),
                                .error_code = db_text(store, stmt, RUN_ERROR_CODE),
                                .error = db_text(store, stmt, RUN_ERROR),
                                .critical_json = db_text(store, stmt, RUN_CRITICAL),
                                .state_json = db_text(store, stmt, RUN_STATE),
                                .options_json = db_text(store, stmt, RUN_OPTIONS),
                                .env_json = db_text(store, stmt, RUN_ENV),
                                .resumed_from = db_text(store, stmt, RUN_RESUMED),
                                .who = db_text(store, stmt, RUN_WHO),
                                .host = db_text(store, stmt, RUN_HOST)};
    if (!over) { /* what a run came to before it was gone on with is no more */
        run->sequential_ns = run->cost = 0;
        run->failed = 0;
        run->error_code = run->error = run->critical_json = run->state_json = NULL;
    }
    run->status = status_now(store, db_name(store, stmt, RUN_STATUS), run->id);
    int64_t began = db_int(store, stmt, RUN_BEGAN);
    if (strcmp(run->status, "running") == 0) {
        run->session_ns = clock->wall_ns(clock->ctx) - began;
    } else if (strcmp(run->status, "interrupted") == 0) {
        run->seen_ns = last_seen(store, run->key, began);
        run->session_ns = run->seen_ns - began;
    }
    run->duration_ns = db_int(store, stmt, RUN_BEFORE) + run->session_ns;
    read_value(store, stmt, &output, run->id, &run->output, path);
    if (!over)
        run->output = (struct fr_kept_value){.kind = FR_KEPT_NULL};
}

/* Which statement finds the runs of a filter, and the word it is given. */
static enum stmt choose(const struct fr_run_filter *filter, const char **word)
{
    if (filter->workflow) {
        *word = filter->workflow;
        return STMT_RUNS_NAMED;
    }
    if (!filter->status)
        return STMT_RUNS;
    /* Those that were killed are written down as running. */
    *word = strcmp(filter->status, "interrupted") == 0 ? "running" : filter->status;
    return STMT_RUNS_STATUS;
}

enum fr_err fr_history_runs(struct fr_store *store, const struct fr_run_filter *filter,
                            fr_each_run_fn each, void *arg)
{
    const char *word = NULL;
    enum stmt stmt = choose(filter, &word);
    int64_t until = filter->until_ns ? filter->until_ns : INT64_MAX;
    uint32_t shown = 0;
    int more;
    if (db_bind(store, stmt, word ? "iit" : "ii", filter->since_ns, until, word))
        return FR_ERR_IO;
    while ((more = db_step(store, stmt)) == 1) {
        struct fr_kept_run run;
        char *path;
        read_run(store, stmt, &run, &path);
        if (!filter->status || strcmp(run.status, filter->status) == 0) {
            each(arg, &run);
            shown++;
        }
        free(path);
        if (filter->last && shown == filter->last) {
            db_reset(store, stmt);
            return FR_OK;
        }
    }
    return more < 0 ? FR_ERR_IO : FR_OK;
}

enum fr_err fr_history_run(struct fr_store *store, int64_t key, fr_each_run_fn each, void *arg)
{
    static const struct value_columns columns = {0, 1, 2, 3, 4};
    struct fr_kept_run run;
    char *path, *input_path = NULL;
    if (db_bind(store, STMT_RUN_ONE, "i", key) || db_step(store, STMT_RUN_ONE) != 1)
        return FR_ERR_IO;
    read_run(store, STMT_RUN_ONE, &run, &path);
    int more = db_bind(store, STMT_INPUT, "i", key) ? -1 : db_step(store, STMT_INPUT);
    if (more == 1)
        read_value(store, STMT_INPUT, &columns, run.id, &run.input, &input_path);
    if (more >= 0)
        each(arg, &run);
    free(input_path);
    free(path);
    db_reset(store, STMT_INPUT);
    db_reset(store, STMT_RUN_ONE);
    return more < 0 ? FR_ERR_IO : FR_OK;
}

enum fr_err fr_history_took(struct fr_store *store, int64_t key, int64_t *took_ns)
{
    if (db_bind(store, STMT_SESSION_LAST, "i", key) || db_step(store, STMT_SESSION_LAST) != 1)
        return FR_ERR_IO;
    *took_ns = db_int(store, STMT_SESSION_LAST, 1) + db_int(store, STMT_SESSION_LAST, 2);
    db_reset(store, STMT_SESSION_LAST);
    return FR_OK;
}

/* The newest run. */
static enum fr_err find_last(struct fr_store *store, struct fr_diags *diags, int64_t *key)
{
    if (db_bind(store, STMT_FIND_LAST, ""))
        return db_tell(store, diags);
    int more = db_step(store, STMT_FIND_LAST);
    if (more < 0)
        return db_tell(store, diags);
    if (more == 0) {
        store_complain(diags, "no-run", NULL, "no run is recorded in '%s'", store->folder);
        return FR_ERR_USAGE;
    }
    *key = db_int(store, STMT_FIND_LAST, 0);
    db_reset(store, STMT_FIND_LAST);
    return FR_OK;
}

/* Collects the runs whose id begins with `word`; the exact one alone when it is there. How many; -1 on error. */
static int find_beginning(struct fr_store *store, const char *word, int64_t *key,
                          struct fr_buf *names)
{
    struct fr_buf end;
    int count = 0, more;
    fr_buf_init(&end, 0);
    fr_buf_printf(&end, "%s\x7f", word);
    if (db_bind(store, STMT_FIND, "tt", word, fr_buf_cstr(&end))) {
        fr_buf_release(&end);
        return -1;
    }
    while ((more = db_step(store, STMT_FIND)) == 1) {
        const char *id = db_name(store, STMT_FIND, 1);
        if (count++ == 0)
            *key = db_int(store, STMT_FIND, 0);
        fr_buf_printf(names, "%s%s", names->len ? ", " : "", id);
        if (strcmp(id, word) == 0) {
            db_reset(store, STMT_FIND);
            count = 1;
            more = 0;
            break;
        }
    }
    fr_buf_release(&end);
    return more < 0 ? -1 : count;
}

enum fr_err fr_history_find(struct fr_store *store, const char *word, struct fr_diags *diags,
                            int64_t *key)
{
    struct fr_buf names;
    enum fr_err err = FR_OK;
    if (strcmp(word, "last") == 0)
        return find_last(store, diags, key);
    fr_buf_init(&names, 0);
    int count = *word ? find_beginning(store, word, key, &names) : 0;
    if (count < 0) {
        err = db_tell(store, diags);
    } else if (count != 1) {
        err = FR_ERR_USAGE;
        if (count == 0)
            store_complain(diags, "no-run", "`flowrun runs` lists those that there are",
                           "there is no run '%s' in '%s'", word, store->folder);
        else
            store_complain(diags, "no-run", "give more of it",
                           "'%s' is the beginning of several runs: %s%s", word, fr_buf_cstr(&names),
                           count == 4 ? " …" : "");
    }
    fr_buf_release(&names);
    return err;
}

char *fr_history_plan(struct fr_store *store, int64_t key, bool *masked, size_t *len)
{
    if (db_bind(store, STMT_PLAN, "i", key) || db_step(store, STMT_PLAN) != 1)
        return NULL;
    const char *text = db_bytes(store, STMT_PLAN, 1, len);
    char *copy = malloc(*len + 1);
    if (copy) {
        memcpy(copy, text, *len);
        copy[*len] = '\0';
    }
    *masked = db_int(store, STMT_PLAN, 0) != 0;
    db_reset(store, STMT_PLAN);
    return copy;
}
