/* What a killed run has left, and which of it is to stay. Main thread. */
#ifndef CMD_CLEAR_H
#define CMD_CLEAR_H

#include "flowrun/plan/plan.h"
#include "flowrun/store/history.h"

/* The steps whose processes may outlive the run (`leftover: keep`). *ids is owned by the caller (free), its words by the
 * plan. Returns how many. */
uint32_t clear_kept_steps(const struct fr_plan *plan, const char ***ids);
/* Ends what is left of the processes of a run that was killed together with its guard, and says so. `name` is what the
 * run is called then. */
void clear_processes(const char *run_id, const char *name, const char *const *keep, uint32_t count);
/* The same for a recorded run; an fr_each_run_fn. */
void clear_recorded(void *arg, const struct fr_kept_run *run);

#endif
