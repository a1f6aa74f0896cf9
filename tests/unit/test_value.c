/* Values: forms, sharing, files that go with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "flowrun/base/fd.h"
#include "flowrun/run/value.h"
#include "parse.h"
#include "value.h"

static struct fr_value *text(const char *bytes, size_t len)
{
    char *copy = malloc(len + 1);
    memcpy(copy, bytes, len);
    copy[len] = '\0';
    return fr_value_text(copy, len);
}

/* The text or JSON form; static storage. */
static const char *form(struct fr_value *value, bool json)
{
    static char out[256];
    struct fr_buf buf;
    fr_buf_init(&buf, 0);
    assert_int_equal(json ? fr_value_add_json(value, &buf) : fr_value_add_text(value, &buf), FR_OK);
    memcpy(out, fr_buf_cstr(&buf), buf.len + 1);
    fr_buf_release(&buf);
    return out;
}

static void text_keeps_its_bytes(void **state)
{
    struct fr_value *value = text("a\"\xff\0b", 5);
    struct fr_buf buf;
    (void)state;
    fr_buf_init(&buf, 0);
    assert_int_equal(fr_value_add_text(value, &buf), FR_OK);
    assert_int_equal(buf.len, 5);
    assert_memory_equal(buf.data, "a\"\xff\0b", 5);
    assert_string_equal(form(value, true), "\"a\\\"\xef\xbf\xbd\\u0000b\"");
    fr_buf_release(&buf);
    fr_value_unref(value);
}

static void null_and_empty_text_are_shared(void **state)
{
    struct fr_value *a = text("", 0), *b = text("", 0);
    (void)state;
    assert_ptr_equal(a, b);
    assert_ptr_equal(fr_value_json(NULL), fr_value_null());
    assert_string_equal(form(a, true), "\"\"");
    assert_string_equal(form(fr_value_null(), true), "null");
    assert_string_equal(form(fr_value_null(), false), "");
    fr_value_unref(a);
    fr_value_unref(b);
    assert_int_equal(fr_value_kind(a), FR_VALUE_TEXT);
}

static void json_keeps_its_digits(void **state)
{
    const char *json = "{\"n\":12345678901234567890123,\"i\":9007199254740993}";
    struct fr_value *value = fr_value_json_text(strdup(json), strlen(json));
    struct json_object *member;
    (void)state;
    assert_string_equal(form(value, true), json);
    assert_true(json_object_object_get_ex(fr_value_object(value, NULL), "i", &member));
    assert_true(json_object_get_int64(member) == 9007199254740993);
    fr_value_unref(value);
}

static void json_over_several_lines_becomes_one(void **state)
{
    struct fr_value *value = fr_value_json_text(strdup("[1,\n 2]"), 7);
    (void)state;
    assert_string_equal(form(value, true), "[1,2]");
    fr_value_unref(value);
}

/* A list in `levels` lists. */
static struct json_object *nested(unsigned levels)
{
    struct json_object *object = json_object_new_array();
    for (; levels; levels--) {
        struct json_object *outer = json_object_new_array();
        json_object_array_add(outer, object);
        object = outer;
    }
    return object;
}

static void packed_json_reads_back_and_looks_the_same(void **state)
{
    static const char *const texts[] = {
        "{\"a\":{\"b\":[9007199254740993,1.50,\"x\\ny\"]},\"c\":{}}", "[]", "\"t\"", "7",
        "{\"path\":\"/a\",\"media_type\":\"audio/mpeg\",\"size\":1,\"sha256\":\"0\"}"};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct json_object *object = NULL;
        assert_true(fr_json_parse(texts[i], strlen(texts[i]), &object, NULL, 0));
        struct fr_value *loose = fr_value_json(json_object_get(object));
        struct fr_value *packed = value_json_packed(json_object_get(object));
        char text_form[256];
        (void)snprintf(text_form, sizeof(text_form), "%s", form(loose, false));
        assert_string_equal(form(packed, false), text_form);
        assert_string_equal(form(packed, true), texts[i]);
        assert_true(fr_json_equal(fr_value_object(packed, NULL), object));
        assert_int_equal(fr_value_size(packed), fr_value_size(loose));
        fr_value_unref(loose);
        fr_value_unref(packed);
        json_object_put(object);
    }
    for (unsigned levels = FR_JSON_DEPTH - 3; levels < FR_JSON_DEPTH + 3; levels++) {
        struct fr_value *value = value_json_packed(nested(levels));
        enum fr_err err = FR_ERR_INTERNAL;
        assert_non_null(fr_value_object(value, &err));
        assert_int_equal(err, FR_OK);
        fr_value_unref(value);
    }
}

static void a_file_goes_with_its_value(void **state)
{
    char dir[] = "/tmp/flowrun-unit-XXXXXX";
    (void)state;
    assert_non_null(mkdtemp(dir));
    char *path = fr_path_join(dir, "out");
    char *copy = strdup(path);
    assert_int_equal(fr_write_file(path, "x\n\xc3", 3, 0600), 0);
    struct fr_value *value = fr_value_file(path, 3);
    assert_string_equal(fr_value_path(value), copy);
    assert_string_equal(form(value, false), "x\n\xc3");
    assert_string_equal(form(value, true), "\"x\\n\xef\xbf\xbd\"");
    fr_value_ref(value);
    fr_value_unref(value);
    assert_int_equal(access(copy, F_OK), 0);
    fr_value_unref(value);
    assert_int_not_equal(access(copy, F_OK), 0);
    free(copy);
    fr_remove_tree(dir);
}

