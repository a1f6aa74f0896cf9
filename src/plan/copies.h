/* Templates and their copies while a plan is built: how many a step asks for (matrix.c, slots.c), where they stand
 * and what they are called (copyname.c), and the making of them when all is checked (copy.c). One build, one thread.
 * Private to plan/. */
#ifndef PLAN_COPIES_H
#define PLAN_COPIES_H

#include "build.h"

enum {
    COPIES_PLAN = 2000000, /* steps of a plan in all */
    COPIES_MATRIX = 10000, /* combinations */
    COPIES_SLOTS = 1000    /* items of a batch at once */
};

/* The combinations of a matrix. */
struct matrix {
    const char **keys; /* all that any combination has; scratch */
    uint32_t key_count;
    const char **labels; /* "linux,gcc" */
    const char **json;
    uint32_t count; /* 0: it was reported as wrong */
};

/* What a step with copies is taken as. */
struct repeat {
    uint32_t count;               /* copies, the template among them */
    struct matrix matrix;         /* of a matrix … */
    struct src_step outer, inner; /* … the group it makes, and its branch */
};

/* ---- matrix.c, slots.c ---- */

/* Reads `matrix`; what is wrong with it is reported. */
void matrix_read(struct build *b, const struct node *node, struct matrix *matrix);
/* Divides the keys of a step between the group that its matrix makes and the branches. */
void matrix_split(struct build *b, const struct src_step *src, struct repeat *repeat);
/* Reports a key that an expression reads and that no matrix around the step has. */
void matrix_check_key(struct build *b, const struct fr_step *step, const char *key,
                      struct fr_mark mark);
/* How many items a batch has under way at once, at most. */
uint32_t slots_of(const struct src_step *src);
/* What a batch or a loop says besides what groups do. */
void batch_fill(struct build *b, struct fr_step *step);
void loop_fill(struct build *b, struct fr_step *step);

/* ---- place.c ---- */

/* The kind of the built-in type that a step names, FR_KIND__COUNT for others. */
enum fr_kind place_kind(const struct build *b, const struct src_step *src);

/* ---- stepid.c, copyname.c, copy.c ---- */

/* Gives the steps of one file their ids: those between `first` and `end` that belong to the workflow step `outer`; then
 * those of the files that these run. */
void ids_give(struct build *b, uint32_t first, uint32_t end, const struct fr_step *outer);

/* Names all copies, those to come too. */
void copies_name(struct build *b);
/* The step of the file that a step is, or will be, a copy of. */
const struct fr_step *copies_origin(const struct build *b, const struct fr_step *step);
/* What `.steps.<id>` means to a step, as the step of the file it is a copy of; NULL = none. *why, when it is there but
 * cannot be read from `asker`: the reason and its mend. */
struct copies_why {
    const char *what, *help;
};
const struct fr_step *copies_seen(struct build *b, const struct fr_step *asker, const char *id,
                                  struct copies_why *why);
/* The same to what stands at the top of the file that runs as `outer` (NULL: the main file). */
const struct fr_step *copies_inside(struct build *b, const struct fr_step *outer, const char *id,
                                    struct copies_why *why);
/* The step that holds `step` in a template of this kind, as FR_KIND_GROUP for a matrix; NULL = none. */
const struct fr_step *copies_frame(const struct build *b, const struct fr_step *step,
                                   enum fr_kind kind);
/* Makes the copies of a plan without errors. */
void copies_make(struct build *b);

#endif
