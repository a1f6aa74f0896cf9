/* An order of all steps that respects their dependencies; made once, in time linear in steps and edges, for runs that
 * have a state. Coordinator thread. */
#include "state_order.h"

#include <stdlib.h>

/* One pass over the plan. */
struct pass {
    const struct fr_plan *plan;
    struct state_order *order;
    uint32_t *blocked; /* by step: dependencies that have no place yet */
    uint32_t next;
    bool declared; /* the pass that gives turns */
};

static void visit_list(struct pass *p, const struct fr_indexes *list);

/* Gives places to what is inside of a step, to itself and to its fallback. */
static void visit(struct pass *p, uint32_t index)
{
    const struct fr_step *step = &p->plan->steps[index];
    uint32_t low = p->next;
    if (step->group) {
        visit_list(p, &step->group->branches);
        visit_list(p, &step->group->finally);
        if (step->group->combine != FR_NO_STEP)
            visit(p, step->group->combine);
        if (step->group->callback != FR_NO_STEP)
            visit(p, step->group->callback);
    }
    uint32_t place = p->next++;
    if (step->fallback != FR_NO_STEP)
        visit(p, step->fallback);
    if (p->declared) {
        p->order->turn[index] = place;
        p->order->begin[index] = low;
        return;
    }
    p->order->low[index] = low;
    p->order->place[index] = place;
    p->order->high[index] = p->next;
    p->order->at[place] = index;
}

/* The steps of a list: as declared, or so that each comes behind what it depends on. */
static void visit_list(struct pass *p, const struct fr_indexes *list)
{
    if (p->declared) {
        for (uint32_t i = 0; i < list->count; i++)
            visit(p, list->at[i]);
        return;
    }
    uint32_t *ready = calloc(list->count + 1U, sizeof(*ready)), count = 0;
    if (!ready)
        abort();
    for (uint32_t i = 0; i < list->count; i++)
        if ((p->blocked[list->at[i]] = p->plan->steps[list->at[i]].deps.count) == 0)
            ready[count++] = list->at[i];
    for (uint32_t i = 0; i < count; i++) {
        const struct fr_indexes *next = &p->plan->steps[ready[i]].dependents;
        visit(p, ready[i]);
        for (uint32_t d = 0; d < next->count; d++)
            if (--p->blocked[next->at[d]] == 0)
                ready[count++] = next->at[d];
    }
    free(ready);
}

/* Makes the order. */
void state_order_init(struct state_order *order, const struct fr_plan *plan)
{
    uint32_t *room = calloc(plan->step_count + 1U, 7 * sizeof(*room));
    if (!room)
        abort();
    *order = (struct state_order){.count = plan->step_count};
    order->low = room;
    order->place = order->low + plan->step_count;
    order->high = order->place + plan->step_count;
    order->at = order->high + plan->step_count;
    order->turn = order->at + plan->step_count;
    order->begin = order->turn + plan->step_count;
    struct pass p = {.plan = plan, .order = order, .blocked = order->begin + plan->step_count};
    visit_list(&p, &plan->top);
    order->finally = p.next;
    visit_list(&p, &plan->finally);
    p.next = 0;
    p.declared = true;
    visit_list(&p, &plan->top);
    visit_list(&p, &plan->finally);
}

uint32_t state_order_finally(const struct state_order *order, const struct fr_plan *plan,
                             uint32_t step)
{
    if (step == FR_NO_STEP)
        return order->finally;
    const struct fr_indexes *list = &plan->steps[step].group->finally;
    uint32_t first = order->place[step];
    for (uint32_t i = 0; i < list->count; i++)
        first = order->low[list->at[i]] < first ? order->low[list->at[i]] : first;
    return first;
}

/* Frees it. */
void state_order_release(struct state_order *order)
{
    free(order->low);
    *order = (struct state_order){0};
}
