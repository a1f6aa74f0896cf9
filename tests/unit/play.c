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
    static const struct {
        const char *name;
        enum sched_outcome outcome; /* of what never runs */
    } verbs[] = {[SCHED_START] = {.name = "start"},      [SCHED_AGAIN] = {.name = "again"},
                 [SCHED_SKIP] = {"skip", SCHED_SKIPPED}, [SCHED_PASS] = {"pass", SCHED_UNTAKEN},
                 [SCHED_BLOCK] = {"block", SCHED_BAD},   [SCHED_CANCEL] = {"cancel", SCHED_STOPPED},
                 [SCHED_MERGE] = {.name = "merge"}};
    static char text[1024];
    struct sched_move move;
    size_t at = 0;
    text[0] = '\0';
    while (sched_next(&p->sched, &move)) {
        const struct fr_step *step = &p->plan->steps[move.step];
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s:%s", at ? " " : "",
                               verbs[move.verb].name, step->id);
        if (move.verb == SCHED_START && step->kind == FR_KIND_GROUP && p->open)
            sched_open_first(&p->sched, move.step, p->open - 1);
        else if (move.verb == SCHED_START && step->group)
            sched_open(&p->sched, move.step);
        else if (verbs[move.verb].outcome)
            sched_ended(&p->sched, move.step, verbs[move.verb].outcome);
    }
    return text;
}

void play_ends(struct play *p, const char *id, enum sched_outcome outcome)
{
    sched_ended(&p->sched, step_of(p->plan, id)->index, outcome);
}
