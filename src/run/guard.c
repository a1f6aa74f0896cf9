/* The guard: what makes "nothing left behind" true even after kill -9.
 *
 *      shell
 *        └── guard           the process that was started: its pid is the one the user knows.
 *              │             Subreaper; holds the writing end of the life pipe; forwards signals;
 *              │             does nothing else, has nothing that could fail
 *              └── coordinator    subreaper; reads signals from a descriptor; life pipe's other end
 *                    ├── step     process group of its own; parent-death signal KILL
 *                    │     └── …
 *                    └── what escaped from a step by setsid or a double fork
 *
 * - Coordinator ends well: it has ended its steps; the guard exits with its status. What steps with
 *   `leftover: keep` left stays.
 * - Coordinator is killed or crashes: its children become the guard's. The guard KILLs and reaps
 *   until none is left, removes the run's folder, tells of it, and dies by the same signal.
 * - Guard is killed: the life pipe closes; the coordinator sees that and ends the run by KILL.
 * - Both are killed at once (pkill -9 flowrun): the steps' own processes get KILL from the kernel,
 *   since the threads that started them are gone; only what these had started themselves and what
 *   ignores its parent's end is out of reach.
 * - Signals: Ctrl-C reaches both, `kill` the guard alone, or the coordinator alone. The guard tells
 *   the coordinator of each of its own by a real-time signal, which is queued and never merged with
 *   another; per signal the larger of the two counts is how often it was sent.
 * - Ctrl-Z: the coordinator stops its steps' groups, then itself. The guard sees its child stop and
 *   stops, which is what the shell waits for. Continued, the guard continues the coordinator, and
 *   that its steps. So it does when others have stopped both, and continue it first.
 *
 * Owns the guard process. fr_guard_start and fr_guard_read run on the coordinator's thread. */
#include "flowrun/run/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "flowrun/base/fd.h"
#include "guard_signal.h"
#include "tree.h"

static const int forwarded_signals[] = {SIGINT,  SIGTERM, SIGHUP, SIGQUIT,
                                        SIGUSR1, SIGUSR2, SIGTSTP};
enum { FORWARDED = sizeof(forwarded_signals) / sizeof(forwarded_signals[0]), GUARD_HELD_MAX = 8 };

