/* Older dialects of the format, rewritten to today's form. Private to plan/. */
#ifndef PLAN_DIALECT_H
#define PLAN_DIALECT_H

#include "edit.h"

struct dialect {
    struct fr_arena *arena;
    struct fr_diags *diags;
};

/* Rewrites a workflow file; the tree that is passed in stays as it is. Words that contradict each other become
 * diagnostics. Returns the tree to go on with. */
struct node *dialect_rewrite(struct dialect *dialect, struct node *root);

/* Rewrites a list of steps; `siblings` may depend on each other without the chain's order. */
struct node *dialect_steps(struct dialect *dialect, struct node *list, bool siblings);

/* Gives an older key its name of today; both at once are an error unless they say the same. */
void dialect_rename(struct dialect *dialect, struct edit *edit, const char *older,
                    const char *today);
/* Moves all pairs of the mapping under `key` up into the mapping itself. */
void dialect_lift(struct dialect *dialect, struct edit *edit, const char *key);

#endif
