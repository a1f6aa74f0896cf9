/* Limits: which starts they let through and when, over the fake executor and clock; and
 * what is wrong with them in a file. Nothing sleeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "flowrun/base/str.h"
#include "plans.h"

#define PLAY(yaml, ...) play(yaml, (struct act[]){__VA_ARGS__, {0}}, (struct stage_options){0})
#define PLAY_WITH(workers_, yaml, ...)                                                             \
    play(yaml, (struct act[]){__VA_ARGS__, {0}}, (struct stage_options){.workers = (workers_)})

/* When each step began to run: "0 a 100 b"; owned. */
static char *starts_of(const struct played *p)
{
    char *copy = strdup(p->events), *rest = copy, *line;
    struct fr_buf out;

    fr_buf_init(&out, 0);
    while ((line = strsep(&rest, "\n"))) {
        char id[64];
        int ms = 0;
        if (strstr(line, ">running") && sscanf(line, "%d %63s", &ms, id) == 2)
            fr_buf_printf(&out, "%s%d %s", out.len ? " " : "", ms, id);
    }
    free(copy);
    return fr_buf_take(&out, NULL);
}

static void assert_starts(struct played p, const char *expected)
{
    char *starts = starts_of(&p);

    assert_string_equal(starts, expected);
    free(starts);
    played_free(&p);
}

static void a_rate_spaces_starts_evenly(void **state)
{
    (void)state;
    assert_starts(
        PLAY_WITH(8,
                  "mode: graph\nlimits: [{name: api, rate: 10/s}]\ndefaults: {limit: api}\n"
                  "steps: [{id: a, run: x}, {id: b, run: x}, {id: c, run: x}]\n",
                  {.id = "a", .ms = 250}, {.id = "c", .ms = 1}),
        "0 a 100 b 200 c");
}

static void no_more_places_than_max_workers(void **state)
{
    (void)state;
    assert_starts(
        PLAY_WITH(8,
                  "limits: [{name: two, max_workers: 2}]\n"
                  "defaults: {limit: two}\n"
                  "mode: graph\n"
                  "steps:\n"
                  "  - {id: g, type: parallel, steps: [{id: a, run: x}, {id: b, run: x}]}\n"
                  "  - {id: h, type: parallel, steps: [{id: c, run: x}, {id: d, run: x}]}\n",
                  {.id = "a", .ms = 10}, {.id = "b", .ms = 30}, {.id = "c", .ms = 30},
                  {.id = "d", .ms = 30}),
        "0 g 0 h 0 a 0 b 10 c 30 d");
}

static void whoever_waits_holds_no_worker(void **state)
{
    (void)state;
    assert_starts(PLAY_WITH(1,
                            "mode: graph\nlimits: [{name: api, rate: 1/s}]\n"
                            "steps: [{id: a, run: x, limit: api}, {id: b, run: x, limit: api}, "
                            "{id: c, run: x}]\n",
                            {.id = "a", .ms = 10}, {.id = "c", .ms = 10}),
                  "0 a 10 c 1000 b");
}

static void a_start_that_had_to_wait_for_a_worker_does_not_catch_up(void **state)
{
    (void)state;
    assert_starts(PLAY_WITH(1,
                            "mode: graph\nlimits: [{name: api, rate: 10/s}]\n"
                            "steps: [{id: a, run: x, limit: api}, {id: long, run: x, priority: 1}, "
                            "{id: b, run: x, limit: api}, {id: c, run: x, limit: api}]\n",
                            {.id = "long", .ms = 1000}),
                  "0 long 1000 a 1100 b 1200 c");
}

static void each_attempt_draws(void **state)
{
    (void)state;
    assert_starts(
        PLAY_WITH(4,
                  "mode: graph\nlimits: [{name: api, max_workers: 1, rate: 10/s}]\n"
                  "defaults: {limit: api, retries: 1, retry_delay: 10ms, retry_jitter: 0}\n"
                  "steps: [{id: a, run: x}, {id: b, run: x}]\n",
                  {.id = "a", .attempt = 1, .exit_code = 1, .ms = 5}, {.id = "b", .ms = 150}),
        "0 a 100 a 200 b");
}

static void a_step_that_ends_lets_the_next_one_go(void **state)
{
    struct played p = PLAY_WITH(8,
                                "limits: [{name: one, max_workers: 1}]\n"
                                "defaults: {limit: one}\n"
                                "steps:\n"
                                "  - id: r\n    type: race\n"
                                "    steps: [{id: a, run: x}, {id: b, run: x}, {id: c, run: x}]\n"
                                "  - {id: next, run: x}\n",
                                {.id = "a", .ms = 50});
    (void)state;
    assert_string_equal(status_of(&p, "b"), "cancelled");
    assert_starts(p, "0 r 0 a 50 next");
}

