/* A workflow file as its author wrote it, checked against the schema tables and
 * bound by libcyaml. Scalars are bound as strings and parsed strictly by whoever
 * uses them, because libcyaml reads `3abc` as 3. Free-form values (params, input, env,
 * context, argv, …) are not bound: they are taken from `node`. Private to plan/.
 *
 *   text --read.c--> tree --dialect.c--> today's form --check.c--> clean --bindyaml.c, libcyaml--> struct src_*
 *
 * The tables (schema.c) are declared once: checker, binding, JSON Schema, help and manual come from them.
 * libcyaml reads the bound keys of the tree, written out for it.
 *
 * After a clean check it holds: every bound number, integer, boolean, enumeration and constant duration parses
 * with base/str.h and is in range; every list and mapping has the shape the tables say; every step key stands at
 * a step whose type takes it (of types that are not built in, what a process step takes). */
#ifndef PLAN_SOURCE_H
#define PLAN_SOURCE_H

#include "flowrun/plan/tools.h"
#include "node.h"

/* One step, or the step keys of a type, a model or `defaults`. A field is NULL when the key is absent. dialect.c has
 * made group_id an id, parallel_steps and substeps steps, prompt and input_from an input, retry_count retries, and
 * has lifted a group's params. */
struct src_step {
    const struct node *node; /* the mapping it was bound from */
    char *id, *type, *run, *name, *model;
    char *output, *output_type, *output_file, *cwd;
    char *when, *enabled, *trigger_rule, *timeout, *total_timeout;
    char *retries, *retry_delay, *retry_backoff, *retry_max_delay, *retry_jitter, *retry_when;
    char *continue_on_error, *leftover, *priority, *limit, *tty, *grace, *cost, *quality;
    /* groups and races */
    char *max_workers, *fail_fast, *merge_strategy, *success, *split, *separator, *on_conflict;
    char *strategy, *parts, *rank, *merge, *keep, *first;
    /* batches and loops */
    char *batch_size, *sequential_below, *until, *max_iterations;
    struct src_step *step;
    struct src_step *steps;
    unsigned steps_count;
    struct src_step *callback, *combine, *fallback;
    struct repeat *repeat; /* of a matrix or a batch: its copies (repeat.h); not bound */
    struct unit *runs;     /* of a workflow step: the file, when it was found; not bound */
    /* transform, wait, http */
    char *title, *description, *assignee, *on_timeout, *on_reject; /* human */
    char *path, *expr, *duration, *until_time, *url, *method, *body, *save_to;
};
/* Free-form or list keys of a step, from its node: argv shell input params stdin depends_on retry_on env headers form
 * json expect matrix items form_schema. */

struct src_param { /* + default, enum */
    const struct node *node;
    char *name, *type, *required, *description;
};

struct src_model { /* + params, requires_env */
    const struct node *node;
    char *name, *description, *cost; /* cost: a price, not an expression */
    struct src_step
        keys; /* any key of a process step, for steps of this model; keys.node == node */
};

struct src_type { /* + requires_env */
    const struct node *node;
    char *name, *description, *input_type, *output_type, *cost;
    struct src_param *params;
    unsigned params_count;
    struct src_model *models;
    unsigned models_count;
    struct src_step
        keys; /* any key of a process step: run, argv, env, cwd, output, timeout …; keys.node == node */
};

struct src_workflow { /* + input, context, env, dotenv, secrets, use, output */
    char *name, *version, *description, *mode, *max_workers, *timeout, *on_failure, *fail_fast,
        *output_dir;
    struct src_param *params;
    unsigned params_count;
    struct src_type *types;
    unsigned types_count;
    struct src_step *steps, *finally;
    unsigned steps_count, finally_count;
    struct src_step *defaults; /* the keys that `defaults:` accepts; NULL when absent */
};

struct source {
    struct fr_arena *arena;  /* borrowed */
    const char *file;        /* borrowed; outlives the diagnostics */
    struct node *root;       /* in the arena: stays after source_release */
    struct src_workflow *wf; /* owned (libcyaml); NULL when the file has errors */
    char sha256[65];         /* of what was read; "" = it was given, or cannot be read */
};

/* What a file is: a workflow needs steps; a catalog holds types (and use) only; SRC_ANY: a catalog when it has types or
 * use and no steps, else a workflow. */
enum src_what { SRC_WORKFLOW, SRC_CATALOG, SRC_ANY };

/* Reads, rewrites, checks and binds one file; text NULL = the file `file` is read. All problems of the file are
 * reported; FR_ERR_INVALID with wf NULL then, but root may be there. FR_ERR_MISSING: cannot be read (said too). */
enum fr_err source_load(struct source *src, struct fr_arena *arena, enum src_what what,
                        const char *file, const char *text, size_t len, struct fr_diags *diags);
/* Frees the structs, as early as can be; what `node` points to stays in the arena. Harmless on a zeroed one. */
void source_release(struct source *src);

/* The mark of the value of a key or, when it is absent, of the mapping. */
struct fr_mark src_mark(const struct node *node, const char *key);
/* The mark of the key itself or, when it is absent, of the mapping. */
struct fr_mark src_key_mark(const struct node *node, const char *key);
/* Whether the checker has told of a key's value: there is one, but none of the kind that the key takes. For who misses it. */
bool src_told(const struct node *node, const char *key);

#endif
