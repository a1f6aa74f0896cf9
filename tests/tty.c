/* Runs a program at a terminal of its own and plays the person who sits there: `tty PROGRAM ARG... <LINES`. What the
 * terminal shows goes to standard output, without carriage returns; the status is the program's.
 *
 *   > TEXT            waits until the terminal has shown TEXT, behind what was waited for before
 *   < TEXT            types TEXT and Enter
 *   - TEXT            types TEXT alone
 *   ^ KEY             types Ctrl and that letter
 *   touch FILE        makes an empty file
 *   resize COLSxROWS  makes the terminal another size
 *   hang up           closes the terminal
 *
 * A TEXT that does not come within 20 seconds ends the program, with status 99. TTY_SIZE is COLSxROWS at the beginning
 * (200x24). With TTY_LOOK what goes to standard output is what one would see at the end, when one scrolls up to the
 * beginning, instead of all that was sent; a code that is not known here shows as <ESC>. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000, LINE_SIZE = 8192, COLS_MAX = 250, ROWS_MAX = 20000, CELL = 5 };

static int terminal = -1;
static pid_t child;
static char *shown; /* all that came, NUL-terminated */
static size_t shown_len, seen;

/* ---- what one would see ---- */

static char (*cells)[COLS_MAX][CELL]; /* rows from the first one on; "" = blank */
static int cols = 200, rows = 24, top, row, col;
static char code[32]; /* a control sequence as far as it has come */
static size_t code_len;

static void new_line(void)
{
    if (row + 1 < ROWS_MAX)
        row++;
    if (row - top >= rows)
        top++;
}

static void erase(int line, int from)
{
    memset(cells[line][from < COLS_MAX ? from : COLS_MAX - 1], 0, (size_t)(COLS_MAX - from) * CELL);
}

static void show_text(const char *text)
{
    for (; *text; text++) {
        if (((unsigned char)*text & 0xc0) == 0x80) { /* goes on with the character before */
            size_t len = strlen(cells[row][col - 1]);
            if (col > 0 && len < CELL - 1)
                cells[row][col - 1][len] = *text;
            continue;
        }
        if (col >= cols) {
            new_line();
            col = 0;
        }
        memset(cells[row][col], 0, CELL);
        cells[row][col++][0] = *text;
    }
}

/* Does what a whole control sequence says. */
static void obey(char what)
{
    int count = atoi(code + 1);
    if (what == 'A')
        row = row - (count ? count : 1) > top ? row - (count ? count : 1) : top;
    else if (what == 'K')
        erase(row, col);
    else if (what == 'J')
        for (int line = row; line < top + rows; line++)
            erase(line, line == row ? col : 0);
    else if (what != 'm')
        show_text("<ESC>");
}

/* Takes a byte as the terminal would. */
static void look(char c)
{
    char text[2] = {c, 0};
    if (code_len) {
        code[code_len - 1] = c;
        code[code_len] = 0;
        bool over = code_len > 1 ? c >= 0x40 : c != '[';
        if (!over && code_len < sizeof(code) - 2) {
            code_len++;
            return;
        }
        obey(code_len > 1 ? c : '?');
        code_len = 0;
    } else if (c == '\033') {
        code_len = 1;
    } else if (c == '\n') {
        new_line();
    } else if (c == '\r') {
        col = 0;
    } else if (c) {
        show_text(text);
    }
}

/* Prints all rows without the blanks at their ends. */
static void print_look(void)
{
    int last = top + rows - 1;
    for (; last > 0; last--) {
        int i = 0;
        while (i < COLS_MAX && !cells[last][i][0])
            i++;
        if (i < COLS_MAX)
            break;
    }
    for (int line = 0; line <= last; line++) {
        int end = COLS_MAX;
        while (end > 0 && (!cells[line][end - 1][0] || cells[line][end - 1][0] == ' '))
            end--;
        for (int i = 0; i < end; i++)
            (void)fputs(cells[line][i][0] ? cells[line][i] : " ", stdout);
        (void)putchar('\n');
    }
}

/* ---- the terminal ---- */

/* Makes the terminal COLSxROWS. */
static void resize(const char *text)
{
    int wide, high;
    if (sscanf(text, "%dx%d", &wide, &high) != 2 || wide < 1 || wide > COLS_MAX || high < 1)
        exit(97);
    struct winsize size = {.ws_row = (unsigned short)high, .ws_col = (unsigned short)wide};
    cols = wide;
    rows = high;
    top = row - top >= rows ? row - rows + 1 : top;
    (void)ioctl(terminal, TIOCSWINSZ, &size);
}

/* Starts the program with the terminal as its controlling one. */
static void start(char **argv)
{
    const char *size = getenv("TTY_SIZE");
    terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0)
        exit(98);
    resize(size ? size : "200x24");
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
        look(piece[i]);
    for (ssize_t i = 0; i < n; i++)
        if (piece[i] != '\r' && piece[i] != '\0')
            shown[shown_len++] = piece[i];
    shown[shown_len] = '\0';
    return 1;
}

/* Ends with everything that was shown. */
static int finish(int status)
{
    if (getenv("TTY_LOOK"))
        print_look();
    else if (shown_len)
        (void)fwrite(shown, 1, shown_len, stdout);
    free(shown);
    free(cells);
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
    } else if (strncmp(line, "touch ", 6) == 0) {
        (void)close(open(line + 6, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    } else if (strncmp(line, "resize ", 7) == 0) {
        resize(line + 7);
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
    cells = calloc(ROWS_MAX + 1000, sizeof(*cells));
    if (!cells)
        return 98;
    start(argv + 1);
    while (fgets(line, sizeof(line), stdin))
        play(line);
    while (take(PATIENCE_MS))
        ;
    if (waitpid(child, &status, 0) != child)
        return finish(98);
    return finish(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}
