/* The memory of runs. A row for each step of a file: what the last runs took, the newest first, in milliseconds, `-` before
 * it when the step failed: "1200 -300 1150"; and beside them the ids of these runs, so that a run that is gone on with counts
 * once. Written in the transaction that ends a run. One thread. */
#include "flowrun/store/pace.h"

#include <stdlib.h>
#include <string.h>

#include "flowrun/base/map.h"
#include "flowrun/base/str.h"
#include "record.h"

enum { KEPT = 2 * FR_PACE_RUNS }; /* so that there are successes beside failures */

/* A row, as far as it is read. */
struct recent {
    uint32_t count;
    int64_t ms[KEPT];
    const char *id[KEPT]; /* borrowed; an older flowrun has left none */
    size_t id_len[KEPT];
};

/* Reads a row, but for what the run `except` took (NULL = all). A damaged row is as good as none. */
static void read_recent(const char *text, const char *ids, const char *except,
                        struct recent *recent)
{
    recent->count = 0;
    while (recent->count < KEPT && *text) {
        char *end;
        uint32_t i = recent->count;
        recent->ms[i] = strtoll(text, &end, 10);
        recent->id[i] = ids;
        recent->id_len[i] = strcspn(ids, " ");
        if (end == text) {
            recent->count = 0;
            return;
        }
        bool mine = except && strlen(except) == recent->id_len[i] &&
                    memcmp(except, ids, recent->id_len[i]) == 0;
        recent->count += !mine;
        text = end + strspn(end, " ");
        ids += recent->id_len[i];
        ids += *ids == ' ';
    }
}

