/* What runs more than once: a template in the file, and its copies in the plan. Frozen with the plan; any thread.
 *
 * A template is checked once, as the steps it is written as. When that is done it is copied: copy k of a template that
 * takes the places [first, first + size) of fr_plan.steps takes those behind it, [first + k*size, first + (k+1)*size).
 * Within a copy every number of a step is the template's plus k*size. Copies share all that is not a number of a step.
 *
 *   matrix   one copy for each combination; all of them are steps like any other, with ids g[linux,gcc] and g[linux,gcc].x
 *   batch    one copy for each item that is under way at once (its slots); an item's steps are b[17] and b[17].x
 *   loop     the template itself (count 1), which runs again for each turn: l[2].x
 *
 * Slots and loops run again and again: what their steps are called in a turn is known to the run only (run.h): the name
 * of the frame (that is a batch or a loop), the turn in brackets, then, but for the item's step itself, `own_id`.
 * A matrix inside of them is a part of `own_id`: b[17].g[linux].x. Where the item's step runs a file, so is that file's
 * name for the step: b[17]/x. */
#ifndef FLOWRUN_PLAN_REPEAT_H
#define FLOWRUN_PLAN_REPEAT_H

#include <stdint.h>

struct fr_expr;
struct fr_tmpl;

struct fr_copies {
    uint32_t first, size; /* the template */
    uint32_t count;       /* copies, the template among them; 0 = the step has no template */
};

struct fr_batch {
    const struct fr_tmpl *items; /* NULL = the step's input */
    uint32_t batch_size;         /* items a turn; with more than 1 `.item` is a list */
    uint32_t sequential_below;   /* fewer turns than this run one after the other */
};

struct fr_loop {
    const struct fr_expr *until; /* over what the last turn left; NULL = all turns run */
    uint32_t max_iterations;
};

#endif
