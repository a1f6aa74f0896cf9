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
#include "sched.h"
#include "sched_limit.h"

struct play {
    struct fr_plan *plan;
    struct sched sched;
    uint32_t open; /* branches that a group is opened with; 0 = all */
};

static void given(struct play *p, const char *yaml, uint32_t workers)
{
    p->plan = plan_of(yaml);
    p->open = 0;
    sched_init(&p->sched, p->plan, workers);
}

static void over(struct play *p)
{
    sched_release(&p->sched);
    fr_plan_free(p->plan);
}

/* All moves there are, "start:a merge:g"; verdicts are reported back at once, containers opened. */
static const char *moves(struct play *p)
{
    static const char *const verbs[] = {
        [SCHED_START] = "start", [SCHED_AGAIN] = "again",   [SCHED_SKIP] = "skip",
        [SCHED_BLOCK] = "block", [SCHED_CANCEL] = "cancel", [SCHED_MERGE] = "merge"};
    static char text[1024];
    struct sched_move move;
    size_t at = 0;
    text[0] = '\0';
    while (sched_next(&p->sched, &move)) {
        const struct fr_step *step = &p->plan->steps[move.step];
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s:%s", at ? " " : "",
                               verbs[move.verb], step->id);
        if (move.verb == SCHED_START && step->kind == FR_KIND_GROUP && p->open)
            sched_open_first(&p->sched, move.step, p->open - 1);
        else if (move.verb == SCHED_START && step->group)
            sched_open(&p->sched, move.step);
        if (move.verb == SCHED_BLOCK)
            sched_ended(&p->sched, move.step, SCHED_BAD);
        if (move.verb == SCHED_CANCEL)
            sched_ended(&p->sched, move.step, SCHED_STOPPED);
    }
    return text;
}

static uint32_t number(struct play *p, const char *id)
{
    return step_of(p->plan, id)->index;
}

static void ends(struct play *p, const char *id, enum sched_outcome outcome)
{
    sched_ended(&p->sched, number(p, id), outcome);
}

static void again(struct play *p, const char *id, uint32_t size)
{
    sched_rerun(&p->sched, number(p, id), size);
}

#define EXPECT(play, text) assert_string_equal(moves(play), text)

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
    given(&p, slots, 4);
    p.open = 1 + 2;
    EXPECT(&p, "start:g start:a start:b");
    again(&p, "a", 1);
    EXPECT(&p, "start:a");
    again(&p, "b", 1);
    again(&p, "a", 1);
    EXPECT(&p, "start:a start:b");
    ends(&p, "a", SCHED_OK);
    EXPECT(&p, "");
    again(&p, "b", 1);
    EXPECT(&p, "start:b");
    ends(&p, "b", SCHED_BAD);
    EXPECT(&p, "merge:g");
    ends(&p, "g", SCHED_OK);
    EXPECT(&p, "start:z");
    over(&p);
}

static void with_no_branch_a_container_is_complete_at_once(void **state)
{
    struct play p;
    (void)state;
    given(&p, slots, 4);
    p.open = 1;
    EXPECT(&p, "start:g merge:g");
    over(&p);
}

static void branches_that_do_not_take_part_are_not_told_of_an_end(void **state)
{
    struct play p;
    (void)state;
    given(&p, slots, 1);
    p.open = 1 + 2;
    EXPECT(&p, "start:g start:a");
    sched_close(&p.sched, number(&p, "g"));
    EXPECT(&p, "cancel:b");
    ends(&p, "a", SCHED_OK);
    EXPECT(&p, "merge:g");
    over(&p);
}

static void slots_and_workers_are_given_back(void **state)
{
    struct play p;
    (void)state;
    given(&p, slots, 1); /* all three take part: two slots, one worker */
    EXPECT(&p, "start:g start:a");
    for (int i = 0; i < 5; i++) {
        again(&p, "a", 1);
        EXPECT(&p, "start:a"); /* it is the first in order of declaration */
        assert_int_equal(p.sched.busy, 1);
    }
    ends(&p, "a", SCHED_OK);
    EXPECT(&p, "start:b");
    again(&p, "b", 1);
    EXPECT(&p, "start:b");
    ends(&p, "b", SCHED_OK);
    EXPECT(&p, "start:c");
    ends(&p, "c", SCHED_OK);
    EXPECT(&p, "merge:g");
    assert_int_equal(p.sched.busy, 0);
    over(&p);
}

