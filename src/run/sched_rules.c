/* The rules of the scheduler: what the ends of its dependencies mean for a step. Pure. */
#include "sched_rules.h"

#include "sched_file.h"

/* The flags that a step has from its place in the plan. Parents and owners come before their children. */
uint16_t sched_place_flags(const struct sched *s, const struct fr_step *step)
{
    uint16_t flags = 0;
    if (step->kind == FR_KIND_PROCESS || step->kind == FR_KIND_HTTP)
        flags |= HEAVY;
    if (step->role == FR_ROLE_FINALLY)
        flags |= IN_FINALLY;
    if (step->role == FR_ROLE_FALLBACK || step->rule == FR_RULE_ALL_DONE ||
        step->rule == FR_RULE_ANY_FAILED)
        flags |= EXEMPT;
    if (step->parent != FR_NO_STEP)
        flags |= s->nodes[step->parent].flags & (EXEMPT | IN_FINALLY);
    return flags;
}

/* What the dependencies that did not succeed make of a step; `otherwise` when there is none. */
static enum sched_verb unmet(const struct sched_node *node, enum sched_verb otherwise)
{
    if (node->flags & DEP_BAD)
        return SCHED_BLOCK;
    return node->flags & DEP_STOPPED ? SCHED_CANCEL : otherwise;
}

/* What the step's rule says of its dependencies, all of which have ended. */
enum sched_verb sched_judge(const struct fr_step *step, const struct sched_node *node)
{
    if (step->deps.count && !(node->flags & DEP_TAKEN))
        return SCHED_PASS;
    if (step->is_target && !(node->flags & (CHOSEN | ROUTE_LOST)))
        return SCHED_PASS;
    if (step->deps.count == 0 || step->role == FR_ROLE_FINALLY)
        return SCHED_START;
    switch (step->rule) {
    case FR_RULE_ANY_FAILED:
        return node->flags & DEP_FAILED ? SCHED_START : SCHED_SKIP;
    case FR_RULE_ANY_SUCCESS:
        return node->flags & DEP_GOOD ? SCHED_START : unmet(node, SCHED_SKIP);
    case FR_RULE_ALL_SUCCESS:
        return unmet(node, SCHED_START);
    default:
        return SCHED_START;
    }
}

/* True when a step waits for `ended` only to be chosen by it. */
static bool only_chooses(uint32_t ended, const struct fr_step *dependent)
{
    for (uint32_t i = 0; dependent->is_target && i < dependent->inputs.count; i++)
        if (dependent->inputs.at[i] == ended)
            return false;
    return dependent->is_target;
}

/* What an end means to a dependent. In a chain a step that was not taken is passed over. */
uint16_t sched_told(uint32_t ended, enum sched_outcome outcome, const struct fr_step *dependent)
{
    static const uint16_t bits[] = {[SCHED_OK] = DEP_TAKEN | DEP_GOOD,
                                    [SCHED_SKIPPED] = DEP_TAKEN,
                                    [SCHED_TOLERATED] = DEP_TAKEN | DEP_GOOD | DEP_FAILED,
                                    [SCHED_STOPPED] = DEP_TAKEN | DEP_STOPPED,
                                    [SCHED_BAD] = DEP_TAKEN | DEP_BAD | DEP_FAILED,
                                    [SCHED_UNTAKEN] = 0};

    if (outcome == SCHED_UNTAKEN && dependent->follows && dependent->deps.at[0] == ended)
        return DEP_TAKEN;
    if (outcome == SCHED_OK && only_chooses(ended, dependent))
        return DEP_TAKEN;
    return bits[outcome];
}

/* A router that was skipped, or is not taken itself, has chosen nothing; one that failed has not chosen. */
bool sched_is_lost(enum sched_outcome outcome)
{
    return outcome == SCHED_BAD || outcome == SCHED_STOPPED;
}

/* Whether the run's level, and the files that hold the step, still let it begin. */
bool sched_may_begin(const struct sched *s, uint32_t step)
{
    const struct sched_node *node = &s->nodes[step];
    if (sched_is_drained(s, step))
        return false;
    switch (s->level) {
    case SCHED_ALL:
        return true;
    case SCHED_DRAIN:
        return node->flags & (EXEMPT | IN_FINALLY);
    case SCHED_FINALLY:
        return node->flags & IN_FINALLY;
    default:
        return false;
    }
}

bool sched_in_finally(const struct sched *s, uint32_t step)
{
    return s->nodes[step].flags & IN_FINALLY;
}
