/* The guard's end: what it does when the coordinator has ended, well or not. Runs in the guard process. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "guard_signal.h"
#include "tree.h"

/* Ends this process the way the coordinator was ended. */
static void die_by(int sig)
{
    struct rlimit none = {0, 0};
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t set;
    (void)setrlimit(RLIMIT_CORE, &none); /* the coordinator's core tells more */
    (void)sigaction(sig, &action, NULL);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, sig);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
    (void)kill(getpid(), sig);
    _exit(128 + sig);
}

/* Says what nobody else can say any more; who does not read does not keep us. */
static void say(const char *text)
{
    struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&ready, 1, 0) > 0) {
        (void)fr_write_all(STDERR_FILENO, text, strlen(text));
    }
}

/* The coordinator was ended by a signal, which is worth a word when it was not KILL. */
static void tell_death(int sig, const char *last_words)
{
    char line[60];
    const char *name = sigabbrev_np(sig);
    if (sig != SIGKILL) {
        (void)snprintf(line, sizeof(line), "flowrun: ended by SIG%s\n", name ? name : "?");
        say(line);
    }
    say(last_words);
}

/* The coordinator has ended: cleans up as far as it did not, and ends like it. */
void guard_end_like(const siginfo_t *info, const struct fr_guard_told *told)
{
    bool well = info->si_code == CLD_EXITED;
    if (!well) {
        tree_kill_all();
    }
    if (told->run_dir && access(told->run_dir, F_OK) == 0) {
        (void)fr_remove_tree(told->run_dir);
    }
    if (well) {
        _exit(info->si_status);
    }
    tell_death(info->si_status, told->last_words);
    die_by(info->si_status);
}
