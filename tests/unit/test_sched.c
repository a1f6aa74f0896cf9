/* The scheduler's rules, as given / does / expect: a plan, steps that are ended by hand,
 * and the moves that follow. No process, no time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flowrun/base/buf.h"
#include "plans.h"
#include "play.h"

#define CHAIN_OF_TWO "steps: [{id: a, run: x}, {id: b, run: x}]\n"
#define CHAIN_OF_THREE "steps: [{id: a, run: x}, {id: b, run: x}, {id: c, run: x}]\n"

static void a_chain_runs_one_after_the_other(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, CHAIN_OF_THREE, 4);
    EXPECT(&p, "start:a");
    EXPECT(&p, "");
    play_ends(&p, "a", SCHED_OK);
    EXPECT(&p, "start:b");
    play_ends(&p, "b", SCHED_OK);
    EXPECT(&p, "start:c");
    assert_false(sched_steps_done(&p.sched));
    play_ends(&p, "c", SCHED_OK);
    EXPECT(&p, "");
    assert_true(sched_steps_done(&p.sched));
    play_over(&p);
}

static void a_failure_blocks_all_that_follows(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, CHAIN_OF_THREE, 4);
    EXPECT(&p, "start:a");
    play_ends(&p, "a", SCHED_BAD);
    EXPECT(&p, "block:b block:c");
    assert_true(sched_steps_done(&p.sched));
    play_over(&p);
}

static void a_tolerated_failure_blocks_nobody(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, CHAIN_OF_TWO, 4);
    EXPECT(&p, "start:a");
    play_ends(&p, "a", SCHED_TOLERATED);
    EXPECT(&p, "start:b");
    play_over(&p);
}

static void what_depends_on_a_cancelled_step_is_cancelled(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, CHAIN_OF_TWO, 4);
    EXPECT(&p, "start:a");
    play_ends(&p, "a", SCHED_STOPPED);
    EXPECT(&p, "cancel:b");
    play_over(&p);
}

static void workers_bound_what_runs(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, "mode: graph\nsteps: [{id: a, run: x}, {id: b, run: x}, {id: c, run: x}]\n", 2);
    EXPECT(&p, "start:a start:b");
    play_ends(&p, "b", SCHED_OK);
    EXPECT(&p, "start:c");
    play_over(&p);
}

static void the_longest_path_goes_first(void **state)
{
    struct play p;
    (void)state;
    play_given(
        &p,
        "mode: graph\n"
        "steps: [{id: short, run: x}, {id: long, run: x}, {id: end, run: x, depends_on: [long]}]\n",
        1);
    EXPECT(&p, "start:long");
    play_over(&p);
}

static void what_took_seconds_before_goes_first(void **state)
{
    const int64_t second = 1000000000, nanoseconds[] = {0, 900000000, 7 * second, 7 * second};
    const int64_t huge[] = {INT64_MAX, INT64_MAX, 0, INT64_MAX};
    struct play p;
    (void)state;
    p.plan =
        plan_of("mode: graph\nsteps: [{id: a, run: x}, {id: b, run: x}, {id: c, run: x}, {id: d,"
                " run: x, depends_on: [a]}]\n");
    sched_init_expecting(&p.sched, p.plan, 1, nanoseconds);
    assert_string_equal(play_moves(&p), "start:a"); /* 7 s behind it, and itself */
    play_ends(&p, "a", SCHED_OK);
    assert_string_equal(play_moves(&p), "start:c");
    play_ends(&p, "c", SCHED_OK);
    assert_string_equal(play_moves(&p), "start:d");
    play_ends(&p, "d", SCHED_OK);
    assert_string_equal(play_moves(&p), "start:b"); /* less than a second is noise */
    sched_release(&p.sched);
    sched_init_expecting(&p.sched, p.plan, 3, huge);
    assert_string_equal(play_moves(&p), "start:a start:b start:c");
    play_over(&p);
}

