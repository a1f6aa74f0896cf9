/* What the files that make a plan out of sources share: the state of one build,
 * the layers that a step's keys are looked up in, and one entry for each stage.
 * Lives from fr_plan_load's begin to its end, on the caller's thread. Private to plan/.
 *
 *   sources + catalog --place--> steps with ids --fill--> keys --graph--> edges --algebra, refs--> checked
 *
 * Every stage reports what it finds and leaves something sound behind, so that the next one can go on and
 * all mistakes of a file come in one run. */
#ifndef PLAN_BUILD_H
#define PLAN_BUILD_H

#include "names.h"
#include "source.h"

/* Keys that are taken from the node instead of struct src_step. */
enum free_key {
    KEY_ARGV,
    KEY_SHELL,
    KEY_INPUT,
    KEY_PARAMS,
    KEY_STDIN,
    KEY_DEPENDS_ON,
    KEY_RETRY_ON,
    KEY_ENV,
    KEY_HEADERS,
    KEY_FORM,
    KEY_JSON,
    KEY_EXPECT,
    KEY_REQUIRES_ENV,
    KEY__COUNT
};

/* What was parsed from a layer that many steps share, by field of struct src_step and by free key. */
struct layer_cache {
    const void *fields[sizeof(struct src_step) / sizeof(void *)];
    const void *keys[KEY__COUNT];
};

/* One set of step keys: a step's own, a model's, a type's or `defaults:`. */
struct layer {
    const struct src_step *src;
    const struct node *node;
    const struct node *keys[KEY__COUNT];
    struct layer_cache *cache; /* NULL for a step's own layer, which is read once */
};

/* A list kept with the shared layer it was parsed from. */
struct kept_list {
    const void *items;
    uint32_t count;
};

enum { LAYER_OWN, LAYER_MODEL, LAYER_TYPE, LAYER_DEFAULTS, LAYER__COUNT };

/* The layers of one step, the strongest first; NULL where there is none. */
struct layers {
    struct layer *at[LAYER__COUNT];
};

#define FIELD(name) offsetof(struct src_step, name)

struct catalog_model {
    const struct fr_model_def *def;
    struct layer layer;
    const struct fr_tmpl *params; /* its params over the type's defaults, made when first used */
};

struct catalog_type {
    const struct fr_type_def *def;
    bool builtin;
    enum fr_kind kind;
    int64_t price; /* of one use, when the model has none; -1 = none */
    struct layer layer;
    const struct fr_tmpl *params; /* the defaults of its params, made when first used */
    struct catalog_model *models;
    uint32_t model_count;
};

/* A file that was read; kept until the plan is frozen. */
struct loaded {
    struct source src;
    struct src_workflow *wf; /* bound by libcyaml or, from a file with errors, salvaged */
    struct loaded *next;
};

/* What is known of a step while the plan is built, beside the step itself. */
struct note {
    const struct src_step *src;
    struct catalog_type *type; /* NULL: unknown, or a chain */
    struct catalog_model *model;
    struct fr_indexes sorted; /* its branches in an order that respects their dependencies */
    uint32_t topo;            /* its place in the sorted list of its siblings */
    uint32_t run_start;       /* first step of the straight chain it ends */
    uint32_t stamp;           /* last search that came by */
    enum fr_vtype in_type;
    bool typed;       /* output_type was declared or follows from the type */
    bool named_id;    /* the id is from the file, not made up */
    bool in_fallback; /* it or what holds it is a fallback: `.error` is there */
};

struct build {
    const struct fr_load_options *options;
    struct fr_plan *plan;
    struct fr_arena *arena;  /* the plan's */
    struct fr_arena scratch; /* given back when the plan is frozen */
    struct fr_diags *diags;
    struct fr_expr_ctx exprs;
    struct loaded *files; /* newest first */
    struct loaded *main;
    struct fr_map seen_files; /* absolute path -> struct loaded */
    struct fr_map catalog;    /* name -> struct catalog_type */
    struct layer *defaults;
    struct note *notes;          /* one a step, scratch */
    struct fr_param_def *params; /* of the workflow */
    uint32_t param_count;
    struct fr_indexes top_sorted, finally_sorted;
    uint32_t next_step;
    uint32_t search; /* number of the last search in the graph */
    uint32_t *work;  /* room for each step once, for one search at a time */
};

/* ---- layer.c: keys and their layers ---- */

/* Fills a layer from a bound step. */
void layer_of_step(struct layer *layer, const struct src_step *src);
/* The same for keys that many steps share. */
void layer_of_shared(struct build *b, struct layer *layer, const struct src_step *src);
/* Sets each text field of *src that the mapping has as a scalar. */
void layer_bind(struct src_step *src, const struct node *map);
/* Name of the field of struct src_step at `offset`, as the file writes it. */
const char *field_name(size_t offset);
const char *key_name(enum free_key key);

