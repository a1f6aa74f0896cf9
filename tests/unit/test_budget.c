/* Budgets: what still starts, over the fake executor and clock; what a plan is expected to cost; and what is wrong with
 * a budget in a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "plans.h"

#define PLAY(yaml, ...) play(yaml, (struct act[]){__VA_ARGS__, {0}}, (struct stage_options){0})
#define PLAY_WITH(workers_, yaml, ...)                                                             \
    play(yaml, (struct act[]){__VA_ARGS__, {0}}, (struct stage_options){.workers = (workers_)})

/* Fails unless these jobs were started, the run ended with this code and cost that much. */
static void assert_run(struct played p, const char *jobs, int code, int64_t cost)
{
    assert_string_equal(p.jobs, jobs);
    assert_int_equal(fr_run_exit_code(p.run), code);
    assert_int_equal(p.run->cost, cost);
    played_free(&p);
}

#define THREE                                                                                      \
    "mode: graph\nsteps: [{id: a, run: x, cost: 0.05}, {id: b, run: x, cost: 0.05}, "              \
    "{id: c, run: x, cost: 0.05}]\n"

static void the_step_that_would_pass_it_does_not_start(void **state)
{
    (void)state;
    for (int workers = 1; workers <= 8; workers *= 2) {
        struct played p = PLAY_WITH(workers, "budget: {cost: 0.1}\n" THREE, {.id = "a", .ms = 30});
        assert_string_equal(status_of(&p, "b"), "succeeded");
        assert_string_equal(status_of(&p, "c"), "cancelled");
        assert_string_equal(message_of(&p, "c"), "the budget of $0.10 would be passed: $0.10 spent "
                                                 "or reserved, 'c' costs $0.05");
        assert_int_equal(p.run->outcome, FR_RUN_OVER_BUDGET);
        assert_run(p, "a#1 b#1", 5, 100000);
    }
}

static void reaching_it_exactly_is_fine(void **state)
{
    (void)state;
    assert_run(PLAY("budget: {cost: 0.15}\n" THREE, {0}), "a#1 b#1 c#1", 0, 150000);
    assert_run(PLAY("budget: {cost: 0.149999}\n" THREE, {0}), "a#1 b#1", 5, 100000);
    assert_run(PLAY("budget: {cost: 0}\nsteps: [{id: a, run: x}]\n", {0}), "a#1", 0, 0);
    assert_run(PLAY("budget: {cost: 0}\nsteps: [{id: a, run: x, cost: 0.000001}]\n", {0}), "", 5,
               0);
}

static void running_steps_end_by_themselves_and_finally_always_starts(void **state)
{
    struct played p = PLAY("budget: {cost: 0.1}\nmode: graph\n"
                           "steps: [{id: a, run: x, cost: 0.1}, {id: b, run: x, cost: 0.1}, "
                           "{id: free, depends_on: [a], run: x}]\n"
                           "finally: [{id: f, run: x, cost: 3}]\n",
                           {.id = "a", .ms = 500});
    (void)state;
    assert_string_equal(status_of(&p, "a"), "succeeded");
    assert_string_equal(status_of(&p, "free"), "cancelled");
    assert_string_equal(status_of(&p, "f"), "succeeded");
    assert_int_equal(p.ended_ms, 500);
    assert_run(p, "a#1 f#1", 5, 3100000);
}

static void each_attempt_counts(void **state)
{
    struct played p = PLAY("budget: {cost: 0.2}\ndefaults: {retries: 5, retry_delay: 1s}\n"
                           "steps: [{id: a, run: x, cost: 0.1}]\n",
                           {.id = "a", .exit_code = 1});
    (void)state;
    assert_string_equal(status_of(&p, "a"), "cancelled");
    assert_run(p, "a#1 a#2", 5, 200000);
}

