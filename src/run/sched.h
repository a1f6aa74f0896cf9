/* The scheduler: decides what may start, and when a container is complete. A pure state machine over the plan's graph: no
 * clock, no fd, no thread, no process. Each step and each edge is touched a constant number of times. Private to run/.
 *
 *            dependencies ended            a slot and a worker are free
 *   IDLE ------------------------> READY ------------------------------> TAKEN --ended--> ENDED
 *    |                             ^   |                                 ^   |
 *    |            a slot is free   |   | the group's slots are taken     |   | pause (back-off)
 *    |                             +---+ PARKED                  AGAIN <-+---+ PAUSED
 *    | rule not met, not chosen, disabled, stopped, closed
 *    +---------------------------> VERDICT ----------------------------------ended--> ENDED
 *
 * Its driver calls sched_next until that has nothing, does what each move says, and reports each end with sched_ended. */
#ifndef RUN_SCHED_H
#define RUN_SCHED_H

#include "sched_node.h"

enum sched_verb {
    SCHED_START,  /* begin: it holds a worker (processes, requests) and a slot of its group now */
    SCHED_AGAIN,  /* a paused step got a worker again */
    SCHED_SKIP,   /* disabled, or a rule that does not apply */
    SCHED_PASS,   /* not taken: no router chose it, or none of its dependencies is taken */
    SCHED_BLOCK,  /* a dependency failed */
    SCHED_CANCEL, /* the run or its container is being ended */
    SCHED_MERGE   /* all branches of this container have ended */
};
struct sched_move {
    enum sched_verb verb;
    uint32_t step;
};

enum sched_outcome {
    SCHED_OK,
    SCHED_SKIPPED,   /* counts as success for dependents */
    SCHED_TOLERATED, /* failed, but blocks nobody */
    SCHED_STOPPED,   /* cancelled: dependents are, too; no failure */
    SCHED_BAD,       /* failed or blocked */
    SCHED_UNTAKEN    /* left out of the rules of dependents */
};

enum sched_level {
    SCHED_ALL,     /* may still start */
    SCHED_DRAIN,   /* any_failed and all_done steps, fallbacks, what is inside of them, `finally` */
    SCHED_FINALLY, /* only `finally` */
    SCHED_NOTHING
};

/* What the children of one container share. Boxes 0 and 1 are `steps` and `finally`. */
struct sched_box {
    uint32_t owner;  /* FR_NO_STEP for boxes 0 and 1 */
    bool is_finally; /* of a workflow step: its file's `finally` */
    uint32_t count;  /* the first children of the owner that take part: all but unneeded slots */
    uint32_t left;   /* of these: children that have not ended */
    uint32_t used, slots;
    uint32_t turn;                       /* of the branch that ran again last */
    int64_t opened, full_since, full_ns; /* full: all slots were taken, in all */
    bool open, closed;
    struct sched_heap parked;
};

struct sched {
    const struct fr_plan *plan; /* borrowed */
    struct sched_node *nodes;
    struct sched_box *boxes;
    uint32_t box_count, file_count;
    uint32_t workers, busy;
    bool held;        /* no worker is given now */
    uint32_t starved; /* how often steps stood ready when no worker was free */
    int64_t now;      /* set by its driver; decides nothing */
    enum sched_level level;
    struct sched_limit *limits;
    struct sched_file *files;       /* of workflow steps */
    struct sched_heap light, heavy; /* ready; heavy ones need a worker */
    struct sched_move *moves;       /* waiting to be taken, oldest at `head` */
    size_t head, move_count, move_cap;
    uint64_t work; /* nodes, edges and heap places touched so far, for tests of its cost */
};

void sched_init(struct sched *s, const struct fr_plan *plan, uint32_t workers);
/* The same; `expected_ns`: what each step took before, 0 = unknown; or NULL. Ready steps with more time behind go first. */
void sched_init_expecting(struct sched *s, const struct fr_plan *plan, uint32_t workers,
                          const int64_t *expected_ns);
void sched_release(struct sched *s);
/* The next thing to do; false when there is none before something ends. */
bool sched_next(struct sched *s, struct sched_move *move);

/* A step that was started or got a verdict has ended. Children of a container must have ended before it. */
void sched_ended(struct sched *s, uint32_t step, enum sched_outcome outcome);
/* Before sched_ended of a router: these of its targets may start. */
void sched_choose(struct sched *s, const struct fr_indexes *targets);
/* Gives back the worker of a started step but keeps its slot. */
void sched_pause(struct sched *s, uint32_t step);
/* Before sched_ended of a started step: its worker stays taken until it is given back. */
void sched_lend(struct sched *s, uint32_t step);
void sched_give_back(struct sched *s);
/* A paused step wants to go on: SCHED_AGAIN comes when there is a worker. */
void sched_return(struct sched *s, uint32_t step);
/* Lets the branches of a started container begin. */
void sched_open(struct sched *s, uint32_t container);
/* The same of its first `count` branches; the others do not take part. */
void sched_open_first(struct sched *s, uint32_t container, uint32_t count);
/* Instead of sched_ended: a branch without dependencies that was started has come to its end and is to run again. What
 * stands in the `size` places from it on is reset; everything in there has ended. Not after its container was closed. */
void sched_rerun(struct sched *s, uint32_t branch, uint32_t size);
/* After SCHED_MERGE: all branches, which take the `size` places from `first` on, run again. Not after sched_close. */
void sched_reopen(struct sched *s, uint32_t container, uint32_t first, uint32_t size);
/* Whether what is inside of a container, or stands in such a place, may begin now. */
bool sched_may_begin(const struct sched *s, uint32_t step);
/* No child of an open container starts any more. */
void sched_close(struct sched *s, uint32_t container);
/* Makes a callback, combine or fallback step ready; these belong to no box. */
void sched_extra(struct sched *s, uint32_t step);
/* An extra step that may not have started yet: it does not any more. */
void sched_drop(struct sched *s, uint32_t step);
void sched_stop(struct sched *s, enum sched_level level); /* what may start; levels only rise */
void sched_open_finally(struct sched *s);                 /* when all of `steps` has ended */
bool sched_steps_done(const struct sched *s);
bool sched_finally_done(const struct sched *s);

#endif
