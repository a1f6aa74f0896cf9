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
        const struct src_workflow *wf = steps[i].runs ? steps[i].runs->loaded->wf : NULL;
        total += wf ? count_steps(wf->steps, wf->steps_count) : 0;
        total += wf ? count_steps(wf->finally, wf->finally_count) : 0;
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

    return (src->steps && !unit_is_run(src)) ||
           (type && type->builtin && (type->kind == FR_KIND_GROUP || type->kind == FR_KIND_RACE));
}

static struct fr_indexes place_list(struct build *b, const struct src_step *list, unsigned count,
                                    uint32_t parent, enum fr_role role);

/* Numbers the steps of the file that a step runs. */
static void place_run(struct build *b, struct fr_step *step, struct unit *runs)
{
    struct unit *here = b->unit;
    bool again = b->again;

    step->kind = FR_KIND_WORKFLOW;
    step->group = FR_NEW(b->arena, struct fr_group);
    step->group->callback = step->group->combine = FR_NO_STEP;
    b->notes[step->index].runs = runs;
    if (!runs)
        return;
    const struct src_workflow *wf = runs->loaded->wf;
    b->unit = runs;
    b->again = runs->placed;
    b->notes[step->index].runs_first = !runs->placed;
    step->group->branches = place_list(b, wf->steps, wf->steps_count, step->index,
                                       runs->made->graph_mode ? FR_ROLE_BRANCH : FR_ROLE_CHAINED);
    step->group->finally =
        place_list(b, wf->finally, wf->finally_count, step->index, FR_ROLE_FINALLY);
    runs->placed = true;
    b->unit = here;
    b->again = again;
}

/* Numbers one step and all it holds. */
static uint32_t place(struct build *b, const struct src_step *src, uint32_t parent,
                      enum fr_role role, uint32_t no)
{
    uint32_t index = b->next_step++;
    struct fr_step *step = &b->plan->steps[index];
    struct note *note = &b->notes[index];

    step->index = index;
    step->unit = b->unit->made;
    step->parent = parent;
    step->frame = FR_NO_STEP;
    step->role = role;
    step->branch_no = no;
    step->mark = node_mark(src->node);
    step->fallback = FR_NO_STEP;
    note->src = src;
    note->unit = b->unit;
    note->again = b->again;
    note->in_fallback =
        role == FR_ROLE_FALLBACK ||
        (parent != FR_NO_STEP && b->notes[parent].unit == b->unit && b->notes[parent].in_fallback);
    if (unit_is_run(src))
        place_run(b, step, src->runs);
    else if (holds_branches(b, src)) {
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

static void take_given_id(struct build *b, struct fr_step *step, const char *prefix)
{
    const struct src_step *src = b->notes[step->index].src;

    const char *id = src->id                     ? src->id
                     : src->name && src->name[0] ? names_id(b->arena, src->name)
                                                 : NULL;

    if (id) {
        step->id = fr_format(b->arena, "%s%s", prefix, id);
        enter_id(b, step, src->id ? "id" : "name");
    }
    if (src->name && id && strcmp(src->name, id) != 0)
        step->title = fr_strdup(b->arena, src->name);
}

/* The id of a step that has neither id nor name, by its place. */
static void make_id(struct build *b, struct fr_step *step, const char *prefix)
{
    static const char *const suffixes[FR_ROLE__COUNT] = {[FR_ROLE_CALLBACK] = "callback",
                                                         [FR_ROLE_COMBINE] = "combine",
                                                         [FR_ROLE_FALLBACK] = "fallback"};
    const char *suffix = suffixes[step->role];
    const struct fr_step *parent =
        step->parent == FR_NO_STEP ? NULL : &b->plan->steps[step->parent];
    bool listed = step->role != FR_ROLE_FALLBACK && (!parent || b->notes[parent->index].runs);
    const char *stem = listed ? fr_format(&b->scratch, "%s%s", prefix,
                                          step->role == FR_ROLE_FINALLY ? "finally" : "step")
                              : parent->id;
    const char *id = suffix ? fr_format(b->arena, "%s_%s", stem, suffix)
                            : fr_format(b->arena, "%s_%u", stem, step->branch_no + 1);

    for (uint32_t n = 2; fr_map_get(&b->plan->ids, id); n++)
        id = fr_format(b->arena, "%s_%u_%u", stem, step->branch_no + 1, n);
    step->id = id;
    fr_map_put(&b->plan->ids, id, step);
}

/* Gives the steps of one file their ids: those between `first` and `end` that belong to the workflow step `outer`; then
 * those of the files that these run. */
static void name_steps(struct build *b, uint32_t first, uint32_t end, const struct fr_step *outer)
{
    struct fr_plan *plan = b->plan;
    const char *prefix = outer ? fr_format(&b->scratch, "%s/", outer->id) : "";

    for (uint32_t i = first; i < end; i++)
        if (fr_plan_outer(plan, &plan->steps[i]) == outer) {
            unit_enter(b, &plan->steps[i]);
            take_given_id(b, &plan->steps[i], prefix);
        }
    for (uint32_t i = first; i < end; i++)
        if (!plan->steps[i].id && fr_plan_outer(plan, &plan->steps[i]) == outer)
            make_id(b, &plan->steps[i], prefix);
    for (uint32_t i = first; i < end; i++) {
        uint32_t behind = i + 1;
        if (!b->notes[i].runs || fr_plan_outer(plan, &plan->steps[i]) != outer)
            continue;
        while (behind < end && plan->steps[behind].parent != FR_NO_STEP &&
               plan->steps[behind].parent >= i)
            behind++;
        name_steps(b, i + 1, behind, &plan->steps[i]);
    }
}

void place_steps(struct build *b)
{
    const struct src_workflow *wf = b->unit->loaded->wf;
    struct fr_plan *plan = b->plan;

    uint32_t most =
        count_steps(wf->steps, wf->steps_count) + count_steps(wf->finally, wf->finally_count);
    plan->steps = FR_NEW_ARRAY(b->arena, most, struct fr_step);
    b->notes = FR_NEW_ARRAY(&b->scratch, most, struct note);
    plan->top = place_list(b, wf->steps, wf->steps_count, FR_NO_STEP, FR_ROLE_STEP);
    plan->finally = place_list(b, wf->finally, wf->finally_count, FR_NO_STEP, FR_ROLE_FINALLY);
    plan->step_count = b->next_step;
    name_steps(b, 0, plan->step_count, NULL);
}

const struct fr_step *fr_plan_find(const struct fr_plan *plan, const char *id)
{
    return fr_map_get(&plan->ids, id);
}

const struct fr_step *fr_plan_seen(const struct fr_plan *plan, const struct fr_step *asker,
                                   const char *id)
{
    return fr_plan_inside(plan, asker ? fr_plan_outer(plan, asker) : NULL, id);
}

const struct fr_indexes *step_siblings(const struct fr_plan *plan, const struct fr_step *step)
{
    switch (step->role) {
    case FR_ROLE_STEP:
        return &plan->top;
    case FR_ROLE_FINALLY:
        return step->parent == FR_NO_STEP ? &plan->finally
                                          : &plan->steps[step->parent].group->finally;
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
