/* Where boxes stand: in layers, each behind all that it waits for. Lines that pass layers go through places of their own in
 * them; within a layer the order is the one with which lines cross little, found by a few sweeps that move each box to the
 * middle of its neighbours. From the inside out, since a box is as large as what is in it. Pure. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/str.h"
#include "html_graph.h"

enum { GAP_LAYER = 44, GAP = 12, LEAF_HEIGHT = 34, FOLDED_HEIGHT = 50, WIDE = 1080 };
enum { NAME_CELLS = 26, CELL_WIDTH = 8, SWEEPS = 6, ITEMS_MAX = 3000 };

/* What stands in a layer: a box, or a place that a line passes. */
struct item {
    uint32_t box;    /* 0 = a line passes */
    uint32_t line;   /* that line */
    uint32_t passed; /* how many layers it has passed before */
    uint32_t layer;
    double size;       /* across the layers */
    double at;         /* its middle, across */
    double barycenter; /* of what it is connected with */
    uint32_t order;
};

struct layout {
    struct graph *graph;
    uint32_t parent;
    struct item *items;
    uint32_t item_count;
    uint32_t of_box[HTML_BOXES_MAX + 1];
    uint32_t layers;
};

double graph_name(const char *name, struct fr_buf *out)
{
    size_t len = strlen(name), i = 0;
    double cells = 0;
    while (i < len && cells < NAME_CELLS) {
        size_t step = fr_utf8_len(name + i, len - i);
        /* Characters from U+1100 on are mostly as wide as two letters. */
        cells += step >= 3 ? 2 : 1;
        i += step ? step : 1;
    }
    if (out) {
        html_bytes(name, i, out);
        fr_buf_str(out, i < len ? "…" : "");
    }
    return (cells + (i < len)) * CELL_WIDTH;
}

/* The size of a box without anything in it. */
static void size_leaf(const struct graph *graph, struct graph_box *box)
{
    const struct fr_story_step *step = &graph->story->steps[box->step];
    double name = graph_name(step->id, NULL) + 40;
    box->w = name < 84 ? 84 : name;
    box->h = box->hidden ? FOLDED_HEIGHT : LEAF_HEIGHT;
    if (box->hidden && box->w < 150)
        box->w = 150;
}

static double along(const struct graph *graph, const struct graph_box *box)
{
    return graph->tall ? box->h : box->w;
}

static double across(const struct graph *graph, const struct graph_box *box)
{
    return graph->tall ? box->w : box->h;
}

/* Whether a line lies within the box that is laid out. */
static bool is_inside(const struct layout *layout, const struct graph_line *line)
{
    return layout->graph->boxes[line->from].parent == layout->parent;
}

/* Puts each box behind what it waits for. A circle would never end; there is an end to its turns. */
static bool find_layers(struct layout *layout)
{
    struct graph *graph = layout->graph;
    bool any = false, moved = true;
    for (uint32_t turn = 0; moved && turn < graph->count; turn++) {
        moved = false;
        for (uint32_t i = 0; i < graph->line_count; i++) {
            const struct graph_line *line = &graph->lines[i];
            struct graph_box *to = &graph->boxes[line->to];
            uint32_t least = graph->boxes[line->from].layer + 1;
            if (!is_inside(layout, line) || to->layer >= least)
                continue;
            to->layer = least;
            any = moved = true;
        }
    }
    return any;
}

/* Makes the items of all layers. */
static void make_items(struct layout *layout)
{
    struct graph *graph = layout->graph;
    for (uint32_t i = 1; i < graph->count; i++) {
        const struct graph_box *box = &graph->boxes[i];
        if (box->parent != layout->parent)
            continue;
        layout->of_box[i] = layout->item_count;
        layout->items[layout->item_count++] =
            (struct item){.box = i, .layer = box->layer, .size = across(graph, box)};
        layout->layers = box->layer >= layout->layers ? box->layer + 1 : layout->layers;
    }
    for (uint32_t i = 0; i < graph->line_count; i++) {
        struct graph_line *line = &graph->lines[i];
        if (!is_inside(layout, line))
            continue;
        uint32_t from = graph->boxes[line->from].layer, to = graph->boxes[line->to].layer;
        line->first_item = layout->item_count;
        for (uint32_t layer = from + 1;
             layer < to && line->count < GRAPH_PASSED_MAX && layout->item_count < ITEMS_MAX;
             layer++)
            layout->items[layout->item_count++] =
                (struct item){.line = i, .passed = line->count++, .layer = layer, .size = 2};
    }
}

