/* The collector and what its problems look like, to the byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "flowrun/base/diag.h"

#define RED "\033[1;31m"

/* Renders one problem of a text that stands for a file. */
static char *render(const char *text, struct fr_mark mark, const char *help)
{
    struct fr_diags diags;
    struct fr_buf out;
    fr_diags_init(&diags);
    fr_buf_init(&out, 0);
    mark.file = "f.yaml";
    struct fr_diag_source source = {.file = "f.yaml", .text = text, .len = strlen(text)};
    fr_diag_add(&diags, FR_ERROR, mark, "some-code", help, "wrong");
    fr_diag_render(&diags.items[0], &source, false, &out);
    fr_diags_release(&diags);
    return fr_buf_take(&out, NULL);
}

static void assert_rendered(const char *text, struct fr_mark mark, const char *help,
                            const char *expected)
{
    char *rendered = render(text, mark, help);
    assert_string_equal(rendered, expected);
    free(rendered);
}

static void the_shape_is_that_of_the_contract(void **state)
{
    (void)state;
    struct fr_diags diags;
    struct fr_buf out;
    struct fr_buf text;
    fr_diags_init(&diags);
    fr_buf_init(&out, 0);
    fr_buf_init(&text, 0);
    for (int i = 1; i < 14; i++) {
        (void)fr_buf_printf(&text, "# line %d\n", i);
    }
    (void)fr_buf_str(&text, "      retrys: 3\n# more\n");
    struct fr_diag_source source = {"pipeline.yaml", text.data, text.len};
    fr_diag_add(&diags, FR_ERROR, (struct fr_mark){"pipeline.yaml", 14, 7, 6, 0}, "unknown-key",
                "did you mean 'retries'?", "step '%s' has no key '%s'", "fetch", "retrys");
    fr_diag_render(&diags.items[0], &source, false, &out);
    assert_string_equal(fr_buf_cstr(&out),
                        "pipeline.yaml:14:7: error[unknown-key]: step 'fetch' has no key 'retrys'\n"
                        "   14 |       retrys: 3\n"
                        "      |       ^^^^^^ did you mean 'retries'?\n");
    fr_buf_release(&text);
    fr_buf_release(&out);
    fr_diags_release(&diags);
}

static void without_a_line_there_is_only_the_head(void **state)
{
    (void)state;
    assert_rendered("", (struct fr_mark){0}, NULL, "f.yaml: error[some-code]: wrong\n");
    assert_rendered("x\n", (struct fr_mark){0}, "mend it",
                    "f.yaml: error[some-code]: wrong\n  help: mend it\n");
    struct fr_diags diags;
    struct fr_buf out;
    fr_diags_init(&diags);
    fr_buf_init(&out, 0);
    fr_diag_add(&diags, FR_WARNING, (struct fr_mark){0}, "some-code", "mend it", "odd");
    fr_diag_render(&diags.items[0], NULL, false, &out);
    assert_string_equal(fr_buf_cstr(&out), "warning[some-code]: odd\n  help: mend it\n");
    fr_buf_release(&out);
    fr_diags_release(&diags);
}

static void a_line_without_a_column_has_no_caret(void **state)
{
    (void)state;
    assert_rendered("a: 1\n", (struct fr_mark){.line = 1}, "mend it",
                    "f.yaml:1: error[some-code]: wrong\n"
                    "    1 | a: 1\n"
                    "      = help: mend it\n");
}

static void a_line_that_is_not_there_is_left_out(void **state)
{
    (void)state;
    assert_rendered("a: 1\n", (struct fr_mark){.line = 3, .col = 1}, "mend it",
                    "f.yaml:3:1: error[some-code]: wrong\n  help: mend it\n");
    /* Where a file ends before what it needs, the place is the line after the last. */
    assert_rendered("a: 1\n", (struct fr_mark){.line = 2, .col = 1}, NULL,
                    "f.yaml:2:1: error[some-code]: wrong\n    2 |\n      | ^\n");
}

static void the_caret_stays_within_the_line(void **state)
{
    (void)state;
    assert_rendered("abc\ndef\n", (struct fr_mark){.line = 1, .col = 2, .len = 900}, NULL,
                    "f.yaml:1:2: error[some-code]: wrong\n    1 | abc\n      |  ^^\n");
    assert_rendered("abc\ndef\n", (struct fr_mark){.line = 1, .col = 90, .len = 2}, NULL,
                    "f.yaml:1:90: error[some-code]: wrong\n    1 | abc\n      |    ^\n");
}

