/* What the files of `flowrun show` share. Main thread. */
#ifndef CMD_SHOW_H
#define CMD_SHOW_H

#include "history.h"

/* Shows one step of a run; returns the exit code. */
int show_step(struct fr_store *store, int64_t run, const char *step, bool json);

#endif