static int by_size(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* Sums a row up. Of an even number of successes the median is the smaller one in the middle. */
static void sum_up(const struct recent *recent, struct fr_pace_step *step)
{
    int64_t good[FR_PACE_RUNS];
    uint32_t count = recent->count;
    *step = (struct fr_pace_step){.runs = count < FR_PACE_RUNS ? count : FR_PACE_RUNS};
    for (uint32_t i = 0; i < count; i++) {
        int64_t ms = recent->ms[i];
        if (i < FR_PACE_RUNS)
            step->failed += ms < 0;
        if (ms >= 0 && step->successes < FR_PACE_RUNS)
            good[step->successes++] = ms;
    }
    if (step->successes == 0)
        return;
    qsort(good, step->successes, sizeof *good, by_size);
    /* At least a millisecond: 0 is "unknown". */
    int64_t usual = good[(step->successes - 1) / 2];
    step->usual_ns = (usual > 0 ? usual : 1) * FR_NS_PER_MS;
    step->p95_ns = good[(step->successes * 95 + 99) / 100 - 1] * FR_NS_PER_MS;
}

/* Room for the steps of a plan, of which nothing is known. */
static struct fr_pace *new_pace(const struct fr_plan *plan)
{
    struct fr_pace *pace = calloc(1, sizeof *pace);
    if (!pace)
        abort();
    pace->count = plan->step_count;
    pace->steps = calloc(plan->step_count + 1U, sizeof *pace->steps);
    pace->expected = calloc(plan->step_count + 1U, sizeof *pace->expected);
    if (!pace->steps || !pace->expected)
        abort();
    return pace;
}

enum fr_err fr_pace_load(struct fr_store *store, const char *file, const struct fr_plan *plan,
                         const char *except, struct fr_pace **out)
{
    struct fr_pace *pace = NULL;
    struct recent recent;
    int more;
    *out = NULL;
    if (db_bind(store, STMT_PACES, "t", file))
        return FR_ERR_IO;
    while ((more = db_step(store, STMT_PACES)) == 1) {
        const struct fr_step *step = fr_plan_find(plan, db_name(store, STMT_PACES, 0));
        if (!step)
            continue;
        if (!pace)
            pace = new_pace(plan);
        read_recent(db_name(store, STMT_PACES, 1), db_name(store, STMT_PACES, 2), except, &recent);
        sum_up(&recent, &pace->steps[step->index]);
        pace->expected[step->index] = pace->steps[step->index].usual_ns;
    }
    if (more < 0) {
        fr_pace_free(pace);
        return FR_ERR_IO;
    }
    *out = pace;
    return FR_OK;
}

void fr_pace_free(struct fr_pace *pace)
{
    if (!pace)
        return;
    free(pace->steps);
    free(pace->expected);
    free(pace);
}

/* Whether this run tells something about how long a step takes. */
static bool counts(const struct fr_step *step, const struct fr_step_result *result)
{
    bool runs = step->kind == FR_KIND_PROCESS || step->kind == FR_KIND_HTTP;
    bool ended = result->status == FR_SUCCEEDED || result->status == FR_FAILED ||
                 result->status == FR_TIMED_OUT;
    return runs && !step->hidden && ended && result->attempts > 0 && !result->kept;
}

/* What a step's row is made of. */
struct pace_row {
    const char *recent, *ids;
};

/* The row of a step with this run before the others; what it took in the run before that was gone on with counts no more. */
static void put_recent(const struct recorder *r, const struct fr_step_result *result,
                       const struct pace_row *before, struct fr_buf *times, struct fr_buf *ids)
{
    struct recent recent;
    int64_t took = (result->ended_ns - result->started_ns) / FR_NS_PER_MS;
    bool failed = result->status != FR_SUCCEEDED;
    took = took > 0 ? took : failed; /* there is no -0 */
    read_recent(before ? before->recent : "", before ? before->ids : "", r->run_id, &recent);
    fr_buf_clear(times);
    fr_buf_clear(ids);
    fr_buf_printf(times, "%lld", (long long)(failed ? -took : took));
    fr_buf_str(ids, r->run_id);
    for (uint32_t i = 0; i < recent.count && i < KEPT - 1; i++) {
        fr_buf_printf(times, " %lld", (long long)recent.ms[i]);
        fr_buf_char(ids, ' ');
        fr_buf_add(ids, recent.id[i], recent.id_len[i]);
    }
}

/* The rows that there are, by step; all is in the arena. */
static enum fr_err read_rows(struct recorder *r, const char *file, struct fr_map *rows)
{
    int more;
    if (db_bind(r->store, STMT_PACES, "t", file))
        return FR_ERR_IO;
    while ((more = db_step(r->store, STMT_PACES)) == 1) {
        struct pace_row *row = FR_NEW(&r->arena, struct pace_row);
        row->recent = fr_strdup(&r->arena, db_name(r->store, STMT_PACES, 1));
        row->ids = fr_strdup(&r->arena, db_name(r->store, STMT_PACES, 2));
        fr_map_put(rows, fr_strdup(&r->arena, db_name(r->store, STMT_PACES, 0)), row);
    }
    return more < 0 ? FR_ERR_IO : FR_OK;
}

static int by_id(const void *left, const void *right)
{
    const struct fr_step *const *a = left, *const *b = right;
    return strcmp((*a)->id, (*b)->id);
}

/* The steps that this run tells something about, in the order of the table's key, which is the quick one to write it in.
 * In the arena. */
static size_t list_steps(struct recorder *r, const struct fr_run *run, const struct fr_step ***out)
{
    size_t count = 0;
    *out = fr_alloc_array(&r->arena, run->plan->step_count + 1U, sizeof **out);
    for (uint32_t i = 0; i < run->plan->step_count; i++)
        if (counts(&run->plan->steps[i], &run->results[i]))
            (*out)[count++] = &run->plan->steps[i];
    qsort(*out, count, sizeof **out, by_id);
    return count;
}

enum fr_err record_pace(struct recorder *r, const struct fr_run *run)
{
    const struct fr_step **steps;
    struct fr_map rows;
    struct fr_buf times, ids;
    size_t count;
    if (!r->pace_file)
        return FR_OK;
    fr_map_init(&rows);
    fr_buf_init(&times, 0);
    fr_buf_init(&ids, 0);
    enum fr_err err = read_rows(r, r->pace_file, &rows);
    count = list_steps(r, run, &steps);
    for (size_t i = 0; i < count && !err; i++) {
        const char *id = steps[i]->id;
        put_recent(r, &run->results[steps[i]->index], fr_map_get(&rows, id), &times, &ids);
        err = db_run(r->store, STMT_PACE_ADD, "tttt", r->pace_file, id, fr_buf_cstr(&times),
                     fr_buf_cstr(&ids));
    }
    fr_buf_release(&times);
    fr_buf_release(&ids);
    fr_map_release(&rows);
    return err;
}
