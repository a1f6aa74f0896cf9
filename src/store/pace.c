/* The memory of runs. A row for each step of a file: what the last runs took, the newest first, in milliseconds, `-` before
 * it when the step failed: "1200 -300 1150". Written in the transaction that ends a run. One thread. */
#include "flowrun/store/pace.h"

#include <stdlib.h>
#include <string.h>

#include "flowrun/base/map.h"
#include "flowrun/base/str.h"
#include "record.h"

enum { KEPT = 2 * FR_PACE_RUNS }; /* so that there are successes beside failures */

/* Reads a row's numbers; how many. A damaged row is as good as none. */
static uint32_t read_recent(const char *text, int64_t *ms)
{
    uint32_t count = 0;
    while (count < KEPT && *text) {
        char *end;
        ms[count] = strtoll(text, &end, 10);
        if (end == text)
            return 0;
        count++;
        text = end + strspn(end, " ");
    }
    return count;
}

static int by_size(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* Sums a row up. Of an even number of successes the median is the smaller one in the middle. */
static void sum_up(const char *text, struct fr_pace_step *step)
{
    int64_t ms[KEPT], good[FR_PACE_RUNS];
    uint32_t count = read_recent(text, ms);
    *step = (struct fr_pace_step){.runs = count < FR_PACE_RUNS ? count : FR_PACE_RUNS};
    for (uint32_t i = 0; i < count; i++) {
        if (i < FR_PACE_RUNS)
            step->failed += ms[i] < 0;
        if (ms[i] >= 0 && step->successes < FR_PACE_RUNS)
            good[step->successes++] = ms[i];
    }
    if (step->successes == 0)
        return;
    qsort(good, step->successes, sizeof *good, by_size);
    /* At least a millisecond: 0 is "unknown". */
    int64_t usual = good[(step->successes - 1) / 2];
    step->usual_ns = (usual > 0 ? usual : 1) * FR_NS_PER_MS;
    step->p95_ns = good[(step->successes * 95 + 99) / 100 - 1] * FR_NS_PER_MS;
}

enum fr_err fr_pace_load(struct fr_store *store, const char *file, const struct fr_plan *plan,
                         struct fr_pace **out)
{
    struct fr_pace *pace = NULL;
    int more;
    *out = NULL;
    if (db_bind(store, STMT_PACES, "t", file))
        return FR_ERR_IO;
    while ((more = db_step(store, STMT_PACES)) == 1) {
        const struct fr_step *step = fr_plan_find(plan, db_name(store, STMT_PACES, 0));
        if (!step)
            continue;
        if (!pace) {
            pace = calloc(1, sizeof *pace);
            if (!pace)
                abort();
            pace->count = plan->step_count;
            pace->steps = calloc(plan->step_count + 1U, sizeof *pace->steps);
            pace->expected = calloc(plan->step_count + 1U, sizeof *pace->expected);
            if (!pace->steps || !pace->expected)
                abort();
        }
        sum_up(db_name(store, STMT_PACES, 1), &pace->steps[step->index]);
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

/* The row of a step with this run before the others. */
static void put_recent(const struct fr_step_result *result, const char *before, struct fr_buf *out)
{
    int64_t ms[KEPT];
    uint32_t count = read_recent(before, ms);
    int64_t took = (result->ended_ns - result->started_ns) / FR_NS_PER_MS;
    bool failed = result->status != FR_SUCCEEDED;
    took = took > 0 ? took : failed; /* there is no -0 */
    fr_buf_printf(out, "%lld", (long long)(failed ? -took : took));
    for (uint32_t i = 0; i < count && i < KEPT - 1; i++)
        fr_buf_printf(out, " %lld", (long long)ms[i]);
}

/* The rows that there are, by step; the texts are in the arena. */
static enum fr_err read_rows(struct recorder *r, const char *file, struct fr_map *rows)
{
    int more;
    if (db_bind(r->store, STMT_PACES, "t", file))
        return FR_ERR_IO;
    while ((more = db_step(r->store, STMT_PACES)) == 1)
        fr_map_put(rows, fr_strdup(&r->arena, db_name(r->store, STMT_PACES, 0)),
                   (void *)(uintptr_t)fr_strdup(&r->arena, db_name(r->store, STMT_PACES, 1)));
    return more < 0 ? FR_ERR_IO : FR_OK;
}

enum fr_err record_pace(struct recorder *r, const struct fr_run *run)
{
    struct fr_map rows;
    struct fr_buf text;
    if (!r->pace_file)
        return FR_OK;
    fr_map_init(&rows);
    fr_buf_init(&text, 0);
    enum fr_err err = read_rows(r, r->pace_file, &rows);
    for (uint32_t i = 0; i < run->plan->step_count && !err; i++) {
        const struct fr_step *step = &run->plan->steps[i];
        if (!counts(step, &run->results[i]))
            continue;
        const char *before = fr_map_get(&rows, step->id);
        fr_buf_clear(&text);
        put_recent(&run->results[i], before ? before : "", &text);
        err = db_run(r->store, STMT_PACE_ADD, "ttt", r->pace_file, step->id, fr_buf_cstr(&text));
    }
    fr_buf_release(&text);
    fr_map_release(&rows);
    return err;
}
