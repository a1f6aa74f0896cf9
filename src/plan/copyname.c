/* What copies are called. `.steps.x` inside a template means the same copy's; from elsewhere a branch of a matrix is
 * named in full, g[linux,gcc].x, and the items of a batch cannot be named. One build, one thread. */
#include "copies.h"

#include <string.h>

/* What a step is called so far. */
static const char *name_of(const struct build *b, uint32_t index)
{
    return b->notes[index].name ? b->notes[index].name : b->plan->steps[index].id;
}

/* What a step of a branch is called: g[linux].x, and x of a file that the branch itself runs g[linux]/x. Where the matrix
 * stands in a file that a step runs, the name of that step stays in front. */
static const char *name_below(struct build *b, const struct fr_step *step, const char *branch,
                              const char *name)
{
    const struct fr_step *outer = fr_plan_outer(b->plan, step);
    size_t len = strlen(step->id);

    if (strncmp(name, step->id, len) == 0 && name[len] == '/')
        return fr_format(b->arena, "%s%s", branch, name + len);
    return fr_format(b->arena, "%s.%s", branch, name + (outer ? strlen(outer->id) + 1 : 0));
}

/* Puts the branch's name before the names of all it holds, for each branch of a matrix. */
static void name_branches(struct build *b, const struct fr_step *step)
{
    const struct fr_copies *copies = &step->group->copies;
    const struct matrix *matrix = b->notes[step->index].matrix;

    for (uint32_t k = matrix->count; k-- > 0;) { /* the template last: the others are made of it */
        const char *branch = fr_format(b->arena, "%s[%s]", step->id, matrix->labels[k]);
        for (uint32_t i = 0; i < copies->size; i++) {
            struct note *from = &b->notes[copies->first + i];
            struct note *to = &b->notes[copies->first + k * copies->size + i];
            const char *name = name_of(b, copies->first + i);
            to->own_id = from->own_id;
            if (i == 0)
                to->name = branch;
            else if (name)
                to->name = name_below(b, step, branch, name);
        }
    }
}

/* Notes what the steps of a batch or loop are called behind the name of a turn: `.x`, and in a file that the items
 * themselves run `/x`. */
static void name_inside(struct build *b, const struct fr_step *step)
{
    const struct fr_copies *copies = &step->group->copies;
    const struct fr_step *outer = fr_plan_outer(b->plan, step);
    bool batch = place_kind(b, b->notes[step->index].src) == FR_KIND_BATCH;
    const char *root = batch ? name_of(b, copies->first) : "";
    size_t file = outer ? strlen(outer->id) + 1 : 0, len = strlen(root);

    for (uint32_t i = copies->first; i < copies->first + copies->size; i++) {
        const char *name = name_of(b, i);
        if (b->notes[i].own_id || !name)
            continue;
        b->notes[i].own_id = len && strncmp(name, root, len) == 0 && name[len] == '/'
                                 ? name + len
                                 : fr_format(b->arena, ".%s", name + file);
    }
}

void copies_name(struct build *b)
{
    struct fr_plan *plan = b->plan;

    for (uint32_t i = plan->step_count; i-- > 0;) {
        const struct fr_step *step = &plan->steps[i];
        if (!b->notes[i].src || !step->group || !step->group->copies.count)
            continue;
        if (!b->notes[i].matrix)
            name_inside(b, step);
        else if (b->notes[i].matrix->count)
            name_branches(b, step);
    }
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (b->notes[i].name)
            fr_map_put(&plan->ids, b->notes[i].name, &plan->steps[i]);
}

const struct fr_step *copies_origin(const struct build *b, const struct fr_step *step)
{
    uint32_t index = (uint32_t)(step - b->plan->steps);

    while (!b->notes[index].src)
        index = b->notes[index].twin;
    return &b->plan->steps[index];
}

/* True when a frame of a step stands in the step's own file, which runs as `outer`. */
static bool is_in_file(uint32_t frame, const struct fr_step *outer)
{
    return frame != FR_NO_STEP && (!outer || frame > outer->index);
}

/* True when a step has this kind of template around it. */
static bool is_frame(const struct build *b, uint32_t frame, enum fr_kind kind)
{
    return kind == FR_KIND_GROUP ? b->notes[frame].matrix != NULL
                                 : b->plan->steps[frame].kind == kind;
}

const struct fr_step *copies_frame(const struct build *b, const struct fr_step *step,
                                   enum fr_kind kind)
{
    const struct fr_step *outer = fr_plan_outer(b->plan, step);

