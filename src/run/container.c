/* Groups, races and chains: they open, hear of each child's end, and when all have ended
 * become a result. They hold no worker. Coordinator thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recipe.h"
#include "repeat.h"
#include "status.h"

/* The limit of time of a container: its timeout, its total one or that of the file it runs, whichever is nearest. */
int64_t container_limit(const struct fr_step *step)
{
    int64_t limit =
        step->timeout_ns < step->total_timeout_ns ? step->timeout_ns : step->total_timeout_ns;
    return step->runs && step->runs->timeout_ns < limit ? step->runs->timeout_ns : limit;
}

/* A container runs from now on. */
void container_begin(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    int64_t limit = container_limit(step);
    if (limit != FR_UNLIMITED)
        t->limit_timer = timers_set(&c->timers, c->now + limit, t->step);
    t->attempt = result_of(c, step)->attempts = 1;
    t->phase = STEP_BRANCHES;
    result_of(c, step)->stays = stay_may(c, step);
    step_move(c, step, FR_RUNNING);
    result_of(c, step)->stays = false;
}

/* Lets the children begin. */
enum fr_err phase_open(struct coord *c, struct active *t)
{
    enum fr_err err = input_split(c, t);
    if (err)
        return err;
    container_begin(c, t);
    race_hold(c, active_step(c, t));
    sched_open(&c->sched, t->step);
    return FR_OK;
}

/* Ends what still runs of a container and keeps the rest from starting. */
void container_cancel(struct coord *c, struct active *t, enum fr_cancel why, const char *text,
                      bool at_once)
{
    const struct fr_group *group = active_step(c, t)->group;
    if (!t->close_text)
        t->close_text = strdup(text);
    sched_close(&c->sched, t->step);
    for (uint32_t i = 0; i < group->branches.count; i++) {
        struct active *child = c->tasks[group->branches.at[i]];
        if (child)
            active_cancel(c, child, why, text, at_once);
    }
    for (uint32_t i = 0; at_once && i < group->finally.count; i++)
        if (c->tasks[group->finally.at[i]])
            active_cancel(c, c->tasks[group->finally.at[i]], why, text, true);
}

/* A child has ended: fail-fast and races look at it. */
void container_child_ended(struct coord *c, const struct fr_step *child)
{
    struct active *t = c->tasks[child->parent];
    const struct fr_step_result *result = result_of(c, child);
    if (!t || t->cancel != FR_CANCEL_NONE || t->close_text)
        return;
    const struct fr_step *step = active_step(c, t);
    if (step->kind == FR_KIND_RACE) {
        race_child_ended(c, t, child);
        if (!t->close_text)
            race_let_go(c, child);
        return;
    }
    if (step->kind == FR_KIND_WORKFLOW) {
        workflow_child_ended(c, t, child);
        return;
    }
    bool failed = fr_status_is_failure(result->status) && !result->tolerated;
    if (step->kind == FR_KIND_GROUP && step->group->fail_fast && failed) {
        char text[300];
        snprintf(text, sizeof(text), "fail-fast of group '%s' after step '%s' %s",
                 fr_run_step_id(c->run, step), fr_run_step_id(c->run, child),
                 result->status == FR_TIMED_OUT ? "timed out" : "failed");
        container_cancel(c, t, FR_CANCEL_FAIL_FAST, text, false);
    }
}

/* Counts how the children ended and adds up their times and costs. */
void container_tally(struct coord *c, const struct fr_step *step, const struct fr_indexes *list)
{
    struct fr_step_result *result = result_of(c, step);
    for (uint32_t i = 0; i < list->count; i++) {
        const struct fr_step *branch = &c->plan->steps[list->at[i]];
        const struct fr_step_result *one = result_of(c, branch);
        result->cost += one->cost;
        result->sequential_ns +=
            branch->group ? one->sequential_ns : one->ended_ns - one->started_ns;
        if (status_yields(one) && !one->stays)
            result->ok += fr_step_counts(step, branch);
        else if (one->status == FR_SKIPPED || one->status == FR_NOT_TAKEN)
            result->skipped++;
        else if (one->status == FR_CANCELLED || one->stays)
            result->cancelled++;
        else
            result->failed++;
    }
}

