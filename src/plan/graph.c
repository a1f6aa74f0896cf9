/* Edges between siblings: from `depends_on`, or from the order of a chain; their
 * reverse, an order that respects them, cycles, and who has ended before whom. All of it
 * is linear in steps and edges. One build, one thread. */
#include "copies.h"
#include "refhelp.h"
#include "route.h"

#include <string.h>

/* ---- dependencies ---- */

/* True when the steps of the list run one after the other unless they say otherwise. */
static bool is_chain(const struct fr_step *step)
{
    return step->role == FR_ROLE_CHAINED || step->role == FR_ROLE_FINALLY ||
           (step->role == FR_ROLE_STEP && !step->unit->graph_mode);
}

/* The outermost step that holds `step`, or itself. */
static const struct fr_step *outermost(const struct fr_plan *plan, const struct fr_step *step)
{
    while (step->parent != FR_NO_STEP)
        step = &plan->steps[step->parent];
    return step;
}

static void report_unknown(struct build *b, const struct fr_step *step, const struct node *item,
                           struct fr_mark mark)
{
    fr_diag_add(b->diags, FR_ERROR, mark, "unknown-step",
                refs_unknown_help(b, step, item->text, false),
                "step '%s' depends on '%s', which does not exist", step->id, item->text);
}

/* Says why a step that exists cannot be waited for. */
static void report_unreachable(struct build *b, const struct fr_step *step,
                               const struct fr_step *target, const char *name, struct fr_mark mark)
{
    const struct fr_plan *plan = b->plan;
    const struct fr_step *top = outermost(plan, target);
    const char *why, *help = "a step can wait for the steps of its own list only";

    if (step_holds(plan, target, step)) {
        why = "which holds it and ends after it";
    } else if (step_holds(plan, step, target)) {
        why = "which is a part of it";
    } else if (top->role == FR_ROLE_FINALLY && step->role != FR_ROLE_FINALLY) {
        why = "which runs in `finally`, after all steps";
    } else if (step->role == FR_ROLE_FINALLY) {
        why = "which is no step of `finally`";
        help = "take it out: `finally` starts when all steps have ended";
    } else if (target->parent == FR_NO_STEP) {
        why = "which is outside its group";
        help = fr_format(&b->scratch, "let '%s' depend on it instead", outermost(plan, step)->id);
    } else {
        why = fr_format(&b->scratch, "which is inside '%s'", plan->steps[target->parent].id);
        if (top->role == step->role && top != step)
            help = fr_format(&b->scratch, "depend on '%s' instead", top->id);
    }
    fr_diag_add(b->diags, FR_ERROR, mark, "unreachable-step", help,
                "step '%s' can never run: it depends on '%s', %s", step->id, name, why);
}

/* Resolves the id at a place of `depends_on`; FR_NO_STEP after a diagnostic or when it was named before. */
static uint32_t resolve(struct build *b, const struct fr_step *step, const struct node *list,
                        uint32_t at)
{
    const struct node *item = list->kind == NODE_LIST ? list->items[at] : list;

    if (item->kind != NODE_SCALAR || node_is_null(item))
        return FR_NO_STEP;
    const struct fr_step *target = fr_plan_seen(b->plan, step, item->text);
    if (!target) {
        report_unknown(b, step, item, item == list ? node_mark(item) : node_item_mark(list, at));
        return FR_NO_STEP;
    }
    target = copies_origin(b, target);
    if (target->parent != step->parent || target->role != step->role ||
        !step_siblings(b->plan, step)) {
        report_unreachable(b, step, target, item->text,
                           item == list ? node_mark(item) : node_item_mark(list, at));
        return FR_NO_STEP;
    }
    struct note *note = &b->notes[target->index];
    if (note->stamp == b->search)
        return FR_NO_STEP;
    note->stamp = b->search;
    return target->index;
}

