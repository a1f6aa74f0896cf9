/* Places of steps in a run, for the state. Coordinator thread. Private to run/. */
#ifndef RUN_STATE_ORDER_H
#define RUN_STATE_ORDER_H

#include "flowrun/plan/plan.h"

/* Steps in an order in which they can run: what depends on a step, directly or not, comes behind it, what is inside of
 * a container just before it, and its fallback just behind it. So what a step sees is a few spans of that order. */
struct state_order {
    uint32_t *low;    /* by step: the first place of what is inside of it … */
    uint32_t *place;  /* … its own … */
    uint32_t *high;   /* … and behind the last one of its fallback */
    uint32_t *at;     /* by place: the step */
    uint32_t *turn;   /* by step: the same order with siblings as they are declared */
    uint32_t *begin;  /* by step: the first turn in that order of what is inside of it */
    uint32_t finally; /* the first place of `finally` */
    uint32_t count;
};

void state_order_init(struct state_order *order, const struct fr_plan *plan);
/* The first place of `finally` of the file that a step runs; of the main file for FR_NO_STEP. */
uint32_t state_order_finally(const struct state_order *order, const struct fr_plan *plan,
                             uint32_t step);
void state_order_release(struct state_order *order);

#endif
