/* Fields of forms: what will do as an answer, what will not, and what is said of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plans.h"

/* The first field of a form with this schema; the plan is the caller's. */
static const struct fr_field *field_of(const char *schema, struct fr_plan **plan)
{
    char yaml[1024];
    snprintf(yaml, sizeof(yaml), "steps: [{id: a, type: human, form_schema: {x: {%s}}}]\n", schema);
    *plan = plan_of(yaml);
    return &step_of(*plan, "a")->human->form.fields[0];
}

/* What somebody writes, and the JSON it becomes; or with `!` before it what is said. */
struct answer {
    const char *text, *expected;
};

static void assert_answers(const char *schema, const struct answer *answers, size_t count,
                           bool by_number)
{
    struct fr_plan *plan;
    const struct fr_field *field = field_of(schema, &plan);
    for (size_t i = 0; i < count; i++) {
        struct json_object *value = NULL;
        struct fr_buf got;
        fr_buf_init(&got, 0);
        fr_buf_char(&got, '!');
        if (fr_field_parse(field, answers[i].text, by_number, &value, &got)) {
            fr_buf_clear(&got);
            fr_json_write(value, &got);
        }
        assert_string_equal(fr_buf_cstr(&got), answers[i].expected);
        json_object_put(value);
        fr_buf_release(&got);
    }
    fr_plan_free(plan);
}

#define ANSWERS(schema, by_number, ...)                                                            \
    do {                                                                                           \
        const struct answer list[] = {__VA_ARGS__};                                                \
        assert_answers(schema, list, sizeof(list) / sizeof(list[0]), by_number);                   \
    } while (0)

static void texts_stay_as_they_are(void **state)
{
    (void)state;
    ANSWERS("type: string", false, {" a b ", "\" a b \""}, {"12", "\"12\""}, {"", "\"\""});
    ANSWERS("minLength: 2, maxLength: 3", false, {"äöü", "\"äöü\""},
            {"a", "!must have at least 2 characters, and has 1"},
            {"abcd", "!must have at most 3 characters, and has 4"});
    ANSWERS("pattern: '^[a-z]+$'", false, {"ab", "\"ab\""},
            {"aB", "!must match the pattern ^[a-z]+$, and 'aB' does not"});
    ANSWERS("pattern: '^.[äö]$'", false, {"üö", "\"üö\""},
            {"üü", "!must match the pattern ^.[äö]$, and 'üü' does not"});
}

static void whole_numbers_are_nothing_else(void **state)
{
    (void)state;
    ANSWERS("type: integer", false, {" 7 ", "7"}, {"-3", "-3"},
            {"9223372036854775807", "9223372036854775807"},
            {"7.0", "!must be a whole number, not '7.0'"},
            {"0x7", "!must be a whole number, not '0x7'"},
            {"7 8", "!must be a whole number, not '7 8'"}, {"", "!must be a whole number, not ''"});
    ANSWERS("type: integer, minimum: 9007199254740993, maximum: 9007199254740993", false,
            {"9007199254740993", "9007199254740993"},
            {"9007199254740992", "!must be at least 9007199254740993, not '9007199254740992'"},
            {"9007199254740994", "!must be at most 9007199254740993, not '9007199254740994'"});
}

static void numbers_have_bounds(void **state)
{
    (void)state;
    ANSWERS("type: number, exclusiveMinimum: 0, maximum: 1", false, {"0.50", "0.50"}, {"1", "1"},
            {"0", "!must be more than 0, not '0'"}, {"1.5", "!must be at most 1, not '1.5'"},
            {"NaN", "!must be a number, not 'NaN'"}, {"1e999", "!must be a number, not '1e999'"});
    ANSWERS("type: number, exclusiveMaximum: 2", false, {"-5", "-5"},
            {"2.0", "!must be less than 2, not '2.0'"});
}

static void booleans_are_words(void **state)
{
    (void)state;
    ANSWERS("type: boolean", false, {"true", "true"}, {"Y", "true"}, {"yes", "true"},
            {"no", "false"}, {"N", "false"}, {"FALSE", "false"},
            {"1", "!must be true or false, not '1'"}, {"", "!must be true or false, not ''"});
}

