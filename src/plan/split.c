/* split_input and merge_results: what their keys say, and which steps the latter merges.
 * One build, one thread. */
#include "copies.h"

#include <string.h>

/* Reports a key that is missing, or one that the strategy would never use. */
static void report(struct build *b, const struct fr_step *step, const char *key, bool missing)
{
    const struct src_step *src = b->notes[step->index].src;

    if (missing && src_told(src->node, key))
        return;
    if (missing)
        fr_diag_add(b->diags, FR_ERROR, src_mark(src->node, "type"), "missing-key",
                    fr_format(&b->scratch, "add `%s:`", key),
                    "step '%s' is of type %s, but has no "
                    "`%s`",
                    step->id, step->type, key);
    else
        fr_diag_add(b->diags, FR_ERROR, src_key_mark(src->node, key), "conflicting-keys",
                    "take it out, or choose another strategy",
                    "`%s` of step '%s' would never be used with the strategy %s", key, step->id,
                    names_strategy[step->strategy]);
}

void split_fill(struct build *b, struct fr_step *step, const struct layers *layers)
{
    const struct src_step *own = layers->at[LAYER_OWN]->src;
    bool custom;

    step->strategy = names_find(names_strategy, FR_SPLIT__COUNT, own->strategy, FR_SPLIT_DUPLICATE);
    step->parts = text_count(own->parts, 0);
    step->expr = layers_expr(b, layers, FIELD(expr));
    if (!own->strategy) {
        report(b, step, "strategy", true);
        return;
    }
    custom = step->strategy == FR_SPLIT_PARTS;
    if (custom ? !own->expr : !own->parts)
        report(b, step, custom ? "expr" : "parts", true);
    if (custom ? own->parts != NULL : own->expr != NULL)
        report(b, step, custom ? "parts" : "expr", false);
}

void merging_fill(struct build *b, struct fr_step *step)
{
    const struct node *from = node_get(b->notes[step->index].src->node, "from");

    step->merging = FR_NEW(b->arena, struct fr_group);
    step->merging->callback = step->merging->combine = FR_NO_STEP;
    group_fill(b, step);
    if (!from || from->len == 0)
        report(b, step, "from", true);
}

const struct node *merging_list(struct build *b, const struct fr_step *step)
{
    const struct node *map = b->notes[step->index].src->node;
    const struct node *from = node_get(map, "from"), *more = node_get(map, "depends_on");

    if (!from || !more || from->kind != NODE_LIST || more->kind != NODE_LIST)
        return from && !node_is_null(from) ? from : more;
    struct node *both = FR_NEW(&b->scratch, struct node);
    *both = *from;
    both->len = from->len + more->len;
    both->items = FR_NEW_ARRAY(&b->scratch, both->len, struct node *);
    memcpy(both->items, from->items, from->len * sizeof(*both->items));
    memcpy(both->items + from->len, more->items, more->len * sizeof(*both->items));
    return both;
}

/* The results that one id of `from` stands for; of a matrix those of all its branches, also when they are copies to
 * come. */
static struct fr_indexes results_of(struct build *b, const struct fr_step *step)
{
    if (step->kind == FR_KIND_GROUP && step->group->copies.count) {
        const struct fr_copies *copies = &step->group->copies;
        struct fr_indexes all = {FR_NEW_ARRAY(&b->scratch, copies->count, uint32_t), copies->count};
        for (uint32_t k = 0; k < copies->count; k++)
            all.at[k] = copies->first + k * copies->size;
        return all;
    }
    if (step->kind == FR_KIND_GROUP)
        return step->group->branches;
    return (struct fr_indexes){(uint32_t *)(uintptr_t)&step->index, 1};
}

/* Reports what `from` names twice: it would be merged twice. */
static void refuse_twins(struct build *b, const struct fr_step *step, const struct node *from)
{
    b->search++;
    for (uint32_t i = 0; i < from->len; i++) {
        const struct node *item = from->items[i];
        const struct fr_step *source =
            item->kind == NODE_SCALAR ? fr_plan_find(b->plan, item->text) : NULL;
        if (!source)
            continue;
        if (b->notes[source->index].stamp == b->search)
            fr_diag_add(b->diags, FR_ERROR, node_mark(item), "duplicate-entry",
                        "name each step once", "step '%s' merges '%s' twice", step->id, source->id);
        b->notes[source->index].stamp = b->search;
    }
}

/* The branches that an entry of `from` stands for; none when it names no sibling, which is reported with the
 * dependencies. */
static struct fr_indexes branches_named(struct build *b, const struct fr_step *step,
                                        const struct node *item)
{
    const struct fr_step *source =
        item->kind == NODE_SCALAR ? fr_plan_seen(b->plan, step, item->text) : NULL;

    source = source ? copies_origin(b, source) : NULL;
    if (!source || source->parent != step->parent || source == step)
        return (struct fr_indexes){0};
    return results_of(b, source);
}

void merging_link(struct build *b, struct fr_step *step)
{
    const struct node *from = node_get(b->notes[step->index].src->node, "from");
    struct fr_indexes *all = &step->merging->branches;

    if (!from || from->kind != NODE_LIST)
        return;
    if (!step_siblings(b->plan, step)) {
        fr_diag_add(b->diags, FR_ERROR, node_mark(from), "unreachable-step",
                    "merge in a step of its own",
                    "step '%s' cannot have `from`: '%s' decides when it runs", step->id,
                    b->plan->steps[step->parent].id);
        return;
    }
    refuse_twins(b, step, from);
    for (int fill = 0; fill < 2; fill++) {
        all->at = fill ? FR_NEW_ARRAY(b->arena, all->count, uint32_t) : NULL;
        all->count = 0;
        for (uint32_t i = 0; i < from->len; i++) {
            struct fr_indexes some = branches_named(b, step, from->items[i]);
            if (fill && some.count)
                memcpy(all->at + all->count, some.at, some.count * sizeof(*some.at));
            all->count += some.count;
        }
    }
}
