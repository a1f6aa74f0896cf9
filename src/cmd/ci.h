/* The CI service that reads our log, as `run` and `resume` need to know it. Private to cmd/. */
#ifndef CMD_CI_H
#define CMD_CI_H

#include "cmd.h"
#include "flowrun/ui/ci.h"

/* 0 or an exit code after printing. Values are borrowed from the environment. */
int cmd_ci_find(struct fr_ci *ci);
/* Whether to use colour where `color` is what a descriptor alone would ask for: the services show it. */
bool cmd_ci_color(const struct fr_ci *ci, const struct cmd_opts *opts, bool color);
/* Appends what ends a run's log: annotations, then the summary, masked. */
void cmd_ci_write(const struct fr_ci *ci, const struct fr_run *run, const struct fr_mask *mask,
                  const char *summary, size_t len, struct fr_buf *out);

#endif
