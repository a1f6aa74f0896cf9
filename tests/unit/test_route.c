/* Routers: the edges they make in a plan, the choices that are mistakes, and what the
 * scheduler makes of a choice, as given / does / expect. No process, no time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plans.h"
#include "play.h"

/* ---- plans ---- */

static void targets_depend_on_their_router_without_saying_so(void **state)
{
    struct fr_plan *plan =
        plan_of("mode: graph\n"
                "steps:\n"
                "  - {id: a, run: x}\n"
                "  - {id: r, type: route, routes: [{when: .input, goto: [b, c]}], default: [d]}\n"
                "  - {id: b, run: x}\n"
                "  - {id: c, run: x, depends_on: [a]}\n"
                "  - {id: d, run: x, depends_on: [r]}\n"
                "  - {id: e, run: x, depends_on: [b, c]}\n");
    const struct fr_route *route = step_of(plan, "r")->route;
    (void)state;

    assert_string_equal(ids_of(plan, route->targets), "b c d");
    assert_string_equal(ids_of(plan, route->ways[0].targets), "b c");
    assert_string_equal(ids_of(plan, route->otherwise->targets), "d");
    assert_string_equal(ids_of(plan, step_of(plan, "b")->deps), "r");
    assert_string_equal(ids_of(plan, step_of(plan, "c")->deps), "a r");
    assert_string_equal(ids_of(plan, step_of(plan, "d")->deps), "r");
    assert_string_equal(ids_of(plan, step_of(plan, "r")->dependents), "b c d");
    assert_true(step_of(plan, "b")->is_target);
    assert_false(step_of(plan, "e")->is_target);
    fr_plan_free(plan);
}

static void the_input_is_what_depends_on_names_else_the_routers(void **state)
{
    struct fr_plan *plan =
        plan_of("mode: graph\n"
                "steps:\n"
                "  - {id: a, run: x}\n"
                "  - {id: r, type: route, routes: [{when: .input, goto: [b, c, d]}]}\n"
                "  - {id: q, type: route, routes: [{when: .input, goto: [d]}]}\n"
                "  - {id: b, run: x}\n"
                "  - {id: c, run: x, depends_on: [a]}\n"
                "  - {id: d, run: x}\n");
    (void)state;

    assert_string_equal(ids_of(plan, step_of(plan, "b")->inputs), "r");
    assert_int_equal(step_of(plan, "b")->input_from, FR_INPUT_STEP);
    assert_string_equal(ids_of(plan, step_of(plan, "c")->inputs), "a");
    assert_int_equal(step_of(plan, "c")->input_from, FR_INPUT_STEP);
    assert_string_equal(ids_of(plan, step_of(plan, "d")->inputs), "r q");
    assert_int_equal(step_of(plan, "d")->input_from, FR_INPUT_STEPS);
    fr_plan_free(plan);
}

static void in_a_chain_the_step_before_gives_the_input(void **state)
{
    struct fr_plan *plan =
        plan_of("steps:\n"
                "  - {id: r, type: route, routes: [{when: .input, goto: [b, c]}]}\n"
                "  - {id: b, run: x}\n"
                "  - {id: c, run: x}\n"
                "  - {id: d, run: x}\n");
    (void)state;

    assert_string_equal(ids_of(plan, step_of(plan, "b")->deps), "r");
    assert_string_equal(ids_of(plan, step_of(plan, "c")->deps), "b r");
    assert_string_equal(ids_of(plan, step_of(plan, "c")->inputs), "b");
    assert_string_equal(ids_of(plan, step_of(plan, "d")->deps), "c");
    assert_true(step_of(plan, "c")->follows);
    fr_plan_free(plan);
}

static void wrong_targets_are_errors_with_a_place(void **state)
{
    (void)state;
    assert_problems(
        "mode: graph\n"
        "steps:\n"
        "  - {id: first, run: x}\n"
        "  - id: r\n"
        "    type: route\n"
        "    routes:\n"
        "      - {when: .input, goto: [first]}\n"
        "      - {when: .input, goto: [fist]}\n"
        "      - {when: .input, goto: [inner]}\n"
        "      - {when: .input, goto: [r]}\n"
        "    default: [last]\n"
        "  - {id: g, type: parallel, steps: [{id: inner, run: x}]}\n"
        "finally:\n"
        "  - {id: last, run: x}\n",
        "7:31 error[bad-target] router 'r' cannot choose step 'first', which stands "
        "before it\n"
        "8:31 error[unknown-step] router 'r' chooses step 'fist', which does not exist\n"
        "9:31 error[bad-target] router 'r' cannot choose step 'inner', which is in "
        "another group\n"
        "10:31 error[bad-target] router 'r' chooses itself\n"
        "11:15 error[bad-target] router 'r' cannot choose step 'last', which is in "
        "`finally`\n");
}

