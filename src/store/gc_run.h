/* One run that is to go. Private to store/. */
#ifndef STORE_GC_RUN_H
#define STORE_GC_RUN_H

#include "db.h"
#include "flowrun/store/gc.h"

/* Takes a run's lock, so that nobody goes on with it, and has the processes ended that a killed one has left. False: somebody has
 * taken it up meanwhile, and it stays. *fd is to be closed when the run has gone; -1 = its folder cannot be locked. */
bool gc_hold_run(struct fr_store *store, const struct fr_gc *gc, int64_t key, const char *id,
                 int *fd);
/* Removes the files of runs that were killed while they wrote them, where nobody has the run in hand. */
void gc_drop_unread(struct fr_store *store);

#endif
