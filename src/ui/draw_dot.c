/* Drawings in Graphviz' language. Groups are clusters; an arrow to a cluster goes to one
 * of its nodes and is clipped at the border (compound). Pure. */
#include "draw.h"

#include "flowrun/ui/progress.h"

/* A quoted string; only quote, backslash and newlines mean something there. */
static void add_string(struct fr_buf *out, const char *text)
{
    struct fr_buf plain;
    fr_buf_init(&plain, 0);
    fr_visible_line(text, &plain);
    for (const char *c = fr_buf_cstr(&plain); *c; c++) {
        if (*c == '"' || *c == '\\')
            fr_buf_char(out, '\\');
        fr_buf_char(out, *c);
    }
    fr_buf_release(&plain);
}

/* The label: id, what it is, and how it ended. */
static void add_text(struct drawing *d, const struct fr_step *step)
{
    struct fr_buf what;
    fr_buf_init(&what, 0);
    draw_describe(step, &what);
    fr_buf_str(d->out, "label=\"");
    if (step->role == FR_ROLE_FINALLY && step->parent != FR_NO_STEP)
        fr_buf_str(d->out, "finally: ");
    add_string(d->out, step->title ? step->title : step->id);
    fr_buf_str(d->out, "\\n");
    add_string(d->out, fr_buf_cstr(&what));
    if (draw_has_status(d->plan, d->statuses, step))
        fr_buf_printf(d->out, "\\n%s", draw_status_word(d->statuses[step->index]));
    fr_buf_char(d->out, '"');
    fr_buf_release(&what);
}

static void begin(struct drawing *d)
{
    fr_buf_str(d->out, "digraph \"");
    add_string(d->out, d->plan->name);
    fr_buf_str(d->out, "\" {\n    compound=true;\n    node [shape=box];\n");
}

static void node(struct drawing *d, const struct fr_step *step)
{
    fr_buf_printf(d->out, "s%u [", step->index);
    add_text(d, step);
    if (draw_has_status(d->plan, d->statuses, step)) {
        enum fr_status status = d->statuses[step->index];
        fr_buf_printf(d->out, " style=\"filled%s\" fillcolor=\"%s\" fontcolor=\"%s\"",
                      draw_is_pale(status) ? ",dashed" : "", draw_fills[status], draw_ink(status));
    }
    fr_buf_str(d->out, step->kind == FR_KIND_HUMAN ? " shape=hexagon" : "");
    fr_buf_str(d->out, "];\n");
}

static void open_box(struct drawing *d, const struct fr_step *step)
{
    if (step)
        fr_buf_printf(d->out, "subgraph cluster_%u {\n", step->index);
    else
        fr_buf_str(d->out, "subgraph cluster_finally {\n");
    draw_indent(d->out, d->depth + 1, "    ");
    if (step)
        add_text(d, step);
    else
        fr_buf_str(d->out, "label=\"finally\"");
    fr_buf_str(d->out, ";\n");
    if (!step || !draw_has_status(d->plan, d->statuses, step))
        return;
    enum fr_status status = d->statuses[step->index];
    draw_indent(d->out, d->depth + 1, "    ");
    fr_buf_printf(d->out, "color=\"%s\"; penwidth=3;%s\n", draw_fills[status],
                  draw_is_pale(status) ? " style=dashed;" : "");
}

static void close_box(struct drawing *d)
{
    fr_buf_str(d->out, "}\n");
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

static void arrow(struct drawing *d, const struct draw_arrow *arrow)
{
    const struct fr_plan *plan = d->plan;
    const char *sep = "";
    fr_buf_printf(d->out, "    s%u -> s%u [", node_of(plan, arrow->from, true),
                  node_of(plan, arrow->to, false));
    if (draw_is_frame(&plan->steps[arrow->from]))
        fr_buf_printf(d->out, "ltail=cluster_%u ", arrow->from);
    if (draw_is_frame(&plan->steps[arrow->to]))
        fr_buf_printf(d->out, "lhead=cluster_%u ", arrow->to);
    if (arrow->dashed) {
        fr_buf_str(d->out, "style=dashed");
        sep = " ";
    }
    if (arrow->label) {
        fr_buf_printf(d->out, "%slabel=\"", sep);
        add_string(d->out, arrow->label);
        fr_buf_char(d->out, '"');
    }
    fr_buf_str(d->out, "];\n");
}

static void end(struct drawing *d)
{
    fr_buf_str(d->out, "}\n");
}

const struct draw_style draw_dot = {begin, node, open_box, close_box, arrow, end};
