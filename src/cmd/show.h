/* What the files of `flowrun show` share. Main thread. */
#ifndef CMD_SHOW_H
#define CMD_SHOW_H

#include "flowrun/base/map.h"
#include "flowrun/store/heads.h"
#include "history.h"

/* Shows one step of a run; returns the exit code. */
int show_step(struct fr_store *store, int64_t run, const char *step, bool json);

/* Whether a step is a batch or loop, and whether one in such stands for all of its turns, since there was none. */
bool show_has_turns(const struct fr_kept_step *step);
bool show_is_template(const struct fr_kept_step *step);

/* show_order.c: lines about steps that come by place, to be written in the order of the plan and of turns. */
struct show_order {
    struct fr_arena *arena; /* borrowed; holds ids and keys */
    struct fr_map frames;   /* id of a batch or loop -> its place */
    struct show_line *lines;
    size_t count, room;
};
void show_order_init(struct show_order *order, struct fr_arena *arena);
/* Notes a batch or loop, before what is inside of it. */
void show_order_frame(struct show_order *order, const char *id, int64_t place);
/* The line to be filled, before the next one is added. */
struct fr_buf *show_order_add(struct show_order *order, const char *id, int64_t place);
/* Writes the lines; frees all. */
void show_order_end(struct show_order *order, struct fr_buf *out);

#endif
