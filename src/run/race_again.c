/* Races of a run that is gone on with. One that was decided before is won by the same branches, whose results are kept: the others
 * must not start only to be stopped. They are kept back until a branch that had won does not win again. Coordinator
 * thread. */
#include "recipe.h"
#include "sched_hold.h"

/* Whether a branch won when the run was under way before, and nothing is known that would change it. */
static bool had_won(struct coord *c, const struct fr_step *branch)
{
    struct fr_memory_source *memory = c->options->memory;
    return memory->had_won && memory->had_won(memory, branch, fr_run_step_id(c->run, branch));
}

void race_hold(struct coord *c, const struct fr_step *race)
{
    const struct fr_group *group = race->group;
    uint32_t won = 0;
    if (!c->options->memory || race->kind != FR_KIND_RACE)
        return;
    for (uint32_t i = 0; i < group->branches.count; i++)
        won += had_won(c, &c->plan->steps[group->branches.at[i]]);
    if (won < group->keep)
        return;
    for (uint32_t i = 0; i < group->branches.count; i++) {
        const struct fr_step *branch = &c->plan->steps[group->branches.at[i]];
        if (had_won(c, branch))
            continue;
        sched_hold(&c->sched, branch->index);
        c->held++;
    }
}

void race_let_go(struct coord *c, const struct fr_step *step)
{
    while (c->held && step->parent != FR_NO_STEP) {
        step = &c->plan->steps[step->parent];
        for (uint32_t i = 0; step->kind == FR_KIND_RACE && i < step->group->branches.count; i++)
            c->held -= sched_unhold(&c->sched, step->group->branches.at[i]);
    }
}
