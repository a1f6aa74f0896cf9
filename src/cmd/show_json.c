/* The result object of a recorded run: what `run --output json` printed. A suspended run lists the steps that have not
 * begun, too, and these are on no record: they come from the text that ran, as far as that can be read. Main thread. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/map.h"
#include "flowrun/base/str.h"
#include "graph_run.h"

/* The steps that have begun, and those that have not. */
struct listing {
    struct fr_arena arena;
    struct fr_map begun;          /* ids */
    bool partial;                 /* some that have not begun are on no record */
    struct fr_kept_step *pending; /* of the arena */
    uint32_t count;
};

static void see_run(void *arg, const struct fr_kept_run *run)
{
    /* Of one that was cancelled all steps are on record, unless it was suspended when that happened. */
    ((struct listing *)arg)->partial =
        strcmp(run->status, "suspended") == 0 || strcmp(run->status, "cancelled") == 0;
}

static void see_step(void *arg, const struct fr_kept_step *step)
{
    struct listing *listing = arg;
    fr_map_put(&listing->begun, fr_strdup(&listing->arena, step->id), listing);
}

/* Whether a step is part of the template of a batch or loop. */
static bool is_in_turn(const struct fr_plan *plan, const struct fr_step *step)
{
    for (uint32_t at = step->frame; at != FR_NO_STEP; at = plan->steps[at].frame)
        if (plan->steps[at].kind == FR_KIND_BATCH || plan->steps[at].kind == FR_KIND_LOOP)
            return true;
    return false;
}

/* What a group has that has not begun. */
static const char *group_json(struct listing *listing, const struct fr_step *step)
{
    if (step->kind != FR_KIND_GROUP && step->kind != FR_KIND_BATCH)
        return "{}";
    return fr_format(&listing->arena, "{\"merge_strategy\":\"%s\"}",
                     fr_merge_name(step->group->merge));
}

/* Adds the steps of the plan that have not begun. */
static void add_pending(struct listing *listing, const struct fr_plan *plan)
{
    listing->pending = FR_NEW_ARRAY(&listing->arena, plan->step_count + 1U, struct fr_kept_step);
    for (uint32_t i = 0; i < plan->step_count; i++) {
        const struct fr_step *step = &plan->steps[i];
        bool branch = step->role == FR_ROLE_BRANCH || step->role == FR_ROLE_CHAINED;
        if (is_in_turn(plan, step) || fr_map_get(&listing->begun, step->id))
            continue;
        listing->pending[listing->count++] = (struct fr_kept_step){
            .id = step->id,
            .type = step->type,
            .status = fr_status_name(FR_PENDING),
            .parent = step->parent == FR_NO_STEP ? NULL : plan->steps[step->parent].id,
            .place = (int32_t)step->index,
            .branch = branch ? (int32_t)step->branch_no : -1,
            .exit_code = -1,
            .question_json = step->human ? "null" : NULL,
            .group_json = step->group ? group_json(listing, step) : NULL};
    }
}

enum fr_err cmd_history_json(struct fr_store *store, int64_t run, struct fr_buf *out)
{
    struct listing listing = {.partial = false};
    struct graph_run graph = {NULL};
    struct cmd_file file = {0};
    struct fr_plan *plan = NULL;
    struct fr_diags diags;
    fr_arena_init(&listing.arena);
    fr_map_init(&listing.begun);
    fr_diags_init(&diags);
    enum fr_err err = fr_history_run(store, run, see_run, &listing);
    if (!err && listing.partial) {
        err = fr_history_step_heads(store, run, see_step, &listing);
        if (!err && graph_run_load(&graph, store, run, true, &file, &diags, &plan) == FR_OK)
            add_pending(&listing, plan);
    }
    if (!err)
        err = fr_history_json_with(store, run, listing.pending, listing.count, out);
    fr_plan_free(plan);
    cmd_file_close(&file);
    graph_run_close(&graph);
    fr_diags_release(&diags);
    fr_map_release(&listing.begun);
    fr_arena_release(&listing.arena);
    return err;
}
