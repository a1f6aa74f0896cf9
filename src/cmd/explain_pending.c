/* Steps of a recorded run that have not begun: what they wait for, found out from the text that ran and from what became of
 * the steps before them. Main thread. */
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "flowrun/base/json.h"
#include "flowrun/plan/turns.h"
#include "flowrun/run/event.h"
#include "graph_run.h"

/* The status in a word; what a killed run was doing is unknown. */
static const char *word_of(enum fr_status status)
{
    return status == FR_STATUS__COUNT ? "unknown" : fr_status_name(status);
}

/* Adds those of its dependencies that are not over; false when there are none. */
static bool add_open(const struct fr_plan *plan, const enum fr_status *statuses,
                     const struct fr_step *step, struct fr_buf *out)
{
    bool any = false;
    for (uint32_t i = 0; i < step->deps.count; i++) {
        uint32_t dep = step->deps.at[i];
        if (fr_status_is_final(statuses[dep]))
            continue;
        fr_buf_printf(out, "%s'%s' (%s)", any ? ", " : "it waits for ", plan->steps[dep].id,
                      word_of(statuses[dep]));
        any = true;
    }
    return any;
}

/* What part of something a step is that comes later; false when it is none. */
static bool add_later(const struct fr_plan *plan, const enum fr_status *statuses,
                      const struct fr_step *step, struct fr_buf *out)
{
    const struct fr_step *parent = step->parent == FR_NO_STEP ? NULL : &plan->steps[step->parent];
    if (parent && step->role == FR_ROLE_FALLBACK)
        fr_buf_printf(out, "it is the fallback of '%s' (%s)", parent->id,
                      word_of(statuses[parent->index]));
    else if (step->role == FR_ROLE_FINALLY)
        fr_buf_str(out, "it is part of `finally`, which comes last");
    else if (parent && statuses[parent->index] == FR_PENDING)
        fr_buf_printf(out, "'%s', which it is part of, has not begun", parent->id);
    else if (parent && step->role != FR_ROLE_BRANCH && step->role != FR_ROLE_CHAINED)
        fr_buf_printf(out, "the branches of '%s' are not over", parent->id);
    else
        return false;
    return true;
}

/* Why a step has not begun. */
static void say_why(const struct fr_plan *plan, const enum fr_status *statuses,
                    const struct fr_step *step, const char *over, struct fr_buf *out)
{
    bool known = add_open(plan, statuses, step, out) || add_later(plan, statuses, step, out);
    if (over)
        fr_buf_printf(out, "%s%s before it began", known ? ", and the run is " : "the run was ",
                      over);
    else if (!known)
        fr_buf_str(out, "it waits for a worker or a place");
}

/* The run that is asked about. */
struct asked {
    struct graph_run graph;
    struct fr_store *store;
    int64_t run;
    const char *over; /* what became of it; NULL = it may go on */
};

/* Adds up how the items of a batch came out, those that never began among them. */
static void take_items(void *arg, const struct fr_kept_step *step)
{
    static const char *const keys[] = {"ok", "failed", "skipped", "cancelled"};
    struct json_object *group = NULL, *number;
    int64_t *items = arg;
    if (!step->group_json ||
        !fr_json_parse(step->group_json, strlen(step->group_json), &group, NULL, 0))
        return;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (json_object_object_get_ex(group, keys[i], &number))
            *items += json_object_get_int64(number);
    json_object_put(group);
}

/* How many items a batch had that is over; 0 = it had none, or that is not known. */
static int64_t items_of(const struct asked *asked, const struct fr_step *batch)
{
    struct fr_buf id;
    int64_t items = 0;
    fr_buf_init(&id, 0);
    graph_run_shown(&asked->graph, batch->id, strlen(batch->id), &id);
    (void)fr_history_steps(asked->store, asked->run, fr_buf_cstr(&id), take_items, &items);
    fr_buf_release(&id);
    return items;
}

/* Whether a batch or loop that is over, or that has begun at least, may have had a turn that is not on record. */
static bool may_have(const struct asked *asked, const struct fr_step *frame, enum fr_status status,
                     uint32_t number)
{
    if (frame->loop)
        return status != FR_SUCCEEDED && number <= frame->loop->max_iterations;
    int64_t items = items_of(asked, frame);
    return items ? number < items : status != FR_SUCCEEDED && !fr_status_is_failure(status);
}

/* Why a turn has not begun, by the outermost batch or loop that has it; false when that has no such turn. */
static bool say_turn(const struct asked *asked, const struct fr_plan *plan,
                     const enum fr_status *statuses, const char *name, struct fr_buf *out)
{
    struct fr_turn turn;
    if (!fr_turn_find(plan, name, &turn) || turn.count == 0)
        return false;
    const struct fr_step *frame = &plan->steps[turn.frames[0]];
    enum fr_status status = statuses[frame->index];
    if (!may_have(asked, frame, status, turn.numbers[0]))
        return false;
    if (status == FR_PENDING)
        fr_buf_printf(out, "'%s', which it is part of, has not begun", frame->id);
    else
        fr_buf_printf(out, "'%s' (%s), which it is part of, has not come to it", frame->id,
                      word_of(status));
    if (asked->over)
        fr_buf_printf(out, ", and the run is %s", asked->over);
    return true;
}

bool explain_pending(const struct cmd *cmd, const struct cmd_opts *opts, struct fr_store *store,
                     int64_t run, const char *over, struct fr_buf *out)
{
    struct cmd_file file = {0};
    struct fr_plan *plan = NULL;
    enum fr_status *statuses = NULL;
    struct asked asked = {.store = store, .run = run, .over = over};
    struct fr_buf name, why;
    bool known = false;
    fr_buf_init(&name, 0);
    fr_buf_init(&why, 0);
    if (graph_run_open(&asked.graph, cmd, opts, &file, &plan, &statuses) == CMD_OK) {
        graph_run_meant(&asked.graph, opts->files[1], &name);
        const struct fr_step *step = fr_plan_find(plan, fr_buf_cstr(&name));
        known = step || say_turn(&asked, plan, statuses, fr_buf_cstr(&name), &why);
        if (step)
            say_why(plan, statuses, step, over, &why);
        graph_run_shown(&asked.graph, fr_buf_cstr(&why), why.len, out);
    }
    fr_buf_release(&name);
    fr_buf_release(&why);
    free(statuses);
    fr_plan_free(plan);
    cmd_file_close(&file);
    graph_run_close(&asked.graph);
    return known;
}
