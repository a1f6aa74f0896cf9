/* Writing that never waits: pipes whose other end is not read, shared descriptors, sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "ui/outlet.h"

enum { PIECE = 1 << 20 };

static int64_t now;

static int64_t tell(void *ctx)
{
    (void)ctx;
    return now;
}

static const struct fr_clock clock_by_hand = {.mono_ns = tell};

static void init(struct outlet *outlet, int fd)
{
    now = FR_NS_PER_S;
    outlet_init(outlet, fd);
    outlet->clock = &clock_by_hand;
}

/* Puts pieces of one letter each until one is refused, which is not before its reader has taken nothing for a second; how
 * many were taken. */
static int fill(struct outlet *outlet)
{
    char *piece = malloc(PIECE);
    int taken = 0;
    assert_non_null(piece);
    for (; taken < 64; taken++) {
        if (taken > OUTLET_BEHIND_MAX / PIECE && outlet_is_behind(outlet)) {
            assert_int_equal(outlet_due(outlet), outlet->taken_ns + FR_NS_PER_S);
            now = outlet_due(outlet);
            assert_int_equal(outlet_due(outlet), now); /* until it is asked, however late */
            assert_false(outlet_is_behind(outlet));
            assert_int_equal(outlet_due(outlet), INT64_MAX);
        }
        memset(piece, 'a' + taken % 26, PIECE);
        if (!outlet_put(outlet, piece, PIECE, false))
            break;
    }
    free(piece);
    return taken;
}

/* Reads what comes while the outlet writes on; it is all there, in order. */
static void assert_drains(struct outlet *outlet, int fd, size_t expected)
{
    static char piece[64 << 10];
    size_t seen = 0;
    while (seen < expected) {
        ssize_t n = read(fd, piece, sizeof piece);
        assert_true(n > 0);
        for (ssize_t i = 0; i < n; i++, seen++)
            if (piece[i] != (char)('a' + seen / PIECE % 26))
                fail_msg("wrong byte at %zu", seen);
        outlet_push(outlet);
    }
    assert_int_equal(seen, expected);
    assert_int_equal(outlet_fd(outlet), -1);
}

static void check_reader_that_waits(int reader, int writer)
{
    struct outlet outlet;
    init(&outlet, writer);
    int taken = fill(&outlet);
    assert_in_range(taken, OUTLET_BEHIND_MAX / PIECE, OUTLET_BEHIND_MAX / PIECE + 1);
    assert_true(outlet_fd(&outlet) >= 0);
    assert_false(outlet_finish(&outlet, 0));
    /* Who shares the descriptor sees it as it was. */
    assert_int_equal(fcntl(writer, F_GETFL) & O_NONBLOCK, 0);
    assert_drains(&outlet, reader, (size_t)taken * PIECE);
    assert_true(outlet_finish(&outlet, -1));
    outlet_release(&outlet);
    close(reader);
    close(writer);
}

static void a_pipe_that_nobody_reads_keeps_nobody(void **state)
{
    int fds[2];
    (void)state;
    assert_int_equal(fr_pipe(fds, 0), 0);
    check_reader_that_waits(fds[0], fds[1]);
}

