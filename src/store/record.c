/* The recording sink: takes events, writes at the end of each turn what they came to. Owns the rows of the turn and the
 * numbers of the run's rows. Coordinator thread. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/run/event_line.h"
#include "record.h"

void record_fail(struct recorder *r, const char *text)
{
    if (r->error)
        return;
    r->error = strdup(text);
    r->sink.error = r->error ? r->error : "the store failed";
}

/* One event. */
static void on_event(struct fr_sink *sink, const struct fr_event *event)
{
    struct recorder *r = (struct recorder *)sink;
    if (!fr_event_counts(event))
        return;
    switch (event->kind) {
    case FR_EVENT_OUTPUT:
    case FR_EVENT_TICK:
        return;
    case FR_EVENT_LOG:
        if (!sink->error)
            record_log(r, event);
        return;
    case FR_EVENT_RUN_ENDED:
        r->ended = event->run;
        break;
    case FR_EVENT_RUN_STARTED:
        r->began = true;
        break;
    default:
        break;
    }
    if (sink->error)
        return;
    record_move(r, event);
    if (event->kind == FR_EVENT_STATUS)
        record_step(r, event);
}

/* The turn is over. */
static void on_turn(struct fr_sink *sink)
{
    struct recorder *r = (struct recorder *)sink;
    if ((r->first && !sink->error) || r->ended)
        if (record_flush(r))
            record_fail(r, fr_store_error(r->store));
    r->ended = NULL;
    r->first = NULL;
    r->last = &r->first;
    r->log = NULL;
    fr_arena_clear(&r->arena);
}

struct fr_sink *fr_recorder_new(struct fr_store *store, const struct fr_record *record,
                                struct fr_diags *diags)
{
    struct recorder *r = calloc(1, sizeof *r);
    if (!r)
        abort();
    r->sink.event = on_event;
    r->sink.turn = on_turn;
    r->store = store;
    r->mask = record->mask;
    r->folder = record->folder;
    r->run_id = strdup(record->run_id);
    r->next = 1;
    r->last = &r->first;
    r->pace_file =
        strcmp(record->file, "-") == 0 ? NULL : fr_store_name(record->mask, record->file);
    r->numbers = calloc(record->plan->step_count + 1U, sizeof *r->numbers);
    r->held = calloc(record->plan->step_count + 1U, sizeof *r->held);
    r->step_count = record->plan->step_count;
    r->logs = calloc(record->plan->step_count + 1U, sizeof *r->logs);
    r->file = *record->file == '/' ? fr_store_name(record->mask, record->file) : NULL;
    if (!r->run_id || !r->numbers || !r->logs || !r->held)
        abort();
    fr_arena_init(&r->arena);
    fr_arena_init(&r->kept);
    fr_map_init(&r->before);
    if (record_begin(r, record, diags)) {
        fr_recorder_free(&r->sink);
        return NULL;
    }
    fr_arena_clear(&r->arena);
    return &r->sink;
}

void fr_recorder_memory(struct fr_sink *sink, struct fr_memory_source *memory)
{
    ((struct recorder *)sink)->memory = memory;
}

void fr_recorder_free(struct fr_sink *sink)
{
    struct recorder *r = (struct recorder *)sink;
    if (!r)
        return;
    if (r->run && !r->began && !r->again)
        (void)db_run(r->store, STMT_RUN_DROP, "i", r->run);
    fr_map_release(&r->before);
    fr_arena_release(&r->kept);
    fr_arena_release(&r->arena);
    free(r->file);
    for (uint32_t i = 0; r->held && i < r->step_count; i++)
        record_held_free(r->held[i]);
    free(r->held);
    free(r->logs);
    free(r->numbers);
    free(r->pace_file);
    free(r->run_id);
    free(r->error);
    free(r);
}
