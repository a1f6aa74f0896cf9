/* JSON in and out: what comes back is what went in, and what is no JSON is refused with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Parses a text that is JSON. */
static struct json_object *parse(const char *text)
{
    struct json_object *value = NULL;
    char why[128] = "";
    if (!fr_json_parse(text, strlen(text), &value, why, sizeof(why))) {
        fail_msg("%s: %s", text, why);
    }
    return value;
}

static void assert_written(const struct json_object *value, const char *expected)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    fr_json_write(value, &out);
    assert_string_equal(fr_buf_cstr(&out), expected);
    fr_buf_release(&out);
}

/* What is read from `text` must be written as `expected`. */
static void assert_through(const char *text, const char *expected)
{
    struct json_object *value = parse(text);
    assert_written(value, expected);
    (void)json_object_put(value);
}

static void numbers_come_back_as_they_were(void **state)
{
    (void)state;
    static const char *const numbers[] = {
        "0",
        "-0",
        "-0.0",
        "1",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775809",
        "123456789012345678901234567890",
        "0.1",
        "3.0",
        "0.10",
        "1e5",
        "1E+05",
        "1e400",
        "-1e400",
        "1e-400",
        "0.1000000000000000055511151231257827",
    };
    for (size_t i = 0; i < COUNT(numbers); i++) {
        assert_through(numbers[i], numbers[i]);
    }
    struct json_object *copy = NULL;
    struct json_object *value = parse("[0.10,123456789012345678901234567890]");
    assert_int_equal(json_object_deep_copy(value, &copy, NULL), 0);
    assert_written(copy, "[0.10,123456789012345678901234567890]");
    (void)json_object_put(copy);
    (void)json_object_put(value);
}

