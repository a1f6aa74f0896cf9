/* Running again: a slot of a batch for its next item, the steps of a loop for their next turn. Costs
 * a constant for each step that runs again. Coordinator thread. */
#include <assert.h>
#include <string.h>

#include "sched_core.h"
#include "sched_rules.h"

/* Makes places of the plan as they were before the run. A heap may still hold such a step: what it pops is looked at
 * again, and one that is found in it twice has begun by then. Where its turn has changed meanwhile, others of the heap
 * may come late by a place, but none is lost. */
static void reset(struct sched *s, uint32_t first, uint32_t size)
{
    for (uint32_t i = first; i < first + size; i++) {
        const struct fr_step *step = &s->plan->steps[i];
        struct sched_node *node = &s->nodes[i];
        node->blocked = step->deps.count;
        node->flags &= OF_PLACE;
        node->state = SCHED_IDLE;
        memset(node->waited, 0, sizeof(node->waited));
        if (step->group) {
            struct sched_box *box = &s->boxes[node->box];
            box->count = box->left = step->group->branches.count;
            box->open = box->closed = false;
            if (step->group->finally.count) {
                box[1].count = box[1].left = step->group->finally.count;
                box[1].open = false;
            }
        }
    }
    s->work += size;
}

/* Puts a branch that runs again behind the others, so that none of them is overtaken while it waits. */
static void take_turn(struct sched *s, struct sched_box *box, uint32_t branch, uint32_t size)
{
    const struct fr_step *steps = s->plan->steps;
    box->turn++;
    for (uint32_t i = branch; i < branch + size; i++)
        s->nodes[i].turn = steps[i].frame == steps[branch].frame ? box->turn : 0;
    s->work += size;
}

/* A branch runs again. */
void sched_rerun(struct sched *s, uint32_t branch, uint32_t size)
{
    struct sched_box *box = sched_box_of(s, &s->plan->steps[branch]);
    assert(!box->closed);
    s->nodes[branch].state = SCHED_ENDED; /* not to be found by whoever gets what it gives back */
    sched_let_go(s, branch);
    reset(s, branch, size);
    s->nodes[branch].waited[SCHED_SHORT_OF_SLOT] = s->now - box->opened; /* since its item was */
    take_turn(s, box, branch, size);
    sched_release_step(s, branch);
}

/* All branches of a container run again. */
void sched_reopen(struct sched *s, uint32_t container, uint32_t first, uint32_t size)
{
    struct sched_box *box = &s->boxes[s->nodes[container].box];
    assert(box->left == 0 && !box->closed);
    reset(s, first, size);
    box->left = box->count;
    sched_open_box(s, box);
}
