/* What the files of `flowrun explain` share. Main thread. */
#ifndef CMD_EXPLAIN_H
#define CMD_EXPLAIN_H

#include "flowrun/store/answers.h"
#include "history.h"

/* Appends why the second operand, a step of the run that the first one means, has not begun; false when the workflow has no such
 * step, or the batch or loop whose turn it is of is over without it. `over`: what became of the run; NULL = it may still begin. */
bool explain_pending(const struct cmd *cmd, const struct cmd_opts *opts, struct fr_store *store,
                     int64_t run, const char *over, struct fr_buf *out);

/* Appends who answered a human step, when and how; false when that is not why it ended as it did. */
bool explain_answer(const struct fr_kept_step *step, struct fr_buf *out);
/* Appends what became of a question that the run has not heard of: it is answered, or has fallen due. */
void explain_open(const struct fr_kept_wait *wait, struct fr_buf *out);

typedef void (*explain_wait_fn)(void *arg, int64_t ns, const char *what);
/* Calls `each`, when there is one, for all that a step was short of before it moved; gives the sum. */
int64_t explain_waits(const struct fr_kept_move *move, explain_wait_fn each, void *arg);

#endif
