/* Process trees.
 *
 * flowrun is a subreaper: whatever escapes from a step by setsid or by a double fork becomes a child
 * of ours when its parent has ended. So everything a step started is below us, and the walk only has
 * to tell whose it is:
 *
 *      flowrun ── main of step a        in a slot: its worker waits for it
 *         │          └── …              belongs to a
 *         ├── main of step b            in a slot
 *         └── orphan                    in the group of a or b, or FLOWRUN_STEP_ID in its environment
 *                └── …                  belongs to whom the orphan belongs to
 *
 * The walk (walk.c) serves all who look at that time, each of whom picks out what is its own. Signals go through pidfds that were checked against the start time after they were opened, never
 * to a bare number that might have a new owner. Owns the list of slots and the walks; any thread. */
#include "tree.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "walk.h"

enum { KILL_ROUNDS = 500, KILL_PAUSE_MS = 20 };

static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;
static struct tree_slot *slots;
static struct walks walks = WALKS_INIT;

/* Registers a slot. */
void tree_slot_add(struct tree_slot *slot)
{
    pthread_mutex_lock(&slots_lock);
    slot->next = slots;
    slots = slot;
    pthread_mutex_unlock(&slots_lock);
}

/* Takes a slot from the list. */
void tree_slot_remove(struct tree_slot *slot)
{
    pthread_mutex_lock(&slots_lock);
    struct tree_slot **link = &slots;
    while (*link && *link != slot) {
        link = &(*link)->next;
    }
    if (*link) {
        *link = slot->next;
    }
    pthread_mutex_unlock(&slots_lock);
}

/* Calls `fn` for each child that is waited for. */
void tree_slots_each(void (*fn)(void *arg, pid_t pid), void *arg)
{
    pthread_mutex_lock(&slots_lock);
    for (struct tree_slot *slot = slots; slot; slot = slot->next) {
        pid_t pid = atomic_load(&slot->pid);
        if (pid > 0) {
            fn(arg, pid);
        }
    }
    pthread_mutex_unlock(&slots_lock);
}

/* Whether somebody waits for this child. */
static bool is_owned(pid_t pid)
{
    bool owned = false;
    pthread_mutex_lock(&slots_lock);
    for (struct tree_slot *slot = slots; slot && !owned; slot = slot->next) {
        owned = atomic_load(&slot->pid) == pid;
    }
    pthread_mutex_unlock(&slots_lock);
    return owned;
}

/* Reaps a zombie child by pid unless somebody waits for it. Its slot was written before it could
 * become a zombie, and is cleared only after it was reaped: first see the zombie, then look. */
static void reap_orphan(pid_t pid)
{
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid &&
        !is_owned(pid)) {
        (void)waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG);
    }
}

/* Reaps what the main thread has adopted. Orphans are given to it alone, and it starts no steps. */
void tree_reap_adopted(void)
{
    for (;;) {
        siginfo_t info = {0};
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WNOTHREAD) < 0 ||
            info.si_pid == 0 || is_owned(info.si_pid)) {
            return;
        }
        reap_orphan(info.si_pid);
    }
}

/* Whether a process that was seen was one no more. */
static bool has_ended(const struct proc *proc)
{
    return proc->state == 'Z' || proc->state == 'X';
}

/* Makes an empty set. */
void tree_set_init(struct tree_set *set)
{
    *set = (struct tree_set){0};
}

/* Frees what a member owns. */
static void release_member(struct tree_member *member)
{
    fr_close(&member->pidfd);
    free(member->step_id);
}

/* Frees a set. */
void tree_set_release(struct tree_set *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        release_member(&set->items[i]);
    }
    free(set->items);
    *set = (struct tree_set){0};
}

/* Opens a pidfd and checks that it is for the process that was seen. */
static int pin(const struct proc *seen)
{
    int fd = (int)syscall(SYS_pidfd_open, seen->pid, 0);
    struct proc again;
    if (fd >= 0 && (!proc_read(seen->pid, &again) || again.start != seen->start)) {
        fr_close(&fd);
        errno = ESRCH;
    }
    return fd;
}

/* Adds a process to the set unless it is there. */
static void add_member(struct tree_set *set, const struct proc *proc, bool in_group, char *step_id)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->items[i].pid == proc->pid && set->items[i].start == proc->start) {
            free(step_id);
            return;
        }
    }
    if (set->count == set->cap) {
        uint32_t cap = set->cap ? set->cap * 2 : 8;
        struct tree_member *items = realloc(set->items, cap * sizeof(*items));
        if (!items) {
            free(step_id);
            return;
        }
        set->items = items;
        set->cap = cap;
    }
    int fd = -1;
    if (set->count < TREE_FDS) {
        fd = pin(proc);
        if (fd < 0 && errno == ESRCH) {
            free(step_id);
            return;
        }
    }
    struct tree_member *member = &set->items[set->count++];
    *member = (struct tree_member){.pid = proc->pid,
                                   .pidfd = fd,
                                   .start = proc->start,
                                   .in_group = in_group,
                                   .step_id = step_id};
    (void)snprintf(member->name, sizeof(member->name), "%s", proc->name);
}

/* Whether two ids are there and the same. */
static bool is_same(const char *a, const char *b)
{
    return a && b && fr_str_eq(a, b);
}

