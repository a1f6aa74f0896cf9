/* Gives every step of the file its number, parent, role and id. Parents come before
 * their children, siblings stand in order of declaration. One build, one thread. */
#include "build.h"

#include <string.h>

#include "flowrun/base/str.h"
#include "names.h"

/* How many steps there can be; of a file with errors more, since a part that its step cannot have is not placed. */
static uint32_t count_steps(const struct src_step *steps, unsigned count)
{
    uint32_t total = count;

    for (unsigned i = 0; i < count; i++) {
        total += count_steps(steps[i].steps, steps[i].steps_count);
        total += steps[i].callback ? count_steps(steps[i].callback, 1) : 0;
        total += steps[i].combine ? count_steps(steps[i].combine, 1) : 0;
        total += steps[i].fallback ? count_steps(steps[i].fallback, 1) : 0;
    }
    return total;
}

/* True for a type whose steps are branches. */
static bool holds_branches(const struct build *b, const struct src_step *src)
{
    const struct catalog_type *type = src->type ? catalog_find(b, src->type) : NULL;

    return src->steps ||
           (type && type->builtin && (type->kind == FR_KIND_GROUP || type->kind == FR_KIND_RACE));
}

static struct fr_indexes place_list(struct build *b, const struct src_step *list, unsigned count,
                                    uint32_t parent, enum fr_role role);

/* Numbers one step and all it holds. */
static uint32_t place(struct build *b, const struct src_step *src, uint32_t parent,
                      enum fr_role role, uint32_t no)
{
    uint32_t index = b->next_step++;
    struct fr_step *step = &b->plan->steps[index];
    struct note *note = &b->notes[index];

    step->index = index;
    step->unit = b->plan->main;
    step->parent = parent;
    step->frame = FR_NO_STEP;
    step->role = role;
    step->branch_no = no;
    step->mark = node_mark(src->node);
    step->fallback = FR_NO_STEP;
    note->src = src;
    note->in_fallback =
        role == FR_ROLE_FALLBACK || (parent != FR_NO_STEP && b->notes[parent].in_fallback);
    if (holds_branches(b, src)) {
        step->group = FR_NEW(b->arena, struct fr_group);
        step->group->callback = step->group->combine = FR_NO_STEP;
        step->group->branches = place_list(b, src->steps, src->steps_count, index,
                                           src->type ? FR_ROLE_BRANCH : FR_ROLE_CHAINED);
        if (src->combine)
            step->group->combine = place(b, src->combine, index, FR_ROLE_COMBINE, 0);
        if (src->callback)
            step->group->callback = place(b, src->callback, index, FR_ROLE_CALLBACK, 0);
    }
    if (src->fallback)
        step->fallback = place(b, src->fallback, index, FR_ROLE_FALLBACK, 0);
    return index;
}

static struct fr_indexes place_list(struct build *b, const struct src_step *list, unsigned count,
                                    uint32_t parent, enum fr_role role)
{
    struct fr_indexes indexes = {FR_NEW_ARRAY(b->arena, count, uint32_t), count};

    for (unsigned i = 0; i < count; i++)
        indexes.at[i] = place(b, &list[i], parent, role, i);
    return indexes;
}

/* Enters an id that the file gives; of two that are equal the first keeps it. */
static void enter_id(struct build *b, struct fr_step *step, const char *key)
{
    const struct src_step *src = b->notes[step->index].src;
    const struct fr_step *twin = fr_map_get(&b->plan->ids, step->id);

    if (!twin) {
        fr_map_put(&b->plan->ids, step->id, step);
        return;
    }
    const struct fr_mark other =
        src_mark(b->notes[twin->index].src->node, b->notes[twin->index].src->id ? "id" : "name");
    fr_diag_add(b->diags, FR_ERROR, src_mark(src->node, key), "duplicate-id",
                strcmp(key, "id") == 0 ? "give one of them another id"
                                       : "give one of them an `id` of its own",
                "two steps have the id '%s'; the other is at %s:%u:%u", step->id, other.file,
                other.line, other.col);
}

static void take_given_id(struct build *b, struct fr_step *step)
{
    const struct src_step *src = b->notes[step->index].src;

    if (src->id) {
        step->id = fr_strdup(b->arena, src->id);
        enter_id(b, step, "id");
    } else if (src->name && src->name[0]) {
        step->id = names_id(b->arena, src->name);
        enter_id(b, step, "name");
    }
    if (src->name && step->id && strcmp(src->name, step->id) != 0)
        step->title = fr_strdup(b->arena, src->name);
}

/* The id of a step that has neither id nor name, by its place. */
static void make_id(struct build *b, struct fr_step *step)
{
    static const char *const suffixes[FR_ROLE__COUNT] = {[FR_ROLE_CALLBACK] = "callback",
                                                         [FR_ROLE_COMBINE] = "combine",
                                                         [FR_ROLE_FALLBACK] = "fallback"};
    const char *suffix = suffixes[step->role];
    const char *stem = step->role == FR_ROLE_STEP      ? "step"
                       : step->role == FR_ROLE_FINALLY ? "finally"
                                                       : b->plan->steps[step->parent].id;
    const char *id = suffix ? fr_format(b->arena, "%s_%s", stem, suffix)
                            : fr_format(b->arena, "%s_%u", stem, step->branch_no + 1);

    for (uint32_t n = 2; fr_map_get(&b->plan->ids, id); n++)
        id = fr_format(b->arena, "%s_%u_%u", stem, step->branch_no + 1, n);
    step->id = id;
    fr_map_put(&b->plan->ids, id, step);
}

void place_steps(struct build *b)
{
    const struct src_workflow *wf = b->main->wf;
    struct fr_plan *plan = b->plan;

    uint32_t most =
        count_steps(wf->steps, wf->steps_count) + count_steps(wf->finally, wf->finally_count);
    plan->steps = FR_NEW_ARRAY(b->arena, most, struct fr_step);
    b->notes = FR_NEW_ARRAY(&b->scratch, most, struct note);
    plan->top = place_list(b, wf->steps, wf->steps_count, FR_NO_STEP, FR_ROLE_STEP);
    plan->finally = place_list(b, wf->finally, wf->finally_count, FR_NO_STEP, FR_ROLE_FINALLY);
    plan->step_count = b->next_step;
    for (uint32_t i = 0; i < plan->step_count; i++)
        take_given_id(b, &plan->steps[i]);
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (!plan->steps[i].id)
            make_id(b, &plan->steps[i]);
}

const struct fr_step *fr_plan_find(const struct fr_plan *plan, const char *id)
{
    return fr_map_get(&plan->ids, id);
}

const struct fr_step *fr_plan_seen(const struct fr_plan *plan, const struct fr_step *asker,
                                   const char *id)
{
    (void)asker;
    return fr_plan_find(plan, id);
}

const struct fr_indexes *step_siblings(const struct fr_plan *plan, const struct fr_step *step)
{
    switch (step->role) {
    case FR_ROLE_STEP:
        return &plan->top;
    case FR_ROLE_FINALLY:
        return &plan->finally;
    case FR_ROLE_BRANCH:
    case FR_ROLE_CHAINED:
        return &plan->steps[step->parent].group->branches;
    default:
        return NULL;
    }
}

bool step_holds(const struct fr_plan *plan, const struct fr_step *outer, const struct fr_step *step)
{
    while (step->parent != FR_NO_STEP) {
        step = &plan->steps[step->parent];
        if (step == outer)
            return true;
    }
    return false;
}
