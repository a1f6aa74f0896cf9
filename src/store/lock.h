/* What the files about locks share. Private to store/. */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include <sys/types.h>

#include "flowrun/store/lock.h"

/* Says that something of the store could not be made. Returns FR_ERR_IO. */
enum fr_err lock_refuse(struct fr_diags *diags, const char *path, int err);
/* Opens a file of a folder that nobody else can write to. A descriptor or -errno. */
int lock_open(const char *folder, const char *name, int flags, mode_t mode);
/* Whether an open lock is still the file of that name: whoever held it may have removed it. */
bool lock_is_there(const char *folder, const char *name, int fd);

#endif
