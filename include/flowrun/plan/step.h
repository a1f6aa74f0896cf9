/* One step of a plan, frozen with it. Everything hangs in the plan's arena. Read-only
 * for all threads. */
#ifndef FLOWRUN_PLAN_STEP_H
#define FLOWRUN_PLAN_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/plan/bind.h"
#include "flowrun/plan/choices.h"
#include "flowrun/plan/edges.h"
#include "flowrun/plan/expr.h"
#include "flowrun/plan/human.h"
#include "flowrun/plan/parts.h"
#include "flowrun/plan/repeat.h"
#include "flowrun/plan/unit.h"

#define FR_NO_STEP UINT32_MAX
#define FR_NO_LIMIT UINT32_MAX
#define FR_UNLIMITED INT64_MAX
#define FR_TIMEOUT_UNKNOWN (600 * 1000000000LL) /* `timeout: auto` before anything is known */

struct fr_group {
    struct fr_indexes branches; /* in order of declaration */
    struct fr_indexes finally;  /* WORKFLOW: those of its file */
    uint32_t max_workers;
    bool fail_fast;
    enum fr_merge merge;
    uint32_t success_needed; /* how many must succeed; UINT32_MAX = all */
    enum fr_split split;
    const char *separator;
    enum fr_conflict on_conflict;
    const struct fr_expr *rank, *merge_expr;
    struct fr_copies copies;    /* matrix, batch: the branches are the copies of this template */
    uint32_t callback, combine; /* FR_NO_STEP = none */
    uint32_t keep;              /* race: winners wanted */
    bool first_completed;       /* race: first to end, failed or not */
};

struct fr_step {
    uint32_t index;         /* in fr_plan.steps; order of declaration, parents before children */
    uint32_t fallback;      /* FR_NO_STEP = none */
    const char *id, *title; /* title NULL = none */
    const char *own_id;     /* what stands behind the name of a turn (repeat.h): ".x", "/x" */
    /* Small fields together: there may be 100,000 steps. */
    enum fr_kind kind : 8;
    enum fr_role role : 8;
    enum fr_rule rule : 8;
    enum fr_input_from input_from : 8;
    enum fr_output output : 8;
    enum fr_leftover leftover : 8;
    enum fr_vtype output_type : 8;
    enum fr_split strategy : 8; /* SPLIT */
    bool enabled, continue_on_error, tty, closed_stdin /* `stdin: none` */;
    bool hidden; /* a further slot of a batch or inside of one: part of runs, but not of listings */
    bool is_target; /* runs only if a router chooses it */
    bool
        follows; /* deps[0] is the step before it in a chain: if that is not taken, its input passes through */
    bool timeout_auto; /* timeout_ns is made of what the step took before … */
    const char *type;  /* as written, resolved ("command", "text_to_speech") */
    const char *model; /* NULL = none */
    struct fr_mark mark;
    const struct fr_unit *unit; /* the file it stands in */
    uint32_t parent;            /* FR_NO_STEP at the top */
    uint32_t branch_no;         /* its place among its siblings */
    uint32_t parts;             /* SPLIT, but for FR_SPLIT_PARTS, which has expr */
    uint32_t frame;          /* the nearest step whose template it is part of; FR_NO_STEP = none */
    const char *matrix_json; /* a branch of a matrix: `.matrix` of it and what is inside */
    int32_t priority;
    uint32_t limit;               /* of the plan's limits; FR_NO_LIMIT = none */
    struct fr_indexes deps;       /* siblings it waits for: those of `inputs`, then routers */
    struct fr_indexes inputs;     /* the first of deps: those whose outputs are its input */
    struct fr_indexes dependents; /* siblings that wait for it */
    const struct fr_expr *when, *cost, *quality;
    const struct fr_update *updates; /* of the state, after success */
    const struct fr_tmpl *input, *stdin_from, *output_file, *cwd;
    const struct fr_tmpl *
        params; /* FR_TMPL_MAP: the step's own, model's and type's defaults laid under; NULL = none */
    struct fr_named *env;                        /* type's, then step's; a later one wins */
    const struct fr_tmpl **argv;                 /* PROCESS by argv */
    const struct fr_tmpl **sources, **generates; /* patterns of files */
    const struct fr_script *script;              /* PROCESS by run */
    const char **shell;
    const struct fr_expr *expr; /* TRANSFORM */
    const struct fr_http *http;
    const struct fr_route *route; /* ROUTE */
    const struct fr_human *human;
    const struct fr_tmpl *wait_for, *wait_until; /* WAIT: one of them */
    int64_t timeout_ns, total_timeout_ns;        /* FR_UNLIMITED = none */
    int64_t grace_ns;
    struct fr_retry retry;
    const struct fr_batch *batch;
    const struct fr_loop *loop;
    const struct fr_unit *runs; /* WORKFLOW: the file; its steps are the branches */
    struct fr_group *group;     /* containers: GROUP, RACE, CHAIN, BATCH, LOOP, WORKFLOW */
    struct fr_group *merging;   /* MERGE: its branches are those of `from`, of groups theirs */
    const char **requires_env;
    /* Of the lists above. */
    uint32_t update_count, env_count, argv_count, source_count, generate_count, shell_count,
        requires_env_count;
    uint32_t timeout_known; /* timeout_auto: by so many runs */
    int64_t model_cost;     /* millionths, where `cost` says nothing: of model or type; -1 = none */
};

/* Whose results a step merges, and how; NULL when it merges none. */
static inline struct fr_group *fr_step_merges(const struct fr_step *step)
{
    return step->group ? step->group : step->merging;
}

/* Whether a branch is part of what `by` merges. Who chooses is not; a process that does when `from` names it. */
static inline bool fr_step_counts(const struct fr_step *by, const struct fr_step *branch)
{
    bool named = by->merging && branch->parent == by->parent;
    return named ? branch->kind != FR_KIND_ROUTE : !branch->route;
}

#endif
