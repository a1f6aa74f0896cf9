/* What gc does to a run's folder: it holds the run while it removes it, and sweeps what killed runs have left. One thread. */
#include "gc_run.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "flowrun/base/fd.h"
#include "lock.h"

/* The run, as it is now that nobody else can change it. */
struct now {
    const struct fr_gc *gc;
    bool goes;
};

/* Ends what a killed run has left. With its lock in our hands it is one that is still "running". */
static void look(void *arg, const struct fr_kept_run *run)
{
    struct now *now = arg;
    now->goes = strcmp(run->status, "suspended") != 0;
    bool killed = strcmp(run->status, "running") == 0 || strcmp(run->status, "interrupted") == 0;
    if (killed && now->gc->killed)
        now->gc->killed(NULL, run);
}

/* Whether a run's folder is one. What a link leads to is not the store's. */
static bool is_folder(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool gc_hold_run(struct fr_store *store, const struct fr_gc *gc, int64_t key, const char *id,
                 int *fd)
{
    char *folder = lock_run_folder(store->folder, fr_path_base(id));
    struct now now = {.gc = gc};
    *fd = fr_mkdirs(folder, 0700) || !is_folder(folder) ? -1 : lock_take(folder);
    /* On a full disk there may be no room for a lock, and then there is none for a run that goes on either. */
    bool held = *fd != -EWOULDBLOCK;
    *fd = *fd < 0 ? -1 : *fd;
    if (held)
        (void)fr_history_run(store, key, look, &now);
    if (held && !now.goes)
        fr_close(fd);
    free(folder);
    return held && now.goes;
}

/* Whether a folder has files that nobody reads. */
static bool has_unread(const char *folder)
{
    bool has = false;
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir && !has && (entry = readdir(dir)) != NULL)
        has = lock_is_unread(entry->d_name);
    if (dir)
        closedir(dir);
    return has;
}

void gc_drop_unread(struct fr_store *store)
{
    char *runs = fr_path_join(store->folder, "runs");
    DIR *dir = opendir(runs);
    struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL) {
        char *folder = *entry->d_name == '.' ? NULL : fr_path_join(runs, entry->d_name);
        int fd = folder && is_folder(folder) && has_unread(folder) ? lock_take(folder) : -1;
        if (fd >= 0)
            lock_drop_unread(folder);
        if (fd >= 0)
            fr_close(&fd);
        free(folder);
    }
    if (dir)
        closedir(dir);
    free(runs);
}
