/* What a step's `.input` is by its place. Values are
 * passed on by reference; only {id: output} is built. Coordinator thread. */
#include <stdlib.h>
#include <string.h>

#include "repeat.h"
#include "result.h"
#include "scope.h"

/* Whether what a skipped step was given passes through to the next one. */
static bool in_chain(const struct coord *c, const struct fr_step *step)
{
    (void)c;
    return step->role == FR_ROLE_CHAINED ||
           (step->role == FR_ROLE_STEP && !step->unit->graph_mode) ||
           (step->role == FR_ROLE_FINALLY && !step->unit->graph_mode);
}

/* What dependents get from a step that has ended; borrowed, NULL = null. */
struct fr_value *value_after(struct coord *c, const struct fr_step *step)
{
    const struct fr_step_result *result = result_of(c, step);
    if (result->passed && (step->kind == FR_KIND_WAIT || in_chain(c, step)))
        return result->passed;
    return result->output;
}

/* Whether two steps wait for the same steps. */
static bool same_deps(const struct fr_indexes *a, const struct fr_indexes *b)
{
    return a->count == b->count && memcmp(a->at, b->at, a->count * sizeof(*a->at)) == 0;
}

/* {id: output} of the dependencies. Steps of one layer wait for the same steps, so the last object is kept. */
static struct fr_value *fan_in(struct coord *c, const struct fr_step *step)
{
    if (c->fan_in && same_deps(c->fan_in_deps, &step->inputs))
        return fr_value_ref(c->fan_in);
    struct json_object *object = json_object_new_object();
    for (uint32_t i = 0; i < step->inputs.count; i++) {
        const struct fr_step *dep = &c->plan->steps[step->inputs.at[i]];
        enum fr_err err = FR_OK;
        struct json_object *output = fr_value_object(value_after(c, dep), &err);
        if (err)
            output = NULL;
        json_object_object_add(object, fr_plan_name(c->plan, dep), json_object_get(output));
        if (err) {
            json_object_put(object);
            c->too_large = dep->id;
            return NULL;
        }
    }
    fr_value_unref(c->fan_in);
    c->fan_in = fr_value_json(object);
    c->fan_in_deps = &step->inputs;
    return fr_value_ref(c->fan_in);
}

/* What finally steps get: the run's result when `steps` had ended, the same for all of them. */
static struct fr_value *so_far(struct coord *c)
{
    struct fr_buf text;
    if (!c->so_far) {
        fr_buf_init(&text, 0);
        past_sort(c->run);
        result_so_far(c->run, &text);
        size_t len = text.len;
        c->so_far = fr_value_json_text(fr_buf_take(&text, NULL), len);
    }
    return fr_value_ref(c->so_far);
}

/* The parent's input, or this branch's part of it. */
static struct fr_value *from_parent(struct coord *c, const struct fr_step *step)
{
    const struct active *parent = c->tasks[step->parent];
    if (!parent)
        return NULL;
    if (parent->parts)
        return fr_value_ref(parent->parts[step->branch_no]);
    return fr_value_ref(parent->input);
}

/* The input that a step has when it names none; owned, NULL = null or too large. */
struct fr_value *input_by_place(struct coord *c, const struct fr_step *step)
{
    const struct active *owner = step->parent == FR_NO_STEP ? NULL : c->tasks[step->parent];
    switch (step->input_from) {
    case FR_INPUT_RUN:
        return fr_value_ref(c->input);
    case FR_INPUT_STEP:
        return fr_value_ref(value_after(c, &c->plan->steps[step->inputs.at[0]]));
    case FR_INPUT_STEPS:
        return fan_in(c, step);
    case FR_INPUT_PARENT:
        return from_parent(c, step);
    case FR_INPUT_MERGED:
        return owner ? fr_value_ref(owner->merged) : NULL;
    case FR_INPUT_FAILED:
        return owner ? fr_value_ref(owner->input ? owner->input : owner->came) : NULL;
    case FR_INPUT_ITEM:
        return fr_value_ref(repeat_item(c, step));
    case FR_INPUT_TURN:
        return owner && owner->repeating ? fr_value_ref(owner->repeating->given) : NULL;
    case FR_INPUT_SO_FAR:
        return owner ? workflow_so_far(c, c->tasks[step->parent]) : so_far(c);
    default:
        return NULL;
    }
}