/* Whether a signal is to be left alone: who started us by nohup does not want it to count. */
static bool is_unwanted(int sig)
{
    struct sigaction action;
    return sig == SIGHUP && sigaction(sig, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* The signals both processes take note of. */
static void common_signals(sigset_t *set)
{
    (void)sigemptyset(set);
    for (unsigned i = 0; i < FORWARDED; i++) {
        if (!is_unwanted(forwarded_signals[i])) {
            (void)sigaddset(set, forwarded_signals[i]);
        }
    }
}

/* ---- the guard process ---- */

/* The coordinator has stopped, and so does this process. Not when this one was stopped with it, and has been continued
 * before it came to see that: then nobody would continue it again. `continued`: the signal that says so was read already. */
static void stop_too(bool continued)
{
    const struct timespec at_once = {0, 0};
    sigset_t cont;
    (void)sigemptyset(&cont);
    (void)sigaddset(&cont, SIGCONT);
    if (sigtimedwait(&cont, NULL, &at_once) != SIGCONT && !continued) {
        (void)kill(getpid(), SIGSTOP);
    }
}

/* Deals with children that have changed: the coordinator, and orphans that came to us. */
static void see_children(pid_t coordinator, const struct fr_guard_told *told, bool continued)
{
    for (;;) {
        siginfo_t info = {0};
        if (waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WNOHANG) < 0 || info.si_pid == 0) {
            return;
        }
        if (info.si_pid != coordinator) {
            continue;
        }
        if (info.si_code == CLD_STOPPED) {
            stop_too(continued);
            (void)kill(coordinator, SIGCONT);
        } else {
            guard_end_like(&info, told);
        }
    }
}

/* The guard's life: signals and children until the coordinator ends. */
static void be_guard(pid_t coordinator, int signal_fd, const struct fr_guard_told *told)
{
    for (;;) {
        struct signalfd_siginfo info;
        ssize_t n = read(signal_fd, &info, sizeof(info));
        if (n < 0 && errno != EINTR) {
            (void)kill(coordinator, SIGKILL); /* cannot happen; but a blind guard is none */
            continue;
        }
        if (n != sizeof(info)) {
            continue;
        }
        if (info.ssi_signo != SIGCHLD && info.ssi_signo != SIGCONT) {
            int key = info.ssi_code == SI_KERNEL ? GUARD_KEY : 0;
            unsigned sender = info.ssi_code == SI_USER ? info.ssi_pid : 0;
            union sigval value = {.sival_int =
                                      (int)(info.ssi_signo | sender << GUARD_SENDER) | key};
            (void)sigqueue(coordinator, info.ssi_signo == SIGHUP ? GUARD_TOLD_HUP : GUARD_TOLD,
                           value);
        }
        see_children(coordinator, told, info.ssi_signo == SIGCONT);
    }
}

static int by_number(const void *left, const void *right)
{
    return *(const int *)left - *(const int *)right;
}

/* Closes all descriptors but standard output and error, those two, and the locks that are held. */
static void close_others(int life_fd, int signal_fd, const struct fr_guard_told *told)
{
    int keep[2 + GUARD_HELD_MAX];
    unsigned count = 0;
    keep[count++] = life_fd;
    keep[count++] = signal_fd;
    for (unsigned i = 0; i < told->held_count && i < GUARD_HELD_MAX; i++) {
        if (told->held[i] >= 0) {
            keep[count++] = told->held[i];
        }
    }
    qsort(keep, count, sizeof(*keep), by_number);
    child_close_others(STDERR_FILENO + 1, keep, count);
}

/* Marks the locks with this process's own, which ends with it alone: so others can tell a run that is led from one whose
 * guard was killed. */
static void mark_locks(const struct fr_guard_told *told)
{
    struct flock own = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    for (unsigned i = 0; i < told->held_count; i++) {
        if (told->held[i] >= 0) {
            (void)fcntl(told->held[i], F_SETLK, &own);
        }
    }
}

/* Turns the calling process into the guard. */
static void become_guard(pid_t coordinator, int life[2], const struct fr_guard_told *told)
{
    sigset_t set;
    common_signals(&set);
    (void)sigaddset(&set, SIGCHLD);
    (void)sigaddset(&set, SIGCONT); /* it continues us all the same, and is noted */
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    (void)close(STDIN_FILENO); /* standard output stays open: who reads it waits for the very end */
    fr_close(&life[0]);
    int signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
    close_others(life[1], signal_fd, told);
    mark_locks(told);
    be_guard(coordinator, signal_fd, told);
}

/* ---- the coordinator's side ---- */

/* Blocks what is read from descriptors, in both processes, before there are two. */
static void block_signals(void)
{
    sigset_t set;
    struct sigaction action = {.sa_handler = SIG_DFL};
    common_signals(&set);
    (void)sigaddset(&set, SIGCHLD);
    (void)sigaddset(&set, SIGWINCH);
    (void)sigaddset(&set, SIGPIPE);
    (void)sigaddset(&set, GUARD_TOLD);
    (void)sigaddset(&set, GUARD_TOLD_HUP);
    (void)sigaction(SIGCHLD, &action, NULL); /* ignored, it would let children vanish unseen */
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
}

/* What the coordinator reads. */
static int open_signals(void)
{
    sigset_t set;
    common_signals(&set);
    (void)sigaddset(&set, SIGWINCH);
    (void)sigaddset(&set, GUARD_TOLD);
    (void)sigaddset(&set, GUARD_TOLD_HUP);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Splits this process into guard and coordinator. */
enum fr_err fr_guard_start(struct fr_guard *guard, const struct fr_guard_told *told)
{
    int life[2];
    *guard = (struct fr_guard){.signal_fd = -1, .life_fd = -1};
    if (fr_pipe(life, 0) < 0) {
        return FR_ERR_IO;
    }
    block_signals();
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    guard->guard_pid = getpid();
    pid_t coordinator = child_fork();
    if (coordinator > 0) {
        become_guard(coordinator, life, told);
    }
    fr_close(&life[1]);
    guard->life_fd = life[0];
    if (coordinator < 0) {
        fr_close(&guard->life_fd);
        return FR_ERR_IO;
    }
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    guard->signal_fd = open_signals();
    return guard->signal_fd < 0 ? FR_ERR_IO : FR_OK;
}

/* Sends a signal to the group of a step. */
static void signal_group(void *arg, pid_t pid)
{
    const int *sig = arg;
    (void)kill(-pid, *sig);
}

/* Ctrl-Z: stops the steps, then all of this process; goes on when it is continued. */
static void stop_all(void)
{
    int sig = SIGTSTP;
    tree_slots_each(signal_group, &sig);
    (void)kill(getpid(), SIGSTOP);
    sig = SIGCONT;
    tree_slots_each(signal_group, &sig);
}

/* The larger of the two counts. */
static int times_sent(const struct fr_guard *guard, int sig)
{
    int direct = guard->direct[sig];
    int forwarded = guard->forwarded[sig];
    return direct > forwarded ? direct : forwarded;
}

/* A signal that has come, as signalfd and sigaction tell it. */
struct got {
    int signo, code, value;
    pid_t pid;
};

static bool is_told(int signo)
{
    return signo == GUARD_TOLD || signo == GUARD_TOLD_HUP;
}

/* Counts a signal; which one it is, 0 for the other half of one that was counted already. */
static int note_signal(struct fr_guard *guard, const struct got *got)
{
    bool told = is_told(got->signo);
    int sig = told ? got->value & (GUARD_KEY - 1) : got->signo;
    if (sig < 1 || sig > 64 || (told && (got->code != SI_QUEUE || got->pid != guard->guard_pid))) {
        return 0;
    }
    int before = times_sent(guard, sig);
    (told ? guard->forwarded : guard->direct)[sig]++;
    return times_sent(guard, sig) == before ? 0 : sig;
}

/* Reads a signal. One that came both ways is returned once. */
int fr_guard_read(struct fr_guard *guard, int *count)
{
    struct signalfd_siginfo info;
    while (read(guard->signal_fd, &info, sizeof(info)) == sizeof(info)) {
        bool told = is_told((int)info.ssi_signo);
        int sig = note_signal(guard, &(struct got){.signo = (int)info.ssi_signo,
                                                   .code = info.ssi_code,
                                                   .pid = (pid_t)info.ssi_pid,
                                                   .value = info.ssi_int});
        if (sig == 0) {
            continue;
        }
        if (sig == SIGTSTP) {
            if (guard->before_stop) {
                guard->before_stop(guard->before_stop_arg);
            }
            stop_all();
            guard->was_stopped = true;
            continue;
        }
        pid_t from = info.ssi_code == SI_USER ? (pid_t)info.ssi_pid : 0;
        guard->sender = told ? info.ssi_int >> GUARD_SENDER : from;
        guard->is_key = told ? (info.ssi_int & GUARD_KEY) != 0 : info.ssi_code == SI_KERNEL;
        *count = times_sent(guard, sig);
        return sig;
    }
    return 0;
}

/* ---- behind the end of a run ---- */

static struct fr_guard *last_guard;
static volatile sig_atomic_t last_code;

/* Ends the process, for a signal that was not counted before. */
static void on_last_signal(int signo, siginfo_t *info, void *context)
{
    struct got got = {.signo = signo,
                      .code = info->si_code,
                      .pid = info->si_pid,
                      .value = info->si_value.sival_int};
    (void)context;
    int sig = note_signal(last_guard, &got);
    if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP || sig == SIGQUIT || sig == SIGALRM) {
        _exit(last_code);
    }
}

/* Whether a second signal has hurried the end of the run. */
static bool is_hurried(const struct fr_guard *guard)
{
    return times_sent(guard, SIGINT) + times_sent(guard, SIGTERM) + times_sent(guard, SIGQUIT) > 1;
}

void fr_guard_let_go(struct fr_guard *guard, int exit_code)
{
    enum { LAST_S = 5 };
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM};
    struct sigaction action = {.sa_sigaction = on_last_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigset_t set;
    int count;
    bool hurried = is_hurried(guard) || getppid() != guard->guard_pid; /* nobody waits for us */
    for (int sig; (sig = fr_guard_read(guard, &count)) != 0;) { /* came when the run was ending */
        hurried = hurried || (sig != SIGUSR1 && sig != SIGUSR2);
    }
    last_guard = guard;
    last_code = exit_code;
    (void)sigfillset(&action.sa_mask);
    (void)sigemptyset(&set);
    for (unsigned i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
        if (!is_unwanted(signals[i])) {
            (void)sigaction(signals[i], &action, NULL);
            (void)sigaddset(&set, signals[i]);
        }
    }
    (void)sigaction(GUARD_TOLD, &action, NULL);
    (void)sigaction(GUARD_TOLD_HUP, &action, NULL);
    (void)sigaddset(&set, GUARD_TOLD);
    (void)sigaddset(&set, GUARD_TOLD_HUP);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
    if (hurried) {
        (void)alarm(LAST_S);
    }
}
