/* Who has the terminal: one step at a time, with `tty: true` or the question of a human step. Of those that want it when it
 * is free, the first in the file gets it. Coordinator thread. */
#include <stdlib.h>
#include <string.h>

#include "jobmaker.h"
#include "phases.h"

/* Waits until it is given the terminal; the queue is in order of declaration. */
void tty_wait(struct coord *c, struct active *t)
{
    if (c->tty_count == c->tty_cap) {
        c->tty_cap = c->tty_cap ? c->tty_cap * 2 : 8;
        c->tty_queue = realloc(c->tty_queue, c->tty_cap * sizeof(*c->tty_queue));
        if (!c->tty_queue)
            abort();
    }
    uint32_t at = c->tty_count++;
    for (; at > 0 && c->tty_queue[at - 1] > t->step; at--)
        c->tty_queue[at] = c->tty_queue[at - 1];
    c->tty_queue[at] = t->step;
    t->phase = STEP_TTY;
    t->tty_ns -= c->now;
}

uint32_t tty_next(struct coord *c)
{
    while (c->tty_count) {
        const struct active *first = c->tasks[c->tty_queue[0]];
        if (first && first->phase == STEP_TTY)
            return first->step;
        memmove(c->tty_queue, c->tty_queue + 1, --c->tty_count * sizeof(*c->tty_queue));
    }
    return FR_NO_STEP;
}

bool tty_go_on(struct coord *c)
{
    uint32_t step = c->tty_owner == FR_NO_STEP ? tty_next(c) : FR_NO_STEP;
    if (step == FR_NO_STEP)
        return false;
    memmove(c->tty_queue, c->tty_queue + 1, --c->tty_count * sizeof(*c->tty_queue));
    c->tty_owner = step;
    c->tasks[step]->phase = STEP_JOB;
    c->tasks[step]->tty_ns += c->now;
    active_go(c, c->tasks[step]);
    return true;
}

/* The owner of the terminal has ended. */
void tty_release(struct coord *c, const struct fr_step *step)
{
    if (c->tty_owner == step->index)
        c->tty_owner = FR_NO_STEP;
}
