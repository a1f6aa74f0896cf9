/* Locks of runs and of concurrency groups, and the FIFO by which a run is woken. Owns descriptors only; any thread. */
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

/* runs/<id>, owned by the caller. */
static char *run_folder(const char *store_folder, const char *run_id)
{
    char *runs = fr_path_join(store_folder, "runs");
    char *folder = fr_path_join(runs, run_id);
    free(runs);
    return folder;
}

/* Says that something of the store could not be made. */
static enum fr_err refuse(struct fr_diags *diags, const char *path, int err)
{
    store_complain(diags, "store",
                   err == -ENOSPC
                       ? "make room, or use --no-store"
                       : "give --store DIR with a folder you can write to, or --no-store",
                   "cannot make '%s': %s", path, strerror(-err));
    return FR_ERR_IO;
}

/* Opens a file of a folder that nobody else can write to. */
static int open_in(const char *folder, const char *name, int flags, mode_t mode)
{
    char *path = fr_path_join(folder, name);
    int fd = fr_open(path, flags | O_NOFOLLOW, mode);
    free(path);
    return fd;
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
    *hold = (struct fr_run_hold){run_folder(store_folder, run_id), -1, -1};
    int err = fr_mkdirs(hold->folder, 0700);
    if (!err) {
        hold->lock_fd = open_in(hold->folder, "lock", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
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
    refuse(diags, hold->folder, err);
    fr_run_hold_end(hold);
    return FR_ERR_IO;
}

/* Whether an open lock is still the one that the folder has: whoever held it may have removed it at its end. */
static bool is_lock_of(const char *folder, int fd)
{
    struct stat ours, theirs;
    char *path = fr_path_join(folder, "lock");
    bool same = fstat(fd, &ours) == 0 && stat(path, &theirs) == 0 && ours.st_ino == theirs.st_ino &&
                ours.st_dev == theirs.st_dev;
    free(path);
    return same;
}

/* Whether a coordinator listens to requests: a guard alone does not. */
static bool has_listener(const char *folder)
{
    int fd = open_in(folder, "control", O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0);
    bool has = fd >= 0;
    fr_close(&fd);
    return has;
}

/* Takes the lock of a folder; -EWOULDBLOCK: somebody else has it. */
static int try_lock(const char *folder)
{
    for (;;) {
        int fd = open_in(folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0)
            return fd;
        int err = flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
        if (!err && is_lock_of(folder, fd))
            return fd;
        fr_close(&fd);
        if (err)
            return err;
    }
}

/* Removes answers that nobody has taken. */
static void drop_answers(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL)
        if (strncmp(entry->d_name, FR_RUN_ANSWER, strlen(FR_RUN_ANSWER)) == 0)
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir)
        closedir(dir);
}

enum fr_err fr_run_hold_again(const char *store_folder, const char *run_id, struct fr_diags *diags,
                              struct fr_run_hold *hold)
{
    enum { TRIES = 1500 };
    const struct timespec pause = {.tv_nsec = 20000000};
    *hold = (struct fr_run_hold){run_folder(store_folder, run_id), -1, -1};
    int err = fr_mkdirs(hold->folder, 0700);
    for (int i = 0; !err && hold->lock_fd < 0; i++) {
        int fd = try_lock(hold->folder);
        if (fd >= 0) {
            hold->lock_fd = fd;
        } else if (fd != -EWOULDBLOCK) {
            err = fd;
        } else if (i == TRIES || has_listener(hold->folder)) {
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
        drop_answers(hold->folder); /* of a process that was killed */
        hold->control_fd = open_control(hold->folder);
        err = hold->control_fd < 0 ? hold->control_fd : 0;
    }
    if (!err)
        return FR_OK;
    refuse(diags, hold->folder, err);
    if (hold->lock_fd >= 0)
        fr_run_hold_end(hold);
    free(hold->folder);
    hold->folder = NULL;
    return FR_ERR_IO;
}

void fr_run_hold_end(struct fr_run_hold *hold)
{
    static const char *const names[] = {"control", "scratch", "lock"};
    if (!hold->folder)
        return;
    drop_answers(hold->folder);
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
    char *folder = run_folder(store_folder, run_id);
    int fd = open_in(folder, "lock", O_RDONLY | O_CLOEXEC, 0);
    bool held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
    fr_close(&fd);
    free(folder);
    return held;
}

bool fr_run_poke(const char *store_folder, const char *run_id)
{
    char *folder = run_folder(store_folder, run_id);
    int fd = open_in(folder, "control", O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0);
    /* A full FIFO is as good as a byte more: the run has not looked yet. */
    bool told = fd >= 0 && (write(fd, "!", 1) == 1 || errno == EAGAIN);
    fr_close(&fd);
    free(folder);
    return told;
}

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
    enum fr_err result = FR_OK;
    *fd = err ? err : open_in(folder, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0)
        result = refuse(diags, folder, *fd);
    else
        result = take(*fd, group, wait, waiting, arg, diags);
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
