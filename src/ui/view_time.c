/* How long a run will still take. Where earlier runs tell what its steps take, by the part of that work which is done;
 * else by the part of the steps. Either way the time so far tells how fast this one is. Pure. */
#include <stdio.h>
#include <stdlib.h>

#include "flowrun/base/str.h"
#include "view.h"

/* Whether the work is known before the run: batches and loops have as many turns as it takes. */
static bool is_foreseeable(const struct fr_plan *plan)
{
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].frame != FR_NO_STEP)
            return false;
    return true;
}

/* What a step of which nothing is known takes: as long as the others on average; 0 = nothing is known of any. */
static int64_t average(const struct fr_run *run)
{
    int64_t sum = 0, known = 0;
    for (uint32_t i = 0; i < run->plan->step_count; i++)
        if (view_counts(&run->plan->steps[i]) && run->pace->steps[i].successes) {
            sum += run->pace->steps[i].usual_ns;
            known++;
        }
    return known ? sum / known : 0;
}

void view_work_begin(struct view *view)
{
    const struct fr_run *run = view->run;
    struct view_work *work = &view->work;
    work->eta = -1;
    work->shown_at = -1;
    if (!run->pace || run->pace->count < run->plan->step_count || !is_foreseeable(run->plan))
        return;
    int64_t mean = average(run);
    if (!mean)
        return;
    work->expected = calloc(run->plan->step_count, sizeof *work->expected);
    if (!work->expected)
        abort();
    for (uint32_t i = 0; i < run->plan->step_count; i++) {
        const struct fr_pace_step *before = &run->pace->steps[i];
        if (!view_counts(&run->plan->steps[i]))
            continue;
        work->expected[i] = before->successes ? before->usual_ns : mean;
        work->all += work->expected[i];
    }
}

void view_work_ended(struct view *view, const struct fr_step *step, bool ran)
{
    struct view_work *work = &view->work;
    if (!work->expected)
        return;
    if (ran)
        work->done += work->expected[step->index];
    else
        work->all -= work->expected[step->index];
}

/* The part of the work that is done, 0 to 1; *longest: what one step alone will still take. */
static double done_of_work(const struct view *view, int64_t now, int64_t *longest)
{
    const struct view_work *work = &view->work;
    int64_t done = work->done;
    for (const struct view_row *row = view->first; row; row = row->next) {
        int64_t expected = work->expected[row->step->index], ran = now - row->since;
        if (row->waits)
            continue;
        done += ran < expected ? ran : expected;
        if (expected - ran > *longest)
            *longest = expected - ran;
    }
    return work->all > 0 ? (double)done / (double)work->all : 1;
}

/* The same by counting steps; those that were left out tell nothing. */
static double done_of_steps(const struct view *view)
{
    uint32_t total = view->run->total - view->instant;
    return total && view->run->total > view->instant
               ? (double)(view->done - view->instant) / (double)total
               : 1;
}

int64_t view_eta(struct view *view, int64_t now)
{
    static const double first_guess = 0.02; /* before that it would be one */
    struct view_work *work = &view->work;
    int64_t elapsed = now - view->run->started_ns, longest = 0;
    if (elapsed / FR_NS_PER_S == work->shown_at)
        return work->eta;
    work->shown_at = elapsed / FR_NS_PER_S;
    work->eta = -1;
    if (elapsed < FR_NS_PER_S)
        return -1;
    double done = work->expected ? done_of_work(view, now, &longest) : done_of_steps(view);
    if (done < first_guess || done > 1)
        return -1;
    int64_t left = (int64_t)((double)elapsed * (1 - done) / done);
    work->eta = left > longest ? left : longest;
    return work->eta;
}

char *view_clock(int64_t ns, char *out, size_t size)
{
    long long s = ns > 0 ? ns / FR_NS_PER_S : 0;
    if (s < 60)
        snprintf(out, size, "%llds", s);
    else if (s < 3600)
        snprintf(out, size, "%lld:%02lld", s / 60, s % 60);
    else
        snprintf(out, size, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
    return out;
}
