/* How the guard speaks to the coordinator. */
#ifndef FLOWRUN_RUN_GUARD_SIGNAL_H
#define FLOWRUN_RUN_GUARD_SIGNAL_H

#include <signal.h>

/* A queued signal; its value is the number of the one that the guard got. */
#define GUARD_TOLD (SIGRTMIN + 1)

#endif
