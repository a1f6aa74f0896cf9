/* A run that is over: its exit code, and the end of its result. Coordinator thread. */
#include <stdlib.h>
#include <sysexits.h>

#include "flowrun/run/run.h"
#include "turns.h"

/* 0, 1, 5, 75, 124, 128 + signal. */
int fr_run_exit_code(const struct fr_run *run)
{
    switch (run->outcome) {
    case FR_RUN_SUCCEEDED:
        return 0;
    case FR_RUN_OVER_BUDGET:
        return 5;
    case FR_RUN_TIMED_OUT:
        return 124;
    case FR_RUN_SIGNALED:
        return 128 + run->signal;
    case FR_RUN_SUSPENDED:
        return EX_TEMPFAIL;
    default:
        return 1;
    }
}

/* Frees a run with all results. */
void fr_run_free(struct fr_run *run)
{
    if (!run)
        return;
    for (uint32_t i = 0; i < run->plan->step_count; i++)
        step_result_release(&run->results[i]);
    repeats_free(run);
    free(run->results);
    free(run->critical.at);
    free(run->error_message);
    free(run->cancelled_by);
    fr_value_unref(run->output);
    json_object_put(run->state);
    free(run);
}
