/* The jq programs of a plan: compiled in chunks, kept apart from each other and from the machine they run on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exprs.h"
#include "flowrun/base/fd.h"

static struct fixture fix;

static const char context[] =
    "{\"input\":[1,2,3],\"params\":{\"n\":4,\"s\":\"x\",\"o\":{\"a\":null}},"
    "\"steps\":{\"build-app\":{\"output\":\"built\"}},\"env\":{\"env\":\"e\"}}";

static int set_up(void **state)
{
    (void)state;
    fixture_init(&fix);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_release(&fix);
    return 0;
}

/* Runs one program: its result, or `error: ` and the message. Valid until the next call. */
static const char *result_of(uint32_t index, const char *input)
{
    static struct fr_buf out;
    struct fr_buf why;
    fr_buf_release(&out);
    fr_buf_init(&out, 0);
    fr_buf_init(&why, 0);
    if (fr_jq_run(fix.ctx.jq, index, input, strlen(input), &out, &why) != FR_OK) {
        assert_int_equal(out.len, 0);
        fr_buf_printf(&out, "error: %s", fr_buf_cstr(&why));
    }
    fr_buf_release(&why);
    return fr_buf_cstr(&out);
}

static uint32_t add(const char *text)
{
    const struct fr_expr *expr = expr_of(&fix, text);
    assert_int_equal(expr->kind, FR_EXPR_JQ);
    return expr->jq_index;
}

static void programs_yield_their_first_result(void **state)
{
    static const char *const cases[][2] = {
        {".input | length", "3"},
        {".input | map(. + 1)", "[2,3,4]"},
        {".input[]", "1"},
        {"empty", "null"},
        {".input[5:] | .[0]", "null"},
        {"\"a\\(.params.n)b\"", "\"a4b\""},
        {"{a: {b: .params.n}} # a comment", "{\"a\":{\"b\":4}}"},
        {"# first a comment\n.params.n + 1", "5"},
        {".steps.build-app.output + \"!\"", "\"built!\""},
        {"[.steps.build-app]", "[{\"output\":\"built\"}]"},
        {".params.n-1", "3"},
        {"if .params.n > 3 then \"big\" else \"small\" end", "\"big\""},
        {"def f(x): x * 2; f(.params.n)", "8"},
        {"reduce .input[] as $i (0; . + $i)", "6"},
        {"[.params.o.a, .params.missing] | length", "2"},
        {".params | {n, \"s\"}", "{\"n\":4,\"s\":\"x\"}"},
        {"0.1 + 0.2 | . * 10 | floor", "3"},
        {"[.params.s, 0.1]", "[\"x\",0.1]"},
        {"error(\"no\\nway\")", "error: no\nway"},
        {".params.s | .x", "error: Cannot index string with string \"x\""},
        {".params.n % 0.5",
         "error: number (4) and number (0.5) cannot be divided (remainder) because the "
         "divisor is zero"},
        {"\"\\u0000a\" | length", "2"},
    };
    uint32_t index[COUNT(cases)];
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        index[i] = add(cases[i][0]);
    }
    assert_int_equal(fr_jq_compile(fix.ctx.jq, &fix.diags), FR_OK);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < COUNT(cases); i++) {
            assert_string_equal(result_of(index[i], context), cases[i][1]);
        }
    }
}

static void what_is_no_json_is_an_error_of_that_run_only(void **state)
{
    uint32_t index = add(".input | length");
    (void)state;
    assert_int_equal(fr_jq_compile(fix.ctx.jq, &fix.diags), FR_OK);
    assert_memory_equal(result_of(index, "{\"input\":"), "error: the context is no JSON", 29);
    assert_string_equal(result_of(index, "{\"input\":[1]}"), "1");
}

static void many_programs_are_told_apart(void **state)
{
    char text[64];
    enum { PROGRAMS = 450 };
    (void)state;
    for (unsigned i = 0; i < PROGRAMS; i++) {
        (void)snprintf(text, sizeof(text), ".params.n * 1000 + %u", i);
        assert_int_equal(add(fr_strdup(&fix.arena, text)), i);
    }
    assert_int_equal(add(".params.n * 1000 + 7"), 7);
    assert_int_equal(fr_jq_count(fix.ctx.jq), PROGRAMS);
    assert_int_equal(fr_jq_compile(fix.ctx.jq, &fix.diags), FR_OK);
    for (unsigned i = 0; i < PROGRAMS; i++) {
        (void)snprintf(text, sizeof(text), "%u", 4000 + i);
        assert_string_equal(result_of(i, context), text);
    }
}

