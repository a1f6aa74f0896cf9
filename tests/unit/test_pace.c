/* The memory of runs: what is known of a step after so many of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "flowrun/store/pace.h"
#include "flowrun/store/record.h"
#include "db.h"
#include "plans.h"
#include "world.h"

static const char text[] = "name: t\nsteps: [{id: a, run: x}, {id: b, run: y}]\n";

static int set_up(void **state)
{
    *state = world_new(text);
    return 0;
}

static int tear_down(void **state)
{
    world_free(*state);
    return 0;
}

/* A run in which both steps took so long; a negative number is a failure. */
static void record(struct world *w, int number, int64_t a_ms, int64_t b_ms)
{
    const int64_t took[] = {a_ms, b_ms};
    char id[20];
    snprintf(id, sizeof id, "run%d", number);
    world_begin(w, id);
    for (uint32_t i = 0; i < 2; i++) {
        struct fr_step_result *r = &w->run.results[i];
        r->status = took[i] < 0 ? FR_FAILED : FR_SUCCEEDED;
        r->attempts = 1;
        r->started_ns = FR_NS_PER_S;
        r->ended_ns = r->started_ns + llabs(took[i]) * FR_NS_PER_MS;
    }
    struct fr_event event = {.kind = FR_EVENT_RUN_ENDED, .run = &w->run};
    w->sink->event(w->sink, &event);
    w->sink->turn(w->sink);
    assert_null(w->sink->error);
    fr_recorder_free(w->sink);
    fr_run_hold_end(&w->hold);
}

static void nothing_is_known_of_a_file_that_never_ran(void **state)
{
    struct world *w = *state;
    struct fr_pace *pace = NULL;
    record(w, 0, 5, 5);
    assert_int_equal(fr_pace_load(w->store, "/base/other.yaml", w->plan, 0, &pace), FR_OK);
    assert_null(pace);
}

static void a_run_that_is_gone_on_with_counts_once(void **state)
{
    struct world *w = *state;
    struct fr_pace *pace = NULL;
    record(w, 0, 10, -20);
    record(w, 1, 11, -30);
    assert_int_equal(fr_pace_load(w->store, "/base/t.yaml", w->plan, 2, &pace), FR_OK);
    assert_int_equal(pace->steps[1].runs, 1);
    assert_int_equal(pace->steps[1].failed, 1);
    fr_pace_free(pace);
    assert_int_equal(fr_pace_load(w->store, "/base/t.yaml", w->plan, 3, &pace), FR_OK);
    assert_int_equal(pace->steps[1].runs, 2);
    fr_pace_free(pace);
}

/* The text that the store keeps of a file; NULL puts none. */
static const char *kept(struct world *w, const char *put)
{
    static char copy[1 << 16];
    if (put)
        assert_int_equal(db_run(w->store, STMT_PACE_PUT, "tt", "/base/t.yaml", put), FR_OK);
    assert_int_equal(db_bind(w->store, STMT_PACE, "t", "/base/t.yaml"), FR_OK);
    assert_int_equal(db_step(w->store, STMT_PACE), 1);
    snprintf(copy, sizeof copy, "%s", db_text(w->store, STMT_PACE, 0));
    db_reset(w->store, STMT_PACE);
    return copy;
}

static void a_line_for_each_step_and_runs_where_they_differ(void **state)
{
    struct world *w = *state;
    record(w, 0, 10, -20);
    assert_string_equal(kept(w, NULL), "a\t10@1\nb\t-20");
    record(w, 1, 0, 0);
    assert_string_equal(kept(w, NULL), "a\t0@2 10@1\nb\t0 -20");
    kept(w, "b\t7@1 8 9@1\nx\t3@1");
    record(w, 2, 4, 5);
    assert_string_equal(kept(w, NULL), "b\t5@3 7@1 8 9@1\nx\t3@1\na\t4@3");
}

static void a_run_that_ends_again_takes_its_own_place(void **state)
{
    struct world *w = *state;
    kept(w, "a\t9@1 8\nb\t-9 8");
    record(w, 0, 20, 30);
    assert_string_equal(kept(w, NULL), "a\t20@1 8\nb\t30 8");
}

static void what_is_damaged_is_as_good_as_not_there(void **state)
{
    struct world *w = *state;
    struct fr_pace *pace = NULL;
    static const char *const texts[] = {"",           "\n\n",        "a",           "a\t",
                                        "a\t\nb\t\t", "a\tx 3",      "a\t- 3",      "a\t@2",
                                        "a\n\t\n5 5", "a\t \n7 7 7", "a 5 5\n 6 6", "c\t1 2"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        kept(w, texts[i]);
        assert_int_equal(fr_pace_load(w->store, "/base/t.yaml", w->plan, 0, &pace), FR_OK);
        assert_int_equal(pace ? pace->steps[0].runs + pace->steps[1].runs : 0, 0);
        fr_pace_free(pace);
    }
    kept(w, "a\t5@ 6\nb\t7@x 8\nb");
    record(w, 0, 1, 2);
    assert_string_equal(kept(w, NULL), "a\t1@1 5\nb\t2 7\nb\t2");
}

static void steps_that_the_file_has_no_more_are_kept_for_a_while(void **state)
{
    struct world *w = *state;
    char lines[4000] = "";
    for (int i = 0; i < 150; i++)
        snprintf(lines + strlen(lines), 20, "old%03d\t1\n", i);
    snprintf(lines + strlen(lines), 20, "b\t7");
    kept(w, lines);
    record(w, 0, 1, 2);
    const char *now = kept(w, NULL);
    assert_non_null(strstr(now, "old099\t1\nb\t2@1 7\na\t1"));
    assert_null(strstr(now, "old100"));
}

static void the_last_twenty_count(void **state)
{
    struct world *w = *state;
    struct fr_pace *pace = NULL;
    for (int i = 0; i < 30; i++)
        record(w, i, i < 10 ? 90000 : 100 + i, i % 2 ? 10 : -20);
    assert_int_equal(fr_pace_load(w->store, "/base/t.yaml", w->plan, 0, &pace), FR_OK);
    const struct fr_pace_step *a = &pace->steps[0], *b = &pace->steps[1];
    assert_int_equal(a->successes, 20);
    assert_int_equal(a->usual_ns, 119 * FR_NS_PER_MS); /* of 110 to 129 */
    assert_int_equal(a->p95_ns, 128 * FR_NS_PER_MS);
    assert_int_equal(a->failed, 0);
    assert_int_equal(b->runs, 20);
    assert_int_equal(b->failed, 10);
    assert_int_equal(b->successes, 15);
    assert_int_equal(b->usual_ns, 10 * FR_NS_PER_MS);
    assert_int_equal(pace->expected[0], a->usual_ns);
    fr_pace_free(pace);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_known_of_a_file_that_never_ran),
        TEST(a_run_that_is_gone_on_with_counts_once),
        TEST(a_line_for_each_step_and_runs_where_they_differ),
        TEST(a_run_that_ends_again_takes_its_own_place),
        TEST(what_is_damaged_is_as_good_as_not_there),
        TEST(steps_that_the_file_has_no_more_are_kept_for_a_while),
        TEST(the_last_twenty_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
