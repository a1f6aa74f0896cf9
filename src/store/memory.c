/* The memory of a chain of resumed runs: the newest run's word counts. Reads rows when asked, keeps one at a time. One
 * thread. */
#include "flowrun/store/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "flowrun/base/arena.h"
#include "flowrun/base/map.h"
#include "read.h"

/* A success, without its output. */
struct entry {
    struct entry *older; /* of the same step */
    int64_t run, key;
    const char *recipe;
};

struct fr_memory {
    struct fr_store *store;
    struct fr_arena arena;
    struct fr_map steps; /* id -> struct entry *, the newest first */
    struct fr_kept_result result;
    char run_id[64];
    char *path; /* owned: of the result's value */
    bool reading;
};

/* Takes note of all successes of one run. */
static enum fr_err read_successes(struct fr_memory *memory, int64_t run)
{
    struct fr_store *store = memory->store;
    int more;
    if (db_bind(store, STMT_KEPT, "i", run))
        return FR_ERR_IO;
    while ((more = db_step(store, STMT_KEPT)) == 1) {
        const char *id = db_name(store, STMT_KEPT, 1);
        struct entry *entry = FR_NEW(&memory->arena, struct entry);
        struct entry *last = fr_map_get(&memory->steps, id);
        entry->run = run;
        entry->key = db_int(store, STMT_KEPT, 0);
        entry->recipe = fr_strdup(&memory->arena, db_name(store, STMT_KEPT, READ_STEP_RECIPE));
        while (last && last->older)
            last = last->older;
        if (last)
            last->older = entry;
        else
            fr_map_put(&memory->steps, fr_strdup(&memory->arena, id), entry);
    }
    return more < 0 ? FR_ERR_IO : FR_OK;
}

/* The run that one went on from; 0 = none. */
static int64_t resumed_from(struct fr_store *store, int64_t run)
{
    int64_t from = 0;
    if (db_bind(store, STMT_RESUMED_FROM, "i", run) == FR_OK &&
        db_step(store, STMT_RESUMED_FROM) == 1) {
        from = db_int(store, STMT_RESUMED_FROM, 0);
        db_reset(store, STMT_RESUMED_FROM);
    }
    return from;
}

enum fr_err fr_memory_open(struct fr_store *store, int64_t key, struct fr_memory **out)
{
    struct fr_memory *memory = calloc(1, sizeof *memory);
    enum fr_err err = FR_OK;
    if (!memory)
        abort();
    memory->store = store;
    fr_arena_init(&memory->arena);
    fr_map_init(&memory->steps);
    while (key > 0 && !err) {
        err = read_successes(memory, key);
        /* Keys grow, so that no circle can be, whatever is in the database. */
        int64_t before = resumed_from(store, key);
        key = before < key ? before : 0;
    }
    if (err) {
        fr_memory_free(memory);
        memory = NULL;
    }
    *out = memory;
    return err;
}

/* Ends the reading of the result given out last. */
static void let_go(struct fr_memory *memory)
{
    if (memory->reading)
        db_reset(memory->store, STMT_STEP_ONE);
    memory->reading = false;
    free(memory->path);
    memory->path = NULL;
}

void fr_memory_free(struct fr_memory *memory)
{
    if (!memory)
        return;
    let_go(memory);
    fr_map_release(&memory->steps);
    fr_arena_release(&memory->arena);
    free(memory);
}

/* Reads the row of a success; false when its value is gone. */
static bool read_result(struct fr_memory *memory, const struct entry *entry)
{
    struct fr_kept_result *result = &memory->result;
    struct stat st;
    read_run_id(memory->store, entry->run, memory->run_id, sizeof memory->run_id);
    if (db_bind(memory->store, STMT_STEP_ONE, "i", entry->key) ||
        db_step(memory->store, STMT_STEP_ONE) != 1)
        return false;
    memory->reading = true;
    result->run_id = memory->run_id;
    read_step(memory->store, STMT_STEP_ONE, memory->run_id, &result->step, &memory->path);
    result->effects_json = db_text(memory->store, STMT_STEP_ONE, READ_STEP_EFFECTS);
    return !memory->path || (stat(memory->path, &st) == 0 && S_ISREG(st.st_mode) &&
                             (size_t)st.st_size == result->step.output.len);
}

const struct fr_kept_result *fr_memory_get(struct fr_memory *memory, const char *step_id,
                                           const char *recipe, bool *masked)
{
    *masked = false;
    let_go(memory);
    for (const struct entry *e = fr_map_get(&memory->steps, step_id); e; e = e->older) {
        if (strcmp(e->recipe, recipe) != 0)
            continue;
        if (read_result(memory, e)) {
            if (!memory->result.step.output.masked)
                return &memory->result;
            *masked = true;
        }
        let_go(memory);
        return NULL;
    }
    return NULL;
}
