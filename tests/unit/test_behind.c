/* What runs because a step has run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flowrun/plan/turns.h"
#include "plans.h"

/* The steps behind `id`, and itself, in order of declaration. */
static void assert_behind(const char *yaml, const char *id, const char *expected)
{
    struct fr_plan *plan = plan_of(yaml);
    bool *set = calloc(plan->step_count + 1U, sizeof *set);
    char text[400] = "";
    assert_non_null(set);
    fr_plan_behind(plan, step_of(plan, id), set);
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (set[i])
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", *text ? " " : "",
                     plan->steps[i].id);
    assert_string_equal(text, expected);
    free(set);
    fr_plan_free(plan);
}

/* What of `other` a name means: r = runs behind it, t = is touched by it. */
static void assert_turn(const struct fr_plan *plan, const char *name, const char *other,
                        const char *expected)
{
    struct fr_turn turn, one;
    char got[3];
    assert_true(fr_turn_find(plan, name, &turn));
    assert_true(fr_turn_find(plan, other, &one));
    struct fr_turn_behind *behind = fr_turn_behind_new(plan, &turn);
    (void)snprintf(got, sizeof got, "%s%s", fr_turn_is_behind(behind, &one) ? "r" : "",
                   fr_turn_touches(plan, &turn, &one) ? "t" : "");
    fr_turn_behind_free(behind);
    assert_string_equal(got, expected);
}

static void behind_a_turn_comes_the_rest_of_it(void **state)
{
    static const char yaml[] =
        "steps:\n"
        "- {id: b, type: batch_process, items: [1, 2], step: {steps: [{id: p, run: x}, {id: q, "
        "run: x},"
        " {id: i, type: loop, until: 'true', steps: [{id: v, run: x}, {id: w, run: x}]}, {id: e, "
        "run: x}]}}\n"
        "- {id: l, type: loop, until: 'true', steps: [{id: x, run: x}, {id: y, run: x}]}\n";
    struct fr_plan *plan = plan_of(yaml);
    struct fr_turn turn;
    (void)state;
    assert_turn(plan, "l[2].y", "l[2].y", "rt");
    assert_turn(plan, "l[2].y", "l[2].x", "");
    assert_turn(plan, "l[2].x", "l[2].y", "r");
    assert_turn(plan, "l[2].x", "l[3].x", "r");
    assert_turn(plan, "l[2].x", "l[1].y", "");
    assert_turn(plan, "l[2]", "l[2].x", "rt");
    assert_turn(plan, "l[2]", "l[1].x", "");
    assert_turn(plan, "l[2].x", "b[0].p", "");
    assert_turn(plan, "b[1]", "b[1].q", "rt");
    assert_turn(plan, "b[1].q", "b[1]", "t");
    assert_turn(plan, "b[1].q", "b[1].p", "");
    assert_turn(plan, "b[1].q", "b[0].q", "");
    assert_turn(plan, "b[1].q", "b[1].i[1].v", "r");
    assert_turn(plan, "b[1].i[2].w", "b[1].i[2].v", "");
    assert_turn(plan, "b[1].i[2].w", "b[1].i[3].v", "r");
    assert_turn(plan, "b[1].i[2].w", "b[1].i", "t");
    assert_turn(plan, "b[1].i[2].w", "b[1].e", "r");
    assert_turn(plan, "b[1].i[2].w", "b[1].q", "");
    assert_turn(plan, "b[1].i[2].w", "b[0].i[2].w", "");
    assert_turn(plan, "b[1].i[2]", "b[1].i[2].v", "rt");
    assert_false(fr_turn_find(plan, "b", &turn));
    assert_false(fr_turn_find(plan, "l", &turn));
    assert_false(fr_turn_find(plan, "l[x]", &turn));
    assert_false(fr_turn_find(plan, "l[1].z", &turn));
    assert_false(fr_turn_find(plan, "l[99999999999].x", &turn));
    assert_false(fr_turn_find(plan, "[1]", &turn));
    assert_false(fr_turn_find(plan, "", &turn));
    fr_plan_free(plan);
}

