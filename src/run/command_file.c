/* Reading the file $FLOWRUN_COMMAND when the process has ended. Most processes never make it, which costs one look.
 * Runs on worker threads; owns nothing. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "pool.h"

enum { COMMANDS_MAX = 16 << 20 };

/* Reads it whole; 0 or -errno. */
static int read_regular(int fd, struct fr_buf *text)
{
    struct stat st;
    if (fstat(fd, &st) < 0) {
        return -errno;
    }
    return S_ISREG(st.st_mode) ? fr_read_all(fd, text) : -EINVAL;
}

/* Moves the commands of the process to its report. */
void take_commands(const struct fr_job *job, struct fr_report *report)
{
    if (!job->command_path) {
        return;
    }
    int fd = fr_open(job->command_path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    if (fd == -ENOENT) {
        return;
    }
    struct fr_buf text;
    fr_buf_init(&text, COMMANDS_MAX);
    int err = fd < 0 ? fd : read_regular(fd, &text);
    if (!err) {
        report->commands = fr_buf_take(&text, &report->commands_len);
    } else if (report->end == FR_END_EXITED && report->exit_code == 0) {
        report_fail(report, FR_END_FAILED, "bad-command", "the file $FLOWRUN_COMMAND %s%s",
                    err == -EFBIG    ? "is longer than 16 MB"
                    : err == -EINVAL ? "is no regular file"
                                     : "cannot be read: ",
                    err == -EFBIG || err == -EINVAL ? "" : strerrordesc_np(-err));
    }
    fr_close(&fd);
    fr_buf_release(&text);
    (void)unlink(job->command_path);
}
