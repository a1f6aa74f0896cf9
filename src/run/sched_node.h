/* What the scheduler knows of one step, and its heaps of steps. Private to the scheduler. */
#ifndef RUN_SCHED_NODE_H
#define RUN_SCHED_NODE_H

#include "flowrun/plan/plan.h"

enum sched_state {
    SCHED_IDLE,
    SCHED_READY,
    SCHED_PARKED,
    SCHED_LIMITED,
    SCHED_TAKEN,
    SCHED_PAUSED,
    SCHED_RETURNING, /* AGAIN in the drawing */
    SCHED_VERDICT,
    SCHED_ENDED
};

/* What a ready step was short of, besides a worker of the run; for those who tell why it waited. */
enum sched_short { SCHED_SHORT_OF_NOTHING, SCHED_SHORT_OF_SLOT, SCHED_SHORT_OF_FILE };

struct sched_node {
    uint32_t blocked; /* dependencies that have not ended */
    uint32_t behind;  /* weight of the longest path from here to the end, itself included */
    uint32_t box;     /* its own, when it is a container; that of its `finally` follows */
    uint32_t turn; /* of a slot of a batch and what it holds: grows with each item of the batch */
    uint32_t file; /* of a workflow step: the number of the file under way + 1 */
    uint16_t flags;
    uint8_t state;
    bool has_place;   /* of its limit */
    uint8_t short_of; /* enum sched_short */
    uint32_t starved; /* sched.starved when it came to be ready */
};

struct sched_heap {
    uint32_t *at;
    uint32_t count, cap;
};

#endif
