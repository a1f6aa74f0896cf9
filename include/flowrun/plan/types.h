/* Value types (what flows along a chain) and the registry of step types: the
 * built-in ones, those of `types:`, `use:` and --catalog. */
#ifndef FLOWRUN_PLAN_TYPES_H
#define FLOWRUN_PLAN_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/base/diag.h"
#include "flowrun/base/map.h"

enum fr_vtype {
    FR_VT_ANY,
    FR_VT_TEXT,
    FR_VT_IMAGE,
    FR_VT_IMAGES,
    FR_VT_AUDIO,
    FR_VT_VIDEO,
    FR_VT_VIDEOS,
    FR_VT_LIST,
    FR_VT_JSON,
    FR_VT__COUNT
};
const char *fr_vtype_name(enum fr_vtype type);

struct fr_param_def {
    const char *name, *type;  /* string number integer boolean list object any */
    const char *default_json; /* NULL = none */
    const char **enum_json;   /* JSON texts; none = free */
    uint32_t enum_count;
    bool required;
    const char *description; /* NULL = none */
    struct fr_mark mark;
};

struct fr_buf;
struct json_object;

/* True when a value (NULL = null) is one that the parameter takes; else `why` gets the rest of a sentence. */
bool fr_param_accepts(const struct fr_param_def *def, const struct json_object *value,
                      struct fr_buf *why);

struct fr_model_def {
    const char *name;
    int64_t cost; /* millionths; -1 = none */
    struct fr_mark mark;
};

struct fr_type_def {
    const char *name, *description, *origin; /* origin: file, or "built-in" */
    enum fr_vtype input_type, output_type;
    const struct fr_param_def *params;
    uint32_t param_count;
    const struct fr_model_def *models;
    uint32_t model_count;
    struct fr_mark mark;
};

struct fr_registry {
    struct fr_map types; /* name -> const struct fr_type_def *; in order of definition */
};

#endif