static void computed_doubles_are_written_short_and_exact(void **state)
{
    (void)state;
    static const struct {
        double number;
        const char *text;
    } cases[] = {
        {0.1, "0.1"},
        {3.0, "3.0"},
        {-0.0, "-0.0"},
        {1e300, "1e+300"},
        {1.0 / 3, "0.3333333333333333"},
        {0.1 + 0.2, "0.30000000000000004"},
        {5e-324, "4.94065645841247e-324"},
        {9007199254740993.0, "9007199254740992.0"},
        {NAN, "null"},
        {INFINITY, "1.7976931348623157e+308"},
        {-INFINITY, "-1.7976931348623157e+308"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct json_object *value = json_object_new_double(cases[i].number);
        assert_written(value, cases[i].text);
        (void)json_object_put(value);
    }
}

static void strings_are_escaped_and_unescaped(void **state)
{
    (void)state;
    assert_through("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\"",
                   "\"a\\\"\\\\/\\b\\f\\n\\r\\tAé\"");
    assert_through("\"\\u0000\\u001F\\u007f\"", "\"\\u0000\\u001f\x7f\"");
    assert_through("\"\\ud83d\\ude00\"", "\"😀\"");
    assert_through("\"\\uDBFF\\uDFFF\"", "\"\xf4\x8f\xbf\xbf\"");
    /* Half a pair is no character. */
    assert_through("\"\\ud83dx\"", "\"\xef\xbf\xbdx\"");
    assert_through("\"\\ude00\"", "\"\xef\xbf\xbd\"");
    assert_through("\"\\ud83d\\u0041\"", "\"\xef\xbf\xbd"
                                         "A\"");
    assert_through("\"\\ud83d\\ud83d\\ude00\"", "\"\xef\xbf\xbd😀\"");
    struct json_object *value = parse("\"a\\u0000b\"");
    assert_int_equal(json_object_get_string_len(value), 3);
    assert_memory_equal(json_object_get_string(value), "a\0b", 4);
    (void)json_object_put(value);
}

static void bad_bytes_are_kept_inside_and_replaced_when_written(void **state)
{
    (void)state;
    struct json_object *value = parse("\"a\xff\xc3(\xed\xa0\x80\xe6\xbc\"");
    assert_memory_equal(json_object_get_string(value), "a\xff\xc3(\xed\xa0\x80\xe6\xbc", 10);
    assert_written(value, "\"a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                          "\xef\xbf\xbd\xef\xbf\xbd\"");
    struct fr_buf text;
    fr_buf_init(&text, 0);
    fr_json_text(value, &text);
    assert_string_equal(fr_buf_cstr(&text), "a\xff\xc3(\xed\xa0\x80\xe6\xbc");
    fr_buf_release(&text);
    (void)json_object_put(value);
}

static void structures_keep_their_order(void **state)
{
    (void)state;
    assert_through(" { \"z\" : [ ] , \"a\" : { } , \"m\" : [ 1 , null , true , false ] }\r\n\t",
                   "{\"z\":[],\"a\":{},\"m\":[1,null,true,false]}");
    assert_through("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}");
    assert_through("{\"\":{\"\\u00e9\":0}}", "{\"\":{\"é\":0}}");
}

static void null_is_a_value(void **state)
{
    (void)state;
    char why[64] = "";
    struct json_object *value = json_object_new_int(1);
    struct json_object *first = value;
    assert_true(fr_json_parse(" null ", 6, &value, why, sizeof(why)));
    assert_null(value);
    (void)json_object_put(first);
    assert_written(NULL, "null");
}

static void what_is_no_json_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *why;
    } cases[] = {
        {"", "line 1, column 1: the text ends where a value is expected"},
        {" \n ", "line 2, column 2: the text ends where a value is expected"},
        {"NaN", "line 1, column 1: expected a value"},
        {"nan", "line 1, column 1: expected a value"},
        {"Infinity", "line 1, column 1: expected a value"},
        {"-Infinity", "line 1, column 2: malformed number"},
        {"'a'", "line 1, column 1: expected a value"},
        {"True", "line 1, column 1: expected a value"},
        {"nul", "line 1, column 1: expected a value"},
        {"/* c */ 1", "line 1, column 1: expected a value"},
        {"1 // c", "line 1, column 3: more text behind the value"},
        {"1 2", "line 1, column 3: more text behind the value"},
        {"nullx", "line 1, column 5: more text behind the value"},
        {"[1,]", "line 1, column 4: expected a value"},
        {"[1 2]", "line 1, column 4: expected ',' or ']'"},
        {"[1", "line 1, column 3: expected ',' or ']'"},
        {"[", "line 1, column 2: the text ends where a value is expected"},
        {"{", "line 1, column 2: expected a key in double quotes"},
        {"{\"a\":1,}", "line 1, column 8: expected a key in double quotes"},
        {"{a:1}", "line 1, column 2: expected a key in double quotes"},
        {"{\"a\" 1}", "line 1, column 6: expected ':' behind the key"},
        {"{\"a\":1\n\"b\":2}", "line 2, column 1: expected ',' or '}'"},
        {"{\"a\\u0000b\":1}", "line 1, column 12: a key must not hold \\u0000"},
        {"01", "line 1, column 3: malformed number"},
        {"-", "line 1, column 2: malformed number"},
        {"1.", "line 1, column 3: malformed number"},
        {".5", "line 1, column 1: expected a value"},
        {"+1", "line 1, column 1: expected a value"},
        {"1e", "line 1, column 3: malformed number"},
        {"1e+", "line 1, column 4: malformed number"},
        {"0x10", "line 1, column 2: more text behind the value"},
        {"\"abc", "line 1, column 5: a string has no end"},
        {"\"a\tb\"", "line 1, column 3: control characters in a string must be escaped"},
        {"\"a\nb\"", "line 1, column 3: control characters in a string must be escaped"},
        {"\"\\x\"", "line 1, column 3: unknown escape in a string"},
        {"\"\\", "line 1, column 3: unknown escape in a string"},
        {"\"\\u12g4\"", "line 1, column 6: \\u needs four hexadecimal digits"},
        {"\"\\u12", "line 1, column 6: \\u needs four hexadecimal digits"},
        {"\"\\ud800\\u12\"", "line 1, column 12: \\u needs four hexadecimal digits"},
        {"\xef\xbb\xbf{}", "line 1, column 1: expected a value"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char why[128] = "";
        struct json_object *value = NULL;
        assert_false(fr_json_parse(cases[i].text, strlen(cases[i].text), &value, why, sizeof(why)));
        assert_string_equal(why, cases[i].why);
        assert_null(value);
    }
    char why[128] = "";
    struct json_object *value = NULL;
    assert_false(fr_json_parse("1\0", 2, &value, why, sizeof(why)));
    assert_false(fr_json_parse("\0", 1, &value, why, sizeof(why)));
    char small[8] = "xxxxxxx";
    assert_false(fr_json_parse("", 0, &value, small, 5));
    assert_string_equal(small, "line");
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    char text[2 * FR_JSON_DEPTH + 3];
    char why[128] = "";
    struct json_object *value = NULL;
    memset(text, '[', FR_JSON_DEPTH);
    memset(text + FR_JSON_DEPTH, ']', FR_JSON_DEPTH);
    text[2 * (size_t)FR_JSON_DEPTH] = '\0';
    assert_through(text, text);
    memset(text, '[', FR_JSON_DEPTH + 1);
    memset(text + FR_JSON_DEPTH + 1, ']', FR_JSON_DEPTH + 1);
    assert_false(fr_json_parse(text, 2 * FR_JSON_DEPTH + 2, &value, why, sizeof(why)));
    assert_string_equal(why, "line 1, column 257: nested more than 256 levels deep");
    /* A million brackets end as quickly. */
    char *deep = malloc(1000000);
    assert_non_null(deep);
    memset(deep, '[', 1000000);
    assert_false(fr_json_parse(deep, 1000000, &value, why, sizeof(why)));
    free(deep);
}

