/* Runs a program at a terminal of its own and plays the person who sits there: `tty PROGRAM ARG... <LINES`. What the
 * terminal shows goes to standard output, without carriage returns; the status is the program's.
 *
 *   > TEXT    waits until the terminal has shown TEXT, behind what was waited for before
 *   < TEXT    types TEXT and Enter
 *   - TEXT    types TEXT alone
 *   ^ KEY     types Ctrl and that letter
 *   hang up   closes the terminal
 *
 * A TEXT that does not come within 20 seconds ends the program, with status 99. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000, LINE_SIZE = 8192 };

static int terminal = -1;
static pid_t child;
static char *shown; /* all that came, NUL-terminated */
static size_t shown_len, seen;

/* Starts the program with the terminal as its controlling one. */
static void start(char **argv)
{
    struct winsize size = {.ws_row = 24, .ws_col = 200};
    terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0)
        exit(98);
    (void)ioctl(terminal, TIOCSWINSZ, &size);
    child = fork();
    if (child < 0)
        exit(98);
    if (child > 0)
        return;
    (void)setsid();
    int slave = open(ptsname(terminal), O_RDWR);
    if (slave < 0 || ioctl(slave, TIOCSCTTY, 0) != 0)
        _exit(98);
    for (int fd = 0; fd < 3; fd++)
        if (fd != 1 || !getenv("TTY_KEEP_STDOUT"))
            (void)dup2(slave, fd);
    if (slave > 2)
        (void)close(slave);
    (void)execvp(argv[0], argv);
    _exit(98);
}

/* Takes what the terminal shows, waiting for it up to a time; false when nothing came or it was closed. */
static int take(int ms)
{
    char piece[4096];
    struct pollfd fd = {terminal, POLLIN, 0};
    if (terminal < 0 || poll(&fd, 1, ms) <= 0)
        return 0;
    ssize_t n = read(terminal, piece, sizeof(piece));
    if (n <= 0)
        return 0;
    shown = realloc(shown, shown_len + (size_t)n + 1);
    if (!shown)
        exit(98);
    for (ssize_t i = 0; i < n; i++)
        if (piece[i] != '\r' && piece[i] != '\0')
            shown[shown_len++] = piece[i];
    shown[shown_len] = '\0';
    return 1;
}

/* Ends with everything that was shown. */
static int finish(int status)
{
    if (shown_len)
        (void)fwrite(shown, 1, shown_len, stdout);
    free(shown);
    return status;
}

static void await(const char *text)
{
    for (;;) {
        const char *found = shown ? strstr(shown + seen, text) : NULL;
        if (found) {
            seen = (size_t)(found - shown) + strlen(text);
            return;
        }
        if (take(PATIENCE_MS))
            continue;
        fprintf(stderr, "tty: never shown: %s\n", text);
        (void)close(terminal);
        (void)kill(child, SIGTERM);
        for (int tries = 0; tries < 100 && waitpid(child, NULL, WNOHANG) == 0; tries++)
            (void)poll(NULL, 0, 100);
        (void)kill(child, SIGKILL);
        exit(finish(99));
    }
}

static void type(const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(terminal, text, len);
        if (n < 0 && errno != EINTR)
            exit(98);
        text += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
}

/* Plays one line of the script. */
static void play(char *line)
{
    size_t len = strcspn(line, "\n");
    line[len] = '\0';
    if (strncmp(line, "> ", 2) == 0) {
        await(line + 2);
    } else if (line[0] == '<') {
        line[len] = '\n';
        type(len > 1 ? line + 2 : line + 1, len > 1 ? len - 1 : 1);
    } else if (strncmp(line, "- ", 2) == 0) {
        type(line + 2, len - 2);
    } else if (strncmp(line, "^ ", 2) == 0) {
        char key = (char)(line[2] & 0x1f);
        type(&key, 1);
    } else if (strcmp(line, "hang up") == 0) {
        (void)close(terminal);
        terminal = -1;
    } else {
        exit(97);
    }
}

int main(int argc, char **argv)
{
    char line[LINE_SIZE];
    int status = 0;
    if (argc < 2)
        return 97;
    start(argv + 1);
    while (fgets(line, sizeof(line), stdin))
        play(line);
    while (take(PATIENCE_MS))
        ;
    if (waitpid(child, &status, 0) != child)
        return finish(98);
    return finish(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}
