/* How long the path behind each step is: what decides between ready steps of one
 * priority. Two passes over the graph, at the start of a run. Coordinator thread.
 *
 *   height(step) = weight(step) + the largest height of a dependent
 *   weight(leaf) = 1 + the whole seconds it is expected to take
 *   weight(container) = the largest height of a child
 *   behind(step) = height(step) + (behind(parent) - weight(parent)) */
#include <stdlib.h>

#include "flowrun/base/str.h"
#include "sched_heap.h"

struct measure {
    struct sched *s;
    uint32_t *open;   /* dependents and children whose height is not known yet */
    uint32_t *weight; /* of containers: the largest height of a child so far */
    uint32_t *queue;
    uint32_t tail;
};

/* The step itself and what is behind it among its siblings. */
static uint32_t height(struct measure *m, const struct fr_step *step)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < step->dependents.count; i++) {
        uint32_t h = m->s->nodes[step->dependents.at[i]].behind;
        most = h > most ? h : most;
    }
    m->s->work += step->dependents.count + 1;
    return m->weight[step->index] + most;
}

/* One thing fewer that `step` waits for. */
static void settle(struct measure *m, uint32_t step)
{
    if (--m->open[step] == 0)
        m->queue[m->tail++] = step;
}

/* Sets the weights of the steps themselves: 1, and the whole seconds that one is expected to take. What is shorter than a
 * second is noise, and must not change the order in which a workflow starts. No path can overflow. */
static void weigh(struct measure *m, const int64_t *expected_ns)
{
    const struct fr_plan *plan = m->s->plan;
    int64_t most = (UINT32_MAX / 2) / ((int64_t)plan->step_count + 1);
    for (uint32_t i = 0; i < plan->step_count; i++) {
        int64_t seconds = expected_ns && !plan->steps[i].group ? expected_ns[i] / FR_NS_PER_S : 0;
        m->weight[i] = 1 + (uint32_t)(seconds < most ? seconds : most - 1);
    }
}

/* Computes heights from the ends of the graph backwards. */
static void measure_heights(struct measure *m)
{
    const struct fr_plan *plan = m->s->plan;
    for (uint32_t i = 0; i < plan->step_count; i++) {
        m->open[i] += plan->steps[i].dependents.count;
        if (plan->steps[i].parent != FR_NO_STEP)
            m->open[plan->steps[i].parent]++;
    }
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (m->open[i] == 0)
            m->queue[m->tail++] = i;
    for (uint32_t head = 0; head < m->tail; head++) {
        const struct fr_step *step = &plan->steps[m->queue[head]];
        uint32_t h = height(m, step);
        m->s->nodes[step->index].behind = h;
        for (uint32_t i = 0; i < step->deps.count; i++)
            settle(m, step->deps.at[i]);
        if (step->parent != FR_NO_STEP) {
            if (h > m->weight[step->parent])
                m->weight[step->parent] = h;
            settle(m, step->parent);
        }
    }
}

/* Fills `behind` of every node. */
void sched_measure(struct sched *s, const int64_t *expected_ns)
{
    const struct fr_plan *plan = s->plan;
    size_t n = plan->step_count ? plan->step_count : 1;
    struct measure m = {.s = s,
                        .open = calloc(n, sizeof(uint32_t)),
                        .weight = calloc(n, sizeof(uint32_t)),
                        .queue = calloc(n, sizeof(uint32_t))};
    if (!m.open || !m.weight || !m.queue)
        abort();
    weigh(&m, expected_ns);
    measure_heights(&m);
    for (uint32_t i = 0; i < plan->step_count; i++) {
        uint32_t parent = plan->steps[i].parent;
        if (parent != FR_NO_STEP)
            s->nodes[i].behind += s->nodes[parent].behind - m.weight[parent];
    }
    free(m.open);
    free(m.weight);
    free(m.queue);
}

/* Without knowledge of earlier runs. */
void sched_init(struct sched *s, const struct fr_plan *plan, uint32_t workers)
{
    sched_init_expecting(s, plan, workers, NULL);
}