static void so_does_a_socket(void **state)
{
    int fds[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    check_reader_that_waits(fds[0], fds[1]);
}

static void a_pipe_that_cannot_be_opened_again_is_asked_first(void **state)
{
    struct outlet outlet;
    int fds[2];
    (void)state;
    assert_int_equal(fr_pipe(fds, 0), 0);
    init(&outlet, fds[1]);
    assert_true(outlet.own >= 0);
    fr_close(&outlet.own);
    outlet.kind = OUTLET_PIPE;
    int taken = fill(&outlet);
    assert_drains(&outlet, fds[0], (size_t)taken * PIECE);
    outlet_release(&outlet);
    close(fds[0]);
    close(fds[1]);
}

static void short_lines_have_room_of_their_own(void **state)
{
    struct outlet outlet;
    int fds[2];
    (void)state;
    assert_int_equal(fr_pipe(fds, 0), 0);
    init(&outlet, fds[1]);
    (void)fill(&outlet);
    char *piece = calloc(1, PIECE);
    assert_false(outlet_put(&outlet, piece, PIECE, false));
    assert_true(outlet_put(&outlet, "line\n", 5, true));
    free(piece);
    outlet_release(&outlet);
    close(fds[0]);
    close(fds[1]);
}

/* Nothing is refused while it takes something, however little; but memory has an end. */
static void a_slow_reader_is_behind_and_loses_nothing(void **state)
{
    struct outlet outlet;
    char *piece = calloc(1, PIECE);
    int fds[2], taken = 0;
    (void)state;
    assert_non_null(piece);
    assert_int_equal(fr_pipe(fds, 0), 0);
    init(&outlet, fds[1]);
    assert_false(outlet_is_behind(&outlet));
    for (; taken < OUTLET_FULL / PIECE; taken++) {
        assert_int_equal(outlet_is_behind(&outlet), taken > OUTLET_BEHIND_MAX / PIECE);
        assert_true(outlet_put(&outlet, piece, PIECE, false));
        assert_int_equal(read(fds[0], piece, 8192), 8192);
        now += FR_NS_PER_S / 2;
    }
    while (outlet_put(&outlet, piece, PIECE, false))
        assert_true(++taken < 2 * OUTLET_FULL / PIECE);
    assert_in_range(taken, OUTLET_FULL / PIECE, OUTLET_FULL / PIECE + 1);
    free(piece);
    outlet_release(&outlet);
    close(fds[0]);
    close(fds[1]);
}

/* Whether something can be read. */
static bool has_come(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    return poll(&ready, 1, 0) == 1;
}

static void while_a_step_has_the_terminal_all_waits(void **state)
{
    struct outlet outlet;
    char text[8];
    int fds[2];
    (void)state;
    assert_int_equal(fr_pipe(fds, 0), 0);
    init(&outlet, fds[1]);
    outlet.owners = 1;
    assert_true(outlet_put(&outlet, "one\n", 4, false));
    outlet_push(&outlet);
    assert_int_equal(outlet_fd(&outlet), -1);
    assert_false(has_come(fds[0]));
    assert_in_range(fill(&outlet), OUTLET_BEHIND_MAX / PIECE - 1, OUTLET_BEHIND_MAX / PIECE);
    outlet.owners = 0;
    outlet_push(&outlet);
    assert_int_equal(read(fds[0], text, 4), 4);
    assert_memory_equal(text, "one\n", 4);
    outlet_release(&outlet);
    close(fds[0]);
    close(fds[1]);
}

/* What Ctrl-S does, and Ctrl-Q. `again`: it can be opened once more. */
static void check_stopped_terminal(bool again)
{
    struct outlet outlet;
    char text[8];
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    int slave = fr_open(ptsname(master), O_RDWR | O_NOCTTY, 0);
    assert_true(slave >= 0);
    init(&outlet, slave);
    assert_true(outlet.own >= 0);
    if (!again) {
        fr_close(&outlet.own);
        outlet.kind = OUTLET_TERMINAL;
    }
    assert_int_equal(tcflow(slave, TCOOFF), 0);
    assert_true(outlet_put(&outlet, "one", 3, false));
    assert_true(outlet_put(&outlet, "two", 3, false));
    outlet_settle(&outlet);
    assert_true(outlet_is_late(&outlet));
    assert_false(has_come(master));
    assert_int_equal(fcntl(slave, F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(tcflow(slave, TCOON), 0);
    assert_true(outlet_finish(&outlet, -1));
    assert_int_equal(read(master, text, sizeof text), 6);
    assert_memory_equal(text, "onetwo", 6);
    outlet_release(&outlet);
    close(slave);
    close(master);
}

static void a_terminal_that_is_stopped_keeps_nobody(void **state)
{
    (void)state;
    check_stopped_terminal(true);
    check_stopped_terminal(false);
}

static void a_reader_that_goes_away_ends_the_writing(void **state)
{
    struct outlet outlet;
    int fds[2];
    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    assert_int_equal(fr_pipe(fds, 0), 0);
    init(&outlet, fds[1]);
    (void)fill(&outlet);
    close(fds[0]);
    outlet_push(&outlet);
    assert_int_equal(outlet.err, EPIPE);
    assert_int_equal(outlet_fd(&outlet), -1);
    assert_true(outlet_put(&outlet, "more", 4, false));
    assert_true(outlet_finish(&outlet, -1));
    outlet_release(&outlet);
    close(fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipe_that_nobody_reads_keeps_nobody),
        cmocka_unit_test(so_does_a_socket),
        cmocka_unit_test(a_pipe_that_cannot_be_opened_again_is_asked_first),
        cmocka_unit_test(short_lines_have_room_of_their_own),
        cmocka_unit_test(a_slow_reader_is_behind_and_loses_nothing),
        cmocka_unit_test(while_a_step_has_the_terminal_all_waits),
        cmocka_unit_test(a_terminal_that_is_stopped_keeps_nobody),
        cmocka_unit_test(a_reader_that_goes_away_ends_the_writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
