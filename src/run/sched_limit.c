/* Limits in the scheduler: a pool has places, and after a start it may rest until its driver says
 * that enough time has passed. A step asks when it is about to start; one that gets no place gives its
 * worker back and stands in the pool's own heap. When a place is free the best of these is sent for
 * another worker, and asks again: so whoever starts has drawn at that very moment. Coordinator thread.
 *
 *   TAKEN --no place--> LIMITED --a place may be free--> RETURNING --AGAIN--> TAKEN --draws--> */
#include "sched_limit.h"

#include <stdlib.h>

#include "sched_heap.h"

struct sched_limit {
    uint32_t used, slots; /* slots 0: any number */
    bool rated, resting;
    struct sched_heap parked;
};

/* Makes the pools of the plan. */
void sched_limits_init(struct sched *s)
{
    s->limits = calloc(s->plan->limit_count + 1U, sizeof(*s->limits));
    if (!s->limits)
        abort();
    for (uint32_t i = 0; i < s->plan->limit_count; i++) {
        s->limits[i].slots = s->plan->limits[i].max_workers;
        s->limits[i].rated = s->plan->limits[i].interval_ns > 0;
    }
}

/* Frees them. */
void sched_limits_release(struct sched *s)
{
    for (uint32_t i = 0; s->limits && i < s->plan->limit_count; i++)
        free(s->limits[i].parked.at);
    free(s->limits);
}

static bool has_room(const struct sched_limit *limit)
{
    return !limit->resting && (limit->slots == 0 || limit->used < limit->slots);
}

/* Sends the best of those that wait to ask again. One that ends before it asks wakes the next. */
static void wake(struct sched *s, struct sched_limit *limit)
{
    while (limit->parked.count && has_room(limit)) {
        uint32_t step = sched_heap_pop(s, &limit->parked);
        if (s->nodes[step].state != SCHED_LIMITED)
            continue;
        sched_return(s, step);
        return;
    }
}

/* A step that pauses or ends gives its place back, and one that was to ask lets the next one ask. */
void sched_leave_limit(struct sched *s, uint32_t step)
{
    uint32_t index = s->plan->steps[step].limit;
    if (index >= s->plan->limit_count)
        return;
    if (s->nodes[step].has_place)
        s->limits[index].used--;
    s->nodes[step].has_place = false;
    wake(s, &s->limits[index]);
}

/* Takes a place of the step's limit. */
bool sched_draw(struct sched *s, uint32_t step)
{
    uint32_t index = s->plan->steps[step].limit;
    if (index >= s->plan->limit_count)
        return true;
    struct sched_limit *limit = &s->limits[index];
    if (!has_room(limit)) {
        sched_pause(s, step);
        s->nodes[step].state = SCHED_LIMITED;
        sched_heap_push(s, &limit->parked, step);
        return false;
    }
    limit->used++;
    limit->resting = limit->rated;
    s->nodes[step].has_place = true;
    return true;
}

/* The time between two starts has passed. */
void sched_rested(struct sched *s, uint32_t limit)
{
    s->limits[limit].resting = false;
    wake(s, &s->limits[limit]);
}