static void a_fallback_counts(void **state)
{
    struct played p = PLAY("budget: {cost: 0.1}\nsteps:\n"
                           "  - {id: a, run: x, cost: 0.1, fallback: {id: f, run: x, cost: 0.1}}\n",
                           {.id = "a", .exit_code = 1});
    (void)state;
    assert_string_equal(status_of(&p, "a"), "failed");
    assert_string_equal(status_of(&p, "f"), "cancelled");
    assert_run(p, "a#1", 5, 100000);
}

static void a_race_reserves_for_all_that_run(void **state)
{
    (void)state;
    assert_run(PLAY_WITH(8,
                         "budget: {cost: 0.2}\nsteps:\n  - id: r\n    type: race\n    steps:\n"
                         "      - {id: a, run: x, cost: 0.1}\n      - {id: b, run: x, cost: 0.1}\n"
                         "      - {id: c, run: x, cost: 0.1}\n",
                         {.id = "a", .ms = 10}, {.id = "b", .ms = 50}),
               "a#1 b#1", 5, 100000);
    /* What was reserved for the loser is free again, and it has cost nothing. */
    assert_run(PLAY_WITH(8,
                         "budget: {cost: 0.2}\nsteps:\n  - id: r\n    type: race\n    steps:\n"
                         "      - {id: a, run: x, cost: 0.1}\n      - {id: b, run: x, cost: 0.1}\n"
                         "  - {id: next, run: x, cost: 0.1}\n",
                         {.id = "a", .ms = 10}, {.id = "b", .ms = 50}),
               "a#1 b#1 next#1", 0, 200000);
}

static void a_group_with_fail_fast_gives_its_reserve_back(void **state)
{
    (void)state;
    assert_run(PLAY_WITH(8,
                         "budget: {cost: 0.2}\non_failure: continue\nmode: graph\nsteps:\n"
                         "  - id: g\n    type: parallel\n    fail_fast: true\n"
                         "    continue_on_error: true\n    steps:\n"
                         "      - {id: a, run: x, cost: 0.1}\n      - {id: b, run: x, cost: 0.1}\n"
                         "  - {id: next, depends_on: [g], run: x, cost: 0.1}\n",
                         {.id = "a", .exit_code = 1, .ms = 10}, {.id = "b", .ms = 50}),
               "a#1 b#1 next#1", 0, 200000);
}

static void a_signal_of_time_goes_before_and_a_failure_behind(void **state)
{
    (void)state;
    assert_run(PLAY("budget: {cost: 0.1}\ntimeout: 1s\nmode: graph\n"
                    "steps: [{id: a, run: x, cost: 0.1}, {id: b, run: x, cost: 0.1}]\n",
                    {.id = "a", .ms = 5000}),
               "a#1", 124, 100000);
    assert_run(PLAY("budget: {cost: 0.1}\nmode: graph\n"
                    "steps: [{id: a, run: x, cost: 0.1}, {id: b, run: x, cost: 0.1}]\n",
                    {.id = "a", .exit_code = 1, .ms = 10}),
               "a#1", 5, 100000);
}

static void a_transform_has_a_price_as_well(void **state)
{
    struct played p = PLAY("budget: {cost: 0.1}\nsteps:\n"
                           "  - {id: a, type: transform, expr: .input, cost: 0.1}\n"
                           "  - {id: b, type: transform, expr: .input, cost: 0.1}\n",
                           {0});
    (void)state;
    assert_string_equal(status_of(&p, "a"), "succeeded");
    assert_string_equal(status_of(&p, "b"), "cancelled");
    assert_run(p, "", 5, 100000);
}

static void what_waits_for_its_time_is_cancelled(void **state)
{
    struct played p = PLAY("budget: {cost: 0.1}\nmode: graph\nsteps:\n"
                           "  - {id: pause, type: wait, duration: 1h}\n"
                           "  - {id: a, run: x, cost: 0.1}\n"
                           "  - {id: b, depends_on: [a], run: x, cost: 0.1}\n",
                           {.id = "a", .ms = 10});
    (void)state;
    assert_string_equal(status_of(&p, "pause"), "cancelled");
    assert_int_equal(p.ended_ms, 10);
    assert_run(p, "a#1", 5, 100000);
}

