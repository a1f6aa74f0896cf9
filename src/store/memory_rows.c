/* The rows of a run's steps, found by name. Owns the names. Coordinator thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/json.h"
#include "flowrun/store/heads.h"
#include "memory.h"

void memory_rows_init(struct memory_rows *rows, struct fr_store *store, int64_t run)
{
    *rows = (struct memory_rows){.store = store, .run = run};
    fr_arena_init(&rows->arena);
    fr_map_init(&rows->by_id);
}

void memory_rows_release(struct memory_rows *rows)
{
    fr_map_release(&rows->by_id);
    fr_arena_release(&rows->arena);
}

/* Reads which steps there are. */
static void read_rows(struct memory_rows *rows)
{
    struct fr_store *store = rows->store;
    rows->read = true;
    read_run_id(store, rows->run, rows->run_id, sizeof rows->run_id);
    if (db_bind(store, STMT_STEP_KEYS, "i", rows->run))
        return;
    while (db_step(store, STMT_STEP_KEYS) == 1) {
        struct memory_row *row = FR_NEW(&rows->arena, struct memory_row);
        row->key = db_int(store, STMT_STEP_KEYS, 0);
        row->status = fr_strdup(&rows->arena, db_name(store, STMT_STEP_KEYS, 2));
        fr_map_put(&rows->by_id, fr_strdup(&rows->arena, db_name(store, STMT_STEP_KEYS, 1)), row);
    }
}

const struct memory_row *memory_rows_find(struct memory_rows *rows, const char *id)
{
    if (!rows->read && rows->run)
        read_rows(rows);
    return rows->run ? fr_map_get(&rows->by_id, id) : NULL;
}

/* What is read of one row. */
struct wanted {
    const char *run_dir;
    uint32_t number;
    struct fr_value *output;
    struct fr_step_result *result; /* NULL = only the output */
    struct fr_arena *arena;
    struct fr_buf *lost; /* NULL = nobody asks */
    bool over;
};

/* The status of a name; FR_PENDING when it is none of one that is over. */
static enum fr_status status_of(const char *name)
{
    for (int i = 0; i < FR_STATUS__COUNT; i++)
        if (fr_status_is_final((enum fr_status)i) &&
            strcmp(fr_status_name((enum fr_status)i), name) == 0)
            return (enum fr_status)i;
    return FR_PENDING;
}

/* How many steps of a group came out so. */
static uint32_t count_in(const struct json_object *group, const char *key)
{
    struct json_object *number = NULL;
    json_object_object_get_ex(group, key, &number);
    return (uint32_t)json_object_get_int64(number);
}

/* Takes what a group has beyond a step. */
static void take_group(const char *text, struct fr_step_result *result)
{
    struct json_object *group = fr_json_of_text(text), *number = NULL;
    result->ok = count_in(group, "ok");
    result->failed = count_in(group, "failed");
    result->skipped = count_in(group, "skipped");
    result->cancelled = count_in(group, "cancelled");
    if (json_object_object_get_ex(group, "sequential_ns", &number))
        result->sequential_ns = json_object_get_int64(number);
    json_object_put(group);
}

/* Takes what was used, which is recorded as a list. */
static void take_usage(const char *text, struct fr_step_result *result)
{
    struct json_object *list = fr_json_of_text(text);
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        char source[24];
        snprintf(source, sizeof source, "%zu", i);
        if (!result->usage)
            result->usage = json_object_new_object();
        json_object_object_add(result->usage, source,
                               json_object_get(json_object_array_get_idx(list, i)));
    }
    json_object_put(list);
}

static void take_row(void *arg, const struct fr_kept_step *step)
{
    struct wanted *wanted = arg;
    struct fr_step_result *result = wanted->result;
    enum fr_status status = status_of(step->status);
    wanted->over = status != FR_PENDING;
    if (result && !wanted->over)
        return;
    bool there = memory_read_value(&step->output, wanted->run_dir, wanted->number, &wanted->output);
    if (!there && wanted->lost && step->output.kind != FR_KEPT_NULL && !step->output.masked)
        (void)fr_kept_value_fault(&step->output, wanted->lost);
    if (!result)
        return;
    result->status = status;
    result->tolerated = step->tolerated;
    result->attempts = step->attempts;
    result->exit_code = step->exit_code;
    result->signal = step->signal;
    result->error_code = step->error_code ? fr_strdup(wanted->arena, step->error_code) : NULL;
    result->error_message = step->error ? strdup(step->error) : NULL;
    result->started_wall_ns = step->started_wall_ns;
    result->kept_ns = step->duration_ns;
    result->cost = step->cost;
    result->has_quality = step->has_quality;
    result->quality = step->quality;
    result->question = fr_json_of_text(step->question_json);
    result->answer = fr_json_of_text(step->answer_json);
    result->output = wanted->output;
    take_usage(step->usage_json, result);
    take_group(step->group_json, result);
}

/* Reads one row. */
static bool read_row(struct memory_rows *rows, const char *id, struct wanted *wanted)
{
    const struct memory_row *row = memory_rows_find(rows, id);
    return row && read_step_at(rows->store, rows->run_id, row->key, take_row, wanted);
}

struct fr_value *memory_rows_output(struct memory_rows *rows, const char *id, const char *run_dir,
                                    uint32_t number, struct fr_buf *lost)
{
    struct wanted wanted = {.run_dir = run_dir, .number = number, .lost = lost};
    return read_row(rows, id, &wanted) ? wanted.output : NULL;
}

bool memory_rows_result(struct memory_rows *rows, const char *id, const char *run_dir,
                        uint32_t number, struct fr_step_result *result)
{
    struct wanted wanted = {
        .run_dir = run_dir, .number = number, .result = result, .arena = &rows->arena};
    return read_row(rows, id, &wanted) && wanted.over;
}
