/* What a workflow file brings with it besides its steps: a plan has one unit for its main file and one for each other
 * file that a step of type workflow runs, however often it does. A step sees its own file's and nothing of the others.
 * Frozen with the plan; any thread. */
#ifndef FLOWRUN_PLAN_UNIT_H
#define FLOWRUN_PLAN_UNIT_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/plan/choices.h"
#include "flowrun/plan/state.h"
#include "flowrun/plan/types.h"

struct fr_tmpl;

struct fr_named {
    const char *name;
    const struct fr_tmpl *value;
};

struct fr_unit {
    uint32_t number;        /* in fr_plan.units; 0 = the main file */
    const char *file;       /* as given; "-" for standard input */
    const char *base_dir;   /* absolute: relative paths of the file start here */
    const char *output_dir; /* absolute */
    bool graph_mode;
    uint32_t max_workers; /* as the file says it; 0 = not at all */
    int64_t timeout_ns;
    enum fr_on_failure on_failure;
    const struct fr_tmpl *input; /* NULL = none given in the file */
    const struct fr_param_def *params;
    uint32_t param_count;
    const char *
        params_json; /* values of its parameters: of the main file with -s, of others the defaults */
    const char *context_json;     /* `context:` */
    const struct fr_state *state; /* NULL = the file has neither state nor reducers */
    struct fr_named *env;         /* the file's env and dotenv below it */
    uint32_t env_count;
    struct fr_named *dotenv;
    uint32_t dotenv_count;
    const struct fr_tmpl *output; /* NULL = by mode */
};

#endif
