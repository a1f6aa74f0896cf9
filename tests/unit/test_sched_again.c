/* Steps that run again, as given / does / expect: groups whose branches are slots, chains whose steps are the turns of a
 * loop. No process, no time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plans.h"
#include "play.h"
#include "sched_limit.h"

static uint32_t number(struct play *p, const char *id)
{
    return step_of(p->plan, id)->index;
}

static void again(struct play *p, const char *id, uint32_t size)
{
    sched_rerun(&p->sched, number(p, id), size);
}

static const char slots[] =
    "mode: graph\n"
    "steps:\n"
    "  - id: g\n"
    "    type: parallel_group\n"
    "    max_workers: 2\n"
    "    parallel_steps: [{id: a, run: x}, {id: b, run: x}, {id: c, run: x}]\n"
    "  - {id: z, run: x, depends_on: [g]}\n";

static void a_branch_runs_again_without_being_counted_down(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, slots, 4);
    p.open = 1 + 2;
    EXPECT(&p, "start:g start:a start:b");
    again(&p, "a", 1);
    EXPECT(&p, "start:a");
    again(&p, "b", 1);
    again(&p, "a", 1);
    EXPECT(&p, "start:b start:a");
    play_ends(&p, "a", SCHED_OK);
    EXPECT(&p, "");
    again(&p, "b", 1);
    EXPECT(&p, "start:b");
    play_ends(&p, "b", SCHED_BAD);
    EXPECT(&p, "merge:g");
    play_ends(&p, "g", SCHED_OK);
    EXPECT(&p, "start:z");
    play_over(&p);
}

static void a_branch_that_waits_is_not_overtaken_by_one_that_runs_again(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, slots, 1);
    p.open = 1 + 2;
    EXPECT(&p, "start:g start:a");
    again(&p, "a", 1);
    EXPECT(&p, "start:b");
    again(&p, "b", 1);
    EXPECT(&p, "start:a");
    again(&p, "a", 1);
    EXPECT(&p, "start:b");
    play_over(&p);
}

static void with_no_branch_a_container_is_complete_at_once(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, slots, 4);
    p.open = 1;
    EXPECT(&p, "start:g merge:g");
    play_over(&p);
}

static void branches_that_do_not_take_part_are_not_told_of_an_end(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, slots, 1);
    p.open = 1 + 2;
    EXPECT(&p, "start:g start:a");
    sched_close(&p.sched, number(&p, "g"));
    EXPECT(&p, "cancel:b");
    play_ends(&p, "a", SCHED_OK);
    EXPECT(&p, "merge:g");
    play_over(&p);
}

static void slots_and_workers_are_given_back(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, slots, 1); /* all three take part: two slots, one worker */
    EXPECT(&p, "start:g start:a");
    static const char *const ids[] = {"a", "b", "c"}, *const starts[] = {"start:a", "start:b",
                                                                         "start:c"};
    for (int i = 0; i < 5; i++) {
        again(&p, ids[i % 3], 1);
        EXPECT(&p, starts[(i + 1) % 3]); /* those that wait longer go first */
        assert_int_equal(p.sched.busy, 1);
    }
    play_ends(&p, "c", SCHED_OK);
    EXPECT(&p, "start:a");
    again(&p, "a", 1);
    EXPECT(&p, "start:b");
    play_ends(&p, "b", SCHED_OK);
    EXPECT(&p, "start:a");
    play_ends(&p, "a", SCHED_OK);
    EXPECT(&p, "merge:g");
    assert_int_equal(p.sched.busy, 0);
    play_over(&p);
}

static void a_place_of_a_limit_is_given_back(void **state)
{
    struct play p;
    (void)state;
    play_given(
        &p,
        "mode: graph\n"
        "limits: [{name: api, max_workers: 1}]\n"
        "steps:\n"
        "  - {id: g, type: parallel_group, parallel_steps: [{id: a, run: x, limit: api}, {id: b, "
        "run: x, limit: api}]}\n",
        4);
    EXPECT(&p, "start:g start:a start:b");
    assert_true(sched_draw(&p.sched, number(&p, "a")));
    assert_false(sched_draw(&p.sched, number(&p, "b")));
    again(&p, "a", 1);
    EXPECT(&p, "again:b start:a");
    assert_true(sched_draw(&p.sched, number(&p, "b")));
    assert_false(sched_draw(&p.sched, number(&p, "a")));
    again(&p, "b", 1);
    EXPECT(&p, "again:a start:b");
    assert_true(sched_draw(&p.sched, number(&p, "a")));
    play_ends(&p, "a", SCHED_OK);
    play_ends(&p, "b", SCHED_OK);
    EXPECT(&p, "merge:g");
    play_over(&p);
}

static const char nested[] = "mode: graph\n"
                             "steps:\n"
                             "  - id: g\n"
                             "    type: parallel_group\n"
                             "    parallel_steps:\n"
                             "      - id: s\n"
                             "        steps:\n"
                             "          - {id: x, run: x, fallback: {id: f, run: x}}\n"
                             "          - {id: y, type: parallel_group, max_workers: 1, "
                             "parallel_steps: [{id: y1, run: x}, {id: y2, run: x}]}\n";

