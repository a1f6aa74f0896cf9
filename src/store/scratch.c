/* The scratch folder of a run that is under way, noted beside its lock: nobody removes it when the run is killed together
 * with its guard, and then whoever goes on with the run does. Any thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/store/lock.h"

static const char own_name[] = "flowrun-"; /* how the names of all such folders begin */

void fr_run_hold_note(const struct fr_run_hold *hold, const char *scratch)
{
    if (!hold->folder)
        return;
    char *link = fr_path_join(hold->folder, "scratch");
    (void)unlink(link);
    (void)!symlink(scratch,
                   link); /* without it the folder would stay when all are killed: no more */
    free(link);
}

void fr_run_hold_clear(const struct fr_run_hold *hold)
{
    char path[4096];
    struct stat st;
    char *link = fr_path_join(hold->folder, "scratch");
    ssize_t len = readlink(link, path, sizeof path - 1);
    free(link);
    if (len <= 0)
        return;
    path[len] = '\0';
    bool ours = *path == '/' && strncmp(fr_path_base(path), own_name, strlen(own_name)) == 0 &&
                lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid();
    if (ours)
        (void)fr_remove_tree(path);
}
