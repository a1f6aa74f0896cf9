/* Holding branches back: as if each depended on one step more. Coordinator thread. */
#include "sched_hold.h"

#include "sched_core.h"
#include "sched_rules.h"

void sched_hold(struct sched *s, uint32_t branch)
{
    s->nodes[branch].flags |= HELD;
    s->nodes[branch].blocked++;
}

bool sched_unhold(struct sched *s, uint32_t branch)
{
    struct sched_node *node = &s->nodes[branch];
    if (!(node->flags & HELD))
        return false;
    node->flags &= (uint16_t)~HELD;
    if (--node->blocked == 0 && node->state == SCHED_IDLE)
        sched_release_step(s, branch);
    return true;
}
