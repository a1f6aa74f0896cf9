/* Regular files are written to as ever; pipes, terminals and sockets without waiting. A pipe or terminal opened once more has
 * flags of its own; where that cannot be, it gets what one that is ready takes for certain. Coordinator thread. */
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
#include "flowrun/base/str.h"

#define PATIENCE_NS FR_NS_PER_S
#define SETTLE_NS (100 * FR_NS_PER_MS)

enum { KEPT_ROOM = 64 << 10, TERMINAL_PIECE = 64 };

static int64_t now_of(const struct outlet *outlet)
{
    return outlet->clock->mono_ns(outlet->clock->ctx);
}

/* Opens it once more, with flags that nobody shares; it does not become our controlling terminal by that. */
static int open_again(int fd, bool terminal)
{
    enum { FLAGS = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC };
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int own = fr_open(path, FLAGS, 0);
    if (own < 0 && terminal && tcgetpgrp(fd) >= 0) /* that of another user, as behind su */
        own = fr_open("/dev/tty", FLAGS, 0);
    return own;
}

static void on_turn(struct fr_sink *sink)
{
    outlet_push((struct outlet *)sink);
}

static int64_t due(struct fr_sink *sink)
{
    return outlet_due((struct outlet *)sink);
}

static int waits_for(struct fr_sink *sink)
{
    return outlet_fd((struct outlet *)sink);
}

static bool is_behind(struct fr_sink *sink)
{
    return outlet_is_behind((struct outlet *)sink);
}

void outlet_init(struct outlet *outlet, int fd)
{
    struct stat info = {0};
    int flags = fcntl(fd, F_GETFL);
    *outlet =
        (struct outlet){.sink = {.turn = on_turn, .due = due, .fd = waits_for, .behind = is_behind},
                        .fd = fd,
                        .own = -1,
                        .clock = fr_clock_system()};
    fr_buf_init(&outlet->queue, 0);
    if (flags < 0 || flags & O_NONBLOCK || fstat(fd, &info) < 0)
        return;
    if (S_ISSOCK(info.st_mode))
        outlet->kind = OUTLET_SOCKET;
    bool terminal = isatty(fd);
    if (!S_ISFIFO(info.st_mode) && !terminal)
        return;
    outlet->own = open_again(fd, terminal);
    if (outlet->own < 0)
        outlet->kind = terminal ? OUTLET_TERMINAL : OUTLET_PIPE;
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
    size_t piece = outlet->kind == OUTLET_PIPE ? PIPE_BUF : TERMINAL_PIECE;
    if (outlet->kind == OUTLET_SOCKET)
        return send(outlet->fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (outlet->kind == OUTLET_PLAIN)
        return write(own_fd(outlet), text, len);
    if (poll(&ready, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
    }
    return write(outlet->fd, text, len < piece ? len : piece);
}

/* Writes what is taken now; how much that was. */
static size_t send_now(struct outlet *outlet, const char *text, size_t len)
{
    size_t done = 0;
    while (done < len && !outlet->err && !outlet->owners) {
        ssize_t n = write_some(outlet, text + done, len - done);
        if (n >= 0) {
            const char *eol = memrchr(text + done, '\n', (size_t)n);
            done += (size_t)n;
            outlet->half = eol ? (size_t)(text + done - eol - 1) : outlet->half + (size_t)n;
            outlet->taken_ns = now_of(outlet);
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

/* Whether its reader has taken nothing for a while. */
static bool is_stuck(const struct outlet *outlet)
{
    return outlet->owners || now_of(outlet) - outlet->taken_ns >= PATIENCE_NS;
}

/* Whether so many bytes more are too many. */
static bool is_full(const struct outlet *outlet, size_t len, bool spare)
{
    size_t all = waiting(outlet) + len, most = OUTLET_BEHIND_MAX + (spare ? OUTLET_SPARE : 0);
    return all > most && (is_stuck(outlet) || all > OUTLET_FULL);
}

bool outlet_put(struct outlet *outlet, const char *text, size_t len, bool spare)
{
    outlet_push(outlet);
    if (outlet->err)
        return true;
    if (!waiting(outlet)) {
        outlet->taken_ns = now_of(outlet);
        size_t done = send_now(outlet, text, len);
        text += done;
        len -= done;
    } else if (is_full(outlet, len, spare)) {
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
    return waiting(outlet) && !outlet->owners ? own_fd(outlet) : -1;
}

bool outlet_is_late(const struct outlet *outlet)
{
    return waiting(outlet) > 0;
}

bool outlet_is_behind(struct outlet *outlet)
{
    outlet_push(outlet);
    outlet->behind = waiting(outlet) > OUTLET_BEHIND_MAX && !is_stuck(outlet);
    return outlet->behind;
}

int64_t outlet_due(const struct outlet *outlet)
{
    return outlet->behind ? outlet->taken_ns + PATIENCE_NS : INT64_MAX;
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

void outlet_settle(struct outlet *outlet)
{
    int64_t until = now_of(outlet) + SETTLE_NS;
    for (outlet_push(outlet); waiting(outlet) && !is_stuck(outlet); outlet_push(outlet)) {
        struct pollfd ready = {.fd = own_fd(outlet), .events = POLLOUT};
        int64_t left = until - now_of(outlet);
        if (left <= 0 || poll(&ready, 1, (int)(left / FR_NS_PER_MS) + 1) == 0)
            return;
    }
}

void outlet_note_owner(struct outlet *outlet, const struct fr_event *event)
{
    if (event->kind != FR_EVENT_STATUS || !event->step->tty || tcgetpgrp(outlet->fd) < 0)
        return; /* nobody can be given a terminal that does not control the session */
    if (event->to == FR_RUNNING) {
        outlet_settle(outlet);
        outlet->owners++;
    } else if (event->from == FR_RUNNING && outlet->owners) {
        outlet->owners--;
        outlet_push(outlet);
    }
}
