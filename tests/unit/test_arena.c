/* The arena: alignment, zeroed memory, pieces of every size, reuse after clear. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flowrun/base/arena.h"

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct fr_arena arena;
    fr_arena_init(&arena);
    unsigned char *pieces[3000];
    for (size_t i = 0; i < 3000; i++) {
        size_t size = i % 97;
        pieces[i] = fr_alloc(&arena, size);
        size_t align = size % _Alignof(max_align_t) ? sizeof(void *) : _Alignof(max_align_t);
        assert_int_equal((uintptr_t)pieces[i] % align, 0);
        for (size_t j = 0; j < size; j++) {
            assert_int_equal(pieces[i][j], 0);
        }
        memset(pieces[i], (int)(i & 0xff), size);
    }
    for (size_t i = 0; i < 3000; i++) {
        for (size_t j = 0; j < i % 97; j++) {
            assert_int_equal(pieces[i][j], i & 0xff);
        }
    }
    fr_arena_release(&arena);
    assert_null(arena.block);
    assert_null(arena.big);
    assert_int_equal(arena.used, 0);
}

static void empty_pieces_have_addresses_of_their_own(void **state)
{
    (void)state;
    struct fr_arena arena;
    fr_arena_init(&arena);
    assert_ptr_not_equal(fr_alloc(&arena, 0), fr_alloc(&arena, 0));
    fr_arena_release(&arena);
}

static void big_pieces_leave_the_room_of_the_current_block(void **state)
{
    (void)state;
    struct fr_arena arena;
    fr_arena_init(&arena);
    char *small = fr_alloc(&arena, 16);
    char *big = fr_alloc(&arena, 5 << 20);
    memset(big, 1, 5 << 20);
    char *next = fr_alloc(&arena, 16);
    assert_ptr_equal(next, small + 16);
    fr_arena_release(&arena);
}

static void first_piece_may_be_big(void **state)
{
    (void)state;
    struct fr_arena arena;
    fr_arena_init(&arena);
    char *big = fr_alloc(&arena, 3 << 20);
    memset(big, 1, 3 << 20);
    assert_int_equal(*(char *)fr_alloc(&arena, 1), 0);
    fr_arena_clear(&arena);
    assert_null(arena.block);
    fr_arena_release(&arena);
}

static void memory_after_clear_is_zeroed_again(void **state)
{
    (void)state;
    struct fr_arena arena;
    fr_arena_init(&arena);
    for (int turn = 0; turn < 50; turn++) {
        for (int i = 0; i < 40; i++) {
            unsigned char *p = fr_alloc(&arena, 300);
            for (int j = 0; j < 300; j++) {
                assert_int_equal(p[j], 0);
            }
            memset(p, 0xff, 300);
        }
        fr_arena_clear(&arena);
        assert_int_equal(arena.used, 0);
    }
    assert_non_null(arena.block);
    fr_arena_release(&arena);
}

/* Takes and dirties pieces of which some are big, some begin a new block. */
static void take_and_dirty(struct fr_arena *arena)
{
    static const size_t sizes[] = {1, 40, 3000, 100000, 2 << 20, 16, 700, 5 << 20, 3};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        unsigned char *p = fr_alloc(arena, sizes[i]);
        for (size_t j = 0; j < sizes[i]; j++) {
            assert_int_equal(p[j], 0);
        }
        memset(p, 0xff, sizes[i]);
    }
}