static void a_place_of_a_limit_is_given_back(void **state)
{
    struct play p;
    (void)state;
    given(&p,
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
    EXPECT(&p, "start:a again:b");
    assert_true(sched_draw(&p.sched, number(&p, "b")));
    assert_false(sched_draw(&p.sched, number(&p, "a")));
    again(&p, "b", 1);
    EXPECT(&p, "again:a start:b");
    assert_true(sched_draw(&p.sched, number(&p, "a")));
    ends(&p, "a", SCHED_OK);
    ends(&p, "b", SCHED_OK);
    EXPECT(&p, "merge:g");
    over(&p);
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
    given(&p, nested, 4);
    EXPECT(&p, "start:g start:s start:x");
    for (int i = 0; i < 3; i++) {
        sched_pause(&p.sched, number(&p, "x")); /* a fallback takes over */
        sched_extra(&p.sched, number(&p, "f"));
        EXPECT(&p, "start:f");
        ends(&p, "f", SCHED_OK);
        ends(&p, "x", SCHED_OK);
        EXPECT(&p, "start:y start:y1");
        ends(&p, "y1", SCHED_OK);
        EXPECT(&p, "start:y2");
        ends(&p, "y2", SCHED_BAD);
        EXPECT(&p, "merge:y");
        ends(&p, "y", SCHED_BAD);
        EXPECT(&p, "merge:s");
        again(&p, "s", 6);
        EXPECT(&p, "start:s start:x");
    }
    ends(&p, "x", SCHED_BAD);
    EXPECT(&p, "block:y merge:s");
    assert_int_equal(p.sched.busy, 0);
    over(&p);
}

static void what_was_cancelled_in_one_turn_starts_in_the_next(void **state)
{
    struct play p;
    (void)state;
    given(&p, nested, 1);
    EXPECT(&p, "start:g start:s start:x");
    ends(&p, "x", SCHED_OK);
    EXPECT(&p, "start:y start:y1");
    sched_close(&p.sched, number(&p, "y")); /* y2 is still in a heap */
    EXPECT(&p, "cancel:y2");
    ends(&p, "y1", SCHED_OK);
    EXPECT(&p, "merge:y");
    ends(&p, "y", SCHED_OK);
    EXPECT(&p, "merge:s");
    again(&p, "s", 6);
    EXPECT(&p, "start:s start:x");
    ends(&p, "x", SCHED_OK);
    EXPECT(&p, "start:y start:y1");
    ends(&p, "y1", SCHED_OK);
    EXPECT(&p, "start:y2");
    over(&p);
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
    given(&p, loop, 4);
    EXPECT(&p, "start:g start:l start:x start:o");
    for (int i = 0; i < 3; i++) {
        ends(&p, "x", SCHED_OK);
        EXPECT(&p, "start:y");
        ends(&p, "y", SCHED_OK);
        EXPECT(&p, "merge:l");
        sched_reopen(&p.sched, number(&p, "l"), number(&p, "x"), 2);
        EXPECT(&p, "start:x");
    }
    over(&p);
}

static void a_draining_run_starts_no_turn(void **state)
{
    struct play p;
    (void)state;
    given(&p, loop, 4);
    EXPECT(&p, "start:g start:l start:x start:o");
    sched_stop(&p.sched, SCHED_DRAIN);
    EXPECT(&p, "");
    assert_false(sched_may_begin(&p.sched, number(&p, "o")));
    again(&p, "o", 1);
    EXPECT(&p, "cancel:o");
    ends(&p, "x", SCHED_OK);
    EXPECT(&p, "cancel:y merge:l");
    over(&p);
}

static void a_fallback_drains_with_all_its_turns(void **state)
{
    struct play p;
    (void)state;
    given(&p,
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
    over(&p);
}

static void the_cost_of_a_turn_does_not_grow_with_their_number(void **state)
{
    struct play p;
    struct sched_move move;
    const uint64_t turns = 10000;
    (void)state;
    given(&p, slots, 4);
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
    over(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_branch_runs_again_without_being_counted_down),
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
