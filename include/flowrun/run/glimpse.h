/* What can be seen of a step while it is under way, for those who watch a run. Coordinator thread, from a sink, while
 * fr_run lasts. */
#ifndef FLOWRUN_RUN_GLIMPSE_H
#define FLOWRUN_RUN_GLIMPSE_H

#include "flowrun/run/run.h"

struct fr_glimpse {
    double progress; /* what it told last through $FLOWRUN_COMMAND, 0 to 1; -1 = nothing … */
    char message[FR_PEEK_BYTES]; /* … with these words; "" = none */
    char
        output[FR_PEEK_BYTES]; /* the last bytes that it printed: foreign text, secrets and all … */
    size_t output_len;
    bool output_cut; /* … and there were others before them */
};

/* Looks at the process of a running step; false when it has none. A few system calls; needs fr_run_options.glimpses. */
bool fr_run_glimpse(const struct fr_run *run, const struct fr_step *step,
                    struct fr_glimpse *glimpse);

/* Since when a step that is under way has been asked to end, by the monotonic clock; 0 = it has not. *at_once: by KILL,
 * without a grace. */
int64_t fr_run_asked_to_end(const struct fr_run *run, const struct fr_step *step, bool *at_once);

#endif