static void a_large_file_is_written_piece_by_piece(void **state)
{
    char dir[] = "/tmp/flowrun-unit-XXXXXX";
    struct fr_buf big, back;
    struct json_object *object = NULL;
    (void)state;
    assert_non_null(mkdtemp(dir));
    fr_buf_init(&big, 0);
    fr_buf_init(&back, 0);
    fr_buf_char(&big, 'x'); /* so that characters of two bytes lie across the pieces' edges */
    for (int i = 0; i < 300000; i++)
        fr_buf_str(&big, "\xc3\xa9");
    char *in = fr_path_join(dir, "in"), *out = fr_path_join(dir, "out");
    assert_int_equal(fr_write_file(in, big.data, big.len, 0600), 0);
    struct fr_value *value = fr_value_file(in, big.len);
    int fd = fr_open(out, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(fr_value_write(value, true, fd), 0);
    fr_close(&fd);
    assert_int_equal(fr_read_file(out, &back), 0);
    assert_true(fr_json_parse(back.data, back.len, &object, NULL, 0));
    assert_int_equal((size_t)json_object_get_string_len(object), big.len);
    assert_memory_equal(json_object_get_string(object), big.data, big.len);
    json_object_put(object);
    fr_value_unref(value);
    fr_buf_release(&big);
    fr_buf_release(&back);
    free(out);
    fr_remove_tree(dir);
}

/* What stdout becomes, as JSON; "!" and the message when it is refused. */
static const char *parsed(enum fr_output how, const char *out)
{
    static char result[512];
    struct fr_report report = {.out = strdup(out), .out_len = strlen(out)};
    struct fr_buf why;
    fr_buf_init(&why, 0);
    struct fr_value *value = parse_output(how, &report, &why);
    if (value)
        strncpy(result, form(value, true), sizeof(result) - 1);
    else
        snprintf(result, sizeof(result), "!%s", fr_buf_cstr(&why));
    fr_value_unref(value);
    fr_buf_release(&why);
    free(report.out);
    return result;
}

static void stdout_becomes_what_output_says(void **state)
{
    (void)state;
    assert_string_equal(parsed(FR_OUTPUT_TEXT, "a\n\n"), "\"a\\n\"");
    assert_string_equal(parsed(FR_OUTPUT_TEXT, "\n"), "\"\"");
    assert_string_equal(parsed(FR_OUTPUT_TEXT, "a"), "\"a\"");
    assert_string_equal(parsed(FR_OUTPUT_JSON, " [1, 2]\n"), "[1,2]");
    assert_string_equal(parsed(FR_OUTPUT_JSON, "null"), "null");
    assert_string_equal(parsed(FR_OUTPUT_LINES, "a\n\nb"), "[\"a\",\"\",\"b\"]");
    assert_string_equal(parsed(FR_OUTPUT_LINES, "a\n"), "[\"a\"]");
    assert_string_equal(parsed(FR_OUTPUT_LINES, ""), "[]");
    assert_string_equal(parsed(FR_OUTPUT_JSONL, "1\n\n{\"a\":2}\n"), "[1,{\"a\":2}]");
    assert_string_equal(parsed(FR_OUTPUT_JSONL, ""), "[]");
    assert_string_equal(parsed(FR_OUTPUT_NONE, "x"), "null");
}

static void stdout_that_is_no_json_is_refused_with_its_beginning(void **state)
{
    (void)state;
    assert_string_equal(parsed(FR_OUTPUT_JSON, " \n"), "!stdout is empty, but must be JSON");
    assert_non_null(strstr(parsed(FR_OUTPUT_JSON, "oops 1\nmore"), "it begins with \"oops 1…\""));
    assert_non_null(strstr(parsed(FR_OUTPUT_JSON, "1 2"), "!stdout is not JSON: "));
    assert_non_null(strstr(parsed(FR_OUTPUT_JSONL, "1\nno\n"), "!line 2 of stdout is not JSON: "));
}

static void media_types_follow_the_ending(void **state)
{
    (void)state;
    assert_string_equal(media_type("/a/b.MP3"), "audio/mpeg");
    assert_string_equal(media_type("/a.png/b"), "application/octet-stream");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_keeps_its_bytes),
        cmocka_unit_test(null_and_empty_text_are_shared),
        cmocka_unit_test(json_keeps_its_digits),
        cmocka_unit_test(json_over_several_lines_becomes_one),
        cmocka_unit_test(packed_json_reads_back_and_looks_the_same),
        cmocka_unit_test(a_file_goes_with_its_value),
        cmocka_unit_test(a_large_file_is_written_piece_by_piece),
        cmocka_unit_test(stdout_becomes_what_output_says),
        cmocka_unit_test(stdout_that_is_no_json_is_refused_with_its_beginning),
        cmocka_unit_test(media_types_follow_the_ending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
