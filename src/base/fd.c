/* File descriptors and whole files. Every descriptor is close-on-exec from birth, so that no
 * process started meanwhile inherits it. Owns nothing; any thread. */
#include "flowrun/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "base.h"

enum { READ_CHUNK = 64 << 10, TEMP_TRIES = 1000, MAX_LINKS = 40 };

/* open(2), restarted after signals. */
int fr_open(const char *path, int flags, mode_t mode)
{
    int fd = -1;
    do {
        fd = open(path, flags | O_CLOEXEC | O_NOCTTY, mode);
    } while (fd < 0 && errno == EINTR);
    return fd < 0 ? -errno : fd;
}

/* pipe2(2); both ends are -1 when it fails. */
int fr_pipe(int fds[2], int flags)
{
    if (pipe2(fds, flags | O_CLOEXEC) < 0) {
        fds[0] = -1;
        fds[1] = -1;
        return -errno;
    }
    return 0;
}

/* Closes once: on Linux the descriptor is gone even when close says EINTR. Keeps errno. */
void fr_close(int *fd)
{
    int saved = errno;
    if (*fd >= 0) {
        (void)close(*fd);
    }
    *fd = -1;
    errno = saved;
}

/* After a call failed with `err`: waits where that helps and returns 0 for "again", else -err. */
static int wait_for(int fd, int err, short events)
{
    if (err == EAGAIN) {
        struct pollfd p = {.fd = fd, .events = events};
        if (poll(&p, 1, -1) < 0 && errno != EINTR) {
            return -errno;
        }
        return 0;
    }
    return err == EINTR ? 0 : -err;
}

/* Writes all bytes, waiting for room on a non-blocking descriptor. */
int fr_write_all(int fd, const void *data, size_t len)
{
    const char *from = data;
    while (len > 0) {
        ssize_t n = write(fd, from, len);
        if (n < 0) {
            int err = wait_for(fd, errno, POLLOUT);
            if (err) {
                return err;
            }
            continue;
        }
        from += n;
        len -= (size_t)n;
    }
    return 0;
}

/* read(2), restarted; a count or -errno. */
static ssize_t read_some(int fd, void *to, size_t len)
{
    for (;;) {
        ssize_t n = read(fd, to, len);
        if (n >= 0) {
            return n;
        }
        int err = wait_for(fd, errno, POLLIN);
        if (err) {
            return err;
        }
    }
}

/* How much to ask for next: the rest of a regular file and one byte to meet its end, or a chunk. */
static size_t first_chunk(int fd)
{
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= READ_CHUNK) {
        return (size_t)st.st_size + 1;
    }
    return READ_CHUNK;
}

/* Reads to the end; at the ceiling one more byte decides between the end and too much. */
int fr_read_all(int fd, struct fr_buf *buf)
{
    size_t chunk = first_chunk(fd);
    for (;;) {
        if (buf->ceiling && chunk > buf->ceiling - buf->len) {
            chunk = buf->ceiling - buf->len;
        }
        char extra = 0;
        char *to = chunk > 0 ? fr_buf_reserve(buf, chunk) : &extra;
        if (!to) {
            return -ENOMEM;
        }
        ssize_t n = read_some(fd, to, chunk > 0 ? chunk : 1);
        if (n <= 0) {
            return (int)n;
        }
        if (chunk == 0) {
            buf->overflow = true;
            return -EFBIG;
        }
        buf->len += (size_t)n;
        buf->data[buf->len] = '\0';
        size_t room = buf->cap - 1 - buf->len;
        chunk = room > 0 ? room : READ_CHUNK;
    }
}

/* Reads a whole file. */
int fr_read_file(const char *path, struct fr_buf *buf)
{
    int fd = fr_open(path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) {
        return fd;
    }
    int err = fr_read_all(fd, buf);
    fr_close(&fd);
    return err;
}

/* Creates a file of its own beside `path`; its name goes to *temp (owned by the caller). */
static int open_temp(const char *path, mode_t mode, char **temp)
{
    size_t folder = (size_t)(fr_path_base(path) - path);
    size_t size = folder + 64;
    *temp = base_malloc(size);
    memcpy(*temp, path, folder);
    for (int i = 0; i < TEMP_TRIES; i++) {
        (void)snprintf(*temp + folder, size - folder, ".flowrun-%ld-%d.tmp", (long)gettid(), i);
        int fd = fr_open(*temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (fd != -EEXIST) {
            return fd;
        }
    }
    return -EEXIST;
}

/* Writes a file that is no regular one (a terminal, /dev/null, a pipe): there is nothing to rename. */
static int write_special(const char *path, const void *data, size_t len)
{
    int fd = fr_open(path, O_WRONLY | O_CLOEXEC, 0);
    if (fd < 0) {
        return fd;
    }
    int err = fr_write_all(fd, data, len);
    fr_close(&fd);
    return err;
}

/* What a symbolic link says, as seen from where the link is; NULL: it is none, or errno says more. */
static char *read_link(const char *path)
{
    char target[PATH_MAX];
    ssize_t len = readlink(path, target, sizeof(target) - 1);
    if (len < 0) {
        return NULL;
    }
    target[len] = '\0';
    size_t folder = *target == '/' ? 0 : (size_t)(fr_path_base(path) - path);
    size_t size = folder + (size_t)len + 1;
    char *full = base_malloc(size);
    (void)snprintf(full, size, "%.*s%s", (int)folder, path, target);
    return full;
}

/* Goes from link to link; open(2) makes the file that the last one names. */
char *fr_follow_links(const char *path)
{
    char *at = strdup(path), *next = NULL;
    for (int links = 0; at && (next = read_link(at)); links++) {
        free(at);
        at = next;
        if (links == MAX_LINKS) {
            free(at);
            errno = ELOOP;
            return NULL;
        }
    }
    return at;
}

/* Writes under a temporary name and renames; `like` is the file whose mode is kept, or NULL. There is no fsync: what is
 * promised is that a process that dies leaves the old file or the new one, not that the new one outlives a power cut. */
static int put_file(const char *path, const void *data, size_t len, mode_t mode,
                    const struct stat *like)
{
    char *temp = NULL;
    int err = 0;
    int fd = open_temp(path, mode, &temp);
    if (fd < 0) {
        free(temp);
        return fd;
    }
    if (like && fchmod(fd, like->st_mode & 0777) < 0) {
        err = -errno;
    }
    err = err ? err : fr_write_all(fd, data, len);
    if (close(fd) < 0 && !err && errno != EINTR) {
        err = -errno;
    }
    if (!err && rename(temp, path) < 0) {
        err = -errno;
    }
    if (err) {
        (void)unlink(temp);
    }
    free(temp);
    return err;
}

int fr_replace_file(const char *path, const void *data, size_t len, mode_t mode)
{
    return put_file(path, data, len, mode, NULL);
}

int fr_write_file(const char *path, const void *data, size_t len, mode_t mode)
{
    struct stat st;
    bool there = stat(path, &st) == 0;
    if (there && !S_ISREG(st.st_mode)) {
        return S_ISDIR(st.st_mode) ? -EISDIR : write_special(path, data, len);
    }
    char *target = fr_follow_links(path);
    if (!target) {
        return -errno;
    }
    int err = put_file(target, data, len, mode, there ? &st : NULL);
    free(target);
    return err;
}
