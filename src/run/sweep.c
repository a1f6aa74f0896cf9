/* The end of a run: whatever its steps left behind is ended, politely first. Runs on the
 * coordinator's thread when all workers are idle; owns nothing. */
#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "flowrun/run/guard.h"
#include "guard_signal.h"
#include "pool.h"
#include "tree.h"

enum { ROUND_MS = 50 };

#define PATIENCE_NS (5 * FR_NS_PER_S) /* for KILL: a process inside the kernel cannot be ended */

/* One sweep. */
struct sweep {
    struct tree_query query;
    struct tree_set set;
    int impatient_fd; /* readable when the user asks again for an end; read by nobody here */
    unsigned ended;
    fr_ended_fn each;
    void *arg;
};

/* Looks for processes, and tells about those that are new. */
static void look(struct sweep *sweep, int sig)
{
    tree_find(&sweep->query, &sweep->set);
    for (uint32_t i = 0; i < sweep->set.count; i++) {
        struct tree_member *member = &sweep->set.items[i];
        if (!member->told) {
            member->told = true;
            sweep->ended++;
            if (sweep->each) {
                sweep->each(sweep->arg, member->step_id, member->pid, member->name);
            }
            tree_signal_one(member, sig);
        }
    }
}

/* Waits until all are gone, the time is over, or (`impatient`) a signal waits to be read. */
static void wait_gone(struct sweep *sweep, int64_t until, int sig, bool impatient)
{
    struct pollfd fds[TREE_FDS + 1];
    for (int64_t now = pool_now(); now < until; now = pool_now()) {
        if (tree_collect(&sweep->set) == 0) {
            look(sweep, sig);
            if (sweep->set.count == 0) {
                return;
            }
        }
        bool all = false;
        unsigned count = tree_pollfds(&sweep->set, fds, &all);
        fds[count] = (struct pollfd){.fd = impatient ? sweep->impatient_fd : -1, .events = POLLIN};
        int64_t left = (until - now) / FR_NS_PER_MS + 1;
        (void)poll(fds, count + 1, all && left < ROUND_MS ? (int)left : ROUND_MS);
        if (fds[count].revents) {
            return;
        }
    }
}

/* The signals by which a user asks for an end, and the guard's word about them. */
static int open_impatience(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGQUIT);
    (void)sigaddset(&set, GUARD_TOLD); /* not HUP's: it does not hurry */
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Ends what is left. */
unsigned fr_guard_sweep(const char *run_id, const char *const *keep_ids, unsigned keep_count,
                        long grace_ms, fr_ended_fn each, void *arg)
{
    siginfo_t info;
    tree_reap_adopted();
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD) {
        return 0; /* nobody is below us: the usual case, and cheap */
    }
    struct sweep sweep = {
        .query = {.all = true, .run_id = run_id, .keep = keep_ids, .keep_count = keep_count},
        .impatient_fd = -1,
        .each = each,
        .arg = arg};
    tree_set_init(&sweep.set);
    look(&sweep, SIGTERM);
    if (sweep.set.count > 0 && grace_ms > 0) {
        sweep.impatient_fd = open_impatience();
        wait_gone(&sweep, pool_now() + grace_ms * FR_NS_PER_MS, SIGTERM, true);
        fr_close(&sweep.impatient_fd);
    }
    if (sweep.set.count > 0) {
        tree_signal(&sweep.set, 0, SIGKILL);
        wait_gone(&sweep, pool_now() + PATIENCE_NS, SIGKILL, false);
    }
    tree_set_release(&sweep.set);
    tree_reap_adopted();
    return sweep.ended;
}
