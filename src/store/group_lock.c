/* Locks of concurrency groups: a file for each, which goes when the store is cleared up. Who removes it holds it, and who gets it
 * looks whether it is still the file of that name. Owns descriptors only; any thread. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db.h"
#include "flowrun/base/fd.h"
#include "flowrun/store/lock.h"
#include "lock.h"

/* A group's name as a file name: what could mean something else is written as %xx. */
static char *file_name_of(const char *group)
{
    struct fr_buf name;
    fr_buf_init(&name, 0);
    for (const char *c = group; *c; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || *c == '-' || *c == '_';
        if (plain)
            fr_buf_char(&name, *c);
        else
            fr_buf_printf(&name, "%%%02x", (unsigned char)*c);
    }
    return fr_buf_take(&name, NULL);
}

/* Who has the lock, as he wrote it; owned by the caller. */
static char *read_holder(int fd)
{
    char text[256];
    ssize_t len = pread(fd, text, sizeof text, 0);
    return strndup(len > 0 ? text : "another run", len > 0 ? (size_t)len : 11);
}

/* Takes the lock, or waits for it. */
static enum fr_err take(int fd, const char *group, bool wait, fr_waiting_fn waiting, void *arg,
                        struct fr_diags *diags)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return FR_OK;
    char *holder = read_holder(fd);
    enum fr_err err = FR_OK;
    if (!wait) {
        store_complain(diags, "group-taken",
                       "try again when it is over, or say `on_conflict: wait`",
                       "%s has the concurrency group '%s'", holder, group);
        err = FR_ERR_LIMIT;
    } else {
        waiting(arg, holder);
        while (flock(fd, LOCK_EX) < 0)
            if (errno != EINTR)
                abort();
    }
    free(holder);
    return err;
}

enum fr_err fr_group_lock(const char *store_folder, const char *group, const char *holder,
                          bool wait, fr_waiting_fn waiting, void *arg, struct fr_diags *diags,
                          int *fd)
{
    char *folder = fr_path_join(store_folder, "locks");
    char *name = file_name_of(group);
    int err = fr_mkdirs(folder, 0700);
    bool good = err || store_check_inside(folder, name, S_IFREG, diags), ours = false;
    enum fr_err result = good ? FR_OK : FR_ERR_IO;
    *fd = -1;
    while (!result && !ours) {
        fr_close(fd);
        *fd = err ? err : lock_open(folder, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (*fd < 0)
            result = lock_refuse(diags, folder, *fd);
        else
            result = take(*fd, group, wait, waiting, arg, diags);
        /* It may have been removed before it was ours. */
        ours = !result && lock_is_there(folder, name, *fd);
    }
    if (result) {
        fr_close(fd);
    } else if (ftruncate(*fd, 0) == 0) {
        /* For people only: who comes next reads it. */
        (void)!pwrite(*fd, holder, strlen(holder), 0);
    }
    free(folder);
    free(name);
    return result;
}

/* Removes one lock that nobody holds. Who waits for it finds out that it has gone, and makes another. */
static bool clear(const char *folder, const char *name, bool dry_run)
{
    char *path = fr_path_join(folder, name);
    int fd = lock_open(folder, name, O_RDWR | O_CLOEXEC, 0);
    bool free_now = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && lock_is_there(folder, name, fd);
    bool gone = free_now && (dry_run || unlink(path) == 0);
    fr_close(&fd);
    free(path);
    return gone;
}

uint32_t fr_group_locks_clear(const char *store_folder, bool dry_run)
{
    char *folder = fr_path_join(store_folder, "locks");
    DIR *dir = opendir(folder);
    struct dirent *entry;
    uint32_t count = 0;
    while (dir && (entry = readdir(dir)) != NULL)
        count += *entry->d_name != '.' && clear(folder, entry->d_name, dry_run);
    if (dir)
        closedir(dir);
    free(folder);
    return count;
}