static void short_steps_add_up_to_what_they_take_together(void **state)
{
    const int64_t second = 1000000000, tenth = second / 10;
    const int64_t nanoseconds[] = {4 * tenth, 4 * tenth, 4 * tenth, 2 * second, 13 * tenth};
    struct play p;
    (void)state;
    p.plan = plan_of(
        "mode: graph\nsteps: [{id: a1, run: x}, {id: a2, run: x, depends_on: [a1]}, {id: a3,"
        " run: x, depends_on: [a2]}, {id: long, run: x}, {id: b, run: x}]\n");
    sched_init_expecting(&p.sched, p.plan, 1, nanoseconds);
    assert_string_equal(play_moves(&p), "start:long");
    play_ends(&p, "long", SCHED_OK);
    /* 1.2 s and 1.3 s are equal: the one with more steps behind it goes first. */
    assert_string_equal(play_moves(&p), "start:a1");
    play_ends(&p, "a1", SCHED_OK);
    assert_string_equal(play_moves(&p), "start:b");
    play_over(&p);
}

static void a_path_goes_on_behind_the_group(void **state)
{
    struct play p;
    (void)state;
    play_given(&p,
               "mode: graph\n"
               "steps:\n"
               "  - {id: two, run: x}\n"
               "  - {id: after_two, run: x, depends_on: [two]}\n"
               "  - {id: g, type: parallel_group, steps: [{id: in, run: x}]}\n"
               "  - {id: after_g, run: x, depends_on: [g]}\n"
               "  - {id: last, run: x, depends_on: [after_g]}\n",
               1);
    EXPECT(&p, "start:g start:in");
    play_over(&p);
}

static void priority_goes_before_length(void **state)
{
    struct play p;
    (void)state;
    play_given(&p,
               "mode: graph\n"
               "steps: [{id: a, run: x}, {id: b, run: x, priority: 2}, {id: c, run: x, depends_on: "
               "[a]}]\n",
               1);
    EXPECT(&p, "start:b");
    play_over(&p);
}

static void a_diamond_waits_for_both_sides(void **state)
{
    struct play p;
    (void)state;
    play_given(&p,
               "mode: graph\n"
               "steps:\n"
               "  - {id: a, run: x}\n"
               "  - {id: b, run: x, depends_on: [a]}\n"
               "  - {id: c, run: x, depends_on: [a]}\n"
               "  - {id: d, run: x, depends_on: [b, c]}\n",
               4);
    EXPECT(&p, "start:a");
    play_ends(&p, "a", SCHED_OK);
    EXPECT(&p, "start:b start:c");
    play_ends(&p, "c", SCHED_OK);
    EXPECT(&p, "");
    play_ends(&p, "b", SCHED_OK);
    EXPECT(&p, "start:d");
    play_over(&p);
}

/* One step that depends on two others, by a rule; what happens when these ended so. */
static void rule_case(const char *rule, enum sched_outcome a, enum sched_outcome b,
                      const char *expected)
{
    struct play p;
    char yaml[256];
    snprintf(yaml, sizeof(yaml),
             "mode: graph\nsteps: [{id: a, run: x}, {id: b, run: x}, "
             "{id: c, run: x, depends_on: [a, b], trigger_rule: %s}]\n",
             rule);
    play_given(&p, yaml, 4);
    EXPECT(&p, "start:a start:b");
    play_ends(&p, "a", a);
    EXPECT(&p, "");
    play_ends(&p, "b", b);
    EXPECT(&p, expected);
    play_over(&p);
}

static void rules_decide_what_runs(void **state)
{
    (void)state;
    rule_case("all_success", SCHED_OK, SCHED_OK, "start:c");
    rule_case("all_success", SCHED_OK, SCHED_SKIPPED, "start:c");
    rule_case("all_success", SCHED_SKIPPED, SCHED_SKIPPED, "start:c");
    rule_case("all_success", SCHED_OK, SCHED_BAD, "block:c");
    rule_case("all_success", SCHED_STOPPED, SCHED_BAD, "block:c");
    rule_case("all_success", SCHED_STOPPED, SCHED_OK, "cancel:c");
    rule_case("all_done", SCHED_BAD, SCHED_STOPPED, "start:c");
    rule_case("any_success", SCHED_BAD, SCHED_OK, "start:c");
    rule_case("any_success", SCHED_BAD, SCHED_TOLERATED, "start:c");
    rule_case("any_success", SCHED_BAD, SCHED_SKIPPED, "block:c");
    rule_case("any_success", SCHED_SKIPPED, SCHED_SKIPPED, "skip:c");
    rule_case("any_failed", SCHED_OK, SCHED_BAD, "start:c");
    rule_case("any_failed", SCHED_OK, SCHED_TOLERATED, "start:c");
    rule_case("any_failed", SCHED_OK, SCHED_OK, "skip:c");
    rule_case("any_failed", SCHED_OK, SCHED_STOPPED, "skip:c");
}

