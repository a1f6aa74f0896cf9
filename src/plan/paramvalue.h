/* Values against what a parameter declares. Pure. Private to plan/. */
#ifndef PLAN_PARAMVALUE_H
#define PLAN_PARAMVALUE_H

#include "flowrun/base/json.h"
#include "flowrun/plan/types.h"

/* True when a JSON value is of a parameter type. */
bool param_is_of(const char *type, const struct json_object *value);
/* "an integer", "text", … */
const char *param_type_words(const char *type);
bool param_in_enum(const struct fr_param_def *def, const struct json_object *value);

#endif
