/* See play.h. One thread. */
#include "play.h"

#include <stdio.h>

#include "plans.h"

void play_given(struct play *p, const char *yaml, uint32_t workers)
{
    p->plan = plan_of(yaml);
    p->open = 0;
    sched_init(&p->sched, p->plan, workers);
}

void play_over(struct play *p)
{
    sched_release(&p->sched);
    fr_plan_free(p->plan);
}

const char *play_moves(struct play *p)
{
    static const char *const verbs[] = {
        [SCHED_START] = "start", [SCHED_AGAIN] = "again",   [SCHED_SKIP] = "skip",
        [SCHED_BLOCK] = "block", [SCHED_CANCEL] = "cancel", [SCHED_MERGE] = "merge"};
    static char text[1024];
    struct sched_move move;
    size_t at = 0;
    text[0] = '\0';
    while (sched_next(&p->sched, &move)) {
        const struct fr_step *step = &p->plan->steps[move.step];
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s:%s", at ? " " : "",
                               verbs[move.verb], step->id);
        if (move.verb == SCHED_START && step->kind == FR_KIND_GROUP && p->open)
            sched_open_first(&p->sched, move.step, p->open - 1);
        else if (move.verb == SCHED_START && step->group)
            sched_open(&p->sched, move.step);
        if (move.verb == SCHED_SKIP)
            sched_ended(&p->sched, move.step, SCHED_SKIPPED);
        if (move.verb == SCHED_BLOCK)
            sched_ended(&p->sched, move.step, SCHED_BAD);
        if (move.verb == SCHED_CANCEL)
            sched_ended(&p->sched, move.step, SCHED_STOPPED);
    }
    return text;
}

void play_ends(struct play *p, const char *id, enum sched_outcome outcome)
{
    sched_ended(&p->sched, step_of(p->plan, id)->index, outcome);
}