static void in_a_chain_all_that_follow(void **state)
{
    static const char yaml[] =
        "steps: [{id: a, run: x}, {id: b, run: x}, {id: c, run: x}]\nfinally: [{id: f, run: x}]\n";
    (void)state;
    assert_behind(yaml, "a", "a b c");
    assert_behind(yaml, "c", "c");
}

static void in_a_graph_what_depends_on_it(void **state)
{
    static const char yaml[] = "mode: graph\nsteps:\n"
                               "- {id: a, run: x}\n- {id: b, run: x}\n"
                               "- {id: c, run: x, depends_on: [a]}\n"
                               "- {id: d, run: x, depends_on: [c, b]}\n";
    (void)state;
    assert_behind(yaml, "a", "a c d");
    assert_behind(yaml, "b", "b d");
}

static void behind_a_branch_comes_what_the_group_does_with_it(void **state)
{
    static const char yaml[] = "steps:\n"
                               "- {id: before, run: x}\n"
                               "- id: g\n  type: parallel_group\n  steps:\n"
                               "  - {id: a, run: x}\n"
                               "  - {id: b, run: x}\n"
                               "  - {id: c, run: x, depends_on: [a]}\n"
                               "  callback: {id: done, run: x}\n"
                               "- {id: after, run: x, fallback: {id: instead, run: x}}\n";
    (void)state;
    assert_behind(yaml, "a", "a c done after instead");
    assert_behind(yaml, "g", "g a b c done after instead");
    assert_behind(yaml, "before", "before g a b c done after instead");
}

static void a_loop_turns_again(void **state)
{
    static const char yaml[] = "steps:\n- id: l\n  type: loop\n  until: 'true'\n  steps:\n"
                               "  - {id: a, run: x}\n  - {id: b, run: x}\n- {id: c, run: x}\n";
    (void)state;
    assert_behind(yaml, "b", "l a b c");
}

/* Steps that run are added one by one: what is behind any of them, with what happens to be inside. */
static void what_is_behind_several_is_found_bit_by_bit(void **state)
{
    static const char yaml[] = "mode: graph\nsteps:\n"
                               "- id: g\n  type: parallel_group\n  steps:\n"
                               "  - {id: a, run: x}\n"
                               "  - {id: b, run: x}\n"
                               "  callback: {id: done, run: x}\n"
                               "- {id: c, run: x, fallback: {id: instead, run: x}}\n"
                               "- {id: d, run: x, depends_on: [g]}\n"
                               "- {id: e, run: x, depends_on: [c, d]}\n";
    static const char *const ran[] = {"e", "c", "a", "b", "a", "g"};
    static const char *const expected[] = {"",
                                           "instead e",
                                           "done instead d e",
                                           "done instead d e",
                                           "done instead d e",
                                           "done instead d e"};
    struct fr_plan *plan = plan_of(yaml);
    struct fr_behind *behind = fr_behind_new(plan);
    (void)state;
    for (size_t i = 0; i < sizeof ran / sizeof *ran; i++) {
        char text[400] = "";
        fr_behind_add(behind, step_of(plan, ran[i]));
        for (uint32_t k = 0; k < plan->step_count; k++)
            if (fr_behind_has(behind, &plan->steps[k]))
                snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", *text ? " " : "",
                         plan->steps[k].id);
        assert_string_equal(text, expected[i]);
    }
    fr_behind_free(behind);
    fr_behind_free(NULL);
    fr_plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(behind_a_turn_comes_the_rest_of_it),
        cmocka_unit_test(in_a_chain_all_that_follow),
        cmocka_unit_test(in_a_graph_what_depends_on_it),
        cmocka_unit_test(behind_a_branch_comes_what_the_group_does_with_it),
        cmocka_unit_test(a_loop_turns_again),
        cmocka_unit_test(what_is_behind_several_is_found_bit_by_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
