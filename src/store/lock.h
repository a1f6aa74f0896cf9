/* What the files about locks share. Private to store/. */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include <sys/types.h>

#include "flowrun/store/lock.h"

#define LOCK_UNWRITTEN ".tmp" /* how the names of files end that are being written */

/* Says that something of the store could not be made. Returns FR_ERR_IO. */
enum fr_err lock_refuse(struct fr_diags *diags, const char *path, int err);
/* Opens a regular file of a folder that nobody else can write to. A descriptor or -errno; -EINVAL: it is no such file. */
int lock_open(const char *folder, const char *name, int flags, mode_t mode);
/* Whether an open lock is still the file of that name: whoever held it may have removed it. */
bool lock_is_there(const char *folder, const char *name, int fd);
/* The folder of a run, owned by the caller. */
char *lock_run_folder(const char *store_folder, const char *run_id);
/* Whether both processes of a flowrun lead the run: a coordinator listens to requests, and a guard has marked the lock.
 * When one of them was killed, the other is ending what that has left. */
bool lock_is_led(const char *folder);
/* Takes the lock of a run's folder at once: a descriptor, -EWOULDBLOCK when somebody else has it, or -errno. */
int lock_take(const char *folder);
/* Whether a file of such a name is nothing but left over once its run is held by nobody. */
bool lock_is_unread(const char *name);
/* Removes what nobody reads any more from the folder of a run that was killed, whose lock one has: answers that nobody
 * has taken, and files that were not written to their end. */
void lock_drop_unread(const char *folder);

#endif
