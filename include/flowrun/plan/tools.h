/* What else can be done with a workflow file than run it. Thread: the caller's. */
#ifndef FLOWRUN_PLAN_TOOLS_H
#define FLOWRUN_PLAN_TOOLS_H

#include "flowrun/base/buf.h"
#include "flowrun/plan/plan.h"

/* Appends the JSON Schema (draft 2020-12) of workflow files, made from the schema tables. */
void fr_schema_json(struct fr_buf *out);

/* One key of the format, for help and the manual. */
struct fr_key_doc {
    const char *table; /* the mapping it stands in: "workflow", "step", "parameter", "type" … */
    const char *where; /* the same, but keys of some steps only are of "group", "http", "loop" … */
    const char *key, *type, *description;
    const char *kinds;   /* of a step's key: the types of steps that take it; "" = all */
    const char *initial; /* JSON: what holds where it is absent; NULL = no one value */
    const char *example; /* JSON; NULL only of older keys */
    const char *section; /* the heading of docs/format.md that tells more, as in its address */
    bool in_defaults, in_types, in_models; /* of a step's key: may stand there as well */
    bool required, older;
};
/* Calls `each` for every key, in order of the tables. */
void fr_schema_each_key(void (*each)(void *arg, const struct fr_key_doc *doc), void *arg);

/* What can be told of a file that may have errors or be half written: of the plan there are the steps' ids (what is inside of batches and
 * loops is hidden) and, of the main
 * file, name, parameters and state, and the names of secrets; nothing else of it may be used, and nothing is checked. No jq is started.
 * FR_OK: *plan is owned by the caller. */
enum fr_err fr_plan_outline(const struct fr_load_options *options, struct fr_plan **plan);

/* Appends the file in today's form: older dialects rewritten, aliases and merge keys resolved. Comments are not
 * kept. Problems go to diags. */
enum fr_err fr_convert(const struct fr_load_options *options, struct fr_diags *diags,
                       struct fr_buf *out);

/* Reads catalogs and `use:` only and gives the registry (for `flowrun types`); file may be NULL. *plan is owned by the
 * caller and holds nothing but `types`. */
enum fr_err fr_types_load(const struct fr_load_options *options, struct fr_diags *diags,
                          struct fr_plan **plan);

#endif
