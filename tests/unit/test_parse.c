/* From stdout to values: lists of lines are text until somebody asks, and the values are what the lines are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "items.h"
#include "parse.h"
#include "value.h"

/* The value of a stdout; NULL with *why. */
static struct fr_value *parse(enum fr_output form, const char *out, size_t len, struct fr_buf *why)
{
    struct fr_report report = {.out = malloc(len + 1), .out_len = len};
    memcpy(report.out, out, len);
    report.out[len] = '\0';
    fr_buf_init(why, 0);
    return parse_output(form, &report, why);
}

/* The list is kept as text, and `json` is its JSON, its text form and what its items come to. */
static void expect(enum fr_output form, const char *out, size_t len, const char *json)
{
    struct fr_buf why, text, list;
    struct items items;
    size_t data_len = 0;
    struct fr_value *value = parse(form, out, len, &why);
    assert_non_null(value);
    assert_non_null(value_json_data(value, &data_len));
    fr_buf_init(&text, 0);
    fr_buf_init(&list, 0);
    assert_true(items_init(&items, value, 1, &why));
    fr_buf_char(&list, '[');
    for (uint32_t i = 0; i < items.count; i++) {
        if (i > 0)
            fr_buf_char(&list, ',');
        items_next_json(&items, &list);
    }
    fr_buf_char(&list, ']');
    items_release(&items);
    assert_string_equal(fr_buf_cstr(&list), json);
    fr_value_add_text(value, &text);
    assert_string_equal(fr_buf_cstr(&text), json);
    fr_buf_clear(&text);
    fr_value_add_json(value, &text);
    assert_string_equal(fr_buf_cstr(&text), json);
    fr_buf_clear(&text);
    fr_json_write(fr_value_object(value, NULL), &text);
    assert_string_equal(fr_buf_cstr(&text), json);
    fr_buf_release(&text);
    fr_buf_release(&list);
    fr_buf_release(&why);
    fr_value_unref(value);
}

#define LINES(out, json) expect(FR_OUTPUT_LINES, out, sizeof(out) - 1, json)
#define JSONL(out, json) expect(FR_OUTPUT_JSONL, out, sizeof(out) - 1, json)

static void lines_are_a_list_of_strings(void **state)
{
    (void)state;
    LINES("", "[]");
    LINES("\n", "[\"\"]");
    LINES("a\n\nb", "[\"a\",\"\",\"b\"]");
    LINES("a\n]\n", "[\"a\",\"]\"]");
    LINES("say \"x\\y\"\t\r\n", "[\"say \\\"x\\\\y\\\"\\t\\r\"]");
    LINES("nul\0here\n", "[\"nul\\u0000here\"]");
    LINES("gr\xc3\xbc\xc3\x9f\n", "[\"gr\xc3\xbc\xc3\x9f\"]");
    LINES("bad\xff\ngood\n", "[\"bad\xef\xbf\xbd\",\"good\"]");
}

static void bytes_of_a_line_that_are_no_utf_8_reach_its_step(void **state)
{
    const char *const line[] = {"a\xff"
                                "b\n",
                                "\"a\xff"
                                "b\"\n"};
    (void)state;
    for (int form = 0; form < 2; form++) {
        struct fr_buf why;
        struct items items;
        struct fr_value *list =
            parse(form ? FR_OUTPUT_JSONL : FR_OUTPUT_LINES, line[form], strlen(line[form]), &why);
        assert_true(items_init(&items, list, 1, &why));
        struct fr_value *item = items_next(&items);
        size_t len = 0;
        const char *bytes = fr_value_bytes(item, false, &len);
        assert_int_equal(len, 3);
        assert_memory_equal(bytes,
                            "a\xff"
                            "b",
                            3);
        fr_value_unref(item);
        items_release(&items);
        fr_value_unref(list);
        fr_buf_release(&why);
    }
}

static void jsonl_is_a_list_of_the_values_as_we_write_them(void **state)
{
    (void)state;
    JSONL("", "[]");
    JSONL("\n \t\r\n", "[]");
    JSONL("{\"a\" : 1, \"a\": [ 2 ]}\n\n null \r\n", "[{\"a\":[2]},null]");
    JSONL("1.50\n1e3\n-0\n12345678901234567890123\n", "[1.50,1e3,-0,12345678901234567890123]");
    JSONL("\"\\u0041\\/\\ud800\"\n", "[\"A/\xef\xbf\xbd\"]");
    JSONL("{\"k\xff\": \"v\xff\"} \n2\n", "[{\"k\xef\xbf\xbd\":\"v\xef\xbf\xbd\"},2]");
}

static void a_line_that_is_no_json_is_told_with_its_number(void **state)
{
    struct fr_buf why;
    (void)state;
    assert_null(parse(FR_OUTPUT_JSONL, "1\n\n{\"a\":}\n", 11, &why));
    assert_string_equal(fr_buf_cstr(&why),
                        "line 3 of stdout is not JSON: line 1, column 6: expected "
                        "a value; it begins with \"{\\\"a\\\":}\"");
    fr_buf_release(&why);
}