/* The item that a line has in the layer before or behind one of its own; NULL = it has none there. */
static const struct item *next_of(const struct layout *layout, const struct graph_line *line,
                                  const struct item *item, bool behind)
{
    const struct graph_box *boxes = layout->graph->boxes;
    uint32_t layer = behind ? item->layer + 1 : item->layer - 1, from = boxes[line->from].layer;
    if (boxes[line->from].layer == layer)
        return &layout->items[layout->of_box[line->from]];
    if (boxes[line->to].layer == layer)
        return &layout->items[layout->of_box[line->to]];
    uint32_t passed = layer - from - 1;
    return layer > from && passed < line->count ? &layout->items[line->first_item + passed] : NULL;
}

/* The middle of what an item is connected with in the layer before or behind its own. */
static void set_barycenter(const struct layout *layout, struct item *item, bool behind)
{
    const struct graph *graph = layout->graph;
    uint32_t first = item->box ? 0 : item->line, end = item->box ? graph->line_count : first + 1;
    uint32_t count = 0;
    double sum = 0;
    for (uint32_t i = first; i < end; i++) {
        const struct graph_line *line = &graph->lines[i];
        if (item->box && (behind ? line->from : line->to) != item->box)
            continue;
        const struct item *other = next_of(layout, line, item, behind);
        if (other) {
            sum += other->at;
            count++;
        }
    }
    item->barycenter = count ? sum / count : item->at;
}

static int compare_items(const void *one, const void *other)
{
    const struct item *const *a = one, *const *b = other;
    if ((*a)->barycenter != (*b)->barycenter)
        return (*a)->barycenter < (*b)->barycenter ? -1 : 1;
    return (*a)->order < (*b)->order ? -1 : (*a)->order > (*b)->order;
}

/* Stacks one layer in the order of their barycenters, around the middle of these. */
static void stack(struct layout *layout, uint32_t layer, struct item **row)
{
    uint32_t count = 0;
    double size = 0, middle = 0, at;
    for (uint32_t i = 0; i < layout->item_count; i++)
        if (layout->items[i].layer == layer)
            row[count++] = &layout->items[i];
    qsort(row, count, sizeof *row, compare_items);
    for (uint32_t i = 0; i < count; i++) {
        size += row[i]->size + (i ? GAP : 0);
        middle += row[i]->barycenter / count;
    }
    at = middle - size / 2;
    for (uint32_t i = 0; i < count; i++) {
        row[i]->order = i;
        row[i]->at = at + row[i]->size / 2;
        at += row[i]->size + GAP;
    }
}

/* Finds the order in the layers, and places across them. */
static void sweep(struct layout *layout)
{
    struct item **row = calloc(layout->item_count + 1, sizeof(struct item *));
    for (uint32_t i = 0; i < layout->item_count; i++)
        layout->items[i].order = i;
    for (uint32_t layer = 0; row && layer < layout->layers; layer++)
        stack(layout, layer, row);
    for (int turn = 0; row && turn < SWEEPS; turn++) {
        bool behind = turn % 2 == 1;
        for (uint32_t n = 0; n < layout->layers; n++) {
            uint32_t layer = behind ? layout->layers - 1 - n : n;
            for (uint32_t i = 0; i < layout->item_count; i++)
                if (layout->items[i].layer == layer)
                    set_barycenter(layout, &layout->items[i], behind);
            stack(layout, layer, row);
        }
    }
    free(row);
}

/* Puts one item where it belongs. */
static void put(struct layout *layout, const struct item *item, double from, double depth,
                double low)
{
    struct graph *graph = layout->graph;
    double middle = from + depth / 2, side = item->at - low;
    if (item->box) {
        struct graph_box *box = &graph->boxes[item->box];
        box->x = graph->tall ? side - box->w / 2 : middle - box->w / 2;
        box->y = graph->tall ? middle - box->h / 2 : side - box->h / 2;
        box->lane_from = from;
        box->lane_to = from + depth;
    } else {
        struct graph_line *line = &graph->lines[item->line];
        for (uint32_t end = 0; end < 2; end++) {
            line->x[2 * item->passed + end] = graph->tall ? side : from + end * depth;
            line->y[2 * item->passed + end] = graph->tall ? from + end * depth : side;
        }
    }
}

