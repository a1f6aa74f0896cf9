/* Steps that are ready but cannot begin: where they stand, and for how long. Coordinator thread. */
#include "sched_core.h"
#include "sched_heap.h"
#include "sched_rules.h"

/* For how long all slots of a box have been taken by now. */
static int64_t full_ns(const struct sched *s, const struct sched_box *box)
{
    return box->full_ns + (box->used >= box->slots ? s->now - box->full_since : 0);
}

bool sched_wants_slot(const struct sched *s, uint32_t step)
{
    const struct sched_box *box = sched_box_of(s, &s->plan->steps[step]);
    /* People keep no program waiting. */
    return box && box->slots && s->plan->steps[step].kind != FR_KIND_HUMAN;
}

void sched_short(struct sched *s, uint32_t step, enum sched_short of)
{
    struct sched_node *node = &s->nodes[step];
    node->short_of = of;
    node->since = s->now;
    node->starved = s->starved;
    if (sched_wants_slot(s, step))
        node->full_ns = full_ns(s, sched_box_of(s, &s->plan->steps[step]));
}

/* While its box was full a worker would have been of no use to it. Time in the heap while one was free, since nobody
 * looked into it, is no wait for one. */
void sched_sated(struct sched *s, uint32_t step)
{
    struct sched_node *node = &s->nodes[step];
    int64_t took = s->now - node->since;
    if (node->short_of == SCHED_SHORT_OF_WORKER && node->state == SCHED_READY &&
        sched_wants_slot(s, step)) {
        int64_t full = full_ns(s, sched_box_of(s, &s->plan->steps[step])) - node->full_ns;
        node->waited[SCHED_SHORT_OF_SLOT] += full;
        took -= full;
    }
    if (node->short_of != SCHED_SHORT_OF_WORKER || node->starved != s->starved)
        node->waited[node->short_of] += took;
}

void sched_enqueue(struct sched *s, uint32_t step)
{
    sched_short(s, step, SCHED_SHORT_OF_WORKER);
    sched_heap_push(s, s->nodes[step].flags & HEAVY ? &s->heavy : &s->light, step);
}

void sched_take_slot(struct sched *s, struct sched_box *box)
{
    if (++box->used == box->slots)
        box->full_since = s->now;
}

void sched_free_slot(struct sched *s, struct sched_box *box)
{
    if (box->used-- == box->slots)
        box->full_ns += s->now - box->full_since;
    sched_wake_box(s, box);
}

void sched_wake_box(struct sched *s, struct sched_box *box)
{
    while (box && box->parked.count && box->used < box->slots) {
        uint32_t step = sched_heap_pop(s, &box->parked);
        if (s->nodes[step].state != SCHED_PARKED)
            continue;
        sched_sated(s, step);
        s->nodes[step].state = SCHED_READY;
        sched_enqueue(s, step);
        return;
    }
}
