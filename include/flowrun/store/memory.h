/* What recorded runs came to, for a run that goes on with one of them: the memory of flowrun/run/memory.h. An attempt
 * whose recipe (a hash of all that makes its result) is unchanged is answered with what it came to before. Coordinator
 * thread. */
#ifndef FLOWRUN_STORE_MEMORY_H
#define FLOWRUN_STORE_MEMORY_H

#include "flowrun/base/mask.h"
#include "flowrun/plan/turns.h"
#include "flowrun/run/run.h"
#include "flowrun/store/history.h"

/* Whose results are taken, and of which steps. All borrowed, for as long as the memory lives. */
struct fr_memory_plan {
    const struct fr_plan *plan;
    const char *run_dir; /* where large outputs are put for the run to take */
    const char *folder;  /* of the run in the store: where scripts for failed steps go … */
    const char *run_id;
    const struct fr_mask *mask; /* … without secrets; NULL = there are none */
    const char *
        file; /* fr_store_name of the workflow's absolute path; NULL = it has none, and no step can be up to date */
    int64_t run; /* key of the run; 0 = none */
    int64_t
        others; /* of the one whose outputs those steps have that `only` leaves out, where `run` has none */
    bool anyhow;       /* results are taken although the step has changed since */
    bool force;        /* no step is up to date */
    const char *asked; /* whose id: the step that `--step` or `--from` names; NULL = none */
    const bool *anew;  /* by step: runs whatever is kept; NULL = none */
    const bool *only;  /* by step: those that are part of the run; NULL = all */
    const struct fr_turn
        *anew_turn; /* besides, this one and what is behind it in its batch or loop; NULL = none */
    const struct fr_turn *only_turns; /* besides, these and what is inside of them */
    uint32_t only_turn_count;
};

/* FR_OK: *out is owned by the caller; ends with fr_memory_free. */
enum fr_err fr_memory_open(struct fr_store *store, const struct fr_memory_plan *plan,
                           struct fr_memory_source **out);
void fr_memory_free(struct fr_memory_source *memory); /* NULL is fine */

/* The newest run of the workflow in this file, with `whole` the newest that no step was left out of, with `before` of those
 * that were begun before that run: its key, or 0. */
int64_t fr_history_last_of(struct fr_store *store, const struct fr_mask *mask, const char *file,
                           bool whole, int64_t before);

#endif
