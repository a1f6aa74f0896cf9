/* Words of a shell: what is read back is what was meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flowrun/base/shell.h"

static void is_word(const char *text, const char *expected)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    fr_shell_word(text, &out);
    assert_string_equal(fr_buf_cstr(&out), expected);
    fr_buf_release(&out);
}

static void plain_words_stand_as_they_are(void **state)
{
    (void)state;
    is_word("/home/you/runs/5cf7/repro-a_b.1%2f@x:y,z+.sh",
            "/home/you/runs/5cf7/repro-a_b.1%2f@x:y,z+.sh");
    is_word("/größe", "/größe");
}

static void what_a_shell_reads_is_quoted(void **state)
{
    static const char *const texts[] = {
        "repro-bt[1].sh", "a b", "$x", "~", "a*", "a=b", "#a", "a;b", "\"", "a\nb", "!", "{a}"};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char expected[40] = "'";
        strncat(expected, texts[i], 30);
        strncat(expected, "'", 2);
        is_word(texts[i], expected);
    }
    is_word("", "''");
}

static void a_quote_is_put_outside_of_the_others(void **state)
{
    (void)state;
    is_word("a'b", "'a'\\''b'");
}

static void bytes_are_quoted_whatever_they_are(void **state)
{
    struct fr_buf out;
    (void)state;
    fr_buf_init(&out, 0);
    fr_shell_quote("ab'", 2, &out);
    fr_shell_quote("", 0, &out);
    assert_string_equal(fr_buf_cstr(&out), "'ab'''");
    fr_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_words_stand_as_they_are),
        cmocka_unit_test(what_a_shell_reads_is_quoted),
        cmocka_unit_test(a_quote_is_put_outside_of_the_others),
        cmocka_unit_test(bytes_are_quoted_whatever_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
