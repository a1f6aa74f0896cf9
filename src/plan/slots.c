/* Batches and loops: what they say besides what groups do. One build, one thread. */
#include "copies.h"

#include <string.h>

enum { BATCH_WORKERS = 3, BATCH_SEQUENTIAL = 4, LOOP_TURNS = 3 };

/* The turns of a batch whose items stand in the file; UINT32_MAX when only the run can tell. */
static uint32_t known_turns(const struct src_step *src)
{
    const struct node *items = node_get(src->node, "items");
    uint32_t size = text_count(src->batch_size, 1);

    if (!items)
        items = node_get(src->node, "input");
    if (!items || items->kind != NODE_LIST || size == 0)
        return UINT32_MAX;
    return items->len / size + (items->len % size != 0);
}

uint32_t slots_of(const struct src_step *src)
{
    uint32_t slots = text_count(src->max_workers, BATCH_WORKERS), turns = known_turns(src);

    if (turns < text_count(src->sequential_below, BATCH_SEQUENTIAL))
        return 1;
    slots = slots > turns ? turns : slots;
    return slots == 0 ? 1 : slots > COPIES_SLOTS ? COPIES_SLOTS : slots;
}

/* A success of more turns than there are. A list may be empty, so that one success can always be asked for. */
static void check_success(struct build *b, const struct fr_step *step)
{
    const struct src_step *src = b->notes[step->index].src;
    uint32_t needed = step->group->success_needed, turns = known_turns(src);

    if (needed == UINT32_MAX || !src->success || turns == UINT32_MAX || needed <= turns)
        return;
    if (needed == 1) /* `any` of an empty list: as with a list that only the run knows */
        return;
    fr_diag_add(b->diags, FR_ERROR, src_mark(src->node, "success"), "group-rule",
                fr_format(&b->scratch, "its step runs %u time%s", turns, turns == 1 ? "" : "s"),
                "batch '%s' can never have %u successes", step->id, needed);
}

void batch_fill(struct build *b, struct fr_step *step)
{
    const struct src_step *src = b->notes[step->index].src;
    struct fr_batch *batch = FR_NEW(b->arena, struct fr_batch);
    const struct node *items = node_get(src->node, "items");

    if (items)
        batch->items = value_tmpl(b, items);
    batch->batch_size = text_count(src->batch_size, 1);
    batch->sequential_below = text_count(src->sequential_below, BATCH_SEQUENTIAL);
    step->batch = batch;
    if (!src->step && !src_told(src->node, "step"))
        fr_diag_add(b->diags, FR_ERROR, src_mark(src->node, "type"), "missing-key",
                    "add `step:`, the step that runs for each item",
                    "step '%s' is of type %s, but has no `step`", step->id, step->type);
    if (items && items->kind == NODE_MAP)
        fr_diag_add(b->diags, FR_ERROR, node_mark(items), "wrong-type",
                    "for the pairs of a mapping write items: ${{ .input | to_entries }}",
                    "items: must be a list, not %s", node_type_name(items));
    else if (items && items->kind == NODE_SCALAR && !fr_has_expr(items->text))
        fr_diag_add(b->diags, FR_ERROR, node_mark(items), "wrong-type",
                    "write it as `[one, two]`, or as an expression such as ${{ .steps.a.output }}",
                    "items: must be a list, not %s", node_type_name(items));
    if (text_count(src->max_workers, 1) > COPIES_SLOTS)
        fr_diag_add(b->diags, FR_ERROR, src_mark(src->node, "max_workers"), "bad-value",
                    "write 1000 or less", "batch '%s' cannot have more than %d items at once",
                    step->id, COPIES_SLOTS);
    check_success(b, step);
}

void loop_fill(struct build *b, struct fr_step *step)
{
    const struct src_step *src = b->notes[step->index].src;
    struct fr_loop *loop = FR_NEW(b->arena, struct fr_loop);
    struct layer own;
    const struct layers layers = {{&own}};

    layer_of_step(&own, src);
    loop->until = layers_expr(b, &layers, FIELD(until));
    loop->max_iterations = text_count(src->max_iterations, LOOP_TURNS);
    step->loop = loop;
}
