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

/* What a ready step is short of, for those who tell why it waited: a slot of its box, a worker of the file that it stands
 * in, a worker of the run. */
enum sched_short { SCHED_SHORT_OF_SLOT, SCHED_SHORT_OF_FILE, SCHED_SHORT_OF_WORKER, SCHED_SHORTS };

struct sched_node {
    uint32_t blocked; /* dependencies that have not ended */
    uint32_t behind;  /* steps on the longest path from here to the end, itself included … */
    uint32_t seconds; /* … and whole seconds on the one that is expected to take longest */
    uint32_t box;     /* its own, when it is a container; that of its `finally` follows */
    uint32_t turn; /* of a slot of a batch and what it holds: grows with each item of the batch */
    uint32_t file; /* of a workflow step: the number of the file under way + 1 */
    uint16_t flags;
    uint8_t state;
    bool has_place;   /* of its limit */
    uint8_t short_of; /* enum sched_short */
    uint32_t starved; /* sched.starved when it began to want a worker */
    int64_t since;    /* when it began to be short of that, and sched_box.full_ns then */
    int64_t full_ns;
    int64_t waited[SCHED_SHORTS]; /* for each, until it is told */
};

struct sched_heap {
    uint32_t *at;
    uint32_t count, cap;
};

#endif