static void a_wrong_target_comes_with_its_mend(void **state)
{
    (void)state;
    assert_help("steps:\n"
                "  - {id: r, type: route, routes: [{when: .input, goto: [frist]}]}\n"
                "  - {id: first, run: x}\n",
                "unknown-step", "did you mean 'first'?");
    assert_help("steps:\n"
                "  - {id: r, type: route, routes: [{when: .input, goto: [inner]}]}\n"
                "  - {id: g, type: parallel, steps: [{id: inner, run: x}]}\n",
                "bad-target", "choose 'g', which holds it");
    assert_help("steps:\n"
                "  - {id: a, run: x}\n"
                "  - {id: r, type: route, routes: [{when: .input, goto: [a]}]}\n",
                "bad-target", "move it behind the router");
}

static void a_router_needs_routes_and_each_of_them_both_keys(void **state)
{
    (void)state;
    assert_problems("steps:\n  - {id: r, type: route}\n",
                    "2:19 error[missing-key] step 'r' is of type route, but has no `routes`\n");
    assert_problems("steps:\n"
                    "  - {id: r, type: route, routes: [{when: .input}, {goto: [a]}]}\n"
                    "  - {id: a, run: x}\n",
                    "2:35 error[missing-key] the route needs the key 'goto'\n"
                    "2:51 error[missing-key] the route needs the key 'when'\n");
}

static void a_router_stands_where_steps_can_follow(void **state)
{
    (void)state;
    assert_problems(
        "steps:\n"
        "  - {id: a, run: x, fallback: {type: route, routes: [{when: .input, goto: []}]}}\n"
        "  - id: r\n"
        "    type: race\n"
        "    steps: [{id: s, type: route, routes: [{when: .input, goto: [t]}]}, {id: t, run: x}]\n",
        "2:38 error[bad-target] router 'a_fallback' cannot be a callback, combine or "
        "fallback\n"
        "5:27 error[bad-target] router 's' cannot be a branch of a race\n");
}

static void a_condition_reads_only_what_has_ended(void **state)
{
    (void)state;
    assert_problems("mode: graph\n"
                    "steps:\n"
                    "  - {id: a, run: x}\n"
                    "  - {id: r, type: route, routes: [{when: .steps.a.output, goto: [b]}]}\n"
                    "  - {id: b, run: x}\n",
                    "4:42 error[unreachable-reference] `when` of step 'r' reads step 'a', which "
                    "may still be running then\n");
}

/* ---- the scheduler ---- */

/* A router ends well and has chosen one step, or none when `id` is NULL. */
static void chooses(struct play *p, const char *router, const char *id)
{
    uint32_t index = id ? step_of(p->plan, id)->index : 0;
    struct fr_indexes targets = {&index, id ? 1 : 0};

    sched_choose(&p->sched, &targets);
    play_ends(p, router, SCHED_OK);
}

#define ROUTE(id, targets)                                                                         \
    "  - {id: " id ", type: route, routes: [{when: .input, goto: [" targets "]}]}\n"

static const char fan[] =
    "mode: graph\nsteps:\n" ROUTE("r", "a, b, c") "  - {id: a, run: x}\n"
                                                  "  - {id: b, run: x}\n"
                                                  "  - {id: c, run: x}\n"
                                                  "  - {id: after_a, run: x, depends_on: [a]}\n"
                                                  "  - {id: join, run: x, depends_on: [a, b, c]}\n";

static void what_is_chosen_runs_and_the_join_once_behind_it(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, fan, 4);
    EXPECT(&p, "start:r");
    chooses(&p, "r", "b");
    EXPECT(&p, "pass:a pass:c pass:after_a start:b");
    play_ends(&p, "b", SCHED_OK);
    EXPECT(&p, "start:join");
    play_ends(&p, "join", SCHED_OK);
    assert_true(sched_steps_done(&p.sched));
    play_over(&p);
}

static void where_nothing_is_chosen_all_that_follows_is_not_taken(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, fan, 4);
    EXPECT(&p, "start:r");
    chooses(&p, "r", NULL);
    EXPECT(&p, "pass:a pass:b pass:c pass:after_a pass:join");
    assert_true(sched_steps_done(&p.sched));
    play_over(&p);
}

static void a_router_that_failed_blocks_its_targets(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, fan, 4);
    EXPECT(&p, "start:r");
    play_ends(&p, "r", SCHED_BAD);
    EXPECT(&p, "block:a block:b block:c block:after_a block:join");
    play_over(&p);
}

static void a_router_that_was_skipped_chose_nothing(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, fan, 4);
    EXPECT(&p, "start:r");
    play_ends(&p, "r", SCHED_SKIPPED);
    EXPECT(&p, "pass:a pass:b pass:c pass:after_a pass:join");
    play_over(&p);
}

