/* Entry: sane descriptors, then one row of the command table. Main thread. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ci.h"
#include "cmd.h"
#include "complete.h"
#include "helpkey.h"

/* With 0, 1 or 2 closed by the caller the next file we open would be taken for standard output. What stands for a
 * closed standard output cannot be written to: a result that nobody gets is a failure. */
static void open_standard_fds(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0) {
            int null = open("/dev/null", fd < 2 ? O_RDONLY | O_CLOEXEC : O_WRONLY | O_CLOEXEC);
            if (null < 0)
                abort();
            fcntl(null, F_SETFD, 0);
        }
}

/* glibc keeps blocks as large as the largest one that was freed so far: a workflow file's text and what
 * is made of it would stay until the end of the run. With a threshold they go back when they are freed. */
static void give_memory_back(void)
{
#ifdef M_MMAP_THRESHOLD
    mallopt(M_MMAP_THRESHOLD, 512 << 10);
#endif
}

/* The command that argv asks for: a name from the table, which its options may stand before; else `run` for a bare file.
 * The name goes out of argv. */
static const struct cmd *choose(int *argc, char **argv)
{
    int at = cmd_command_place(*argc, argv);
    const struct cmd *cmd = at < *argc ? cmd_find(argv[at]) : NULL;
    if (!cmd)
        return cmd_find("run");
    memmove(&argv[at], &argv[at + 1], (size_t)(*argc - at) * sizeof *argv);
    (*argc)--;
    return cmd;
}

/* Writes what is buffered; a reader that went away wants no more. */
static int flush(int code)
{
    if (fflush(stdout) == 0 || errno == EPIPE || code != CMD_OK)
        return code;
    return cmd_fail(CMD_FAILED, "cannot write to standard output: %s", strerror(errno));
}

int main(int argc, char **argv)
{
    struct cmd_opts opts = {0};
    int code = CMD_USAGE;

    open_standard_fds();
    give_memory_back();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file above `ulimit -f` is an error of its write, EFBIG */
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return flush(cmd_help(cmd_find("help"), &opts));
    if (argc > 1 && strcmp(argv[1], "__complete") == 0)
        return cmd_complete(argc - 1, argv + 1);
    if (argc == 2 && strcmp(argv[1], "__keys") == 0)
        return cmd_keys();
    const struct cmd *cmd = choose(&argc, argv);
    int file = cmd_command_place(argc, argv);
    cmd_ci_expect(file < argc ? argv[file] : "flowrun.yaml");
    if (!cmd_opts_parse(cmd, argc, argv, &opts))
        goto out;
    if (opts.version) {
        code = cmd_version(cmd, &opts);
    } else if (opts.help) {
        opts.file_count = 0;
        code = cmd_help(cmd, &opts);
    } else {
        code = cmd->main(cmd, &opts);
    }
out:
    cmd_opts_release(&opts);
    return flush(code);
}
