/* What only steps of a template can read: the item and its number, the turn of a loop, the combination of a matrix.
 * Coordinator thread. */
#include <string.h>

#include "repeat.h"

/* The nearest batch or loop, of the asked kind, whose turn a step is part of. */
static const struct fr_step *frame_of(const struct coord *c, const struct fr_step *step,
                                      enum fr_kind kind)
{
    const struct fr_step *outer = step ? fr_plan_outer(c->plan, step) : NULL;
    while (step && (step = repeat_frame(c->plan, step)) != NULL && step->kind != kind)
        continue;
    return step && outer && step->index < outer->index ? NULL : step; /* another file's */
}

/* The item that a step works on; borrowed. */
struct fr_value *repeat_item(struct coord *c, const struct fr_step *step)
{
    const struct fr_step *batch = frame_of(c, step, FR_KIND_BATCH);
    const struct active *t = batch ? c->tasks[batch->index] : NULL;
    if (!t || !t->parts)
        return NULL;
    return t->parts[c->plan->steps[repeat_slot(batch, step)].branch_no];
}

/* The number of its turn. */
static struct json_object *index_root(struct coord *c, const struct fr_step *step)
{
    const struct fr_step *batch = frame_of(c, step, FR_KIND_BATCH);
    return batch ? json_object_new_int64(c->run->repeats->item[repeat_slot(batch, step)]) : NULL;
}

/* The turn of the loop that a step is in, or that is the step itself. */
static struct json_object *iteration_root(struct coord *c, const struct fr_step *step)
{
    const struct fr_step *loop =
        step && step->kind == FR_KIND_LOOP ? step : frame_of(c, step, FR_KIND_LOOP);
    return loop && c->run->repeats ? json_object_new_int64(c->run->repeats->turn[loop->index])
                                   : NULL;
}

/* The combinations of all matrices around a step; the inner one's values win. */
static struct json_object *matrix_root(struct coord *c, const struct fr_step *step)
{
    struct json_object *all = NULL, *one = NULL;
    const struct fr_step *outer = step ? fr_plan_outer(c->plan, step) : NULL;
    for (; step && step != outer;
         step = step->parent == FR_NO_STEP ? NULL : &c->plan->steps[step->parent]) {
        if (!step->matrix_json ||
            !fr_json_parse(step->matrix_json, strlen(step->matrix_json), &one, NULL, 0))
            continue;
        if (!all) {
            all = one;
            continue;
        }
        json_object_object_foreach(one, key, value)
        {
            if (!json_object_object_get_ex(all, key, NULL))
                json_object_object_add(all, key, json_object_get(value));
        }
        json_object_put(one);
    }
    return all;
}

/* Owned; NULL = null. */
struct json_object *repeat_root(struct coord *c, const struct fr_step *step, enum fr_root root)
{
    if (root == FR_ROOT_INDEX)
        return index_root(c, step);
    if (root == FR_ROOT_ITERATION)
        return iteration_root(c, step);
    return matrix_root(c, step);
}
