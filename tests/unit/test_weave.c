/* The order of two streams. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flowrun/base/weave.h"

/* A list from "o3 e2 o1"; owned. */
static char *list_of(const char *pieces, size_t *len)
{
    struct fr_weave weave = {0};
    for (; *pieces; pieces++)
        if (*pieces == 'o' || *pieces == 'e')
            fr_weave_add(&weave, *pieces == 'o' ? 1 : 2, strtoul(pieces + 1, NULL, 10));
    char *list = fr_weave_take(&weave, len);
    fr_weave_release(&weave);
    return list;
}

static void assert_list(const char *list, size_t len, const char *expected)
{
    struct fr_weave_reader reader;
    struct fr_buf text;
    uint64_t piece;
    int fd;
    fr_buf_init(&text, 0);
    fr_weave_read(&reader, list, len);
    while (fr_weave_next(&reader, &fd, &piece))
        fr_buf_printf(&text, "%s%c%llu", text.len ? " " : "", fd == 1 ? 'o' : 'e',
                      (unsigned long long)piece);
    assert_string_equal(fr_buf_cstr(&text), expected);
    fr_buf_release(&text);
}

static void pieces_come_back_as_they_were_added(void **state)
{
    size_t len;
    (void)state;
    char *list = list_of("o3 o4 e1 o0 e9 o200 e20000 o5000000000", &len);
    assert_list(list, len, "o7 e10 o200 e20000 o5000000000");
    assert_int_equal(len, 1 + 1 + 2 + 3 + 5);
    free(list);
}

static void one_stream_alone_needs_no_list(void **state)
{
    size_t len = 1;
    (void)state;
    assert_null(list_of("o3 o900", &len));
    assert_int_equal(len, 0);
    assert_null(list_of("", &len));
    assert_null(list_of("e1", &len));
}

static void what_is_missing_at_the_beginning_is_skipped(void **state)
{
    size_t len, rest;
    (void)state;
    char *list = list_of("o3 e2 o5 e4", &len);
    char *end = fr_weave_skip(list, len, 4, 2, &rest);
    assert_list(end, rest, "o4 e4");
    free(end);
    assert_null(fr_weave_skip(list, len, 8, 1, &rest));
    assert_null(fr_weave_skip(NULL, 0, 1, 1, &rest));
    end = fr_weave_skip(list, len, 0, 0, &rest);
    assert_list(end, rest, "o3 e2 o5 e4");
    free(end);
    free(list);
}

static void what_is_no_list_ends_the_reading(void **state)
{
    (void)state;
    assert_list("\x06\x80", 2, "o3");
    assert_list("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12, "");
    assert_list("", 0, "");
}

static void a_long_list_forgets_the_order_of_its_older_half(void **state)
{
    struct fr_weave weave = {0};
    struct fr_weave_reader reader;
    uint64_t piece, sums[2] = {0, 0}, last = 0;
    int fd, before = 0;
    size_t len;
    (void)state;
    for (int i = 0; i < 1000000; i++)
        fr_weave_add(&weave, 1 + i % 2, 7);
    char *list = fr_weave_take(&weave, &len);
    assert_true(len < 200000);
    fr_weave_read(&reader, list, len);
    while (fr_weave_next(&reader, &fd, &piece)) {
        assert_int_not_equal(fd, before);
        before = fd;
        sums[fd - 1] += piece;
        last = piece;
    }
    assert_int_equal(sums[0], 3500000);
    assert_int_equal(sums[1], 3500000);
    assert_int_equal(last, 7);
    free(list);
}

static void a_masked_text_has_a_list_of_its_own(void **state)
{
    static const char out[] = "a hunter2 b\n", err[] = "e\nhunter2\n";
    const char *const text[2] = {out, err};
    const size_t text_len[2] = {sizeof out - 1, sizeof err - 1};
    struct fr_buf masked[2];
    struct fr_mask *mask = fr_mask_new();
    size_t len, rest;

    (void)state;
    assert_true(fr_mask_add(mask, "hunter2"));
    fr_buf_init(&masked[0], 0);
    fr_buf_init(&masked[1], 0);
    /* The first secret is written in two pieces: it stands where it was complete. */
    char *list = list_of("o5 e2 o7 e8", &len);
    char *own = fr_weave_mask(mask, list, len, text, text_len, masked, &rest);
    assert_string_equal(fr_buf_cstr(&masked[0]), "a *** b\n");
    assert_string_equal(fr_buf_cstr(&masked[1]), "e\n***\n");
    assert_list(own, rest, "o2 e2 o6 e4");
    free(own);
    free(list);
    fr_buf_release(&masked[0]);
    fr_buf_release(&masked[1]);
    fr_mask_free(mask);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_come_back_as_they_were_added),
        cmocka_unit_test(one_stream_alone_needs_no_list),
        cmocka_unit_test(what_is_missing_at_the_beginning_is_skipped),
        cmocka_unit_test(what_is_no_list_ends_the_reading),
        cmocka_unit_test(a_long_list_forgets_the_order_of_its_older_half),
        cmocka_unit_test(a_masked_text_has_a_list_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