/* The list is one level deeper than its lines. */
static void lines_nested_as_deep_as_json_may_be_are_read(void **state)
{
    (void)state;
    for (size_t depth = FR_JSON_DEPTH - 3; depth <= FR_JSON_DEPTH; depth++) {
        char line[2 * FR_JSON_DEPTH + 1], all[2 * FR_JSON_DEPTH + 3];
        struct fr_buf why, out;
        memset(line, '[', depth);
        memset(line + depth, ']', depth);
        line[2 * depth] = '\0';
        all[0] = '[';
        memcpy(all + 1, line, 2 * depth);
        memcpy(all + 1 + 2 * depth, "]", 2);
        struct fr_value *value = parse(FR_OUTPUT_JSONL, line, 2 * depth, &why);
        assert_non_null(fr_value_object(value, NULL));
        fr_buf_init(&out, 0);
        fr_value_add_json(value, &out);
        assert_string_equal(fr_buf_cstr(&out), all);
        fr_buf_release(&out);
        fr_buf_release(&why);
        fr_value_unref(value);
    }
}

/* JSON that is too long to be parsed at once is checked, with the same answer. */
static void long_json_is_checked_like_short_json(void **state)
{
    enum { LONG = 70000 };
    struct fr_buf why;
    char *text = malloc(LONG);
    size_t len = 0;
    (void)state;
    memset(text, ' ', LONG);
    text[0] = '[';
    text[1] = '1';
    text[2] = ',';
    text[LONG - 1] = ']';
    assert_null(parse(FR_OUTPUT_JSON, text, LONG, &why));
    assert_non_null(strstr(fr_buf_cstr(&why), "line 1, column 70000: expected a value"));
    fr_buf_release(&why);
    text[LONG - 2] = '2';
    struct fr_value *value = parse(FR_OUTPUT_JSON, text, LONG, &why);
    assert_non_null(value_json_data(value, &len));
    assert_int_equal(json_object_array_length(fr_value_object(value, NULL)), 2);
    fr_value_unref(value);
    fr_buf_release(&why);
    free(text);
}

/* The text is read as JSON that is long, and short: both are the same value with the same forms. */
static void expect_read(const char *text, bool packed)
{
    enum { LONG = 70000 };
    struct fr_buf out[2];
    char why[160];
    for (int form = 0; form < 2; form++) {
        size_t len = strlen(text), unused = 0;
        char *data = malloc(LONG + len + 1);
        memset(data, ' ', LONG);
        memcpy(data + (form ? LONG : 0), text, len + 1);
        struct fr_value *value =
            fr_value_json_parse(data, form ? LONG + len : len, why, sizeof(why));
        assert_non_null(value);
        assert_true(form == 0 || packed == (value_json_data(value, &unused) != NULL));
        fr_buf_init(&out[form], 0);
        fr_value_add_json(value, &out[form]);
        fr_buf_char(&out[form], '|');
        fr_value_add_text(value, &out[form]);
        fr_buf_char(&out[form], '|');
        fr_json_write(fr_value_object(value, NULL), &out[form]);
        fr_value_unref(value);
    }
    assert_string_equal(fr_buf_cstr(&out[1]), fr_buf_cstr(&out[0]));
    fr_buf_release(&out[0]);
    fr_buf_release(&out[1]);
}

static void a_long_list_that_is_given_is_kept_as_text(void **state)
{
    char why[160];
    (void)state;
    expect_read("[]", true);
    expect_read("[1,null,\"a,]\\\"\"]", true);
    expect_read("[ {\"b\" : 1.50, \"b\": [ ] } ,\n\t\"\\u00e9\\/\\ud800\\u0001\" , -0 ]\n", true);
    expect_read("[\"\x7f\",1E5,12345678901234567890123,[[true , false]]]", true);
    expect_read("{\"a\": [1, 2]}", false);
    expect_read("\"text\"", false);
    expect_read("[\"bad \xff\"]", false);
    expect_read("null", false);
    assert_null(fr_value_json_parse(strdup("[1,"), 3, why, sizeof(why)));
    assert_string_equal(why, "line 1, column 4: the text ends where a value is expected");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_a_list_of_strings),
        cmocka_unit_test(bytes_of_a_line_that_are_no_utf_8_reach_its_step),
        cmocka_unit_test(jsonl_is_a_list_of_the_values_as_we_write_them),
        cmocka_unit_test(a_line_that_is_no_json_is_told_with_its_number),
        cmocka_unit_test(lines_nested_as_deep_as_json_may_be_are_read),
        cmocka_unit_test(a_long_list_that_is_given_is_kept_as_text),
        cmocka_unit_test(long_json_is_checked_like_short_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