static void later_programs_are_compiled_later(void **state)
{
    uint32_t first = add(".params.n + 1"), second;
    (void)state;
    assert_int_equal(fr_jq_compile(fix.ctx.jq, &fix.diags), FR_OK);
    second = add(".params.n + 2");
    assert_string_equal(result_of(second, context), "error: the program was not compiled");
    assert_int_equal(fr_jq_compile(fix.ctx.jq, &fix.diags), FR_OK);
    assert_string_equal(result_of(first, context), "5");
    assert_string_equal(result_of(second, context), "6");
}

static void programs_cannot_see_each_other(void **state)
{
    (void)state;
    uint32_t own = add("def secret: 42; secret");
    (void)add("secret + 1");
    (void)add("$x | . + 1");
    assert_int_equal(fr_jq_compile(fix.ctx.jq, &fix.diags), FR_ERR_INVALID);
    fr_diags_sort(&fix.diags);
    assert_string_equal(reported(&fix), "jq-syntax 10:5+6 expression: secret/0 is not defined\n"
                                        "jq-syntax 10:5+2 expression: $x is not defined");
    assert_string_equal(result_of(own, context), "42");
}

/* One wrong program: reported where it is wrong, the others run on. */
static void check_error(const char *text, const char *expected)
{
    fixture_release(&fix);
    fixture_init(&fix);
    uint32_t before = add(".params.n + 1");
    uint32_t after = add("[.params.n] | length");
    const struct fr_expr *wrong = fr_expr_parse(&fix.ctx, text, fixture_mark());
    if (wrong != NULL) {
        assert_int_equal(fr_jq_compile(fix.ctx.jq, &fix.diags), FR_ERR_INVALID);
        assert_memory_equal(result_of(wrong->jq_index, context), "error: ", 7);
    }
    if (strcmp(reported(&fix), expected) != 0) {
        fail_msg("%s\n%s\n%s", text, reported(&fix), expected);
    }
    if (wrong != NULL) {
        assert_string_equal(result_of(before, context), "5");
        assert_string_equal(result_of(after, context), "1");
    }
}

static void syntax_errors_are_placed_in_the_line(void **state)
{
    static const char *const cases[][2] = {
        {".params.n +", "jq-syntax 10:15+1 expression: something is missing at the end"},
        {".params.n | 1 2", "jq-syntax 10:19+1 expression: unexpected '2'"},
        {".params.n | foo(1)", "jq-syntax 10:17+3 expression: foo/1 is not defined"},
        {"[.input |\n  nope]", "jq-syntax 11:7+4 expression: nope/0 is not defined"},
        {"\"\xc3\xa9\xc3\xa9\" | nope", "jq-syntax 10:12+4 expression: nope/0 is not defined"},
        {"\"a\\(.params.n | nope)\"", "jq-syntax 10:21+4 expression: nope/0 is not defined"},
        {"if true then 1", "jq-syntax 10:18+1 expression: something is missing at the end"},
        {"{input b}", "jq-syntax 10:12+1 expression: unexpected 'b'"},
        {"1) | (2", "jq-syntax 10:6+1 expression has a ')' that closes nothing"},
        {"[1, (2]", "jq-syntax 10:11+1 expression has a ']' that closes nothing"},
        {"[1, 2", "jq-syntax 10:5+1 expression has a bracket that is not closed"},
        {"\"abc", "jq-syntax 10:5+1 expression has a string that is not closed"},
        {".params.n == 'a'", "jq-syntax 10:18+1 expression holds a single quote"},
        {".params.n && 1", "jq-syntax 10:15+1 expression holds '&'"},
        {".params.n || 1", "jq-syntax 10:15+2 expression holds '||'"},
        {"!.params.n", "jq-syntax 10:5+1 expression holds '!'"},
        {"1 / 0", "jq-syntax 10:5+1 expression: Division by zero?"},
        {"", "jq-syntax 10:5+0 expression is empty"},
        {"# only a comment", "jq-syntax 10:5+16 expression is empty"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        check_error(cases[i][0], cases[i][1]);
    }
}

static void all_wrong_programs_are_reported_at_each_place(void **state)
{
    char text[32];
    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        (void)snprintf(text, sizeof(text), i % 3 == 0 ? "nope%u | 1" : ".params.n + %u", i);
        struct fr_mark mark = {.file = "f.yaml", .line = i + 1, .col = 1};
        assert_non_null(fr_expr_parse(&fix.ctx, fr_strdup(&fix.arena, text), mark));
    }
    struct fr_mark again = {.file = "f.yaml", .line = 99, .col = 9};
    assert_non_null(fr_expr_parse(&fix.ctx, "nope0 | 1", again));
    assert_int_equal(fr_jq_compile(fix.ctx.jq, &fix.diags), FR_ERR_INVALID);
    assert_int_equal(fix.diags.errors, 11);
    fr_diags_sort(&fix.diags);
    assert_int_equal(fix.diags.items[9].mark.line, 28);
    assert_int_equal(fix.diags.items[10].mark.line, 99);
    assert_int_equal(fix.diags.items[10].mark.col, 9);
    assert_string_equal(result_of(1, context), "5");
}

