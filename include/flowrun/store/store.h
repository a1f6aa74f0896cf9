/* The run store: what runs leave behind, in one folder of its owner's.
 *
 *   <folder>/            mode 0700
 *     flowrun.db         SQLite (WAL): plans, runs, steps, moves, logs, requests, answers
 *     runs/<id>/         only while a run lasts, or when it has large values
 *       lock             held by the coordinator and its guard: free means that both are gone
 *       control          a FIFO: a byte in it says "look at the requests"
 *       <n>.out …        outputs and logs above FR_STORE_INLINE bytes, whole or not at all
 *     locks/<group>      held by the run that has the `concurrency:` group
 *
 * Many flowruns use one store at once. An open store belongs to one thread and must not be carried
 * over a fork. Nothing here prints: what goes wrong is told to a collector of diagnostics. */
#ifndef FLOWRUN_STORE_STORE_H
#define FLOWRUN_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "flowrun/base/diag.h"
#include "flowrun/base/err.h"

struct fr_mask;
struct fr_store;

enum { FR_STORE_INLINE = 64 << 10 }; /* bytes of a value kept in the database at most */

/* Where the store is: `option` (--store) or NULL, else $FLOWRUN_STORE, $XDG_STATE_HOME/flowrun,
 * ~/.local/state/flowrun. Returns an absolute path owned by the caller; NULL after telling why. */
char *fr_store_folder(const char *option, struct fr_diags *diags);

/* Checks that the folder is one's own and closed to others; with `create` makes it when it is missing.
 * FR_ERR_MISSING (without a diagnostic): there is none. FR_ERR_IO: refused. */
enum fr_err fr_store_check(const char *folder, bool create, struct fr_diags *diags);

/* Whether a path, through whatever links, is a file of the store or below a folder of its own, there or not; errno may be changed. */
bool fr_store_owns(const char *folder, const char *path);

/* fr_store_check, then opens the database. `create` also means to write; without it nothing is made, and a store of
 * an older version is brought to today's only if it can be written. FR_OK: *out is owned by the caller. */
enum fr_err fr_store_open(const char *folder, bool create, struct fr_diags *diags,
                          struct fr_store **out);
void fr_store_close(struct fr_store *store); /* NULL is fine */

/* What stands in the store for a path or a group by which something is found again: the text itself, or a hash of it when
 * a secret is in it. Owned by the caller; mask may be NULL. */
char *fr_store_name(const struct fr_mask *mask, const char *text);

/* Borrowed from the store. */
const char *fr_store_path(const struct fr_store *store);
/* The script that runs a failed step of a run again alone; owned by the caller; NULL = there is none. */
char *fr_store_repro(const struct fr_store *store, const char *run_id, const char *step);
/* What the database last refused, with the mend; "" when nothing. Borrowed until the next call. */
const char *fr_store_error(const struct fr_store *store);

#endif
