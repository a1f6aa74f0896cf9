/* The buffer: growth, the ceiling to the byte, what a refused append leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/buf.h"

static void an_empty_buffer_is_an_empty_string(void **state)
{
    (void)state;
    struct fr_buf buf;
    fr_buf_init(&buf, 0);
    assert_string_equal(fr_buf_cstr(&buf), "");
    size_t len = 9;
    char *text = fr_buf_take(&buf, &len);
    assert_string_equal(text, "");
    assert_int_equal(len, 0);
    free(text);
    assert_true(fr_buf_add(&buf, NULL, 0));
    assert_string_equal(fr_buf_cstr(&buf), "");
    fr_buf_release(&buf);
}

static void growth_doubles(void **state)
{
    (void)state;
    struct fr_buf buf;
    fr_buf_init(&buf, 0);
    size_t moves = 0;
    size_t cap = 0;
    for (int i = 0; i < 1000000; i++) {
        assert_true(fr_buf_char(&buf, (char)('a' + i % 26)));
        moves += buf.cap != cap;
        cap = buf.cap;
    }
    assert_int_equal(buf.len, 1000000);
    assert_int_equal(strlen(buf.data), 1000000);
    assert_in_range(moves, 1, 20);
    fr_buf_release(&buf);
}

static void the_ceiling_is_exact(void **state)
{
    (void)state;
    struct fr_buf buf;
    fr_buf_init(&buf, 10);
    assert_true(fr_buf_str(&buf, "123456789"));
    assert_false(fr_buf_str(&buf, "ab"));
    assert_true(buf.overflow);
    assert_string_equal(fr_buf_cstr(&buf), "123456789");
    assert_true(fr_buf_str(&buf, "0"));
    assert_true(buf.overflow);
    assert_false(fr_buf_char(&buf, 'x'));
    assert_string_equal(fr_buf_cstr(&buf), "1234567890");
    assert_true(fr_buf_add(&buf, "", 0));
    fr_buf_clear(&buf);
    assert_false(buf.overflow);
    assert_int_equal(buf.ceiling, 10);
    assert_string_equal(fr_buf_cstr(&buf), "");
    fr_buf_release(&buf);
}

static void a_ceiling_beyond_the_first_doubling_holds(void **state)
{
    (void)state;
    struct fr_buf buf;
    fr_buf_init(&buf, 100);
    for (int i = 0; i < 100; i++) {
        assert_true(fr_buf_char(&buf, 'x'));
    }
    assert_in_range(buf.cap, 101, 101);
    assert_false(fr_buf_char(&buf, 'x'));
    assert_int_equal(buf.len, 100);
    fr_buf_release(&buf);
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    struct fr_buf buf;
    fr_buf_init(&buf, 0);
    assert_true(fr_buf_str(&buf, "x"));
    assert_null(fr_buf_reserve(&buf, SIZE_MAX));
    assert_null(fr_buf_reserve(&buf, SIZE_MAX - 1));
    assert_null(fr_buf_reserve(&buf, SIZE_MAX / 2));
    assert_true(buf.overflow);
    assert_string_equal(fr_buf_cstr(&buf), "x");
    fr_buf_release(&buf);
    fr_buf_init(&buf, SIZE_MAX);
    assert_null(fr_buf_reserve(&buf, SIZE_MAX - 1));
    fr_buf_release(&buf);
}

static void printf_is_whole_or_nothing(void **state)
{
    (void)state;
    struct fr_buf buf;
    fr_buf_init(&buf, 80);
    assert_true(fr_buf_printf(&buf, "%s-%d", "a", 1));
    assert_false(fr_buf_printf(&buf, "%*d", 78, 1));
    assert_string_equal(fr_buf_cstr(&buf), "a-1");
    assert_true(fr_buf_printf(&buf, "%*d", 77, 1));
    assert_int_equal(buf.len, 80);
    assert_int_equal(strlen(buf.data), 80);
    assert_false(fr_buf_printf(&buf, "x"));
    assert_true(fr_buf_printf(&buf, "%s", ""));
    assert_int_equal(strlen(buf.data), 80);
    fr_buf_release(&buf);
}

static void reserved_bytes_may_be_left_without_nul(void **state)
{
    (void)state;
    struct fr_buf buf;
    fr_buf_init(&buf, 0);
    char *to = fr_buf_reserve(&buf, 200);
    memset(to, 'y', 200);
    buf.len += 200;
    assert_int_equal(strlen(fr_buf_cstr(&buf)), 200);
    fr_buf_release(&buf);
}

static void take_hands_over_and_empties(void **state)
{
    (void)state;
    struct fr_buf buf;
    fr_buf_init(&buf, 4);
    (void)fr_buf_add(&buf, "a\0b", 3);
    (void)fr_buf_str(&buf, "too much");
    size_t len = 0;
    char *text = fr_buf_take(&buf, &len);
    assert_int_equal(len, 3);
    assert_memory_equal(text, "a\0b", 4);
    free(text);
    assert_null(buf.data);
    assert_true(buf.overflow);
    assert_true(fr_buf_str(&buf, "next"));
    fr_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_buffer_is_an_empty_string),
        cmocka_unit_test(growth_doubles),
        cmocka_unit_test(the_ceiling_is_exact),
        cmocka_unit_test(a_ceiling_beyond_the_first_doubling_holds),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(printf_is_whole_or_nothing),
        cmocka_unit_test(reserved_bytes_may_be_left_without_nul),
        cmocka_unit_test(take_hands_over_and_empties),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
