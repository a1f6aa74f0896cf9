/* Making and removing folders. Removing works through descriptors and never follows a symbolic
 * link, whatever another process swaps in meanwhile; a tree of any depth needs a bounded number
 * of descriptors. Owns nothing; any thread. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"
#include "flowrun/base/fd.h"

enum { DEEPEST = 64 }; /* folders open at a time */

/* mkdir of one folder that may be there already. */
static int make_folder(const char *path, mode_t mode)
{
    if (mkdir(path, mode) == 0) {
        return 0;
    }
    int err = errno;
    struct stat st;
    if (stat(path, &st) == 0) {
        return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
    }
    return -err;
}

/* mkdir -p: the whole path first, since mostly only its last folder is missing. */
int fr_mkdirs(const char *path, mode_t mode)
{
    int err = make_folder(path, mode);
    if (err != -ENOENT || *path == '\0') {
        return err;
    }
    char *copy = base_malloc(strlen(path) + 1);
    memcpy(copy, path, strlen(path) + 1);
    err = 0;
    for (char *p = copy + strspn(copy, "/"); !err && *p;) {
        p += strcspn(p, "/");
        char slash = *p;
        *p = '\0';
        err = make_folder(copy, mode);
        *p = slash;
        p += strspn(p, "/");
    }
    free(copy);
    return err;
}

/* One removal: where it started, and what went wrong first. */
struct removal {
    int top;        /* the tree's own folder: what lies too deep is moved here */
    unsigned moved; /* makes the names of moved folders */
    bool again;     /* something was moved since the last pass began */
    int err;
};

/* Remembers the first error; the rest of the tree is removed all the same. */
static void note_error(struct removal *job, int err)
{
    if (!job->err && err != ENOENT) {
        job->err = -err;
    }
}

/* Opens a folder for emptying, and takes the rights that needs where its owner had none. */
static int open_folder(int parent, const char *name)
{
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(parent, name, flags);
    if (fd < 0 && errno == EACCES) {
        int handle = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (handle < 0) {
            return -1;
        }
        char link[40];
        (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", handle);
        if (chmod(link, 0700) == 0) {
            fd = openat(handle, ".", flags);
        } else {
            errno = EACCES;
        }
        fr_close(&handle);
    }
    struct stat st;
    if (fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 0300) != 0300) {
        (void)fchmod(fd, 0700);
    }
    return fd;
}

/* Moves a folder that lies too deep up to the top, where a later pass finds it. */
static void move_up(struct removal *job, int parent, const char *name)
{
    char fresh[40];
    do {
        (void)snprintf(fresh, sizeof(fresh), ".flowrun-deep-%u", job->moved++);
        if (renameat2(parent, name, job->top, fresh, RENAME_NOREPLACE) == 0) {
            job->again = true;
            return;
        }
    } while (errno == EEXIST);
    note_error(job, errno);
}

static void remove_entry(struct removal *job, int parent, const char *name, int depth);

/* Removes everything in an open folder, once through. */
static void empty_folder(struct removal *job, DIR *dir, int depth)
{
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            remove_entry(job, dirfd(dir), entry->d_name, depth);
        }
    }
}

/* Removes a folder that is not empty; at the top again and again while something is moved there. */
static void remove_folder(struct removal *job, int parent, const char *name, int depth, int why)
{
    int fd = open_folder(parent, name);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        note_error(job, errno == ENOTDIR ? why : errno);
        fr_close(&fd);
        return;
    }
    if (depth > 0) {
        empty_folder(job, dir, depth + 1);
    } else {
        job->top = fd;
        do {
            job->again = false;
            rewinddir(dir);
            empty_folder(job, dir, depth + 1);
        } while (job->again && !job->err);
    }
    (void)closedir(dir);
    if (unlinkat(parent, name, AT_REMOVEDIR) < 0) {
        note_error(job, errno);
    }
}

/* Removes one entry of a folder, with what is below it. */
static void remove_entry(struct removal *job, int parent, const char *name, int depth)
{
    if (unlinkat(parent, name, 0) == 0) {
        return;
    }
    int why = errno;
    if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT) {
        return;
    }
    if (errno == ENOTDIR) {
        note_error(job, why);
    } else if (depth >= DEEPEST) {
        move_up(job, parent, name);
    } else {
        remove_folder(job, parent, name, depth, why);
    }
}

/* rm -rf; what is not there is no error. */
int fr_remove_tree(const char *path)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    char *name = base_malloc(len + 1);
    memcpy(name, path, len);
    name[len] = '\0';
    const char *base = fr_path_base(name);
    struct removal job = {.top = -1};
    if (*base == '\0' || strcmp(base, ".") == 0 || strcmp(base, "..") == 0) {
        job.err = -EINVAL;
    } else {
        remove_entry(&job, AT_FDCWD, name, 0);
    }
    free(name);
    return job.err;
}
