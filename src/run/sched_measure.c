/* How long the path behind each step is: what decides between ready steps of one priority. Two passes over the graph, at
 * the start of a run. Coordinator thread.
 *
 *   height(step) = weight(step) + the largest height of a dependent
 *   weight(leaf) = 1, and the time that it is expected to take
 *   weight(container) = the largest height of a child
 *   behind(step) = height(step) + (behind(parent) - weight(parent))
 *
 * Steps and times are summed each on their own, so that the two may be of different paths. */
#include <stdlib.h>

#include "flowrun/base/str.h"
#include "sched_heap.h"

/* Of a path. */
struct length {
    uint32_t steps;
    int64_t ns;
};

struct measure {
    struct sched *s;
    uint32_t *open;        /* dependents and children whose height is not known yet */
    struct length *weight; /* of containers: the largest height of a child so far */
    struct length *behind; /* the height until all are known */
    uint32_t *queue;
    uint32_t tail;
};

/* The larger one of each. */
static void raise_to(struct length *to, const struct length *other)
{
    if (other->steps > to->steps)
        to->steps = other->steps;
    if (other->ns > to->ns)
        to->ns = other->ns;
}

/* The step itself and what is behind it among its siblings. */
static struct length height(struct measure *m, const struct fr_step *step)
{
    struct length most = {0};
    const struct length *weight = &m->weight[step->index];
    for (uint32_t i = 0; i < step->dependents.count; i++)
        raise_to(&most, &m->behind[step->dependents.at[i]]);
    m->s->work += step->dependents.count + 1;
    return (struct length){weight->steps + most.steps, weight->ns + most.ns};
}

/* One thing fewer that `step` waits for. */
static void settle(struct measure *m, uint32_t step)
{
    if (--m->open[step] == 0)
        m->queue[m->tail++] = step;
}

/* Sets the weights of the steps themselves. No path can overflow. */
static void weigh(struct measure *m, const int64_t *expected_ns)
{
    const struct fr_plan *plan = m->s->plan;
    int64_t most = INT64_MAX / ((int64_t)plan->step_count + 1);
    for (uint32_t i = 0; i < plan->step_count; i++) {
        int64_t ns = expected_ns && !plan->steps[i].group ? expected_ns[i] : 0;
        m->weight[i] = (struct length){1, ns < most ? ns : most};
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
        struct length h = height(m, step);
        m->behind[step->index] = h;
        for (uint32_t i = 0; i < step->deps.count; i++)
            settle(m, step->deps.at[i]);
        if (step->parent != FR_NO_STEP) {
            raise_to(&m->weight[step->parent], &h);
            settle(m, step->parent);
        }
    }
}

/* Adds what is behind the container of a step. Parents come before their children. */
static void add_outside(struct measure *m, const struct fr_step *step)
{
    if (step->parent == FR_NO_STEP)
        return;
    m->behind[step->index].steps += m->behind[step->parent].steps - m->weight[step->parent].steps;
    m->behind[step->index].ns += m->behind[step->parent].ns - m->weight[step->parent].ns;
}

/* Tells every node. What is shorter than a second in all is noise, and must not change the order in which a workflow
 * starts. */
void sched_measure(struct sched *s, const int64_t *expected_ns)
{
    const struct fr_plan *plan = s->plan;
    size_t n = plan->step_count ? plan->step_count : 1;
    struct measure m = {.s = s,
                        .open = calloc(n, sizeof(*m.open)),
                        .weight = calloc(n, sizeof(*m.weight)),
                        .behind = calloc(n, sizeof(*m.behind)),
                        .queue = calloc(n, sizeof(*m.queue))};
    if (!m.open || !m.weight || !m.behind || !m.queue)
        abort();
    weigh(&m, expected_ns);
    measure_heights(&m);
    for (uint32_t i = 0; i < plan->step_count; i++) {
        add_outside(&m, &plan->steps[i]);
        int64_t seconds = m.behind[i].ns / FR_NS_PER_S;
        s->nodes[i].behind = m.behind[i].steps;
        s->nodes[i].seconds = seconds < UINT32_MAX ? (uint32_t)seconds : UINT32_MAX;
    }
    free(m.open);
    free(m.weight);
    free(m.behind);
    free(m.queue);
}

/* Without knowledge of earlier runs. */
void sched_init(struct sched *s, const struct fr_plan *plan, uint32_t workers)
{
    sched_init_expecting(s, plan, workers, NULL);
}
