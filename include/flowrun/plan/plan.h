/* The plan: a checked workflow, frozen after fr_plan_load. Everything hangs in one
 * arena that the plan owns. Read-only for all threads; evaluated by the coordinator. */
#ifndef FLOWRUN_PLAN_PLAN_H
#define FLOWRUN_PLAN_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/base/arena.h"
#include "flowrun/base/map.h"
#include "flowrun/plan/budget.h"
#include "flowrun/plan/step.h"
#include "flowrun/plan/unit.h"

/* A pool that all steps share that name it with `limit:`. */
struct fr_limit {
    const char *name;
    uint32_t max_workers; /* 0 = any number */
    int64_t interval_ns;  /* least time between two starts; 0 = none */
    struct fr_mark mark;
};

/* A file besides the workflow's own that a plan was made from. */
struct fr_read_file {
    const char *path; /* absolute */
    char sha256[65];  /* of what it held */
    struct fr_read_file *next;
};

struct fr_plan {
    struct fr_arena arena;
    struct fr_jq *jq; /* owned */
    const char *name, *version, *description;
    struct fr_unit *main;   /* what the file itself brings; units[0] */
    struct fr_unit **units; /* one a file */
    uint32_t unit_count;
    uint32_t max_workers;
    struct fr_read_file *read; /* the last one first */
    const char **secrets;
    uint32_t secret_count;
    struct fr_limit *limits;
    uint32_t limit_count;
    struct fr_budget budget;
    const char *concurrency_group; /* only one run of the group at a time; NULL = none */
    bool concurrency_wait;         /* wait for the one that has it, else fail */
    struct fr_step *steps;         /* all of them, nested ones too */
    uint32_t step_count;
    uint32_t hidden_count;          /* of these, what is only a further slot of a batch */
    struct fr_indexes top, finally; /* `steps` and `finally`, in order */
    struct fr_map ids;              /* id -> struct fr_step * */
    const struct fr_registry *types;
};

/* How a file is read; all borrowed. */
struct fr_load_options {
    const char *file; /* path, or "-" with text given */
    const char *text; /* NULL = read the file */
    size_t text_len;
    const char
        *cwd; /* -C: where relative paths start instead of the file's folder; NULL = the folder */
    const char *const *catalogs; /* --catalog */
    uint32_t catalog_count;
    const char *const *params; /* -s name=value */
    uint32_t param_count;
    const char *const *states; /* --state key=value */
    uint32_t state_count;
    bool validate_only; /* required params may be missing */
};

/* Reads, checks and freezes. All problems go to diags, several at a time. FR_OK: *out is owned by the caller.
 * FR_ERR_INVALID: the file is wrong (exit 3). FR_ERR_MISSING: unreadable file, or only types, models are missing
 * (exit 4). FR_ERR_USAGE: a wrong -s (exit 2). Thread: the caller's. */
enum fr_err fr_plan_load(const struct fr_load_options *options, struct fr_diags *diags,
                         struct fr_plan **out);
void fr_plan_free(struct fr_plan *plan);

/* Programs named by argv (constant ones) and variables named by requires_env that this machine lacks: adds a
 * diagnostic of the given severity for each (missing-program, missing-variable); returns how many. */
uint32_t fr_plan_check_machine(const struct fr_plan *plan, enum fr_severity severity,
                               struct fr_diags *diags);

/* The step of type workflow that this one is a part of; NULL: of the main file. Any thread. */
const struct fr_step *fr_plan_outer(const struct fr_plan *plan, const struct fr_step *step);
/* The step that a file calls `id`, which runs as the step `outer` (NULL: the main file); NULL = none. Any thread. */
const struct fr_step *fr_plan_inside(const struct fr_plan *plan, const struct fr_step *outer,
                                     const char *id);
/* What the step's own file calls it: "x" of "sub/x". Part of its id. */
const char *fr_plan_name(const struct fr_plan *plan, const struct fr_step *step);
/* The step called id, or NULL. Any thread. */
const struct fr_step *fr_plan_find(const struct fr_plan *plan, const char *id);
/* Marks a step, what is inside of it, and all that runs behind it, in a set by step. Any thread. */
void fr_plan_behind(const struct fr_plan *plan, const struct fr_step *step, bool *set);
/* The same inside of one run of the step `within`, which holds it: nothing beyond that is set. */
void fr_plan_behind_within(const struct fr_plan *plan, const struct fr_step *step, uint32_t within,
                           bool *set);
/* The steps that run behind others, which are added one by one: all of it takes as long as one look at the plan. Without
 * these themselves and what is inside of them, unless they are behind another. One thread. */
struct fr_behind;
struct fr_behind *fr_behind_new(const struct fr_plan *plan);
void fr_behind_free(struct fr_behind *behind); /* NULL is fine */
void fr_behind_add(struct fr_behind *behind, const struct fr_step *step);
bool fr_behind_has(const struct fr_behind *behind, const struct fr_step *step);

/* The step that `.steps.<id>` means when `asker` says it (NULL: the workflow itself): inside a template that of the same
 * copy. NULL = none. Any thread. */
const struct fr_step *fr_plan_seen(const struct fr_plan *plan, const struct fr_step *asker,
                                   const char *id);

#endif
