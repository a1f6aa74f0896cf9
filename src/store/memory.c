/* The memory of a recorded run. Reads at first which attempts there are, and each of them when it is asked for.
 * Coordinator thread. */
#include "flowrun/store/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/arena.h"
#include "flowrun/base/map.h"
#include "memory.h"

/* An attempt that ended well. */
struct entry {
    struct entry *older; /* of the same step */
    int64_t key;
    const char *recipe;
};

struct memory {
    struct fr_memory_source source; /* first: it is one */
    struct fr_store *store;
    const struct fr_memory_plan *plan;
    struct fr_arena arena;
    struct fr_map steps;             /* id -> struct entry *, the newest first */
    struct fr_map won;               /* ids of branches that won their race */
    struct memory_rows rows, others; /* of the two runs of the plan */
    struct memory_stay *stay;        /* of a run that goes on; else NULL */
    uint32_t copies;                 /* of large outputs */
    bool *behind; /* by step: behind one that runs again since it has changed; owned; NULL = none */
    struct fr_turn_behind *behind_turn; /* of the turn that runs again; owned; NULL = none */
    bool ran_anew;                      /* something outside of `finally` had to run */
    char why[200];
};

/* Takes note of all attempts of the run that ended well. */
static enum fr_err read_entries(struct memory *m)
{
    int more;
    if (db_bind(m->store, STMT_KEPT, "i", m->plan->run))
        return FR_ERR_IO;
    while ((more = db_step(m->store, STMT_KEPT)) == 1) {
        const char *id = db_name(m->store, STMT_KEPT, 1);
        struct entry *entry = FR_NEW(&m->arena, struct entry);
        entry->older = fr_map_get(&m->steps, id);
        entry->key = db_int(m->store, STMT_KEPT, 0);
        entry->recipe = fr_strdup(&m->arena, db_name(m->store, STMT_KEPT, 2));
        fr_map_put(&m->steps, fr_strdup(&m->arena, id), entry);
    }
    return more < 0 ? FR_ERR_IO : FR_OK;
}

/* Takes note of the branches that won races. */
static enum fr_err read_winners(struct memory *m)
{
    int more;
    if (db_bind(m->store, STMT_WON, "i", m->plan->run))
        return FR_ERR_IO;
    while ((more = db_step(m->store, STMT_WON)) == 1) {
        const char *id = fr_strdup(&m->arena, db_name(m->store, STMT_WON, 0));
        fr_map_put(&m->won, id, (void *)(uintptr_t)id);
    }
    return more < 0 ? FR_ERR_IO : FR_OK;
}

/* The attempt of the run that counts for this recipe; NULL = none. */
static const struct entry *find_entry(struct memory *m, const struct fr_recall *asked)
{
    const struct entry *newest = fr_map_get(&m->steps, asked->id);
    if (m->plan->anyhow)
        return newest;
    for (const struct entry *e = newest; e; e = e->older)
        if (strcmp(e->recipe, asked->recipe) == 0)
            return e;
    if (newest)
        snprintf(m->why, sizeof m->why,
                 "its definition, script, params, input or sources have changed");
    return NULL;
}

/* The attempt by which a step with `sources` ended well last, in whatever run; 0 = none with this recipe. */
static int64_t find_fresh(struct memory *m, const struct fr_recall *asked)
{
    int64_t key = 0;
    bool has = asked->step->source_count || asked->step->generate_count;
    if (!has || !m->plan->file || m->plan->force || asked->in_finally ||
        db_bind(m->store, STMT_FRESH, "tt", m->plan->file, asked->id) ||
        db_step(m->store, STMT_FRESH) != 1)
        return 0;
    key = db_int(m->store, STMT_FRESH, 0);
    db_reset(m->store, STMT_FRESH);
    return key;
}

/* Reads what an attempt came to. */
static struct fr_report *read_it(struct memory *m, int64_t key, const struct fr_recall *asked,
                                 bool fresh)
{
    struct memory_read read = {.store = m->store,
                               .key = key,
                               .id = asked->id,
                               .recipe = m->plan->anyhow && !fresh ? NULL : asked->recipe,
                               .file = asked->file,
                               .mask = m->plan->mask,
                               .run_dir = m->plan->run_dir,
                               .number = m->copies++,
                               .why = m->why,
                               .why_size = sizeof m->why};
    return memory_read(&read);
}

/* The step of the plan that an attempt belongs to; of a turn, the outermost one that holds it. */
static const struct fr_step *step_of(const struct memory *m, const char *id)
{
    char name[256];
    const struct fr_step *step = fr_plan_find(m->plan->plan, id);
    if (!step) {
        snprintf(name, sizeof name, "%.*s", (int)strcspn(id, "[/"), id);
        step = fr_plan_find(m->plan->plan, name);
    }
    return step;
}

/* What is kept of a step counts no more, also when this run is killed now. What `--from` takes is another run's. */
static void forget(struct memory *m, const struct entry *entry)
{
    for (; entry && !m->plan->anyhow; entry = entry->older)
        (void)db_run(m->store, STMT_LOG_VOID, "i", entry->key);
}

