/* Names of the statuses and the table of moves between them. Pure; any thread.
 *
 *   pending --> running <--> waiting            (waiting: between attempts, a wait step, a person, a fallback at work)
 *      |           |            |
 *      +-----------+------------+--> succeeded failed timed_out skipped cancelled not_taken blocked
 */
#include "status.h"

static const char *const names[FR_STATUS__COUNT] = {
    "pending",   "running", "waiting",   "succeeded", "failed",
    "timed_out", "skipped", "cancelled", "not_taken", "blocked",
};

#define TO(status) (1U << (status))

enum {
    ENDS_BEFORE_START = TO(FR_FAILED) | TO(FR_TIMED_OUT) | TO(FR_SKIPPED) | TO(FR_CANCELLED) |
                        TO(FR_NOT_TAKEN) | TO(FR_BLOCKED),
    ENDS = TO(FR_SUCCEEDED) | TO(FR_FAILED) | TO(FR_TIMED_OUT) | TO(FR_SKIPPED) | TO(FR_CANCELLED)
};

/* Statuses that a step may move to, by the one it is in; a final status is never left. */
static const unsigned moves[FR_STATUS__COUNT] = {
    [FR_PENDING] = TO(FR_RUNNING) | TO(FR_WAITING) | ENDS_BEFORE_START,
    [FR_RUNNING] = TO(FR_WAITING) | ENDS,
    [FR_WAITING] = TO(FR_RUNNING) | ENDS,
};

/* The name as results and files write it. */
const char *fr_status_name(enum fr_status status)
{
    return (unsigned)status < FR_STATUS__COUNT ? names[status] : "unknown";
}

/* A final status is never left. */
bool fr_status_is_final(enum fr_status status)
{
    return status > FR_WAITING && status < FR_STATUS__COUNT;
}

/* Whether the table allows the move. */
bool status_may_move(enum fr_status from, enum fr_status to)
{
    return (unsigned)from < FR_STATUS__COUNT && (moves[from] & TO(to)) != 0;
}
