/* What a run that is gone on with did not come to before it was stopped: it keeps the result that is on record, and is told
 * of like a step whose result was kept. Nothing depends on it any more in this run. Coordinator thread. */
#include <stdlib.h>

#include "flowrun/run/event_line.h"
#include "phases.h"
#include "recipe.h"
#include "repeat.h"
#include "usage.h"

/* What is on record of a step that stays. */
static bool recall(struct coord *c, const struct fr_step *step, const char *id, bool inside,
                   struct fr_step_result *kept)
{
    struct fr_memory_source *memory = c->options->memory;
    *kept = (struct fr_step_result){.exit_code = -1, .culprit = FR_NO_STEP};
    if (!memory || !memory->stays || fr_run_is_killed(c->run))
        return false;
    if (memory->stays(memory, step, id, inside, kept))
        return true;
    step_result_release(kept);
    return false;
}

bool stay_may(struct coord *c, const struct fr_step *step)
{
    struct fr_memory_source *memory = c->options->memory;
    return memory && memory->stays &&
           memory->stays(memory, step, fr_run_step_id(c->run, step), false, NULL);
}

/* What it cost counts as spent. Of a container, but for turns that nobody looked at, its steps have told it. */
static void count_cost(struct coord *c, const struct fr_step *step, int64_t micros)
{
    bool repeats = step->kind == FR_KIND_BATCH || step->kind == FR_KIND_LOOP;
    if ((!step->group || repeats) && micros > 0)
        c->run->cost = c->spent = fr_add_micros(c->spent, micros);
}

/* One item: it ends as it is on record. */
static bool take_item(struct coord *c, const struct fr_step *batch, uint32_t number, bool inside,
                      struct fr_step_result *kept)
{
    struct fr_buf name;
    fr_buf_init(&name, 0);
    turn_name(c->run, batch, number, &name);
    bool stays =
        recall(c, &c->plan->steps[batch->group->branches.at[0]], fr_buf_cstr(&name), inside, kept);
    fr_buf_release(&name);
    if (stays) {
        kept->kept = true;
        turn_note(turns_of(c->run, batch), number, kept);
    }
    return stays;
}

/* Counts an item that ends so. What it holds came out like it, or at least was told of when it ran. */
static void count_item(struct coord *c, const struct fr_step_result *kept, uint32_t leaves)
{
    for (uint32_t i = 0; i < leaves; i++)
        turn_count_one(c->run, kept);
}

uint32_t stay_items(struct coord *c, const struct fr_step *batch, uint32_t first, uint32_t leaves)
{
    struct fr_step_result *all = result_of(c, batch), kept;
    uint32_t stay = 0;
    if (!c->options->memory || !c->options->memory->stays)
        return 0;
    for (uint32_t i = first; i < fr_run_turns(c->run, batch); i++) {
        if (!take_item(c, batch, i, false, &kept))
            continue;
        all->cost = fr_add_micros(all->cost, kept.cost);
        usage_add_all(&all->usage, kept.usage);
        count_cost(c, batch, kept.cost);
        count_item(c, &kept, leaves);
        step_result_release(&kept);
        stay++;
    }
    return stay;
}

/* A batch stays that has not begun: so do all its items. */
static void take_items(struct coord *c, const struct fr_step *batch)
{
    const struct fr_step_result *all = result_of(c, batch);
    const struct fr_copies *copies = &batch->group->copies;
    uint32_t count = all->ok + all->failed + all->skipped + all->cancelled, leaves = 0;
    struct fr_step_result kept;
    for (uint32_t i = copies->first; i < copies->first + copies->size; i++)
        leaves += !c->plan->steps[i].group && repeat_frame(c->plan, &c->plan->steps[i]) == batch;
    turns_begin(c->run, batch, count);
    for (uint32_t i = 0; i < count; i++) {
        if (!take_item(c, batch, i, true, &kept))
            continue;
        c->run->total += leaves;
        count_item(c, &kept, leaves);
        step_result_release(&kept);
    }
    turns_cancel(turns_of(c->run, batch), 0, "the run is ending");
}

bool stay_as_recorded(struct coord *c, const struct fr_step *step)
{
    struct fr_step_result *result = result_of(c, step), kept;
    bool inside = step->parent != FR_NO_STEP && c->run->results[step->parent].stays;
    if (!recall(c, step, fr_run_step_id(c->run, step), inside, &kept))
        return false;
    enum fr_status from = result->status, to = kept.status;
    int64_t began = kept.started_wall_ns;
    count_cost(c, step, kept.cost - result->cost);
    kept.started_ns = result->started_ns;
    step_result_release(result);
    *result = kept;
    result->status = from;
    result->kept = result->stays = true;
    if (step->kind == FR_KIND_BATCH && from == FR_PENDING && to == FR_SUCCEEDED)
        take_items(c, step);
    if (from == FR_PENDING && to == FR_SUCCEEDED) {
        c->why = FR_KEPT_REASON;
        step_move(c, step, FR_RUNNING);
    }
    result->started_wall_ns = began;
    c->why = to == FR_SUCCEEDED ? FR_KEPT_REASON : result->error_message;
    step_move(c, step, to);
    return true;
}
