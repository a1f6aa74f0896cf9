/* Parts of a list: for the branches of a group, and as the output of split_input; and how
 * merge_results begins. No process runs. Coordinator thread. */
#include <stdlib.h>

#include "phases.h"
#include "scope.h"

/* The first item of part `i` and how many it has, for `chunk`: neighbours stay together, the first parts are the
 * longer ones. */
static void chunk_of(size_t items, uint32_t parts, uint32_t i, size_t *first, size_t *count)
{
    size_t each = items / parts, more = items % parts;
    *first = i * each + (i < more ? i : more);
    *count = each + (i < more ? 1 : 0);
}

/* One part of a list; owned. */
static struct json_object *part_of(struct json_object *list, enum fr_split split, uint32_t parts,
                                   uint32_t i)
{
    size_t first = i, count = 0;
    if (split == FR_SPLIT_DUPLICATE)
        return json_object_get(list);
    if (split == FR_SPLIT_PARTS)
        return json_object_get(json_object_array_get_idx(list, i));
    size_t items = json_object_array_length(list);
    struct json_object *part = json_object_new_array();
    if (split == FR_SPLIT_CHUNK)
        chunk_of(items, parts, i, &first, &count);
    for (size_t n = first; split == FR_SPLIT_CHUNK ? n < first + count : n < items;
         n += split == FR_SPLIT_CHUNK ? 1 : parts)
        json_object_array_add(part, json_object_get(json_object_array_get_idx(list, n)));
    return part;
}

/* Fails because the input is no list. */
static enum fr_err not_a_list(struct coord *c, const struct fr_step *step, enum fr_err err,
                              struct json_object *value)
{
    return eval_fail(c, step->mark, "bad-split",
                     "%s '%s' splits its input, but that is %s, not a list",
                     step->group ? "group" : "step", step->id,
                     err ? "too large" : json_type_to_name(json_object_get_type(value)));
}

/* Whether a branch gets a part: a router gets the whole input to choose by, who is not enabled gets nothing, and others
 * get what they depend on. */
static bool takes_part(const struct coord *c, const struct fr_step *step, uint32_t i)
{
    const struct fr_step *branch = &c->plan->steps[step->group->branches.at[i]];
    return branch->enabled && fr_step_counts(step, branch) && branch->input_from == FR_INPUT_PARENT;
}

/* Makes the branches' parts of a group's input. */
enum fr_err input_split(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_group *group = step->group;
    uint32_t count = 0, next = 0;
    enum fr_err err = FR_OK;
    if (step->kind != FR_KIND_GROUP || group->split == FR_SPLIT_DUPLICATE)
        return FR_OK;
    struct json_object *list = fr_value_object(t->input, &err);
    if (err || !json_object_is_type(list, json_type_array))
        return not_a_list(c, step, err, list);
    for (uint32_t i = 0; i < group->branches.count; i++)
        count += takes_part(c, step, i);
    if (group->split == FR_SPLIT_PARTS && json_object_array_length(list) != count)
        return eval_fail(c, step->mark, "bad-split",
                         "group '%s' has %u branch%s, but its input has %zu part%s; each branch "
                         "gets one",
                         fr_run_step_id(c->run, step), count, count == 1 ? "" : "es",
                         json_object_array_length(list),
                         json_object_array_length(list) == 1 ? "" : "s");
    t->parts = calloc(group->branches.count + 1U, sizeof(struct fr_value *));
    if (!t->parts)
        abort();
    for (uint32_t i = 0; i < group->branches.count; i++)
        t->parts[i] = takes_part(c, step, i)
                          ? fr_value_json(part_of(list, group->split, count, next++))
                          : fr_value_ref(t->input);
    return FR_OK;
}

/* The first time a step comes here it is running. */
static void begin(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    if (result_of(c, step)->status != FR_PENDING)
        return;
    t->attempt = result_of(c, step)->attempts = 1;
    step_move(c, step, FR_RUNNING);
}

/* split_input: its output is the list of parts. */
enum fr_err phase_split(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct json_object *value = NULL, *parts;
    enum fr_err err = FR_OK;
    begin(c, t);
    if (step->strategy == FR_SPLIT_PARTS) {
        err = eval_expr(c, t, step->expr, &parts);
        if (!err && !json_object_is_type(parts, json_type_array)) {
            err = eval_fail(c, step->expr->mark, "bad-split",
                            "`expr` of step '%s' yields %s, not a list of parts", step->id,
                            json_type_to_name(json_object_get_type(parts)));
            json_object_put(parts);
        }
        if (err)
            return err;
    } else {
        value = fr_value_object(t->input, &err);
        if (err ||
            (step->strategy != FR_SPLIT_DUPLICATE && !json_object_is_type(value, json_type_array)))
            return not_a_list(c, step, err, value);
        parts = json_object_new_array();
        for (uint32_t i = 0; i < step->parts; i++)
            json_object_array_add(parts, part_of(value, step->strategy, step->parts, i));
    }
    t->output = fr_value_json(parts);
    t->verdict.status = FR_SUCCEEDED;
    t->phase = STEP_QUALITY;
    return FR_OK;
}

/* merge_results: from here on it is merged as the branches of a group are. */
enum fr_err phase_gather(struct coord *c, struct active *t)
{
    const struct fr_group *merging = active_step(c, t)->merging;
    uint32_t good = 0;
    begin(c, t);
    for (uint32_t i = 0; i < merging->branches.count; i++)
        good += c->run->results[merging->branches.at[i]].status == FR_SUCCEEDED;
    if (merging->success_needed != UINT32_MAX && good < merging->success_needed) {
        verdict_set(&t->verdict, FR_FAILED, "nothing-to-merge",
                    "none of the %u results to choose from is a success", merging->branches.count);
        active_over(c, t);
        return FR_OK;
    }
    t->verdict.status = FR_SUCCEEDED;
    t->phase = STEP_RANK;
    return FR_OK;
}
