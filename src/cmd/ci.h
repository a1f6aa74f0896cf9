/* The CI service that reads our log. Private to cmd/. */
#ifndef CMD_CI_H
#define CMD_CI_H

#include "cmd.h"
#include "flowrun/ui/ci.h"

enum fr_ci_kind cmd_ci_kind(void);
/* With all that a run wants of it. 0 or an exit code after printing. Values are borrowed from the environment. */
int cmd_ci_find(struct fr_ci *ci);
/* From now on nothing that is said on standard error shows what is masked. Takes the mask; NULL = nothing is. */
void cmd_ci_hide(struct fr_mask *mask);
/* The same with the secrets of a file (borrowed) that is not read yet: it is looked at when something is said before that. */
void cmd_ci_expect(const char *file);
/* Writes to standard error; nothing in it is a command to the service, but for our own. */
void cmd_ci_say(const char *text, size_t len);
/* Appends annotations for the problems of a file. */
void cmd_ci_problems(const struct fr_diags *diags, struct fr_buf *out);
/* Appends what ends a run's log: annotations, then the summary, masked. */
void cmd_ci_write(const struct fr_ci *ci, const struct fr_run *run, const struct fr_mask *mask,
                  const char *summary, size_t len, struct fr_buf *out);
/* Appends what the guard says of a run when only it is left, masked. run_id: NULL = it is not in the store. */
void cmd_ci_last_words(const struct fr_ci *ci, const struct fr_mask *mask, const char *name,
                       const char *run_id, struct fr_buf *out);

#endif
