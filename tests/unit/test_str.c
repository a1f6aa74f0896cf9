/* Comparing, booleans, UTF-8 and suggestions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "flowrun/base/str.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void null_equals_only_null(void **state)
{
    (void)state;
    assert_true(fr_str_eq(NULL, NULL));
    assert_false(fr_str_eq(NULL, ""));
    assert_false(fr_str_eq("", NULL));
    assert_true(fr_str_eq("a", "a"));
    assert_false(fr_str_eq("a", "ab"));
}

static void prefixes_and_suffixes(void **state)
{
    (void)state;
    assert_true(fr_str_starts("pipeline.yaml", "pipe"));
    assert_true(fr_str_starts("x", ""));
    assert_false(fr_str_starts("pi", "pipe"));
    assert_true(fr_str_ends("pipeline.yaml", ".yaml"));
    assert_true(fr_str_ends("x", ""));
    assert_false(fr_str_ends("l", "ml"));
}

static void booleans_are_those_of_yaml_1_2(void **state)
{
    (void)state;
    bool value = false;
    assert_true(fr_parse_bool("True", &value));
    assert_true(value);
    assert_true(fr_parse_bool("FALSE", &value));
    assert_false(value);
    const char *const wrong[] = {"", "yes", "no", "on", "off", "1", "0", "tRUE", "true ", "y"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_false(fr_parse_bool(wrong[i], &value));
    }
}

static void utf8_lengths(void **state)
{
    (void)state;
    assert_int_equal(fr_utf8_len("a", 1), 1);
    assert_int_equal(fr_utf8_len("\0", 1), 1);
    assert_int_equal(fr_utf8_len("\xc3\xa9", 2), 2);
    assert_int_equal(fr_utf8_len("\xe6\xbc\xa2", 3), 3);
    assert_int_equal(fr_utf8_len("\xf0\x9f\x98\x80", 4), 4);
    assert_int_equal(fr_utf8_len("\xf4\x8f\xbf\xbf", 4), 4);
    assert_int_equal(fr_utf8_len("\xed\x9f\xbf", 3), 3);
    assert_int_equal(fr_utf8_len("\xee\x80\x80", 3), 3);
    assert_int_equal(fr_utf8_len("", 0), 0);
}

static void malformed_utf8_has_no_length(void **state)
{
    (void)state;
    const char *const wrong[] = {
        "\x80", /* continuation first */
        "\xbf",
        "\xc0\x80", /* overlong NUL */
        "\xc1\xbf",
        "\xc3", /* cut */
        "\xc3(",
        "\xe0\x9f\xbf", /* overlong */
        "\xed\xa0\x80", /* surrogate */
        "\xed\xbf\xbf",
        "\xe6\xbc",
        "\xf0\x8f\xbf\xbf", /* overlong */
        "\xf4\x90\x80\x80", /* above U+10FFFF */
        "\xf5\x80\x80\x80",
        "\xf0\x9f\x98",
        "\xff",
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_int_equal(fr_utf8_len(wrong[i], strlen(wrong[i])), 0);
        assert_false(fr_utf8_valid(wrong[i], strlen(wrong[i])));
    }
}

static void a_bad_byte_is_found_at_every_place(void **state)
{
    (void)state;
    char text[40];
    for (size_t bad = 0; bad < sizeof(text); bad++) {
        memset(text, 'a', sizeof(text));
        assert_true(fr_utf8_valid(text, sizeof(text)));
        text[bad] = (char)0x80;
        assert_false(fr_utf8_valid(text, sizeof(text)));
        assert_true(fr_utf8_valid(text, bad));
    }
    assert_true(fr_utf8_valid("abcdefg\xc3\xa9hijklmn\xe6\xbc\xa2", 19));
    assert_false(fr_utf8_valid("abcdefgh\xe6\xbc\xa2", 10));
}

static void the_hash_is_fnv_1a(void **state)
{
    (void)state;
    assert_true(fr_hash("", 0) == 0xcbf29ce484222325U);
    assert_true(fr_hash("a", 1) == 0xaf63dc4c8601ec8cU);
    assert_true(fr_hash("foobar", 6) == 0x85944171f73967e8U);
}

static const char *const keys[] = {
    "id",          "type",           "run",     "argv",           "input",      "params",
    "model",       "stdin",          "output",  "when",           "enabled",    "depends_on",
    "timeout",     "total_timeout",  "retries", "retry_delay",    "on_failure", "fail_fast",
    "max_workers", "parallel_steps", "env",     "merge_strategy",
};