static void a_failure_still_blocks_a_join_behind_untaken_steps(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, fan, 4);
    EXPECT(&p, "start:r");
    chooses(&p, "r", "a");
    EXPECT(&p, "pass:b pass:c start:a");
    play_ends(&p, "a", SCHED_BAD);
    EXPECT(&p, "block:after_a block:join");
    play_over(&p);
}

static void a_target_of_two_routers_waits_for_both_and_runs_if_either_chooses_it(void **state)
{
    const char *yaml =
        "mode: graph\nsteps:\n" ROUTE("r", "a, b") ROUTE("q", "b, c") "  - {id: a, run: x}\n"
                                                                      "  - {id: b, run: x}\n"
                                                                      "  - {id: c, run: x}\n";
    struct play p;
    (void)state;
    play_given(&p, yaml, 4);
    EXPECT(&p, "start:r start:q");
    chooses(&p, "r", "a");
    EXPECT(&p, "start:a");
    chooses(&p, "q", "b");
    EXPECT(&p, "pass:c start:b");
    play_over(&p);

    play_given(&p, yaml, 4);
    EXPECT(&p, "start:r start:q");
    chooses(&p, "q", "c");
    EXPECT(&p, "start:c");
    chooses(&p, "r", "a");
    EXPECT(&p, "pass:b start:a");
    play_over(&p);
}

static void a_router_that_is_not_taken_passes_that_on(void **state)
{
    struct play p;
    (void)state;
    play_given(&p,
               "mode: graph\nsteps:\n" ROUTE("r", "q, c")
                   ROUTE("q", "a, b") "  - {id: a, run: x}\n"
                                      "  - {id: b, run: x}\n"
                                      "  - {id: c, run: x}\n",
               4);
    EXPECT(&p, "start:r");
    chooses(&p, "r", "c");
    EXPECT(&p, "pass:q pass:a pass:b start:c");
    play_over(&p);
}

static void in_a_chain_untaken_steps_are_passed_over(void **state)
{
    struct play p;
    (void)state;
    play_given(&p,
               "steps:\n" ROUTE("r", "a, b") "  - {id: a, run: x}\n"
                                             "  - {id: b, run: x}\n"
                                             "  - {id: c, run: x}\n",
               4);
    EXPECT(&p, "start:r");
    chooses(&p, "r", "a");
    EXPECT(&p, "start:a");
    play_ends(&p, "a", SCHED_OK);
    EXPECT(&p, "pass:b start:c");
    play_over(&p);
}

static void any_success_is_not_met_by_the_router_itself(void **state)
{
    struct play p;
    (void)state;
    play_given(&p,
               "mode: graph\nsteps:\n"
               "  - {id: a, run: x}\n" ROUTE(
                   "r", "b") "  - {id: b, run: x, depends_on: [a], trigger_rule: any_success}\n",
               4);
    EXPECT(&p, "start:r start:a");
    chooses(&p, "r", "b");
    play_ends(&p, "a", SCHED_BAD);
    EXPECT(&p, "block:b");
    play_over(&p);
}

static void a_handler_of_failures_runs_when_the_router_failed(void **state)
{
    struct play p;
    (void)state;
    play_given(&p,
               "mode: graph\nsteps:\n" ROUTE(
                   "r", "a, b") "  - {id: a, run: x}\n"
                                "  - {id: b, run: x, trigger_rule: any_failed}\n",
               4);
    EXPECT(&p, "start:r");
    play_ends(&p, "r", SCHED_BAD);
    EXPECT(&p, "block:a start:b");
    play_over(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_depend_on_their_router_without_saying_so),
        cmocka_unit_test(the_input_is_what_depends_on_names_else_the_routers),
        cmocka_unit_test(in_a_chain_the_step_before_gives_the_input),
        cmocka_unit_test(wrong_targets_are_errors_with_a_place),
        cmocka_unit_test(a_wrong_target_comes_with_its_mend),
        cmocka_unit_test(a_router_needs_routes_and_each_of_them_both_keys),
        cmocka_unit_test(a_router_stands_where_steps_can_follow),
        cmocka_unit_test(a_condition_reads_only_what_has_ended),
        cmocka_unit_test(what_is_chosen_runs_and_the_join_once_behind_it),
        cmocka_unit_test(where_nothing_is_chosen_all_that_follows_is_not_taken),
        cmocka_unit_test(a_router_that_failed_blocks_its_targets),
        cmocka_unit_test(a_router_that_was_skipped_chose_nothing),
        cmocka_unit_test(a_failure_still_blocks_a_join_behind_untaken_steps),
        cmocka_unit_test(a_target_of_two_routers_waits_for_both_and_runs_if_either_chooses_it),
        cmocka_unit_test(a_router_that_is_not_taken_passes_that_on),
        cmocka_unit_test(in_a_chain_untaken_steps_are_passed_over),
        cmocka_unit_test(any_success_is_not_met_by_the_router_itself),
        cmocka_unit_test(a_handler_of_failures_runs_when_the_router_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
