/* The order of what a process prints: its two pipes, set up so that whoever writes to both in turns cannot get ahead of
 * us. Owned by the worker's thread. */
#ifndef FLOWRUN_RUN_ORDER_H
#define FLOWRUN_RUN_ORDER_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "capture.h"
#include "flowrun/base/weave.h"

enum order_mode {
    ORDER_PLAIN,  /* there is one pipe only, or the order cannot be known */
    ORDER_STRICT, /* each pipe holds one write at most; the epoll says which came first */
    ORDER_BULK,   /* one pipe is large; the other has a stopper: nobody can write to it … */
    ORDER_OPEN,   /* … or not any more, since two processes print at once */
};

struct order {
    enum order_mode mode;
    struct capture *pipes[2]; /* stdout, stderr; borrowed */
    int plug_fd;              /* our end to write to where the stopper is, owned; -1 = none */
    pid_t pid;                /* the process, whose descriptors are looked at; 0 = it has ended */
    int epoll_fd;             /* the worker's, borrowed */
    uint64_t key;             /* of our events there, among which older ones may be */
    int bulk;                 /* 0 or 1: which pipe is large */
    int last;                 /* who spoke last … */
    unsigned reads;           /* all so far */
    unsigned in_row, pages;   /* … how many times in a row, and how often with a whole page */
    int64_t row_since, bulk_since;
    uint64_t
        to_drain; /* bytes of the large pipe still to be read before we look behind the stopper; 0 = not yet */
    struct fr_weave weave;
};

/* A pipe that is to be read. */
struct order_ready {
    int pipe; /* 0 or 1 */
    short revents;
};

/* A pipe to be read by `capture`; the other end goes to *theirs. `paired`: there are two, whose order counts. 0 or
 * -errno. */
int order_pipe(struct capture *capture, bool paired, int *theirs);

/* Before the process starts: gives the two pipes an order, unless there is only one. *epoll_fd is the worker's, made
 * when it is -1. */
void order_begin(struct order *order, struct capture *out, struct capture *err, int *epoll_fd,
                 uint64_t key);
/* Takes the stopper out: what comes now is read without looking at the order. */
void order_stop(struct order *order);
void order_release(struct order *order);

/* Fills in what to poll for. Returns for how many nanoseconds at most; INT64_MAX = any. */
int64_t order_poll(const struct order *order, struct pollfd fds[2]);
/* After poll: the pipes to read one piece of, in this order; how many. */
unsigned order_ready(const struct order *order, const struct pollfd fds[2],
                     struct order_ready ready[2]);
/* `len` bytes were read from a pipe. */
void order_note(struct order *order, int pipe, uint64_t len, int64_t now);
/* At the end of a turn; `idle`: poll has waited in vain. */
void order_turn(struct order *order, bool idle, int64_t now);

#endif
