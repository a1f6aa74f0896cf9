/* How steps of a plan refer to each other: lists of them, and what routers choose from. Frozen with the plan;
 * any thread. */
#ifndef FLOWRUN_PLAN_EDGES_H
#define FLOWRUN_PLAN_EDGES_H

#include <stdint.h>

struct fr_expr;

/* Steps, by their numbers in fr_plan.steps. */
struct fr_indexes {
    uint32_t *at;
    uint32_t count;
};

/* One of a router's choices. */
struct fr_way {
    const struct fr_expr *when; /* NULL: `default`, or `goto` of a process */
    struct fr_indexes targets;  /* siblings declared behind the router, in the order written */
};

/* What a router chooses from: the targets of the first way whose condition holds, or what its process says. */
struct fr_route {
    struct fr_way *ways; /* in order; of a process one without a condition */
    uint32_t way_count;
    const struct fr_way *otherwise; /* NULL = no `default`: one of the ways must apply */
    struct fr_indexes targets;      /* of all ways, each once, in order of declaration */
};

#endif
