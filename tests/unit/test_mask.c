/* Masking of secrets: in plain text, in all ways to write them in JSON, and where a text was cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "flowrun/base/mask.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The text with the secret masked is `want`, in one piece and in pieces of any length. */
static void check(const char *secret, const char *text, const char *want)
{
    struct fr_mask *mask = fr_mask_new();
    struct fr_buf out, piece;
    assert_true(fr_mask_add(mask, secret));
    for (size_t size = 1; size <= strlen(text); size++) {
        fr_buf_init(&out, 0);
        fr_buf_init(&piece, 0);
        for (size_t at = 0; at < strlen(text); at += size) {
            size_t len = strnlen(text + at, size);
            fr_buf_add(&piece, text + at, len);
            size_t done = fr_mask_text(mask, piece.data, piece.len, at + len < strlen(text), &out);
            memmove(piece.data, piece.data + done, piece.len - done);
            piece.len -= done;
        }
        assert_string_equal(fr_buf_cstr(&out), want);
        assert_int_equal(piece.len, 0);
        fr_buf_release(&piece);
        fr_buf_release(&out);
    }
    fr_mask_free(mask);
}

static void a_value_is_masked_wherever_it_stands(void **state)
{
    (void)state;
    check("s3cret", "s3cret, s3cres, xs3cret", "***, s3cres, x***");
    check("aab\\\\c", "raw aab\\\\c, json aab\\\\\\\\c", "raw ***, json ***");
}

static void all_ways_of_json_to_write_a_value_are_masked(void **state)
{
    (void)state;
    check("p\xc3\xa4ss/w\xf0\x9f\x98\x80rt",
          "\"p\\u00e4ss/w\\ud83d\\ude00rt\" \"p\\u00E4ss\\/w\\uD83D\\uDE00rt\" "
          "\"p\xc3\xa4ss\\/w\xf0\x9f\x98\x80rt\"",
          "\"***\" \"***\" \"***\"");
    check("\xf0\x9f\x98\x80!", "\\ud83d\\ude00! \\ud83d\\ude01! \\ud83d\\u0041",
          "*** \\ud83d\\ude01! \\ud83d\\u0041");
    check("a<b>&c", "a\\u003cb\\u003e\\u0026c", "***");
    check("q\"\xc3\xa4q", "{\"a\":\"{\\\"b\\\":\\\"q\\\\\\\"\\\\u00e4q\\\"}\"}",
          "{\"a\":\"{\\\"b\\\":\\\"***\\\"}\"}");
    check("tab\there\x7f", "tab\\there\\u007f tab\\u0009here\x7f", "*** ***");
}

static void a_value_is_found_by_its_name(void **state)
{
    static const char text[] = "a p\"ss and p\\\"ss, other";
    struct fr_mask *mask = fr_mask_new();
    struct fr_masked found;
    (void)state;
    assert_false(fr_mask_find(NULL, text, sizeof(text) - 1, &found));
    assert_true(fr_mask_add_named(mask, "WORD", "p\"ss"));
    assert_true(fr_mask_add(mask, "other"));
    assert_true(fr_mask_find(mask, text, sizeof(text) - 1, &found));
    assert_int_equal(found.at, 2);
    assert_int_equal(found.len, 4);
    assert_string_equal(found.name, "WORD");
    assert_true(fr_mask_find(mask, text + 6, sizeof(text) - 7, &found));
    assert_int_equal(found.len, 5);
    assert_null(found.name); /* as JSON writes it */
    assert_true(fr_mask_find(mask, text + 16, sizeof(text) - 17, &found));
    assert_int_equal(found.len, 5);
    assert_null(found.name);
    assert_false(fr_mask_find(mask, "p\"s", 3, &found));
    fr_mask_free(mask);
}

static void each_line_of_a_value_is_masked_also_in_json(void **state)
{
    (void)state;
    check("line-alpha\nline-\"q\"\r\nend of it\n",
          "line-alpha x [\"line-\\\"q\\\"\", \"end of it\"] \"line-alpha\\nline-\\\"q\\\"\\r\\nend "
          "of it\\n\"",
          "*** x [\"***\", \"***\"] \"***\"");
}

static void what_is_no_escape_is_left_alone(void **state)
{
    (void)state;
    check("s3cret", "\\ \\u \\u00 \\uzzzz \\x s3\\cret \\u0073",
          "\\ \\u \\u00 \\uzzzz \\x s3\\cret \\u0073");
}

static void the_rest_of_a_value_behind_a_cut_is_told(void **state)
{
    (void)state;
    static const char *const rests[] = {"ET-tail", "tail", "SECRET-tail", "0e9tail", "u00e9tail"};
    struct fr_mask *mask = fr_mask_new();
    assert_int_equal(fr_mask_cut(mask, "tail", 4), 0);
    fr_mask_add(mask, "SECRET-tail");
    fr_mask_add(mask, "value\xc3\xa9tail");
    for (size_t i = 0; i < COUNT(rests); i++)
        assert_int_equal(fr_mask_cut(mask, rests[i], strlen(rests[i])), strlen(rests[i]));
    assert_int_equal(fr_mask_cut(mask, "ET-tail\nmore", 12), 7);
    assert_int_equal(fr_mask_cut(mask, "other", 5), 0);
    assert_int_equal(fr_mask_cut(mask, "ail\n", 4), 0);
    assert_int_equal(fr_mask_cut(NULL, "tail", 4), 0);
    fr_mask_free(mask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_found_by_its_name),
        cmocka_unit_test(a_value_is_masked_wherever_it_stands),
        cmocka_unit_test(all_ways_of_json_to_write_a_value_are_masked),
        cmocka_unit_test(each_line_of_a_value_is_masked_also_in_json),
        cmocka_unit_test(what_is_no_escape_is_left_alone),
        cmocka_unit_test(the_rest_of_a_value_behind_a_cut_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
