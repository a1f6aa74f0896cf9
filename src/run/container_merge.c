/* What a group yields: the merge of its branches' outputs, then its combine and callback
 * steps. Coordinator thread. */
#include <stdlib.h>

#include "merge.h"
#include "phases.h"
#include "scope.h"

/* True for a branch whose output takes part in the merge. */
static bool yields(const struct coord *c, const struct fr_step *step, const struct fr_step *branch)
{
    return c->run->results[branch->index].status == FR_SUCCEEDED && fr_step_counts(step, branch);
}

/* Asks `rank` of each branch that succeeded. */
enum fr_err phase_rank(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_indexes *branches = &fr_step_merges(step)->branches;
    enum fr_err result = FR_OK;
    if (fr_step_merges(step)->merge == FR_MERGE_BEST_QUALITY && fr_step_merges(step)->rank) {
        if (!t->ranks)
            t->ranks = calloc(branches->count, sizeof(*t->ranks));
        for (uint32_t i = 0; t->ranks && i < branches->count; i++) {
            struct json_object *value = NULL;
            if (!yields(c, step, &c->plan->steps[branches->at[i]]))
                continue;
            t->salt = i;
            enum fr_err err = eval_expr(c, t, fr_step_merges(step)->rank, &value);
            t->ranks[i] = merge_number(value);
            json_object_put(value);
            if (err && err != FR_ERR_AGAIN)
                return err;
            result = err ? err : result;
        }
        t->salt = 0;
    }
    if (!result)
        t->phase = STEP_MERGE;
    return result;
}

/* Starts a step of the container's own, or ends the container with what there is. */
static void go_on_with(struct coord *c, struct active *t, uint32_t extra, enum step_phase phase)
{
    if (extra != FR_NO_STEP) {
        t->phase = (uint8_t)phase;
        sched_extra(&c->sched, extra);
        return;
    }
    t->output = fr_value_ref(t->merged);
    t->phase = STEP_QUALITY;
}

/* What merge.c has to know of the branches; owned. */
static enum fr_err collect(struct coord *c, struct active *t, struct merge_item *items)
{
    const struct fr_step *step = active_step(c, t);
    for (uint32_t i = 0; i < fr_step_merges(step)->branches.count; i++) {
        const struct fr_step *branch = &c->plan->steps[fr_step_merges(step)->branches.at[i]];
        const struct fr_step_result *one = result_of(c, branch);
        enum fr_err err = FR_OK;
        items[i] = (struct merge_item){
            .id = branch->id,
            .status =
                one->status == FR_SUCCEEDED && !yields(c, step, branch) ? FR_SKIPPED : one->status,
            .cost = one->cost,
            .has_quality = one->has_quality,
            .quality = one->quality,
            .code = one->error_code,
            .message = one->error_message,
            .text = fr_value_kind(one->output) == FR_VALUE_TEXT};
        if (t->ranks) {
            items[i].has_quality = t->ranks[i] == t->ranks[i]; /* not NaN */
            items[i].quality = t->ranks[i];
        }
        if (yields(c, step, branch))
            items[i].output = fr_value_object(one->output, &err);
        if (err)
            return eval_fail(c, step->mark, "too-large",
                             "the output of branch '%s' is too large to be merged; let the group "
                             "use `first_success`, or the branch an `output_file`",
                             branch->id);
    }
    return FR_OK;
}

/* The branch whose output is taken as it is, for strategies that choose one; its value is passed on whole. */
static bool choose_whole(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    if (fr_step_merges(step)->merge != FR_MERGE_FIRST_SUCCESS)
        return false;
    for (uint32_t i = 0; i < fr_step_merges(step)->branches.count && !t->merged; i++) {
        const struct fr_step *branch = &c->plan->steps[fr_step_merges(step)->branches.at[i]];
        const struct fr_step_result *one = result_of(c, branch);
        if (yields(c, step, branch))
            t->merged = one->output ? fr_value_ref(one->output) : fr_value_null();
    }
    return true;
}

/* Merges by strategy. */
static enum fr_err merge(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct json_object *out = NULL;
    struct fr_buf why;
    if (choose_whole(c, t))
        return FR_OK;
    if (fr_step_merges(step)->merge == FR_MERGE_CUSTOM) {
        enum fr_err err = eval_expr(c, t, fr_step_merges(step)->merge_expr, &out);
        if (!err)
            t->merged = fr_value_json(out);
        return err;
    }
    struct merge_item *items = calloc(fr_step_merges(step)->branches.count + 1U, sizeof(*items));
    if (!items)
        abort();
    enum fr_err err = collect(c, t, items);
    fr_buf_init(&why, 4096);
    if (!err) {
        err = merge_outputs(fr_step_merges(step), items, fr_step_merges(step)->branches.count, &out,
                            &why);
        if (err)
            eval_fail(c, step->mark, merge_error_code(err), "group '%s': %s", step->id,
                      fr_buf_cstr(&why));
        else
            t->merged = value_json_packed(out);
    }
    fr_buf_release(&why);
    free(items);
    return err ? FR_ERR_INVALID : FR_OK;
}

/* Merges what the branches yielded; combine and callback come after it. */
enum fr_err phase_merge(struct coord *c, struct active *t)
{
    const struct fr_group *group = fr_step_merges(active_step(c, t));
    enum fr_err err = merge(c, t);
    if (err) {
        if (err != FR_ERR_AGAIN) {
            verdict_from_diags(c, &t->verdict);
            active_over(c, t);
            return FR_OK;
        }
        return err;
    }
    if (group->combine != FR_NO_STEP)
        go_on_with(c, t, group->combine, STEP_COMBINE);
    else
        go_on_with(c, t, group->callback, STEP_CALLBACK);
    return FR_OK;
}

/* The combine or callback step has ended. */
void container_extra_ended(struct coord *c, struct active *t, const struct fr_step *extra)
{
    const struct fr_group *group = active_step(c, t)->group;
    struct fr_step_result *result = result_of(c, active_step(c, t));
    const struct fr_step_result *other = result_of(c, extra);
    result->cost += other->cost;
    result->sequential_ns +=
        extra->group ? other->sequential_ns : other->ended_ns - other->started_ns;
    if (t->cancel != FR_CANCEL_NONE) {
        cancelled_verdict(c, t);
        active_over(c, t);
        return;
    }
    if (other->status != FR_SUCCEEDED && other->status != FR_SKIPPED && !other->tolerated) {
        verdict_set(&t->verdict, other->status == FR_CANCELLED ? FR_CANCELLED : FR_FAILED,
                    other->status == FR_CANCELLED ? "cancelled" : "callback-failed", "'%s' %s%s",
                    extra->id, other->status == FR_FAILED ? "failed: " : "",
                    other->error_message ? other->error_message : "");
        active_over(c, t);
        return;
    }
    if (other->status != FR_SKIPPED) {
        fr_value_unref(t->merged);
        t->merged = other->output ? fr_value_ref(other->output) : fr_value_null();
    }
    go_on_with(c, t, extra->role == FR_ROLE_COMBINE ? group->callback : FR_NO_STEP, STEP_CALLBACK);
    active_go(c, t);
}
