/* What the files of `flowrun show` share. Main thread. */
#ifndef CMD_SHOW_H
#define CMD_SHOW_H

#include "history.h"

/* Shows one step of a run; returns the exit code. */
int show_step(struct fr_store *store, int64_t run, const char *step, bool json);

/* Whether a step is a batch or loop, and whether one in such stands for all of its turns, since there was none. */
bool show_has_turns(const struct fr_kept_step *step);
bool show_is_template(const struct fr_kept_step *step);

#endif
