/* Process trees: whose is what, from /proc, with real processes; and the reading of /proc itself. */
#include "jobs.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "proc.h"
#include "tree.h"
#include "walk.h"

/* Starts `text` in a shell of its own group; returns the pid and, in *told, the number it prints. */
static pid_t start_shell(const char *text, const char *step, long *told)
{
    int fds[2];
    char id[64];
    (void)snprintf(id, sizeof(id), "FLOWRUN_STEP_ID=%s", step);
    char run[] = "FLOWRUN_RUN_ID=run-1";
    char path[] = "PATH=/usr/bin:/bin";
    char *env[] = {path, run, id, NULL};
    assert_int_equal(fr_pipe(fds, 0), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)setpgid(0, 0);
        (void)dup2(fds[1], STDOUT_FILENO);
        (void)execle("/bin/sh", "sh", "-c", text, (char *)NULL, env);
        _exit(99);
    }
    fr_close(&fds[1]);
    char number[32] = {0};
    for (size_t i = 0; i < sizeof(number) - 1; i++) {
        if (read(fds[0], &number[i], 1) != 1 || number[i] == '\n') {
            break;
        }
    }
    fr_close(&fds[0]);
    *told = strtol(number, NULL, 10);
    return pid;
}

static bool holds(const struct tree_set *set, long pid)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->items[i].pid == pid) {
            return true;
        }
    }
    return false;
}

static void reap(pid_t pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
}

static int become_subreaper(void **state)
{
    (void)state;
    return prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static int leave_nobody(void **state)
{
    (void)state;
    tree_kill_all();
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    return 0;
}

static void an_orphan_is_known_by_its_environment(void **state)
{
    (void)state;
    long mine = 0;
    long other = 0;
    long bare = 0;
    reap(start_shell("setsid sleep 1000 >/dev/null & echo $!", "a", &mine));
    reap(start_shell("setsid sleep 1000 >/dev/null & echo $!", "b", &other));
    reap(start_shell("env -i setsid sleep 1000 >/dev/null & echo $!", "a", &bare));
    struct tree_query query = {.run_id = "run-1", .step_id = "a"};
    struct tree_set set;
    tree_set_init(&set);
    /* Until setsid has run, the environment of `env -i` is still that of the shell. */
    struct proc now;
    while (proc_read((pid_t)bare, &now) && strcmp(now.name, "sleep") != 0) {
        tree_find(&query, &set);
    }
    tree_set_release(&set);
    tree_find(&query, &set);
    assert_true(holds(&set, mine));
    assert_false(holds(&set, other));
    assert_false(holds(&set, bare));
    tree_signal(&set, 0, SIGKILL);
    tree_set_release(&set);
}

static void who_is_below_the_main_process_is_in_its_tree(void **state)
{
    (void)state;
    long below = 0;
    pid_t main_pid = start_shell("env -i setsid sleep 1000 & echo $!; wait", "a", &below);
    struct tree_query query = {.main = main_pid, .main_lives = true};
    struct tree_set set;
    tree_set_init(&set);
    tree_find(&query, &set);
    assert_true(holds(&set, below));
    assert_false(holds(&set, main_pid));
    tree_find(&query, &set);
    assert_int_equal(set.count, 1); /* nobody is in it twice */
    tree_set_release(&set);
    (void)kill(main_pid, SIGKILL);
    reap(main_pid);
}

static void members_that_have_ended_are_dropped(void **state)
{
    (void)state;
    long first = 0;
    long second = 0;
    reap(start_shell("sleep 1000 >/dev/null & echo $!", "a", &first));
    reap(start_shell("sleep 1000 >/dev/null & echo $!", "a", &second));
    struct tree_query query = {.run_id = "run-1", .step_id = "a"};
    struct tree_set set;
    tree_set_init(&set);
    tree_find(&query, &set);
    assert_int_equal(set.count, 2);
    (void)kill((pid_t)first, SIGKILL);
    struct pollfd fds[TREE_FDS];
    bool all = false;
    assert_int_equal(tree_pollfds(&set, fds, &all), 2);
    assert_true(all);
    assert_int_equal(poll(fds, 2, 60000), 1);
    assert_int_equal(tree_collect(&set), 1);
    assert_int_equal(set.items[0].pid, second);
    assert_false(is_alive(first)); /* reaped as well */
    tree_set_release(&set);
}

static void who_is_waited_for_is_never_reaped_or_taken(void **state)
{
    (void)state;
    long unused = 0;
    pid_t pid = start_shell("echo 1; exit 5", "a", &unused);
    struct tree_slot slot = {0};
    atomic_store(&slot.pid, pid);
    tree_slot_add(&slot);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    tree_reap_adopted();
    struct tree_query query = {.all = true};
    struct tree_set set;
    tree_set_init(&set);
    tree_find(&query, &set);
    assert_int_equal(set.count, 0);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 5);
    tree_slot_remove(&slot);
}

