/* How the guard speaks to the coordinator, and how it ends. */
#ifndef FLOWRUN_RUN_GUARD_SIGNAL_H
#define FLOWRUN_RUN_GUARD_SIGNAL_H

#include <signal.h>

#include "flowrun/run/guard.h"

/* Queued signals; their value is the number of the one that the guard got. HUP has one of its own, because it does
 * not hurry what is ending. */
#define GUARD_TOLD (SIGRTMIN + 1)
#define GUARD_TOLD_HUP (SIGRTMIN + 2)
enum { GUARD_KEY = 256 }; /* added to the value: the terminal sent it */

/* guard_end.c: the coordinator has ended: cleans up as far as it did not, and ends like it. Does not return. */
void guard_end_like(const siginfo_t *info, const struct fr_guard_told *told);

#endif
