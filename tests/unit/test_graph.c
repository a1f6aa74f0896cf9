/* Ids, places and edges of the steps of a plan, and what cannot be ordered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plans.h"

static void a_chain_depends_on_the_step_before(void **state)
{
    struct fr_plan *plan = plan_of("steps:\n"
                                   "  - {id: a, argv: [x]}\n"
                                   "  - {id: b, argv: [x]}\n"
                                   "  - {id: c, argv: [x], depends_on: [a]}\n"
                                   "  - {id: d, argv: [x], depends_on: []}\n"
                                   "  - {id: e, argv: [x], depends_on: [c, d, c]}\n");
    (void)state;

    assert_string_equal(ids_of(plan, plan->top), "a b c d e");
    assert_string_equal(ids_of(plan, step_of(plan, "a")->deps), "");
    assert_string_equal(ids_of(plan, step_of(plan, "b")->deps), "a");
    assert_string_equal(ids_of(plan, step_of(plan, "c")->deps), "a");
    assert_string_equal(ids_of(plan, step_of(plan, "d")->deps), "");
    assert_string_equal(ids_of(plan, step_of(plan, "e")->deps), "c d");
    assert_string_equal(ids_of(plan, step_of(plan, "a")->dependents), "b c");
    assert_string_equal(ids_of(plan, step_of(plan, "d")->dependents), "e");
    assert_int_equal(step_of(plan, "a")->input_from, FR_INPUT_RUN);
    assert_int_equal(step_of(plan, "b")->input_from, FR_INPUT_STEP);
    assert_int_equal(step_of(plan, "d")->input_from, FR_INPUT_RUN);
    assert_int_equal(step_of(plan, "e")->input_from, FR_INPUT_STEPS);
    fr_plan_free(plan);
}

static void layers_share_what_they_wait_for(void **state)
{
    struct fr_plan *plan = plan_of("mode: graph\n"
                                   "steps:\n"
                                   "  - {id: a, argv: [x]}\n"
                                   "  - {id: b, argv: [x]}\n"
                                   "  - {id: c, argv: [x], depends_on: &layer [a, b]}\n"
                                   "  - {id: d, argv: [x], depends_on: *layer}\n"
                                   "  - {id: e, argv: [x], depends_on: [a, b]}\n"
                                   "  - {id: f, argv: [x], depends_on: [c, d, e]}\n"
                                   "  - {id: g, argv: [x], depends_on: [b, f]}\n");
    (void)state;

    assert_string_equal(ids_of(plan, step_of(plan, "a")->dependents), "c d e");
    assert_string_equal(ids_of(plan, step_of(plan, "b")->dependents), "c d e g");
    assert_string_equal(ids_of(plan, step_of(plan, "d")->dependents), "f");
    assert_string_equal(ids_of(plan, step_of(plan, "g")->dependents), "");
    assert_string_equal(ids_of(plan, step_of(plan, "d")->deps), "a b");
    assert_ptr_equal(step_of(plan, "d")->deps.at, step_of(plan, "c")->deps.at);
    assert_ptr_equal(step_of(plan, "e")->deps.at, step_of(plan, "c")->deps.at);
    fr_plan_free(plan);
}

static void a_graph_depends_on_what_it_names(void **state)
{
    struct fr_plan *plan = plan_of("mode: graph\n"
                                   "steps:\n"
                                   "  - {id: last, argv: [x], depends_on: [one, two]}\n"
                                   "  - {id: one, argv: [x]}\n"
                                   "  - {id: two, argv: [x]}\n");
    (void)state;

    assert_true(plan->main->graph_mode);
    assert_string_equal(ids_of(plan, step_of(plan, "last")->deps), "one two");
    assert_string_equal(ids_of(plan, step_of(plan, "two")->deps), "");
    assert_int_equal(step_of(plan, "two")->input_from, FR_INPUT_RUN);
    fr_plan_free(plan);
}

static void what_a_step_holds_stands_behind_it(void **state)
{
    struct fr_plan *plan = plan_of("steps:\n"
                                   "  - id: g\n"
                                   "    type: parallel_group\n"
                                   "    merge_strategy: combine_outputs\n"
                                   "    steps:\n"
                                   "      - {id: a, argv: [x]}\n"
                                   "      - {id: b, argv: [x], depends_on: [a]}\n"
                                   "      - id: c\n"
                                   "        steps: [{argv: [x]}, {argv: [x]}]\n"
                                   "    combine: {argv: [x]}\n"
                                   "    callback: {argv: [x]}\n"
                                   "    fallback: {argv: [x]}\n"
                                   "finally:\n"
                                   "  - {argv: [x]}\n"
                                   "  - {argv: [x]}\n");
    const struct fr_step *g = step_of(plan, "g"), *c = step_of(plan, "c");
    (void)state;

    assert_int_equal(plan->step_count, 11);
    assert_int_equal(g->kind, FR_KIND_GROUP);
    assert_string_equal(ids_of(plan, g->group->branches), "a b c");
    assert_string_equal(ids_of(plan, step_of(plan, "b")->deps), "a");
    assert_int_equal(step_of(plan, "a")->input_from, FR_INPUT_PARENT);
    assert_int_equal(step_of(plan, "b")->input_from, FR_INPUT_STEP);
    assert_int_equal(step_of(plan, "b")->branch_no, 1);
    assert_int_equal(c->kind, FR_KIND_CHAIN);
    assert_string_equal(ids_of(plan, c->group->branches), "c_1 c_2");
    assert_int_equal(step_of(plan, "c_1")->role, FR_ROLE_CHAINED);
    assert_int_equal(step_of(plan, "c_1")->input_from, FR_INPUT_PARENT);
    assert_string_equal(ids_of(plan, step_of(plan, "c_2")->deps), "c_1");
    assert_ptr_equal(&plan->steps[g->group->combine], step_of(plan, "g_combine"));
    assert_ptr_equal(&plan->steps[g->group->callback], step_of(plan, "g_callback"));
    assert_ptr_equal(&plan->steps[g->fallback], step_of(plan, "g_fallback"));
    assert_int_equal(step_of(plan, "g_callback")->input_from, FR_INPUT_MERGED);
    assert_int_equal(step_of(plan, "g_fallback")->input_from, FR_INPUT_FAILED);
    assert_int_equal(step_of(plan, "g_fallback")->parent, g->index);
    assert_string_equal(ids_of(plan, plan->finally), "finally_1 finally_2");
    assert_int_equal(step_of(plan, "finally_2")->input_from, FR_INPUT_SO_FAR);
    assert_int_equal(step_of(plan, "finally_2")->rule, FR_RULE_ALL_DONE);
    assert_string_equal(ids_of(plan, step_of(plan, "finally_2")->deps), "finally_1");
    for (uint32_t i = 0; i < plan->step_count; i++) {
        assert_int_equal(plan->steps[i].index, i);
        if (plan->steps[i].parent != FR_NO_STEP)
            assert_true(plan->steps[i].parent < i);
    }
    fr_plan_free(plan);
}

static void ids_come_from_id_name_and_place(void **state)
{
    struct fr_plan *plan = plan_of("steps:\n"
                                   "  - {argv: [x]}\n"
                                   "  - {name: Build the App!, argv: [x]}\n"
                                   "  - {id: third, name: A title, argv: [x]}\n"
                                   "  - {name: 4th, argv: [x]}\n"
                                   "  - {id: step_6, argv: [x]}\n"
                                   "  - {argv: [x]}\n");
    (void)state;

    assert_string_equal(ids_of(plan, plan->top),
                        "step_1 build_the_app_ third _4th step_6 step_6_2");
    assert_string_equal(step_of(plan, "build_the_app_")->title, "Build the App!");
    assert_string_equal(step_of(plan, "third")->title, "A title");
    assert_null(step_of(plan, "step_1")->title);
    assert_null(fr_plan_find(plan, "nobody"));
    fr_plan_free(plan);
}

static void two_steps_of_one_id_name_both_places(void **state)
{
    (void)state;
    assert_problems(
        "steps:\n"
        "  - {id: fetch, argv: [x]}\n"
        "  - id: g\n"
        "    type: parallel\n"
        "    steps: [{id: fetch, argv: [x]}]\n",
        "5:18 error[duplicate-id] two steps have the id 'fetch'; the other is at t.yaml:2:10\n");
    assert_problems(
        "steps:\n"
        "  - {name: Do it, argv: [x]}\n"
        "  - {name: do it, argv: [x]}\n",
        "3:12 error[duplicate-id] two steps have the id 'do_it'; the other is at t.yaml:2:12\n");
}

static void a_dependency_that_does_not_exist_is_an_error(void **state)
{
    const char *yaml = "steps:\n"
                       "  - {id: fetch, argv: [x]}\n"
                       "  - {id: b, argv: [x], depends_on: [fetch, fecth]}\n";
    (void)state;

    assert_problems(yaml,
                    "3:44 error[unknown-step] step 'b' depends on 'fecth', which does not exist\n");
    assert_help(yaml, "unknown-step", "did you mean 'fetch'?");
}

/* Lists that are equal share their items: each is blamed where it stands. */
static void an_error_in_a_repeated_list_is_placed_at_that_list(void **state)
{
    (void)state;

    assert_problems("mode: graph\n"
                    "steps:\n"
                    "  - {id: a, argv: [x], depends_on: [c, c, c, c, c, c, d, nix]}\n"
                    "  - {id: b, argv: [x], depends_on: [c, c, c, c, c, c, d, nix]}\n"
                    "  - {id: c, argv: [x]}\n"
                    "  - {id: d, argv: [x]}\n",
                    "3:58 error[unknown-step] step 'a' depends on 'nix', which does not exist\n"
                    "4:36 error[unknown-step] step 'b' depends on 'nix', which does not exist\n");
}