static void orphans_that_have_ended_are_reaped(void **state)
{
    (void)state;
    long orphan = 0;
    reap(start_shell("sleep 1000 >/dev/null & echo $!", "a", &orphan));
    (void)kill((pid_t)orphan, SIGKILL);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)orphan, &info, WEXITED | WNOWAIT), 0);
    tree_reap_adopted();
    assert_false(is_alive(orphan));
}

static void names_with_brackets_are_read(void **state)
{
    (void)state;
    char name[] = "a) R (b";
    char before[16] = {0};
    (void)prctl(PR_GET_NAME, before);
    (void)prctl(PR_SET_NAME, name);
    struct proc self;
    assert_true(proc_read(getpid(), &self));
    (void)prctl(PR_SET_NAME, before);
    assert_string_equal(self.name, name);
    assert_int_equal(self.parent, getppid());
    assert_int_equal(self.group, getpgrp());
    assert_true(self.start > 0);
    assert_false(proc_read(INT32_MAX, &self));
}

static void variables_are_found_by_their_whole_name(void **state)
{
    (void)state;
    struct fr_buf env;
    fr_buf_init(&env, 0);
    fr_buf_add(&env, "AB=1\0A=2\0EMPTY=\0B", 18);
    assert_string_equal(proc_env_get(&env, "A"), "2");
    assert_string_equal(proc_env_get(&env, "AB"), "1");
    assert_string_equal(proc_env_get(&env, "EMPTY"), "");
    assert_null(proc_env_get(&env, "B"));
    fr_buf_release(&env);
}

enum { ASKERS = 16 };

static struct walks shared = WALKS_INIT;
static atomic_uint looks;

/* The first walk lasts until all the others have asked. */
static void look_when_all_ask(struct walk *walk)
{
    bool first = atomic_fetch_add(&looks, 1) == 0;
    unsigned asking = first ? 0 : ASKERS;
    while (asking < ASKERS) {
        (void)sched_yield();
        pthread_mutex_lock(&shared.lock);
        asking = shared.asking;
        pthread_mutex_unlock(&shared.lock);
    }
    if (!first) {
        walk_read(walk);
    }
}

/* Asks for a walk; whether this process is in it. */
static void *ask(void *arg)
{
    bool *seen = arg;
    const struct walk *walk = walks_take(&shared, look_when_all_ask);
    assert_non_null(walk);
    *seen = proc_find(&walk->list, getpid()) != NULL;
    walks_give_back(&shared, walk);
    return NULL;
}

static void who_asks_during_a_walk_shares_the_next_with_all_who_do(void **state)
{
    (void)state;
    pthread_t threads[ASKERS];
    bool seen[ASKERS] = {false};
    unsigned count = 0;
    for (int i = 0; i < ASKERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &seen[i]), 0);
    }
    for (int i = 0; i < ASKERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        count += seen[i];
    }
    assert_int_equal(atomic_load(&looks), 2);
    assert_int_equal(count, ASKERS - 1); /* the first walk found nobody, and had one user */
    assert_null(shared.last);
    assert_int_equal(shared.asking, 0);
}

static void two_walks_of_one_thread_are_two(void **state)
{
    (void)state;
    unsigned before = atomic_load(&looks);
    bool seen[2] = {false};
    (void)ask(&seen[0]);
    (void)ask(&seen[1]);
    assert_int_equal(atomic_load(&looks), before + 2);
    assert_true(seen[0] && seen[1]);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, become_subreaper, leave_nobody)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE(an_orphan_is_known_by_its_environment),
        CASE(who_is_below_the_main_process_is_in_its_tree),
        CASE(members_that_have_ended_are_dropped),
        CASE(who_is_waited_for_is_never_reaped_or_taken),
        CASE(orphans_that_have_ended_are_reaped),
        CASE(who_asks_during_a_walk_shares_the_next_with_all_who_do),
        CASE(two_walks_of_one_thread_are_two),
        CASE(names_with_brackets_are_read),
        CASE(variables_are_found_by_their_whole_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
