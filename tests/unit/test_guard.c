/* The guard: exit status, signals, and what is left when either process dies. Each case forks a
 * process that becomes the guard, whose child, the coordinator, does what the case is about; what
 * it finds out comes back as its exit status. */
#include "jobs.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* What a coordinator has at hand. */
struct scene {
    struct fr_guard guard;
    int say[2];  /* coordinator to test */
    int hear[2]; /* test to coordinator */
    char dir[64];
};

/* Starts guard and coordinator; the coordinator runs `act` and exits with its result. */
static pid_t start_guarded(struct scene *scene, int (*act)(struct scene *scene))
{
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    (void)snprintf(scene->dir, sizeof(scene->dir), "/tmp/test-guard-XXXXXX");
    assert_non_null(mkdtemp(scene->dir));
    assert_int_equal(fr_pipe(scene->say, 0), 0);
    assert_int_equal(fr_pipe(scene->hear, 0), 0);
    pid_t guard = fork();
    assert_true(guard >= 0);
    if (guard == 0) {
        if (fr_guard_start(&scene->guard, &(struct fr_guard_told){.run_dir = scene->dir,
                                                                  .last_words = ""}) != FR_OK) {
            _exit(99);
        }
        fr_close(&scene->say[0]);
        fr_close(&scene->hear[1]);
        _exit(act(scene));
    }
    fr_close(&scene->say[1]);
    fr_close(&scene->hear[0]);
    return guard;
}

/* Reads one number that the coordinator says. */
static long listen_to(struct scene *scene)
{
    char text[32] = {0};
    for (size_t i = 0; i < sizeof(text) - 1; i++) {
        if (read(scene->say[0], &text[i], 1) != 1 || text[i] == '\n') {
            break;
        }
    }
    return strtol(text, NULL, 10);
}

static void say(struct scene *scene, long number)
{
    char text[32];
    int len = snprintf(text, sizeof(text), "%ld\n", number);
    (void)fr_write_all(scene->say[1], text, (size_t)len);
}