/* The first child in order of declaration that failed and is not tolerated. */
static const struct fr_step *first_failed(struct coord *c, const struct fr_group *group)
{
    for (uint32_t i = 0; i < group->branches.count; i++) {
        const struct fr_step *branch = &c->plan->steps[group->branches.at[i]];
        const struct fr_step_result *one = result_of(c, branch);
        if (fr_status_is_failure(one->status) && !one->tolerated)
            return branch;
    }
    return NULL;
}

/* Whether any child was cancelled because the run or an outer container is ending. */
static bool was_stopped(struct coord *c, const struct fr_step *step)
{
    return result_of(c, step)->cancelled > 0;
}

/* Enough children have not succeeded: says which failed, or why they were cancelled. */
void container_blame(struct coord *c, struct active *t, const char *wanted)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_step *bad = first_failed(c, step->group);
    const struct fr_step_result *result = result_of(c, step);
    if (bad) {
        const char *message = result_of(c, bad)->error_message;
        verdict_set(
            &t->verdict, FR_FAILED, "branch-failed", "%s: '%s' %s%s", wanted,
            fr_run_step_id(c->run, bad),
            result_of(c, bad)->status == FR_TIMED_OUT ? "" : "failed: ", message ? message : "");
    } else if (was_stopped(c, step)) {
        verdict_set(&t->verdict, FR_CANCELLED, "cancelled", "%s",
                    c->stop_text ? c->stop_text : "the run is ending");
    } else {
        verdict_set(&t->verdict, FR_FAILED, "branch-failed", "%s (%u skipped)", wanted,
                    result->skipped);
    }
}

static void fail_container(struct coord *c, struct active *t, const char *wanted)
{
    container_blame(c, t, wanted);
    active_over(c, t);
}

/* Whether as many branches as the group asks for have succeeded. */
bool container_enough(struct coord *c, const struct fr_step *step)
{
    const struct fr_step_result *result = result_of(c, step);
    const struct fr_group *group = step->group;
    if (group->success_needed != UINT32_MAX)
        return result->ok >= group->success_needed;
    for (uint32_t i = 0; i < group->branches.count; i++) {
        const struct fr_step_result *one = &c->run->results[group->branches.at[i]];
        bool good = one->status == FR_SUCCEEDED || one->status == FR_SKIPPED ||
                    one->status == FR_NOT_TAKEN || one->tolerated;
        if (!good || one->stays)
            return false;
    }
    return true;
}

/* All branches of a group have ended. */
static void complete_group(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_step_result *result = result_of(c, step);
    uint32_t count = step->group->branches.count;
    char wanted[96];
    if (container_enough(c, step)) {
        t->verdict.status = FR_SUCCEEDED;
        t->phase = STEP_RANK;
        active_go(c, t);
        return;
    }
    if (step->group->success_needed == UINT32_MAX)
        snprintf(wanted, sizeof(wanted), "%u of %u branches succeeded, all are needed", result->ok,
                 count);
    else
        snprintf(wanted, sizeof(wanted), "%u of %u branches succeeded, %u needed", result->ok,
                 count, step->group->success_needed);
    fail_container(c, t, wanted);
}

/* All steps of a chain have ended: its output is the last one's. */
static void complete_chain(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_indexes *steps = &step->group->branches;
    if (!container_enough(c, step)) {
        fail_container(c, t, "the chain was not completed");
        return;
    }
    t->verdict.status = FR_SUCCEEDED;
    if (steps->count)
        t->output = fr_value_ref(value_after(c, &c->plan->steps[steps->at[steps->count - 1]]));
    t->phase = STEP_QUALITY;
    active_go(c, t);
}

/* All children have ended. */
void container_complete(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    if (step->kind == FR_KIND_WORKFLOW) {
        workflow_complete(c, t);
        return;
    }
    if (step->kind == FR_KIND_BATCH || step->kind == FR_KIND_LOOP) {
        if (step->kind == FR_KIND_BATCH)
            batch_complete(c, t);
        else
            loop_complete(c, t);
        return;
    }
    container_tally(c, step, &step->group->branches);
    if (t->cancel != FR_CANCEL_NONE) {
        cancelled_verdict(c, t);
        active_over(c, t);
    } else if (step->kind == FR_KIND_RACE) {
        race_complete(c, t);
    } else if (step->kind == FR_KIND_CHAIN) {
        complete_chain(c, t);
    } else {
        complete_group(c, t);
    }
}
