/* What steps are called: by their `id`, their `name` or their place; those of a file that a step runs with that step's
 * id before it. One build, one thread. */
#include <string.h>

#include "copies.h"
#include "names.h"

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

/* True for the step that a matrix makes branches of: it goes by the name of the group. */
static bool is_branch_of_matrix(const struct build *b, const struct fr_step *step)
{
    return step->role == FR_ROLE_BRANCH && b->notes[step->parent].matrix;
}

static void take_given_id(struct build *b, struct fr_step *step, const char *prefix)
{
    const struct src_step *src = b->notes[step->index].src;
    const char *id = src->id                     ? src->id
                     : src->name && src->name[0] ? names_id(b->arena, src->name)
                                                 : NULL;

    if (is_branch_of_matrix(b, step))
        return;
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
    bool item =
        step->role == FR_ROLE_BRANCH && place_kind(b, b->notes[step->parent].src) == FR_KIND_BATCH;
    const char *suffix = item ? "step" : suffixes[step->role];
    bool listed = step->role != FR_ROLE_FALLBACK &&
                  (step->parent == FR_NO_STEP || b->notes[step->parent].runs);
    const char *stem = listed ? fr_format(&b->scratch, "%s%s", prefix,
                                          step->role == FR_ROLE_FINALLY ? "finally" : "step")
                              : b->plan->steps[step->parent].id;

    if (is_branch_of_matrix(b, step)) {
        step->id = stem;
        return;
    }
    const char *id = suffix ? fr_format(b->arena, "%s_%s", stem, suffix)
                            : fr_format(b->arena, "%s_%u", stem, step->branch_no + 1);

    for (uint32_t n = 2; fr_map_get(&b->plan->ids, id); n++)
        id = fr_format(b->arena, "%s_%u_%u", stem, step->branch_no + 1, n);
    step->id = id;
    fr_map_put(&b->plan->ids, id, step);
}

void ids_give(struct build *b, uint32_t first, uint32_t end, const struct fr_step *outer)
{
    struct fr_plan *plan = b->plan;
    const char *prefix = outer ? fr_format(&b->scratch, "%s/", outer->id) : "";

    for (uint32_t i = first; i < end; i++)
        if (b->notes[i].src && fr_plan_outer(plan, &plan->steps[i]) == outer) {
            unit_enter(b, &plan->steps[i]);
            take_given_id(b, &plan->steps[i], prefix);
        }
    for (uint32_t i = first; i < end; i++)
        if (b->notes[i].src && !plan->steps[i].id &&
            fr_plan_outer(plan, &plan->steps[i]) == outer) {
            unit_enter(b, &plan->steps[i]);
            make_id(b, &plan->steps[i], prefix);
        }
    for (uint32_t i = first; i < end; i++) {
        uint32_t behind = i + 1;
        if (!b->notes[i].runs || fr_plan_outer(plan, &plan->steps[i]) != outer)
            continue;
        while (behind < end &&
               (!b->notes[behind].src ||
                (plan->steps[behind].parent != FR_NO_STEP && plan->steps[behind].parent >= i)))
            behind++;
        ids_give(b, i + 1, behind, &plan->steps[i]);
    }
}