static void what_is_inside_of_a_branch_runs_again_as_if_it_never_had(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, nested, 4);
    EXPECT(&p, "start:g start:s start:x");
    for (int i = 0; i < 3; i++) {
        sched_pause(&p.sched, number(&p, "x")); /* a fallback takes over */
        sched_extra(&p.sched, number(&p, "f"));
        EXPECT(&p, "start:f");
        play_ends(&p, "f", SCHED_OK);
        play_ends(&p, "x", SCHED_OK);
        EXPECT(&p, "start:y start:y1");
        play_ends(&p, "y1", SCHED_OK);
        EXPECT(&p, "start:y2");
        play_ends(&p, "y2", SCHED_BAD);
        EXPECT(&p, "merge:y");
        play_ends(&p, "y", SCHED_BAD);
        EXPECT(&p, "merge:s");
        again(&p, "s", 6);
        EXPECT(&p, "start:s start:x");
    }
    play_ends(&p, "x", SCHED_BAD);
    EXPECT(&p, "block:y merge:s");
    assert_int_equal(p.sched.busy, 0);
    play_over(&p);
}

static void what_was_cancelled_in_one_turn_starts_in_the_next(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, nested, 1);
    EXPECT(&p, "start:g start:s start:x");
    play_ends(&p, "x", SCHED_OK);
    EXPECT(&p, "start:y start:y1");
    sched_close(&p.sched, number(&p, "y")); /* y2 is still in a heap */
    EXPECT(&p, "cancel:y2");
    play_ends(&p, "y1", SCHED_OK);
    EXPECT(&p, "merge:y");
    play_ends(&p, "y", SCHED_OK);
    EXPECT(&p, "merge:s");
    again(&p, "s", 6);
    EXPECT(&p, "start:s start:x");
    play_ends(&p, "x", SCHED_OK);
    EXPECT(&p, "start:y start:y1");
    play_ends(&p, "y1", SCHED_OK);
    EXPECT(&p, "start:y2");
    play_over(&p);
}

static const char loop[] = "mode: graph\n"
                           "steps:\n"
                           "  - id: g\n"
                           "    type: parallel_group\n"
                           "    parallel_steps:\n"
                           "      - {id: l, steps: [{id: x, run: x}, {id: y, run: x}]}\n"
                           "      - {id: o, run: x}\n";

static void a_container_opens_again(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, loop, 4);
    EXPECT(&p, "start:g start:l start:x start:o");
    for (int i = 0; i < 3; i++) {
        play_ends(&p, "x", SCHED_OK);
        EXPECT(&p, "start:y");
        play_ends(&p, "y", SCHED_OK);
        EXPECT(&p, "merge:l");
        sched_reopen(&p.sched, number(&p, "l"), number(&p, "x"), 2);
        EXPECT(&p, "start:x");
    }
    play_over(&p);
}

static void a_draining_run_starts_no_turn(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, loop, 4);
    EXPECT(&p, "start:g start:l start:x start:o");
    sched_stop(&p.sched, SCHED_DRAIN);
    EXPECT(&p, "");
    assert_false(sched_may_begin(&p.sched, number(&p, "o")));
    again(&p, "o", 1);
    EXPECT(&p, "cancel:o");
    play_ends(&p, "x", SCHED_OK);
    EXPECT(&p, "cancel:y merge:l");
    play_over(&p);
}

static void a_fallback_drains_with_all_its_turns(void **state)
{
    struct play p;
    (void)state;
    play_given(
        &p,
        "mode: graph\n"
        "steps:\n"
        "  - {id: a, run: x, fallback: {id: g, type: parallel_group, parallel_steps: [{id: b, "
        "run: x}, {id: c, run: x}]}}\n",
        4);
    EXPECT(&p, "start:a");
    sched_stop(&p.sched, SCHED_DRAIN);
    sched_pause(&p.sched, number(&p, "a"));
    sched_extra(&p.sched, number(&p, "g"));
    EXPECT(&p, "start:g start:b start:c");
    again(&p, "b", 1);
    EXPECT(&p, "start:b");
    play_over(&p);
}

static void the_cost_of_a_turn_does_not_grow_with_their_number(void **state)
{
    struct play p;
    struct sched_move move;
    const uint64_t turns = 10000;
    (void)state;
    play_given(&p, slots, 4);
    p.open = 1 + 2;
    EXPECT(&p, "start:g start:a start:b");
    uint64_t before = p.sched.work;
    for (uint64_t i = 0; i < turns; i++) {
        again(&p, i % 2 ? "a" : "b", 1);
        assert_true(sched_next(&p.sched, &move));
        assert_int_equal(move.verb, SCHED_START);
    }
    assert_true(p.sched.work - before < turns * 8);
    assert_true(p.sched.heavy.cap <= 16);
    play_over(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_branch_runs_again_without_being_counted_down),
        cmocka_unit_test(a_branch_that_waits_is_not_overtaken_by_one_that_runs_again),
        cmocka_unit_test(with_no_branch_a_container_is_complete_at_once),
        cmocka_unit_test(branches_that_do_not_take_part_are_not_told_of_an_end),
        cmocka_unit_test(slots_and_workers_are_given_back),
        cmocka_unit_test(a_place_of_a_limit_is_given_back),
        cmocka_unit_test(what_is_inside_of_a_branch_runs_again_as_if_it_never_had),
        cmocka_unit_test(what_was_cancelled_in_one_turn_starts_in_the_next),
        cmocka_unit_test(a_container_opens_again),
        cmocka_unit_test(a_draining_run_starts_no_turn),
        cmocka_unit_test(a_fallback_drains_with_all_its_turns),
        cmocka_unit_test(the_cost_of_a_turn_does_not_grow_with_their_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
