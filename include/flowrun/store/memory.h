/* What earlier runs of a chain of resumed runs came to, for the run that goes on with them: a step whose recipe (a hash
 * of all that makes its result) is unchanged gets the result that was kept. One thread. */
#ifndef FLOWRUN_STORE_MEMORY_H
#define FLOWRUN_STORE_MEMORY_H

#include "flowrun/store/history.h"

struct fr_memory;

/* A success that was kept. */
struct fr_kept_result {
    const char *run_id; /* of the run that made it */
    struct fr_kept_step step;
    const char *
        effects_json; /* what it did besides its output: updates, choice of targets; NULL = nothing */
};

/* Reads the run and those it went on from, the newest first. FR_OK: *out is owned by the caller. */
enum fr_err fr_memory_open(struct fr_store *store, int64_t key, struct fr_memory **out);
void fr_memory_free(struct fr_memory *memory);

/* The newest success of the step under this recipe whose values are all there and unmasked, or NULL; borrowed until the
 * next call. *masked: there is one, but a secret was taken out of it, so that the step has to run again. */
const struct fr_kept_result *fr_memory_get(struct fr_memory *memory, const char *step_id,
                                           const char *recipe, bool *masked);

#endif