/* The dependencies that a step names; equal to those of the step before they share its array. */
static struct fr_indexes named_deps(struct build *b, const struct fr_step *step,
                                    const struct node *list, const struct fr_indexes *before)
{
    uint32_t count = list->kind == NODE_LIST ? list->len : 1, used = 0;
    uint32_t *found = b->work; /* no step is found twice: there is room for all */
    struct fr_indexes deps = {NULL, 0};

    b->search++;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index = resolve(b, step, list, i);
        if (index != FR_NO_STEP)
            found[used++] = index;
    }
    if (before && used && before->count == used &&
        memcmp(before->at, found, used * sizeof(*found)) == 0) {
        deps = *before;
    } else if (used) {
        deps.at = FR_NEW_ARRAY(b->arena, used, uint32_t);
        deps.count = used;
        memcpy(deps.at, found, used * sizeof(*found));
    }
    return deps;
}

static void set_deps(struct build *b, const struct fr_indexes *list)
{
    const struct node *named = NULL;

    if (list->count)
        unit_enter(b, &b->plan->steps[list->at[0]]);
    for (uint32_t i = 0; i < list->count; i++) {
        struct fr_step *step = &b->plan->steps[list->at[i]];
        const struct fr_step *before = i ? &b->plan->steps[list->at[i - 1]] : NULL;
        const struct node *named_before = named;
        named = step->kind == FR_KIND_MERGE
                    ? merging_list(b, step)
                    : node_get(b->notes[step->index].src->node, "depends_on");
        if (named && named == named_before) /* an alias */
            step->deps = before->inputs;
        else if (named)
            step->deps = named_deps(b, step, named, before ? &before->inputs : NULL);
        else if (before && is_chain(step))
            step->deps = (struct fr_indexes){&list->at[i - 1], 1};
        step->follows = !named && step->deps.count;
        routes_depend(b, step);
        bool straight = before && step->deps.count == 1 && step->deps.at[0] == before->index;
        b->notes[step->index].run_start =
            straight ? b->notes[before->index].run_start : step->index;
    }
}

/* `depends_on` of a callback, combine or fallback, whose place is given by its owner. */
static void refuse_deps(struct build *b, const struct fr_step *step)
{
    const struct node *map = b->notes[step->index].src->node;

    if (step_siblings(b->plan, step) || !node_get(map, "depends_on"))
        return;
    fr_diag_add(b->diags, FR_ERROR, src_key_mark(map, "depends_on"), "unreachable-step",
                "take it out", "step '%s' cannot have `depends_on`: '%s' decides when it runs",
                step->id, b->plan->steps[step->parent].id);
}

/* Behind the last of the siblings from `first` on that stand together and share one array of dependencies. */
static uint32_t run_end(const struct fr_plan *plan, const struct fr_indexes *list, uint32_t first)
{
    const struct fr_indexes *deps = &plan->steps[list->at[first]].deps;
    uint32_t end = first + 1;

    while (end < list->count && plan->steps[list->at[end]].deps.at == deps->at &&
           plan->steps[list->at[end]].deps.count == deps->count)
        end++;
    return end;
}

/* Adds the steps of list[first, end) to the dependents of `step`, when these are more than one run. */
static void add_run(struct fr_step *step, const struct fr_indexes *list, uint32_t first,
                    uint32_t end, uint32_t runs)
{
    for (uint32_t i = first; runs > 1 && i < end; i++)
        step->dependents.at[step->dependents.count++] = list->at[i];
}

/* The reverse of the dependencies, by counting. Layers of a graph wait for the same steps: what only one run of
 * siblings waits for points at its place in the list, so that full fan-in costs no memory. */
