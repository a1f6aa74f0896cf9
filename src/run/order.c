/* Two pipes in true order.
 *
 * STRICT: each pipe has room for one packet, which is one write (pipe2's O_DIRECT). Who writes to both in turns waits at
 * the second write to one of them until we have read the first, and the edges that an epoll reports come in the order of
 * the writes. So one read for each event gives the exact order.
 *
 * BULK: who prints much to one pipe gets a large one. The other one gets a stopper first, a byte of ours, so that the
 * writer who turns to it has to wait. He prints nothing meanwhile: the large pipe runs dry, all of it came before, and
 * it becomes small again before the stopper is taken out.
 *
 * OPEN: when the large pipe does not run dry for long, even after all that it can hold was read, who waits at the
 * stopper is somebody else: it is taken out for a moment. If somebody was there, two processes print at once, and
 * between those there is no order that could be kept.
 *
 * A program that makes its output non-blocking might lose what does not fit: for it both pipes become large at once, and
 * the order is only what we see (PLAIN). Runs on worker threads. */
#include "order.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"

enum {
    ONE_PACKET = 4096, /* bytes of a page: the kernel rounds up where pages are larger */
    LARGE = 64 << 10,
    VERY_LARGE = 1 << 20, /* most users may have some of these */
    ROW = 64,             /* this many reads of one pipe … */
    PAGES = 8,            /* … or of whole pages make it large */
    LINGER_MS = 1,        /* how long it stays so with nothing in it */
};

#define ROW_NS (ROW * 100000LL) /* a row that takes longer is no hurry */
#define PEEP_NS (500 * FR_NS_PER_MS)

int order_pipe(struct capture *capture, bool paired, int *theirs)
{
    int fds[2];
    int err = fr_pipe(fds, paired ? O_DIRECT : 0);
    capture->packets = paired && !err;
    if (err == -EINVAL && paired) /* some sandboxes have no packets, and so no order */
        err = fr_pipe(fds, 0);
    capture->fd = fds[0];
    *theirs = fds[1];
    return err;
}

/* Adds a pipe to the epoll; one that holds something is reported at once. */
static bool listen_to(const struct order *order, int pipe)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET,
                                .data.u64 = order->key << 1 | (unsigned)pipe};
    return epoll_ctl(order->epoll_fd, EPOLL_CTL_ADD, order->pipes[pipe]->fd, &event) == 0;
}

/* Removes it, with what was to be reported of it. */
static void forget(const struct order *order, int pipe)
{
    if (order->epoll_fd >= 0 && order->pipes[pipe]->fd >= 0)
        (void)epoll_ctl(order->epoll_fd, EPOLL_CTL_DEL, order->pipes[pipe]->fd, NULL);
}

/* Gives a pipe room for `size` bytes; false when it holds more than that. */
static bool resize(const struct order *order, int pipe, int size)
{
    order->pipes[pipe]->small = size == ONE_PACKET;
    return fcntl(order->pipes[pipe]->fd, F_SETPIPE_SZ, size) >= 0;
}

/* Makes a pipe as large as the system lets us. */
static void enlarge(const struct order *order, int pipe)
{
    if (order->pipes[pipe]->fd >= 0 && !resize(order, pipe, VERY_LARGE))
        (void)resize(order, pipe, LARGE);
}

/* Puts the stopper into an empty pipe; false when it is not empty. Never waits. The byte is no packet, but a page of
 * ours, to which nobody can add. */
static bool plug(const struct order *order)
{
    static char stopper[] = "-";
    const struct iovec piece = {.iov_base = stopper, .iov_len = 1};
    return vmsplice(order->plug_fd, &piece, 1, SPLICE_F_NONBLOCK) == 1;
}

/* Takes it out. */
static void unplug(const struct order *order)
{
    char stopper;
    int fd = order->pipes[!order->bulk]->fd;
    if (fd >= 0)
        (void)!read(fd, &stopper, 1);
}

void order_stop(struct order *order)
{
    if (order->mode == ORDER_BULK)
        unplug(order);
    fr_close(&order->plug_fd);
    if (order->mode != ORDER_PLAIN) {
        forget(order, 0);
        forget(order, 1);
    }
    order->mode = ORDER_PLAIN;
}

/* Makes both pipes what they are without an order. */
static void give_up(struct order *order)
{
    order_stop(order);
    for (int i = 0; i < 2; i++)
        enlarge(order, i);
}

void order_begin(struct order *order, struct capture *out, struct capture *err, int *epoll_fd,
                 uint64_t key)
{
    *order = (struct order){.pipes = {out, err}, .plug_fd = -1, .epoll_fd = -1, .key = key};
    if (out->fd < 0 || err->fd < 0 || !out->packets || !err->packets)
        return;
    if (*epoll_fd < 0)
        *epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    order->epoll_fd = *epoll_fd;
    if (order->epoll_fd < 0)
        return;
    order->mode = ORDER_STRICT;
    if (!listen_to(order, 0) || !listen_to(order, 1) || !resize(order, 0, ONE_PACKET) ||
        !resize(order, 1, ONE_PACKET))
        give_up(order);
}

void order_release(struct order *order)
{
    if (order->mode != ORDER_PLAIN) {
        forget(order, 0);
        forget(order, 1);
    }
    fr_close(&order->plug_fd);
    fr_weave_release(&order->weave);
}

int64_t order_poll(const struct order *order, struct pollfd fds[2])
{
    for (int i = 0; i < 2; i++)
        fds[i] = (struct pollfd){.fd = order->pipes[i]->fd, .events = POLLIN};
    if (order->mode == ORDER_STRICT) {
        fds[0].fd = order->epoll_fd;
        fds[1].fd = -1;
    } else if (order->mode == ORDER_BULK) {
        fds[!order->bulk].fd = -1;
    }
    return order->mode == ORDER_BULK || order->mode == ORDER_OPEN ? LINGER_MS * FR_NS_PER_MS
                                                                  : INT64_MAX;
}

