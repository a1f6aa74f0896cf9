/* Lines of bash up to the cursor, and texts written for bash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "complete.h"

#define BREAKS " \t\n\"'@><=;|&(:"

struct example {
    const char *line;
    size_t count;     /* of words */
    const char *word; /* the last */
    size_t from;
    char quote;
    bool is_for_bash;
};

static void read_line(const struct example *e)
{
    struct bash_line line;
    bash_line_read(e->line, strlen(e->line), BREAKS, &line);
    assert_int_equal(line.count, e->count);
    assert_string_equal(line.words[line.count - 1], e->word);
    assert_int_equal(line.from, e->from);
    assert_int_equal(line.quote, e->quote);
    assert_int_equal(line.is_for_bash, e->is_for_bash);
    bash_line_release(&line);
}

static void words_lose_their_quotes(void **state)
{
    static const struct example examples[] = {
        {"flowrun val", 2, "val", 0, 0, false},     {"flowrun ", 2, "", 0, 0, false},
        {"flowrun a\\ b", 2, "a b", 0, 0, false},   {"flowrun 'a b' c", 3, "c", 0, 0, false},
        {"flowrun 'a b'c", 2, "a bc", 0, 0, false}, {"flowrun \"a\\\"b\"", 2, "a\"b", 0, 0, false},
        {"flowrun a\\", 2, "a", 0, 0, false},       {"", 1, "", 0, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        read_line(&examples[i]);
}

static void bash_replaces_from_the_last_break_or_the_open_quote_on(void **state)
{
    static const struct example examples[] = {
        {"flowrun --log=q", 2, "--log=q", 6, 0, false},
        {"flowrun a:b=c", 2, "a:b=c", 4, 0, false},
        {"flowrun a\\=c", 2, "a=c", 0, 0, false},
        {"flowrun 'a=b", 2, "a=b", 0, '\'', false},
        {"flowrun --set='a b", 2, "--set=a b", 6, '\'', false},
        {"flowrun x\"y z", 2, "xy z", 1, '"', false},
        {"flowrun --input=@f", 2, "--input=@f", 8, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        read_line(&examples[i]);
}

static void redirections_and_expansions_are_left_to_bash(void **state)
{
    static const struct example examples[] = {
        {"flowrun a >fi", 3, "fi", 0, 0, true},    {"flowrun a 2> fi", 3, "fi", 0, 0, true},
        {"flowrun a <in b", 3, "b", 0, 0, false},  {"flowrun a 2>/dev/null b", 3, "b", 0, 0, false},
        {"flowrun $HO", 2, "$HO", 0, 0, true},     {"flowrun '$HO", 2, "$HO", 0, '\'', false},
        {"flowrun \"$HO", 2, "$HO", 0, '"', true}, {"flowrun \"\\$HO", 2, "$HO", 0, '"', false},
        {"flowrun \\$HO", 2, "$HO", 0, 0, false},  {"flowrun `a b", 3, "b", 0, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        read_line(&examples[i]);
}

static void is_quoted(const char *text, char quote, const char *want)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    assert_true(bash_quote(text, quote, &out));
    assert_string_equal(fr_buf_cstr(&out), want);
    fr_buf_release(&out);
}

static void texts_are_quoted_for_the_place_they_stand_in(void **state)
{
    struct fr_buf out;
    (void)state;
    is_quoted("build[a'b]", 0, "build\\[a\\'b\\]");
    is_quoted("$(x) `y` \\ ~ !", 0, "\\$\\(x\\)\\ \\`y\\`\\ \\\\\\ \\~\\ \\!");
    is_quoted("it's $x", '\'', "it'\\''s $x");
    is_quoted("a \"b\" $x `y` \\ !", '"', "a \\\"b\\\" \\$x \\`y\\` \\\\ \"\\!\"");
    is_quoted("gr\xc3\xbc\xc3\x9f.yaml", 0, "gr\xc3\xbc\xc3\x9f.yaml");
    fr_buf_init(&out, 0);
    assert_false(bash_quote("a\nb", 0, &out));
    fr_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_lose_their_quotes),
        cmocka_unit_test(bash_replaces_from_the_last_break_or_the_open_quote_on),
        cmocka_unit_test(redirections_and_expansions_are_left_to_bash),
        cmocka_unit_test(texts_are_quoted_for_the_place_they_stand_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