static void mistakes_in_budgets_are_errors(void **state)
{
    static const struct {
        const char *budget, *problem;
    } cases[] = {
        {"5", "1:9 error[wrong-type] budget: must be a mapping with the keys of a budget, not "
              "'5'\n"},
        {"{}", "1:9 error[missing-key] the budget limits nothing\n"},
        {"{cost: -1}", "1:16 error[bad-number] cost: must be a number of at least 0 with up to 6 "
                       "decimals, not '-1'\n"},
        {"{cost: 1x}", "1:16 error[bad-number] cost: must be a number of at least 0 with up to 6 "
                       "decimals, not '1x'\n"},
        {"{cost: 1, warn: 1.000001}",
         "1:25 error[bad-value] the budget would never warn: `warn` is 1.000001 USD, but nothing "
         "starts that passes 1.00 USD\n"},
        {"{cots: 1}", "1:10 error[unknown-key] the budget has no key 'cots'\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char yaml[200];
        snprintf(yaml, sizeof(yaml), "budget: %s\nsteps: [{run: x}]\n", cases[i].budget);
        assert_problems(yaml, cases[i].problem);
    }
    assert_help("budget: 5\nsteps: [{run: x}]\n", "wrong-type", "write budget: {cost: 5}");
}

/* Fails unless this is what the check of the budget says; "" = nothing. */
static void assert_warning(const char *yaml, const char *expected)
{
    struct fr_plan *plan = plan_of(yaml);
    struct fr_diags diags;
    fr_diags_init(&diags);
    fr_plan_check_budget(plan, &diags);
    assert_string_equal(diags.count ? diags.items[0].message : "", expected);
    fr_diags_release(&diags);
    fr_plan_free(plan);
}

static void a_plan_tells_what_will_not_start(void **state)
{
    (void)state;
    assert_warning("budget: {cost: 0.15}\n" THREE, "");
    assert_warning("budget: {cost: 0.1}\n" THREE,
                   "all steps together cost 0.15 USD, more than the budget of 0.10 USD: step 'c' "
                   "would not start");
    assert_warning("budget: {cost: 1, warn: 0.1}\n" THREE,
                   "all steps together cost 0.15 USD, more than the 0.10 USD that the budget warns "
                   "of");
    assert_warning("budget: {cost: 0.1}\nsteps: [{id: a, run: x, cost: 0.2}, "
                   "{id: b, run: x, cost: .result.exit_code}]\n",
                   "all steps together cost at least 0.20 USD, more than the budget of 0.10 USD: "
                   "step 'a' would not start");
    assert_warning("budget: {cost: 0.1}\nsteps: [{run: x}]\nfinally: [{run: x, cost: 0.2}]\n",
                   "all steps together cost 0.20 USD, more than the budget of 0.10 USD: only steps "
                   "of `finally` pass it, which always start");
    /* What is not enabled and what only a failure starts is not counted. */
    assert_warning("budget: {cost: 0.1}\nsteps: [{run: x, cost: 0.1, fallback: {run: x, cost: 1}}, "
                   "{run: x, cost: 1, enabled: false}, "
                   "{type: parallel, enabled: false, steps: [{run: x, cost: 1}]}]\n",
                   "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_step_that_would_pass_it_does_not_start),
        cmocka_unit_test(reaching_it_exactly_is_fine),
        cmocka_unit_test(running_steps_end_by_themselves_and_finally_always_starts),
        cmocka_unit_test(each_attempt_counts),
        cmocka_unit_test(a_fallback_counts),
        cmocka_unit_test(a_race_reserves_for_all_that_run),
        cmocka_unit_test(a_group_with_fail_fast_gives_its_reserve_back),
        cmocka_unit_test(a_signal_of_time_goes_before_and_a_failure_behind),
        cmocka_unit_test(a_transform_has_a_price_as_well),
        cmocka_unit_test(what_waits_for_its_time_is_cancelled),
        cmocka_unit_test(mistakes_in_budgets_are_errors),
        cmocka_unit_test(a_plan_tells_what_will_not_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
