/* The drawing of the report as SVG. No styles stand in it: the page's policy would refuse them. Pure. */
#include <string.h>

#include "html_graph.h"

/* A line on its way. */
struct pen {
    double x, y;
    bool tall;
    struct fr_buf *out;
};

static void line_to(struct pen *pen, double x, double y)
{
    fr_buf_printf(pen->out, "L%.1f %.1f", x, y);
    pen->x = x;
    pen->y = y;
}

/* Goes on to a point of the next layer in a bend that begins and ends along the way. */
static void curve_to(struct pen *pen, double x, double y)
{
    double mid_x = pen->tall ? pen->x : (pen->x + x) / 2;
    double mid_y = pen->tall ? (pen->y + y) / 2 : pen->y;
    fr_buf_printf(pen->out, "C%.1f %.1f %.1f %.1f %.1f %.1f", mid_x, mid_y, pen->tall ? x : mid_x,
                  pen->tall ? mid_y : y, x, y);
    pen->x = x;
    pen->y = y;
}

/* A line from the side of one box to that of the other. It bends between layers only: within one, also that of a box which is
 * smaller than its layer, it goes straight, so that it crosses no other box. */
static void draw_line(const struct graph *graph, const struct graph_line *line, struct fr_buf *out)
{
    enum { HEAD = 5 };
    const struct graph_box *from = &graph->boxes[line->from], *to = &graph->boxes[line->to];
    const struct fr_story_step *steps = graph->story->steps;
    bool tall = graph->tall;
    bool critical = steps[from->step].critical && steps[to->step].critical;
    double end_x = tall ? to->x + to->w / 2 : to->x - HEAD;
    double end_y = tall ? to->y - HEAD : to->y + to->h / 2;
    struct pen pen = {.x = tall ? from->x + from->w / 2 : from->x + from->w,
                      .y = tall ? from->y + from->h : from->y + from->h / 2,
                      .tall = tall,
                      .out = out};
    fr_buf_printf(out, "<path class=\"line%s\" d=\"M%.1f %.1f", critical ? " critical" : "", pen.x,
                  pen.y);
    if (from->lane_to > (tall ? pen.y : pen.x))
        line_to(&pen, tall ? pen.x : from->lane_to, tall ? from->lane_to : pen.y);
    for (size_t i = 0; i < line->count; i++) {
        curve_to(&pen, line->x[2 * i], line->y[2 * i]);
        line_to(&pen, line->x[2 * i + 1], line->y[2 * i + 1]);
    }
    if (to->lane_from < (tall ? end_y : end_x)) {
        curve_to(&pen, tall ? end_x : to->lane_from, tall ? to->lane_from : end_y);
        line_to(&pen, end_x, end_y);
    } else {
        curve_to(&pen, end_x, end_y);
    }
    fr_buf_printf(out, "\" marker-end=\"url(#%s)\"/>\n", critical ? "arrow-critical" : "arrow");
}

/* How what is not drawn came out: "498 succeeded, 2 failed". */
static void add_hidden(const struct graph *graph, uint32_t container, struct fr_buf *out)
{
    const struct fr_story *story = graph->story;
    uint32_t counts[FR_STATUS__COUNT + 1] = {0};
    const char *between = "";
    for (uint32_t i = container + 1; i < story->step_count; i++) {
        const struct fr_story_step *step = &story->steps[i];
        if (step->depth <= story->steps[container].depth)
            break;
        if (!step->container)
            counts[step->unknown ? FR_STATUS__COUNT : (int)step->status]++;
    }
    for (int i = 0; i <= FR_STATUS__COUNT; i++) {
        if (!counts[i])
            continue;
        fr_buf_printf(out, "%s%u ", between, counts[i]);
        html_status(html_status_name(i), out);
        between = ", ";
    }
}

/* What a screen reader says and a pointer shows. */
static void add_title(const struct graph *graph, const struct graph_box *box, struct fr_buf *out)
{
    const struct fr_story_step *step = &graph->story->steps[box->step];
    fr_buf_str(out, "<title>");
    html_text(step->id, out);
    fr_buf_str(out, ": ");
    html_status(html_status_of(step), out);
    if (step->started_ns) {
        fr_buf_str(out, ", ");
        html_took(step->started_ns, step->ended_ns, out);
    }
    if (box->hidden) {
        fr_buf_str(out, ", inside: ");
        add_hidden(graph, box->step, out);
    }
    fr_buf_str(out, "</title>");
}

