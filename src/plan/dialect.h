/* Older dialects of the format, rewritten to today's form. Private to plan/. */
#ifndef PLAN_DIALECT_H
#define PLAN_DIALECT_H

#include "edit.h"
#include "flowrun/base/map.h"
#include "schema.h"

/* What of a file with `settings:` or `input_from` is another default today; see dialectguide.c. */
struct guide {
    bool found;                    /* the file is one of these */
    bool sets_fail_fast;           /* its settings say what a failure does, … */
    bool fail_fast;                /* … namely this */
    bool sets_timeout;             /* its settings hold a timeout */
    const struct node *fail_fasts; /* the first group that says nothing of fail_fast */
    const struct node *timeouts;   /* … of timeout */
};

/* How the steps of a file are called; made when it is asked for the first time. */
struct called {
    bool ready;
    struct fr_map lists; /* id -> the list that the step stands in */
    struct fr_map ids;   /* name -> id; of a name that several steps have the first */
    struct fr_map twice; /* names that several steps have -> the id of the second */
};

struct dialect {
    struct fr_arena *arena;
    struct fr_diags *diags;
    bool braces;       /* the file's text holds something like an expression of an older form */
    bool spaced;       /* … or like one with blanks in it */
    struct node *root; /* the file before keys are rewritten */
    struct guide guide;
    struct called called;
};

/* Rewrites a workflow file; the tree that is passed in stays as it is. Words that contradict each other become
 * diagnostics. Returns the tree to go on with. */
struct node *dialect_rewrite(struct dialect *dialect, struct node *root);

/* Rewrites a list of steps; `siblings` may depend on each other without the chain's order. */
struct node *dialect_steps(struct dialect *dialect, struct node *list, bool siblings);

/* Gives an older key its name of today; both at once are an error unless they say the same. */
void dialect_rename(struct dialect *dialect, struct edit *edit, const char *older,
                    const char *today);
/* The value of an older key as it was always read: a number, true or false also in quotes, where `key` of today takes one. */
struct node *dialect_unquote(struct dialect *dialect, const struct schema_table *table,
                             const char *key, struct node *value);
/* Reports a key beside the one that means the same today. */
void dialect_report_both(struct dialect *dialect, const struct node *key, const char *today);
/* Moves all pairs of the mapping under `key` up into the mapping itself. */
void dialect_lift(struct dialect *dialect, struct edit *edit, const char *key);
/* Whether a scalar is of a core type ("string", "boolean" …). */
bool dialect_is(const struct node *value, const char *type);

/* Rewrites what stands in `settings:` and under no such name today; the rest is lifted by the caller. */
void guide_settings(struct dialect *dialect, struct edit *edit);
/* Notes a group that is written as those files write it, and gives it the fail_fast of the settings. */
void guide_group(struct dialect *dialect, struct edit *edit);
/* Warns of defaults that differ; for the rewritten file. */
void guide_warn(struct dialect *dialect, const struct node *root);

/* The id of the step that an older file calls so: by its id, else by its name. */
const char *called_id(struct dialect *dialect, const char *name);
/* Whether a value, or an item of it, in `input_from` is what one step is called; false after a diagnostic. */
bool called_check(struct dialect *dialect, const struct node *item);
/* Whether the step with this id stands in this list of the file. */
bool called_in(struct dialect *dialect, const char *id, const struct node *list);
/* Gives steps in `{{step_NAME.output}}` their ids, all over the file. */
void called_rewrite(struct dialect *dialect);
void called_release(struct called *called);

#endif