static void choices_go_by_value_and_where_it_is_clear_by_number(void **state)
{
    (void)state;
    ANSWERS("enum: [low, high]", false, {"high", "\"high\""}, {" low ", "\"low\""},
            {"2", "!must be one of: low, high; not '2'"});
    ANSWERS("enum: [low, high]", true, {"2", "\"high\""}, {"high", "\"high\""},
            {"3", "!must be one of: low, high; not '3'"},
            {"0", "!must be one of: low, high; not '0'"});
    ANSWERS("type: integer, enum: [3, 1]", true, {"1", "1"},
            {"2", "!must be one of: 3, 1; not '2'"});
    ANSWERS("enum: ['2', b]", true, {"2", "\"2\""}, {"1", "!must be one of: 2, b; not '1'"});
    ANSWERS("type: boolean, enum: [true]", false, {"y", "true"},
            {"n", "!must be one of: true; not 'false'"});
}

static void lists_have_commas_or_are_json(void **state)
{
    (void)state;
    ANSWERS("type: array, items: {type: integer, minimum: 0}, minItems: 1, maxItems: 3", false,
            {"1, 2,3", "[1,2,3]"}, {"[4, 5]", "[4,5]"},
            {"1,x", "!item 2 must be a whole number, not 'x'"},
            {"1,-1", "!item 2 must be at least 0, not '-1'"},
            {"", "!must have at least 1 item, and has 0"},
            {"1,2,3,4", "!must have at most 3 items, and has 4"},
            {"1,", "!item 2 must be a whole number, not ''"});
    ANSWERS("items: {enum: [a, b]}", true, {"2, a", "[\"b\",\"a\"]"},
            {"3", "!item 1 must be one of: a, b; not '3'"});
    ANSWERS("items: {type: string}", false, {"[\"a,b\", \"c\"]", "[\"a,b\",\"c\"]"},
            {"[a, b", "[\"[a\",\"b\"]"});
}

static void values_of_files_are_checked_as_they_are(void **state)
{
    static const struct {
        const char *schema, *json, *why;
    } rows[] = {{"type: integer", "3", NULL},
                {"type: integer", "\"3\"", "must be a whole number, not the text '3'"},
                {"type: integer", "null", "must be a whole number, not 'null'"},
                {"type: boolean", "\"true\"", "must be true or false, not the text 'true'"},
                {"type: string", "{\"a\":1}", "must be text, not '{\"a\":1}'"},
                {"type: string", "\"a\\u0000b\"", "must not hold a NUL character"},
                {"type: array", "\"a\"", "must be a list of texts, not 'a'"},
                {"type: array", "[[]]", "item 1 must be text, not '[]'"}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fr_plan *plan;
        struct json_object *value = NULL;
        struct fr_buf why;
        const struct fr_field *field = field_of(rows[i].schema, &plan);
        fr_buf_init(&why, 0);
        assert_true(fr_json_parse(rows[i].json, strlen(rows[i].json), &value, NULL, 0));
        assert_int_equal(fr_field_check(field, value, &why), rows[i].why == NULL);
        assert_string_equal(fr_buf_cstr(&why), rows[i].why ? rows[i].why : "");
        json_object_put(value);
        fr_buf_release(&why);
        fr_plan_free(plan);
    }
}

static void a_field_says_what_it_takes(void **state)
{
    static const char *const rows[][2] = {
        {"type: string", "text"},
        {"type: integer, minimum: 1, maximum: 5", "a whole number from 1 to 5"},
        {"type: number, exclusiveMinimum: 0, maximum: 1", "a number, more than 0 and at most 1"},
        {"type: number, exclusiveMaximum: 1", "a number, less than 1"},
        {"type: boolean", "true or false"},
        {"enum: [a, b]", "one of: a, b"},
        {"minLength: 1", "text, at least 1 character"},
        {"maxLength: 9, pattern: x", "text, at most 9 characters, matching x"},
        {"items: {enum: [a]}, minItems: 2", "a list of any of: a, at least 2 items"},
        {"items: {type: number}, maxItems: 1", "a list of numbers, at most 1 item"}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fr_plan *plan;
        struct fr_buf text;
        fr_buf_init(&text, 0);
        fr_field_describe(field_of(rows[i][0], &plan), &text);
        assert_string_equal(fr_buf_cstr(&text), rows[i][1]);
        fr_buf_release(&text);
        fr_plan_free(plan);
    }
}

