/* Gives every step of the file its number, parent, role and id. Parents come before
 * their children, siblings stand in order of declaration; behind a template there is room for its copies. One build, one thread. */
#include "copies.h"

#include <string.h>

/* A count of steps that has become too large to go on. */
enum { ENDLESS = 1 << 30 };

static uint32_t count_steps(struct build *b, struct src_step *steps, unsigned count);

static uint32_t sum(uint32_t x, uint64_t y)
{
    return y >= ENDLESS || x + y >= ENDLESS ? ENDLESS : x + (uint32_t)y;
}

enum fr_kind place_kind(const struct build *b, const struct src_step *src)
{
    const struct catalog_type *type = src->type ? catalog_find(b, src->type) : NULL;

    return type && type->builtin ? type->kind : FR_KIND__COUNT;
}

/* The steps of the file that a step runs (NULL = none). */
static uint32_t count_run(struct build *b, struct unit *runs)
{
    struct unit *here = b->unit;
    uint32_t total;

    if (!runs)
        return 0;
    b->unit = runs;
    total = sum(count_steps(b, runs->loaded->wf->steps, runs->loaded->wf->steps_count),
                count_steps(b, runs->loaded->wf->finally, runs->loaded->wf->finally_count));
    b->unit = here;
    return total;
}

/* One step that is none with a matrix, and what it holds. */
static uint32_t count_plain(struct build *b, struct src_step *src)
{
    uint32_t total = sum(1, count_steps(b, src->steps, src->steps_count));

    if (place_kind(b, src) == FR_KIND_BATCH && !src->repeat) {
        src->repeat = FR_NEW(&b->scratch, struct repeat);
        src->repeat->count = slots_of(src);
    }
    if (src->step)
        total = sum(total, (uint64_t)count_steps(b, src->step, 1) *
                               (src->repeat ? src->repeat->count : 1));
    total = sum(total, count_run(b, src->runs));
    total = sum(total, count_steps(b, src->callback, src->callback != NULL));
    total = sum(total, count_steps(b, src->combine, src->combine != NULL));
    return sum(total, count_steps(b, src->fallback, src->fallback != NULL));
}

/* A step with a matrix: the group, its branches, and what else belongs to the group. */
static uint32_t count_matrix(struct build *b, struct src_step *src, const struct node *node)
{
    struct repeat *repeat = src->repeat;

    if (!repeat) { /* a file that is run again has it */
        src->repeat = repeat = FR_NEW(&b->scratch, struct repeat);
        matrix_read(b, node, &repeat->matrix);
        repeat->count = repeat->matrix.count ? repeat->matrix.count : 1;
        matrix_split(b, src, repeat);
    }
    uint32_t total = sum(1, (uint64_t)count_plain(b, &repeat->inner) * repeat->count);
    total = sum(total, count_steps(b, repeat->outer.callback, repeat->outer.callback != NULL));
    return sum(total, count_steps(b, repeat->outer.combine, repeat->outer.combine != NULL));
}

/* How many steps there can be, with all copies; of a file with errors more, since a part that its step cannot have is
 * not placed. */
static uint32_t count_steps(struct build *b, struct src_step *steps, unsigned count)
{
    uint32_t total = 0;

    for (unsigned i = 0; i < count; i++) {
        enum fr_kind kind = place_kind(b, &steps[i]);
        const struct node *matrix = kind == FR_KIND_ROUTE || kind == FR_KIND_MERGE
                                        ? NULL
                                        : node_get(steps[i].node, "matrix");
        total = sum(total, matrix ? count_matrix(b, &steps[i], matrix) : count_plain(b, &steps[i]));
    }
    return total;
}

/* True for a type whose steps are branches. */
static bool holds_branches(const struct build *b, const struct src_step *src)
{
    enum fr_kind kind = place_kind(b, src);

    if (kind == FR_KIND_WORKFLOW)
        return false;
    return src->steps || kind == FR_KIND_GROUP || kind == FR_KIND_RACE || kind == FR_KIND_BATCH ||
           kind == FR_KIND_LOOP;
}

static struct fr_indexes place_list(struct build *b, const struct src_step *list, unsigned count,
                                    uint32_t parent, enum fr_role role);
static uint32_t place(struct build *b, const struct src_step *src, uint32_t parent,
                      enum fr_role role, uint32_t no);

/* Begins a step: its number and what follows from its place. */
static struct fr_step *begin(struct build *b, const struct src_step *src, uint32_t parent,
                             enum fr_role role, uint32_t no)
{
    uint32_t index = b->next_step++;
    struct fr_step *step = &b->plan->steps[index];
    struct note *note = &b->notes[index];
    bool inside = role == FR_ROLE_BRANCH || role == FR_ROLE_CHAINED;

    step->index = index;
    step->unit = b->unit->made;
    step->parent = parent;
    step->frame = FR_NO_STEP;
    if (parent != FR_NO_STEP)
        step->frame = inside && b->plan->steps[parent].group->copies.count
                          ? parent
                          : b->plan->steps[parent].frame;
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
    return step;
}

static void make_group(struct build *b, struct fr_step *step)
{
    step->group = FR_NEW(b->arena, struct fr_group);
    step->group->callback = step->group->combine = FR_NO_STEP;
}

static void place_merges(struct build *b, const struct src_step *src, struct fr_step *step)
{
    if (src->combine)
        step->group->combine = place(b, src->combine, step->index, FR_ROLE_COMBINE, 0);
    if (src->callback)
        step->group->callback = place(b, src->callback, step->index, FR_ROLE_CALLBACK, 0);
}

