/* Writing that never waits: pipes whose other end is not read, shared descriptors, sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "ui/outlet.h"

enum { PIECE = 1 << 20 };

/* Puts pieces of one letter each until one is refused; how many were taken. */
static int fill(struct outlet *outlet)
{
    char *piece = malloc(PIECE);
    int taken = 0;
    assert_non_null(piece);
    for (; taken < 64; taken++) {
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
    outlet_init(&outlet, writer);
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
    outlet_init(&outlet, fds[1]);
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
    outlet_init(&outlet, fds[1]);
    (void)fill(&outlet);
    char *piece = calloc(1, PIECE);
    assert_false(outlet_put(&outlet, piece, PIECE, false));
    assert_true(outlet_put(&outlet, "line\n", 5, true));
    free(piece);
    outlet_release(&outlet);
    close(fds[0]);
    close(fds[1]);
}

static void a_reader_that_goes_away_ends_the_writing(void **state)
{
    struct outlet outlet;
    int fds[2];
    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    assert_int_equal(fr_pipe(fds, 0), 0);
    outlet_init(&outlet, fds[1]);
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
        cmocka_unit_test(a_reader_that_goes_away_ends_the_writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