static void set_dependents(struct build *b, const struct fr_indexes *list)
{
    struct fr_step *steps = b->plan->steps;
    uint32_t *runs = b->work, end;

    for (uint32_t i = 0; i < list->count; i++)
        runs[list->at[i]] = 0;
    for (uint32_t i = 0; i < list->count; i = end) {
        const struct fr_indexes *deps = &steps[list->at[i]].deps;
        end = run_end(b->plan, list, i);
        for (uint32_t d = 0; d < deps->count; d++) {
            runs[deps->at[d]]++;
            steps[deps->at[d]].dependents.at = &list->at[i];
            steps[deps->at[d]].dependents.count += end - i;
        }
    }
    for (uint32_t i = 0; i < list->count; i++) {
        struct fr_indexes *dependents = &steps[list->at[i]].dependents;
        if (runs[list->at[i]] < 2)
            continue;
        dependents->at = FR_NEW_ARRAY(b->arena, dependents->count, uint32_t);
        dependents->count = 0;
    }
    for (uint32_t i = 0; i < list->count; i = end) {
        const struct fr_indexes *deps = &steps[list->at[i]].deps;
        end = run_end(b->plan, list, i);
        for (uint32_t d = 0; d < deps->count; d++)
            add_run(&steps[deps->at[d]], list, i, end, runs[deps->at[d]]);
    }
}

/* ---- order and cycles ---- */

/* Prints one cycle as a path, from its first step in the file. */
static void report_cycle(struct build *b, uint32_t start, const uint32_t *next)
{
    const struct fr_plan *plan = b->plan;
    uint32_t first = start, length = 0;
    struct fr_buf path;

    for (uint32_t at = next[start]; at != start; at = next[at])
        first = at < first ? at : first;
    fr_buf_init(&path, 0);
    fr_buf_str(&path, plan->steps[first].id);
    uint32_t at = first;
    do {
        at = next[at];
        if (++length <= 12 || at == first)
            fr_buf_printf(&path, " -> %s", plan->steps[at].id);
        else if (length == 13)
            fr_buf_str(&path, " -> …");
    } while (at != first);
    fr_diag_add(b->diags, FR_ERROR, src_mark(b->notes[first].src->node, "depends_on"), "cycle",
                "take one of these dependencies out", "steps depend on each other in a circle: %s",
                fr_buf_cstr(&path));
    fr_buf_release(&path);
}

/* Steps that no order can place wait for a cycle or are in one: following one such dependency of each leads into it. */
static void find_cycles(struct build *b, const struct fr_indexes *list, const uint32_t *blockers)
{
    uint32_t *next = b->work, done = ++b->search;

    for (uint32_t i = 0; i < list->count; i++) {
        uint32_t at = list->at[i];
        if (blockers[at] == 0 || b->notes[at].stamp >= done)
            continue;
        uint32_t walk = ++b->search;
        while (b->notes[at].stamp < done) {
            b->notes[at].stamp = walk;
            const struct fr_indexes *deps = &b->plan->steps[at].deps;
            uint32_t d = 0;
            while (blockers[deps->at[d]] == 0)
                d++;
            next[at] = deps->at[d];
            at = next[at];
        }
        if (b->notes[at].stamp == walk)
            report_cycle(b, at, next);
    }
}

/* Puts the steps of a list into an order that respects their dependencies; those of cycles come last. */
static struct fr_indexes sort_list(struct build *b, const struct fr_indexes *list,
                                   uint32_t *blockers)
{
    struct fr_plan *plan = b->plan;
    struct fr_indexes sorted = {FR_NEW_ARRAY(&b->scratch, list->count, uint32_t), 0};
    uint32_t placed;

    if (list->count)
        unit_enter(b, &plan->steps[list->at[0]]);
    for (uint32_t i = 0; i < list->count; i++)
        if ((blockers[list->at[i]] = plan->steps[list->at[i]].deps.count) == 0)
            sorted.at[sorted.count++] = list->at[i];
    for (uint32_t i = 0; i < sorted.count; i++) {
        const struct fr_indexes *dependents = &plan->steps[sorted.at[i]].dependents;
        for (uint32_t d = 0; d < dependents->count; d++)
            if (--blockers[dependents->at[d]] == 0)
                sorted.at[sorted.count++] = dependents->at[d];
    }
    placed = sorted.count;
    if (placed < list->count)
        find_cycles(b, list, blockers);
    for (uint32_t i = 0; placed < list->count && i < list->count; i++)
        if (blockers[list->at[i]])
            sorted.at[sorted.count++] = list->at[i];
    for (uint32_t i = 0; i < sorted.count; i++)
        b->notes[sorted.at[i]].topo = i;
    return sorted;
}

