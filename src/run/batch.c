/* batch_process: each item goes through a copy of the template. There are as many copies, the slots, as items may be under
 * way at once; when an item is over its slot takes the next one. Coordinator thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ahead.h"
#include "recipe.h"
#include "result.h"
#include "scope.h"
#include "state.h"

enum { INSIDES = 10000 }; /* items of which the results inside are kept */

/* The value that holds the items. */
static enum fr_err eval_items(struct coord *c, struct active *t, struct fr_value **value)
{
    const struct fr_step *step = active_step(c, t);
    if (step->batch->items)
        return eval_value(c, t, step->batch->items, value);
    *value = fr_value_ref(t->input);
    return FR_OK;
}

/* Takes the items. */
static enum fr_err take_items(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    const char *what = step->batch->items ? "`items`" : "the input";
    struct fr_value *value = NULL;
    struct fr_buf why;
    enum fr_err err = eval_items(c, t, &value);
    if (err)
        return err;
    fr_buf_init(&why, 0);
    if (fr_value_kind(value) == FR_VALUE_NULL)
        err = eval_fail(c, step->mark, "no-items",
                        "batch '%s' has no items: %s is null; give it `items:`, an input that is a "
                        "list, or `[]` for none",
                        step->id, what);
    else if (!items_init(&repeating_new(c, t)->items, value, step->batch->batch_size, &why))
        err = eval_fail(
            c, step->mark, "bad-items",
            "%s of batch '%s' is %s, but has to be a list; a step makes one with "
            "`output: lines`, `jsonl` or `json`, and `items: [\"${{ … }}\"]` is a list of one",
            what, step->id, fr_buf_cstr(&why));
    fr_buf_release(&why);
    fr_value_unref(value);
    return err;
}

/* Gives the next item to a slot. */
static void assign(struct coord *c, struct active *t, uint32_t slot)
{
    const struct fr_step *step = active_step(c, t);
    struct fr_value **item = &t->parts[c->plan->steps[slot].branch_no];
    fr_value_unref(*item);
    *item = items_next(&t->repeating->items);
    turn_begin_item(c->run, slot, step->group->copies.size, t->repeating->next++);
}

/* How many items may be under way at once. Where an item is one process there are no more of them than workers, so that
 * items begin in their order. */
static uint32_t slots_for(const struct coord *c, const struct fr_step *step, uint32_t count)
{
    const struct fr_step *item = &c->plan->steps[step->group->copies.first];
    uint32_t slots = count < step->batch->sequential_below ? 1 : step->group->branches.count;
    if ((item->kind == FR_KIND_PROCESS || item->kind == FR_KIND_HTTP) && c->sched.workers < slots)
        slots = c->sched.workers;
    return count < slots ? count : slots;
}

/* Begins a batch. */
enum fr_err phase_batch(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    enum fr_err err = take_items(c, t);
    if (err)
        return err;
    uint32_t count = t->repeating->items.count, slots = slots_for(c, step, count);
    t->parts = calloc(step->group->branches.count + 1U, sizeof(*t->parts));
    if (!t->parts)
        abort();
    ahead_begin(c, t);
    container_begin(c, t);
    turns_begin(c->run, step, count);
    c->run->total += count * t->repeating->leaves;
    for (uint32_t i = 0; i < slots; i++)
        assign(c, t, step->group->branches.at[i]);
    sched_open_first(&c->sched, t->step, slots);
    return FR_OK;
}

/* Whether a step is the branch of a batch that one item goes through. */
bool batch_is_slot(const struct coord *c, const struct fr_step *step)
{
    return step->role == FR_ROLE_BRANCH && c->plan->steps[step->parent].kind == FR_KIND_BATCH;
}

static bool has_failed(const struct fr_step_result *result)
{
    return result->status != FR_SUCCEEDED && result->status != FR_SKIPPED &&
           result->status != FR_CANCELLED && result->status != FR_NOT_TAKEN;
}

/* Counts how an item came out. */
static void tally(struct coord *c, struct active *t, const struct fr_step *slot, uint32_t number)
{
    struct fr_step_result *all = result_of(c, active_step(c, t));
    const struct fr_step_result *one = result_of(c, slot);
    repeat_sum(c, active_step(c, t), slot);
    all->ok += one->status == FR_SUCCEEDED && !one->stays;
    all->skipped += one->status == FR_SKIPPED || one->status == FR_NOT_TAKEN;
    all->cancelled += one->status == FR_CANCELLED || one->stays;
    all->failed += has_failed(one);
    if (!has_failed(one) || one->tolerated)
        return;
    t->repeating->bad++;
    if (number < t->repeating->first_bad)
        t->repeating->first_bad = number;
}

