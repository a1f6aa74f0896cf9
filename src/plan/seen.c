/* Which step a name means where it stands: in a file its own, within a copy of a template the same copy's. Any thread. */
#include <string.h>

#include "flowrun/base/buf.h"
#include "flowrun/plan/plan.h"

const struct fr_step *fr_plan_find(const struct fr_plan *plan, const char *id)
{
    return fr_map_get(&plan->ids, id);
}

const struct fr_step *fr_plan_outer(const struct fr_plan *plan, const struct fr_step *step)
{
    for (; step->parent != FR_NO_STEP; step = &plan->steps[step->parent])
        if (plan->steps[step->parent].kind == FR_KIND_WORKFLOW && step->role != FR_ROLE_FALLBACK)
            return &plan->steps[step->parent];
    return NULL;
}

const char *fr_plan_name(const struct fr_plan *plan, const struct fr_step *step)
{
    const struct fr_step *outer = fr_plan_outer(plan, step);

    return outer ? step->id + strlen(outer->id) + 1 : step->id;
}

/* The step that a file calls `id`, of slots the first. */
static const struct fr_step *in_file(const struct fr_plan *plan, const struct fr_step *outer,
                                     const char *id)
{
    struct fr_buf key;
    const struct fr_step *found;

    if (!outer)
        return fr_map_get(&plan->ids, id);
    fr_buf_init(&key, 0);
    fr_buf_printf(&key, "%s/%s", outer->id, id);
    found = fr_map_getn(&plan->ids, key.data, key.len);
    fr_buf_release(&key);
    return found;
}

/* The step called so in a branch of a matrix that the asker is in, the innermost first. */
static const struct fr_step *in_branch(const struct fr_plan *plan, const struct fr_step *asker,
                                       const char *id)
{
    const struct fr_step *found = NULL, *outer = fr_plan_outer(plan, asker);
    struct fr_buf name;

    fr_buf_init(&name, 0);
    for (; asker != outer; asker = &plan->steps[asker->parent]) {
        if (asker->matrix_json) {
            fr_buf_clear(&name);
            fr_buf_printf(&name, "%s.%s", asker->id, id);
            found = fr_plan_find(plan, fr_buf_cstr(&name));
        }
        if (found || asker->parent == FR_NO_STEP)
            break;
    }
    fr_buf_release(&name);
    return found;
}

/* The copy of a step that stands in the same slots as the asker; NULL when there is none. */
static const struct fr_step *in_slot(const struct fr_plan *plan, const struct fr_step *asker,
                                     const struct fr_step *step)
{
    if (step->frame == FR_NO_STEP)
        return step;
    const struct fr_step *frame = &plan->steps[step->frame];
    const struct fr_step *same = in_slot(plan, asker, frame);
    if (!same)
        return NULL;
    step += same - frame;
    if (same->kind != FR_KIND_BATCH)
        return step;
    const struct fr_copies *copies = &same->group->copies;
    uint32_t from = asker ? asker->index - copies->first : UINT32_MAX;
    if (!asker || asker->index < copies->first || from >= copies->size * copies->count)
        return NULL;
    return step + (size_t)(from / copies->size) * copies->size;
}

const struct fr_step *fr_plan_seen(const struct fr_plan *plan, const struct fr_step *asker,
                                   const char *id)
{
    const struct fr_step *found =
        asker && asker->frame != FR_NO_STEP ? in_branch(plan, asker, id) : NULL;

    if (found)
        return in_slot(plan, asker, found);
    const struct fr_step *outer = asker ? fr_plan_outer(plan, asker) : NULL;
    found = in_file(plan, outer, id);
    return found ? in_slot(plan, asker, found) : NULL;
}

const struct fr_step *fr_plan_inside(const struct fr_plan *plan, const struct fr_step *outer,
                                     const char *id)
{
    const struct fr_step *found = in_file(plan, outer, id);

    return found ? in_slot(plan, outer, found) : NULL;
}