static void a_tab_is_shown_as_one_space(void **state)
{
    (void)state;
    assert_rendered("\t\tkey: 1", (struct fr_mark){.line = 1, .col = 3, .len = 3}, NULL,
                    "f.yaml:1:3: error[some-code]: wrong\n    1 |   key: 1\n      |   ^^^\n");
}

static void wide_characters_take_two_columns(void **state)
{
    (void)state;
    assert_rendered("漢字: ключ", (struct fr_mark){.line = 1, .col = 5, .len = 4}, "x",
                    "f.yaml:1:5: error[some-code]: wrong\n"
                    "    1 | 漢字: ключ\n"
                    "      |       ^^^^ x\n");
    assert_rendered("漢字: x", (struct fr_mark){.line = 1, .col = 1, .len = 2}, NULL,
                    "f.yaml:1:1: error[some-code]: wrong\n    1 | 漢字: x\n      | ^^^^\n");
    /* A combining accent stands on its letter, an emoji takes two columns. */
    assert_rendered("e\xcc\x81😀: x", (struct fr_mark){.line = 1, .col = 6}, NULL,
                    "f.yaml:1:6: error[some-code]: wrong\n    1 | e\xcc\x81😀: x\n      |      ^\n");
}

static void nothing_reaches_the_terminal_that_it_would_obey(void **state)
{
    (void)state;
    assert_rendered("a\033[31m\x7f\xff: \xc2\x9bx\xe2\x80\xae",
                    (struct fr_mark){.line = 1, .col = 12}, "\033]0;t\007",
                    "f.yaml:1:12: error[some-code]: wrong\n"
                    "    1 | a\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbd: \xef\xbf\xbdx\xef\xbf\xbd\n"
                    "      |            ^ \\x1b]0;t\\x07\n");
    struct fr_diags diags;
    struct fr_buf out;
    fr_diags_init(&diags);
    fr_buf_init(&out, 0);
    fr_diag_add(&diags, FR_ERROR, (struct fr_mark){.file = "a\nb"}, "c", NULL, "%s",
                "tab\t line\n bad \xff bidi \xe2\x80\xae wide 漢");
    fr_diag_render(&diags.items[0], NULL, false, &out);
    assert_string_equal(fr_buf_cstr(&out),
                        "a\\nb: error[c]: tab\\t line\\n bad \\xff bidi \\u202e wide 漢\n");
    fr_buf_release(&out);
    fr_diags_release(&diags);
}

static void long_help_has_a_line_of_its_own(void **state)
{
    (void)state;
    char help[120];
    char expected[400];
    /* Up to column 100 the help stays behind the caret: 8 of the gutter, the caret, a space. */
    memset(help, 'h', sizeof(help));
    help[90] = '\0';
    (void)snprintf(expected, sizeof(expected),
                   "f.yaml:1:1: error[some-code]: wrong\n    1 | a\n      | ^ %s\n", help);
    assert_rendered("a\n", (struct fr_mark){.line = 1, .col = 1}, help, expected);
    help[90] = 'h';
    help[91] = '\0';
    (void)snprintf(expected, sizeof(expected),
                   "f.yaml:1:1: error[some-code]: wrong\n    1 | a\n      | ^\n      = help: %s\n",
                   help);
    assert_rendered("a\n", (struct fr_mark){.line = 1, .col = 1}, help, expected);
}

static void all_line_breaks_of_yaml_count(void **state)
{
    (void)state;
    const char *text = "one\rtwo\r\nthree\xc2\x85"
                       "four\xe2\x80\xa8"
                       "five\xe2\x80\xa9six\n\nkey é\n";
    static const char *const lines[] = {"one",  "two", "three", "four",
                                        "five", "six", NULL,    "key é"};
    for (uint32_t i = 0; i < 8; i++) {
        char expected[100];
        (void)snprintf(expected, sizeof(expected),
                       "f.yaml:%u:1: error[some-code]: wrong\n    %u |%s%s\n      | ^\n", i + 1,
                       i + 1, lines[i] ? " " : "", lines[i] ? lines[i] : "");
        assert_rendered(text, (struct fr_mark){.line = i + 1, .col = 1}, NULL, expected);
    }
}

