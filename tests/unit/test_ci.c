/* What a CI service is told, and what it must not take for a command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flowrun/ui/ci.h"
#include "ui/ci.h"

static void assert_guarded(enum fr_ci_kind kind, const char *text, const char *expected)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    fr_ci_guard(kind, text, strlen(text), &out);
    assert_string_equal(fr_buf_cstr(&out), expected);
    fr_buf_release(&out);
}

static void nothing_begins_like_a_command(void **state)
{
    (void)state;
    assert_guarded(FR_CI_GITHUB, "::error::x\n", ": :error::x\n");
    assert_guarded(FR_CI_GITHUB, " \t::a\n\302\240::b", " \t: :a\n\302\240: :b");
    assert_guarded(FR_CI_GITHUB, "x ::a\n| ::b\n", "x ::a\n| ::b\n");
    assert_guarded(FR_CI_GITHUB, "\n\n::", "\n\n: :");
    assert_guarded(FR_CI_GITHUB, ":", ":");
    assert_guarded(FR_CI_GITHUB, ":::", ": ::");
}

static void the_older_form_is_a_command_anywhere(void **state)
{
    (void)state;
    assert_guarded(FR_CI_GITHUB, "a ##[error]b", "a ## [error]b");
    assert_guarded(FR_CI_GITHUB, "###[x]##[y]", "### [x]## [y]");
    assert_guarded(FR_CI_GITHUB, "##", "##");
}

static void our_own_commands_stay(void **state)
{
    (void)state;
    assert_guarded(FR_CI_GITHUB, "\001::group::a ##[b]\nx\n\001::endgroup::\n",
                   "::group::a ##[b]\nx\n::endgroup::\n");
}

static void other_services_need_no_guard(void **state)
{
    (void)state;
    assert_guarded(FR_CI_NONE, "::a ##[b]", "::a ##[b]");
    assert_guarded(FR_CI_GITLAB, "::a ##[b]", "::a ##[b]");
}

static void places_and_words_are_escaped(void **state)
{
    static const struct fr_diag problem = {
        .severity = FR_WARNING, .code = "a:b,c", .message = "100% x,\ny: z", .help = "mend"};
    struct fr_diags diags = {.items = (struct fr_diag *)&problem, .count = 1};
    struct fr_ci ci = {.kind = FR_CI_GITHUB};
    struct fr_buf out;
    (void)state;
    fr_buf_init(&out, 0);
    fr_ci_problems(&ci, &diags, &out);
    assert_string_equal(fr_buf_cstr(&out),
                        "\001::warning title=a%3Ab%2Cc::100%25 x,%0Ay: z%0Amend\n");
    fr_buf_clear(&out);
    ci.kind = FR_CI_GITLAB;
    fr_ci_problems(&ci, &diags, &out);
    assert_int_equal(out.len, 0);
    fr_buf_release(&out);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_begins_like_a_command),
        cmocka_unit_test(the_older_form_is_a_command_anywhere),
        cmocka_unit_test(our_own_commands_stay),
        cmocka_unit_test(other_services_need_no_guard),
        cmocka_unit_test(places_and_words_are_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
