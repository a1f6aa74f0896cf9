/* Who watches a run at standard error and answers its questions. Main thread, behind the guard's fork. */
#ifndef CMD_WATCHING_H
#define CMD_WATCHING_H

#include "flowrun/base/mask.h"
#include "flowrun/run/run.h"
#include "flowrun/ui/ci.h"
#include "flowrun/ui/progress.h"

struct watching {
    struct fr_sink *lines;     /* owned */
    struct fr_sink *screen;    /* owned; NULL = there is no live view */
    struct fr_sink *sink;      /* that the run is to tell: one of these */
    struct fr_asker *terminal; /* owned; NULL = nobody can be asked there */
    struct fr_asker *file;     /* owned; NULL = no --answers */
};

/* Makes what shows a run in a log mode, with a live view only when that is wanted; `guard` tells it before Ctrl-Z stops us. All is borrowed. */
void watching_begin(struct watching *watching, enum fr_log_mode mode, bool color, bool view,
                    const struct fr_mask *mask, const struct fr_ci *ci, struct fr_guard *guard);
/* Fills in who answers human steps: other shells (NULL = there is no store), a file (NULL = none), a person at the
 * terminal. Returns how many. */
uint32_t watching_askers(struct watching *watching, struct fr_asker *shells,
                         struct fr_answers *answers, struct fr_asker *askers[3]);
void watching_end(struct watching *watching);

#endif
