/* The drawing of the report: boxes within boxes, and lines between neighbours. Positions are relative to the box around
 * and in pixels. One thread. */
#ifndef UI_HTML_GRAPH_H
#define UI_HTML_GRAPH_H

#include "html.h"

enum { GRAPH_PASSED_MAX = 12 };

/* A step that is drawn. Boxes stand in the order of the story; [0] is the whole drawing. */
struct graph_box {
    uint32_t step;   /* of the story; FR_STORY_NONE: the whole drawing */
    uint32_t parent; /* of the boxes */
    uint32_t children;
    uint32_t hidden; /* steps inside that are not drawn; 0 = all are */
    double x, y, w, h;
    double lane_from, lane_to; /* its layer, along the way */
    uint32_t layer;
};

/* A line from one box to another of the same box around, through what lies between. */
struct graph_line {
    uint32_t from, to;
    uint32_t first_item; /* while it is laid out */
    uint32_t count;      /* layers that it passes, each straight from one point to another */
    double x[2 * GRAPH_PASSED_MAX], y[2 * GRAPH_PASSED_MAX];
};

struct graph {
    const struct fr_story *story;
    struct graph_box boxes[HTML_BOXES_MAX + 1];
    uint32_t count;
    struct graph_line *lines;
    uint32_t line_count, line_cap;
    bool tall;    /* what follows stands below, not beside */
    bool reduced; /* lines that follow from others were left out */
};

enum { GRAPH_HEADER = 30, GRAPH_PAD = 14 };

/* Gives every box its size and place. */
void graph_layout(struct graph *graph);
/* Cuts a name so that it fits into a box; appends it escaped. Returns how wide it is in pixels. */
double graph_name(const char *name, struct fr_buf *out);
void graph_draw(const struct graph *graph, struct fr_buf *out);

#endif