static void defaults_fill_what_was_not_answered_in_order_of_the_form(void **state)
{
    struct fr_plan *plan = plan_of("steps:\n"
                                   "  - id: a\n"
                                   "    type: human\n"
                                   "    form_schema:\n"
                                   "      required: [first, last]\n"
                                   "      properties:\n"
                                   "        first: {type: integer, default: 1}\n"
                                   "        text: {default: 2}\n"
                                   "        free: {}\n"
                                   "        last: {type: boolean}\n");
    const struct fr_form *form = &step_of(plan, "a")->human->form;
    struct json_object *answers = json_object_new_object(), *all;
    struct fr_buf text;
    (void)state;
    assert_string_equal(fr_form_missing(form, answers)->name, "last");
    assert_string_equal(fr_form_suggest(form, "frist"), "first");
    assert_null(fr_form_find(form, "none"));
    json_object_object_add(answers, "last", json_object_new_boolean(false));
    assert_null(fr_form_missing(form, answers));
    fr_buf_init(&text, 0);
    all = fr_form_fill(form, answers);
    fr_json_write(all, &text);
    assert_string_equal(fr_buf_cstr(&text), "{\"first\":1,\"text\":\"2\",\"last\":false}");
    json_object_put(all);
    fr_buf_clear(&text);
    all = fr_form_json(form);
    fr_json_write(all, &text);
    assert_string_equal(fr_buf_cstr(&text),
                        "{\"type\":\"object\",\"properties\":{\"first\":{\"type\":\"integer\","
                        "\"default\":1},\"text\":{\"type\":\"string\",\"default\":\"2\"},\"free\":"
                        "{\"type\":\"string\"},\"last\":{\"type\":\"boolean\"}},\"required\":["
                        "\"first\",\"last\"]}");
    json_object_put(all);
    json_object_put(answers);
    fr_buf_release(&text);
    fr_plan_free(plan);
}

/* Reads back what a form looks like as JSON. */
static enum fr_err read_back(struct fr_arena *arena, const struct fr_form *form,
                             struct fr_form *out)
{
    struct json_object *all = fr_form_json(form);
    struct fr_buf text;
    fr_buf_init(&text, 0);
    fr_json_write(all, &text);
    enum fr_err err = fr_form_read(arena, fr_buf_cstr(&text), out);
    fr_buf_release(&text);
    json_object_put(all);
    return err;
}

/* Whether an object of answers fits. */
static bool fits(const struct fr_form *form, const char *json)
{
    struct json_object *values = NULL;
    assert_true(fr_json_parse(json, strlen(json), &values, NULL, 0));
    bool good = fr_form_fits(form, values);
    json_object_put(values);
    return good;
}

static void a_form_comes_back_from_its_schema(void **state)
{
    struct fr_arena arena;
    struct fr_form form;
    (void)state;
    struct fr_plan *plan = plan_of("steps: [{id: a, type: human, form_schema: {properties: {"
                                   "level: {type: integer, exclusiveMinimum: 0, maximum: 5}, "
                                   "kind: {enum: ['yes: no', b]}, at: {type: array, items: {type: "
                                   "number}, default: [1, 2.5]}}, required: [level]}}]\n");
    fr_arena_init(&arena);
    assert_int_equal(read_back(&arena, &step_of(plan, "a")->human->form, &form), FR_OK);
    assert_int_equal(form.count, 3);
    assert_true(form.fields[0].required && !form.fields[1].required);
    assert_string_equal(form.fields[2].default_json, "[1,2.5]");
    assert_true(fits(&form, "{\"level\": 1, \"kind\": \"yes: no\"}"));
    assert_false(fits(&form, "{\"level\": 0}"));
    assert_false(fits(&form, "{\"kind\": \"b\"}"));
    assert_false(fits(&form, "{\"level\": 1, \"other\": 1}"));
    assert_false(fits(&form, "[1]"));
    assert_int_equal(fr_form_read(&arena, "[]", &form), FR_ERR_INVALID);
    assert_int_not_equal(fr_form_read(&arena, "{\"a\": {\"type\": \"what\"}}", &form), FR_OK);
    fr_arena_release(&arena);
    fr_plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_stay_as_they_are),
        cmocka_unit_test(whole_numbers_are_nothing_else),
        cmocka_unit_test(numbers_have_bounds),
        cmocka_unit_test(booleans_are_words),
        cmocka_unit_test(choices_go_by_value_and_where_it_is_clear_by_number),
        cmocka_unit_test(lists_have_commas_or_are_json),
        cmocka_unit_test(values_of_files_are_checked_as_they_are),
        cmocka_unit_test(a_field_says_what_it_takes),
        cmocka_unit_test(a_form_comes_back_from_its_schema),
        cmocka_unit_test(defaults_fill_what_was_not_answered_in_order_of_the_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
