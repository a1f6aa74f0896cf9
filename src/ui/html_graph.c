/* Which steps the report draws, and what leads from which to which. Groups of many steps are one box, and deeper groups are,
 * too, until the drawing is small enough. Pure. */
#include <stdlib.h>
#include <string.h>

#include "html_graph.h"

enum { BRANCHES_DRAWN = 16 };

/* What is known of each step while boxes are chosen. */
struct node {
    uint32_t children, inside; /* directly in it; in all, containers left out */
    uint32_t box;              /* FR_STORY_NONE = none */
    bool folded;
};

/* Counts what is inside of each container. Parents stand before what is inside of them. */
static void count_inside(const struct fr_story *story, struct node *nodes)
{
    for (uint32_t i = story->step_count; i-- > 0;) {
        const struct fr_story_step *step = &story->steps[i];
        if (step->parent >= i)
            continue;
        nodes[step->parent].children++;
        nodes[step->parent].inside += step->container ? nodes[i].inside : 1;
    }
    for (uint32_t i = 0; i < story->step_count; i++)
        nodes[i].folded = nodes[i].children > BRANCHES_DRAWN;
}

/* Counts the boxes that containers above a depth being open would give; what is inside of a folded one is hidden. */
static uint32_t count_boxes(const struct fr_story *story, struct node *nodes, uint32_t depth)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < story->step_count; i++) {
        uint32_t parent = story->steps[i].parent;
        bool shown = parent >= i || (nodes[parent].box != FR_STORY_NONE && !nodes[parent].folded);
        nodes[i].folded |= shown && nodes[i].children && story->steps[i].depth >= depth;
        nodes[i].box = shown ? count++ : FR_STORY_NONE;
    }
    return count;
}

/* Chooses the boxes; false when there are too many whatever is folded. */
static bool choose(struct graph *graph, struct node *nodes)
{
    const struct fr_story *story = graph->story;
    uint32_t depth = 0;
    count_inside(story, nodes);
    for (uint32_t i = 0; i < story->step_count; i++)
        depth = story->steps[i].depth > depth ? story->steps[i].depth : depth;
    while (count_boxes(story, nodes, depth) > HTML_BOXES_MAX)
        if (depth-- == 0)
            return false;
    graph->boxes[0] = (struct graph_box){.step = FR_STORY_NONE};
    graph->count = 1;
    for (uint32_t i = 0; i < story->step_count; i++) {
        if (nodes[i].box == FR_STORY_NONE)
            continue;
        uint32_t parent = story->steps[i].parent;
        struct graph_box *box = &graph->boxes[nodes[i].box = graph->count++];
        *box = (struct graph_box){.step = i, .parent = parent < i ? nodes[parent].box : 0};
        box->hidden = nodes[i].folded ? nodes[i].inside : 0;
        graph->boxes[box->parent].children++;
    }
    return true;
}

/* The steps around two that stand in the same container, or the two themselves; false when one is within the other. */
static bool lift(const struct fr_story *story, uint32_t *a, uint32_t *b)
{
    const struct fr_story_step *steps = story->steps;
    while (steps[*a].parent != steps[*b].parent) {
        uint32_t *deeper = steps[*a].depth >= steps[*b].depth ? a : b;
        if (steps[*deeper].parent >= *deeper)
            return false;
        *deeper = steps[*deeper].parent;
    }
    return *a != *b;
}

static bool add_line(struct graph *graph, uint32_t from, uint32_t to)
{
    if (graph->line_count == graph->line_cap) {
        uint32_t cap = graph->line_cap ? 2 * graph->line_cap : 64;
        struct graph_line *lines = realloc(graph->lines, cap * sizeof *lines);
        if (!lines)
            return false;
        graph->lines = lines;
        graph->line_cap = cap;
    }
    graph->lines[graph->line_count++] = (struct graph_line){.from = from, .to = to};
    return true;
}

enum { SIDE = HTML_BOXES_MAX + 1, LINES_MANY = 200 };

/* Takes out lines that follow from two or more others, so that much that hangs together can be drawn. */
static void reduce(struct graph *graph, const bool *known, bool *reached)
{
    uint32_t count = 0;
    memcpy(reached, known, (size_t)SIDE * SIDE * sizeof *reached);
    for (uint32_t via = 1; via < graph->count; via++)
        for (uint32_t a = 1; a < graph->count; a++)
            for (uint32_t b = 1; reached[a * SIDE + via] && b < graph->count; b++)
                reached[a * SIDE + b] |= reached[via * SIDE + b];
    for (uint32_t i = 0; i < graph->line_count; i++) {
        struct graph_line line = graph->lines[i];
        bool follows = false;
        for (uint32_t via = 1; via < graph->count && !follows; via++)
            follows = known[line.from * SIDE + via] && reached[via * SIDE + line.to] &&
                      !reached[via * SIDE + line.from];
        if (!follows)
            graph->lines[count++] = line;
    }
    graph->reduced = count < graph->line_count;
    graph->line_count = count;
}

/* Draws a line for each pair of boxes of which one waited for the other. */
static void connect(struct graph *graph, const struct node *nodes)
{
    const struct fr_story *story = graph->story;
    bool *known = calloc((size_t)SIDE * SIDE, 2 * sizeof *known);
    for (uint32_t i = 0; known && i < story->step_count; i++) {
        for (uint32_t d = 0; d < story->steps[i].dep_count; d++) {
            uint32_t to = i, from = story->steps[i].deps[d];
            if (from >= story->step_count || !lift(story, &to, &from))
                continue;
            uint32_t a = nodes[from].box, b = nodes[to].box;
            if (a == FR_STORY_NONE || b == FR_STORY_NONE || known[a * SIDE + b])
                continue;
            known[a * SIDE + b] = true;
            if (!add_line(graph, a, b))
                break;
        }
    }
    if (known && graph->line_count > LINES_MANY)
        reduce(graph, known, known + (size_t)SIDE * SIDE);
    free(known);
}

void html_graph(const struct fr_story *story, struct fr_buf *out)
{
    struct node *nodes = calloc(story->step_count + 1, sizeof *nodes);
    struct graph *graph = calloc(1, sizeof *graph);
    if (nodes && graph && story->step_count > 1) {
        fr_buf_str(out, "<section id=\"graph\" aria-labelledby=\"graph-h\">\n"
                        "<h2 id=\"graph-h\">Graph</h2>\n");
        graph->story = story;
        if (choose(graph, nodes)) {
            connect(graph, nodes);
            graph_layout(graph);
            graph_draw(graph, out);
        } else {
            fr_buf_str(out, "<p>");
            html_number(story->step_count, out);
            fr_buf_str(out, " steps are too many to draw.");
            if (story->recorded)
                fr_buf_printf(
                    out, " <code>flowrun graph %s --format dot</code> writes them for Graphviz.",
                    story->id);
            fr_buf_str(out, "</p>\n");
        }
        fr_buf_str(out, "</section>\n");
    }
    if (graph)
        free(graph->lines);
    free(graph);
    free(nodes);
}
