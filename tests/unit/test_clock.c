/* The system's clocks and the writing of times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/str.h"

static void times_are_written_in_utc(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {999999, "1970-01-01T00:00:00.000Z"},
        {1000000, "1970-01-01T00:00:00.001Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {951782400 * FR_NS_PER_S, "2000-02-29T00:00:00.000Z"},
        {1795262400 * FR_NS_PER_S + 123999999, "2026-11-21T12:00:00.123Z"},
        {INT64_MAX, "2262-04-11T23:47:16.854Z"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[25];
        assert_ptr_equal(fr_format_time(cases[i].ns, text, sizeof(text)), text);
        assert_string_equal(text, cases[i].text);
    }
}

static void a_short_buffer_is_not_overrun(void **state)
{
    (void)state;
    char text[12] = "xxxxxxxxxxx";
    (void)fr_format_time(0, text, 5);
    assert_string_equal(text, "1970");
    assert_int_equal(text[5], 'x');
}

static void times_are_read_back(void **state)
{
    (void)state;
    int64_t ns = 0;
    assert_true(fr_parse_time("1970-01-01T00:00:00Z", &ns));
    assert_int_equal(ns, 0);
    assert_true(fr_parse_time("2026-11-21T12:30:05Z", &ns));
    assert_int_equal(ns, 1795264205 * FR_NS_PER_S);
    assert_true(fr_parse_time("2026-11-21T13:30:05+01:00", &ns));
    assert_int_equal(ns, 1795264205 * FR_NS_PER_S);
    assert_true(fr_parse_time("2024-02-29T23:59:59-00:30", &ns));
    assert_int_equal(ns, 1709252999 * FR_NS_PER_S);
    assert_true(fr_parse_time("2000-02-29T00:00:00Z", &ns));
    assert_true(fr_parse_time("2026-12-31T00:00:00Z", &ns));
    static const char *const wrong[] = {"",
                                        "tomorrow",
                                        "2026-11-21",
                                        "2026-11-21T12:30:05",
                                        "2026-13-01T00:00:00Z",
                                        "2026-11-21T24:00:00Z",
                                        "2026-11-21 12:30:05Z",
                                        "2026-11-21T12:30:05Zx",
                                        "9999-01-01T00:00:00Z",
                                        "2026-11-21T12:30:05+1:00",
                                        "2026-11-21T12:30:05+24:00",
                                        "2026-11-21T12:30:05+01:60",
                                        "2026-02-29T00:00:00Z",
                                        "2024-02-30T00:00:00Z",
                                        "2100-02-29T00:00:00Z",
                                        "2026-04-31T00:00:00Z",
                                        "2026-11-31T05:00:00Z",
                                        "2026-12-32T00:00:00Z"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ns = 7;
        assert_false(fr_parse_time(wrong[i], &ns));
    }
}

static void the_system_clocks_tick(void **state)
{
    (void)state;
    const struct fr_clock *clock = fr_clock_system();
    int64_t before = clock->mono_ns(clock->ctx);
    int64_t after = before;
    while (after == before) {
        after = clock->mono_ns(clock->ctx);
    }
    assert_true(after > before);
    /* Later than the day this was written, and before the clock runs out. */
    assert_true(clock->wall_ns(clock->ctx) > 1700000000 * FR_NS_PER_S);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_written_in_utc),
        cmocka_unit_test(a_short_buffer_is_not_overrun),
        cmocka_unit_test(times_are_read_back),
        cmocka_unit_test(the_system_clocks_tick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
