/* loop: its steps run turn after turn in the same places, until a condition holds. Coordinator thread. */
#include <stdio.h>
#include <stdlib.h>

#include "repeat.h"
#include "scope.h"
#include "state.h"

/* The next turn begins; its steps are as if they had never run. */
static void begin_turn(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    uint32_t turn = ++t->repeating->next;
    turns_of(c->run, step)->count = turn;
    turn_begin_loop(c->run, step, turn);
    c->run->total += t->repeating->leaves;
}

/* Begins a loop. */
enum fr_err phase_loop(struct coord *c, struct active *t)
{
    repeating_new(c, t)->given = fr_value_ref(t->input);
    container_begin(c, t);
    turns_begin(c->run, active_step(c, t), 0);
    begin_turn(c, t);
    sched_open(&c->sched, t->step);
    return FR_OK;
}

/* The first step of the turn that ended badly, in order of declaration; NULL = none. */
static const struct fr_step *find_bad(struct coord *c, const struct fr_step *loop, bool *stopped)
{
    const struct fr_step *bad = NULL;
    for (uint32_t i = 0; i < loop->group->branches.count; i++) {
        const struct fr_step *step = &c->plan->steps[loop->group->branches.at[i]];
        const struct fr_step_result *result = result_of(c, step);
        bool failed = fr_status_is_failure(result->status);
        *stopped = *stopped || result->status == FR_CANCELLED || result->stays;
        if (failed && !result->tolerated && !bad)
            bad = step;
    }
    return bad;
}

/* A turn that was not completed is the end of its loop. */
static bool fail_turn(struct coord *c, struct active *t)
{
    bool stopped = false;
    const struct fr_step *bad = find_bad(c, active_step(c, t), &stopped);
    const struct fr_step_result *result = bad ? result_of(c, bad) : NULL;
    if (bad)
        verdict_set(&t->verdict, FR_FAILED, "branch-failed", "turn %u was not completed: '%s' %s%s",
                    t->repeating->next, fr_run_step_id(c->run, bad),
                    result->status == FR_TIMED_OUT ? "" : "failed: ",
                    result->error_message ? result->error_message : "");
    else if (stopped)
        verdict_set(&t->verdict, FR_CANCELLED, "cancelled", "%s",
                    c->stop_text ? c->stop_text : "the run is ending");
    return bad || stopped;
}

/* All steps of a turn have ended. */
void loop_complete(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_indexes *steps = &step->group->branches;
    struct fr_step_result *result = result_of(c, step);
    for (uint32_t i = 0; i < steps->count; i++)
        repeat_sum(c, step, &c->plan->steps[steps->at[i]]);
    turn_count(c->run, step, step->group->copies.first, step->group->copies.size);
    turn_to_past(c->run, step->group->copies.first, step->group->copies.size, true);
    if (t->cancel != FR_CANCEL_NONE || fail_turn(c, t)) {
        result->failed += t->verdict.status == FR_FAILED;
        result->cancelled += t->verdict.status != FR_FAILED;
        if (t->cancel != FR_CANCEL_NONE)
            cancelled_verdict(c, t);
        active_over(c, t);
        return;
    }
    result->ok++;
    fr_value_unref(t->output);
    t->output = fr_value_ref(value_after(c, &c->plan->steps[steps->at[steps->count - 1]]));
    t->verdict.status = FR_SUCCEEDED;
    t->phase = STEP_UNTIL;
    active_go(c, t);
}

/* Lets the steps run again on what they yielded. */
static void next_turn(struct coord *c, struct active *t)
{
    const struct fr_copies *copies = &active_step(c, t)->group->copies;
    fr_value_unref(t->repeating->given);
    t->repeating->given = t->output;
    t->output = NULL;
    active_forget_answers(t);
    json_object_put(t->state);
    t->state = NULL;
    if (c->state)
        state_turn_ended(c->state, t->step, copies->first, copies->size);
    repeat_reset(c, copies->first, copies->size);
    begin_turn(c, t);
    t->phase = STEP_BRANCHES;
    sched_reopen(&c->sched, t->step, copies->first, copies->size);
}

/* Whether the loop is over, and how. */
enum fr_err phase_until(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_loop *loop = step->loop;
    struct json_object *value = NULL;
    bool over = false;
    if (loop->until) {
        enum fr_err err = eval_expr(c, t, loop->until, &value);
        if (err)
            return err;
        over = fr_json_true(value);
        json_object_put(value);
    }
    if (over || (!loop->until && t->repeating->next >= loop->max_iterations)) {
        t->phase = STEP_QUALITY;
    } else if (t->repeating->next >= loop->max_iterations) {
        bool constant = loop->until->kind == FR_EXPR_PATH && loop->until->operands[0].literal;
        verdict_set(&t->verdict, FR_FAILED, "until-not-met",
                    "`%s` was not true after %u turn%s; %s", loop->until->text, t->repeating->next,
                    t->repeating->next == 1 ? "" : "s",
                    constant ? "it never is: write a condition, or leave `until` out for exactly "
                               "`max_iterations` turns"
                             : "raise `max_iterations`, or mend what the steps do");
        active_over(c, t);
    } else if (!sched_may_begin(&c->sched, step->group->branches.at[0])) {
        verdict_set(&t->verdict, FR_CANCELLED, "cancelled", "%s",
                    c->stop_text ? c->stop_text : "the run is ending");
        active_over(c, t);
    } else {
        next_turn(c, t);
    }
    return FR_OK;
}
