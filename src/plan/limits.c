/* `limits:`: pools that steps draw on, whatever group they are in. One build, one thread. */
#include "build.h"

#include <string.h>

#include "flowrun/base/str.h"

/* The limit of this name in the file, or FR_NO_LIMIT. */
static uint32_t find(const struct build *b, const char *name)
{
    const struct fr_limit *limits = b->plan->limits;
    uint32_t first = b->unit->first_limit, end = first + b->unit->limit_count;

    for (uint32_t i = first; i < end; i++)
        if (strcmp(limits[i].name, name) == 0)
            return i;
    return FR_NO_LIMIT;
}

/* One limit; what is wrong with it is reported, and it counts all the same. */
static void declare(struct build *b, const struct node *map, const char *name)
{
    struct fr_plan *plan = b->plan;
    struct fr_mark mark = src_mark(map, "name");
    const char *rate = node_get_text(map, "rate");
    uint32_t twin = find(b, name);

    if (twin != FR_NO_LIMIT) {
        fr_diag_add(b->diags, FR_ERROR, mark, "duplicate-limit", "give one of them another name",
                    "two limits are called '%s'; the other is on line %u", name,
                    plan->limits[twin].mark.line);
        return;
    }
    struct fr_limit *limit = &plan->limits[plan->limit_count++];
    b->unit->limit_count++;
    limit->name = fr_strdup(b->arena, name);
    limit->mark = mark;
    limit->max_workers = text_count(node_get_text(map, "max_workers"), 0);
    if (rate)
        fr_parse_rate(rate, &limit->interval_ns);
    if (!rate && !node_get(map, "max_workers"))
        fr_diag_add(b->diags, FR_ERROR, mark, "missing-key",
                    "add `max_workers:` or `rate:`, or take the limit out",
                    "limit '%s' limits nothing", name);
}

void limits_declare(struct build *b)
{
    const struct node *list = node_get(b->unit->loaded->src.root, "limits");

    if (!list || list->kind != NODE_LIST)
        return;
    struct fr_plan *plan = b->plan;
    struct fr_limit *all = FR_NEW_ARRAY(b->arena, plan->limit_count + list->len, struct fr_limit);
    if (plan->limit_count)
        memcpy(all, plan->limits, plan->limit_count * sizeof(*all));
    plan->limits = all;
    b->unit->first_limit = plan->limit_count;
    for (uint32_t i = 0; i < list->len; i++) {
        const char *name = node_get_text(list->items[i], "name");
        if (name)
            declare(b, list->items[i], name);
    }
}

uint32_t limit_of(struct build *b, const struct fr_step *step, const struct layers *layers)
{
    const struct layer *layer = layers_with(layers, FIELD(limit));
    const struct unit *unit = b->unit;

    if (!layer)
        return FR_NO_LIMIT;
    uint32_t index = find(b, layer->src->limit);
    if (index != FR_NO_LIMIT)
        return index;
    const char **names = FR_NEW_ARRAY(&b->scratch, unit->limit_count + 1, const char *);
    for (uint32_t i = 0; i < unit->limit_count; i++)
        names[i] = b->plan->limits[unit->first_limit + i].name;
    const char *near = fr_suggest(layer->src->limit, names, unit->limit_count);
    fr_diag_add(b->diags, FR_ERROR, src_mark(layer->node, "limit"), "unknown-limit",
                near ? fr_format(&b->scratch, "did you mean '%s'?", near)
                     : fr_format(&b->scratch, "define it: `limits: [{name: %s, max_workers: 2}]`",
                                 layer->src->limit),
                "step '%s' draws on the limit '%s', which does not exist", step->id,
                layer->src->limit);
    return FR_NO_LIMIT;
}
