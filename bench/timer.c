/* Runs one command and prints what it took: wall time in ns, peak memory in KiB, exit status.
 *
 *   timer COMMAND ARGUMENT...
 *
 * The command's stdin and stdout are /dev/null, its stderr is the timer's. The peak is that of the
 * largest process among the command and all descendants that were waited for. A shell's own figures
 * would hold the shell; this program stays small, because a process inherits the peak of the one it
 * was made from. The status of a command that a signal ended is 128 and the signal's number.
 * One thread; owns nothing beyond the run. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

/* The monotonic clock in nanoseconds. */
static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Starts the command on /dev/null; returns 0 or an errno value. */
static int start(char **argv, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    int err = posix_spawn_file_actions_init(&files);
    if (err) {
        return err;
    }
    err = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    if (!err) {
        err = posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    }
    if (!err) {
        err = posix_spawnp(pid, argv[0], &files, NULL, argv, environ);
    }
    posix_spawn_file_actions_destroy(&files);
    return err;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs("usage: timer COMMAND ARGUMENT...\n", stderr);
        return 2;
    }
    pid_t pid;
    int64_t begin = now();
    int err = start(argv + 1, &pid);
    if (err) {
        fprintf(stderr, "timer: cannot run %s: %s\n", argv[1], strerror(err));
        return 2;
    }
    int status;
    struct rusage usage;
    while (wait4(pid, &status, 0, &usage) < 0) {
        if (errno != EINTR) {
            perror("timer: wait4");
            return 2;
        }
    }
    int64_t end = now();
    int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    printf("%" PRId64 " %ld %d\n", end - begin, usage.ru_maxrss, code);
    return 0;
}