static void draw_inside(const struct graph *graph, uint32_t parent, struct fr_buf *out);

/* A box and what is in it. */
static void draw_box(const struct graph *graph, uint32_t index, struct fr_buf *out)
{
    const struct graph_box *box = &graph->boxes[index];
    const struct fr_story_step *step = &graph->story->steps[box->step];
    bool open = box->children > 0;
    fr_buf_printf(
        out, "<g transform=\"translate(%.1f %.1f)\">\n<a href=\"#s%u\" class=\"node s-%s%s%s\">",
        box->x, box->y, box->step, html_status_of(step), open ? " open" : "",
        step->critical ? " critical" : "");
    add_title(graph, box, out);
    if (box->hidden)
        fr_buf_printf(
            out, "<rect class=\"behind\" x=\"4\" y=\"4\" width=\"%.1f\" height=\"%.1f\" rx=\"7\"/>",
            box->w, box->h);
    fr_buf_printf(out, "<rect class=\"box\" width=\"%.1f\" height=\"%.1f\" rx=\"7\"/>", box->w,
                  box->h);
    fr_buf_str(out, "<use href=\"#sign-");
    fr_buf_str(out, html_status_of(step));
    fr_buf_str(
        out,
        "\" x=\"11\" y=\"11\" width=\"12\" height=\"12\" class=\"sign\"/><text x=\"31\" y=\"22\">");
    (void)graph_name(step->id, out);
    fr_buf_str(out, "</text>");
    if (box->hidden)
        fr_buf_printf(out, "<text class=\"quiet\" x=\"31\" y=\"39\">%u %s inside</text>",
                      box->hidden, html_count(box->hidden, "step", "steps"));
    fr_buf_str(out, "</a>\n");
    if (open) {
        fr_buf_printf(out, "<g transform=\"translate(%d %d)\">\n", GRAPH_PAD, GRAPH_HEADER);
        draw_inside(graph, index, out);
        fr_buf_str(out, "</g>\n");
    }
    fr_buf_str(out, "</g>\n");
}

static void draw_inside(const struct graph *graph, uint32_t parent, struct fr_buf *out)
{
    for (uint32_t i = 0; i < graph->line_count; i++)
        if (graph->boxes[graph->lines[i].from].parent == parent)
            draw_line(graph, &graph->lines[i], out);
    for (uint32_t i = 1; i < graph->count; i++)
        if (graph->boxes[i].parent == parent)
            draw_box(graph, i, out);
}

void graph_draw(const struct graph *graph, struct fr_buf *out)
{
    const struct graph_box *all = &graph->boxes[0];
    fr_buf_printf(out,
                  "<div class=\"scroll drawing\" tabindex=\"0\" role=\"region\" "
                  "aria-label=\"Drawing of the graph\">\n"
                  "<svg width=\"%.0f\" height=\"%.0f\" viewBox=\"-8 -8 %.0f %.0f\">\n<defs>\n"
                  "<marker id=\"arrow\" class=\"arrow\" viewBox=\"0 0 8 8\" refX=\"3\" refY=\"4\" "
                  "markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 "
                  "8Z\"/></marker>\n"
                  "<marker id=\"arrow-critical\" class=\"arrow critical\" viewBox=\"0 0 8 8\" "
                  "refX=\"3\" refY=\"4\" "
                  "markerWidth=\"5\" markerHeight=\"5\" orient=\"auto\"><path d=\"M0 0L8 4L0 "
                  "8Z\"/></marker>\n",
                  all->w + 24, all->h + 24, all->w + 24, all->h + 24);
    fr_buf_str(out, "</defs>\n");
    draw_inside(graph, 0, out);
    fr_buf_str(out, "</svg>\n</div>\n");
    if (graph->reduced)
        fr_buf_str(out,
                   "<p class=\"quiet\">Dependencies that follow from others are not drawn.</p>\n");
}
