/* What the drawings share. Private to ui/. */
#ifndef UI_DRAW_H
#define UI_DRAW_H

#include "flowrun/ui/draw.h"

/* Appends `unit` once for each level. */
void draw_indent(struct fr_buf *out, int depth, const char *unit);
/* A step with steps inside. */
bool draw_is_frame(const struct fr_step *step);
/* "parallel_group, 3 branches, up to 2 at once" or "text_to_speech (elevenlabs)". */
void draw_describe(const struct fr_step *step, struct fr_buf *out);
/* When `router` chooses `step`: appends its conditions, "A or B", "default"; false when it never does. */
bool draw_choice(const struct fr_step *router, const struct fr_step *step, struct fr_buf *out);
/* Calls `each` for the children of a step in order of declaration: branches, combine, callback, then the fallback. */
void draw_each_child(const struct fr_plan *plan, const struct fr_step *step,
                     void (*each)(void *arg, const struct fr_step *child), void *arg);

/* ---- draw_status.c ---- */
/* FR_STATUS__COUNT stands for that of a step that was under way when its run was killed: it is unknown. */
extern const char *const draw_fills[FR_STATUS__COUNT + 1];
/* Whether a run is drawn and the step has a status in it: a template has one for each turn, none of its own. */
bool draw_has_status(const struct fr_plan *plan, const enum fr_status *statuses,
                     const struct fr_step *step);
bool draw_is_pale(enum fr_status status);
const char *draw_ink(enum fr_status status); /* on its fill */
const char *draw_status_word(enum fr_status status);

/* ---- draw_walk.c: what is drawn in boxes and arrows ---- */

struct draw_arrow {
    uint32_t from, to; /* steps */
    const char *label; /* NULL = none; borrowed */
    bool is_choice;    /* the label is the condition of a router: any text */
    bool dashed;
};

struct drawing {
    const struct fr_plan *plan;
    const enum fr_status *statuses; /* by step; NULL = a plan is drawn, and no run of it */
    struct fr_buf *out;
    const struct draw_style *style;
    int depth;
};

/* How one format writes the parts; what stands on a line of its own is indented by the walk. */
struct draw_style {
    void (*begin)(struct drawing *d);
    void (*node)(struct drawing *d, const struct fr_step *step);
    void (*open)(struct drawing *d,
                 const struct fr_step *step); /* a box; NULL: that of `finally` */
    void (*close)(struct drawing *d);
    void (*arrow)(struct drawing *d, const struct draw_arrow *arrow);
    void (*end)(struct drawing *d);
};

extern const struct draw_style draw_mermaid, draw_dot;
void draw_walk(struct drawing *d);

void draw_text(const struct fr_plan *plan, const enum fr_status *statuses, struct fr_buf *out);

#endif
