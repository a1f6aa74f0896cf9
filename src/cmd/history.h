/* What commands share that read recorded runs (history.c). Main thread. */
#ifndef CMD_HISTORY_H
#define CMD_HISTORY_H

#include "cmd.h"
#include "flowrun/store/heads.h"
#include "flowrun/store/pace.h"

/* Opens the store; 0 or an exit code after printing. *store is NULL with 0 when there is none yet. */
int cmd_store_open(const struct cmd_opts *opts, struct fr_store **store);
/* The same, and the run that the first operand means. */
int cmd_run_open(const struct cmd *cmd, const struct cmd_opts *opts, struct fr_store **store,
                 int64_t *run);
/* Says that a run has no step of this name, which has begun, and what is called nearly so. Returns CMD_USAGE, or after an error of
 * the store its exit code. */
int cmd_no_step(struct fr_store *store, int64_t run, const char *step);
/* After an error of the store. */
int cmd_store_failed(const struct fr_store *store);
/* Appends a value's bytes; false after saying what is the matter with the file of what is called `what` of `whose`. */
bool cmd_value_add(const struct fr_kept_value *value, const char *whose, const char *what,
                   struct fr_buf *out);
/* A moment as people read it, UTC, to the second; returns out. */
const char *cmd_moment(int64_t wall_ns, char *out, size_t size);
/* The options that a whole number stands behind. 0 or an exit code after printing. */
int cmd_number(const char *option, const char *text, uint32_t unless, uint32_t *number);
/* Whether a word that is no file's name looks like a run's: `last`, or the beginning of an id. */
bool cmd_names_run(const char *word);

/* Appends `"key":"text"` or `"key":null`, with a comma unless it is the first of its object. */
void cmd_put_member(struct fr_buf *out, const char *key, const char *text);
/* Appends an event as a line's worth of JSON (events.c). */
void cmd_event_json(const struct fr_kept_move *move, struct fr_buf *out);

/* show_json.c. fr_history_json, of a suspended run with the steps that have not begun. */
enum fr_err cmd_history_json(struct fr_store *store, int64_t run, struct fr_buf *out);

/* pace.c. Sets the limits of steps with `timeout: auto`; pace may be NULL. */
void cmd_pace_apply(struct fr_plan *plan, const struct fr_pace *pace);
/* The same for a plan that is only shown, from the store as far as it can be read. */
void cmd_pace_show(const struct cmd_opts *opts, const struct cmd_file *file, struct fr_plan *plan);
/* Prints the result that a run has had, as `run` did. An exit code. */
int cmd_print_output(const struct cmd_opts *opts, struct fr_store *store, int64_t key);

#endif