static void fail_fast_reaches_those_that_wait(void **state)
{
    struct played p =
        PLAY_WITH(8,
                  "limits: [{name: one, max_workers: 1}]\n"
                  "steps: [{id: g, type: parallel, fail_fast: true, steps: [{id: a, run: x, limit: "
                  "one}, {id: b, run: x, limit: one}]}]\n",
                  {.id = "a", .ms = 50, .exit_code = 1});
    (void)state;
    assert_string_equal(status_of(&p, "b"), "cancelled");
    assert_string_equal(message_of(&p, "b"), "fail-fast of group 'g' after step 'a' failed");
    assert_starts(p, "0 g 0 a");
}

static void draining_cancels_what_never_started(void **state)
{
    struct played p = PLAY_WITH(8,
                                "mode: graph\nlimits: [{name: one, max_workers: 1}]\n"
                                "defaults: {limit: one}\n"
                                "steps: [{id: a, run: x}, {id: b, run: x}]\n"
                                "finally: [{id: f, run: x}]\n",
                                {.id = "a", .ms = 50, .exit_code = 1});
    (void)state;
    assert_string_equal(status_of(&p, "b"), "cancelled");
    assert_string_equal(message_of(&p, "b"), "step 'a' failed (`on_failure: drain`)");
    assert_starts(p, "0 a 50 f");
}

static void total_timeout_counts_the_wait_too(void **state)
{
    struct played p = PLAY_WITH(8,
                                "mode: graph\nlimits: [{name: one, max_workers: 1}]\n"
                                "on_failure: continue\n"
                                "steps: [{id: a, run: x, limit: one}, {id: b, run: x, limit: one, "
                                "total_timeout: 20ms}, {id: c, run: x, limit: one}]\n",
                                {.id = "a", .ms = 50});
    (void)state;
    assert_string_equal(status_of(&p, "b"), "timed_out");
    assert_starts(p, "0 a 50 c");
}

static void rates_are_read_strictly(void **state)
{
    static const char *const bad[] = {"",      "/s",    "10",        "10/d",  "0/s",
                                      "-1/s",  "1.5/s", "10/S",      "10 /s", "10/ s",
                                      "10/ms", "ten/s", "1000001/s", "+1/s"};
    int64_t ns = 7;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(fr_parse_rate(bad[i], &ns));
    assert_int_equal(ns, 7);
    assert_true(fr_parse_rate("10/s", &ns));
    assert_int_equal(ns, 100 * FR_NS_PER_MS);
    assert_true(fr_parse_rate("3/s", &ns)); /* three of them last no less than a second */
    assert_int_equal(ns, 333333334);
    assert_true(fr_parse_rate("30/m", &ns));
    assert_int_equal(ns, 2 * FR_NS_PER_S);
    assert_true(fr_parse_rate("1/h", &ns));
    assert_int_equal(ns, 3600 * FR_NS_PER_S);
}

static void mistakes_are_told(void **state)
{
    (void)state;
    assert_problems("limits: [{name: api, rate: 10/s}]\nsteps: [{id: a, run: x, limit: apy}]\n",
                    "2:32 error[unknown-limit] step 'a' draws on the limit 'apy', which does not "
                    "exist\n");
    assert_help("limits: [{name: api, rate: 10/s}]\nsteps: [{id: a, run: x, limit: apy}]\n",
                "unknown-limit", "did you mean 'api'?");
    assert_help("steps: [{id: a, run: x, limit: api}]\n", "unknown-limit",
                "define it: `limits: [{name: api, max_workers: 2}]`");
    assert_problems(
        "limits: [{name: a, rate: 10}, {name: b}, {name: a, max_workers: 1}, {rate: 1/s}]\n"
        "steps: [{id: a, run: x}]\n",
        "1:26 error[bad-rate] rate: must be a number of starts per s, m or h, not '10'\n"
        "1:38 error[missing-key] limit 'b' limits nothing\n"
        "1:49 error[duplicate-limit] two limits are called 'a'; the other is on line 1\n"
        "1:69 error[missing-key] the limit needs the key 'name'\n");
    assert_problems("limits: [{name: a, rate: 1/s}]\n"
                    "steps: [{id: g, type: parallel, limit: a, steps: [{run: x}]}]\n",
                    "2:33 error[key-not-here] 'limit' is a key of command and http steps, but step "
                    "'g' is of type parallel\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_spaces_starts_evenly),
        cmocka_unit_test(no_more_places_than_max_workers),
        cmocka_unit_test(whoever_waits_holds_no_worker),
        cmocka_unit_test(a_start_that_had_to_wait_for_a_worker_does_not_catch_up),
        cmocka_unit_test(each_attempt_draws),
        cmocka_unit_test(a_step_that_ends_lets_the_next_one_go),
        cmocka_unit_test(fail_fast_reaches_those_that_wait),
        cmocka_unit_test(draining_cancels_what_never_started),
        cmocka_unit_test(total_timeout_counts_the_wait_too),
        cmocka_unit_test(rates_are_read_strictly),
        cmocka_unit_test(mistakes_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
