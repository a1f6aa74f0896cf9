/* What the scheduler knows of a node, as bits of sched_node.flags, and the rules over them. Pure.
 * Private to run/sched*.c. */
#ifndef RUN_SCHED_RULES_H
#define RUN_SCHED_RULES_H

#include "sched.h"

enum {
    HEAVY = 1,        /* needs a worker */
    EXEMPT = 2,       /* may start while the run drains */
    IN_FINALLY = 4,   /* a step of `finally` or inside of one */
    DEP_GOOD = 8,     /* a dependency succeeded or was tolerated */
    DEP_BAD = 16,     /* a dependency failed or was blocked */
    DEP_FAILED = 32,  /* the same, or failed and was tolerated */
    DEP_STOPPED = 64, /* a dependency was cancelled */
    HAS_WORKER = 128,
    HAS_SLOT = 256,
    DEP_TAKEN = 512,   /* a dependency was not `not taken` */
    CHOSEN = 1024,     /* a router chose it */
    HELD = 4096,       /* kept back by the driver */
    ROUTE_LOST = 2048, /* a router that may have chosen it failed, was blocked or cancelled */
    OF_PLACE = HEAVY | EXEMPT | IN_FINALLY /* what stays when a step runs again */
};

/* The flags that a step has from its place in the plan. Parents and owners come before their children. */
uint16_t sched_place_flags(const struct sched *s, const struct fr_step *step);
/* What the step's rule says of its dependencies, all of which have ended. */
enum sched_verb sched_judge(const struct fr_step *step, const struct sched_node *node);
/* The flags that a dependent gets when `ended` ends. */
uint16_t sched_told(uint32_t ended, enum sched_outcome outcome, const struct fr_step *dependent);
/* True when a router that ends like this leaves open what it would have chosen. */
bool sched_is_lost(enum sched_outcome outcome);

#endif
