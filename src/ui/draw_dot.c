/* The plan in Graphviz' language. Groups are clusters; an arrow to a cluster goes to one
 * of its nodes and is clipped at the border (compound). Pure. */
#include "draw.h"

#include <string.h>

struct pen {
    const struct fr_plan *plan;
    struct fr_buf *out;
    int depth;
};

/* A quoted string; only quote, backslash and newlines mean something there. */
static void add_string(struct fr_buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fr_buf_char(out, '\\');
        fr_buf_char(out, (unsigned char)*text < 0x20 ? ' ' : *text);
    }
}

static void add_text(const struct pen *pen, const struct fr_step *step)
{
    struct fr_buf what;
    fr_buf_init(&what, 0);
    draw_describe(step, &what);
    fr_buf_str(pen->out, "label=\"");
    add_string(pen->out, step->title ? step->title : step->id);
    fr_buf_str(pen->out, "\\n");
    add_string(pen->out, fr_buf_cstr(&what));
    fr_buf_char(pen->out, '"');
    fr_buf_release(&what);
}

/* A step as a node, or as a cluster with its children inside. */
static void add_step(void *arg, const struct fr_step *step)
{
    struct pen *pen = arg;
    draw_indent(pen->out, pen->depth, "    ");
    if (!draw_is_frame(step)) {
        fr_buf_printf(pen->out, "s%u [", step->index);
        add_text(pen, step);
        fr_buf_str(pen->out, "];\n");
        draw_each_child(pen->plan, step, add_step, pen);
        return;
    }
    fr_buf_printf(pen->out, "subgraph cluster_%u {\n", step->index);
    pen->depth++;
    draw_indent(pen->out, pen->depth, "    ");
    add_text(pen, step);
    fr_buf_str(pen->out, ";\n");
    draw_each_child(pen->plan, step, add_step, pen);
    pen->depth--;
    draw_indent(pen->out, pen->depth, "    ");
    fr_buf_str(pen->out, "}\n");
}

/* The node that stands for a step at the end of an arrow: itself, or the first (last) one inside. */
static uint32_t node_of(const struct fr_plan *plan, uint32_t index, bool last)
{
    const struct fr_step *step = &plan->steps[index];
    while (draw_is_frame(step) && step->group && step->group->branches.count) {
        uint32_t n = last && !step->batch ? step->group->branches.count - 1 : 0;
        step = &plan->steps[step->group->branches.at[n]];
    }
    return step->index;
}

static void add_arrow(const struct fr_plan *plan, uint32_t from, uint32_t to, const char *style,
                      struct fr_buf *out)
{
    fr_buf_printf(out, "    s%u -> s%u [", node_of(plan, from, true), node_of(plan, to, false));
    if (draw_is_frame(&plan->steps[from]))
        fr_buf_printf(out, "ltail=cluster_%u ", from);
    if (draw_is_frame(&plan->steps[to]))
        fr_buf_printf(out, "lhead=cluster_%u ", to);
    fr_buf_printf(out, "%s];\n", style);
}

/* What a step waits for, dashed where that chooses it. */
static void add_dependency(const struct fr_plan *plan, uint32_t from, const struct fr_step *to,
                           struct fr_buf *out)
{
    struct fr_buf when, style;
    fr_buf_init(&when, 0);
    fr_buf_init(&style, 0);
    if (draw_choice(&plan->steps[from], to, &when)) {
        fr_buf_str(&style, "style=dashed label=\"");
        add_string(&style, fr_buf_cstr(&when));
        fr_buf_char(&style, '"');
    }
    add_arrow(plan, from, to->index, fr_buf_cstr(&style), out);
    fr_buf_release(&when);
    fr_buf_release(&style);
}

/* The arrows that end at one step. */
static void add_arrows(const struct fr_plan *plan, const struct fr_step *step, struct fr_buf *out)
{
    for (uint32_t i = 0; i < step->deps.count; i++)
        add_dependency(plan, step->deps.at[i], step, out);
    if (step->role == FR_ROLE_FALLBACK)
        add_arrow(plan, step->parent, step->index, "style=dashed label=\"on failure\"", out);
    if (step->role != FR_ROLE_CALLBACK && step->role != FR_ROLE_COMBINE)
        return;
    const struct fr_group *group = plan->steps[step->parent].group;
    for (uint32_t i = 0; group && i < group->branches.count; i++)
        if (!plan->steps[group->branches.at[i]].hidden)
            add_arrow(plan, group->branches.at[i], step->index,
                      step->role == FR_ROLE_CALLBACK ? "label=merged" : "label=files", out);
}

void draw_dot(const struct fr_plan *plan, struct fr_buf *out)
{
    struct pen pen = {plan, out, 1};
    fr_buf_str(out, "digraph \"");
    add_string(out, plan->name);
    fr_buf_str(out, "\" {\n    compound=true;\n    node [shape=box];\n");
    for (uint32_t i = 0; i < plan->top.count; i++)
        add_step(&pen, &plan->steps[plan->top.at[i]]);
    if (plan->finally.count) {
        fr_buf_str(out, "    subgraph cluster_finally {\n        label=\"finally\";\n");
        pen.depth = 2;
        for (uint32_t i = 0; i < plan->finally.count; i++)
            add_step(&pen, &plan->steps[plan->finally.at[i]]);
        fr_buf_str(out, "    }\n");
    }
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (!plan->steps[i].hidden)
            add_arrows(plan, &plan->steps[i], out);
    fr_buf_str(out, "}\n");
}
