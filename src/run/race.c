/* Races: the first branches to succeed win, the others are cancelled. Time decides who
 * wins and nothing else: several outputs stand in order of declaration. Coordinator thread. */
#include <stdio.h>
#include <stdlib.h>

#include "phases.h"
#include "recipe.h"
#include "state.h"
#include "status.h"

/* Whether the end of a branch counts in this race. */
static bool counts(const struct fr_group *group, const struct fr_step_result *result)
{
    enum fr_status status = result->status;
    if (result->stays)
        return false;
    if (status_yields(result))
        return true;
    return group->first_completed && fr_status_is_failure(status);
}

/* Whether too many branches have ended without winning; what was cancelled is told of for itself. */
static bool is_lost(struct coord *c, const struct fr_group *group)
{
    uint32_t out = 0;
    for (uint32_t i = 0; i < group->branches.count; i++) {
        const struct fr_step_result *result = result_of(c, &c->plan->steps[group->branches.at[i]]);
        out += fr_status_is_final(result->status) && result->status != FR_CANCELLED &&
               !result->stays && !counts(group, result);
    }
    return group->branches.count - out < group->keep;
}

/* A branch has ended: it may be a winner, and the last one that is wanted, or the last one that could be spared. */
void race_child_ended(struct coord *c, struct active *t, const struct fr_step *child)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_group *group = step->group;
    char text[300];
    if (t->winner_count >= group->keep)
        return;
    if (!counts(group, result_of(c, child))) {
        if (!is_lost(c, group))
            return;
        snprintf(text, sizeof(text), "the race '%s' can no longer be won after '%s' %s",
                 fr_run_step_id(c->run, step), fr_run_step_id(c->run, child),
                 fr_status_name(result_of(c, child)->status));
        container_cancel(c, t, FR_CANCEL_RACE, text, false);
        return;
    }
    if (!t->winners)
        t->winners = calloc(group->branches.count, sizeof(*t->winners));
    if (!t->winners)
        abort();
    t->winners[t->winner_count++] = child->index;
    if (t->winner_count < group->keep)
        return;
    snprintf(text, sizeof(text), "the race '%s' was %s '%s'", fr_run_step_id(c->run, step),
             group->keep > 1 ? "complete with" : "won by", fr_run_step_id(c->run, child));
    container_cancel(c, t, FR_CANCEL_RACE, text, false);
}

static bool is_winner(const struct active *t, uint32_t step)
{
    for (uint32_t i = 0; i < t->winner_count; i++)
        if (t->winners[i] == step)
            return true;
    return false;
}

/* The winners' outputs as a list, in order of declaration. */
static enum fr_err list_outputs(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct json_object *list = json_object_new_array();
    for (uint32_t i = 0; i < step->group->branches.count; i++) {
        uint32_t branch = step->group->branches.at[i];
        enum fr_err err = FR_OK;
        if (!is_winner(t, branch))
            continue;
        json_object_array_add(
            list, json_object_get(fr_value_object(c->run->results[branch].output, &err)));
        if (err) {
            json_object_put(list);
            verdict_set(&t->verdict, FR_FAILED, "too-large",
                        "the output of branch '%s' is too large to be part of a list",
                        c->plan->steps[branch].id);
            return err;
        }
    }
    t->output = fr_value_json(list);
    return FR_OK;
}

/* How many winners have succeeded. */
static uint32_t good_winners(const struct coord *c, const struct active *t)
{
    uint32_t good = 0;
    for (uint32_t i = 0; i < t->winner_count; i++)
        good += c->run->results[t->winners[i]].status == FR_SUCCEEDED;
    return good;
}

/* All branches have ended. */
void race_complete(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_group *group = step->group;
    const struct fr_step_result *result = result_of(c, step);
    race_let_go(c, &c->plan->steps[group->branches.at[0]]);
    for (uint32_t i = 0; c->state && i < group->branches.count; i++)
        if (!is_winner(t, group->branches.at[i]))
            state_discard(c->state, group->branches.at[i]);
    if (t->winner_count < group->keep && result->cancelled && !is_lost(c, group)) {
        verdict_set(&t->verdict, FR_CANCELLED, "cancelled", "%s",
                    c->stop_text ? c->stop_text : "the run is ending");
    } else if (t->winner_count < group->keep) {
        verdict_set(&t->verdict, FR_FAILED, "no-winner",
                    "the race wanted %u of its %u branches to %s, and %u did", group->keep,
                    group->branches.count, group->first_completed ? "end" : "succeed",
                    t->winner_count);
    } else if (good_winners(c, t) == 0) {
        const struct fr_step *winner = &c->plan->steps[t->winners[0]];
        const char *message = result_of(c, winner)->error_message;
        verdict_set(&t->verdict, FR_FAILED, "branch-failed", "'%s' ended first and failed: %s",
                    fr_run_step_id(c->run, winner), message ? message : "");
    } else {
        t->verdict.status = FR_SUCCEEDED;
        if (group->keep == 1)
            t->output = fr_value_ref(c->run->results[t->winners[0]].output);
        else
            list_outputs(c, t);
    }
    if (t->verdict.status != FR_SUCCEEDED) {
        active_over(c, t);
        return;
    }
    t->phase = STEP_QUALITY;
    active_go(c, t);
}