static void pretty_has_two_spaces_a_level(void **state)
{
    (void)state;
    struct fr_buf out;
    fr_buf_init(&out, 0);
    struct json_object *value = parse("{\"a\":[1,{\"b\":null}],\"c\":[],\"d\":{},\"e\":\"x\"}");
    fr_json_write_pretty(value, &out);
    assert_string_equal(fr_buf_cstr(&out), "{\n"
                                           "  \"a\": [\n"
                                           "    1,\n"
                                           "    {\n"
                                           "      \"b\": null\n"
                                           "    }\n"
                                           "  ],\n"
                                           "  \"c\": [],\n"
                                           "  \"d\": {},\n"
                                           "  \"e\": \"x\"\n"
                                           "}");
    fr_buf_release(&out);
    (void)json_object_put(value);
}

static void assert_text(const char *json, const char *expected)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    struct json_object *value = parse(json);
    fr_json_text(value, &out);
    assert_string_equal(fr_buf_cstr(&out), expected);
    (void)json_object_put(value);
    fr_buf_release(&out);
}

static void the_text_form_is_what_a_process_reads(void **state)
{
    (void)state;
    assert_text("\"two\\nlines\"", "two\nlines");
    assert_text("null", "");
    assert_text("false", "false");
    assert_text("1.50", "1.50");
    assert_text("[1, \"a\"]", "[1,\"a\"]");
    assert_text(
        "{\"path\": \"/x/y.wav\", \"media_type\": \"audio/wav\", \"size\": 3, \"sha256\": \"00\"}",
        "/x/y.wav");
    assert_text("{\"path\": \"/x\"}", "{\"path\":\"/x\"}");
}