static void a_disabled_step_is_skipped_when_it_would_start(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, "steps: [{id: a, run: x}, {id: b, run: x, enabled: false}, {id: c, run: x}]\n",
               4);
    EXPECT(&p, "start:a");
    play_ends(&p, "a", SCHED_OK);
    EXPECT(&p, "skip:b start:c");
    play_over(&p);
}

static void a_disabled_step_hands_a_failure_on(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, "steps: [{id: a, run: x}, {id: b, run: x, enabled: false}, {id: c, run: x}]\n",
               4);
    EXPECT(&p, "start:a");
    play_ends(&p, "a", SCHED_BAD);
    EXPECT(&p, "block:b block:c");
    play_over(&p);
}

static const char group_of_three[] =
    "steps:\n"
    "  - id: g\n"
    "    type: parallel_group\n"
    "    max_workers: 2\n"
    "    steps: [{id: a, run: x}, {id: b, run: x}, {id: c, run: x}]\n"
    "  - {id: z, run: x}\n";

static void a_group_has_its_own_bound(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, group_of_three, 8);
    EXPECT(&p, "start:g start:a start:b");
    play_ends(&p, "a", SCHED_OK);
    EXPECT(&p, "start:c");
    play_ends(&p, "b", SCHED_BAD);
    EXPECT(&p, "");
    play_ends(&p, "c", SCHED_OK);
    EXPECT(&p, "merge:g");
    play_ends(&p, "g", SCHED_OK);
    EXPECT(&p, "start:z");
    play_over(&p);
}

static void a_closed_group_starts_no_branch(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, group_of_three, 8);
    EXPECT(&p, "start:g start:a start:b");
    sched_close(&p.sched, step_of(p.plan, "g")->index);
    EXPECT(&p, "cancel:c");
    play_ends(&p, "a", SCHED_BAD);
    EXPECT(&p, "");
    play_ends(&p, "b", SCHED_STOPPED);
    EXPECT(&p, "merge:g");
    play_over(&p);
}

static void groups_hold_no_worker(void **state)
{
    struct play p;
    (void)state;
    play_given(&p,
               "steps:\n"
               "  - id: g\n"
               "    type: parallel_group\n"
               "    max_workers: 1\n"
               "    steps:\n"
               "      - id: h\n"
               "        type: parallel_group\n"
               "        max_workers: 1\n"
               "        steps: [{id: a, run: x}, {id: b, run: x}]\n"
               "      - {id: c, run: x}\n",
               1);
    EXPECT(&p, "start:g start:h start:a");
    play_ends(&p, "a", SCHED_OK);
    EXPECT(&p, "start:b");
    play_ends(&p, "b", SCHED_OK);
    EXPECT(&p, "merge:h");
    play_ends(&p, "h", SCHED_OK);
    EXPECT(&p, "start:c");
    play_ends(&p, "c", SCHED_OK);
    EXPECT(&p, "merge:g");
    play_over(&p);
}

static void a_chain_in_a_group_holds_one_slot(void **state)
{
    struct play p;
    (void)state;
    play_given(&p,
               "steps:\n"
               "  - id: g\n"
               "    type: parallel_group\n"
               "    max_workers: 1\n"
               "    steps:\n"
               "      - {id: k, steps: [{id: k1, run: x}, {id: k2, run: x}]}\n"
               "      - {id: c, run: x}\n",
               4);
    EXPECT(&p, "start:g start:k start:k1");
    play_ends(&p, "k1", SCHED_OK);
    EXPECT(&p, "start:k2");
    play_ends(&p, "k2", SCHED_OK);
    EXPECT(&p, "merge:k");
    play_ends(&p, "k", SCHED_OK);
    EXPECT(&p, "start:c");
    play_over(&p);
}

static void a_pause_gives_the_worker_back_but_not_the_slot(void **state)
{
    struct play p;
    (void)state;
    play_given(
        &p,
        "mode: graph\n"
        "steps:\n"
        "  - {id: g, type: parallel_group, max_workers: 1, steps: [{id: a, run: x}, {id: b, run: "
        "x}]}\n"
        "  - {id: z, run: x}\n",
        1);
    EXPECT(&p, "start:g start:a");
    sched_pause(&p.sched, step_of(p.plan, "a")->index);
    EXPECT(&p, "start:z");
    sched_return(&p.sched, step_of(p.plan, "a")->index);
    EXPECT(&p, "");
    play_ends(&p, "z", SCHED_OK);
    EXPECT(&p, "again:a");
    play_ends(&p, "a", SCHED_OK);
    EXPECT(&p, "start:b");
    play_over(&p);
}