static void a_cycle_is_printed_as_a_path(void **state)
{
    (void)state;
    assert_problems("mode: graph\n"
                    "steps:\n"
                    "  - {id: out, argv: [x], depends_on: [c]}\n"
                    "  - {id: a, argv: [x], depends_on: [free, b]}\n"
                    "  - {id: b, argv: [x], depends_on: [c]}\n"
                    "  - {id: c, argv: [x], depends_on: [a]}\n"
                    "  - {id: free, argv: [x]}\n",
                    "4:36 error[cycle] steps depend on each other in a circle: a -> b -> c -> a\n");
    assert_problems("steps:\n  - {id: a, argv: [x], depends_on: [a]}\n",
                    "2:36 error[cycle] steps depend on each other in a circle: a -> a\n");
}

static void each_cycle_is_reported_once(void **state)
{
    (void)state;
    assert_problems("mode: graph\n"
                    "steps:\n"
                    "  - {id: a, argv: [x], depends_on: [b]}\n"
                    "  - {id: b, argv: [x], depends_on: [a]}\n"
                    "  - id: g\n"
                    "    type: parallel_group\n"
                    "    steps:\n"
                    "      - {id: p, argv: [x], depends_on: [q]}\n"
                    "      - {id: q, argv: [x], depends_on: [p]}\n",
                    "3:36 error[cycle] steps depend on each other in a circle: a -> b -> a\n"
                    "8:40 error[cycle] steps depend on each other in a circle: p -> q -> p\n");
}

