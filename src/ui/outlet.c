/* Regular files and terminals are written to as ever; pipes and sockets without waiting. A pipe opened once more has flags of
 * its own; where that cannot be, it gets what one that is ready takes for certain. Coordinator thread. */
#include "outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/fd.h"

enum { PATIENCE_MS = 1000, KEPT_ROOM = 64 << 10 };

void outlet_init(struct outlet *outlet, int fd)
{
    char path[40];
    struct stat info = {0};
    int flags = fcntl(fd, F_GETFL);
    *outlet = (struct outlet){.fd = fd, .own = -1, .hurry_fd = -1};
    fr_buf_init(&outlet->queue, 0);
    if (flags < 0 || flags & O_NONBLOCK || fstat(fd, &info) < 0)
        return;
    if (S_ISSOCK(info.st_mode))
        outlet->kind = OUTLET_SOCKET;
    if (!S_ISFIFO(info.st_mode))
        return;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    outlet->own = fr_open(path, O_WRONLY | O_NONBLOCK, 0);
    if (outlet->own < 0)
        outlet->kind = OUTLET_PIPE;
}

void outlet_release(struct outlet *outlet)
{
    fr_buf_release(&outlet->queue);
    fr_close(&outlet->own);
}

static size_t waiting(const struct outlet *outlet)
{
    return outlet->queue.len - outlet->head;
}

static int own_fd(const struct outlet *outlet)
{
    return outlet->own >= 0 ? outlet->own : outlet->fd;
}

/* write(2) that says EAGAIN instead of waiting. */
static ssize_t write_some(const struct outlet *outlet, const char *text, size_t len)
{
    struct pollfd ready = {.fd = outlet->fd, .events = POLLOUT};
    if (outlet->kind == OUTLET_SOCKET)
        return send(outlet->fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (outlet->kind == OUTLET_PLAIN)
        return write(own_fd(outlet), text, len);
    if (poll(&ready, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
    }
    return write(outlet->fd, text, len < PIPE_BUF ? len : PIPE_BUF);
}

/* Writes what is taken now; how much that was. */
static size_t send_now(struct outlet *outlet, const char *text, size_t len)
{
    size_t done = 0;
    while (done < len && !outlet->err) {
        ssize_t n = write_some(outlet, text + done, len - done);
        if (n >= 0) {
            const char *eol = memrchr(text + done, '\n', (size_t)n);
            done += (size_t)n;
            outlet->half = eol ? (size_t)(text + done - eol - 1) : outlet->half + (size_t)n;
            outlet->stuck = false;
        } else if (errno == EAGAIN) {
            break;
        } else if (errno != EINTR) {
            outlet->err = errno;
        }
    }
    return done;
}

/* Forgets the queue, and gives a large one's memory back. */
static void empty(struct outlet *outlet)
{
    if (outlet->queue.cap > KEPT_ROOM)
        fr_buf_release(&outlet->queue);
    fr_buf_clear(&outlet->queue);
    outlet->head = 0;
}

void outlet_push(struct outlet *outlet)
{
    if (!waiting(outlet))
        return;
    outlet->head += send_now(outlet, outlet->queue.data + outlet->head, waiting(outlet));
    if (outlet->err || !waiting(outlet))
        empty(outlet);
}

/* Waits until less than so much waits, for as long as the reader goes on. */
static void wait_for(struct outlet *outlet, size_t most)
{
    while (!outlet->stuck && waiting(outlet) > most) {
        struct pollfd fds[2] = {{.fd = own_fd(outlet), .events = POLLOUT},
                                {.fd = outlet->hurry_fd, .events = POLLIN}};
        size_t before = waiting(outlet);
        int n = poll(fds, 2, PATIENCE_MS);
        if (n < 0 && errno == EINTR)
            continue;
        if (fds[1].revents)
            return;
        outlet_push(outlet);
        outlet->stuck = waiting(outlet) == before;
    }
}

bool outlet_put(struct outlet *outlet, const char *text, size_t len, bool spare)
{
    size_t ceiling = OUTLET_BEHIND_MAX + (spare ? OUTLET_SPARE : 0);
    outlet_push(outlet);
    if (outlet->err)
        return true;
    if (!waiting(outlet)) {
        size_t done = send_now(outlet, text, len);
        text += done;
        len -= done;
    } else if (waiting(outlet) + len > ceiling) {
        wait_for(outlet, len < ceiling ? ceiling - len : 0);
        if (waiting(outlet) && waiting(outlet) + len > ceiling)
            return false;
    }
    if (outlet->err || !len)
        return true;
    if (outlet->head > outlet->queue.len / 2) {
        outlet->queue.len -= outlet->head;
        memmove(outlet->queue.data, outlet->queue.data + outlet->head, outlet->queue.len);
        outlet->head = 0;
    }
    return fr_buf_add(&outlet->queue, text, len);
}

int outlet_fd(const struct outlet *outlet)
{
    return waiting(outlet) ? own_fd(outlet) : -1;
}

bool outlet_finish(struct outlet *outlet, int patience_ms)
{
    for (outlet_push(outlet); waiting(outlet); outlet_push(outlet)) {
        struct pollfd ready = {.fd = own_fd(outlet), .events = POLLOUT};
        int n = poll(&ready, 1, patience_ms);
        if (n == 0)
            return false;
    }
    return true;
}