static void a_byte_order_mark_is_no_character(void **state)
{
    (void)state;
    assert_rendered("\xef\xbb\xbfkey: 1", (struct fr_mark){.line = 1, .col = 1, .len = 3}, NULL,
                    "f.yaml:1:1: error[some-code]: wrong\n    1 | key: 1\n      | ^^^\n");
}

static void line_numbers_of_six_digits_stay_aligned(void **state)
{
    (void)state;
    struct fr_buf text;
    fr_buf_init(&text, 0);
    for (int i = 1; i < 123456; i++) {
        (void)fr_buf_char(&text, '\n');
    }
    (void)fr_buf_str(&text, "key: 1");
    assert_rendered(fr_buf_cstr(&text), (struct fr_mark){.line = 123456, .col = 1, .len = 3}, NULL,
                    "f.yaml:123456:1: error[some-code]: wrong\n123456 | key: 1\n       | ^^^\n");
    fr_buf_release(&text);
}

/* Returns the caret's column and the source line of a rendering. */
static size_t caret_of(char *rendered, char **line)
{
    *line = strchr(rendered, '\n') + 1;
    char *carets = strchr(*line, '\n') + 1;
    carets[-1] = '\0';
    *line += 8;
    return (size_t)(strchr(carets, '^') - carets) - 8;
}

static void long_lines_are_cut_around_the_caret(void **state)
{
    (void)state;
    char text[5001];
    for (size_t i = 0; i < 5000; i++) {
        text[i] = (char)('a' + i % 26);
    }
    text[5000] = '\0';
    static const uint32_t columns[] = {1, 50, 101, 102, 150, 2500, 4900, 5000};
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        char *rendered =
            render(text, (struct fr_mark){.line = 1, .col = columns[i], .len = 4}, NULL);
        char *line = NULL;
        size_t at = caret_of(rendered, &line);
        assert_in_range(strlen(line), 20, 200);
        assert_int_equal(line[at], text[columns[i] - 1]);
        assert_int_equal(strncmp(line, "...", 3) == 0, columns[i] > 101);
        assert_int_equal(strcmp(line + strlen(line) - 3, "...") == 0, columns[i] <= 4900);
        free(rendered);
    }
    /* 200 columns are not cut, 201 are. */
    text[200] = '\0';
    char *rendered = render(text, (struct fr_mark){.line = 1, .col = 200}, NULL);
    char *line = NULL;
    assert_int_equal(caret_of(rendered, &line), 199);
    assert_string_equal(line, text);
    free(rendered);
    text[200] = 'x';
    text[201] = '\0';
    rendered = render(text, (struct fr_mark){.line = 1, .col = 1}, NULL);
    assert_int_equal(caret_of(rendered, &line), 0);
    assert_string_equal(line + 194, "...");
    free(rendered);
}

static void long_lines_of_wide_characters_are_cut_between_them(void **state)
{
    (void)state;
    struct fr_buf text;
    fr_buf_init(&text, 0);
    for (int i = 0; i < 1000; i++) {
        (void)fr_buf_str(&text, i % 2 ? "漢" : "x");
    }
    char *rendered = render(fr_buf_cstr(&text), (struct fr_mark){.line = 1, .col = 500}, NULL);
    char *line = NULL;
    size_t at = caret_of(rendered, &line);
    assert_in_range(at, 90, 105);
    assert_int_equal(strncmp(line, "...", 3), 0);
    free(rendered);
    fr_buf_release(&text);
}

