/* The table of status moves. Pure; any thread. Private to run/. */
#ifndef RUN_STATUS_H
#define RUN_STATUS_H

#include "flowrun/run/event.h"

bool status_may_move(enum fr_status from, enum fr_status to);

/* Whether a step has an output for those behind it: it went well, or was skipped since it has one already. */
static inline bool status_yields(const struct fr_step_result *result)
{
    return result->status == FR_SUCCEEDED || (result->status == FR_SKIPPED && result->kept);
}

#endif
