/* Cancels a suspended run, which nobody has in hand: what waits in it is recorded as cancelled, and then the run. Its
 * questions stay as those of any cancelled run: whoever goes on with it asks them again. One thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/json.h"
#include "flowrun/store/history.h"
#include "flowrun/store/lock.h"
#include "cancel.h"

enum { EXIT_CANCELLED = 130 };

/* What is written of the end. */
struct ending {
    struct fr_store *store;
    int64_t run, next, now; /* next: number of its next row */
    const char *who;
    uint32_t questions;
};

/* A row of what happened. */
static enum fr_err add_move(struct ending *end, const char *kind, const char *step,
                            const char *text, const char *detail)
{
    return db_run(end->store, STMT_MOVE_ADD, "iittittitt", DB_KEY(end->run, end->next++), end->now,
                  kind, step, (int64_t)(step ? 1 : 0), step ? "waiting" : NULL,
                  step ? "cancelled" : NULL, (int64_t)0, text, detail);
}

/* Ends the steps that wait: what is inside of a group before it. */
static enum fr_err end_steps(struct ending *end)
{
    int more = 1;
    char text[160];
    enum fr_err err = FR_OK;
    snprintf(text, sizeof text, "%s cancelled the run", end->who);
    while (!err && more == 1) {
        if (db_bind(end->store, STMT_WAITING, "i", end->run))
            return FR_ERR_IO;
        more = db_step(end->store, STMT_WAITING);
        if (more != 1)
            break;
        int64_t key = db_int(end->store, STMT_WAITING, 0);
        char *id = strdup(db_name(end->store, STMT_WAITING, 1));
        end->questions += !db_is_null(end->store, STMT_WAITING, 2);
        db_reset(end->store, STMT_WAITING);
        err = db_run(end->store, STMT_STEP_CANCEL, "it", key, text);
        if (!err)
            err = add_move(end, "status", id, text,
                           "\"duration\":0.000,\"error_code\":\"cancelled\"");
        free(id);
    }
    return err || more < 0 ? FR_ERR_IO : FR_OK;
}

/* How many steps are in each status, as they were when the run was suspended, but for those that waited. */
static void change_counts(struct json_object *counts, uint32_t questions)
{
    struct json_object *before = NULL;
    json_object_object_get_ex(counts, "cancelled", &before);
    int64_t cancelled = json_object_get_int64(before) + questions;
    json_object_object_del(counts, "waiting");
    json_object_object_add(counts, "cancelled", json_object_new_int64(cancelled));
}

/* The line that the run ended: that of its suspension, changed. */
static enum fr_err end_history(struct ending *end)
{
    struct json_object *all = NULL, *counts = NULL;
    struct fr_buf text;
    fr_buf_init(&text, 0);
    if (db_bind(end->store, STMT_LAST_END, "i", end->run))
        return FR_ERR_IO;
    if (db_step(end->store, STMT_LAST_END) == 1) {
        fr_buf_printf(&text, "{%s}", db_name(end->store, STMT_LAST_END, 0));
        db_reset(end->store, STMT_LAST_END);
    }
    if (!fr_json_parse(fr_buf_cstr(&text), text.len, &all, NULL, 0) || !all)
        all = json_object_new_object();
    json_object_object_add(all, "status", json_object_new_string("cancelled"));
    json_object_object_add(all, "exit_code", json_object_new_int(EXIT_CANCELLED));
    if (json_object_object_get_ex(all, "counts", &counts))
        change_counts(counts, end->questions);
    fr_buf_clear(&text);
    fr_json_write(all, &text);
    char *members = strndup(fr_buf_cstr(&text) + 1, text.len - 2); /* without the braces */
    enum fr_err err = add_move(end, "run_ended", NULL, NULL, members);
    free(members);
    json_object_put(all);
    fr_buf_release(&text);
    return err;
}

/* All of it, inside of a transaction. FR_ERR_USAGE: the run is not suspended any more. */
static enum fr_err write_end(struct ending *end)
{
    enum fr_err err = db_run(end->store, STMT_RUN_CANCEL, "ii", end->run, (int64_t)EXIT_CANCELLED);
    if (!err && end->store->lib->changes(end->store->db) != 1)
        return FR_ERR_USAGE;
    err = err ? err : db_next_number(end->store, end->run, &end->next);
    err = err ? err : end_steps(end);
    err = err ? err : end_history(end);
    if (!err)
        err = db_run(end->store, STMT_REQUEST_ADD, "iitt", end->run, end->now, "cancel", end->who);
    return err ? err : db_run(end->store, STMT_REQUEST_VOID, "i", end->run);
}

enum fr_err cancel_suspended(struct fr_store *store, int64_t run, const char *run_id,
                             const char *who, struct fr_diags *diags, bool *done)
{
    const struct fr_clock *clock = fr_clock_system();
    struct ending end = {.store = store, .run = run, .now = clock->wall_ns(clock->ctx), .who = who};
    struct fr_run_hold hold;
    *done = false;
    enum fr_err err = fr_run_hold_again(fr_store_path(store), run_id, diags, &hold);
    if (err)
        return err;
    err = db_run(store, STMT_BEGIN, "");
    if (!err) {
        err = write_end(&end);
        *done = !err && db_run(store, STMT_COMMIT, "") == FR_OK;
        if (!*done) {
            err = err == FR_ERR_USAGE ? FR_OK : db_tell(store, diags);
            (void)db_run(store, STMT_ROLLBACK, "");
        }
    } else {
        err = db_tell(store, diags);
    }
    fr_run_hold_end(&hold);
    return err;
}