static void end_scene(struct scene *scene)
{
    fr_close(&scene->say[0]);
    fr_close(&scene->hear[1]);
    (void)fr_remove_tree(scene->dir);
    (void)fr_guard_sweep("", NULL, 0, 0, NULL, NULL);
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

static int exit_with_7(struct scene *scene)
{
    (void)scene;
    return 7;
}

static void the_status_is_the_coordinators(void **state)
{
    (void)state;
    struct scene scene;
    int status = wait_for(start_guarded(&scene, exit_with_7));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
    assert_int_not_equal(access(scene.dir, F_OK), 0);
    end_scene(&scene);
}

/* A step with a tree: itself, a child, one that escaped by setsid, one by a double fork. Returns
 * after all of them have said their pid. */
static int run_a_tree(struct scene *scene)
{
    char text[256];
    (void)snprintf(text, sizeof(text),
                   "say() { echo $$ >/proc/self/fd/%d; exec sleep 1000; }; trap '' TERM INT HUP\n"
                   "sh -c 'echo $$ >/proc/self/fd/%d; exec sleep 1000' & "
                   "setsid sh -c 'echo $$ >/proc/self/fd/%d; exec sleep 1000' & "
                   "(setsid sh -c 'echo $$ >/proc/self/fd/%d; exec sleep 1000' &); say",
                   scene->say[1], scene->say[1], scene->say[1], scene->say[1]);
    (void)fcntl(scene->say[1], F_SETFD, 0);
    struct fixture f = {.pool = fr_pool_new(2, scene->dir)};
    (void)snprintf(f.dir, sizeof(f.dir), "%s", scene->dir);
    f.pool->start(f.pool, shell_job(&f, text));
    struct pollfd p = {.fd = scene->guard.life_fd, .events = POLLIN};
    (void)poll(&p, 1, -1);
    fr_guard_sweep("run-1", NULL, 0, 0, NULL, NULL);
    f.pool->cancel(f.pool, 1, FR_CANCEL_GUARD, true);
    fr_report_free(await(&f, FR_REPORT_FINISHED));
    f.pool->free(f.pool);
    say(scene, 1);
    return 0;
}

static int tell_pid_and_run_a_tree(struct scene *scene)
{
    say(scene, getpid());
    return run_a_tree(scene);
}

static void when_the_coordinator_is_killed_its_trees_go_too(void **state)
{
    (void)state;
    struct scene scene;
    pid_t guard = start_guarded(&scene, tell_pid_and_run_a_tree);
    pid_t coordinator = (pid_t)listen_to(&scene);
    long pids[4];
    for (int i = 0; i < 4; i++) {
        pids[i] = listen_to(&scene);
        assert_true(is_alive(pids[i]));
    }
    assert_int_equal(kill(coordinator, SIGKILL), 0);
    int status = wait_for(guard);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
    for (int i = 0; i < 4; i++) {
        assert_false(is_alive(pids[i]));
    }
    assert_int_not_equal(access(scene.dir, F_OK), 0);
    end_scene(&scene);
}

static void when_the_guard_is_killed_the_coordinator_can_tell(void **state)
{
    (void)state;
    struct scene scene;
    pid_t guard = start_guarded(&scene, tell_pid_and_run_a_tree);
    pid_t coordinator = (pid_t)listen_to(&scene);
    long pids[4];
    for (int i = 0; i < 4; i++) {
        pids[i] = listen_to(&scene);
    }
    assert_int_equal(kill(guard, SIGKILL), 0);
    (void)wait_for(guard);
    assert_int_equal(listen_to(&scene), 1);
    (void)wait_for(coordinator); /* given to this process, a subreaper */
    for (int i = 0; i < 4; i++) {
        assert_false(is_alive(pids[i]));
    }
    end_scene(&scene);
}

/* Waits for a signal and says number and count. */
static void say_next_signal(struct scene *scene)
{
    int sig = 0;
    int count = 0;
    while (!sig) {
        struct pollfd p = {.fd = scene->guard.signal_fd, .events = POLLIN};
        (void)poll(&p, 1, -1);
        sig = fr_guard_read(&scene->guard, &count);
    }
    say(scene, sig * 100 + count);
}

static int say_signals(struct scene *scene)
{
    say(scene, getpid());
    for (;;) {
        say_next_signal(scene);
    }
    return 0;
}

static void a_signal_that_comes_both_ways_counts_once(void **state)
{
    (void)state;
    struct scene scene;
    pid_t guard = start_guarded(&scene, say_signals);
    pid_t coordinator = (pid_t)listen_to(&scene);

    (void)kill(guard, SIGINT); /* as `kill` does it */
    assert_int_equal(listen_to(&scene), SIGINT * 100 + 1);
    (void)kill(coordinator, SIGINT); /* the other half of the same press of Ctrl-C: says nothing */
    (void)kill(coordinator, SIGHUP);
    assert_int_equal(listen_to(&scene), SIGHUP * 100 + 1);
    (void)kill(guard, SIGINT);
    assert_int_equal(listen_to(&scene), SIGINT * 100 + 2);
    (void)kill(guard, SIGTERM);
    assert_int_equal(listen_to(&scene), SIGTERM * 100 + 1);
    (void)kill(coordinator, SIGKILL);
    (void)wait_for(guard);
    end_scene(&scene);
}

static void ctrl_z_stops_both_and_both_go_on(void **state)
{
    (void)state;
    struct scene scene;
    pid_t guard = start_guarded(&scene, say_signals);
    pid_t coordinator = (pid_t)listen_to(&scene);
    for (int i = 0; i < 3; i++) {
        (void)kill(guard, SIGTSTP);
        (void)kill(coordinator, SIGTSTP);
        int status = 0;
        assert_int_equal(waitpid(guard, &status, WUNTRACED), guard);
        assert_true(WIFSTOPPED(status));
        (void)kill(guard, SIGCONT);
        (void)kill(guard, SIGUSR1);
        assert_int_equal(listen_to(&scene), SIGUSR1 * 100 + i + 1);
    }
    (void)kill(coordinator, SIGKILL);
    (void)wait_for(guard);
    end_scene(&scene);
}

/* Waits until a process that is no child of ours has stopped. */
static void await_stop(pid_t pid)
{
    char path[40], line[128] = "", state = ' ';
    (void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
    while (state != 'T') {
        int fd = fr_open(path, O_RDONLY, 0);
        ssize_t n = read(fd, line, sizeof(line) - 1);
        fr_close(&fd);
        assert_true(n > 0);
        line[n] = '\0';
        assert_int_equal(sscanf(strrchr(line, ')'), ") %c", &state), 1);
    }
}

/* The guard was stopped before it could see that the coordinator did, and is continued first. */
static void who_continues_both_gets_both(void **state)
{
    (void)state;
    struct scene scene;
    pid_t guard = start_guarded(&scene, say_signals);
    pid_t coordinator = (pid_t)listen_to(&scene);
    for (int i = 0; i < 3; i++) {
        int status = 0;
        (void)kill(guard, SIGSTOP);
        assert_int_equal(waitpid(guard, &status, WUNTRACED), guard);
        (void)kill(coordinator, SIGSTOP);
        await_stop(coordinator);
        (void)kill(guard, SIGCONT);
        (void)kill(coordinator, SIGUSR1);
        assert_int_equal(listen_to(&scene), SIGUSR1 * 100 + i + 1);
        assert_int_equal(waitpid(guard, &status, WUNTRACED | WNOHANG), 0);
    }
    (void)kill(coordinator, SIGKILL);
    (void)wait_for(guard);
    end_scene(&scene);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_status_is_the_coordinators),
        cmocka_unit_test(when_the_coordinator_is_killed_its_trees_go_too),
        cmocka_unit_test(when_the_guard_is_killed_the_coordinator_can_tell),
        cmocka_unit_test(a_signal_that_comes_both_ways_counts_once),
        cmocka_unit_test(ctrl_z_stops_both_and_both_go_on),
        cmocka_unit_test(who_continues_both_gets_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
