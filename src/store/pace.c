/* The memory of runs. A text for each file, with a line for each of its steps: the step's id, a tab, and what the last runs
 * took, the newest first, in milliseconds, `-` before it when the step failed. Behind it, as `@8`, stands the key of the run,
 * so that one that is gone on with counts once; it is left out where it is that of the line before at the same place:
 *
 *     build   1200@9 -300@8 1150@7
 *     test    80 75 90@5
 *
 * So what thousands of steps took is read and written in milliseconds, in the transaction that ends a run. One thread. */
#include "flowrun/store/pace.h"

#include <stdlib.h>
#include <string.h>

#include "flowrun/base/map.h"
#include "flowrun/base/str.h"
#include "record.h"

enum {
    KEPT = 2 * FR_PACE_RUNS, /* of a step, so that there are successes beside failures */
    STRANGERS =
        100 /* steps that the file has no more, or not always: so many, or as many as it has, are kept */
};

/* What a step took. */
struct recent {
    uint32_t count;
    int64_t ms[KEPT], run[KEPT];
};

/* Reading line by line. */
struct reader {
    const char *at;
    int64_t run[KEPT]; /* of the line before, by place */
    const char *id;    /* of the line; borrowed from the text */
    size_t id_len;
    struct recent recent;
};

static bool is_number(const char *at)
{
    at += *at == '-';
    return *at >= '0' && *at <= '9';
}

/* Reads the next line; false at the end. What is damaged of a line is as good as not there. */
static bool read_line(struct reader *in)
{
    struct recent *recent = &in->recent;
    char *end;
    if (!*in->at)
        return false;
    in->id = in->at;
    in->id_len = strcspn(in->at, "\t\n");
    in->at += in->id_len;
    in->at += *in->at == '\t';
    recent->count = 0;
    while (recent->count < KEPT && is_number(in->at)) {
        int64_t *run = &in->run[recent->count];
        recent->ms[recent->count] = strtoll(in->at, &end, 10);
        if (*end == '@' && is_number(end + 1))
            *run = strtoll(end + 1, &end, 10);
        recent->run[recent->count++] = *run;
        in->at = end + (*end == ' ');
    }
    in->at += strcspn(in->at, "\n");
    in->at += *in->at == '\n';
    return true;
}

/* Leaves out what a run took; 0 = none. */
static void forget(struct recent *recent, int64_t run)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < recent->count; i++) {
        recent->ms[count] = recent->ms[i];
        recent->run[count] = recent->run[i];
        count += run == 0 || recent->run[i] != run;
    }
    recent->count = count;
}

/* The step of a plan that a line is about; NULL = it has no such step. */
static const struct fr_step *step_of(const struct fr_plan *plan, const struct reader *line)
{
    return fr_map_getn(&plan->ids, line->id, line->id_len);
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
                         int64_t except, struct fr_pace **out)
{
    struct reader in = {0};
    *out = NULL;
    int more = db_bind(store, STMT_PACE, "t", file) ? -1 : db_step(store, STMT_PACE);
    if (more != 1)
        return more < 0 ? FR_ERR_IO : FR_OK;
    in.at = db_name(store, STMT_PACE, 0);
    while (read_line(&in)) {
        const struct fr_step *step = step_of(plan, &in);
        if (!step)
            continue;
        if (!*out)
            *out = new_pace(plan);
        forget(&in.recent, except);
        sum_up(&in.recent, &(*out)->steps[step->index]);
        (*out)->expected[step->index] = (*out)->steps[step->index].usual_ns;
    }
    db_reset(store, STMT_PACE);
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

/* A text in the making. */
struct writer {
    struct fr_buf text;
    int64_t run[KEPT]; /* of the line before, by place */
};

/* Appends a number: some hundred thousand of them are too many for printf. */
static void add_number(struct fr_buf *out, int64_t number)
{
    char digits[24], *at = digits + sizeof digits;
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
    do
        *--at = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (number < 0)
        *--at = '-';
    fr_buf_add(out, at, (size_t)(digits + sizeof digits - at));
}

static void add_line(struct writer *out, const char *id, size_t id_len, const struct recent *recent)
{
    if (out->text.len)
        fr_buf_char(&out->text, '\n');
    fr_buf_add(&out->text, id, id_len);
    for (uint32_t i = 0; i < recent->count; i++) {
        fr_buf_char(&out->text, i ? ' ' : '\t');
        add_number(&out->text, recent->ms[i]);
        if (recent->run[i] == out->run[i])
            continue;
        fr_buf_char(&out->text, '@');
        add_number(&out->text, out->run[i] = recent->run[i]);
    }
}

/* Puts this run before the others; what the step took in it before it was gone on with counts no more. */
static void put_first(const struct recorder *r, const struct fr_step_result *result,
                      struct recent *recent)
{
    int64_t took = (result->ended_ns - result->started_ns) / FR_NS_PER_MS;
    bool failed = result->status != FR_SUCCEEDED;
    took = took > 0 ? took : failed; /* there is no -0 */
    forget(recent, r->run);
    recent->count -= recent->count == KEPT;
    memmove(recent->ms + 1, recent->ms, recent->count * sizeof *recent->ms);
    memmove(recent->run + 1, recent->run, recent->count * sizeof *recent->run);
    recent->ms[0] = failed ? -took : took;
    recent->run[0] = r->run;
    recent->count++;
}

/* The lines that there are, with this run in them; `done` is set for the steps that they are about. */
static void add_known(const struct recorder *r, const struct fr_run *run, const char *text,
                      bool *done, struct writer *out)
{
    struct reader in = {.at = text};
    uint32_t strangers = run->plan->step_count > STRANGERS ? run->plan->step_count : STRANGERS;
    while (read_line(&in)) {
        const struct fr_step *step = step_of(run->plan, &in);
        if (!step && strangers == 0)
            continue;
        strangers -= !step;
        if (step && counts(step, &run->results[step->index]))
            put_first(r, &run->results[step->index], &in.recent);
        if (step)
            done[step->index] = true;
        add_line(out, in.id, in.id_len, &in.recent);
    }
}

/* Lines for the steps that have none. */
static void add_new(const struct recorder *r, const struct fr_run *run, const bool *done,
                    struct writer *out)
{
    struct recent recent;
    for (uint32_t i = 0; i < run->plan->step_count; i++) {
        const struct fr_step *step = &run->plan->steps[i];
        if (done[i] || !counts(step, &run->results[i]))
            continue;
        recent.count = 0;
        put_first(r, &run->results[i], &recent);
        add_line(out, step->id, strlen(step->id), &recent);
    }
}

enum fr_err record_pace(struct recorder *r, const struct fr_run *run)
{
    struct writer out = {0};
    if (!r->pace_file)
        return FR_OK;
    int more = db_bind(r->store, STMT_PACE, "t", r->pace_file) ? -1 : db_step(r->store, STMT_PACE);
    if (more < 0)
        return FR_ERR_IO;
    bool *done = fr_alloc_array(&r->arena, run->plan->step_count + 1U, sizeof *done);
    fr_buf_init(&out.text, 0);
    if (more)
        add_known(r, run, db_name(r->store, STMT_PACE, 0), done, &out);
    add_new(r, run, done, &out);
    if (more)
        db_reset(r->store, STMT_PACE);
    enum fr_err err =
        out.text.len ? db_run(r->store, STMT_PACE_PUT, "tt", r->pace_file, fr_buf_cstr(&out.text))
                     : FR_OK;
    fr_buf_release(&out.text);
    return err;
}