/* A step runs again because something of it has changed: so does all behind it. Inside of a batch or loop it concerns one
 * turn, and what follows there is judged by its own recipe. */
static void spread(struct memory *m, const struct fr_step *step)
{
    const struct fr_plan *plan = m->plan->plan;
    bool *set = calloc(plan->step_count + 1U, sizeof *set);
    if (!set)
        abort();
    fr_plan_behind(plan, step->frame == FR_NO_STEP ? step : &plan->steps[step->frame], set);
    for (uint32_t i = 0; i < plan->step_count; i++) {
        uint32_t at = i, skip = step->frame == FR_NO_STEP ? step->index : step->frame;
        while (at != skip && at != FR_NO_STEP)
            at = plan->steps[at].parent;
        m->behind[i] = m->behind[i] || (set[i] && at != skip);
    }
    free(set);
    for (uint32_t i = 0; i < m->steps.count; i++) {
        const struct fr_step *one = step_of(m, m->steps.entries[i].key);
        if (one && m->behind[one->index])
            forget(m, m->steps.entries[i].value);
    }
}

/* Whether a step runs whatever is kept: it was asked for, or is behind one that was. */
static bool is_anew(const struct memory *m, uint32_t step, const char *id)
{
    struct fr_turn turn;
    if (m->plan->anew && m->plan->anew[step])
        return true;
    return m->behind_turn && fr_turn_find(m->plan->plan, id, &turn) &&
           fr_turn_is_behind(m->behind_turn, &turn);
}

/* What the run that this one goes on with has. */
static struct fr_report *from_run(struct memory *m, const struct fr_recall *asked)
{
    const struct entry *entry;
    struct fr_report *report = NULL;
    if (asked->in_finally && m->ran_anew)
        return NULL; /* it cleans up behind what ran now */
    if (is_anew(m, asked->step->index, asked->id)) {
        if (fr_map_get(&m->steps, asked->id))
            snprintf(m->why, sizeof m->why, "`%s %s` asks for it and what is behind it",
                     m->plan->anyhow ? "--from" : "--step", m->plan->asked);
        return NULL;
    }
    if (m->behind[asked->step->index]) {
        if (fr_map_get(&m->steps, asked->id))
            snprintf(m->why, sizeof m->why, "a step before it has changed");
        return NULL;
    }
    entry = find_entry(m, asked);
    if (entry && asked->made_nothing)
        snprintf(m->why, sizeof m->why, "what it `generates` is not there");
    else if (entry)
        report = read_it(m, entry->key, asked, false);
    if (!report && *m->why && !strstr(m->why, "secret"))
        spread(m, asked->step);
    return report;
}

/* Answers the coordinator. */
static const char *recall(struct fr_memory_source *source, const struct fr_recall *asked,
                          struct fr_report **out)
{
    struct memory *m = (struct memory *)source;
    *m->why = '\0';
    struct fr_report *report = from_run(m, asked);
    bool anew = m->behind[asked->step->index] || is_anew(m, asked->step->index, asked->id);
    int64_t fresh = report || asked->made_nothing || anew ? 0 : find_fresh(m, asked);
    if (fresh) {
        report = read_it(m, fresh, asked, true);
        if (report)
            report->up_to_date = true;
    }
    if (!report && !asked->in_finally)
        m->ran_anew = true;
    if (!report && m->stay)
        memory_stay_ran(m->stay, asked->step, asked->id);
    *out = report;
    return *m->why && m->plan->run ? m->why : NULL;
}

/* Whether a step is one of the turns that are part of the run, or inside of one, or holds one. */
static bool is_of_turns(const struct memory *m, const char *id)
{
    struct fr_turn turn;
    if (!m->plan->only_turn_count || !fr_turn_find(m->plan->plan, id, &turn))
        return false;
    for (uint32_t i = 0; i < m->plan->only_turn_count; i++)
        if (fr_turn_touches(m->plan->plan, &m->plan->only_turns[i], &turn))
            return true;
    return false;
}

/* Whether a step is no part of the run, and what an earlier run had of it. */
static bool leaves_out(struct fr_memory_source *source, const struct fr_step *step, const char *id,
                       struct fr_value **output, const char **lost)
{
    struct memory *m = (struct memory *)source;
    struct fr_buf fault;
    if (m->plan->only[step->index] || is_of_turns(m, id))
        return false;
    if (!output)
        return true;
    fr_buf_init(&fault, 0);
    if (!*output)
        *output = memory_rows_output(&m->rows, id, m->plan->run_dir, m->copies++, &fault);
    if (!*output && !fault.len)
        *output = memory_rows_output(&m->others, id, m->plan->run_dir, m->copies++, &fault);
    if (fault.len) {
        snprintf(m->why, sizeof m->why,
                 "the file of its recorded output %s: name it with --only, too",
                 fr_buf_cstr(&fault));
        *lost = m->why;
    }
    fr_buf_release(&fault);
    return true;
}

