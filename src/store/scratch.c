/* The scratch folder of a run that is under way, noted in its lock: nobody removes it when the run is killed together
 * with its guard, and then whoever goes on with the run does. Any thread. */
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/store/lock.h"
#include "lock.h"

static const char own_name[] = "flowrun-"; /* how the names of all such folders begin */

void fr_run_hold_note(const struct fr_run_hold *hold, const char *scratch)
{
    size_t len = strlen(scratch);
    if (!hold->folder || ftruncate(hold->lock_fd, 0) < 0)
        return;
    /* Half a name is none; the folder would stay when all are killed, and no more. */
    if (pwrite(hold->lock_fd, scratch, len, 0) != (ssize_t)len)
        (void)!ftruncate(hold->lock_fd, 0);
}

void fr_run_clear_scratch(const char *run_folder)
{
    char path[PATH_MAX];
    struct stat st;
    int fd = lock_open(run_folder, "lock", O_RDONLY | O_CLOEXEC, 0);
    ssize_t len = fd < 0 ? -1 : read(fd, path, sizeof path - 1);
    fr_close(&fd);
    if (len <= 0)
        return;
    path[len] = '\0';
    bool ours = *path == '/' && strncmp(fr_path_base(path), own_name, strlen(own_name)) == 0 &&
                lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid();
    if (ours)
        (void)fr_remove_tree(path);
}
