/* The memory of runs: what each step of a file took, and whether it failed, in the last runs. It outlives the runs themselves.
 * One thread. */
#ifndef FLOWRUN_STORE_PACE_H
#define FLOWRUN_STORE_PACE_H

#include "flowrun/run/run.h"
#include "flowrun/store/store.h"

/* What is known of the steps of a plan, which is the workflow of this file (fr_store_name of its absolute path), but for
 * what the run with the key `except` took, which goes on now (0 = all counts). FR_OK: *out is owned by the caller, NULL
 * when nothing is known. */
enum fr_err fr_pace_load(struct fr_store *store, const char *file, const struct fr_plan *plan,
                         int64_t except, struct fr_pace **out);
void fr_pace_free(struct fr_pace *pace); /* NULL is fine */

#endif
