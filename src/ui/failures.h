/* The failures of a run that people are told of. Private to ui/. */
#ifndef UI_FAILURES_H
#define UI_FAILURES_H

#include <stdbool.h>

#include "flowrun/base/mask.h"
#include "flowrun/run/run.h"

struct failure {
    const char *id; /* as fr_run_step_id gives it */
    const struct fr_step *step;
    const struct fr_step_result *result;
    bool past; /* of a turn that is over */
};

/* Those that the run bears (they, or a step that they are part of, are tolerated, or that came to a good end), or the others, in
 * order of declaration and turns. Returns how many are in the list; *more: how many had no place in it. */
uint32_t failures_some(const struct fr_run *run, bool borne, struct failure *list, uint32_t max,
                       uint32_t *more);
/* The others, then those. */
uint32_t failures_list(const struct fr_run *run, struct failure *list, uint32_t max,
                       uint32_t *more);

/* How many groups came to that end by themselves, and not because their branches or callback did. */
uint32_t failures_of_groups(const struct fr_run *run, enum fr_status status);

/* Appends the last lines that a step printed, both streams in true order, masked. */
void failures_tail(const struct failure *failure, const struct fr_mask *mask, const char *indent,
                   bool color, struct fr_buf *out);

#endif
