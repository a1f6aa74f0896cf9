/* Copies of templates: made when all is checked, from the inside out, so that the copies of a template hold those of
 * the templates in it. A copy is the step itself with the numbers of steps moved on; what is no number of a step is
 * shared, expressions above all. One build, one thread. */
#include "copies.h"

#include <string.h>

#include "flowrun/base/json.h"

/* Lists that steps beside each other share, as their copies shall, too. */
struct moved {
    const uint32_t *from;
    struct fr_indexes list;
};

/* One copy on its way. */
struct mover {
    struct build *b;
    uint32_t first, size, by; /* steps of [first, first + size) move on by so many places */
    struct moved last[4];     /* lists that were moved lately */
    uint32_t next;
};

/* Where a step is in the copy: others than those of the template stay. */
static uint32_t moved(const struct mover *m, uint32_t index)
{
    return index >= m->first && index - m->first < m->size ? index + m->by : index;
}

static struct fr_indexes moved_list(struct mover *m, struct fr_indexes list)
{
    struct fr_indexes copy = {NULL, list.count};

    if (list.count == 0)
        return list;
    for (int i = 0; i < 4; i++)
        if (m->last[i].from == list.at && m->last[i].list.count >= list.count) {
            copy.at = m->last[i].list.at;
            return copy;
        }
    copy.at = FR_NEW_ARRAY(m->b->arena, list.count, uint32_t);
    for (uint32_t i = 0; i < list.count; i++)
        copy.at[i] = moved(m, list.at[i]);
    m->last[m->next++ % 4] = (struct moved){list.at, copy};
    return copy;
}

static struct fr_group *moved_group(struct mover *m, const struct fr_group *group)
{
    struct fr_group *copy;

    if (!group)
        return NULL;
    copy = FR_NEW(m->b->arena, struct fr_group);
    *copy = *group;
    copy->branches = moved_list(m, group->branches);
    copy->finally = moved_list(m, group->finally);
    copy->callback = moved(m, group->callback);
    copy->combine = moved(m, group->combine);
    copy->copies.first = moved(m, group->copies.first);
    return copy;
}

static const struct fr_route *moved_route(struct mover *m, const struct fr_route *route)
{
    struct fr_route *copy;
    struct fr_way *otherwise;

    if (!route)
        return NULL;
    copy = FR_NEW(m->b->arena, struct fr_route);
    *copy = *route;
    copy->ways = FR_NEW_ARRAY(m->b->arena, route->way_count, struct fr_way);
    for (uint32_t i = 0; i < route->way_count; i++) {
        copy->ways[i] = route->ways[i];
        copy->ways[i].targets = moved_list(m, route->ways[i].targets);
    }
    if (route->otherwise) {
        otherwise = FR_NEW(m->b->arena, struct fr_way);
        *otherwise = *route->otherwise;
        otherwise->targets = moved_list(m, otherwise->targets);
        copy->otherwise = otherwise;
    }
    copy->targets = moved_list(m, route->targets);
    return copy;
}

/* One step of a template into its place in a copy. */
static void copy_step(struct mover *m, uint32_t from)
{
    struct fr_step *copy = &m->b->plan->steps[from + m->by];

    *copy = m->b->plan->steps[from];
    copy->index = from + m->by;
    copy->parent = moved(m, copy->parent);
    copy->frame = moved(m, copy->frame);
    copy->fallback = moved(m, copy->fallback);
    copy->deps = moved_list(m, copy->deps);
    copy->inputs = moved_list(m, copy->inputs);
    copy->dependents = moved_list(m, copy->dependents);
    copy->group = moved_group(m, copy->group);
    copy->merging = moved_group(m, copy->merging);
    copy->route = moved_route(m, copy->route);
}

