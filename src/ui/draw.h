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

void draw_mermaid(const struct fr_plan *plan, struct fr_buf *out);
void draw_dot(const struct fr_plan *plan, struct fr_buf *out);
void draw_text(const struct fr_plan *plan, struct fr_buf *out);

#endif
