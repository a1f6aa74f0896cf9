/* What is known when a run is over: how many steps ended how, and its
 * critical path: the chain of dependencies that took longest by measured times. A
 * container counts with its own span. Coordinator thread. */
#include <stdlib.h>

#include "result.h"
#include "turns.h"

struct path {
    const struct fr_run *run;
    int64_t *length;  /* of the longest chain that ends with a step */
    uint32_t *before; /* the step before it there */
    uint32_t *open;   /* dependencies that are not done */
    uint32_t *queue;
};

/* How long a step took. */
static int64_t duration_of(const struct fr_run *run, uint32_t step)
{
    const struct fr_step_result *result = &run->results[step];
    return result->ended_ns > result->started_ns ? result->ended_ns - result->started_ns : 0;
}

/* Adds a step's own time and tells its dependents. */
static void visit(struct path *p, uint32_t index, uint32_t *tail)
{
    const struct fr_step *step = &p->run->plan->steps[index];
    p->length[index] += duration_of(p->run, index);
    for (uint32_t i = 0; i < step->dependents.count; i++) {
        uint32_t next = step->dependents.at[i];
        if (p->length[index] > p->length[next] || p->before[next] == FR_NO_STEP) {
            p->length[next] = p->length[index];
            p->before[next] = index;
        }
        if (--p->open[next] == 0)
            p->queue[(*tail)++] = next;
    }
}

/* True for a step that is a part of the path: one that is not taken, or left out, only stands between others. */
static bool counts(const struct fr_run *run, uint32_t step)
{
    const struct fr_step_result *result = &run->results[step];
    return result->status != FR_NOT_TAKEN && !result_is_left_out(result);
}

/* Follows the longest chain back from its end. */
static void take_path(struct path *p, struct fr_run *run, uint32_t last)
{
    uint32_t count = 0;
    for (uint32_t s = last; s != FR_NO_STEP; s = p->before[s])
        count += counts(run, s);
    run->critical.at = calloc(count + 1U, sizeof(*run->critical.at));
    if (!run->critical.at)
        return;
    run->critical.count = count;
    for (uint32_t s = last; s != FR_NO_STEP; s = p->before[s])
        if (counts(run, s))
            run->critical.at[--count] = s;
    run->critical_ns = p->length[last];
}

/* Finds the longest chain among the steps at the top. */
static void find_path(struct path *p, struct fr_run *run)
{
    const struct fr_plan *plan = run->plan;
    uint32_t tail = 0, last = FR_NO_STEP;
    for (uint32_t i = 0; i < plan->top.count; i++) {
        uint32_t s = plan->top.at[i];
        p->before[s] = FR_NO_STEP;
        p->open[s] = plan->steps[s].deps.count;
        if (p->open[s] == 0)
            p->queue[tail++] = s;
    }
    for (uint32_t head = 0; head < tail; head++) {
        uint32_t s = p->queue[head];
        visit(p, s, &tail);
        if (run->results[s].started_ns && (last == FR_NO_STEP || p->length[s] > p->length[last]))
            last = s;
    }
    if (last != FR_NO_STEP)
        take_path(p, run, last);
}

/* Counts steps. */
static void count_steps(struct fr_run *run)
{
    for (uint32_t i = 0; i < run->plan->step_count; i++) {
        const struct fr_step *step = &run->plan->steps[i];
        bool waits = step->human && run->results[i].status == FR_WAITING; /* in a slot, too */
        if (!fr_run_tells(run, step) || !(waits || !repeat_frame(run->plan, step)))
            continue;
        turn_count_one(run, &run->results[i]);
    }
    run->total = 0; /* what may still have come when the run was suspended is not there */
    for (int i = 0; i <= FR_STATUS__COUNT; i++)
        run->total += run->counts[i];
}

/* Sets what only a run that is over has. */
void run_measure(struct fr_run *run)
{
    size_t n = run->plan->step_count + 1U;
    struct path p = {.run = run,
                     .length = calloc(n, sizeof(*p.length)),
                     .before = calloc(n, sizeof(*p.before)),
                     .open = calloc(n, sizeof(*p.open)),
                     .queue = calloc(n, sizeof(*p.queue))};
    count_steps(run);
    if (p.length && p.before && p.open && p.queue)
        find_path(&p, run);
    free(p.length);
    free(p.before);
    free(p.open);
    free(p.queue);
}
