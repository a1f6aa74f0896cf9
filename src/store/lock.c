/* Locks of runs, and the FIFO by which a run is woken. Owns descriptors only; any thread. */
#include "flowrun/store/lock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "db.h"
#include "flowrun/base/fd.h"
#include "lock.h"

char *lock_run_folder(const char *store_folder, const char *run_id)
{
    char *runs = fr_path_join(store_folder, "runs");
    char *folder = fr_path_join(runs, run_id);
    free(runs);
    return folder;
}

enum fr_err lock_refuse(struct fr_diags *diags, const char *path, int err)
{
    store_complain(diags, "store",
                   err == -ENOSPC
                       ? "make room, or use --no-store"
                       : "give --store DIR with a folder you can write to, or --no-store",
                   "cannot make '%s': %s", path, strerror(-err));
    return FR_ERR_IO;
}

int lock_open(const char *folder, const char *name, int flags, mode_t mode)
{
    struct stat st;
    char *path = fr_path_join(folder, name);
    int fd = fr_open(path, flags | O_NOFOLLOW | O_NONBLOCK, mode); /* a FIFO would block */
    free(path);
    if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
        fr_close(&fd);
        return -EINVAL;
    }
    return fd;
}

/* Opens the FIFO of a run for a word to it; -1 = nobody listens. */
static int open_wake(const char *folder)
{
    char *path = fr_path_join(folder, "control");
    int fd = fr_open(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0);
    free(path);
    return fd;
}

/* Whether what the run's folder has by the names that are opened here is what flowrun makes: it is written to. */
static bool check_run(const char *store_folder, const char *run_id, const char *folder,
                      struct fr_diags *diags)
{
    char *runs = fr_path_join(store_folder, "runs");
    bool good = store_check_inside(runs, run_id, S_IFDIR, diags) &&
                store_check_inside(folder, "lock", S_IFREG, diags) &&
                store_check_inside(folder, "control", S_IFIFO, diags);
    free(runs);
    return good;
}

/* Makes the FIFO and opens it: for reading and writing, so that it never is at its end. */
static int open_control(const char *folder)
{
    char *path = fr_path_join(folder, "control");
    bool there = mkfifo(path, 0600) == 0 || errno == EEXIST;
    int fd = there ? fr_open(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0) : -errno;
    free(path);
    return fd;
}

enum fr_err fr_run_hold_new(const char *store_folder, const char *run_id, struct fr_diags *diags,
                            struct fr_run_hold *hold)
{
    *hold = (struct fr_run_hold){lock_run_folder(store_folder, run_id), -1, -1};
    int err = fr_mkdirs(hold->folder, 0700);
    if (!err) {
        hold->lock_fd =
            lock_open(hold->folder, "lock", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        err = hold->lock_fd < 0 ? hold->lock_fd : 0;
    }
    if (!err && flock(hold->lock_fd, LOCK_EX | LOCK_NB) < 0)
        err = -errno;
    if (!err) {
        hold->control_fd = open_control(hold->folder);
        err = hold->control_fd < 0 ? hold->control_fd : 0;
    }
    if (!err)
        return FR_OK;
    lock_refuse(diags, hold->folder, err);
    fr_run_hold_end(hold);
    return FR_ERR_IO;
}

bool lock_is_there(const char *folder, const char *name, int fd)
{
    struct stat ours, theirs;
    char *path = fr_path_join(folder, name);
    bool same = fstat(fd, &ours) == 0 && lstat(path, &theirs) == 0 &&
                ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
    free(path);
    return same;
}

bool lock_is_led(const char *folder)
{
    struct flock mark = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int listens = open_wake(folder);
    int lock = lock_open(folder, "lock", O_RDWR | O_CLOEXEC, 0);
    bool led =
        listens >= 0 && lock >= 0 && fcntl(lock, F_GETLK, &mark) == 0 && mark.l_type != F_UNLCK;
    fr_close(&listens);
    fr_close(&lock);
    return led;
}

int lock_take(const char *folder)
{
    for (;;) {
        int fd = lock_open(folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0)
            return fd;
        int err = flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
        if (!err && lock_is_there(folder, "lock", fd))
            return fd;
        fr_close(&fd);
        if (err)
            return err;
    }
}

bool lock_is_unread(const char *name)
{
    size_t len = strlen(name), end = strlen(LOCK_UNWRITTEN);
    return strncmp(name, FR_RUN_ANSWER, strlen(FR_RUN_ANSWER)) == 0 ||
           (len > end && strcmp(name + len - end, LOCK_UNWRITTEN) == 0);
}

void lock_drop_unread(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL)
        if (lock_is_unread(entry->d_name))
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir)
        closedir(dir);
}

