/* Process trees: finds what a step left running, ends it, and reaps what the subreaper adopted.
 * Any thread. */
#ifndef FLOWRUN_RUN_TREE_H
#define FLOWRUN_RUN_TREE_H

#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A child that somebody waits for: neither taken for an orphan nor reaped by anybody else. 0 = none
 * now. Lives as long as it is registered. */
struct tree_slot {
    _Atomic pid_t pid;
    struct tree_slot *next;
};
void tree_slot_add(struct tree_slot *slot);
void tree_slot_remove(struct tree_slot *slot);
/* Calls `fn` for every child that somebody waits for now, under the slots' lock. */
void tree_slots_each(void (*fn)(void *arg, pid_t pid), void *arg);

struct tree_member {
    pid_t pid;
    int pidfd;      /* -1 beyond TREE_FDS members: such a one is looked for again by its pid */
    uint64_t start; /* ticks after boot: tells a pid from its next use */
    char name[32];
    char *step_id; /* its FLOWRUN_STEP_ID, owned; NULL = none (asked for by `all` only) */
    bool in_group; /* in the process group of the main process of the query */
    bool told;     /* free for the owner of the set */
};

enum { TREE_FDS = 64 };

struct tree_set {
    struct tree_member *items; /* owned */
    uint32_t count, cap;
};
void tree_set_init(struct tree_set *set);
void tree_set_release(struct tree_set *set);

/* Whom to look for: living descendants of this process that
 *  - with `all`: belong to nobody's slot and to none of the steps in `keep`;
 *  - else: are below `main`, or in its process group, or have both ids in their environment, or
 *    descend from such a process. `main` itself is left out. */
struct tree_query {
    bool all;
    pid_t main;
    bool main_lives; /* it was not reaped yet: its pid is still its own */
    const char *run_id, *step_id;
    const char *const *keep;
    unsigned keep_count;
};

/* One walk over /proc, which begins after the call and which others may share: adds those not yet in the set. Adopted
 * zombies are reaped on the way. */
void tree_find(const struct tree_query *query, struct tree_set *set);
/* Sends a signal to all members from `first` on; with SIGTERM also SIGCONT, so that stopped ones
 * notice. */
void tree_signal(const struct tree_set *set, uint32_t first, int sig);
void tree_signal_one(const struct tree_member *member, int sig);
/* Drops the members that are gone. Returns how many are left. */
uint32_t tree_collect(struct tree_set *set);
/* Appends the members' pidfds to `fds`, at most TREE_FDS. Returns how many; *all is false when a
 * member has none, and has to be looked after now and then. */
unsigned tree_pollfds(const struct tree_set *set, struct pollfd *fds, bool *all);

/* Reaps zombies that were adopted by the calling thread, which has to be the main one. One system
 * call when there is nothing to do. */
void tree_reap_adopted(void);

/* KILLs every descendant of this process but those in slots, and reaps until none is left or a
 * few seconds have passed (a process inside the kernel cannot be killed). */
void tree_kill_all(void);

#endif