/* All copies of one template, and the list of them. */
static void copy_template(struct build *b, struct fr_step *step)
{
    const struct fr_copies *copies = &step->group->copies;
    struct fr_indexes branches = {FR_NEW_ARRAY(b->arena, copies->count, uint32_t), copies->count};
    bool batch = step->kind == FR_KIND_BATCH;

    for (uint32_t k = 0; k < copies->count; k++) {
        struct mover m = {b, copies->first, copies->size, k * copies->size, {{0}}, 0};
        for (uint32_t i = 0; k > 0 && i < copies->size; i++) {
            copy_step(&m, copies->first + i);
            b->plan->steps[copies->first + m.by + i].hidden |= batch;
        }
        struct fr_step *root = &b->plan->steps[copies->first + m.by];
        root->branch_no = k;
        if (!batch)
            root->matrix_json = b->notes[step->index].matrix->json[k];
        branches.at[k] = root->index;
    }
    step->group->branches = branches;
}

/* Of two objects as JSON one with the keys of both; those of `over` win. */
static const char *merged(struct build *b, const char *base, const char *over)
{
    struct json_object *all = NULL, *more = NULL;
    struct fr_buf text;

    fr_json_parse(base, strlen(base), &all, NULL, 0);
    fr_json_parse(over, strlen(over), &more, NULL, 0);
    json_object_object_foreach(more, key, value)
    {
        json_object_object_add(all, key, json_object_get(value));
    }
    fr_buf_init(&text, 0);
    fr_json_write(all, &text);
    const char *json = fr_strdup(b->arena, fr_buf_cstr(&text));
    fr_buf_release(&text);
    json_object_put(all);
    json_object_put(more);
    return json;
}

/* In a matrix inside of a branch of another `.matrix` has the keys of both. */
static void merge_matrices(struct build *b)
{
    struct fr_plan *plan = b->plan;

    for (uint32_t i = 0; i < plan->step_count; i++) {
        struct fr_step *step = &plan->steps[i];
        const struct fr_step *outer = step;
        while (step->matrix_json && outer->parent != FR_NO_STEP) {
            outer = &plan->steps[outer->parent];
            if (!outer->matrix_json)
                continue;
            step->matrix_json = merged(b, outer->matrix_json, step->matrix_json);
            break;
        }
    }
}

/* Gives all steps the names that copies_name made; a further slot is called like the first. */
static void take_names(struct build *b)
{
    struct fr_plan *plan = b->plan;

    for (uint32_t i = 0; i < plan->step_count; i++) {
        struct fr_step *step = &plan->steps[i];
        step->id = b->notes[i].name ? b->notes[i].name : step->id;
        step->own_id = b->notes[i].own_id ? b->notes[i].own_id : step->id;
    }
    for (uint32_t i = plan->step_count; i-- > 0;) {
        const struct fr_step *step = &plan->steps[i];
        const struct fr_copies *copies = step->kind == FR_KIND_BATCH ? &step->group->copies : NULL;
        for (uint32_t at = 0; copies && at < copies->size * (copies->count - 1); at++) {
            struct fr_step *slot = &plan->steps[copies->first + copies->size + at];
            slot->id = plan->steps[copies->first + at % copies->size].id;
            slot->own_id = plan->steps[copies->first + at % copies->size].own_id;
        }
    }
    fr_map_release(&plan->ids);
    fr_map_init(&plan->ids);
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].hidden)
            plan->hidden_count++;
        else
            fr_map_put(&plan->ids, plan->steps[i].id, &plan->steps[i]);
}

void copies_make(struct build *b)
{
    struct fr_plan *plan = b->plan;
    bool any = false;

    for (uint32_t i = plan->step_count; i-- > 0;) {
        struct fr_step *step = &plan->steps[i];
        if (!b->notes[i].src || !step->group || !step->group->copies.count)
            continue;
        any = true;
        if (step->kind != FR_KIND_LOOP)
            copy_template(b, step);
    }
    if (any) {
        merge_matrices(b);
        take_names(b);
    }
    for (uint32_t i = 0; !any && i < plan->step_count; i++)
        plan->steps[i].own_id = plan->steps[i].id;
}
