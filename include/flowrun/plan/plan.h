/* The plan: a checked workflow, frozen after fr_plan_load. Everything hangs in one
 * arena that the plan owns. Read-only for all threads; evaluated by the coordinator. */
#ifndef FLOWRUN_PLAN_PLAN_H
#define FLOWRUN_PLAN_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/base/arena.h"
#include "flowrun/base/map.h"
#include "flowrun/plan/bind.h"
#include "flowrun/plan/expr.h"
#include "flowrun/plan/types.h"

#define FR_NO_STEP UINT32_MAX
#define FR_UNLIMITED INT64_MAX

enum fr_kind {
    FR_KIND_PROCESS,
    FR_KIND_HTTP,
    FR_KIND_TRANSFORM,
    FR_KIND_WAIT,
    FR_KIND_GROUP,
    FR_KIND_RACE,
    FR_KIND_CHAIN /* a branch with steps */,
    FR_KIND__COUNT
};
enum fr_rule {
    FR_RULE_ALL_SUCCESS,
    FR_RULE_ALL_DONE,
    FR_RULE_ANY_SUCCESS,
    FR_RULE_ANY_FAILED,
    FR_RULE__COUNT
};
enum fr_merge {
    FR_MERGE_COLLECT_ALL,
    FR_MERGE_FIRST_SUCCESS,
    FR_MERGE_BEST_QUALITY,
    FR_MERGE_COMBINE,
    FR_MERGE_CUSTOM,
    FR_MERGE__COUNT
};
enum fr_on_failure { FR_FAIL_DRAIN, FR_FAIL_CANCEL, FR_FAIL_CONTINUE, FR_FAIL__COUNT };
enum fr_output {
    FR_OUTPUT_TEXT,
    FR_OUTPUT_JSON,
    FR_OUTPUT_LINES,
    FR_OUTPUT_JSONL,
    FR_OUTPUT_NONE,
    FR_OUTPUT__COUNT
};
enum fr_leftover { FR_LEFTOVER_END, FR_LEFTOVER_KILL, FR_LEFTOVER_KEEP, FR_LEFTOVER__COUNT };
enum fr_split { FR_SPLIT_DUPLICATE, FR_SPLIT_ROUND_ROBIN, FR_SPLIT_CHUNK, FR_SPLIT__COUNT };
enum fr_conflict { FR_CONFLICT_ERROR, FR_CONFLICT_FIRST, FR_CONFLICT_LAST, FR_CONFLICT__COUNT };

/* What a step is to its parent. */
enum fr_role {
    FR_ROLE_STEP /* top level, in `steps` */,
    FR_ROLE_FINALLY,
    FR_ROLE_BRANCH,
    FR_ROLE_CHAINED,
    FR_ROLE_CALLBACK,
    FR_ROLE_COMBINE,
    FR_ROLE_FALLBACK,
    FR_ROLE__COUNT
};

/* Where a step's input comes from when it has no `input` of its own. */
enum fr_input_from {
    FR_INPUT_RUN,    /* the run's input */
    FR_INPUT_STEP,   /* deps[0]: its output (what passed through it, when skipped in a chain) */
    FR_INPUT_STEPS,  /* {id: output} of deps, in order */
    FR_INPUT_PARENT, /* the container's input, or this branch's part of it */
    FR_INPUT_MERGED, /* callback, combine: the merged output / the list of outputs of the parent */
    FR_INPUT_FAILED, /* fallback: the failed step's input */
    FR_INPUT_SO_FAR, /* finally: the run's result so far */
    FR_INPUT__COUNT
};

struct fr_named {
    const char *name;
    const struct fr_tmpl *value;
};
struct fr_indexes {
    uint32_t *at;
    uint32_t count;
};

struct fr_retry {
    uint32_t retries;
    int64_t delay_ns, max_delay_ns;
    double backoff, jitter;
    int *exit_codes; /* with has_filter: only these … */
    uint32_t exit_code_count;
    bool has_filter, on_timeout; /* … and timeouts */
    const struct fr_expr *when;  /* over .result */
};

