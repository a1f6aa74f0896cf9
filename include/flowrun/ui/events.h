/* A sink that writes events as they happen, a line of JSON each (docs/events.md). It never keeps the run waiting: what a slow
 * reader has not taken yet waits in memory, and a reader that is gone, or a full disk, ends the writing and not the run.
 * Coordinator thread. */
#ifndef FLOWRUN_UI_EVENTS_H
#define FLOWRUN_UI_EVENTS_H

#include "flowrun/base/mask.h"
#include "flowrun/run/event.h"

/* The descriptor is the sink's from now on. `shared`: others write to the same file. `again`: the run is gone on with.
 * `mask` (NULL = no secrets) is borrowed. Returned owned; ends with fr_events_free. */
struct fr_sink *fr_events_new(int fd, bool shared, bool again, const struct fr_mask *mask);
/* The run is over: gives a slow reader some time for the rest. Returns why not all events were written, NULL when they
 * were; borrowed from the sink. */
const char *fr_events_end(struct fr_sink *sink);
void fr_events_free(struct fr_sink *sink); /* NULL is fine */

#endif