/* Whether a step is in `finally`, or inside of one that is. */
static bool is_in_finally(const struct fr_plan *plan, const struct fr_step *step)
{
    while (step->role != FR_ROLE_FINALLY && step->parent != FR_NO_STEP)
        step = &plan->steps[step->parent];
    return step->role == FR_ROLE_FINALLY;
}

/* Whether what is on record of a step stays. */
static bool stays(struct fr_memory_source *source, const struct fr_step *step, const char *id,
                  bool inside, struct fr_step_result *result)
{
    struct memory *m = (struct memory *)source;
    const struct memory_row *row = memory_rows_find(&m->rows, id);
    if (!row || m->behind[step->index] || is_anew(m, step->index, id) ||
        (m->ran_anew && is_in_finally(m->plan->plan, step)) || !memory_stay_may(m->stay, step, id))
        return false;
    bool good = strcmp(row->status, "succeeded") == 0 || strcmp(row->status, "skipped") == 0 ||
                strcmp(row->status, "not_taken") == 0;
    if (!good && !inside)
        return false;
    if (!result)
        return true;
    if (!memory_rows_result(&m->rows, id, m->plan->run_dir, m->copies++, result))
        return false;
    return inside || !(fr_status_is_failure(result->status) || result->status == FR_CANCELLED ||
                       result->status == FR_BLOCKED);
}

/* Whether a branch won before, and does not run again in any case. */
static bool had_won(struct fr_memory_source *source, const struct fr_step *branch, const char *id)
{
    struct memory *m = (struct memory *)source;
    return fr_map_get(&m->won, id) && !m->behind[branch->index] && !is_anew(m, branch->index, id);
}

static int file_sha256(struct fr_memory_source *source, const char *path, char out[65])
{
    struct memory *m = (struct memory *)source;
    return memory_file_sha256(m->store, m->plan->mask, path, out);
}

static char *keep_failure(struct fr_memory_source *source, const struct fr_failure *failure)
{
    const struct fr_memory_plan *plan = ((struct memory *)source)->plan;
    const struct memory_repro repro = {plan->plan, plan->mask, plan->folder, plan->run_id};
    return plan->folder ? memory_repro(&repro, failure) : NULL;
}

enum fr_err fr_memory_open(struct fr_store *store, const struct fr_memory_plan *plan,
                           struct fr_memory_source **out)
{
    struct memory *m = calloc(1, sizeof *m);
    enum fr_err err = FR_OK;
    if (!m)
        abort();
    bool goes_on = plan->run && !plan->anyhow && plan->plan;
    m->source = (struct fr_memory_source){recall,       plan->only ? leaves_out : NULL,
                                          had_won,      file_sha256,
                                          keep_failure, goes_on ? stays : NULL};
    m->store = store;
    m->plan = plan;
    m->stay = goes_on ? memory_stay_new(plan->plan) : NULL;
    memory_rows_init(&m->rows, store, plan->run);
    memory_rows_init(&m->others, store, plan->others);
    fr_arena_init(&m->arena);
    fr_map_init(&m->steps);
    fr_map_init(&m->won);
    m->behind = calloc(plan->plan ? plan->plan->step_count + 1U : 1U, sizeof *m->behind);
    if (!m->behind)
        abort();
    if (plan->run)
        err = read_entries(m);
    if (plan->run && !err)
        err = read_winners(m);
    if (plan->anew_turn)
        m->behind_turn = fr_turn_behind_new(plan->plan, plan->anew_turn);
    for (uint32_t i = 0; !err && plan->anew && i < m->steps.count; i++) {
        const struct fr_step *step = step_of(m, m->steps.entries[i].key);
        if (step && is_anew(m, step->index, m->steps.entries[i].key))
            forget(m, m->steps.entries[i].value);
    }
    if (err)
        fr_memory_free(&m->source);
    *out = err ? NULL : &m->source;
    return err;
}

void fr_memory_free(struct fr_memory_source *source)
{
    struct memory *m = (struct memory *)source;
    if (!m)
        return;
    fr_map_release(&m->steps);
    fr_map_release(&m->won);
    memory_rows_release(&m->rows);
    memory_rows_release(&m->others);
    memory_stay_free(m->stay);
    fr_arena_release(&m->arena);
    free(m->behind);
    fr_turn_behind_free(m->behind_turn);
    free(m);
}

int64_t fr_history_last_of(struct fr_store *store, const struct fr_mask *mask, const char *file,
                           bool whole, int64_t before)
{
    struct fr_buf masked; /* as it is recorded */
    int64_t key = 0;
    fr_buf_init(&masked, 0);
    fr_mask_text(mask, file, strlen(file), false, &masked);
    if (db_bind(store, STMT_LAST_OF_FILE, "tii", fr_buf_cstr(&masked), (int64_t)whole, before) ==
            FR_OK &&
        db_step(store, STMT_LAST_OF_FILE) == 1) {
        key = db_int(store, STMT_LAST_OF_FILE, 0);
        db_reset(store, STMT_LAST_OF_FILE);
    }
    fr_buf_release(&masked);
    return key;
}