struct fr_group {
    struct fr_indexes branches; /* in order of declaration */
    uint32_t max_workers;
    bool fail_fast;
    enum fr_merge merge;
    uint32_t success_needed; /* how many must succeed; UINT32_MAX = all */
    enum fr_split split;
    const char *separator;
    enum fr_conflict on_conflict;
    const struct fr_expr *rank, *merge_expr;
    uint32_t callback, combine; /* FR_NO_STEP = none */
    uint32_t keep;              /* race: winners wanted */
    bool first_completed;       /* race: first to end, failed or not */
};

struct fr_http {
    const struct fr_tmpl *url, *method, *body, *json, *save_to;
    struct fr_named *headers, *form;
    uint32_t header_count, form_count;
    int *expect; /* accepted status codes; none = 200-299 */
    uint32_t expect_count;
};

struct fr_step {
    uint32_t index;         /* in fr_plan.steps; order of declaration, parents before children */
    const char *id, *title; /* title NULL = none */
    const char *type;       /* as written, resolved ("command", "text_to_speech") */
    const char *model;      /* NULL = none */
    struct fr_mark mark;
    enum fr_kind kind;
    enum fr_role role;
    uint32_t parent;    /* FR_NO_STEP at the top */
    uint32_t branch_no; /* its place among its siblings */
    bool enabled, continue_on_error, tty, closed_stdin /* `stdin: none` */;
    enum fr_rule rule;
    enum fr_input_from input_from;
    enum fr_output output;
    enum fr_leftover leftover;
    enum fr_vtype output_type;
    int32_t priority;
    struct fr_indexes deps;       /* siblings it waits for */
    struct fr_indexes dependents; /* siblings that wait for it */
    uint32_t fallback;            /* FR_NO_STEP = none */
    const struct fr_expr *when, *cost, *quality;
    const struct fr_tmpl *input, *stdin_from, *output_file, *cwd;
    const struct fr_tmpl *
        params; /* FR_TMPL_MAP: the step's own, model's and type's defaults laid under; NULL = none */
    struct fr_named *env; /* type's, then step's; a later one wins */
    uint32_t env_count;
    const struct fr_tmpl **argv; /* PROCESS by argv */
    uint32_t argv_count;
    const struct fr_script *script; /* PROCESS by run */
    const char **shell;
    uint32_t shell_count;
    const struct fr_expr *expr; /* TRANSFORM */
    const struct fr_http *http;
    const struct fr_tmpl *wait_for, *wait_until; /* WAIT: one of them */
    int64_t timeout_ns, total_timeout_ns;        /* FR_UNLIMITED = none */
    int64_t grace_ns;
    struct fr_retry retry;
    struct fr_group *group; /* GROUP, RACE, CHAIN */
    const char **requires_env;
    uint32_t requires_env_count;
    int64_t
        model_cost; /* millionths; the model's or type's price, taken when `cost` says nothing; -1 = none */
};

struct fr_plan {
    struct fr_arena arena;
    struct fr_jq *jq; /* owned */
    const char *name, *version, *description;
    const char *file;       /* as given; "-" for standard input */
    const char *base_dir;   /* absolute: relative paths of the file start here */
    const char *output_dir; /* absolute */
    bool graph_mode;
    uint32_t max_workers;
    int64_t timeout_ns;
    enum fr_on_failure on_failure;
    const struct fr_tmpl *input; /* NULL = none given in the file */
    const char *params_json;     /* the workflow's parameters with -s and defaults applied */
    const char *context_json;    /* `context:` */
    struct fr_named *env;        /* the file's env and dotenv below it */
    uint32_t env_count;
    struct fr_named *dotenv;
    uint32_t dotenv_count;
    const char **secrets;
    uint32_t secret_count;
    const struct fr_tmpl *output; /* NULL = by mode */
    struct fr_step *steps;        /* all of them, nested ones too */
    uint32_t step_count;
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

/* Names for the enums, as the file writes them; static. */
const char *fr_kind_name(enum fr_kind kind);
const char *fr_merge_name(enum fr_merge merge);
const char *fr_rule_name(enum fr_rule rule);
const char *fr_output_name(enum fr_output output);

/* The step called id, or NULL. Any thread. */
const struct fr_step *fr_plan_find(const struct fr_plan *plan, const char *id);

#endif
