/* Strict numbers, durations and money, in and out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/str.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void integers_fill_64_bits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"42", 42},
        {"-7", -7},
        {"010", 10},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        int64_t value = 99;
        assert_true(fr_parse_i64(good[i].text, &value));
        assert_true(value == good[i].value);
    }
}

static void anything_else_is_no_integer(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "-",
        "+1",
        " 1",
        "1 ",
        "3abc",
        "0x10",
        "1.0",
        "1e3",
        "--1",
        "1_0",
        "1\n",
        "null",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999999",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t value = 99;
        assert_false(fr_parse_i64(bad[i], &value));
        assert_true(value == 99);
    }
}

static void doubles_follow_json(void **state)
{
    (void)state;
    double value = 0;
    assert_true(fr_parse_f64("0.1", &value));
    assert_true(value == 0.1);
    assert_true(fr_parse_f64("-1.5e-3", &value));
    assert_true(value == -1.5e-3);
    assert_true(fr_parse_f64("2E+2", &value));
    assert_true(value == 200);
    assert_true(fr_parse_f64("17", &value));
    assert_true(value == 17);
    assert_true(fr_parse_f64("-0", &value));
    assert_true(value == 0 && signbit(value));
    assert_true(fr_parse_f64("1e-400", &value));
    assert_true(value == 0);
    static const char *const bad[] = {
        "",      ".5",  "1.", "+1", "01",    "1e",  "1e+", "0x1p3", "nan", "inf", "Infinity",
        "1e400", "1,5", " 1", "1 ", "1.5.2", "--1", "-",   "1e5e5", "-.5", "1d",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        value = 99;
        assert_false(fr_parse_f64(bad[i], &value));
        assert_true(value == 99);
    }
}

static void durations_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ns;
    } good[] = {
        {"0", 0},
        {"90", 90 * FR_NS_PER_S},
        {"0.5", FR_NS_PER_S / 2},
        {"1.5s", 1500 * FR_NS_PER_MS},
        {"250ms", 250 * FR_NS_PER_MS},
        {"0.25ms", 250000},
        {"30s", 30 * FR_NS_PER_S},
        {"5m", 300 * FR_NS_PER_S},
        {"1h30m", 5400 * FR_NS_PER_S},
        {"2d", 172800 * FR_NS_PER_S},
        {"1d2h3m4s5ms", (93784 * FR_NS_PER_S) + (5 * FR_NS_PER_MS)},
        {"0.1h", 360 * FR_NS_PER_S},
        {"1.000000001s", FR_NS_PER_S + 1},
        {"1.0000000019s", FR_NS_PER_S + 1},
        {"9223372036s", 9223372036 * FR_NS_PER_S},
        {"0s", 0},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        int64_t ns = -1;
        assert_true(fr_parse_duration(good[i].text, &ns));
        assert_true(ns == good[i].ns);
    }
}

static void anything_else_is_no_duration(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "-1s",
        "-1",
        "+1s",
        "1m1m",
        "1m1h",
        "1s1m",
        "1h30",
        "30 s",
        " 30s",
        "30s ",
        "s",
        "1w",
        "1min",
        "1S",
        "1M",
        "1e3",
        "1.s",
        ".5s",
        "1..5s",
        "1,5s",
        "1ms1s",
        "one",
        "1us",
        "9223372037s",
        "106752d",
        "99999999999999999999",
        "0x10s",
        "1h-5m",
        "s1",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t ns = -99;
        assert_false(fr_parse_duration(bad[i], &ns));
        assert_true(ns == -99);
    }
}

static void money_is_exact(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t micros;
    } good[] = {
        {"0", 0},
        {"0.05", 50000},
        {"5", 5000000},
        {"5.00", 5000000},
        {"0.000001", 1},
        {"0.1", 100000},
        {"-0.5", -500000},
        {"5e-2", 50000},
        {"1e-06", 1},
        {"1.5E3", 1500000000},
        {"0e999999999999999999", 0},
        {"0.0500000", 50000},
        {"10e-7", 1},
        {"9223372036854.775807", INT64_MAX},
        {"-9223372036854.775808", INT64_MIN},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        int64_t micros = 99;
        assert_true(fr_parse_micros(good[i].text, &micros));
        assert_true(micros == good[i].micros);
    }
}

static void anything_else_is_no_money(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "$5",
        "5 USD",
        "0.0000001",
        "1e-7",
        "1.2345678",
        "9223372036854.775808",
        "1e300",
        ".5",
        "5.",
        "+5",
        "0,05",
        "nan",
        "1e99999999999999999999",
        "1e-99999999999999999999",
        "05",
        "-9223372036854.775809",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t micros = 99;
        assert_false(fr_parse_micros(bad[i], &micros));
        assert_true(micros == 99);
    }
}

static void durations_are_written_for_people(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {-5, "0 ms"},
        {0, "0 ms"},
        {499999, "0 ms"},
        {500000, "1 ms"},
        {350 * FR_NS_PER_MS, "350 ms"},
        {999499999, "999 ms"},
        {999500000, "1.0 s"},
        {1200 * FR_NS_PER_MS, "1.2 s"},
        {20 * FR_NS_PER_S, "20 s"},
        {20 * FR_NS_PER_S + 1, "20.0 s"},
        {59940 * FR_NS_PER_MS, "59.9 s"},
        {59950 * FR_NS_PER_MS, "1 m 00 s"},
        {125 * FR_NS_PER_S, "2 m 05 s"},
        {3599400 * FR_NS_PER_MS, "59 m 59 s"},
        {3599500 * FR_NS_PER_MS, "1 h 00 m"},
        {3720 * FR_NS_PER_S, "1 h 02 m"},
        {360000 * FR_NS_PER_S, "100 h 00 m"},
        {INT64_MAX, "2562047 h 47 m"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[32];
        assert_string_equal(fr_format_duration(cases[i].ns, text, sizeof(text)), cases[i].text);
    }
}

static void money_is_written_exactly(void **state)
{
    (void)state;
    static const struct {
        int64_t micros;
        const char *text;
    } cases[] = {
        {0, "0.00"},
        {1, "0.000001"},
        {50000, "0.05"},
        {100000, "0.10"},
        {12000000, "12.00"},
        {12345600, "12.3456"},
        {-500000, "-0.50"},
        {INT64_MAX, "9223372036854.775807"},
        {INT64_MIN, "-9223372036854.775808"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[32];
        int64_t back = 99;
        assert_string_equal(fr_format_micros(cases[i].micros, text, sizeof(text)), cases[i].text);
        assert_true(fr_parse_micros(text, &back));
        assert_true(back == cases[i].micros);
    }
}

/* Runs in a locale with a decimal comma where the system has one. */
static void rounding_goes_to_the_nearest(void **state)
{
    static const struct {
        double value;
        int64_t rounded;
    } list[] = {{0, 0},
                {0.4, 0},
                {0.5, 1},
                {2.5, 3},
                {-0.4, 0},
                {-0.5, -1},
                {-2.5, -3},
                {2e15, 2000000000000000LL},
                {8e18, 8000000000000000000LL}};
    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        assert_int_equal(fr_round(list[i].value), list[i].rounded);
}

static void the_locale_changes_nothing(void **state)
{
    (void)state;
    const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "es_ES.UTF-8"};
    size_t i = 0;
    while (i < COUNT(locales) && !setlocale(LC_ALL, locales[i])) {
        i++;
    }
    double value = 0;
    bool read = fr_parse_f64("1.5", &value);
    bool comma = fr_parse_f64("1,5", &value);
    (void)setlocale(LC_ALL, "C");
    assert_true(read);
    assert_false(comma);
    assert_true(value == 1.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_fill_64_bits),
        cmocka_unit_test(anything_else_is_no_integer),
        cmocka_unit_test(doubles_follow_json),
        cmocka_unit_test(durations_are_read),
        cmocka_unit_test(anything_else_is_no_duration),
        cmocka_unit_test(money_is_exact),
        cmocka_unit_test(anything_else_is_no_money),
        cmocka_unit_test(durations_are_written_for_people),
        cmocka_unit_test(money_is_written_exactly),
        cmocka_unit_test(rounding_goes_to_the_nearest),
        cmocka_unit_test(the_locale_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