static void an_arena_goes_back_to_a_mark(void **state)
{
    (void)state;
    struct fr_arena arena;
    fr_arena_init(&arena);
    struct fr_arena_mark begin = fr_arena_save(&arena);
    for (int turn = 0; turn < 3; turn++) {
        take_and_dirty(&arena);
        char *kept = fr_strdup(&arena, "kept");
        struct fr_arena_mark mark = fr_arena_save(&arena);
        char *next = fr_alloc(&arena, 64);
        fr_arena_restore(&arena, mark);
        for (int again = 0; again < 3; again++) {
            take_and_dirty(&arena);
            fr_arena_restore(&arena, mark);
            assert_string_equal(kept, "kept");
            assert_int_equal(arena.used, mark.used);
        }
        assert_ptr_equal(fr_alloc(&arena, 64), next);
        fr_arena_restore(&arena, begin);
        assert_null(arena.block);
        assert_null(arena.big);
        assert_int_equal(arena.used, 0);
    }
    fr_arena_release(&arena);
}

static void texts_stand_close(void **state)
{
    (void)state;
    struct fr_arena arena;
    fr_arena_init(&arena);
    char *first = fr_strdup(&arena, "ab");
    assert_ptr_equal(fr_strdup(&arena, "c"), first + 3);
    assert_int_equal((uintptr_t)fr_alloc(&arena, sizeof(void *)) % sizeof(void *), 0);
    assert_string_equal(first, "ab");
    fr_arena_release(&arena);
}

static void arrays_are_zeroed_as_a_whole(void **state)
{
    (void)state;
    struct fr_arena arena;
    fr_arena_init(&arena);
    uint64_t *numbers = FR_NEW_ARRAY(&arena, 1000, uint64_t);
    for (size_t i = 0; i < 1000; i++) {
        assert_true(numbers[i] == 0);
    }
    assert_in_range(arena.used, 8000, 8016);
    fr_arena_release(&arena);
}

/* What cannot be counted must end the process, and say so, before anybody writes to it. */
static void sizes_that_overflow_end_the_process(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = {0, 0};
        (void)setrlimit(RLIMIT_CORE, &none);
        (void)signal(SIGABRT, SIG_DFL);
        (void)dup2(fds[1], STDERR_FILENO);
        struct fr_arena arena;
        fr_arena_init(&arena);
        volatile size_t count = SIZE_MAX / 4 + 2;
        (void)fr_alloc_array(&arena, count, 4);
        _exit(0);
    }
    assert_true(child > 0);
    (void)close(fds[1]);
    char text[64] = "";
    assert_true(read(fds[0], text, sizeof(text) - 1) > 0);
    (void)close(fds[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_string_equal(text, "flowrun: out of memory\n");
}

static void copies_are_terminated(void **state)
{
    (void)state;
    struct fr_arena arena;
    fr_arena_init(&arena);
    assert_string_equal(fr_strdup(&arena, "abc"), "abc");
    assert_null(fr_strdup(&arena, NULL));
    assert_string_equal(fr_strndup(&arena, "abcdef", 3), "abc");
    assert_string_equal(fr_strndup(&arena, NULL, 0), "");
    assert_memory_equal(fr_strndup(&arena, "a\0b", 3), "a\0b", 4);
    fr_arena_release(&arena);
}

static void format_takes_short_and_long_texts(void **state)
{
    (void)state;
    struct fr_arena arena;
    fr_arena_init(&arena);
    assert_string_equal(fr_format(&arena, "%s=%d", "x", 7), "x=7");
    for (int width = 250; width < 260; width++) {
        const char *text = fr_format(&arena, "%*d", width, 42);
        assert_int_equal(strlen(text), width);
        assert_string_equal(text + width - 2, "42");
    }
    fr_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(empty_pieces_have_addresses_of_their_own),
        cmocka_unit_test(big_pieces_leave_the_room_of_the_current_block),
        cmocka_unit_test(first_piece_may_be_big),
        cmocka_unit_test(memory_after_clear_is_zeroed_again),
        cmocka_unit_test(an_arena_goes_back_to_a_mark),
        cmocka_unit_test(texts_stand_close),
        cmocka_unit_test(arrays_are_zeroed_as_a_whole),
        cmocka_unit_test(sizes_that_overflow_end_the_process),
        cmocka_unit_test(copies_are_terminated),
        cmocka_unit_test(format_takes_short_and_long_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
