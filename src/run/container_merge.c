/* What a group yields: the merge of its branches' outputs, then its combine and callback
 * steps. Coordinator thread. */
#include <stdlib.h>

#include "merge.h"
#include "output_claim.h"
#include "phases.h"
#include "scope.h"
#include "status.h"
#include "turns.h"

/* How many results are merged. */
static uint32_t part_count(const struct coord *c, const struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    return step->kind == FR_KIND_BATCH ? fr_run_turns(c->run, step)
                                       : fr_step_merges(step)->branches.count;
}

/* The branch of this number; not of a batch. */
static const struct fr_step *branch_at(const struct coord *c, const struct active *t, uint32_t i)
{
    return &c->plan->steps[fr_step_merges(active_step(c, t))->branches.at[i]];
}

/* True for a part whose output is merged. */
static bool yields(const struct coord *c, const struct active *t, uint32_t i)
{
    const struct fr_step *step = active_step(c, t);
    if (step->kind == FR_KIND_BATCH)
        return turns_of(c->run, step)->items[i].status == FR_SUCCEEDED;
    const struct fr_step *branch = branch_at(c, t, i);
    return status_yields(&c->run->results[branch->index]) && fr_step_counts(step, branch);
}

/* Its output; owned. */
static struct fr_value *output_at(const struct coord *c, const struct active *t, uint32_t i)
{
    const struct fr_step *step = active_step(c, t);
    if (step->kind == FR_KIND_BATCH)
        return turn_output(turns_of(c->run, step), i);
    struct fr_value *output = c->run->results[branch_at(c, t, i)->index].output;
    return output ? fr_value_ref(output) : fr_value_null();
}

/* Asks `rank` of some of those that succeeded. */
static enum fr_err rank_some(struct coord *c, struct active *t, uint32_t end)
{
    const struct fr_group *group = fr_step_merges(active_step(c, t));
    enum fr_err result = FR_OK;
    for (uint32_t i = t->ranked; i < end; i++) {
        struct json_object *value = NULL;
        if (!yields(c, t, i))
            continue;
        t->salt = i;
        enum fr_err err = eval_expr(c, t, group->rank, &value);
        t->ranks[i] = merge_number(value);
        json_object_put(value);
        if (err && err != FR_ERR_AGAIN) {
            t->salt = 0;
            return err;
        }
        result = err ? err : result;
    }
    t->salt = 0;
    return result;
}

