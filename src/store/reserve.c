/* Room that is kept in the store for clearing it up: on a disk that is full to the last byte nothing can be removed from the
 * database, since a removal is written to its journal first. Touches files only; one thread. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "db.h"
#include "flowrun/base/fd.h"
#include "reserve.h"

enum { RESERVE = 768 << 10 }; /* more than the journal holds between runs: see open.c */

void reserve_make(const char *folder)
{
    char *path = fr_path_join(folder, "reserve");
    int fd = access(path, F_OK) == 0
                 ? -1
                 : fr_open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0 && posix_fallocate(fd, 0, RESERVE) != 0)
        (void)unlink(path);
    fr_close(&fd);
    free(path);
}

void reserve_use(const char *folder)
{
    char *path = fr_path_join(folder, "reserve");
    (void)unlink(path);
    free(path);
}
