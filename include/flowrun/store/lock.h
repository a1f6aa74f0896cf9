/* Locks that die with the processes that hold them (flock), so that nobody ever has to remove one. A lock belongs to
 * its descriptor and to all copies of it: a coordinator's is inherited by its guard. Any thread. */
#ifndef FLOWRUN_STORE_LOCK_H
#define FLOWRUN_STORE_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/base/diag.h"
#include "flowrun/base/err.h"

#define FR_RUN_ANSWER "answer-" /* how files of the run's folder begin that hold an answer */

/* What a run holds in the store while it lasts. */
struct fr_run_hold {
    char *folder; /* runs/<id>, absolute; owned */
    int lock_fd;  /* -1 = none */
    int control_fd; /* of the FIFO, readable when another flowrun has put a request into the store; -1 = none */
};

/* Makes the run's folder with its lock, held, and its FIFO. fr_store_check comes before. */
enum fr_err fr_run_hold_new(const char *store_folder, const char *run_id, struct fr_diags *diags,
                            struct fr_run_hold *hold);
/* The same for a run that was there before. While the guard or the coordinator of one that was killed still ends its
 * processes this waits for them; FR_ERR_USAGE with a diagnostic: a flowrun has it in hand. */
enum fr_err fr_run_hold_again(const char *store_folder, const char *run_id, struct fr_diags *diags,
                              struct fr_run_hold *hold);
/* Notes the run's scratch folder, so that whoever goes on with the run can remove what is left of it. */
void fr_run_hold_note(const struct fr_run_hold *hold, const char *scratch);
/* Removes the scratch folder of a run that was killed; `run_folder` is runs/<id>, whose lock is free or ours. */
void fr_run_clear_scratch(const char *run_folder);
/* Ends it: what is not worth keeping goes; values stay. */
void fr_run_hold_end(struct fr_run_hold *hold);

/* Whether a flowrun has this run in hand. */
bool fr_run_is_held(const char *store_folder, const char *run_id);
/* Tells the run to look at its requests; false when nobody listens. */
bool fr_run_poke(const char *store_folder, const char *run_id);

/* Takes the lock of a concurrency group for a run. When it is taken: with `wait` calls `waiting` once with the holder's
 * name ("run 4f2a… of deploy.yaml") and waits for as long as it takes, where a signal ends the process as ever; else
 * FR_ERR_LIMIT with a diagnostic. FR_OK: *fd is owned by the caller, and closing it gives the lock back. */
typedef void (*fr_waiting_fn)(void *arg, const char *holder);
enum fr_err fr_group_lock(const char *store_folder, const char *group, const char *holder,
                          bool wait, fr_waiting_fn waiting, void *arg, struct fr_diags *diags,
                          int *fd);

/* Removes the files of concurrency groups that nobody holds or waits for; how many. With dry_run only counts. */
uint32_t fr_group_locks_clear(const char *store_folder, bool dry_run);

#endif