/* Asks `rank` of each part that succeeded, portion by portion: there may be very many. */
enum fr_err phase_rank(struct coord *c, struct active *t)
{
    const struct fr_group *group = fr_step_merges(active_step(c, t));
    enum { PORTION = 256 };
    if (output_contested(c, active_step(c, t), &t->verdict)) {
        active_over(c, t);
        return FR_OK;
    }
    uint32_t count = part_count(c, t);
    bool ranks = group->merge == FR_MERGE_BEST_QUALITY && group->rank;
    if (ranks && !t->ranks) {
        t->ranks = calloc(count + 1U, sizeof(*t->ranks));
        if (!t->ranks)
            abort();
    }
    while (ranks && t->ranked < count) {
        uint32_t end = count - t->ranked < PORTION ? count : t->ranked + PORTION;
        enum fr_err err = rank_some(c, t, end);
        if (err)
            return err;
        t->ranked = end;
        active_forget_answers(t);
        scope_done(c);
    }
    t->phase = STEP_MERGE;
    return FR_OK;
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

/* What is to be merged, as merge.c wants it. */
struct parts {
    struct merge_item *items;
    struct fr_value **outputs; /* owned: what items borrow from */
    uint32_t count;
    struct fr_arena arena; /* names of items of a batch */
};

static void parts_release(struct parts *parts)
{
    for (uint32_t i = 0; i < parts->count; i++)
        fr_value_unref(parts->outputs[i]);
    fr_arena_release(&parts->arena);
    free(parts->items);
    free(parts->outputs);
}

/* How a part came out. */
static struct merge_item item_at(struct coord *c, struct active *t, uint32_t i,
                                 struct fr_arena *arena)
{
    const struct fr_step *step = active_step(c, t);
    bool batch = step->kind == FR_KIND_BATCH;
    struct fr_step_result one;
    if (batch) {
        one = turn_result(turns_of(c->run, step), i);
        fr_value_unref(one.output);
    } else {
        one = *result_of(c, branch_at(c, t, i));
    }
    struct merge_item item = {.id = batch ? fr_format(arena, "%s[%u]", workflow_name(c, step), i)
                                          : workflow_name(c, branch_at(c, t, i)),
                              .status = !status_yields(&one) ? one.status
                                        : yields(c, t, i)    ? FR_SUCCEEDED
                                                             : FR_SKIPPED,
                              .cost = one.cost,
                              .has_quality = one.has_quality,
                              .quality = one.quality,
                              .code = one.error_code,
                              .message = one.error_message};
    if (t->ranks) {
        item.has_quality = t->ranks[i] == t->ranks[i]; /* not NaN */
        item.quality = t->ranks[i];
    }
    return item;
}

/* Gathers all parts. */
static enum fr_err collect(struct coord *c, struct active *t, struct parts *parts)
{
    for (uint32_t i = 0; i < parts->count; i++) {
        enum fr_err err = FR_OK;
        parts->items[i] = item_at(c, t, i, &parts->arena);
        if (!yields(c, t, i))
            continue;
        parts->outputs[i] = output_at(c, t, i);
        parts->items[i].output = fr_value_object(parts->outputs[i], &err);
        if (err)
            return eval_fail(c, active_step(c, t)->mark, "too-large",
                             "the output of branch '%s' is too large to be merged; let the group "
                             "use `first_success`, or the branch an `output_file`",
                             parts->items[i].id);
    }
    return FR_OK;
}

/* The part whose output is taken as it is, for the strategy that chooses the first; its value is passed on whole. */
static void first_success(struct coord *c, struct active *t)
{
    uint32_t count = part_count(c, t);
    for (uint32_t i = 0; i < count && !t->merged; i++)
        if (yields(c, t, i))
            t->merged = output_at(c, t, i);
}

/* collect_all of a batch: the bare outputs. */
static enum fr_err list_outputs(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    uint32_t bad = 0;
    if (turns_list(turns_of(c->run, step), &t->merged, &bad))
        return FR_OK;
    return eval_fail(c, step->mark, "too-large",
                     "the output of '%s[%u]' is too large to be part of a list; give the step an "
                     "`output_file`",
                     fr_run_step_id(c->run, step), bad);
}

/* The strategies of merge.c. */
static enum fr_err merge_parts(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct parts parts = {.count = part_count(c, t)};
    struct json_object *out = NULL;
    struct fr_buf why;
    parts.items = calloc(parts.count + 1U, sizeof(*parts.items));
    parts.outputs = calloc(parts.count + 1U, sizeof(*parts.outputs));
    if (!parts.items || !parts.outputs)
        abort();
    fr_arena_init(&parts.arena);
    fr_buf_init(&why, 4096);
    enum fr_err err = collect(c, t, &parts);
    if (!err) {
        err = merge_outputs(fr_step_merges(step), parts.items, parts.count, &out, &why);
        if (err)
            eval_fail(c, step->mark, merge_error_code(err), "%s '%s': %s",
                      step->kind == FR_KIND_BATCH ? "batch" : "group", fr_run_step_id(c->run, step),
                      fr_buf_cstr(&why));
        else
            t->merged = value_json_packed(out);
    }
    fr_buf_release(&why);
    parts_release(&parts);
    return err ? FR_ERR_INVALID : FR_OK;
}

/* Merges by strategy. */
static enum fr_err merge(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_group *group = fr_step_merges(step);
    struct json_object *out = NULL;
    if (group->merge == FR_MERGE_COLLECT_ALL && step->kind == FR_KIND_BATCH)
        return list_outputs(c, t);
    if (group->merge == FR_MERGE_CUSTOM) {
        enum fr_err err = eval_expr(c, t, group->merge_expr, &out);
        if (!err)
            t->merged = fr_value_json(out);
        return err;
    }
    if (group->merge != FR_MERGE_FIRST_SUCCESS)
        return merge_parts(c, t);
    first_success(c, t);
    return FR_OK;
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
                    fr_run_step_id(c->run, extra), other->status == FR_FAILED ? "failed: " : "",
                    other->error_message ? other->error_message : "");
        active_over(c, t);
        return;
    }
    if (other->status != FR_SKIPPED || other->kept) {
        fr_value_unref(t->merged);
        t->merged = other->output ? fr_value_ref(other->output) : fr_value_null();
    }
    go_on_with(c, t, extra->role == FR_ROLE_COMBINE ? group->callback : FR_NO_STEP, STEP_CALLBACK);
    active_go(c, t);
}