unsigned order_ready(const struct order *order, const struct pollfd fds[2],
                     struct order_ready ready[2])
{
    unsigned count = 0;
    if (order->mode != ORDER_STRICT) {
        for (int i = 0; i < 2; i++)
            if (fds[i].revents)
                ready[count++] = (struct order_ready){i, fds[i].revents};
        return count;
    }
    struct epoll_event events[2];
    int found = fds[0].revents ? epoll_wait(order->epoll_fd, events, 2, 0) : 0;
    for (int i = 0; i < found; i++) {
        int pipe = (int)(events[i].data.u64 & 1);
        bool ours = events[i].data.u64 >> 1 == order->key && order->pipes[pipe]->fd >= 0;
        short revents = (short)((events[i].events & EPOLLIN ? POLLIN : 0) |
                                (events[i].events & EPOLLHUP ? POLLHUP : 0));
        if (ours)
            ready[count++] = (struct order_ready){pipe, revents};
    }
    return count;
}

/* Whether the process has made one of the pipes non-blocking. Looked for after 2, 4, 8 … reads, as it takes its time. */
static bool is_impatient(const struct order *order)
{
    char path[48], text[128];
    if (order->pid == 0 || order->reads < 2 || (order->reads & (order->reads - 1)) != 0)
        return false;
    for (int fd = 1; fd <= 2; fd++) {
        (void)snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", (int)order->pid, fd);
        int info = fr_open(path, O_RDONLY, 0);
        ssize_t n = info < 0 ? -1 : read(info, text, sizeof(text) - 1);
        fr_close(&info);
        text[n > 0 ? n : 0] = '\0';
        const char *flags = strstr(text, "flags:");
        if (flags && strtoul(flags + strlen("flags:"), NULL, 8) & O_NONBLOCK)
            return true;
    }
    return false;
}

/* Makes the pipe of who prints much large. */
static void enter_bulk(struct order *order, int pipe, int64_t now)
{
    char path[32];
    if (order->pipes[!pipe]->fd < 0)
        return;
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", order->pipes[!pipe]->fd);
    order->plug_fd = fr_open(path, O_WRONLY | O_NONBLOCK, 0);
    if (order->plug_fd < 0 || !plug(order)) {
        fr_close(&order->plug_fd);
        return;
    }
    enlarge(order, pipe);
    order->mode = ORDER_BULK;
    order->bulk = pipe;
    order->bulk_since = now;
    order->to_drain = 0;
}

/* The large pipe is dry: makes it small, then takes out the stopper. What was printed to it before that is reported
 * first, since it is added to the epoll anew, and nothing of the other pipe can be there yet. */
static void leave_bulk(struct order *order)
{
    struct epoll_event events[2];
    bool stoppered = order->mode == ORDER_BULK;
    order->in_row = order->pages = 0;
    if (!resize(order, order->bulk, ONE_PACKET)) {
        order->pipes[order->bulk]->small = false;
        return;
    }
    (void)epoll_wait(order->epoll_fd, events, 2, 0);
    forget(order, order->bulk);
    bool heard = listen_to(order, order->bulk);
    if (!stoppered) {
        forget(order, !order->bulk);
        heard = heard && listen_to(order, !order->bulk);
    }
    if (!heard) {
        give_up(order);
        return;
    }
    if (stoppered)
        unplug(order);
    fr_close(&order->plug_fd);
    order->mode = ORDER_STRICT;
}

/* Lets somebody through who may be waiting at the stopper although the large pipe never runs dry. */
static void peep(struct order *order, int64_t now)
{
    int other = !order->bulk;
    struct pollfd fd = {.fd = order->pipes[other]->fd, .events = POLLIN};
    unplug(order);
    order->bulk_since = now;
    order->to_drain = 0;
    if (poll(&fd, 1, LINGER_MS) != 0 || !plug(order))
        order->mode = ORDER_OPEN;
}

void order_note(struct order *order, int pipe, uint64_t len, int64_t now)
{
    if (order->epoll_fd < 0 || len == 0)
        return;
    fr_weave_add(&order->weave, pipe + 1, len);
    order->reads++;
    if (order->mode == ORDER_PLAIN)
        return;
    if (is_impatient(order)) {
        give_up(order);
        return;
    }
    if (order->last != pipe || order->in_row == 0) {
        order->last = pipe;
        order->in_row = order->pages = 0;
        order->row_since = now;
    }
    order->in_row++;
    order->pages += len >= ONE_PACKET;
    if (order->mode == ORDER_BULK && order->to_drain)
        order->to_drain -= len < order->to_drain ? len : order->to_drain - 1;
    if (order->mode != ORDER_STRICT)
        return;
    if (order->pages >= PAGES || (order->in_row >= ROW && now - order->row_since < ROW_NS))
        enter_bulk(order, pipe, now);
    else if (order->in_row >= ROW)
        order->in_row = order->pages = 0;
}

void order_turn(struct order *order, bool idle, int64_t now)
{
    if (order->mode != ORDER_BULK && order->mode != ORDER_OPEN)
        return;
    if (order->pipes[order->bulk]->fd < 0)
        order_stop(order);
    else if (idle)
        leave_bulk(order);
    else if (order->mode == ORDER_BULK && order->to_drain == 1)
        peep(order, now);
    else if (order->mode == ORDER_BULK && !order->to_drain && now - order->bulk_since > PEEP_NS)
        order->to_drain = VERY_LARGE + 1;
}