static void a_step_of_another_list_cannot_be_waited_for(void **state)
{
    const char *yaml = "mode: graph\n"
                       "steps:\n"
                       "  - {id: a, argv: [x], depends_on: [inner]}\n"
                       "  - {id: b, argv: [x], depends_on: [end]}\n"
                       "  - id: g\n"
                       "    type: parallel_group\n"
                       "    depends_on: [inner]\n"
                       "    steps:\n"
                       "      - {id: inner, argv: [x]}\n"
                       "      - {id: other, argv: [x], depends_on: [g]}\n"
                       "      - {id: third, argv: [x], depends_on: [b]}\n"
                       "finally:\n"
                       "  - {id: end, argv: [x], depends_on: [a]}\n";
    (void)state;

    assert_problems(yaml, "3:37 error[unreachable-step] step 'a' can never run: it depends on "
                          "'inner', which is inside 'g'\n"
                          "4:37 error[unreachable-step] step 'b' can never run: it depends on "
                          "'end', which runs in `finally`, after all "
                          "steps\n"
                          "7:18 error[unreachable-step] step 'g' can never run: it depends on "
                          "'inner', which is a part of it\n"
                          "10:45 error[unreachable-step] step 'other' can never run: it depends on "
                          "'g', which holds it and ends after "
                          "it\n"
                          "11:45 error[unreachable-step] step 'third' can never run: it depends on "
                          "'b', which is outside its group\n"
                          "13:39 error[unreachable-step] step 'end' can never run: it depends on "
                          "'a', which is no step of `finally`\n");
    assert_help("mode: graph\n"
                "steps:\n"
                "  - {id: a, argv: [x], depends_on: [inner]}\n"
                "  - {id: g, type: race, steps: [{id: inner, argv: [x]}]}\n",
                "unreachable-step", "depend on 'g' instead");
}

static void a_callback_has_its_place_from_its_group(void **state)
{
    (void)state;
    assert_problems("steps:\n"
                    "  - id: g\n"
                    "    type: parallel\n"
                    "    steps: [{id: a, argv: [x]}]\n"
                    "    callback: {id: c, argv: [x], depends_on: []}\n",
                    "5:34 error[unreachable-step] step 'c' cannot have `depends_on`: 'g' decides "
                    "when it runs\n");
}

static void steps_that_are_not_enabled_stay_in_the_plan(void **state)
{
    struct fr_plan *plan = plan_of(
        "steps: [{id: a, argv: [x]}, {id: b, argv: [x], enabled: false}, {id: c, argv: [x]}]");
    (void)state;

    assert_int_equal(plan->step_count, 3);
    assert_false(step_of(plan, "b")->enabled);
    assert_string_equal(ids_of(plan, step_of(plan, "c")->deps), "b");
    fr_plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_depends_on_the_step_before),
        cmocka_unit_test(layers_share_what_they_wait_for),
        cmocka_unit_test(a_graph_depends_on_what_it_names),
        cmocka_unit_test(what_a_step_holds_stands_behind_it),
        cmocka_unit_test(ids_come_from_id_name_and_place),
        cmocka_unit_test(two_steps_of_one_id_name_both_places),
        cmocka_unit_test(a_dependency_that_does_not_exist_is_an_error),
        cmocka_unit_test(an_error_in_a_repeated_list_is_placed_at_that_list),
        cmocka_unit_test(a_cycle_is_printed_as_a_path),
        cmocka_unit_test(each_cycle_is_reported_once),
        cmocka_unit_test(a_step_of_another_list_cannot_be_waited_for),
        cmocka_unit_test(a_callback_has_its_place_from_its_group),
        cmocka_unit_test(steps_that_are_not_enabled_stay_in_the_plan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