/* ---- inputs ---- */

static enum fr_input_from input_of(const struct fr_plan *plan, const struct fr_step *step)
{
    const struct fr_step *parent = step->parent == FR_NO_STEP ? NULL : &plan->steps[step->parent];

    switch (step->role) {
    case FR_ROLE_FINALLY:
        return FR_INPUT_SO_FAR;
    case FR_ROLE_CALLBACK:
    case FR_ROLE_COMBINE:
        return FR_INPUT_MERGED;
    case FR_ROLE_FALLBACK:
        return FR_INPUT_FAILED;
    default:
        break;
    }
    if (step->inputs.count)
        return step->inputs.count == 1 ? FR_INPUT_STEP : FR_INPUT_STEPS;
    if (parent && parent->kind == FR_KIND_BATCH)
        return FR_INPUT_ITEM;
    if (parent && parent->kind == FR_KIND_LOOP)
        return FR_INPUT_TURN;
    return step->role == FR_ROLE_STEP ? FR_INPUT_RUN : FR_INPUT_PARENT;
}

void graph_build(struct build *b)
{
    struct fr_plan *plan = b->plan;
    uint32_t *blockers = FR_NEW_ARRAY(&b->scratch, plan->step_count, uint32_t);

    b->work = FR_NEW_ARRAY(&b->scratch, plan->step_count + 1, uint32_t);
    routes_link(b);
    set_deps(b, &plan->top);
    set_deps(b, &plan->finally);
    for (uint32_t i = 0; i < plan->step_count; i++) {
        if (!b->notes[i].src)
            continue;
        if (plan->steps[i].group) {
            set_deps(b, &plan->steps[i].group->branches);
            set_deps(b, &plan->steps[i].group->finally);
        }
        unit_enter(b, &plan->steps[i]);
        refuse_deps(b, &plan->steps[i]);
    }
    set_dependents(b, &plan->top);
    set_dependents(b, &plan->finally);
    b->top_sorted = sort_list(b, &plan->top, blockers);
    b->finally_sorted = sort_list(b, &plan->finally, blockers);
    for (uint32_t i = 0; i < plan->step_count; i++) {
        if (!b->notes[i].src)
            continue;
        if (plan->steps[i].group) {
            set_dependents(b, &plan->steps[i].group->branches);
            b->notes[i].sorted = sort_list(b, &plan->steps[i].group->branches, blockers);
            set_dependents(b, &plan->steps[i].group->finally);
            b->notes[i].finally_sorted = sort_list(b, &plan->steps[i].group->finally, blockers);
        }
        plan->steps[i].input_from = input_of(plan, &plan->steps[i]);
    }
}

/* ---- who ends before whom ---- */

/* True when `before` is on the straight chain that ends at `step`. */
static bool on_run(const struct build *b, uint32_t step, uint32_t before)
{
    const struct fr_step *steps = b->plan->steps;
    uint32_t start = b->notes[step].run_start;

    return steps[start].branch_no <= steps[before].branch_no &&
           steps[before].branch_no < steps[step].branch_no;
}

bool graph_after(struct build *b, uint32_t step, uint32_t before)
{
    const struct fr_plan *plan = b->plan;
    uint32_t floor = b->notes[before].topo, top = 0, *stack = b->work;
    bool found = false;

    if (on_run(b, step, before))
        return true;
    b->search++;
    stack[top++] = b->notes[step].run_start;
    while (top && !found) {
        const struct fr_indexes *deps = &plan->steps[stack[--top]].deps;
        for (uint32_t d = 0; d < deps->count && !found; d++) {
            uint32_t at = deps->at[d], start = b->notes[at].run_start;
            found = at == before || on_run(b, at, before);
            if (b->notes[start].stamp == b->search || b->notes[at].topo <= floor)
                continue;
            b->notes[start].stamp = b->search;
            stack[top++] = start;
        }
    }
    return found;
}
