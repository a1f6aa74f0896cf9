/* What the files that make a plan out of sources share: the state of one build,
 * and one entry for each stage.
 * Lives from fr_plan_load's begin to its end, on the caller's thread. Private to plan/.
 *
 *   sources + catalog --place--> steps with ids --fill--> keys --graph--> edges --algebra, refs--> checked
 *
 * Every stage reports what it finds and leaves something sound behind, so that the next one can go on and
 * all mistakes of a file come in one run. */
#ifndef PLAN_BUILD_H
#define PLAN_BUILD_H

#include "catalog.h"
#include "names.h"
#include "unit.h"

/* What is known of a step while the plan is built, beside the step itself. */
struct note {
    const struct src_step *src;  /* NULL: the place of a copy, which is made when all is checked */
    const char *name, *own_id;   /* what the step is called in the end; NULL = its id */
    const struct matrix *matrix; /* of the group that it made */
    struct unit *unit;           /* the file it stands in */
    struct unit *runs;           /* the file that a workflow step runs; NULL = none was found */
    struct catalog_type *type;   /* NULL: unknown, or a chain */
    struct catalog_model *model;
    struct fr_indexes routers; /* those that may choose it */
    struct fr_indexes sorted;  /* its branches in an order that respects their dependencies */
    struct fr_indexes finally_sorted;
    uint32_t twin;      /* of the place of a copy: the step it will be a copy of */
    uint32_t topo;      /* its place in the sorted list of its siblings */
    uint32_t run_start; /* first step of the straight chain it ends */
    uint32_t stamp;     /* last search that came by */
    enum fr_vtype in_type;
    bool typed;       /* output_type was declared or follows from the type */
    bool runs_first;  /* it is the first step to run its file */
    bool again;       /* its file was placed before: its mistakes were told */
    bool in_fallback; /* it or what holds it is a fallback: `.error` is there */
};

struct build {
    const struct fr_load_options *options;
    struct fr_plan *plan;
    struct fr_arena *arena;  /* the plan's */
    struct fr_arena scratch; /* given back when the plan is frozen */
    struct fr_diags *diags;
    struct fr_expr_ctx exprs;
    struct loaded *files;       /* newest first */
    struct unit **units;        /* by number; 0 = the main file */
    struct unit *unit;          /* the file that is worked on */
    struct fr_map run_files;    /* "device:inode" -> struct unit */
    struct fr_diags *all_diags; /* the caller's … */
    struct fr_diags trash;      /* … and those of a step whose file told of them before */
    struct fr_map read_files;   /* absolute path -> struct loaded: catalogs */
    struct note *notes;         /* one a step, scratch */
    struct fr_indexes top_sorted, finally_sorted;
    uint32_t next_step;
    bool again;      /* the file that is placed was placed before */
    bool too_many;   /* steps: not all are placed */
    uint32_t search; /* number of the last search in the graph */
    uint32_t *work;  /* room for each step once, for one search at a time */
};

/* ---- salvage.c ---- */

/* What can be understood of a file with errors, taken from its tree, so that later stages report theirs too. */
struct src_workflow *salvage_workflow(struct fr_arena *arena, const struct node *root);

/* ---- dotenv.c ---- */

/* The files of `dotenv:` into plan->main->dotenv. */
void dotenv_load(struct build *b);

/* ---- limits.c ---- */

/* `limits:` into plan->limits. */
void limits_declare(struct build *b);
/* The limit that a step names. */
uint32_t limit_of(struct build *b, const struct fr_step *step, const struct layers *layers);

/* ---- place.c, resolve.c, program.c, fill.c, group.c: steps ---- */

/* Numbers all steps, parents before children, with room for copies, and gives each its id, parent and role. */
void place_steps(struct build *b);
/* Finds type, model and kind of a step. */
void resolve_type(struct build *b, struct fr_step *step, const struct layer *own);
/* The models of a type as "a, b, c". */
const char *model_list(struct build *b, const struct catalog_type *type);
/* Fills what a step of its kind runs. */
void fill_kind(struct build *b, struct fr_step *step, const struct layers *layers);
void fill_step(struct build *b, struct fr_step *step);
void group_fill(struct build *b, struct fr_step *step);
/* split.c: split_input and merge_results. */
void split_fill(struct build *b, struct fr_step *step, const struct layers *layers);
void merging_fill(struct build *b, struct fr_step *step);
/* What merge_results waits for: `from`, and `depends_on` behind it. */
const struct node *merging_list(struct build *b, const struct fr_step *step);
/* Finds the steps that merge_results merges, when all are placed. */
void merging_link(struct build *b, struct fr_step *step);
/* Rules that need the branches to be filled. */
void group_check(struct build *b, const struct fr_step *step);
/* True when `outer` holds `step`, at any depth. */
bool step_holds(const struct fr_plan *plan, const struct fr_step *outer,
                const struct fr_step *step);
/* The siblings of a step, itself among them; NULL for a callback, combine or fallback. */
const struct fr_indexes *step_siblings(const struct fr_plan *plan, const struct fr_step *step);

/* ---- graph.c, refs.c, algebra.c ---- */

void graph_build(struct build *b);
/* True when `before` has always ended by the time `step` starts; both have the same parent and list. */
bool graph_after(struct build *b, uint32_t step, uint32_t before);
void refs_check(struct build *b);
void algebra_check(struct build *b);
/* Files that steps make: below the output directory, and each by one step only. */
void files_check(struct build *b);

#endif