/* Starts no more items after the first failure, when the batch is to fail fast. */
static void fail_fast(struct coord *c, struct active *t, const struct fr_step *slot)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_step_result *result = result_of(c, slot);
    char text[400];
    if (!step->group->fail_fast || t->cancel != FR_CANCEL_NONE || t->close_text ||
        !has_failed(result) || result->tolerated)
        return;
    snprintf(text, sizeof(text), "fail-fast of batch '%s' after '%s' %s",
             fr_run_step_id(c->run, step), fr_run_step_id(c->run, slot),
             result->status == FR_TIMED_OUT ? "timed out" : "failed");
    container_cancel(c, t, FR_CANCEL_FAIL_FAST, text, false);
}

/* An item is over; the next one takes its place, or the slot has ended. */
void batch_item_ended(struct coord *c, const struct fr_step *slot, enum sched_outcome outcome)
{
    struct active *t = c->tasks[slot->parent];
    const struct fr_step *step = active_step(c, t);
    struct repeating *batch = t->repeating;
    uint32_t number = c->run->repeats->item[slot->index], size = step->group->copies.size;
    turn_note(turns_of(c->run, step), number, result_of(c, slot));
    if (slot->group && number < INSIDES)
        turn_keep_inside(turns_of(c->run, step), number, result_inside(c->run, slot));
    tally(c, t, slot, number);
    turn_count(c->run, step, slot->index, size);
    turn_to_past(c->run, slot->index, size, false);
    if (c->state)
        state_item_ended(c->state, t->step, number, slot->index, size);
    fail_fast(c, t, slot);
    if (batch->next == batch->items.count || t->close_text || t->cancel != FR_CANCEL_NONE ||
        !sched_may_begin(&c->sched, slot->index)) {
        sched_ended(&c->sched, slot->index, outcome);
        return;
    }
    repeat_reset(c, slot->index, size);
    assign(c, t, slot->index);
    sched_rerun(&c->sched, slot->index, size);
}

/* Items that never began are cancelled, but for those that an earlier session had. They are no steps of the run: it has
 * none of them on record. */
static void cancel_rest(struct coord *c, struct active *t)
{
    struct fr_step_result *result = result_of(c, active_step(c, t));
    struct repeating *batch = t->repeating;
    uint32_t rest = batch->items.count - batch->next;
    const char *why = t->close_text    ? t->close_text
                      : c->stop_text   ? c->stop_text
                      : t->cancel_text ? t->cancel_text
                                       : "the run is ending";
    if (!rest)
        return;
    uint32_t stay = stay_items(c, active_step(c, t), batch->next, batch->leaves);
    turns_cancel(turns_of(c->run, active_step(c, t)), batch->next, why);
    result->cancelled += rest;
    c->run->total -= (rest - stay) * batch->leaves;
}

/* Whether enough items have succeeded. */
static bool enough(struct coord *c, const struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_step_result *result = result_of(c, step);
    if (step->group->success_needed != UINT32_MAX)
        return result->ok >= step->group->success_needed;
    return t->repeating->bad == 0 && result->cancelled == 0;
}

/* Not enough items have succeeded: says which failed first in order, or why they were cancelled. */
static void fail(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_step_result *result = result_of(c, step);
    const struct turns *turns = turns_of(c->run, step);
    char needed[32] = "all are";
    struct fr_buf name;
    fr_buf_init(&name, 0);
    if (step->group->success_needed != UINT32_MAX)
        snprintf(needed, sizeof(needed), "%u", step->group->success_needed);
    if (t->repeating->bad) {
        struct fr_step_result bad = turn_result(turns, t->repeating->first_bad);
        turn_name(c->run, step, t->repeating->first_bad, &name);
        verdict_set(&t->verdict, FR_FAILED, "branch-failed",
                    "%u of %u items succeeded, %s needed: '%s' %s%s", result->ok, turns->count,
                    needed, fr_buf_cstr(&name), bad.status == FR_TIMED_OUT ? "" : "failed: ",
                    bad.error_message ? bad.error_message : "");
        fr_value_unref(bad.output);
    } else if (result->cancelled) {
        verdict_set(&t->verdict, FR_CANCELLED, "cancelled", "%s",
                    c->stop_text ? c->stop_text : "the run is ending");
    } else {
        verdict_set(&t->verdict, FR_FAILED, "branch-failed",
                    "%u of %u items succeeded, %s needed (%u skipped)", result->ok, turns->count,
                    needed, result->skipped);
    }
    fr_buf_release(&name);
    active_over(c, t);
}

/* All items are over, or no more of them start. */
void batch_complete(struct coord *c, struct active *t)
{
    cancel_rest(c, t);
    if (c->state)
        state_batch_ended(c->state, t->step);
    if (t->cancel != FR_CANCEL_NONE) {
        cancelled_verdict(c, t);
        active_over(c, t);
    } else if (enough(c, t)) {
        t->verdict.status = FR_SUCCEEDED;
        t->phase = STEP_RANK;
        active_go(c, t);
    } else {
        fail(c, t);
    }
}
