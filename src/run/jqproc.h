/* The evaluator: a process of its own that runs the plan's jq programs, so that one which never
 * ends can be given up on while the coordinator goes on. Forked before threads when the plan has
 * programs; one request is being worked on at a time, the others wait. Coordinator's thread only. */
#ifndef FLOWRUN_RUN_JQPROC_H
#define FLOWRUN_RUN_JQPROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowrun/base/buf.h"
#include "flowrun/base/err.h"
#include "flowrun/plan/jq.h"

struct jqproc;

/* Forks now; NULL when it cannot. `jq` is borrowed and must not be run by anybody else: a new
 * evaluator is made from it when one had to be given up. */
struct jqproc *jqproc_new(struct fr_jq *jq);
/* Ends the process. NULL is fine. */
void jqproc_free(struct jqproc *jq);

/* What to poll for: the descriptor changes after a restart, the events (POLLIN, and POLLOUT while
 * input waits to be written) with every call, so ask each turn. */
int jqproc_fd(const struct jqproc *jq);
short jqproc_events(const struct jqproc *jq);

/* Queues a request (copies the input). The token comes back with the answer. First in, first out. */
void jqproc_ask(struct jqproc *jq, uint64_t token, uint32_t index, const char *input, size_t len);

/* The same for many items: the input is that of fr_jq_run_many, the answer what that appends. */
void jqproc_ask_many(struct jqproc *jq, uint64_t token, const struct fr_jq_many *many,
                     const char *data, size_t len);

/* Takes the next answer: true when there is one. FR_OK: JSON text was appended to `out`; else a
 * reason to `why`: FR_ERR_INVALID jq's own message, FR_ERR_LIMIT longer than 5 s or out of memory,
 * FR_ERR_IO the evaluator cannot be started. Call when the descriptor is ready, or at the deadline,
 * until it says false. Never blocks. */
bool jqproc_next(struct jqproc *jq, uint64_t *token, enum fr_err *err, struct fr_buf *out,
                 struct fr_buf *why);

/* Monotonic nanoseconds when jqproc_next must be called to give up; INT64_MAX = never. */
int64_t jqproc_deadline(const struct jqproc *jq);

#endif