static void artifacts_are_told_by_their_shape(void **state)
{
    (void)state;
    struct json_object *made = fr_json_artifact("/o/a.wav", "audio/wav", 12, "ab");
    assert_true(fr_json_is_artifact(made));
    assert_written(
        made, "{\"path\":\"/o/a.wav\",\"media_type\":\"audio/wav\",\"size\":12,\"sha256\":\"ab\"}");
    json_object_object_add(made, "more", NULL);
    assert_false(fr_json_is_artifact(made));
    (void)json_object_put(made);
    assert_false(fr_json_is_artifact(NULL));
    static const struct {
        const char *text;
        bool is;
    } cases[] = {
        {"{\"sha256\":\"\",\"size\":0,\"media_type\":\"\",\"path\":\"\"}", true},
        {"{\"sha256\":\"\",\"size\":0,\"media_type\":\"\",\"file\":\"\"}", false},
        {"{\"sha256\":\"\",\"size\":\"0\",\"media_type\":\"\",\"path\":\"\"}", false},
        {"{\"sha256\":\"\",\"size\":0,\"media_type\":\"\",\"path\":null}", false},
        {"{\"path\":\"\"}", false},
        {"{}", false},
        {"[1,2,3,4]", false},
        {"\"path\"", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct json_object *value = parse(cases[i].text);
        assert_int_equal(fr_json_is_artifact(value), cases[i].is);
        (void)json_object_put(value);
    }
}

static void truth_is_that_of_jq(void **state)
{
    (void)state;
    static const char *const yes[] = {"true", "0", "\"\"", "[]", "{}", "0.0", "\"false\""};
    for (size_t i = 0; i < COUNT(yes); i++) {
        struct json_object *value = parse(yes[i]);
        assert_true(fr_json_true(value));
        (void)json_object_put(value);
    }
    assert_false(fr_json_true(NULL));
    struct json_object *no = parse("false");
    assert_false(fr_json_true(no));
    (void)json_object_put(no);
}

static void equality_is_by_value(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        bool equal;
    } cases[] = {
        {"1", "1.0", true},
        {"1", "1e0", true},
        {"0.10", "0.1", true},
        {"0", "-0", true},
        {"0", "-0.0", true},
        {"1", "1.5", false},
        {"-1", "1", false},
        {"9007199254740993", "9007199254740992", false},
        {"9007199254740993", "9007199254740992.0", false},
        {"9007199254740992", "9007199254740992.0", true},
        {"9223372036854775807", "9223372036854775808", false},
        {"18446744073709551615", "18446744073709551615", true},
        {"18446744073709551615", "9223372036854775807", false},
        {"18446744073709551615", "18446744073709551616", false},
        {"-9223372036854775808", "-9223372036854775808.0", true},
        {"123456789012345678901", "123456789012345678901", true},
        {"123456789012345678901", "123456789012345678902", false},
        {"1", "1e400", false},
        {"1", "\"1\"", false},
        {"null", "false", false},
        {"null", "null", true},
        {"true", "true", true},
        {"true", "false", false},
        {"\"a\\u0000b\"", "\"a\\u0000c\"", false},
        {"\"ab\"", "\"abc\"", false},
        {"[1,2]", "[2,1]", false},
        {"[1,2]", "[1,2,3]", false},
        {"[1,{\"a\":null}]", "[1.0,{\"a\":null}]", true},
        {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true},
        {"{\"a\":null}", "{\"b\":null}", false},
        {"{\"a\":1}", "{\"a\":1,\"b\":2}", false},
        {"{}", "[]", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct json_object *a = parse(cases[i].a);
        struct json_object *b = parse(cases[i].b);
        assert_int_equal(fr_json_equal(a, b), cases[i].equal);
        assert_int_equal(fr_json_equal(b, a), cases[i].equal);
        (void)json_object_put(a);
        (void)json_object_put(b);
    }
}

static void money_is_a_number_with_exact_text(void **state)
{
    (void)state;
    static const struct {
        int64_t micros;
        const char *text;
    } money[] = {
        {0, "0"},
        {50000, "0.05"},
        {100000, "0.1"},
        {12000000, "12"},
        {1, "0.000001"},
        {-250000, "-0.25"},
        {INT64_MAX, "9223372036854.775807"},
        {10000000, "10"},
    };
    for (size_t i = 0; i < COUNT(money); i++) {
        struct json_object *value = fr_json_micros(money[i].micros);
        int64_t back = -1;
        assert_written(value, money[i].text);
        assert_true(fr_json_to_micros(value, &back));
        assert_true(back == money[i].micros);
        (void)json_object_put(value);
    }
}

static void seconds_have_three_decimals(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        const char *text;
    } seconds[] = {{0, "0.000"}, {1234567890, "1.235"}, {499999, "0.000"}, {-1500000, "0.000"}};
    for (size_t i = 0; i < COUNT(seconds); i++) {
        struct fr_buf out;
        fr_buf_init(&out, 0);
        fr_json_write_seconds(seconds[i].ns, &out);
        assert_string_equal(fr_buf_cstr(&out), seconds[i].text);
        fr_buf_release(&out);
    }
}

static void money_is_read_exactly_or_not_at_all(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t micros;
    } good[] = {
        {"5", 5000000}, {"0.05", 50000}, {"\"0.05\"", 50000}, {"1e-06", 1}, {"-3", -3000000},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        struct json_object *value = parse(good[i].text);
        int64_t micros = -99;
        assert_true(fr_json_to_micros(value, &micros));
        assert_true(micros == good[i].micros);
        (void)json_object_put(value);
    }
    static const char *const bad[] = {
        "null",  "true",         "\"\"",
        "\"x\"", "\"1\\u0000\"", "[1]",
        "{}",    "0.0000001",    "18446744073709551615",
        "1e400", "\"1 USD\"",    "0.30000000000000004",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct json_object *value = parse(bad[i]);
        int64_t micros = -99;
        assert_false(fr_json_to_micros(value, &micros));
        assert_true(micros == -99);
        (void)json_object_put(value);
    }
    struct json_object *computed = json_object_new_double(0.07);
    int64_t micros = 0;
    assert_true(fr_json_to_micros(computed, &micros));
    assert_int_equal(micros, 70000);
    (void)json_object_put(computed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_come_back_as_they_were),
        cmocka_unit_test(computed_doubles_are_written_short_and_exact),
        cmocka_unit_test(strings_are_escaped_and_unescaped),
        cmocka_unit_test(bad_bytes_are_kept_inside_and_replaced_when_written),
        cmocka_unit_test(structures_keep_their_order),
        cmocka_unit_test(null_is_a_value),
        cmocka_unit_test(what_is_no_json_is_refused_with_its_place),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(pretty_has_two_spaces_a_level),
        cmocka_unit_test(the_text_form_is_what_a_process_reads),
        cmocka_unit_test(artifacts_are_told_by_their_shape),
        cmocka_unit_test(truth_is_that_of_jq),
        cmocka_unit_test(equality_is_by_value),
        cmocka_unit_test(money_is_a_number_with_exact_text),
        cmocka_unit_test(seconds_have_three_decimals),
        cmocka_unit_test(money_is_read_exactly_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
