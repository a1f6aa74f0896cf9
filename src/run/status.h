/* The table of status moves. Pure; any thread. Private to run/. */
#ifndef RUN_STATUS_H
#define RUN_STATUS_H

#include "flowrun/run/event.h"

bool status_may_move(enum fr_status from, enum fr_status to);

#endif