static void a_file_is_read_again_for_its_line(void **state)
{
    (void)state;
    char path[] = "/tmp/flowrun-test-diag-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "a: 1\nb: 2\n", 10), 10);
    (void)close(fd);
    struct fr_diags diags;
    struct fr_buf out;
    struct fr_buf expected;
    fr_diags_init(&diags);
    fr_buf_init(&out, 0);
    fr_buf_init(&expected, 0);
    fr_diag_add(&diags, FR_ERROR, (struct fr_mark){path, 2, 4, 1, 0}, "c", NULL, "m");
    struct fr_diag_source other = {"other.yaml", "x", 1};
    fr_diag_render(&diags.items[0], &other, false, &out);
    (void)fr_buf_printf(&expected, "%s:2:4: error[c]: m\n    2 | b: 2\n      |    ^\n", path);
    assert_string_equal(fr_buf_cstr(&out), fr_buf_cstr(&expected));
    assert_int_equal(unlink(path), 0);
    fr_buf_clear(&out);
    fr_diag_render(&diags.items[0], NULL, false, &out);
    fr_buf_clear(&expected);
    (void)fr_buf_printf(&expected, "%s:2:4: error[c]: m\n", path);
    assert_string_equal(fr_buf_cstr(&out), fr_buf_cstr(&expected));
    fr_buf_release(&expected);
    fr_buf_release(&out);
    fr_diags_release(&diags);
}

static void colour_wraps_what_is_there_without_it(void **state)
{
    (void)state;
    struct fr_diags diags;
    struct fr_buf out;
    fr_diags_init(&diags);
    fr_buf_init(&out, 0);
    struct fr_diag_source source = {"f", "ab", 2};
    fr_diag_add(&diags, FR_ERROR, (struct fr_mark){"f", 1, 2, 1, 0}, "c", "h", "m");
    fr_diag_render(&diags.items[0], &source, true, &out);
    assert_string_equal(fr_buf_cstr(&out), "\033[1mf:1:2:\033[0m " RED "error[c]:\033[0m m\n"
                                           "\033[34m    1 |\033[0m ab\n"
                                           "\033[34m      |\033[0m  " RED "^ h\033[0m\n");
    fr_buf_release(&out);
    fr_diags_release(&diags);
}

static void beyond_the_limit_problems_are_counted_only(void **state)
{
    (void)state;
    struct fr_diags diags;
    fr_diags_init(&diags);
    for (int i = 0; i < FR_DIAG_LIMIT + 500; i++) {
        fr_diag_add(&diags, i % 3 ? FR_ERROR : FR_WARNING, (struct fr_mark){0}, "c", NULL, "%d", i);
    }
    assert_int_equal(diags.count, FR_DIAG_LIMIT);
    assert_int_equal(diags.errors, 1000);
    assert_int_equal(diags.warnings, 500);
    assert_string_equal(diags.items[FR_DIAG_LIMIT - 1].message, "999");
    fr_diags_release(&diags);
}

static void sorting_goes_by_file_line_and_column(void **state)
{
    (void)state;
    struct fr_diags diags;
    fr_diags_init(&diags);
    fr_diags_sort(&diags);
    static const struct {
        const char *file;
        uint32_t line;
        uint32_t col;
        const char *message;
    } given[] = {
        {"z", 9, 1, "4"}, {"a", 1, 1, "6"},  {"z", 2, 5, "3"}, {"z", 2, 4, "2"}, {"z", 9, 1, "5"},
        {"z", 0, 0, "1"}, {NULL, 0, 0, "7"}, {"z", 2, 5, "3"}, {"z", 9, 1, "4"},
    };
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
        fr_diag_add(&diags, FR_ERROR,
                    (struct fr_mark){given[i].file, given[i].line, given[i].col, 0, 0}, "c", NULL,
                    "%s", given[i].message);
    }
    fr_diags_sort(&diags);
    assert_int_equal(diags.count, 7);
    assert_int_equal(diags.errors, 7);
    for (size_t i = 0; i < diags.count; i++) {
        assert_int_equal(diags.items[i].message[0], '1' + (int)i);
    }
    fr_diags_release(&diags);
}