/* Two programs that are too much code for one chunk, but not for one each. */
static void chunks_that_are_too_long_for_jq_are_split(void **state)
{
    uint32_t index[2];
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct fr_buf text;
        fr_buf_init(&text, 0);
        fr_buf_printf(&text, "%d,", i);
        while (text.len < 8000) {
            fr_buf_str(&text, "[.],");
        }
        fr_buf_str(&text, "1");
        index[i] = add(fr_strdup(&fix.arena, fr_buf_cstr(&text)));
        fr_buf_release(&text);
    }
    assert_int_equal(fr_jq_compile(fix.ctx.jq, &fix.diags), FR_OK);
    assert_string_equal(result_of(index[0], context), "0");
    assert_string_equal(result_of(index[1], context), "1");
}

static void programs_that_are_too_long_are_refused(void **state)
{
    struct fr_buf text;
    (void)state;
    fr_buf_init(&text, 0);
    for (int i = 0; i < 4096; i++) {
        fr_buf_str(&text, ".+");
    }
    fr_buf_str(&text, "1");
    assert_null(fr_expr_parse(&fix.ctx, fr_buf_cstr(&text), fixture_mark()));
    assert_one(&fix, "jq-syntax 10:5+8193 expression is longer than 8192 bytes");
    fr_buf_release(&text);
}

static void brackets_cannot_be_nested_without_end(void **state)
{
    static const char *const openers[] = {"(",  "[",   "{a:",  "\"\\(", "f(",
                                          ".[", "if ", "try ", "-",     "def f: "};
    struct fr_buf text;
    (void)state;
    for (size_t i = 0; i < COUNT(openers); i++) {
        fr_buf_init(&text, 0);
        for (int n = 0; n < 3000; n++) {
            fr_buf_str(&text, openers[i]);
        }
        const struct fr_expr *expr = fr_expr_parse(&fix.ctx, fr_buf_cstr(&text), fixture_mark());
        if (expr != NULL) {
            assert_int_equal(fr_jq_compile(fix.ctx.jq, &fix.diags), FR_ERR_INVALID);
        }
        assert_true(fix.diags.errors > 0);
        fixture_release(&fix);
        fixture_init(&fix);
        fr_buf_release(&text);
    }
}