static void draining_starts_only_what_the_failure_asks_for(void **state)
{
    struct play p;
    (void)state;
    play_given(&p,
               "mode: graph\n"
               "steps:\n"
               "  - {id: bad, run: x}\n"
               "  - {id: runs, run: x}\n"
               "  - {id: ready, run: x}\n"
               "  - {id: later, run: x, depends_on: [runs]}\n"
               "  - {id: clean, run: x, depends_on: [bad], trigger_rule: any_failed}\n"
               "  - {id: report, run: x, depends_on: [later], trigger_rule: all_done}\n",
               2);
    EXPECT(&p, "start:runs start:bad");
    play_ends(&p, "bad", SCHED_BAD);
    sched_stop(&p.sched, SCHED_DRAIN);
    EXPECT(&p, "cancel:ready start:clean");
    play_ends(&p, "runs", SCHED_OK);
    EXPECT(&p, "cancel:later start:report");
    play_over(&p);
}

static void draining_reaches_into_open_groups(void **state)
{
    struct play p;
    (void)state;
    play_given(&p,
               "mode: graph\n"
               "steps:\n"
               "  - {id: bad, run: x}\n"
               "  - id: g\n"
               "    type: parallel_group\n"
               "    max_workers: 1\n"
               "    steps: [{id: a, run: x}, {id: b, run: x}]\n",
               2);
    EXPECT(&p, "start:g start:bad start:a");
    play_ends(&p, "bad", SCHED_BAD);
    sched_stop(&p.sched, SCHED_DRAIN);
    EXPECT(&p, "cancel:b");
    play_ends(&p, "a", SCHED_OK);
    EXPECT(&p, "merge:g");
    play_over(&p);
}

static void fallbacks_run_while_the_run_drains(void **state)
{
    struct play p;
    (void)state;
    play_given(&p,
               "mode: graph\n"
               "steps:\n"
               "  - id: a\n"
               "    run: x\n"
               "    fallback: {id: f, type: parallel_group, steps: [{id: f1, run: x}]}\n"
               "  - {id: b, run: x}\n",
               2);
    EXPECT(&p, "start:a start:b");
    sched_stop(&p.sched, SCHED_DRAIN);
    sched_pause(&p.sched, step_of(p.plan, "a")->index);
    sched_extra(&p.sched, step_of(p.plan, "f")->index);
    EXPECT(&p, "start:f start:f1");
    play_over(&p);
}

static void after_a_signal_only_finally_starts(void **state)
{
    struct play p;
    (void)state;
    play_given(&p,
               "steps: [{id: a, run: x}, {id: b, run: x, trigger_rule: all_done}]\n"
               "finally:\n"
               "  - {id: y, run: x}\n"
               "  - {id: z, type: parallel_group, steps: [{id: z1, run: x}]}\n",
               2);
    EXPECT(&p, "start:a");
    sched_stop(&p.sched, SCHED_FINALLY);
    play_ends(&p, "a", SCHED_STOPPED);
    EXPECT(&p, "cancel:b");
    assert_true(sched_steps_done(&p.sched));
    assert_false(sched_finally_done(&p.sched));
    sched_open_finally(&p.sched);
    EXPECT(&p, "start:y");
    play_ends(&p, "y", SCHED_BAD);
    EXPECT(&p, "start:z start:z1");
    play_ends(&p, "z1", SCHED_OK);
    EXPECT(&p, "merge:z");
    play_ends(&p, "z", SCHED_OK);
    assert_true(sched_finally_done(&p.sched));
    play_over(&p);
}

static void at_once_means_that_nothing_starts(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, "steps: [{id: a, run: x}]\nfinally: [{id: z, run: x}]\n", 2);
    EXPECT(&p, "start:a");
    sched_stop(&p.sched, SCHED_NOTHING);
    play_ends(&p, "a", SCHED_STOPPED);
    sched_open_finally(&p.sched);
    EXPECT(&p, "cancel:z");
    assert_true(sched_finally_done(&p.sched));
    play_over(&p);
}