/* Whether a child of ours is of a step whose leftovers are kept. */
static bool is_kept(const struct tree_query *query, const struct walk_child *child)
{
    bool kept = false;
    for (unsigned i = 0; i < query->keep_count && !kept; i++) {
        kept = is_same(child->step_id, query->keep[i]) && is_same(child->run_id, query->run_id);
    }
    return kept;
}

/* Whether the query is for what a child of ours is or started. */
static bool is_asked_for(const struct tree_query *query, const struct proc *proc,
                         const struct walk_child *child)
{
    if (query->main_lives && proc->pid == query->main) {
        return true;
    }
    if (child->awaited) {
        return false;
    }
    if (query->all) {
        return !is_kept(query, child);
    }
    return proc->group == query->main ||
           (is_same(child->step_id, query->step_id) && is_same(child->run_id, query->run_id));
}

/* The step a process is of; owned; NULL when it has none. */
static char *step_of(pid_t pid)
{
    struct fr_buf env;
    char *id = NULL;
    if (proc_environ(pid, &env)) {
        const char *value = proc_env_get(&env, "FLOWRUN_STEP_ID");
        id = value ? strdup(value) : NULL;
    }
    fr_buf_release(&env);
    return id;
}

/* Walks over all processes once; reaps what has ended and nobody waits for. */
static void look(struct walk *walk)
{
    pid_t self = getpid();
    walk_read(walk);
    for (size_t i = 0; i < walk->list.count; i++) {
        const struct proc *proc = &walk->list.items[i];
        if (has_ended(proc) && proc->parent == self) {
            reap_orphan(proc->pid);
        }
    }
}

/* Picks out of a walk what the query is for. */
static void pick(const struct tree_query *query, const struct walk *walk, struct tree_set *set)
{
    const struct proc *items = walk->list.items;
    for (size_t i = 0; i < walk->list.count; i++) {
        const struct proc *proc = &items[i];
        bool is_main = query->main_lives && proc->pid == query->main;
        if (proc->mark <= 0 || is_main || has_ended(proc)) {
            continue;
        }
        if (is_asked_for(query, &items[proc->mark - 1], &walk->children[proc->mark - 1])) {
            add_member(set, proc, proc->group == query->main,
                       query->all ? step_of(proc->pid) : NULL);
        }
    }
}

/* Finds what the query is for. */
void tree_find(const struct tree_query *query, struct tree_set *set)
{
    const struct walk *walk = walks_take(&walks, look);
    if (walk) {
        pick(query, walk, set);
        walks_give_back(&walks, walk);
    }
}

/* Sends one signal to one member, by its pidfd where it has one. */
static void send_signal(const struct tree_member *member, int sig)
{
    struct proc now;
    if (member->pidfd >= 0) {
        (void)syscall(SYS_pidfd_send_signal, member->pidfd, sig, NULL, 0);
    } else if (proc_read(member->pid, &now) && now.start == member->start) {
        (void)kill(member->pid, sig);
    }
}

/* Sends a signal to a member; who is stopped has to go on to notice TERM. */
void tree_signal_one(const struct tree_member *member, int sig)
{
    send_signal(member, sig);
    if (sig == SIGTERM) {
        send_signal(member, SIGCONT);
    }
}

/* Sends a signal to the members. */
void tree_signal(const struct tree_set *set, uint32_t first, int sig)
{
    for (uint32_t i = first; i < set->count; i++) {
        tree_signal_one(&set->items[i], sig);
    }
}

/* Whether a member has ended; reaps it when it was adopted by us. */
static bool is_gone(const struct tree_member *member)
{
    struct proc now;
    bool gone = false;
    if (member->pidfd >= 0) {
        struct pollfd p = {.fd = member->pidfd, .events = POLLIN};
        gone = poll(&p, 1, 0) == 1;
    } else {
        gone = !proc_read(member->pid, &now) || now.start != member->start || now.state == 'Z';
    }
    if (gone) {
        reap_orphan(member->pid);
    }
    return gone;
}

/* Drops those that are gone. */
uint32_t tree_collect(struct tree_set *set)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        if (is_gone(&set->items[i])) {
            release_member(&set->items[i]);
        } else {
            set->items[kept++] = set->items[i];
        }
    }
    set->count = kept;
    return kept;
}

/* The members' pidfds for poll. */
unsigned tree_pollfds(const struct tree_set *set, struct pollfd *fds, bool *all)
{
    unsigned count = 0;
    *all = true;
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->items[i].pidfd >= 0 && count < TREE_FDS) {
            fds[count++] = (struct pollfd){.fd = set->items[i].pidfd, .events = POLLIN};
        } else {
            *all = false;
        }
    }
    return count;
}

/* Kills in rounds, since what is killed may have forked meanwhile. */
void tree_kill_all(void)
{
    struct tree_query query = {.all = true};
    for (int round = 0; round < KILL_ROUNDS; round++) {
        struct tree_set set;
        tree_set_init(&set);
        tree_find(&query, &set);
        bool none = set.count == 0;
        tree_signal(&set, 0, SIGKILL);
        struct pollfd fds[TREE_FDS];
        bool all = false;
        unsigned count = tree_pollfds(&set, fds, &all);
        if (!none) {
            (void)poll(fds, count, KILL_PAUSE_MS);
            (void)tree_collect(&set);
        }
        tree_set_release(&set);
        if (none) {
            return;
        }
    }
}