/* The strongest layer that has the key, or NULL. */
struct layer *layers_with(const struct layers *layers, size_t field);
struct layer *layers_with_key(const struct layers *layers, enum free_key key);
const char *layers_text(const struct layers *layers, size_t field);
struct fr_mark layer_mark(const struct layer *layer, size_t field);
/* The place of the first character of a scalar's text, behind a quote and for a block on its first line. */
struct fr_mark text_mark(const struct node *node);

/* Parsed values; NULL when no layer has the key, or after a diagnostic. */
const struct fr_expr *layers_expr(struct build *b, const struct layers *layers, size_t field);
const struct fr_tmpl *layers_tmpl(struct build *b, const struct layers *layers, size_t field);
const struct fr_tmpl *layers_key_tmpl(struct build *b, const struct layers *layers,
                                      enum free_key key);

/* Strictly parsed scalars; the checker has reported what is wrong with them, so that a bad one is as none. */
bool text_bool(const char *text, bool otherwise);
int64_t text_duration(const char *text, int64_t otherwise);
uint32_t text_count(const char *text, uint32_t otherwise);
double text_number(const char *text, double otherwise);

/* ---- value.c: nodes to templates ---- */

const struct fr_tmpl *value_tmpl(struct build *b, const struct node *node);
/* Each item as text whatever its core type (`argv: [true]` is the word). */
const struct fr_tmpl *value_text(struct build *b, const struct node *scalar);
const struct fr_tmpl **value_list(struct build *b, const struct node *list, uint32_t *count);
struct fr_named *value_named(struct build *b, const struct node *map, uint32_t *count);
const char **value_strings(struct build *b, const struct node *list, uint32_t *count);
/* A constant of JSON text. */
const char *value_json(struct build *b, const struct node *node);

/* ---- salvage.c ---- */

/* What can be understood of a file with errors, taken from its tree, so that later stages report theirs too. */
struct src_workflow *salvage_workflow(struct fr_arena *arena, const struct node *root);

/* ---- catalog.c, params.c, dotenv.c ---- */

enum fr_err catalog_load(struct build *b);
struct catalog_type *catalog_find(const struct build *b, const char *name);
struct catalog_model *catalog_model(const struct catalog_type *type, const char *name);

/* Definitions from their sources; *count drops by those that are defined twice. */
struct fr_param_def *params_define(struct build *b, const struct src_param *src, uint32_t *count,
                                   const char *of);
const struct fr_param_def *params_find(const struct fr_param_def *defs, uint32_t count,
                                       const char *name, size_t len);
/* The declared name nearest to a wrong one, or NULL. */
const char *params_nearest(struct build *b, const struct fr_param_def *defs, uint32_t count,
                           const char *name);
/* JSON of a node; for a parameter of type string a scalar keeps its text whatever its core type. */
const char *params_json(struct build *b, const char *type, const struct node *node);
/* Reports a value that does not fit its declaration. `who` begins the message: "step 'x': parameter". */
bool params_check(struct build *b, const struct fr_param_def *def, const char *json,
                  struct fr_mark mark, const char *who);
void params_declare(struct build *b); /* those of the workflow */
/* Sets plan->params_json from defaults and `-s`; FR_ERR_USAGE when one of these is wrong. */
enum fr_err params_give(struct build *b);
/* The step's params with those of model and type laid under, checked against what the type declares. */
const struct fr_tmpl *params_step(struct build *b, const struct fr_step *step,
                                  const struct node *own);

void dotenv_load(struct build *b);
/* Reads KEY=VALUE lines and appends to *list; problems carry `file`. */
void dotenv_parse(struct build *b, const char *file, const char *text, size_t len);

/* ---- place.c, resolve.c, program.c, fill.c, group.c: steps ---- */

/* Numbers all steps, parents before children, and gives each its id, parent and role. */
void place_steps(struct build *b);
/* Finds type, model and kind of a step. */
void resolve_type(struct build *b, struct fr_step *step, const struct layer *own);
/* The models of a type as "a, b, c". */
const char *model_list(struct build *b, const struct catalog_type *type);
/* Fills what a step of its kind runs. */
void fill_kind(struct build *b, struct fr_step *step, const struct layers *layers);
void fill_step(struct build *b, struct fr_step *step);
void group_fill(struct build *b, struct fr_step *step);
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

/* ---- names.c (its tables: names.h) ---- */

/* Index of `text` in a name table, or `otherwise`. */
int names_find(const char *const *names, int count, const char *text, int otherwise);

#endif
