/* What the scheduler knows of waits: for how long steps stood ready, and what they were short of. Its time is told to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plans.h"
#include "play.h"

/* For how long a step was short of something. */
static int64_t waited(const struct play *p, const char *id, enum sched_short of)
{
    return p->sched.nodes[step_of(p->plan, id)->index].waited[of];
}

static void a_full_group_counts_before_a_missing_worker(void **state)
{
    struct play p;
    (void)state;
    play_given(&p,
               "mode: graph\n"
               "steps:\n"
               "  - {id: x, run: x, priority: 3}\n"
               "  - {id: g, type: parallel_group, max_workers: 1, steps:"
               " [{id: g1, run: x, priority: 2}, {id: g2, run: x}]}\n"
               "  - {id: y, run: x, priority: 1, depends_on: [x]}\n"
               "  - {id: z, run: x, priority: 1, depends_on: [x]}\n",
               2);
    EXPECT(&p, "start:g start:x start:g1");
    p.sched.now = 5;
    play_ends(&p, "x", SCHED_OK);
    EXPECT(&p, "start:y");
    p.sched.now = 7;
    play_ends(&p, "g1", SCHED_OK);
    EXPECT(&p, "start:z");
    p.sched.now = 10;
    play_ends(&p, "y", SCHED_OK);
    EXPECT(&p, "start:g2");
    assert_int_equal(waited(&p, "g2", SCHED_SHORT_OF_SLOT), 7);
    assert_int_equal(waited(&p, "g2", SCHED_SHORT_OF_WORKER), 3);
    assert_int_equal(waited(&p, "g1", SCHED_SHORT_OF_SLOT), 0);
    assert_int_equal(waited(&p, "z", SCHED_SHORT_OF_WORKER), 2);
    play_over(&p);
}

static void a_step_that_goes_on_waits_for_a_worker(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, "mode: graph\nsteps: [{id: a, run: x}, {id: b, run: x}]\n", 1);
    EXPECT(&p, "start:a");
    p.sched.now = 1;
    sched_pause(&p.sched, 0);
    EXPECT(&p, "start:b");
    assert_int_equal(waited(&p, "b", SCHED_SHORT_OF_WORKER), 1);
    p.sched.now = 4;
    sched_return(&p.sched, 0);
    EXPECT(&p, "");
    p.sched.now = 9;
    play_ends(&p, "b", SCHED_OK);
    EXPECT(&p, "again:a");
    assert_int_equal(waited(&p, "a", SCHED_SHORT_OF_WORKER), 5);
    play_over(&p);
}

static void nobody_waits_for_a_worker_that_is_free(void **state)
{
    struct play p;
    (void)state;
    play_given(&p, "mode: graph\nsteps: [{id: a, run: x}, {id: b, run: x}]\n", 2);
    p.sched.now = 3; /* nobody has looked for work until now … */
    EXPECT(&p, "start:a start:b");
    assert_int_equal(waited(&p, "a", SCHED_SHORT_OF_WORKER), 0);
    play_over(&p);
    play_given(&p, "mode: graph\nsteps: [{id: a, run: x}, {id: b, run: x}]\n", 2);
    p.sched.held = true; /* … or steps are to bring nothing new */
    EXPECT(&p, "");
    p.sched.now = 3;
    p.sched.held = false;
    EXPECT(&p, "start:a start:b");
    assert_int_equal(waited(&p, "b", SCHED_SHORT_OF_WORKER), 0);
    play_over(&p);
}

static void a_place_that_its_heir_cannot_take_goes_to_the_next_one(void **state)
{
    struct play p;
    (void)state;
    play_given(&p,
               "mode: graph\n"
               "steps:\n"
               "  - {id: g, type: parallel_group, max_workers: 1, steps: [{id: a, run: x},"
               " {id: b, run: x}, {id: c, run: x, trigger_rule: all_done}]}\n",
               2);
    EXPECT(&p, "start:g start:a");
    play_ends(&p, "a", SCHED_OK);
    sched_stop(&p.sched, SCHED_DRAIN);
    EXPECT(&p, "cancel:b start:c");
    play_over(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_group_counts_before_a_missing_worker),
        cmocka_unit_test(a_step_that_goes_on_waits_for_a_worker),
        cmocka_unit_test(nobody_waits_for_a_worker_that_is_free),
        cmocka_unit_test(a_place_that_its_heir_cannot_take_goes_to_the_next_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
