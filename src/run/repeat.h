/* Batches and loops that are under way. Coordinator thread. Private to run/. */
#ifndef RUN_REPEAT_H
#define RUN_REPEAT_H

#include "items.h"
#include "phases.h"
#include "turns.h"

/* What a batch or a loop has beyond other containers. */
struct repeating {
    struct items items;      /* batch */
    uint32_t next;           /* batch: the next item; loop: the turn under way, from 1 */
    uint32_t leaves;         /* steps of a turn that do work themselves */
    uint32_t bad, first_bad; /* batch: failures that count, and the first of them */
    struct ahead *ahead;     /* batch; owned, NULL = each item asks for itself */
    struct fr_value *given;  /* loop: what the first step of a turn gets; owned */
};

void repeating_free(struct active *t);
struct repeating *repeating_new(struct coord *c, struct active *t);
/* Adds what a branch took to what its container took. */
void repeat_sum(struct coord *c, const struct fr_step *owner, const struct fr_step *branch);
/* A turn is over whose places are to be used again. */
void repeat_reset(struct coord *c, uint32_t first, uint32_t size);

/* ---- container.c ---- */
/* A container runs from now on; its children begin when the scheduler opens it. */
void container_begin(struct coord *c, struct active *t);

/* ---- batch.c ---- */
enum fr_err phase_batch(struct coord *c, struct active *t);
/* Whether a step is the branch of a batch that one item goes through. */
bool batch_is_slot(const struct coord *c, const struct fr_step *step);
/* An item is over; the next one takes its place, or the slot has ended as `outcome`. */
void batch_item_ended(struct coord *c, const struct fr_step *slot, enum sched_outcome outcome);
void batch_complete(struct coord *c, struct active *t);

/* ---- loop.c ---- */
enum fr_err phase_loop(struct coord *c, struct active *t);
enum fr_err phase_until(struct coord *c, struct active *t);
void loop_complete(struct coord *c, struct active *t);

/* ---- repeat_roots.c ---- */
/* `.item`; borrowed, NULL = none. */
struct fr_value *repeat_item(struct coord *c, const struct fr_step *step);
/* `.index`, `.iteration`, `.matrix`; owned, NULL = none. */
struct json_object *repeat_root(struct coord *c, const struct fr_step *step, enum fr_root root);

#endif
