/* A workflow file as its author wrote it, checked against the schema tables and
 * bound by libcyaml. Scalars are bound as strings and parsed strictly by whoever
 * uses them, because libcyaml reads `3abc` as 3. Free-form values (params, input, env,
 * context, argv, …) are not bound: they are taken from `node`. Private to plan/.
 *
 *   text --node.c--> tree --dialect.c--> today's form --check.c--> clean --libcyaml--> struct src_*
 *
 * The tables (schema.c) are declared once: checker, binding, JSON Schema, help and manual come from them.
 * When dialect or merge keys changed the tree, the tree is emitted and libcyaml reads that; else the file's bytes. */
#ifndef PLAN_SOURCE_H
#define PLAN_SOURCE_H

#include "flowrun/plan/tools.h"
#include "node.h"

/* Fields are NULL when the key is absent. `node` is set after binding by walking tree and structs side by side. */
struct src_group_keys;

struct src_retry_on; /* lists are read from the node */

struct src_step {
    const struct node *node; /* not in the tables */
    char *id, *group_id, *name, *type, *run, *model;
    char *output, *output_type, *output_file, *cwd;
    char *when, *enabled, *trigger_rule, *timeout, *total_timeout;
    char *retries, *retry_delay, *retry_backoff, *retry_max_delay, *retry_jitter, *retry_when;
    char *continue_on_error, *leftover, *priority, *tty, *grace, *cost, *quality;
    /* groups and races */
    char *max_workers, *fail_fast, *merge_strategy, *success, *split, *separator, *on_conflict;
    char *rank, *merge, *keep, *first;
    struct src_step *steps; /* parallel_steps, substeps and steps: one list after dialect.c */
    unsigned steps_count;
    struct src_step *callback, *combine, *fallback;
    /* transform, wait, http */
    char *expr, *duration, *until_time, *url, *method, *body, *save_to;
};
/* Free-form or list keys of a step, from its node: argv shell input params stdin depends_on retry_on env headers form
 * json expect. */

struct src_param { const struct node *node; char *name, *type, *required, *description; }; /* + default, enum */
struct src_model { const struct node *node; char *name, *cost, *run, *cwd, *output, *output_file, *timeout; }; /* + argv env params requires_env shell */
struct src_type {
    const struct node *node;
    char *name, *description, *input_type, *output_type, *cost, *run, *cwd, *output, *output_file, *stdin_, *timeout, *retries;
    struct src_param *params;
    unsigned params_count;
    struct src_model *models;
    unsigned models_count;
}; /* + argv env requires_env shell, and other step keys where they make sense: see the tables */

struct src_workflow {
    const struct node *node;
    char *name, *version, *description, *mode, *max_workers, *timeout, *on_failure, *fail_fast, *output_dir;
    struct src_param *params;
    unsigned params_count;
    struct src_type *types;
    unsigned types_count;
    struct src_step *steps, *finally;
    unsigned steps_count, finally_count;
    struct src_step *defaults; /* the keys that `defaults:` accepts */
}; /* + input, prompt, context, env, dotenv, secrets, use, output from the node */

struct source {
    struct fr_arena *arena; /* borrowed */
    const char *file;
    char *text; /* owned copy of the bytes, or NULL when borrowed */
    struct node *root;
    bool rewritten;
    struct src_workflow *wf; /* owned (libcyaml); NULL when the file has errors */
};

/* What a file is: a workflow needs steps; a catalog holds types (and use) only. */
enum src_what { SRC_WORKFLOW, SRC_CATALOG };

/* Reads, rewrites, checks and binds one file. All problems of the file are reported; FR_ERR_INVALID with wf NULL then,
 * but root may be there, so that later checks can still go on where that makes sense. FR_ERR_MISSING: cannot be read. */
enum fr_err source_load(struct source *src, struct fr_arena *arena, enum src_what what, const char *file,
                        const char *text, size_t len, struct fr_diags *diags);
void source_release(struct source *src);

/* The mark of a step's key (its value) or, when absent, of the step. */
struct fr_mark src_mark(const struct node *node, const char *key);

#endif
