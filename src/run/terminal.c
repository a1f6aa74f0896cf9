/* Steps with `tty: true`: the process becomes the terminal's foreground group while it runs, as a
 * shell would do it, and the terminal comes back as it was. Runs on worker threads, where SIGTTOU
 * is blocked. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "task.h"

/* Opens the terminal and remembers its modes. */
bool terminal_open(struct task *task)
{
    int fd = fr_open("/dev/tty", O_RDWR, 0);
    if (fd < 0) {
        report_fail(task->report, FR_END_NOT_STARTED, "no-terminal",
                    "it wants the terminal (`tty: true`), but flowrun runs without one");
        return false;
    }
    if (tcgetpgrp(fd) != getpgrp()) {
        fr_close(&fd);
        report_fail(task->report, FR_END_NOT_STARTED, "no-terminal",
                    "it wants the terminal (`tty: true`), but flowrun runs in the background");
        return false;
    }
    (void)tcgetattr(fd, &task->tty_modes);
    task->tty_fd = fd;
    return true;
}

/* The process was stopped: by Ctrl-Z, which is then for flowrun as a whole, or because flowrun was
 * stopped itself meanwhile and the terminal has to be handed over again. */
void terminal_check(struct task *task, int stop_signal)
{
    if (stop_signal == SIGTTIN || stop_signal == SIGTTOU) {
        if (tcgetpgrp(task->tty_fd) == getpgrp()) {
            (void)tcsetpgrp(task->tty_fd, task->child.pid);
            (void)kill(-task->child.pid, SIGCONT);
        }
        return;
    }
    (void)tcsetpgrp(task->tty_fd, getpgrp());
    (void)kill(getpid(), SIGTSTP);
}

/* Takes the terminal back. */
void terminal_close(struct task *task)
{
    if (task->tty_fd < 0) {
        return;
    }
    if (task->child.pid > 0 && tcgetpgrp(task->tty_fd) == task->child.pid) {
        (void)tcsetpgrp(task->tty_fd, getpgrp());
        (void)tcsetattr(task->tty_fd, TCSADRAIN, &task->tty_modes);
    }
    fr_close(&task->tty_fd);
}
