/* Step types and their models with the keys they give to steps (catalog.c), and the
 * parameters that types and workflow declare (params.c, stepparams.c). One build, one
 * thread. Private to plan/. */
#ifndef PLAN_CATALOG_H
#define PLAN_CATALOG_H

#include "flowrun/plan/types.h"
#include "layer.h"

struct loaded;

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

/* Enters built-in types, those of `use:`, of the file and of --catalog, in this order; problems are reported. */
enum fr_err catalog_load(struct build *b);
/* The name that a file goes by which another one names: beside that one, or below -C. */
const char *catalog_beside(struct build *b, const struct loaded *by, const char *path);
/* NULL when nothing is called so. */
struct catalog_type *catalog_find(const struct build *b, const char *name);
struct catalog_model *catalog_model(const struct catalog_type *type, const char *name);

/* ---- params.c, stepparams.c ---- */

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
/* Sets the unit's params_json from defaults and `-s`; FR_ERR_USAGE when one of these is wrong. */
enum fr_err params_give(struct build *b);
/* The step's params with those of model and type laid under, checked against what the type declares. */
const struct fr_tmpl *params_step(struct build *b, const struct fr_step *step,
                                  const struct node *own);

#endif
