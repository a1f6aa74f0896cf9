/* The merge strategies over branches made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "merge.h"

/* A branch that succeeded with this output. */
static struct merge_item good(const char *id, const char *json)
{
    struct merge_item item = {.id = id, .status = FR_SUCCEEDED};
    assert_true(fr_json_parse(json, strlen(json), &item.output, NULL, 0));
    return item;
}

static struct merge_item bad(const char *id, enum fr_status status)
{
    return (struct merge_item){.id = id, .status = status, .code = "c", .message = "m"};
}

static struct merge_item rated(const char *id, const char *json, double quality)
{
    struct merge_item item = good(id, json);
    item.has_quality = true;
    item.quality = quality;
    return item;
}

/* Merges and compares; an expected text that is no JSON is the message of an error. Frees the outputs. */
static void merges(struct fr_group group, struct merge_item *items, uint32_t count,
                   const char *expected)
{
    struct json_object *out = NULL;
    struct fr_buf text;
    fr_buf_init(&text, 0);
    if (merge_outputs(&group, items, count, &out, &text) == FR_OK)
        fr_json_write(out, &text);
    assert_string_equal(fr_buf_cstr(&text), expected);
    json_object_put(out);
    for (uint32_t i = 0; i < count; i++)
        json_object_put(items[i].output);
    fr_buf_release(&text);
}

#define MERGES(group, expected, ...)                                                               \
    merges((struct fr_group)group, (struct merge_item[]){__VA_ARGS__},                             \
           sizeof((struct merge_item[]){__VA_ARGS__}) / sizeof(struct merge_item), expected)
#define COLLECT                                                                                    \
    {                                                                                              \
        .merge = FR_MERGE_COLLECT_ALL, .combine = FR_NO_STEP                                       \
    }
#define BEST                                                                                       \
    {                                                                                              \
        .merge = FR_MERGE_BEST_QUALITY, .combine = FR_NO_STEP                                      \
    }
#define COMBINE                                                                                    \
    {                                                                                              \
        .merge = FR_MERGE_COMBINE, .combine = FR_NO_STEP                                           \
    }

static void collect_all_lists_outputs_and_errors(void **state)
{
    struct merge_item items[] = {rated("a", "1", 0.5), bad("b", FR_TIMED_OUT), bad("c", FR_SKIPPED),
                                 good("d", "null"), bad("e", FR_CANCELLED)};
    (void)state;
    items[0].cost = 50000;
    items[4].code = NULL;
    merges((struct fr_group)COLLECT, items, 5,
           "{\"outputs\":[{\"id\":\"a\",\"output\":1,\"cost\":0.05,\"quality\":0.5},"
           "{\"id\":\"d\",\"output\":null,\"cost\":0,\"quality\":null}],"
           "\"errors\":[{\"id\":\"b\",\"status\":\"timed_out\",\"error\":{\"code\":\"c\","
           "\"message\":\"m\"}},{\"id\":\"e\",\"status\":\"cancelled\",\"error\":null}]}");
}

static void best_quality_takes_the_first_of_equals(void **state)
{
    (void)state;
    MERGES(BEST, "\"b\"", rated("a", "\"a\"", 1), rated("b", "\"b\"", 3), rated("c", "\"c\"", 3));
    MERGES(BEST, "\"a\"", rated("a", "\"a\"", -2), bad("b", FR_FAILED), rated("c", "\"c\"", -3));
}

static void best_quality_names_a_branch_without_a_number(void **state)
{
    (void)state;
    MERGES(BEST,
           "branch 'b' has no quality that is a number; give it `quality`, let it write "
           "{\"quality\": 0.9} to $FLOWRUN_COMMAND, or add `rank` to what merges it",
           rated("a", "1", 1), good("b", "2"));
}

static void text_is_joined(void **state)
{
    struct fr_group comma = COMBINE;
    struct merge_item items[] = {good("a", "\"x\""), bad("b", FR_FAILED), good("c", "\"y\"")};
    (void)state;
    comma.separator = ", ";
    merges(comma, items, 3, "\"x, y\"");
    MERGES(COMBINE, "\"x\\n\\ny\"", good("a", "\"x\""), good("b", "\"\""), good("c", "\"y\""));
}

