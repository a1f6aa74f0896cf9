/* split_input, groups with `split: parts` and merge_results, over the fake executor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fake.h"
#include "plans.h"

#define PLAY(yaml, ...) play(yaml, (struct act[]){__VA_ARGS__, {0}}, (struct stage_options){0})
#define PLAY_QUIET(yaml) play(yaml, NULL, (struct stage_options){0})

static void parts_are_made_by_strategy(void **state)
{
    struct played p =
        PLAY_QUIET("mode: graph\ninput: [1, 2, 3]\nsteps:\n"
                   "  - {id: d, type: split_input, strategy: duplicate, parts: 2}\n"
                   "  - {id: r, type: split_input, strategy: round_robin, parts: 2}\n"
                   "  - {id: c, type: split_input, strategy: chunk, parts: 2}\n"
                   "  - {id: more, type: split_input, strategy: chunk, parts: 4}\n"
                   "  - {id: text, type: split_input, input: x, strategy: duplicate, parts: 2}\n");
    (void)state;
    assert_string_equal(output_of(&p, "d"), "[[1,2,3],[1,2,3]]");
    assert_string_equal(output_of(&p, "r"), "[[1,3],[2]]");
    assert_string_equal(output_of(&p, "c"), "[[1,2],[3]]");
    assert_string_equal(output_of(&p, "more"), "[[1],[2],[3],[]]");
    assert_string_equal(output_of(&p, "text"), "[\"x\",\"x\"]");
    played_free(&p);
}

static void what_is_no_list_cannot_be_dealt_out(void **state)
{
    struct played p = PLAY_QUIET("input: text\nsteps:\n"
                                 "  - {id: a, type: split_input, strategy: chunk, parts: 2}\n");
    (void)state;
    assert_string_equal(status_of(&p, "a"), "failed");
    assert_string_equal(message_of(&p, "a"), "t.yaml:3:5: step 'a' splits its input, but that is "
                                             "string, not a list");
    played_free(&p);
}

static void each_branch_gets_its_part_and_the_number_must_fit(void **state)
{
    const char *yaml = "steps: [{id: g, type: parallel, split: parts, steps: [{id: a, type: "
                       "transform, expr: .input}, {id: b, type: transform, expr: .input}]}]\n";
    struct played p = play(yaml, NULL, (struct stage_options){.input = "[7, null]"});
    (void)state;
    assert_string_equal(output_of(&p, "a"), "7");
    assert_string_equal(output_of(&p, "b"), "null");
    played_free(&p);
    p = play(yaml, NULL, (struct stage_options){.input = "[7]"});
    assert_string_equal(status_of(&p, "g"), "failed");
    assert_string_equal(message_of(&p, "g"), "t.yaml:1:9: group 'g' has 2 branches, but its input "
                                             "has 1 part; each branch gets one");
    played_free(&p);
}

static void merges_wait_for_what_they_merge_and_keep_the_order_written(void **state)
{
    struct played p =
        PLAY("mode: graph\nsteps:\n"
             "  - {id: g, type: parallel, steps: [{id: a, run: x}, {id: b, run: x}]}\n"
             "  - {id: c, run: x}\n"
             "  - {id: m, type: merge_results, from: [c, g], merge_strategy: "
             "combine_outputs, separator: \"\"}\n",
             {.id = "a", .ms = 30, .out = "a"}, {.id = "b", .ms = 10, .out = "b"},
             {.id = "c", .ms = 20, .out = "c"});
    (void)state;
    assert_string_equal(output_of(&p, "m"), "\"cab\"");
    assert_int_equal(p.ended_ms, 30);
    assert_string_equal(ids_of(p.plan, step_of(p.plan, "m")->deps), "c g");
    played_free(&p);
}

static void in_a_chain_from_replaces_the_step_before(void **state)
{
    struct fr_plan *plan = plan_of("steps: [{id: a, run: x}, {id: b, run: x}, {id: m, type: "
                                   "merge_results, from: [a], depends_on: [b]}]\n");
    (void)state;
    assert_string_equal(ids_of(plan, step_of(plan, "m")->deps), "a b");
    assert_string_equal(ids_of(plan, step_of(plan, "m")->merging->branches), "a");
    fr_plan_free(plan);
}

static void a_choice_among_failures_fails(void **state)
{
    struct played p = PLAY("steps:\n  - {id: a, run: x, continue_on_error: true}\n"
                           "  - {id: m, type: merge_results, from: [a], merge_strategy: "
                           "first_success}\n",
                           {.id = "a", .exit_code = 1});
    (void)state;
    assert_string_equal(status_of(&p, "m"), "failed");
    assert_string_equal(message_of(&p, "m"), "none of the 1 results to choose from is a success");
    played_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_made_by_strategy),
        cmocka_unit_test(what_is_no_list_cannot_be_dealt_out),
        cmocka_unit_test(each_branch_gets_its_part_and_the_number_must_fit),
        cmocka_unit_test(merges_wait_for_what_they_merge_and_keep_the_order_written),
        cmocka_unit_test(in_a_chain_from_replaces_the_step_before),
        cmocka_unit_test(a_choice_among_failures_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