    for (uint32_t at = step->frame; is_in_file(at, outer); at = b->plan->steps[at].frame)
        if (is_frame(b, at, kind))
            return &b->plan->steps[at];
    return NULL;
}

/* True when a template holds the step; NULL: the workflow. */
static bool is_inside(const struct build *b, const struct fr_step *step, uint32_t frame)
{
    uint32_t at = step ? step->frame : FR_NO_STEP;

    while (at != FR_NO_STEP && at != frame)
        at = b->plan->steps[at].frame;
    return at == frame;
}

/* The step called so in a branch of a matrix that the asker is in, the innermost first. */
static const struct fr_step *named_in_branch(struct build *b, const struct fr_step *asker,
                                             const char *id)
{
    const struct fr_plan *plan = b->plan;
    const struct fr_step *found = NULL, *outer = asker ? fr_plan_outer(plan, asker) : NULL;

    for (uint32_t at = asker ? asker->frame : FR_NO_STEP; is_in_file(at, outer) && !found;
         at = plan->steps[at].frame) {
        if (!b->notes[at].matrix || !b->notes[at].matrix->count)
            continue;
        const char *branch = b->notes[plan->steps[at].group->copies.first].name;
        found = fr_plan_find(plan, fr_format(&b->scratch, "%s.%s", branch, id));
    }
    return found;
}

/* What to write instead of the own name of a step in a matrix. */
static const char *full_name(struct build *b, const struct fr_step *origin)
{
    const char *name = name_of(b, origin->index);

    return fr_format(&b->scratch, "name the branch, as in .steps[\"%s\"]", name);
}

/* Says why a step inside of batches and branches cannot be read by its name; true when it can. */
static bool can_read(struct build *b, const struct fr_step *asker, const struct fr_step *origin,
                     bool full, struct copies_why *why)
{
    const struct fr_step *steps = b->plan->steps;
    const struct fr_step *outer = fr_plan_outer(b->plan, origin);

    for (uint32_t at = origin->frame; is_in_file(at, outer); at = steps[at].frame) {
        bool inside = is_inside(b, asker, at);
        if (steps[at].kind == FR_KIND_BATCH && !inside) {
            why->what =
                fr_format(&b->scratch, "runs once for each item of batch '%s'", steps[at].id);
            why->help = fr_format(&b->scratch, "read .steps.%s.output, the outputs of all items",
                                  steps[at].id);
            return false;
        }
        if (!b->notes[at].matrix || inside != full)
            continue;
        why->what =
            full ? "is in a branch of the same matrix, which may still be running then"
                 : fr_format(&b->scratch, "is there in each branch of matrix '%s'", steps[at].id);
        why->help =
            full ? "within a branch `.steps.x` is the branch's own step" : full_name(b, origin);
        return false;
    }
    return true;
}

/* What a name means to a step of the file that runs as `outer`; to the file itself when that is the asker. */
static const struct fr_step *seen(struct build *b, const struct fr_step *asker,
                                  const struct fr_step *outer, const char *id,
                                  struct copies_why *why)
{
    const struct fr_step *found = asker == outer ? NULL : named_in_branch(b, asker, id);
    bool branch = found != NULL;

    *why = (struct copies_why){0};
    if (outer)
        id = fr_format(&b->scratch, "%s/%s", name_of(b, outer->index), id);
    if (!found)
        found = fr_plan_find(b->plan, id);
    if (!found)
        return NULL;
    const struct fr_step *origin = copies_origin(b, found);
    const char *name = b->notes[found - b->plan->steps].name;
    if (branch) { /* of its own branch; only batches within that can be in the way */
        for (uint32_t at = origin->frame; at != FR_NO_STEP; at = b->plan->steps[at].frame)
            if (b->plan->steps[at].kind == FR_KIND_BATCH && !is_inside(b, asker, at))
                can_read(b, asker, &b->plan->steps[b->plan->steps[at].group->copies.first], false,
                         why);
        return origin;
    }
    can_read(b, asker, origin, name && strcmp(name, id) == 0, why);
    return origin;
}

const struct fr_step *copies_seen(struct build *b, const struct fr_step *asker, const char *id,
                                  struct copies_why *why)
{
    return seen(b, asker, asker ? fr_plan_outer(b->plan, asker) : NULL, id, why);
}

const struct fr_step *copies_inside(struct build *b, const struct fr_step *outer, const char *id,
                                    struct copies_why *why)
{
    return seen(b, outer, outer, id, why);
}