static void several_files_and_any_order_are_rendered(void **state)
{
    (void)state;
    struct fr_diags diags;
    struct fr_buf out;
    fr_diags_init(&diags);
    fr_buf_init(&out, 0);
    struct fr_diag_source source = {"f", "one\ntwo\nthree\n", 14};
    fr_diag_add(&diags, FR_ERROR, (struct fr_mark){"f", 3, 2, 1, 0}, "c", NULL, "1");
    fr_diag_add(&diags, FR_WARNING, (struct fr_mark){"/nonexistent/g", 1, 1, 1, 0}, "c", NULL, "2");
    fr_diag_add(&diags, FR_WARNING, (struct fr_mark){"f", 3, 3, 1, 0}, "c", NULL, "3");
    fr_diag_add(&diags, FR_WARNING, (struct fr_mark){"f", 3, 1, 1, 0}, "c", NULL, "4");
    fr_diag_add(&diags, FR_ERROR, (struct fr_mark){"f", 1, 1, 1, 0}, "c", NULL, "5");
    fr_diags_render(&diags, &source, false, &out);
    assert_string_equal(fr_buf_cstr(&out), "f:3:2: error[c]: 1\n    3 | three\n      |  ^\n"
                                           "/nonexistent/g:1:1: warning[c]: 2\n"
                                           "f:3:3: warning[c]: 3\n    3 | three\n      |   ^\n"
                                           "f:3:1: warning[c]: 4\n    3 | three\n      | ^\n"
                                           "f:1:1: error[c]: 5\n    1 | one\n      | ^\n");
    fr_buf_release(&out);
    fr_diags_release(&diags);
}

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Renders that many problems spread over a text; returns the processor time that took. */
static double time_of(const struct fr_diag_source *source, uint32_t count, uint32_t lines,
                      uint32_t columns)
{
    struct fr_diags diags;
    struct fr_buf out;
    fr_diags_init(&diags);
    fr_buf_init(&out, 0);
    for (uint32_t i = 0; i < count; i++) {
        struct fr_mark mark = {"big", 1 + lines / count * i, 1 + columns / count * i, 3, 0};
        fr_diag_add(&diags, FR_ERROR, mark, "c", NULL, "%u", i);
    }
    double start = now();
    fr_diags_render(&diags, source, false, &out);
    double took = now() - start;
    assert_true(out.len > (size_t)count * 20);
    fr_buf_release(&out);
    fr_diags_release(&diags);
    return took;
}

/* A thousand problems cost one pass over the text, not a thousand: also when it is a single line. */
static void many_problems_of_a_big_file_cost_one_pass(void **state)
{
    (void)state;
    enum { SIZE = 8 << 20 };
    char *text = malloc(SIZE);
    assert_non_null(text);
    memset(text, 'x', SIZE);
    struct fr_diag_source source = {"big", text, SIZE};
    double last = now();
    struct fr_mark mark = {"big", 1, SIZE - 10, 3, 0};
    struct fr_buf out;
    fr_buf_init(&out, 0);
    struct fr_diag diag = {.mark = mark, .code = "c", .message = "m", .severity = FR_ERROR};
    fr_diag_render(&diag, &source, false, &out);
    last = now() - last;
    fr_buf_release(&out);
    assert_true(time_of(&source, 1000, 0, SIZE - 10) < 20 * last + 0.2);
    for (size_t i = 79; i < SIZE; i += 80) {
        text[i] = '\n';
    }
    assert_true(time_of(&source, 1000, SIZE / 80, 1) < 20 * last + 0.2);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shape_is_that_of_the_contract),
        cmocka_unit_test(without_a_line_there_is_only_the_head),
        cmocka_unit_test(a_line_without_a_column_has_no_caret),
        cmocka_unit_test(a_line_that_is_not_there_is_left_out),
        cmocka_unit_test(the_caret_stays_within_the_line),
        cmocka_unit_test(a_tab_is_shown_as_one_space),
        cmocka_unit_test(wide_characters_take_two_columns),
        cmocka_unit_test(nothing_reaches_the_terminal_that_it_would_obey),
        cmocka_unit_test(long_help_has_a_line_of_its_own),
        cmocka_unit_test(all_line_breaks_of_yaml_count),
        cmocka_unit_test(a_byte_order_mark_is_no_character),
        cmocka_unit_test(line_numbers_of_six_digits_stay_aligned),
        cmocka_unit_test(long_lines_are_cut_around_the_caret),
        cmocka_unit_test(long_lines_of_wide_characters_are_cut_between_them),
        cmocka_unit_test(a_file_is_read_again_for_its_line),
        cmocka_unit_test(colour_wraps_what_is_there_without_it),
        cmocka_unit_test(beyond_the_limit_problems_are_counted_only),
        cmocka_unit_test(sorting_goes_by_file_line_and_column),
        cmocka_unit_test(several_files_and_any_order_are_rendered),
        cmocka_unit_test(many_problems_of_a_big_file_cost_one_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