enum fr_err fr_run_hold_again(const char *store_folder, const char *run_id, struct fr_diags *diags,
                              struct fr_run_hold *hold)
{
    enum { TRIES = 1500, SURE = 10 }; /* who was killed just now is there for a moment more */
    const struct timespec pause = {.tv_nsec = 20000000};
    int led = 0;
    *hold = (struct fr_run_hold){lock_run_folder(store_folder, run_id), -1, -1};
    if (!check_run(store_folder, run_id, hold->folder, diags)) {
        free(hold->folder);
        hold->folder = NULL;
        return FR_ERR_IO;
    }
    int err = 0;
    for (int i = 0; !err && hold->lock_fd < 0; i++) {
        err = fr_mkdirs(hold->folder, 0700); /* whoever had it may just have removed it */
        int fd = err ? err : lock_take(hold->folder);
        if (fd >= 0) {
            hold->lock_fd = fd;
        } else if (fd != -EWOULDBLOCK && fd != -ENOENT) {
            err = fd;
        } else if (i == TRIES || (led = lock_is_led(hold->folder) ? led + 1 : 0) == SURE) {
            store_complain(diags, "run-lasts",
                           "follow it with `flowrun logs -f`, or end it with "
                           "`flowrun cancel`",
                           "run %s is under way", run_id);
            free(hold->folder);
            hold->folder = NULL;
            return FR_ERR_USAGE;
        } else {
            nanosleep(&pause, NULL);
        }
    }
    if (!err) {
        lock_drop_unread(hold->folder); /* of a process that was killed */
        hold->control_fd = open_control(hold->folder);
        err = hold->control_fd < 0 ? hold->control_fd : 0;
    }
    if (!err)
        return FR_OK;
    lock_refuse(diags, hold->folder, err);
    if (hold->lock_fd >= 0)
        fr_run_hold_end(hold);
    free(hold->folder);
    hold->folder = NULL;
    return FR_ERR_IO;
}

void fr_run_hold_end(struct fr_run_hold *hold)
{
    static const char *const names[] = {"control", "lock"};
    if (!hold->folder)
        return;
    lock_drop_unread(hold->folder);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = fr_path_join(hold->folder, names[i]);
        (void)unlink(path);
        free(path);
    }
    (void)rmdir(hold->folder); /* stays when there are values in it */
    fr_close(&hold->control_fd);
    fr_close(&hold->lock_fd);
    free(hold->folder);
    hold->folder = NULL;
}

bool fr_run_is_held(const char *store_folder, const char *run_id)
{
    char *folder = lock_run_folder(store_folder, run_id);
    int fd = lock_open(folder, "lock", O_RDONLY | O_CLOEXEC, 0);
    bool held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
    fr_close(&fd);
    free(folder);
    return held;
}

bool fr_run_poke(const char *store_folder, const char *run_id)
{
    char *folder = lock_run_folder(store_folder, run_id);
    int fd = open_wake(folder);
    /* A full FIFO is as good as a byte more: the run has not looked yet. */
    bool told = fd >= 0 && (write(fd, "!", 1) == 1 || errno == EAGAIN);
    fr_close(&fd);
    free(folder);
    return told;
}