static void lists_are_concatenated(void **state)
{
    (void)state;
    MERGES(COMBINE, "[1,[2],3]", good("a", "[1,[2]]"), good("b", "[]"), good("c", "[3]"));
}

static void what_yielded_nothing_does_not_count(void **state)
{
    (void)state;
    MERGES(COMBINE, "[1]", good("a", "null"), good("b", "[1]"));
    MERGES(COMBINE, "null", good("a", "null"));
}

static void objects_are_merged_deeply(void **state)
{
    (void)state;
    MERGES(COMBINE, "{\"a\":{\"x\":1,\"y\":2},\"b\":3}", good("a", "{\"a\":{\"x\":1}}"),
           good("b", "{\"a\":{\"y\":2},\"b\":3}"));
    MERGES(COMBINE, "{\"a\":[1]}", good("a", "{\"a\":[1]}"), good("b", "{\"a\":[1]}"));
}

static void a_conflict_is_an_error_unless_a_side_is_chosen(void **state)
{
    struct fr_group first = COMBINE, last = COMBINE;
    struct merge_item one[] = {good("a", "{\"k\":{\"x\":1}}"), good("b", "{\"k\":{\"x\":2}}")};
    struct merge_item two[] = {good("a", "{\"k\":{\"x\":1}}"), good("b", "{\"k\":{\"x\":2}}")};
    (void)state;
    MERGES(COMBINE,
           "branch 'b' has another value for the key 'x' than a branch before it; choose with "
           "`on_conflict: first` or `last`",
           good("a", "{\"k\":{\"x\":1}}"), good("b", "{\"k\":{\"x\":2}}"));
    first.on_conflict = FR_CONFLICT_FIRST;
    last.on_conflict = FR_CONFLICT_LAST;
    merges(first, one, 2, "{\"k\":{\"x\":1}}");
    merges(last, two, 2, "{\"k\":{\"x\":2}}");
}

static void merging_leaves_the_branches_outputs_alone(void **state)
{
    struct fr_group group = COMBINE;
    struct merge_item items[] = {good("a", "{\"k\":{\"x\":1}}"), good("b", "{\"k\":{\"y\":2}}")};
    struct json_object *out = NULL;
    struct fr_buf why;
    (void)state;
    fr_buf_init(&why, 0);
    assert_int_equal(merge_outputs(&group, items, 2, &out, &why), FR_OK);
    fr_json_write(items[0].output, &why);
    assert_string_equal(fr_buf_cstr(&why), "{\"k\":{\"x\":1}}");
    json_object_put(out);
    json_object_put(items[0].output);
    json_object_put(items[1].output);
    fr_buf_release(&why);
}

static void different_types_cannot_be_combined(void **state)
{
    (void)state;
    MERGES(COMBINE,
           "combine_outputs cannot make one of text from 'a' and a list from 'b'; use "
           "`merge_strategy: custom`",
           good("a", "\"t\""), good("b", "[]"));
    MERGES(COMBINE,
           "combine_outputs cannot combine a number or boolean from 'a'; use `merge_strategy: "
           "custom`",
           good("a", "1"), good("b", "2"));
}

static void a_combine_step_gets_paths(void **state)
{
    struct fr_group group = {.merge = FR_MERGE_COMBINE, .combine = 7};
    struct merge_item items[] = {
        good("a",
             "{\"path\":\"/o/a.txt\",\"media_type\":\"text/plain\",\"size\":1,\"sha256\":\"00\"}"),
        bad("b", FR_FAILED), good("c", "\"text\"")};
    (void)state;
    merges(group, items, 3, "[\"/o/a.txt\",\"text\"]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collect_all_lists_outputs_and_errors),
        cmocka_unit_test(best_quality_takes_the_first_of_equals),
        cmocka_unit_test(best_quality_names_a_branch_without_a_number),
        cmocka_unit_test(text_is_joined),
        cmocka_unit_test(lists_are_concatenated),
        cmocka_unit_test(what_yielded_nothing_does_not_count),
        cmocka_unit_test(objects_are_merged_deeply),
        cmocka_unit_test(a_conflict_is_an_error_unless_a_side_is_chosen),
        cmocka_unit_test(merging_leaves_the_branches_outputs_alone),
        cmocka_unit_test(different_types_cannot_be_combined),
        cmocka_unit_test(a_combine_step_gets_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
