/* Reading a recorded run without the bytes of what it printed and yielded: these are had one by one when somebody wants
 * them. Everything handed to a callback is borrowed until it returns. One thread. */
#ifndef FLOWRUN_STORE_HEADS_H
#define FLOWRUN_STORE_HEADS_H

#include "flowrun/run/event_line.h" /* FR_KEPT_REASON */
#include "flowrun/store/history.h"

enum { FR_HEAD_BYTES = 4096 }; /* outputs that are not larger are there */

/* Whether a step had begun and not ended when it was recorded last. */
bool fr_kept_lasts(const struct fr_kept_step *step);
/* Whether it is unknown how such a step of a run that is over would have ended: it was under way when the run was killed, or
 * could not be recorded any more. A question stays open. */
bool fr_kept_unknown(const struct fr_kept_step *step, bool over);
/* The name of its status; "unknown" where it is that. */
const char *fr_kept_status(const struct fr_kept_step *step, bool over);
/* How long a step took; of one that was under way when its run was killed, how long it did at least: seen_ns is the
 * run's. */
int64_t fr_kept_took(const struct fr_kept_step *step, int64_t seen_ns);

/* Whether a step is of a kind that holds others. */
bool fr_kept_holds_steps(const struct fr_kept_step *step);
/* The script that runs the step again alone, as a shell takes it, when it failed by an attempt and the script is still
 * there; owned by the caller; else NULL. */
char *fr_kept_repro(const struct fr_store *store, const char *run_id,
                    const struct fr_kept_step *step);
/* Why a run that was killed has no result. */
#define FR_KEPT_KILLED "flowrun was killed: how what was under way would have ended is unknown"

/* fr_history_steps for all steps, in the order of their rows. Of a larger output only `len` is known: its `data` and its
 * `path` are NULL. */
enum fr_err fr_history_step_heads(struct fr_store *store, int64_t key, fr_each_step_fn each,
                                  void *arg);
/* All attempts, also those that printed nothing; no value has `data`, but the order of the two is there. */
enum fr_err fr_history_log_heads(struct fr_store *store, int64_t key, fr_each_log_fn each,
                                 void *arg);

/* fr_history_json, with steps that have not begun, of which there is no record: parents before what is inside of them. */
enum fr_err fr_history_json_with(struct fr_store *store, int64_t key,
                                 const struct fr_kept_step *pending, uint32_t count,
                                 struct fr_buf *out);

/* What may be printed as it is read comes in pieces: who is called back does not wait for anything, since the journal cannot
 * be written back before the call has returned. */

/* The next `max` moves and logs behind the key `after` (0 = from the first) in the order in which they came. Of a log,
 * whose kind is `log`, there are key, time, step and attempt. */
enum fr_err fr_history_events(struct fr_store *store, int64_t key, int64_t after, uint32_t max,
                              fr_each_move_fn each, void *arg);
/* The first attempt that printed anything behind the key `after`. `step` NULL = of all. FR_ERR_MISSING: there is none. */
enum fr_err fr_history_log_next(struct fr_store *store, const char *run_id, int64_t key,
                                const char *step, int64_t after, fr_each_log_fn each, void *arg);
/* The log of a key, of the run that has this id. */
enum fr_err fr_history_log(struct fr_store *store, const char *run_id, int64_t key,
                           fr_each_log_fn each, void *arg);

/* Appends a value's bytes; false, and none of them, when its file is gone or has another size. */
bool fr_kept_value_add(const struct fr_kept_value *value, struct fr_buf *out);
/* Appends what is the matter with the file of such a value: "is gone", "is damaged: has 5 bytes instead of 70000". False,
 * and "cannot be read", when nothing is seen. */
bool fr_kept_value_fault(const struct fr_kept_value *value, struct fr_buf *out);

/* A value of a row: of the run's, a step's, a log's. */
enum fr_part { FR_PART_RESULT, FR_PART_OUTPUT, FR_PART_OUT, FR_PART_ERR, FR_PART__COUNT };

/* Appends the last `max` bytes of a value; false when it is gone. `key` is the row's, `run_id` that of its run. */
bool fr_history_part(struct fr_store *store, const char *run_id, enum fr_part part, int64_t key,
                     uint64_t max, struct fr_buf *out);

#endif
