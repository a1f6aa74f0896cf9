/* Workflow files while the plan is built: the main file, and those that its steps run, found (runfiles.c) and declared
 * (unit.c). Lives as long as the build. Private to plan/. */
#ifndef PLAN_UNIT_H
#define PLAN_UNIT_H

#include "flowrun/base/map.h"
#include "flowrun/plan/plan.h"
#include "source.h"

struct build;

/* A file that was read; kept until the plan is frozen. */
struct loaded {
    struct source src;
    struct src_workflow *wf; /* bound by libcyaml or, from a file with errors, salvaged */
    struct loaded *next;
};

/* A workflow file while the plan is built: the main file, or one that steps run. It is read once, and its steps are
 * part of the plan as often as it is run. */
struct unit {
    struct fr_unit *made; /* the plan's */
    struct loaded *loaded;
    struct fr_map seen_files; /* absolute path -> struct loaded, of `use:` */
    struct fr_map catalog;    /* name -> struct catalog_type */
    struct layer *defaults;
    uint32_t first_limit, limit_count; /* its own of the plan's limits */
    struct unit *by; /* while the files it runs are looked for: the one that runs it */
    uint64_t steps;  /* with those of the files it runs */
    uint32_t height; /* levels of files below it, itself included */
    bool open;       /* the search is inside of it */
    bool placed;     /* its steps are part of the plan once */
};

/* Makes a unit for a file that is not read yet, and lets the build work on it. */
struct unit *unit_new(struct build *b);
void unit_release(struct unit *unit);
/* Works on the file of a step from here on; what is wrong with it is told once, however often the file is run. */
void unit_enter(struct build *b, const struct fr_step *step);
/* The same of the file itself. */
void unit_enter_file(struct build *b, struct unit *unit);
/* Reads all files that steps of the main file run, and those that these run. */
void units_load(struct build *b);
/* Rules of a workflow step, when its keys are filled. */
void unit_fill(struct build *b, struct fr_step *step);
/* What stands at the top of a file (load.c). */
void unit_declare(struct build *b);

#endif
