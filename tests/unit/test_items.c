/* The cursor over the items of a batch: of objects, of text, in portions, and what is no list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "items.h"

/* A list as text that nobody has parsed, or as an object. */
static struct fr_value *value_of(const char *text, bool parsed)
{
    struct json_object *object = NULL;
    if (!parsed)
        return fr_value_json_text(strdup(text), strlen(text));
    assert_true(fr_json_parse(text, strlen(text), &object, NULL, 0));
    return fr_value_json(object);
}

/* All items, "|" behind each, taken as values or as JSON. */
static const char *walk(const char *text, bool parsed, uint32_t batch_size, bool json)
{
    static char out[1024];
    struct fr_value *value = value_of(text, parsed);
    struct items items;
    struct fr_buf buf, why;
    fr_buf_init(&buf, 0);
    fr_buf_init(&why, 0);
    if (!items_init(&items, value, batch_size, &why)) {
        fr_buf_printf(&buf, "no list but %s", fr_buf_cstr(&why));
    } else {
        for (uint32_t i = 0; i < items.count; i++) {
            struct fr_value *one = json ? NULL : items_next(&items);
            if (json)
                items_next_json(&items, &buf);
            else
                fr_value_add_json(one, &buf);
            fr_value_unref(one);
            fr_buf_char(&buf, '|');
        }
        items_release(&items);
    }
    assert_true(buf.len < sizeof(out));
    memcpy(out, fr_buf_cstr(&buf), buf.len + 1);
    fr_buf_release(&buf);
    fr_buf_release(&why);
    fr_value_unref(value);
    return out;
}

/* The same whichever way they are taken. */
static void expect(const char *text, uint32_t batch_size, const char *items)
{
    for (int way = 0; way < 4; way++)
        assert_string_equal(walk(text, way & 1, batch_size, way & 2), items);
}

static void items_come_one_by_one(void **state)
{
    (void)state;
    expect("[]", 1, "");
    expect(" [ ] ", 1, "");
    expect("[1]", 1, "1|");
    expect("[1,2,3]", 1, "1|2|3|");
    expect("[1.50,-0,12345678901234567890,true,false,null]", 1,
           "1.50|-0|12345678901234567890|true|false|null|");
    expect("[[],{},[[1]],{\"a\":[{}]}]", 1, "[]|{}|[[1]]|{\"a\":[{}]}|");
    expect("[\"\",\"]\",\"\\\\\",\"\\\"],[\",\"{\"]", 1, "\"\"|\"]\"|\"\\\\\"|\"\\\"],[\"|\"{\"|");
}

static void blanks_between_them_do_no_harm(void **state)
{
    (void)state;
    assert_string_equal(walk("\n[ 1 ,\t\"a b\" ,\r\n null\n]\n", false, 1, false),
                        "1|\"a b\"|null|");
}

static void several_make_a_list(void **state)
{
    (void)state;
    expect("[1,2,3,4,5]", 2, "[1,2]|[3,4]|[5]|");
    expect("[1,2]", 10, "[1,2]|");
    expect("[]", 10, "");
    expect("[[1],\"]\"]", 2, "[[1],\"]\"]|");
}

static void bytes_that_are_no_text_are_replaced_for_jq(void **state)
{
    (void)state;
    assert_string_equal(walk("[\"a\xff\",1]", false, 1, true), "\"a\xef\xbf\xbd\"|1|");
}

static void turns_are_passed_over(void **state)
{
    struct items items;
    struct fr_buf why;
    (void)state;
    for (int parsed = 0; parsed < 2; parsed++) {
        struct fr_value *value = value_of("[1,[2],\"3\",4,5]", parsed);
        fr_buf_init(&why, 0);
        assert_true(items_init(&items, value, 2, &why));
        assert_int_equal(items.count, 3);
        items_skip(&items, 2);
        struct fr_value *one = items_next(&items);
        assert_string_equal(json_object_to_json_string_ext(fr_value_object(one, NULL), 0), "[5]");
        fr_value_unref(one);
        items_release(&items);
        fr_value_unref(value);
    }
}

static void what_is_no_list_is_named(void **state)
{
    (void)state;
    assert_string_equal(walk("{\"a\":1}", true, 1, false), "no list but an object");
    assert_string_equal(walk("{\"a\":1}", false, 1, false), "no list but an object");
    assert_string_equal(walk("\"[1]\"", true, 1, false), "no list but text");
    assert_string_equal(walk("7", true, 1, false), "no list but a number");
    assert_string_equal(walk("true", true, 1, false), "no list but true or false");
    assert_string_equal(walk("null", true, 1, false), "no list but null");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_one_by_one),
        cmocka_unit_test(blanks_between_them_do_no_harm),
        cmocka_unit_test(several_make_a_list),
        cmocka_unit_test(bytes_that_are_no_text_are_replaced_for_jq),
        cmocka_unit_test(turns_are_passed_over),
        cmocka_unit_test(what_is_no_list_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