static void an_extra_step_that_stands_ready_can_be_dropped(void **state)
{
    struct play p;
    (void)state;
    play_given(&p,
               "mode: graph\n"
               "steps:\n"
               "  - {id: a, run: x, fallback: {id: f, run: x}}\n"
               "  - {id: b, run: x}\n",
               1);
    EXPECT(&p, "start:a");
    sched_pause(&p.sched, step_of(p.plan, "a")->index);
    EXPECT(&p, "start:b");
    sched_extra(&p.sched, step_of(p.plan, "f")->index);
    EXPECT(&p, "");
    sched_drop(&p.sched, step_of(p.plan, "f")->index);
    EXPECT(&p, "cancel:f");
    play_over(&p);
}

/* Runs a graph of layers to its end; how many places the scheduler touched. */
static uint64_t work_of(unsigned layers, unsigned width)
{
    struct fr_buf yaml;
    struct sched_move move;
    struct play p;
    fr_buf_init(&yaml, 0);
    fr_buf_str(&yaml, "mode: graph\nsteps:\n");
    for (unsigned l = 0; l < layers; l++)
        for (unsigned i = 0; i < width; i++) {
            fr_buf_printf(&yaml, "  - {id: s%u_%u, run: x", l, i);
            if (l)
                fr_buf_printf(&yaml, ", depends_on: [s%u_%u, s%u_%u]", l - 1, i, l - 1,
                              (i + 1) % width);
            fr_buf_str(&yaml, "}\n");
        }
    play_given(&p, fr_buf_cstr(&yaml), 8);
    fr_buf_release(&yaml);
    uint32_t ended = 0;
    while (sched_next(&p.sched, &move)) {
        sched_ended(&p.sched, move.step, SCHED_OK);
        ended++;
    }
    assert_int_equal(ended, layers * width);
    assert_true(sched_steps_done(&p.sched));
    uint64_t work = p.sched.work;
    play_over(&p);
    return work;
}

static void the_cost_of_a_step_does_not_grow_with_their_number(void **state)
{
    (void)state;
    uint64_t small = work_of(50, 10), large = work_of(200, 10);
    assert_true(large < small * 9 / 2);
}

static void many_ready_steps_cost_the_logarithm_of_their_number(void **state)
{
    (void)state;
    uint64_t small = work_of(1, 500), large = work_of(1, 2000);
    assert_true(large < small * 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_runs_one_after_the_other),
        cmocka_unit_test(a_failure_blocks_all_that_follows),
        cmocka_unit_test(a_tolerated_failure_blocks_nobody),
        cmocka_unit_test(what_depends_on_a_cancelled_step_is_cancelled),
        cmocka_unit_test(workers_bound_what_runs),
        cmocka_unit_test(the_longest_path_goes_first),
        cmocka_unit_test(what_took_seconds_before_goes_first),
        cmocka_unit_test(short_steps_add_up_to_what_they_take_together),
        cmocka_unit_test(a_path_goes_on_behind_the_group),
        cmocka_unit_test(priority_goes_before_length),
        cmocka_unit_test(a_diamond_waits_for_both_sides),
        cmocka_unit_test(rules_decide_what_runs),
        cmocka_unit_test(a_disabled_step_is_skipped_when_it_would_start),
        cmocka_unit_test(a_disabled_step_hands_a_failure_on),
        cmocka_unit_test(a_group_has_its_own_bound),
        cmocka_unit_test(a_closed_group_starts_no_branch),
        cmocka_unit_test(groups_hold_no_worker),
        cmocka_unit_test(a_chain_in_a_group_holds_one_slot),
        cmocka_unit_test(a_pause_gives_the_worker_back_but_not_the_slot),
        cmocka_unit_test(draining_starts_only_what_the_failure_asks_for),
        cmocka_unit_test(draining_reaches_into_open_groups),
        cmocka_unit_test(fallbacks_run_while_the_run_drains),
        cmocka_unit_test(after_a_signal_only_finally_starts),
        cmocka_unit_test(at_once_means_that_nothing_starts),
        cmocka_unit_test(an_extra_step_that_stands_ready_can_be_dropped),
        cmocka_unit_test(the_cost_of_a_step_does_not_grow_with_their_number),
        cmocka_unit_test(many_ready_steps_cost_the_logarithm_of_their_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
