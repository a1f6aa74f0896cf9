/* Reducers: what updates come to, and that a value which others hold is never changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "flowrun/base/buf.h"
#include "reduce.h"

/* Reads JSON. */
static struct json_object *json(const char *text)
{
    struct json_object *value = NULL;
    assert_true(fr_json_parse(text, strlen(text), &value, NULL, 0));
    return value;
}

/* Applies the updates (a JSON list of them) to what the key begins with, and compares. */
static void expect(enum fr_reducer reducer, const char *initial, const char *updates,
                   const char *expected)
{
    const struct fr_state_key key = {.name = "k", .reducer = reducer, .initial_json = initial};
    struct reduce_cell cell = {.value = reduce_initial(&key)};
    struct json_object *list = json(updates);
    struct fr_buf out;
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *one = json_object_array_get_idx(list, i);
        assert_null(fr_reducer_refuses(reducer, one, false));
        reduce(&cell, reducer, one);
    }
    fr_buf_init(&out, 0);
    fr_json_write(cell.value, &out);
    assert_string_equal(fr_buf_cstr(&out), expected);
    fr_buf_release(&out);
    json_object_put(list);
    json_object_put(cell.value);
}

static void set_takes_the_last(void **state)
{
    (void)state;
    expect(FR_REDUCE_SET, "1", "[\"a\", null, [2]]", "[2]");
    expect(FR_REDUCE_SET, NULL, "[]", "null");
    expect(FR_REDUCE_SET, "1", "[null]", "null");
}

static void extend_adds_lists_and_single_values(void **state)
{
    (void)state;
    expect(FR_REDUCE_EXTEND, "[0]", "[[1, 2], 3, [[4]], []]", "[0,1,2,3,[4]]");
    expect(FR_REDUCE_EXTEND, NULL, "[{\"a\": 1}]", "[{\"a\":1}]");
    expect(FR_REDUCE_EXTEND, "null", "[1]", "[1]");
}

static void append_adds_each_as_one_item(void **state)
{
    (void)state;
    expect(FR_REDUCE_APPEND, "[]", "[[1, 2], 3, null]", "[[1,2],3,null]");
}

static void merge_is_deep_and_the_later_value_wins(void **state)
{
    (void)state;
    expect(FR_REDUCE_MERGE, "{\"a\": {\"x\": 1}, \"b\": 1}",
           "[{\"a\": {\"y\": 2}}, {\"b\": {\"z\": 3}}, {\"a\": {\"x\": 4}}]",
           "{\"a\":{\"x\":4,\"y\":2},\"b\":{\"z\":3}}");
    expect(FR_REDUCE_MERGE, NULL, "[{\"a\": null}]", "{\"a\":null}");
}

static void add_keeps_whole_numbers_whole(void **state)
{
    (void)state;
    expect(FR_REDUCE_ADD, NULL, "[1, 2]", "3");
    expect(FR_REDUCE_ADD, "9007199254740993", "[2]", "9007199254740995");
    expect(FR_REDUCE_ADD, "1", "[0.5]", "1.5");
    expect(FR_REDUCE_ADD, "9223372036854775807", "[1]", "9.223372036854776e+18");
}

static void min_and_max_begin_with_nothing(void **state)
{
    (void)state;
    expect(FR_REDUCE_MIN, NULL, "[3, 1.5, 2]", "1.5");
    expect(FR_REDUCE_MAX, NULL, "[-3, -1, -2]", "-1");
    expect(FR_REDUCE_MAX, "7", "[3]", "7");
    expect(FR_REDUCE_MIN, "9007199254740993", "[9007199254740992]", "9007199254740992");
}

static void union_keeps_each_value_once_in_order(void **state)
{
    (void)state;
    expect(FR_REDUCE_UNION, "[1]", "[[2, 1], 2, [3, {\"a\": 1}], {\"a\": 1}]", "[1,2,3,{\"a\":1}]");
}

static void what_a_reducer_does_not_take_is_named(void **state)
{
    struct json_object *text = json("\"x\""), *list = json("[1]"), *yes = json("true");
    (void)state;
    assert_string_equal(fr_reducer_refuses(FR_REDUCE_ADD, text, false), "a number");
    assert_string_equal(fr_reducer_refuses(FR_REDUCE_MIN, yes, false), "a number");
    assert_string_equal(fr_reducer_refuses(FR_REDUCE_MAX, NULL, false), "a number");
    assert_string_equal(fr_reducer_refuses(FR_REDUCE_MERGE, list, false), "an object");
    assert_string_equal(fr_reducer_refuses(FR_REDUCE_EXTEND, text, true), "a list");
    assert_null(fr_reducer_refuses(FR_REDUCE_EXTEND, text, false));
    assert_null(fr_reducer_refuses(FR_REDUCE_ADD, NULL, true));
    json_object_put(text);
    json_object_put(list);
    json_object_put(yes);
}

static void a_value_that_was_handed_out_does_not_change(void **state)
{
    struct reduce_cell cell = {.value = json("[1]")};
    struct json_object *handed = json_object_get(cell.value), *two = json("2"), *again;
    (void)state;
    reduce(&cell, FR_REDUCE_EXTEND, two);
    reduce(&cell, FR_REDUCE_EXTEND, two);
    assert_int_equal(json_object_array_length(handed), 1);
    assert_int_equal(json_object_array_length(cell.value), 3);
    again = json_object_get(cell.value);
    cell.own = false;
    reduce(&cell, FR_REDUCE_APPEND, two);
    assert_int_equal(json_object_array_length(again), 3);
    json_object_put(again);
    json_object_put(handed);
    json_object_put(two);
    json_object_put(cell.value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_takes_the_last),
        cmocka_unit_test(extend_adds_lists_and_single_values),
        cmocka_unit_test(append_adds_each_as_one_item),
        cmocka_unit_test(merge_is_deep_and_the_later_value_wins),
        cmocka_unit_test(add_keeps_whole_numbers_whole),
        cmocka_unit_test(min_and_max_begin_with_nothing),
        cmocka_unit_test(union_keeps_each_value_once_in_order),
        cmocka_unit_test(what_a_reducer_does_not_take_is_named),
        cmocka_unit_test(a_value_that_was_handed_out_does_not_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
