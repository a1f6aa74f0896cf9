/* The file of `--events`. A path that names one of our own descriptors (`-`, /dev/stderr, /dev/fd/3) means that: opening it
 * anew would begin a log file from its start again. Main thread. */
#include "eventfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/ui/events.h"
#include "reportfile.h"

/* What we opened ourselves must not keep the run waiting. Others share the flags of a descriptor that was given. */
static void do_not_wait(int fd)
{
    struct stat info;
    if (fstat(fd, &info) < 0 || S_ISREG(info.st_mode))
        return;
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0)
        (void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int eventfile_open(struct eventfile *file, const struct cmd_opts *opts)
{
    *file = (struct eventfile){.path = opts->events, .fd = -1};
    if (!opts->events)
        return CMD_OK;
    int own = reportfile_descriptor(opts->events);
    file->shared = own >= 0;
    if (file->shared && !reportfile_writable(own))
        return cmd_fail(CMD_USAGE, "--events: %s is not open for writing",
                        reportfile_name(opts->events));
    if (file->shared) {
        int copy = fcntl(own, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        file->fd = copy < 0 ? -errno : copy;
    } else {
        file->fd = fr_open(opts->events, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    }
    if (file->fd < 0)
        return cmd_fail(CMD_USAGE, "--events: cannot write to '%s': %s", opts->events,
                        strerror(-file->fd));
    file->terminal = isatty(file->fd) == 1;
    if (!file->shared)
        do_not_wait(file->fd);
    return CMD_OK;
}

struct fr_sink *eventfile_sink(struct eventfile *file, bool again, const struct fr_mask *mask)
{
    if (file->fd >= 0)
        file->sink = fr_events_new(file->fd, file->shared, again, mask);
    file->fd = -1;
    return file->sink;
}

void eventfile_end(struct eventfile *file)
{
    const char *trouble = file->sink ? fr_events_end(file->sink) : NULL;
    if (trouble)
        cmd_fail(CMD_OK, "warning: not all events were written to '%s': %s",
                 reportfile_name(file->path), trouble);
    fr_events_free(file->sink);
    file->sink = NULL;
    fr_close(&file->fd);
}
