/* Values of variables that are known before a run. Main thread. */
#ifndef CMD_SECRET_ENV_H
#define CMD_SECRET_ENV_H

#include "flowrun/plan/plan.h"

/* `made`: the value is that of an expression. */
typedef void (*secret_take_fn)(void *arg, const char *name, const char *value, bool made);

/* Calls `take` for each value that the files of a plan, and its steps, give the variable `name`: constants, and plain
 * paths into parameters, facts, the run's input (NULL = none) and the caller's environment. Others are known when they
 * are needed. */
void secret_env_each(const struct fr_plan *plan, struct json_object *input, const char *name,
                     secret_take_fn take, void *arg);

#endif
