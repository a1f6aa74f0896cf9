/* Help for somebody who names what is not there. One build, one thread. */
#include "refhelp.h"

#include <string.h>

#include "flowrun/base/str.h"

enum {
    SUGGEST_LIMIT = 50
}; /* errors after which nobody reads a suggestion that costs a look at all ids */

/* The id nearest to a wrong one among those that a file has; outer: the step that runs it. */
static const char *nearest(struct build *b, const struct fr_step *outer, const char *id)
{
    const struct fr_plan *plan = b->plan;
    const char **names = FR_NEW_ARRAY(&b->scratch, plan->step_count + 1, const char *);
    uint32_t count = 0;

    if (b->diags->errors >= SUGGEST_LIMIT)
        return NULL;
    if (plan->unit_count == 1)
        return fr_map_suggest(&plan->ids, id);
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].id && fr_plan_outer(plan, &plan->steps[i]) == outer)
            names[count++] = fr_plan_name(plan, &plan->steps[i]);
    return fr_suggest(id, names, count);
}

const char *refs_unknown_help(struct build *b, const struct fr_step *asker, const char *id,
                              bool in_expr)
{
    const struct fr_step *outer = asker ? fr_plan_outer(b->plan, asker) : NULL;
    const char *near = nearest(b, outer, id);

    if (near)
        return fr_format(&b->scratch,
                         !in_expr            ? "did you mean '%s'?"
                         : strchr(near, '[') ? "did you mean '.steps[\"%s\"]'?"
                                             : "did you mean '.steps.%s'?",
                         near);
    for (const struct fr_step *at = outer; at;) {
        at = fr_plan_outer(b->plan, at);
        if (fr_plan_inside(b->plan, at, id))
            return fr_format(&b->scratch,
                             "a file sees its own steps only: let step '%s', which runs this one, "
                             "hand it in by `params:` or `input:`",
                             outer->id);
    }
    return "name the `id` of a step";
}

const char *refs_where_name_is(enum fr_root root)
{
    switch (root) {
    case FR_ROOT_RESULT:
        return "`.result` is there after the step: in `cost`, `quality` and `retry_when`";
    case FR_ROOT_RESULTS:
        return "`.results` is there in `merge` and `rank` of a group";
    case FR_ROOT_ERROR:
        return "`.error` is there in a `fallback`";
    case FR_ROOT_ITEM:
    case FR_ROOT_INDEX:
        return "it is there in the `step` of a batch_process";
    case FR_ROOT_MATRIX:
        return "it is there in a step with `matrix`, and inside of it";
    case FR_ROOT_ITERATION:
        return "it is there in the steps of a loop, and in its `until`";
    default:
        return "it belongs to a step";
    }
}
