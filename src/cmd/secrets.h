/* The secrets of a workflow: their values before the run. Main thread. */
#ifndef CMD_SECRETS_H
#define CMD_SECRETS_H

#include "flowrun/base/mask.h"
#include "flowrun/plan/plan.h"

/* A mask for the values that the secrets of the workflow, and of the files it runs, have before the run; says of which
 * ones it cannot hide them. Returns owned; NULL when there are no secrets. The plan outlives it. */
struct fr_mask *cmd_secrets_mask(const struct fr_plan *plan);

#endif
