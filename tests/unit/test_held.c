/* Lines that wait for the terminal: what comes first, and what does not fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ui/held.h"

static void what_waited_comes_as_it_was_and_once(void **state)
{
    struct held held;
    struct fr_buf out;
    (void)state;
    held_init(&held);
    fr_buf_init(&out, 0);
    held_add(&held, "", 0);
    held_add(&held, "one\n", 4);
    held_add(&held, "two", 3);
    held_take(&held, &out);
    assert_string_equal(fr_buf_cstr(&out), "one\ntwo");
    fr_buf_clear(&out);
    held_take(&held, &out);
    assert_int_equal(out.len, 0);
    fr_buf_release(&out);
    held_release(&held);
}

static void what_does_not_fit_is_told(void **state)
{
    struct held held;
    struct fr_buf out;
    char *much = malloc(HELD_MAX);
    (void)state;
    assert_non_null(much);
    memset(much, 'x', HELD_MAX);
    held_init(&held);
    fr_buf_init(&out, 0);
    held_add(&held, "one", 3);
    held_add(&held, much, HELD_MAX);
    held_add(&held, "two\n", 4); /* would fit, but nothing is told out of turn */
    held_take(&held, &out);
    assert_string_equal(
        fr_buf_cstr(&out),
        "one\nflowrun: 16777220 bytes of the log were left out here: there were too many "
        "while a step had the terminal; `flowrun logs RUN` has what was recorded\n");
    fr_buf_clear(&out);
    held_add(&held, much, HELD_MAX); /* now it does */
    held_take(&held, &out);
    assert_int_equal(out.len, HELD_MAX);
    fr_buf_release(&out);
    held_release(&held);
    free(much);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waited_comes_as_it_was_and_once),
        cmocka_unit_test(what_does_not_fit_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
