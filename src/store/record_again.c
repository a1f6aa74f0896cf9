/* A run that goes on: its row is that of a run under way again, and its steps keep the rows they have. Coordinator
 * thread. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/plan/turns.h"
#include "record.h"

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
    err = err ? err : db_next_number(r->store, r->run, &r->next);
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

void record_held_free(struct row_held *held)
{
    if (!held)
        return;
    free(held->id);
    free(held->parent);
    free(held);
}

void record_hold(struct recorder *r, const struct fr_event *event, int64_t n,
                 const struct row_step *row)
{
    struct row_held **held = &r->held[event->step->index];
    record_held_free(*held);
    *held = calloc(1, sizeof **held);
    if (!*held)
        abort();
    **held = (struct row_held){.number = n, .id = strdup(row->id), .step = *row};
    (*held)->parent = row->parent ? strdup(row->parent) : NULL;
    (*held)->step.id = (*held)->id;
    (*held)->step.parent = (*held)->parent;
    (*held)->step.type = event->step->type;
}

void record_unhold(struct recorder *r, const struct fr_event *event)
{
    const struct fr_plan *plan = event->run->plan;
    const struct fr_step *step = event->step;
    bool runs = step->kind == FR_KIND_PROCESS || step->kind == FR_KIND_HTTP ||
                step->kind == FR_KIND_WAIT || step->kind == FR_KIND_HUMAN;
    if (fr_status_is_final(event->to)) {
        record_held_free(r->held[step->index]); /* its row is written now */
        r->held[step->index] = NULL;
    }
    if (!runs || event->result->kept || event->to != FR_RUNNING)
        return;
    for (uint32_t at = step->parent; at != FR_NO_STEP; at = plan->steps[at].parent) {
        struct row_held *held = r->held[at];
        if (!held)
            continue;
        struct row_step *row = &record_add_row(r, ROW_STEP, held->number)->step;
        *row = held->step;
        row->id = fr_strdup(&r->arena, held->id);
        row->parent = held->parent ? fr_strdup(&r->arena, held->parent) : NULL;
        record_held_free(held);
        r->held[at] = NULL;
    }
}

/* Whether a turn that the run did not come to stays as it is on record. */
static bool is_unreached(struct recorder *r, const struct fr_run *run, const char *id)
{
    struct fr_turn turn;
    if (!r->memory || !r->memory->stays || !fr_turn_find(run->plan, id, &turn))
        return false;
    const struct fr_step *frame = &run->plan->steps[turn.frames[0]];
    const struct fr_step *step = turn.step ? turn.step : frame;
    const struct fr_step_result *result = &run->results[frame->index];
    uint32_t count = fr_run_turns(run, frame);
    if (!result->stays && (result->status == FR_SUCCEEDED ||
                           (frame->kind == FR_KIND_BATCH && count && turn.numbers[0] >= count)))
        return false; /* it has no such turn any more */
    return r->memory->stays(r->memory, step, id, result->stays, NULL);
}

enum fr_err record_drop_unseen(struct recorder *r, const struct fr_run *run)
{
    enum fr_err err = FR_OK;
    for (uint32_t i = 0; i < r->before.count && !err; i++) {
        const struct row_before *row = r->before.entries[i].value;
        bool stays = !row->seen && is_unreached(r, run, r->before.entries[i].key);
        if (!row->seen)
            err = db_run(r->store, stays ? STMT_STEP_STAYS : STMT_STEP_DROP, "i",
                         DB_KEY(r->run, row->number));
    }
    return err;
}