/* Leaves room for the copies of the template that was just placed, and notes what each place will be a copy of. */
static void reserve(struct build *b, struct fr_step *step, uint32_t count)
{
    struct fr_copies *copies = &step->group->copies;
    uint32_t end = copies->first + (copies->size = b->next_step - copies->first) * count;

    for (uint32_t i = b->next_step; i < end; i++)
        b->notes[i].twin = copies->first + (i - copies->first) % copies->size;
    b->next_step = end;
}

/* Begins the template of a step: the places behind it. */
static void begin_template(struct build *b, struct fr_step *step, uint32_t count)
{
    step->group->copies = (struct fr_copies){.first = b->next_step, .count = count};
}

/* The template of a batch, the one branch that is checked. */
static void place_batch(struct build *b, const struct src_step *src, struct fr_step *step)
{
    if (!src->step || !src->repeat)
        return;
    begin_template(b, step, src->repeat->count);
    step->group->branches = place_list(b, src->step, 1, step->index, FR_ROLE_BRANCH);
    reserve(b, step, src->repeat->count);
}

static void place_branches(struct build *b, const struct src_step *src, struct fr_step *step)
{
    bool loop = place_kind(b, src) == FR_KIND_LOOP;

    if (loop)
        begin_template(b, step, 1);
    step->group->branches = place_list(b, src->steps, src->steps_count, step->index,
                                       src->type && !loop ? FR_ROLE_BRANCH : FR_ROLE_CHAINED);
    if (loop)
        reserve(b, step, 1);
}

/* Numbers the steps of the file that a step runs. */
static void place_run(struct build *b, struct fr_step *step, struct unit *runs)
{
    struct unit *here = b->unit;
    struct note *note = &b->notes[step->index];
    bool again = b->again;

    step->kind = FR_KIND_WORKFLOW;
    make_group(b, step);
    note->runs = runs;
    if (!runs)
        return;
    const struct src_workflow *wf = runs->loaded->wf;
    note->runs_first = !runs->placed;
    b->unit = runs;
    b->again = runs->placed;
    step->group->branches = place_list(b, wf->steps, wf->steps_count, step->index,
                                       runs->made->graph_mode ? FR_ROLE_BRANCH : FR_ROLE_CHAINED);
    step->group->finally =
        place_list(b, wf->finally, wf->finally_count, step->index, FR_ROLE_FINALLY);
    runs->placed = true;
    b->unit = here;
    b->again = again;
}

/* Numbers one step and all it holds. */
static uint32_t place_plain(struct build *b, const struct src_step *src, uint32_t parent,
                            enum fr_role role, uint32_t no)
{
    struct fr_step *step = begin(b, src, parent, role, no);

    if (place_kind(b, src) == FR_KIND_WORKFLOW) {
        place_run(b, step, src->runs);
    } else if (holds_branches(b, src)) {
        make_group(b, step);
        if (place_kind(b, src) == FR_KIND_BATCH)
            place_batch(b, src, step);
        else
            place_branches(b, src, step);
        place_merges(b, src, step);
    }
    if (src->fallback)
        step->fallback = place(b, src->fallback, step->index, FR_ROLE_FALLBACK, 0);
    return step->index;
}

/* The same for a step with a matrix: a group, and one branch as the template of all. */
static uint32_t place_matrix(struct build *b, const struct src_step *src, uint32_t parent,
                             enum fr_role role, uint32_t no)
{
    const struct repeat *repeat = src->repeat;
    struct fr_step *step = begin(b, &repeat->outer, parent, role, no);
    struct fr_indexes *branches;

    make_group(b, step);
    b->notes[step->index].matrix = &repeat->matrix;
    begin_template(b, step, repeat->count);
    branches = &step->group->branches;
    *branches = (struct fr_indexes){FR_NEW(b->arena, uint32_t), 1};
    branches->at[0] = place_plain(b, &repeat->inner, step->index, FR_ROLE_BRANCH, 0);
    reserve(b, step, repeat->count);
    place_merges(b, &repeat->outer, step);
    return step->index;
}

static uint32_t place(struct build *b, const struct src_step *src, uint32_t parent,
                      enum fr_role role, uint32_t no)
{
    bool matrix = src->repeat && src->repeat->outer.node;

    return matrix ? place_matrix(b, src, parent, role, no) : place_plain(b, src, parent, role, no);
}

static struct fr_indexes place_list(struct build *b, const struct src_step *list, unsigned count,
                                    uint32_t parent, enum fr_role role)
{
    struct fr_indexes indexes = {FR_NEW_ARRAY(b->arena, count, uint32_t), count};

    for (unsigned i = 0; i < count; i++)
        indexes.at[i] = place(b, &list[i], parent, role, i);
    return indexes;
}

void place_steps(struct build *b)
{
    const struct src_workflow *wf = b->unit->loaded->wf;
    struct fr_plan *plan = b->plan;

    uint32_t most = sum(count_steps(b, wf->steps, wf->steps_count),
                        count_steps(b, wf->finally, wf->finally_count));
    if (most > COPIES_PLAN) {
        fr_diag_add(b->diags, FR_ERROR, src_mark(b->unit->loaded->src.root, "steps"),
                    "too-many-steps",
                    "let a `batch_process` or a `loop` do the same step again, or use fewer "
                    "combinations and `max_workers`",
                    "the plan would have more than %d steps", COPIES_PLAN);
        return;
    }
    plan->steps = FR_NEW_ARRAY(b->arena, most, struct fr_step);
    b->notes = FR_NEW_ARRAY(&b->scratch, most, struct note);
    plan->top = place_list(b, wf->steps, wf->steps_count, FR_NO_STEP, FR_ROLE_STEP);
    plan->finally = place_list(b, wf->finally, wf->finally_count, FR_NO_STEP, FR_ROLE_FINALLY);
    plan->step_count = b->next_step;
    ids_give(b, 0, plan->step_count, NULL);
    copies_name(b);
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