/* ~/.jq would be taken in by libjq 1.6 for every program it compiles. */
static void the_users_jq_file_is_not_read(void **state)
{
    static const char startup[] = "def length: \"from the startup file\"; def extra: 1;";
    char folder[] = "/tmp/flowrun-jq-XXXXXX";
    char path[64], home[64];
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/.jq", folder);
    (void)snprintf(home, sizeof(home), "HOME=%s", folder);
    assert_int_equal(fr_write_file(path, startup, sizeof(startup) - 1, 0600), 0);
    char *environment[] = {home, NULL};
    char **real = environ;
    environ = environment;

    uint32_t index = add(".input | length");
    uint32_t extra = add("extra");
    assert_int_equal(fr_jq_compile(fix.ctx.jq, &fix.diags), FR_ERR_INVALID);
    assert_string_equal(reported(&fix), "jq-syntax 10:5+5 expression: extra/0 is not defined");
    assert_string_equal(result_of(index, context), "3");
    assert_memory_equal(result_of(extra, context), "error:", 6);
    assert_ptr_equal(environ, environment);

    environ = real;
    assert_int_equal(fr_remove_tree(folder), 0);
}

static void impure_programs_are_refused(void **state)
{
    static const char *const cases[][2] = {
        {"$ENV.HOME", "10:5+4 expressions are pure: '$ENV' is not allowed"},
        {"env", "10:5+3 expressions are pure: 'env' is not allowed"},
        {"{$ENV}", "10:6+4 expressions are pure: '$ENV' is not allowed"},
        {".input | env.HOME", "10:14+3 expressions are pure: 'env' is not allowed"},
        {"[input]", "10:6+5 expressions are pure: 'input' is not allowed"},
        {"inputs", "10:5+6 expressions are pure: 'inputs' is not allowed"},
        {".input | debug", "10:14+5 expressions are pure: 'debug' is not allowed"},
        {"\"a\\(now)\"", "10:9+3 expressions are pure: 'now' is not allowed"},
        {"now", "10:5+3 expressions are pure: 'now' is not allowed"},
        {"{a: now}", "10:9+3 expressions are pure: 'now' is not allowed"},
        {"{(env|tostring): 1}", "10:7+3 expressions are pure: 'env' is not allowed"},
        {"1 | localtime", "10:9+9 expressions are pure: 'localtime' is not allowed"},
        {"input_filename", "10:5+14 expressions are pure: 'input_filename' is not allowed"},
        {"import \"a\" as a; 1", "10:5+6 expressions are pure: 'import' is not allowed"},
        {"include \"a\"; 1", "10:5+7 expressions are pure: 'include' is not allowed"},
        {"\"a\" | modulemeta", "10:11+10 expressions are pure: 'modulemeta' is not allowed"},
        {"halt_error", "10:5+10 expressions are pure: 'halt_error' is not allowed"},
        {"(def now: 1; now) | now", "10:25+3 expressions are pure: 'now' is not allowed"},
        {"if (def now: 1; now) then now else 1 end",
         "10:31+3 expressions are pure: 'now' is not allowed"},
        {". as {(now): $x} | $x", "10:12+3 expressions are pure: 'now' is not allowed"},
    };
    static const char *const pure[] = {
        "[.env.env, .params.input]",       "{env: 1, now: 2}",
        "\"env now input $ENV\" | length", "def now: 1; now + 1",
        "def f(input): input; f(3)",       ".params | {now, env}",
        ".input | gmtime? # now",          "[.params.now, .params[\"env\"]]",
        "def f: def env: 2; env; f"};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char expected[128];
        assert_null(fr_expr_parse(&fix.ctx, cases[i][0], fixture_mark()));
        assert_non_null(fix.diags.items[0].help);
        (void)snprintf(expected, sizeof(expected), "impure-expression %s", cases[i][1]);
        assert_one(&fix, expected);
    }
    for (size_t i = 0; i < COUNT(pure); i++) {
        (void)expr_of(&fix, pure[i]);
    }
    assert_int_equal(fr_jq_compile(fix.ctx.jq, &fix.diags), FR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(programs_yield_their_first_result, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_json_is_an_error_of_that_run_only, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(many_programs_are_told_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(later_programs_are_compiled_later, set_up, tear_down),
        cmocka_unit_test_setup_teardown(programs_cannot_see_each_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(syntax_errors_are_placed_in_the_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_wrong_programs_are_reported_at_each_place, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(chunks_that_are_too_long_for_jq_are_split, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(programs_that_are_too_long_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(brackets_cannot_be_nested_without_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_users_jq_file_is_not_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(impure_programs_are_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