/* How far the items reach across the layers. */
static void find_span(const struct layout *layout, double *low, double *high)
{
    for (uint32_t i = 0; i < layout->item_count; i++) {
        const struct item *item = &layout->items[i];
        double from = item->at - item->size / 2, to = item->at + item->size / 2;
        if (i == 0 || from < *low)
            *low = from;
        if (i == 0 || to > *high)
            *high = to;
    }
}

/* How much room a layer takes along the way. */
static double depth_of(const struct layout *layout, uint32_t layer)
{
    double depth = 0;
    for (uint32_t i = 0; i < layout->item_count; i++) {
        const struct item *item = &layout->items[i];
        if (item->layer != layer || !item->box)
            continue;
        double size = along(layout->graph, &layout->graph->boxes[item->box]);
        depth = size > depth ? size : depth;
    }
    return depth;
}

/* Gives layers their places, and all that stands in them. */
static void place(struct layout *layout, double *width, double *height)
{
    double low = 0, high = 0, from = 0;
    bool tall = layout->graph->tall;
    find_span(layout, &low, &high);
    for (uint32_t layer = 0; layer < layout->layers; layer++) {
        double depth = depth_of(layout, layer);
        for (uint32_t i = 0; i < layout->item_count; i++)
            if (layout->items[i].layer == layer)
                put(layout, &layout->items[i], from, depth, low);
        from += depth + (layer + 1 < layout->layers ? GAP_LAYER : 0);
    }
    *width = tall ? high - low : from;
    *height = tall ? from : high - low;
}

/* Boxes without lines between them: in columns. */
static void place_columns(struct graph *graph, uint32_t parent, double *width, double *height)
{
    uint32_t count = graph->boxes[parent].children, rows = count > 8 ? (count + 1) / 2 : count,
             n = 0;
    double x = 0, y = 0, column = 0;
    if (graph->tall)
        rows = (count + 2) / 3;
    rows = count > 24 ? (count + 5) / 6 : rows;
    *width = *height = 0;
    for (uint32_t i = 1; i < graph->count; i++) {
        struct graph_box *box = &graph->boxes[i];
        if (box->parent != parent)
            continue;
        if (n && n % rows == 0) {
            x += column + GAP;
            y = column = 0;
        }
        n++;
        box->x = x;
        box->y = y;
        y += box->h + GAP;
        column = box->w > column ? box->w : column;
        *height = y - GAP > *height ? y - GAP : *height;
        *width = x + column;
    }
}

/* Lays out what is inside of one box, and gives it its size. */
static void lay_out(struct graph *graph, uint32_t parent)
{
    struct graph_box *box = &graph->boxes[parent];
    struct layout layout = {.graph = graph, .parent = parent};
    double width = 0, height = 0;
    layout.items = calloc(ITEMS_MAX + HTML_BOXES_MAX + 1, sizeof *layout.items);
    if (layout.items && find_layers(&layout)) {
        make_items(&layout);
        sweep(&layout);
        place(&layout, &width, &height);
    } else {
        place_columns(graph, parent, &width, &height);
    }
    free(layout.items);
    if (parent) {
        double name = graph_name(graph->story->steps[box->step].id, NULL) + 44;
        box->w = 2 * GRAPH_PAD + (width < name ? name : width);
        box->h = GRAPH_HEADER + height + GRAPH_PAD;
    } else {
        box->w = width;
        box->h = height;
    }
}

/* Does it all in one direction. */
static void lay_out_all(struct graph *graph, bool tall)
{
    graph->tall = tall;
    for (uint32_t i = 0; i < graph->line_count; i++)
        graph->lines[i].count = 0;
    for (uint32_t i = graph->count; i-- > 0;) {
        graph->boxes[i].layer = 0;
        if (graph->boxes[i].children)
            lay_out(graph, i);
        else if (i)
            size_leaf(graph, &graph->boxes[i]);
    }
}

void graph_layout(struct graph *graph)
{
    lay_out_all(graph, false);
    double beside = graph->boxes[0].w;
    if (beside <= WIDE)
        return;
    lay_out_all(graph, true);
    if (graph->boxes[0].w > WIDE && graph->boxes[0].w > beside)
        lay_out_all(graph, false);
}
