/* A run that goes on: its row is that of a run under way again, and its steps keep the rows they have. Coordinator
 * thread. */
#include <stdlib.h>
#include <string.h>

#include "record.h"

/* The number behind the last of the run's rows. */
static enum fr_err find_next(struct recorder *r)
{
    if (db_bind(r->store, STMT_LAST_KEY, "i", r->run) || db_step(r->store, STMT_LAST_KEY) != 1)
        return FR_ERR_IO;
    if (!db_is_null(r->store, STMT_LAST_KEY, 0))
        r->next = (db_int(r->store, STMT_LAST_KEY, 0) & UINT32_MAX) + 1;
    db_reset(r->store, STMT_LAST_KEY);
    return FR_OK;
}

/* The rows of the run's steps. */
static enum fr_err find_rows(struct recorder *r)
{
    int more;
    if (db_bind(r->store, STMT_STEP_KEYS, "i", r->run))
        return FR_ERR_IO;
    while ((more = db_step(r->store, STMT_STEP_KEYS)) == 1) {
        struct row_before *row = FR_NEW(&r->kept, struct row_before);
        row->number = db_int(r->store, STMT_STEP_KEYS, 0) & UINT32_MAX;
        fr_map_put(&r->before, fr_strdup(&r->kept, db_text(r->store, STMT_STEP_KEYS, 1)), row);
    }
    return more < 0 ? FR_ERR_IO : FR_OK;
}

/* The time that the run took when it was last under way is written down; another one begins now. */
static enum fr_err begin_session(struct recorder *r)
{
    const struct fr_clock *clock = fr_clock_system();
    if (db_bind(r->store, STMT_SESSION_LAST, "i", r->run) ||
        db_step(r->store, STMT_SESSION_LAST) != 1)
        return FR_ERR_IO;
    int64_t began = db_int(r->store, STMT_SESSION_LAST, 0);
    int64_t took = db_int(r->store, STMT_SESSION_LAST, 2);
    db_reset(r->store, STMT_SESSION_LAST);
    enum fr_err err = db_run(r->store, STMT_SESSION_END, "ii", r->run, took);
    if (!err && r->store->lib->changes(r->store->db) == 0)
        err = db_run(r->store, STMT_SESSION_ADD, "iii", r->run, began, took);
    return err ? err : db_run(r->store, STMT_SESSION_NOW, "ii", r->run, clock->wall_ns(clock->ctx));
}

enum fr_err record_again(struct recorder *r, const struct fr_record *record, int64_t plan,
                         struct fr_diags *diags)
{
    r->run = record->again;
    r->again = true;
    enum fr_err err = begin_session(r);
    err = err ? err
              : db_run(r->store, STMT_RUN_AGAIN, "iiittttt", r->run, plan,
                       record_leaves(record->plan), r->user, r->host,
                       keep_text(r, record->options_json), record_names_of(r, record->env),
                       record->status_before);
    if (!err && r->store->lib->changes(r->store->db) != 1) {
        store_complain(diags, "run-changed", "look at it with `flowrun show`",
                       "run %s was taken up by another flowrun meanwhile", record->run_id);
        return FR_ERR_USAGE;
    }
    /* What was asked of it before it ended is done with. */
    err = err ? err : db_run(r->store, STMT_REQUEST_VOID, "i", r->run);
    err = err ? err : find_next(r);
    return err ? err : find_rows(r);
}

int64_t record_number_of(struct recorder *r, const char *id)
{
    struct row_before *row = r->again ? fr_map_get(&r->before, id) : NULL;
    if (!row)
        return 0;
    row->seen = true;
    return row->number;
}

enum fr_err record_drop_unseen(struct recorder *r)
{
    enum fr_err err = FR_OK;
    for (uint32_t i = 0; i < r->before.count && !err; i++) {
        const struct row_before *row = r->before.entries[i].value;
        if (!row->seen)
            err = db_run(r->store, STMT_STEP_DROP, "i", DB_KEY(r->run, row->number));
    }
    return err;
}