static const char *suggest(const char *word)
{
    return fr_suggest(word, keys, COUNT(keys));
}

static void misspelt_words_find_their_key(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"retrys", "retries"},
        {"tpye", "type"},
        {"depend_on", "depends_on"},
        {"dependson", "depends_on"},
        {"depends-on", "depends_on"},
        {"Depends_On", "depends_on"},
        {"max-worker", "max_workers"},
        {"maxWorkers", "max_workers"},
        {"ru", "run"},
        {"rnu", "run"},
        {"ID", "id"},
        {"timeuot", "timeout"},
        {"outptu", "output"},
        {"fial_fast", "fail_fast"},
        {"mergestrategy", "merge_strategy"},
        {"paralell_steps", "parallel_steps"},
        {"envs", "env"},
        {"inputs", "input"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_non_null(suggest(cases[i][0]));
        assert_string_equal(suggest(cases[i][0]), cases[i][1]);
    }
}

static void other_words_find_nothing(void **state)
{
    (void)state;
    const char *const cases[] = {"",       "x",   "?",     "commands",
                                 "script", "abc", "needs", "nothing_like_it"};
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_null(suggest(cases[i]));
    }
    char longest[1000];
    memset(longest, 'a', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    const char *const same[] = {longest};
    assert_null(suggest(longest));
    assert_null(fr_suggest(longest, same, 1));
    assert_null(fr_suggest("run", NULL, 0));
    assert_null(fr_suggest("run", same, 1));
}

static void a_swap_is_one_edit(void **state)
{
    (void)state;
    const char *const one[] = {"abc"};
    assert_non_null(fr_suggest("acb", one, 1));
    assert_non_null(fr_suggest("bac", one, 1));
    assert_null(fr_suggest("cab", one, 1));
}

static void ties_go_to_the_earlier_and_the_nearer_wins(void **state)
{
    (void)state;
    const char *const tie[] = {"step_b", "step_c"};
    assert_string_equal(fr_suggest("step_a", tie, 2), "step_b");
    const char *const nearer[] = {"reportss", "reports"};
    assert_string_equal(fr_suggest("reporst", nearer, 2), "reports");
}

/* The same distance without any shortcut; rows of the whole table. */
static size_t plain_distance(const char *a, const char *b)
{
    size_t table[12][12];
    size_t alen = strlen(a);
    size_t blen = strlen(b);
    for (size_t i = 0; i <= alen; i++) {
        for (size_t j = 0; j <= blen; j++) {
            size_t best = i + j;
            if (i > 0 && j > 0) {
                size_t sub = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
                best = sub;
                best = table[i - 1][j] + 1 < best ? table[i - 1][j] + 1 : best;
                best = table[i][j - 1] + 1 < best ? table[i][j - 1] + 1 : best;
            }
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                table[i - 2][j - 2] + 1 < best) {
                best = table[i - 2][j - 2] + 1;
            }
            table[i][j] = best;
        }
    }
    return table[alen][blen];
}

static void shortcuts_change_no_answer(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int round = 0; round < 200000; round++) {
        char words[2][12];
        for (int w = 0; w < 2; w++) {
            seed = seed * 1664525 + 1013904223;
            size_t len = 3 + (seed >> 16) % 8;
            for (size_t i = 0; i < len; i++) {
                seed = seed * 1664525 + 1013904223;
                words[w][i] = (char)('a' + (seed >> 16) % 3);
            }
            words[w][len] = '\0';
        }
        const char *const one[] = {words[1]};
        bool near = plain_distance(words[0], words[1]) <= strlen(words[0]) / 3;
        assert_int_equal(fr_suggest(words[0], one, 1) != NULL, near);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_equals_only_null),
        cmocka_unit_test(prefixes_and_suffixes),
        cmocka_unit_test(booleans_are_those_of_yaml_1_2),
        cmocka_unit_test(utf8_lengths),
        cmocka_unit_test(malformed_utf8_has_no_length),
        cmocka_unit_test(a_bad_byte_is_found_at_every_place),
        cmocka_unit_test(the_hash_is_fnv_1a),
        cmocka_unit_test(misspelt_words_find_their_key),
        cmocka_unit_test(other_words_find_nothing),
        cmocka_unit_test(a_swap_is_one_edit),
        cmocka_unit_test(ties_go_to_the_earlier_and_the_nearer_wins),
        cmocka_unit_test(shortcuts_change_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
