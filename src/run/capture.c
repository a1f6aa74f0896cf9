/* Capturing output with a ceiling set at birth: a step that prints a gigabyte costs a file, not
 * memory. Bytes beyond the ceiling are moved from pipe to file inside the kernel where it can.
 * Runs on worker threads; owns the pipe's end, the memory, and the file until it is taken. */
#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "flowrun/base/fd.h"

enum { PIPE_SIZE = 1 << 20, SPLICE_SIZE = 1 << 20 };

/* Starts a capture of everything. */
void capture_init(struct capture *capture, size_t limit, const char *path)
{
    *capture = (struct capture){.fd = -1, .file = -1, .limit = limit, .path = path};
}

/* Starts a capture of the end. */
void capture_init_last(struct capture *capture, size_t limit)
{
    *capture = (struct capture){.fd = -1, .file = -1, .limit = limit, .last = true};
}

/* Frees all. */
void capture_release(struct capture *capture)
{
    fr_close(&capture->fd);
    if (capture->file >= 0) {
        fr_close(&capture->file);
        (void)unlink(capture->path);
    }
    free(capture->data);
    capture->data = NULL;
}

/* Makes room in memory: exactly what the first piece needs, since most outputs are one piece. */
static bool reserve(struct capture *capture, size_t more)
{
    size_t need = capture->len + more + 1;
    if (need <= capture->cap) {
        return true;
    }
    size_t cap = capture->cap ? capture->cap * 2 : need;
    cap = cap < need ? need : cap;
    char *data = realloc(capture->data, cap);
    if (!data) {
        return false;
    }
    capture->data = data;
    capture->cap = cap;
    return true;
}

/* Adds to memory. */
static int keep(struct capture *capture, const void *data, size_t len)
{
    if (len == 0) {
        return 0;
    }
    if (!reserve(capture, len)) {
        return -ENOMEM;
    }
    memcpy(capture->data + capture->len, data, len);
    capture->len += len;
    capture->data[capture->len] = '\0';
    return 0;
}

/* Adds to memory of which only the end counts: the front goes when it has become as long as that. */
static int keep_last(struct capture *capture, const char *data, size_t len)
{
    if (len > capture->limit) {
        data += len - capture->limit;
        len = capture->limit;
    }
    if (capture->len + len > 2 * capture->limit) {
        size_t stay = capture->limit - len;
        memmove(capture->data, capture->data + capture->len - stay, stay);
        capture->len = stay;
    }
    return keep(capture, data, len);
}

/* Moves what is in memory to a new file; the pipe is made larger, for fewer turns. */
static int spill(struct capture *capture)
{
    int fd = fr_open(capture->path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0) {
        return fd;
    }
    capture->file = fd;
    int err = fr_write_all(fd, capture->data, capture->len);
    free(capture->data);
    capture->data = NULL;
    capture->len = 0;
    capture->cap = 0;
    if (capture->fd >= 0 && !capture->small) {
        (void)fcntl(capture->fd, F_SETPIPE_SZ, PIPE_SIZE);
    }
    return err;
}

/* Adds bytes to where they belong. */
int capture_add(struct capture *capture, const void *data, size_t len)
{
    capture->total += len;
    if (capture->ignore) {
        return 0;
    }
    if (capture->last) {
        return keep_last(capture, data, len);
    }
    if (capture->file < 0 && capture->len + len <= capture->limit) {
        return keep(capture, data, len);
    }
    int err = capture->file < 0 ? spill(capture) : 0;
    return err ? err : fr_write_all(capture->file, data, len);
}

/* Moves bytes from the pipe to the file without touching them; false when that does not work. */
static bool move(struct capture *capture, int *err)
{
    ssize_t n = splice(capture->fd, NULL, capture->file, NULL, SPLICE_SIZE, SPLICE_F_MOVE);
    if (n < 0 && errno == EINVAL) {
        capture->spliced_out = true;
        return false;
    }
    *err = n < 0 && errno != EINTR ? -errno : 0;
    if (n > 0) {
        capture->total += (uint64_t)n;
    } else if (n == 0) {
        fr_close(&capture->fd);
    }
    return true;
}

/* Reads what there is; of many packets, which read would give one by one, as many as fit. */
static ssize_t take(const struct capture *capture, char *chunk)
{
    struct iovec piece = {.iov_base = chunk, .iov_len = CAPTURE_CHUNK};
    if (capture->packets && !capture->small) {
        ssize_t n = vmsplice(capture->fd, &piece, 1, SPLICE_F_NONBLOCK);
        if (n >= 0 || errno == EAGAIN || errno == EINTR) {
            return n;
        }
    }
    return read(capture->fd, chunk, CAPTURE_CHUNK);
}

/* Takes one piece from the pipe. A hang-up without data is its end, and so is a hang-up with less
 * data than was asked for: nobody can write any more. Neither needs another read. */
int capture_read(struct capture *capture, short revents, char *chunk, bool pass, size_t *seen)
{
    int err = 0;
    *seen = 0;
    if (!(revents & POLLIN)) {
        fr_close(&capture->fd);
        return 0;
    }
    if (!pass && capture->file >= 0 && !capture->spliced_out && move(capture, &err)) {
        return err;
    }
    ssize_t n = take(capture, chunk);
    if (n < 0) {
        return errno == EINTR || errno == EAGAIN ? 0 : -errno;
    }
    if (n > 0) {
        *seen = (size_t)n;
        err = capture_add(capture, chunk, (size_t)n);
    }
    bool all = !capture->packets || capture->small;
    if (n == 0 || (n < CAPTURE_CHUNK && revents & POLLHUP && all)) {
        fr_close(&capture->fd);
    }
    return err;
}

/* Hands over what was kept. */
int capture_take(struct capture *capture, char **data, size_t *len, char **path)
{
    int err = 0;
    fr_close(&capture->fd);
    *data = NULL;
    *path = NULL;
    *len = capture->len;
    if (capture->file >= 0) {
        *len = (size_t)capture->total;
        *path = strdup(capture->path);
        if (close(capture->file) < 0 && errno != EINTR) {
            err = -errno;
        }
        capture->file = -1;
        return *path ? err : -ENOMEM;
    }
    if (capture->last && capture->len > capture->limit) {
        memmove(capture->data, capture->data + capture->len - capture->limit, capture->limit);
        capture->len = capture->limit;
        capture->data[capture->len] = '\0';
        *len = capture->len;
    }
    *data = capture->data;
    capture->data = NULL;
    return err;
}
