/* How a status looks in a drawing: white on a dark colour, so that it can be read on light and on dark paper; what never
 * ran is pale and dashed. Constant. */
#include "draw.h"

const char *const draw_fills[FR_STATUS__COUNT + 1] = {
    [FR_PENDING] = "#d0d7de",   [FR_RUNNING] = "#0550ae",      [FR_WAITING] = "#0550ae",
    [FR_SUCCEEDED] = "#116329", [FR_FAILED] = "#a40e26",       [FR_TIMED_OUT] = "#953800",
    [FR_SKIPPED] = "#57606a",   [FR_CANCELLED] = "#6639ba",    [FR_NOT_TAKEN] = "#d0d7de",
    [FR_BLOCKED] = "#7d4e00",   [FR_STATUS__COUNT] = "#424a53"};

bool draw_has_status(const struct fr_plan *plan, const enum fr_status *statuses,
                     const struct fr_step *step)
{
    if (!statuses || statuses[step->index] != FR_PENDING)
        return statuses;
    for (uint32_t at = step->frame; at != FR_NO_STEP; at = plan->steps[at].frame)
        if (plan->steps[at].kind == FR_KIND_BATCH || plan->steps[at].kind == FR_KIND_LOOP)
            return false;
    return true;
}

bool draw_is_pale(enum fr_status status)
{
    return status == FR_PENDING || status == FR_NOT_TAKEN;
}

const char *draw_ink(enum fr_status status)
{
    return draw_is_pale(status) ? "#24292f" : "#ffffff";
}

const char *draw_status_word(enum fr_status status)
{
    return status == FR_NOT_TAKEN       ? "not taken"
           : status == FR_TIMED_OUT     ? "timed out"
           : status == FR_STATUS__COUNT ? "unknown"
                                        : fr_status_name(status);
}
