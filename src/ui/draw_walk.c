/* The walk that drawings in boxes and arrows share: all steps with what is inside of them, then all arrows. Pure. */
#include "draw.h"

/* A step as a node, or as a box with its children inside. */
static void add_step(void *arg, const struct fr_step *step)
{
    struct drawing *d = arg;
    bool frame = draw_is_frame(step);
    draw_indent(d->out, d->depth, "    ");
    if (!frame) {
        d->style->node(d, step);
        draw_each_child(d->plan, step, add_step, d);
        return;
    }
    d->style->open(d, step);
    d->depth++;
    draw_each_child(d->plan, step, add_step, d);
    d->depth--;
    draw_indent(d->out, d->depth, "    ");
    d->style->close(d);
}

/* What a step waits for; where that chooses it, also when. In the drawing of a run an arrow that was not gone along is
 * dashed, in one of a plan each that may not be. */
static void add_dependency(struct drawing *d, uint32_t from, const struct fr_step *to)
{
    struct fr_buf when;
    fr_buf_init(&when, 0);
    bool chosen = draw_choice(&d->plan->steps[from], to, &when);
    bool open = !d->statuses || d->statuses[to->index] == FR_NOT_TAKEN;
    d->style->arrow(d, &(struct draw_arrow){.from = from,
                                            .to = to->index,
                                            .label = chosen ? fr_buf_cstr(&when) : NULL,
                                            .is_choice = chosen,
                                            .dashed = chosen && open});
    fr_buf_release(&when);
}

/* The arrows that end at one step. */
static void add_arrows(struct drawing *d, const struct fr_step *step)
{
    static const char *const words[FR_ROLE__COUNT] = {[FR_ROLE_CALLBACK] = "merged",
                                                      [FR_ROLE_COMBINE] = "files",
                                                      [FR_ROLE_FALLBACK] = "on failure"};
    struct draw_arrow arrow = {.to = step->index, .label = words[step->role]};
    for (uint32_t i = 0; i < step->deps.count; i++)
        add_dependency(d, step->deps.at[i], step);
    if (step->role == FR_ROLE_FALLBACK) {
        arrow.from = step->parent;
        arrow.dashed = true;
        d->style->arrow(d, &arrow);
    }
    if (step->role != FR_ROLE_CALLBACK && step->role != FR_ROLE_COMBINE)
        return;
    const struct fr_group *group = d->plan->steps[step->parent].group;
    for (uint32_t i = 0; group && i < group->branches.count; i++) {
        arrow.from = group->branches.at[i];
        if (!d->plan->steps[arrow.from].hidden)
            d->style->arrow(d, &arrow);
    }
}

void draw_walk(struct drawing *d)
{
    const struct fr_plan *plan = d->plan;
    d->depth = 1;
    d->style->begin(d);
    for (uint32_t i = 0; i < plan->top.count; i++)
        add_step(d, &plan->steps[plan->top.at[i]]);
    if (plan->finally.count) {
        draw_indent(d->out, d->depth, "    ");
        d->style->open(d, NULL);
        d->depth++;
        for (uint32_t i = 0; i < plan->finally.count; i++)
            add_step(d, &plan->steps[plan->finally.at[i]]);
        d->depth--;
        draw_indent(d->out, d->depth, "    ");
        d->style->close(d);
    }
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (!plan->steps[i].hidden)
            add_arrows(d, &plan->steps[i]);
    d->style->end(d);
}
