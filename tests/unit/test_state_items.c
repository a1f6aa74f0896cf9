/* The updates of the items of a batch: whatever they are and whoever ended first, they come to the same for every
 * reducer as the updates themselves, applied in order of items. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "state_core.h"

enum { MANY = 97 };

/* One update of a reducer: of each kind that it takes, with what text has trouble with. */
static struct json_object *update_of(enum fr_reducer reducer, unsigned i)
{
    static const char *const numbers[] = {
        "1",   "9223372036854775807", "0.1", "-0",  "1e20", "18446744073709551615",
        "2.0", "9007199254740993",    "-7",  "0.30"};
    static const char *const lists[] = {"[1, [2]]", "[]", "\"a\"", "[1.0, 1]", "{\"a\": [null]}"};
    static const char *const objects[] = {"{\"a\": {\"b\": 1}}", "{\"a\": {\"c\": 1.50}}", "{}",
                                          "{\"a\": 2}", "{\"z\": \"\\u0000\"}"};
    static const char *const texts[] = {"null", "\"x\"", "[1]", "true", "1.10"};
    struct json_object *value = NULL;
    const char *text = texts[i % 5];
    if (reducer == FR_REDUCE_ADD || reducer == FR_REDUCE_MIN || reducer == FR_REDUCE_MAX) {
        if (i % 11 == 10)
            return json_object_new_double(i % 2 ? 1e17 : 5.0); /* would be read as whole numbers */
        text = numbers[i % 10];
    } else if (reducer == FR_REDUCE_MERGE) {
        text = objects[i % 5];
    } else if (reducer != FR_REDUCE_SET) {
        text = lists[i % 5];
    }
    if (reducer != FR_REDUCE_MERGE && i % 13 == 12)
        return json_object_new_string_len("\xff", 1);
    assert_true(fr_json_parse(text, strlen(text), &value, NULL, 0));
    return value;
}

/* Exactly what a value is: the type of each number, the bytes of each string. */
static void describe(struct json_object *value, struct fr_buf *out)
{
    fr_buf_printf(out, "%d:", (int)json_object_get_type(value));
    if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
            describe(json_object_array_get_idx(value, i), out);
    } else if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, key, member)
        {
            fr_buf_str(out, key);
            describe(member, out);
        }
    } else if (json_object_is_type(value, json_type_string)) {
        fr_json_write_bytes(json_object_get_string(value),
                            (size_t)json_object_get_string_len(value), out);
    } else {
        fr_json_write(value, out);
    }
    fr_buf_char(out, ';');
}

/* Whether the reducer takes the value. */
static bool takes(enum fr_reducer reducer, const struct json_object *value)
{
    return !fr_reducer_refuses(reducer, value, false);
}

static void every_reducer_comes_to_the_same(void **state)
{
    (void)state;
    for (int reducer = 0; reducer < FR_REDUCE__COUNT; reducer++) {
        const struct fr_state_key key = {.name = "k", .reducer = reducer};
        struct reduce_cell plain = {.value = reduce_initial(&key)};
        struct reduce_cell kept = {.value = reduce_initial(&key)};
        struct state_turns turns = {0};
        struct json_object *list = NULL;
        struct fr_buf a, b;
        uint32_t at = 0;
        for (unsigned i = 0; i < MANY; i++) {
            struct json_object *value = update_of(reducer, i);
            if (takes(reducer, value))
                reduce(&plain, reducer, value);
            json_object_put(value);
        }
        for (unsigned i = 0; i < MANY; i++) { /* they end in another order */
            unsigned number = i * 31 % MANY;
            struct json_object *value = update_of(reducer, number);
            struct json_object *updates = json_object_new_array(), *one = json_object_new_object();
            if (!takes(reducer, value)) {
                json_object_put(value);
                json_object_put(one);
                json_object_put(updates);
                continue;
            }
            json_object_object_add(one, "k", value);
            json_object_array_add(updates, one);
            state_items_add(&turns.items, number, updates);
        }
        assert_false(state_items_seen(turns.items));
        assert_null(state_next_updates(&turns, &at));
        state_items_end(turns.items);
        assert_true(state_items_seen(turns.items));
        for (at = 0; (list = state_next_updates(&turns, &at)); json_object_put(list))
            reduce(&kept, reducer, json_object_object_get(json_object_array_get_idx(list, 0), "k"));
        fr_buf_init(&a, 0);
        fr_buf_init(&b, 0);
        describe(plain.value, &a);
        describe(kept.value, &b);
        assert_string_equal(fr_buf_cstr(&b), fr_buf_cstr(&a));
        fr_buf_release(&a);
        fr_buf_release(&b);
        state_items_free(turns.items);
        json_object_put(plain.value);
        json_object_put(kept.value);
    }
}

static void a_batch_without_updates_has_nothing_to_see(void **state)
{
    const struct state_turns turns = {0};
    uint32_t at = 0;
    (void)state;
    state_items_end(NULL);
    assert_false(state_items_seen(NULL));
    assert_null(state_next_updates(&turns, &at));
    state_items_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reducer_comes_to_the_same),
        cmocka_unit_test(a_batch_without_updates_has_nothing_to_see),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
