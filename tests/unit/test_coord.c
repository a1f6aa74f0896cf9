/* The coordinator over a fake executor and a fake clock: retries, limits of time,
 * fallbacks, groups, races, and how failures spread. No process runs, nothing sleeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"

#define PLAY(yaml, ...) play(yaml, (struct act[]){__VA_ARGS__, {0}}, (struct stage_options){0})

static void a_chain_hands_outputs_on(void **state)
{
    struct played p = PLAY("steps: [{id: a, run: x}, {id: b, run: x, output: json}]\n",
                           {.id = "a", .out = "one\n\n"}, {.id = "b", .out = " {\"n\": 1}\n"});
    (void)state;
    assert_string_equal(output_of(&p, "a"), "\"one\\n\"");
    assert_string_equal(output_of(&p, "b"), "{\"n\":1}");
    assert_string_equal(run_output(&p), "{\"n\":1}");
    assert_int_equal(fr_run_exit_code(p.run), 0);
    assert_string_equal(p.events, "0 a pending>running\n0 a running>succeeded\n"
                                  "0 b pending>running\n0 b running>succeeded\n");
    played_free(&p);
}

static void retries_wait_longer_each_time_and_not_after_the_last(void **state)
{
    struct played p =
        PLAY("steps: [{id: a, run: x, retries: 2, retry_delay: 100ms, retry_jitter: 0}]\n",
             {.id = "a", .exit_code = 3, .ms = 10});
    (void)state;
    assert_string_equal(p.events, "0 a pending>running\n"
                                  "10 a running>waiting\n10 a again in 100\n"
                                  "110 a waiting>running\n"
                                  "120 a running>waiting\n120 a again in 200\n"
                                  "320 a waiting>running\n"
                                  "330 a running>failed\n");
    assert_string_equal(message_of(&p, "a"), "exited with code 3");
    assert_int_equal(p.run->results[0].attempts, 3);
    assert_int_equal(p.ended_ms, 330);
    assert_int_equal(fr_run_exit_code(p.run), 1);
    played_free(&p);
}

static void sinks_are_reminded_of_the_time(void **state)
{
    struct played p = play("steps: [{id: a, run: x}, {id: b, run: x}]\n",
                           (struct act[]){{.id = "a", .ms = 40000}, {.id = "b", .ms = 55000}, {0}},
                           (struct stage_options){.tick_s = 30});
    (void)state;
    assert_string_equal(p.events, "0 a pending>running\n"
                                  "30000 tick\n"
                                  "40000 a running>succeeded\n40000 b pending>running\n"
                                  "60000 tick\n90000 tick\n"
                                  "95000 b running>succeeded\n");
    played_free(&p);
}

static void who_cannot_follow_holds_back_steps_and_no_times(void **state)
{
    struct played p = play("mode: graph\ntimeout: 400ms\nsteps:\n"
                           "- {id: w, type: wait, duration: 100ms}\n"
                           "- {id: a, run: x}\n"
                           "- {id: b, run: x, depends_on: [a]}\n",
                           (struct act[]){{.id = "b", .ms = 1000}, {0}},
                           (struct stage_options){.behind_ms = 300});
    (void)state;
    assert_string_equal(p.events, "0 w pending>waiting\n"
                                  "0 a pending>running\n0 a running>succeeded\n"
                                  "100 w waiting>succeeded\n"
                                  "300 b pending>running\n"
                                  "400 stopping: the run timed out after 400 ms: waiting for 1 "
                                  "running step\n400 b running>timed_out\n");
    played_free(&p);
    p = play("timeout: 400ms\nsteps: [{id: a, run: x}, {id: b, run: x}]\n", NULL,
             (struct stage_options){.behind_ms = 500});
    assert_string_equal(p.events, "0 a pending>running\n0 a running>succeeded\n"
                                  "400 stopping: the run timed out after 400 ms\n"
                                  "400 b pending>cancelled\n");
    played_free(&p);
}

static void a_delay_has_a_ceiling(void **state)
{
    struct played p =
        PLAY("steps: [{id: a, run: x, retries: 3, retry_delay: 1s, retry_backoff: 10, "
             "retry_max_delay: 2s, retry_jitter: 0}]\n",
             {.id = "a", .exit_code = 1});
    (void)state;
    assert_int_equal(p.ended_ms, 1000 + 2000 + 2000);
    played_free(&p);
}

static void jitter_is_the_same_for_the_same_run(void **state)
{
    const char *yaml = "steps: [{id: a, run: x, retries: 1, retry_delay: 1s, retry_jitter: 0.5}]\n";
    struct played p = PLAY(yaml, {.id = "a", .exit_code = 1});
    struct played q = PLAY(yaml, {.id = "a", .exit_code = 1});
    (void)state;
    assert_string_equal(p.events, q.events);
    assert_in_range(p.ended_ms, 500, 1500);
    played_free(&p);
    played_free(&q);
}

static void the_server_may_ask_for_a_longer_wait(void **state)
{
    struct played p = PLAY("steps: [{id: a, run: x, retries: 1, retry_delay: 100ms}]\n",
                           {.id = "a", .attempt = 1, .exit_code = 1, .retry_after_ms = 7000});
    (void)state;
    assert_int_equal(p.ended_ms, 7000);
    assert_string_equal(status_of(&p, "a"), "succeeded");
    played_free(&p);
}

static void a_retry_that_succeeds_is_a_success(void **state)
{
    struct played p =
        PLAY("steps: [{id: a, run: x, retries: 3, retry_delay: 0}, {id: b, run: x}]\n",
             {.id = "a", .attempt = 1, .exit_code = 1}, {.id = "a", .out = "good"});
    (void)state;
    assert_string_equal(p.jobs, "a#1 a#2 b#1");
    assert_string_equal(output_of(&p, "a"), "\"good\"");
    assert_null(p.run->results[0].error_code);
    played_free(&p);
}

static void retry_on_chooses_what_is_tried_again(void **state)
{
    const char *yaml = "steps: [{id: a, run: x, timeout: 1s, retries: 5, retry_delay: 0, "
                       "retry_on: [7, timeout]}]\n";
    struct played p = PLAY(yaml, {.id = "a", .attempt = 1, .exit_code = 7},
                           {.id = "a", .attempt = 2, .ms = 5000}, {.id = "a", .exit_code = 8});
    (void)state;
    assert_string_equal(p.jobs, "a#1 a#2 a#3");
    assert_string_equal(message_of(&p, "a"), "exited with code 8");
    played_free(&p);
}

static void retry_when_reads_the_result(void **state)
{
    const char *yaml = "steps: [{id: a, run: x, retries: 5, retry_delay: 0, "
                       "retry_when: .result.success}]\n";
    struct played p = PLAY(yaml, {.id = "a", .exit_code = 7});
    (void)state;
    assert_string_equal(p.jobs, "a#1");
    played_free(&p);
}

static void a_timeout_is_for_one_attempt(void **state)
{
    struct played p = PLAY("steps: [{id: a, run: x, timeout: 2s, retries: 1, retry_delay: 0}]\n",
                           {.id = "a", .attempt = 1, .ms = 9000}, {.id = "a", .ms = 1000});
    (void)state;
    assert_string_equal(status_of(&p, "a"), "succeeded");
    assert_int_equal(p.ended_ms, 3000);
    played_free(&p);
}

static void a_timeout_says_who_ended_it(void **state)
{
    struct played p = PLAY("steps: [{id: a, run: x, timeout: 2s}]\n", {.id = "a", .ms = 9000});
    (void)state;
    assert_string_equal(status_of(&p, "a"), "timed_out");
    assert_string_equal(message_of(&p, "a"), "timed out after 2 s: flowrun sent TERM");
    played_free(&p);
}

static void a_total_timeout_ends_a_running_attempt(void **state)
{
    struct played p =
        PLAY("steps: [{id: a, run: x, total_timeout: 3s, retries: 9, retry_delay: 0}]\n",
             {.id = "a", .ms = 2000, .exit_code = 1});
    (void)state;
    assert_string_equal(p.jobs, "a#1 a#2");
    assert_string_equal(status_of(&p, "a"), "timed_out");
    assert_int_equal(p.ended_ms, 3000);
    played_free(&p);
}

static void no_wait_that_the_total_timeout_would_end(void **state)
{
    struct played p =
        PLAY("steps: [{id: a, run: x, total_timeout: 3s, retries: 9, retry_delay: 5s}]\n",
             {.id = "a", .ms = 1000, .exit_code = 4});
    (void)state;
    assert_int_equal(p.ended_ms, 1000);
    assert_string_equal(status_of(&p, "a"), "failed");
    assert_string_equal(message_of(&p, "a"), "exited with code 4; no time for another attempt "
                                             "within the total_timeout of 3 s");
    played_free(&p);
}

static void a_signal_of_its_own_is_told_from_ours(void **state)
{
    struct played p = PLAY("steps: [{id: a, run: x}]\n", {.id = "a", .signal = 11});
    (void)state;
    assert_string_equal(message_of(&p, "a"), "killed by signal 11 (SIGSEGV), not sent by flowrun");
    assert_int_equal(p.run->results[0].signal, 11);
    assert_int_equal(p.run->results[0].exit_code, -1);
    played_free(&p);
}

static void a_fallback_takes_the_steps_place(void **state)
{
    struct played p = PLAY("steps:\n"
                           "  - {id: a, run: x, input: in, fallback: {id: f, run: x}}\n"
                           "  - {id: b, run: x}\n",
                           {.id = "a", .exit_code = 9}, {.id = "f", .out = "plan b"});
    (void)state;
    assert_string_equal(p.jobs, "a#1 f#1 b#1");
    assert_string_equal(status_of(&p, "a"), "succeeded");
    assert_string_equal(output_of(&p, "a"), "\"plan b\"");
    assert_string_equal(message_of(&p, "a"), "exited with code 9");
    assert_string_equal(status_of(&p, "f"), "succeeded");
    assert_int_equal(fr_run_exit_code(p.run), 0);
    played_free(&p);
}

static void a_fallback_that_fails_leaves_the_failure(void **state)
{
    struct played p = PLAY("steps: [{id: a, run: x, fallback: {id: f, run: x}}]\n",
                           {.id = "a", .exit_code = 9}, {.id = "f", .exit_code = 2});
    (void)state;
    assert_string_equal(status_of(&p, "a"), "failed");
    assert_string_equal(message_of(&p, "a"), "exited with code 9");
    assert_int_equal(fr_run_exit_code(p.run), 1);
    played_free(&p);
}

static void a_fallback_that_nobody_needs_is_skipped(void **state)
{
    struct played p = PLAY("steps: [{id: a, run: x, fallback: {id: f, run: x}}]\n", {.id = "a"});
    (void)state;
    assert_string_equal(p.jobs, "a#1");
    assert_string_equal(status_of(&p, "f"), "skipped");
    played_free(&p);
}

static void continue_on_error_comes_after_the_fallback(void **state)
{
    struct played p =
        PLAY("steps:\n"
             "  - {id: a, run: x, continue_on_error: true, fallback: {id: f, run: x}}\n"
             "  - {id: b, run: x}\n",
             {.id = "a", .exit_code = 9, .out = "half"}, {.id = "f", .exit_code = 2});
    (void)state;
    assert_string_equal(p.jobs, "a#1 f#1 b#1");
    assert_string_equal(status_of(&p, "a"), "failed");
    assert_string_equal(output_of(&p, "a"), "null");
    assert_true(p.run->results[0].tolerated);
    assert_int_equal(fr_run_exit_code(p.run), 0);
    played_free(&p);
}

static const char side_by_side[] = "mode: graph\n"
                                   "steps:\n"
                                   "  - {id: bad, run: x}\n"
                                   "  - {id: slow, run: x}\n"
                                   "  - {id: after, run: x, depends_on: [slow]}\n"
                                   "  - {id: hit, run: x, depends_on: [bad]}\n";

static void a_run_drains_after_a_failure(void **state)
{
    struct played p =
        PLAY(side_by_side, {.id = "bad", .exit_code = 1, .ms = 10}, {.id = "slow", .ms = 500});
    (void)state;
    assert_string_equal(status_of(&p, "slow"), "succeeded");
    assert_string_equal(status_of(&p, "after"), "cancelled");
    assert_string_equal(message_of(&p, "after"), "step 'bad' failed (`on_failure: drain`)");
    assert_string_equal(status_of(&p, "hit"), "blocked");
    assert_int_equal(p.ended_ms, 500);
    played_free(&p);
}

static void fail_fast_stops_what_runs(void **state)
{
    char yaml[512];
    (void)state;
    snprintf(yaml, sizeof(yaml), "fail_fast: true\n%s", side_by_side);
    struct played p =
        PLAY(yaml, {.id = "bad", .exit_code = 1, .ms = 10}, {.id = "slow", .ms = 500});
    assert_string_equal(status_of(&p, "slow"), "cancelled");
    assert_string_equal(message_of(&p, "slow"),
                        "fail-fast of the run after step 'bad' failed: flowrun sent TERM");
    assert_int_equal(p.ended_ms, 10);
    assert_int_equal(fr_run_exit_code(p.run), 1);
    played_free(&p);
}

static void keep_going_runs_what_does_not_depend_on_it(void **state)
{
    struct played p = play(side_by_side, (struct act[]){{.id = "bad", .exit_code = 1}, {0}},
                           (struct stage_options){.keep_going = true});
    (void)state;
    assert_string_equal(status_of(&p, "after"), "succeeded");
    assert_string_equal(status_of(&p, "hit"), "blocked");
    assert_string_equal(message_of(&p, "hit"), "'bad', which it depends on, failed");
    assert_int_equal(fr_run_exit_code(p.run), 1);
    played_free(&p);
}

static void retries_of_what_runs_go_on_while_the_run_drains(void **state)
{
    struct played p = PLAY("mode: graph\n"
                           "steps:\n"
                           "  - {id: bad, run: x}\n"
                           "  - {id: a, run: x, retries: 1, retry_delay: 1s, retry_jitter: 0}\n",
                           {.id = "bad", .exit_code = 1, .ms = 10},
                           {.id = "a", .attempt = 1, .exit_code = 1, .ms = 50});
    (void)state;
    assert_string_equal(status_of(&p, "a"), "succeeded");
    assert_int_equal(p.ended_ms, 1050);
    played_free(&p);
}

static void the_runs_timeout_ends_all_but_finally(void **state)
{
    struct played p = PLAY("timeout: 2s\n"
                           "steps: [{id: a, run: x}, {id: b, run: x}]\n"
                           "finally: [{id: z, run: x}]\n",
                           {.id = "a", .ms = 9000, .stubborn_ms = 100}, {.id = "z", .ms = 5000});
    (void)state;
    assert_string_equal(status_of(&p, "a"), "timed_out");
    assert_string_equal(message_of(&p, "a"), "the run timed out after 2 s: flowrun sent TERM");
    assert_string_equal(status_of(&p, "b"), "cancelled");
    assert_string_equal(status_of(&p, "z"), "succeeded");
    assert_int_equal(p.ended_ms, 2100 + 5000);
    assert_int_equal(fr_run_exit_code(p.run), 124);
    played_free(&p);
}

static void a_group_merges_when_all_have_ended(void **state)
{
    struct played p =
        PLAY("steps:\n"
             "  - id: g\n"
             "    type: parallel_group\n"
             "    success: 1\n"
             "    steps: [{id: a, run: x}, {id: b, run: x}, {id: c, run: x, when: \"false\"}]\n"
             "  - {id: z, run: x}\n",
             {.id = "a", .out = "A", .ms = 20}, {.id = "b", .exit_code = 2});
    (void)state;
    assert_string_equal(output_of(&p, "g"), "{\"outputs\":[{\"id\":\"a\",\"output\":\"A\",\"cost\":"
                                            "0,\"quality\":null}],\"errors\":[{\"id\":\"b\","
                                            "\"status\":\"failed\",\"error\":{\"code\":\"exit-"
                                            "code\",\"message\":\"exited with code 2\"}}]}");
    assert_string_equal(status_of(&p, "z"), "succeeded");
    const struct fr_step_result *g = &p.run->results[0];
    assert_int_equal(g->ok, 1);
    assert_int_equal(g->failed, 1);
    assert_int_equal(g->skipped, 1);
    played_free(&p);
}

static void a_group_fails_when_too_few_succeed(void **state)
{
    struct played p = PLAY("steps:\n"
                           "  - id: g\n"
                           "    type: parallel_group\n"
                           "    steps: [{id: a, run: x}, {id: b, run: x}]\n"
                           "    callback: {id: cb, run: x}\n",
                           {.id = "b", .exit_code = 2});
    (void)state;
    assert_string_equal(status_of(&p, "g"), "failed");
    assert_string_equal(message_of(&p, "g"),
                        "1 of 2 branches succeeded, all are needed: 'b' failed: "
                        "exited with code 2");
    assert_string_equal(status_of(&p, "cb"), "blocked");
    assert_string_equal(output_of(&p, "g"), "null");
    assert_string_equal(p.plan->steps[p.run->first_failed].id, "b");
    played_free(&p);
}

static void fail_fast_of_a_group_stays_inside(void **state)
{
    struct played p =
        PLAY("mode: graph\n"
             "steps:\n"
             "  - id: g\n"
             "    type: parallel_group\n"
             "    fail_fast: true\n"
             "    max_workers: 2\n"
             "    continue_on_error: true\n"
             "    steps: [{id: a, run: x}, {id: b, run: x}, {id: c, run: x}]\n"
             "  - {id: z, run: x}\n",
             {.id = "a", .exit_code = 1, .ms = 10}, {.id = "b", .ms = 900}, {.id = "z", .ms = 100});
    (void)state;
    assert_string_equal(status_of(&p, "b"), "cancelled");
    assert_string_equal(message_of(&p, "b"),
                        "fail-fast of group 'g' after step 'a' failed: flowrun sent TERM");
    assert_string_equal(status_of(&p, "c"), "cancelled");
    assert_string_equal(status_of(&p, "g"), "failed");
    assert_string_equal(status_of(&p, "z"), "succeeded");
    assert_int_equal(fr_run_exit_code(p.run), 0);
    played_free(&p);
}

static void a_key_that_ends_the_step_with_the_terminal_ends_the_run(void **state)
{
    const struct act ends[] = {{.id = "a", .signal = 2}, {.id = "a", .exit_code = 130}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct played p = PLAY("steps: [{id: a, run: x, tty: true, retries: 3}, {id: b, run: x}]\n"
                               "finally: [{id: z, run: x}]\n",
                               ends[i]);
        assert_string_equal(status_of(&p, "a"), "cancelled");
        assert_string_equal(message_of(&p, "a"), "you pressed Ctrl-C");
        assert_string_equal(status_of(&p, "b"), "cancelled");
        assert_string_equal(status_of(&p, "z"), "succeeded");
        assert_int_equal(fr_run_exit_code(p.run), 130);
        played_free(&p);
    }
}

static void a_groups_timeout_ends_its_branches(void **state)
{
    struct played p = PLAY(
        "steps:\n"
        "  - id: g\n"
        "    type: parallel_group\n"
        "    timeout: 1s\n"
        "    steps: [{id: a, run: x}, {id: h, type: parallel_group, steps: [{id: b, run: x}]}]\n",
        {.id = "a", .ms = 10}, {.id = "b", .ms = 9000});
    (void)state;
    assert_string_equal(status_of(&p, "g"), "timed_out");
    assert_string_equal(status_of(&p, "h"), "timed_out");
    assert_string_equal(status_of(&p, "b"), "timed_out");
    assert_int_equal(p.ended_ms, 1000);
    played_free(&p);
}

static void a_callback_gives_the_groups_output(void **state)
{
    struct played p = PLAY("steps:\n"
                           "  - id: g\n"
                           "    type: parallel_group\n"
                           "    merge_strategy: first_success\n"
                           "    steps: [{id: a, run: x}, {id: b, run: x}]\n"
                           "    callback: {id: cb, run: x}\n",
                           {.id = "a", .out = "A", .ms = 50}, {.id = "b", .out = "B"},
                           {.id = "cb", .out = "from callback"});
    (void)state;
    assert_string_equal(p.jobs, "a#1 b#1 cb#1");
    assert_string_equal(output_of(&p, "g"), "\"from callback\"");
    played_free(&p);
}

static void a_race_takes_the_first_success(void **state)
{
    struct played p =
        PLAY("steps:\n"
             "  - id: r\n"
             "    type: race\n"
             "    steps: [{id: slow, run: x}, {id: bad, run: x}, {id: fast, run: x}]\n",
             {.id = "slow", .ms = 900, .out = "slow"}, {.id = "bad", .ms = 1, .exit_code = 1},
             {.id = "fast", .ms = 20, .out = "fast"});
    (void)state;
    assert_string_equal(output_of(&p, "r"), "\"fast\"");
    assert_string_equal(status_of(&p, "slow"), "cancelled");
    assert_string_equal(message_of(&p, "slow"),
                        "the race 'r' was won by 'fast': flowrun sent TERM");
    assert_int_equal(p.ended_ms, 20);
    played_free(&p);
}

static void a_race_does_not_wait_for_losers_but_the_end_does(void **state)
{
    static const struct act acts[] = {{.id = "deaf", .ms = 900, .stubborn_ms = 500},
                                      {.id = "fast", .ms = 20, .out = "fast"},
                                      {.id = "after", .ms = 30},
                                      {0}};
    struct played p =
        play("steps:\n"
             "  - {id: r, type: race, steps: [{id: deaf, run: x}, {id: fast, run: x}]}\n"
             "  - {id: after, run: x}\n"
             "finally: [{id: last, run: x}]\n",
             acts, (struct stage_options){.workers = 2});
    (void)state;
    assert_string_equal(status_of(&p, "deaf"), "cancelled");
    assert_non_null(strstr(p.events, "20 after pending>running\n"));
    assert_non_null(strstr(p.events, "520 last pending>running\n"));
    assert_int_equal(p.ended_ms, 520);
    played_free(&p);
}

static void a_loser_that_goes_on_keeps_its_worker(void **state)
{
    static const struct act acts[] = {{.id = "deaf", .ms = 900, .stubborn_ms = 500},
                                      {.id = "fast", .ms = 20},
                                      {.id = "a", .ms = 30},
                                      {0}};
    struct played p =
        play("mode: graph\n"
             "steps:\n"
             "  - {id: r, type: race, steps: [{id: deaf, run: x}, {id: fast, run: x}]}\n"
             "  - {id: a, depends_on: [r], run: x}\n"
             "  - {id: b, depends_on: [r], run: x}\n",
             acts, (struct stage_options){.workers = 2});
    (void)state;
    assert_non_null(strstr(p.events, "20 a pending>running\n"));
    assert_non_null(strstr(p.events, "50 b pending>running\n"));
    assert_int_equal(p.ended_ms, 520);
    played_free(&p);
}

static void a_loser_with_something_to_give_back_is_waited_for(void **state)
{
    struct played p =
        PLAY("limits: [{name: l, max_workers: 1}]\n"
             "steps:\n"
             "  - {id: r, type: race, steps: [{id: deaf, run: x, limit: l}, {id: fast, run: x}]}\n"
             "  - {id: after, run: x, limit: l}\n",
             {.id = "deaf", .ms = 900, .stubborn_ms = 500}, {.id = "fast", .ms = 20});
    (void)state;
    assert_string_equal(status_of(&p, "deaf"), "cancelled");
    assert_non_null(strstr(p.events, "520 after pending>running\n"));
    played_free(&p);
}

static void several_winners_stand_in_order_of_declaration(void **state)
{
    struct played p = PLAY("steps:\n"
                           "  - id: r\n"
                           "    type: race\n"
                           "    keep: 2\n"
                           "    steps: [{id: a, run: x}, {id: b, run: x}, {id: c, run: x}]\n",
                           {.id = "a", .ms = 50, .out = "A"}, {.id = "b", .ms = 900, .out = "B"},
                           {.id = "c", .ms = 20, .out = "C"});
    (void)state;
    assert_string_equal(output_of(&p, "r"), "[\"A\",\"C\"]");
    played_free(&p);
}

static void a_race_without_a_winner_fails(void **state)
{
    struct played p =
        PLAY("steps: [{id: r, type: race, steps: [{id: a, run: x}, {id: b, run: x}]}]\n",
             {.id = "a", .exit_code = 1}, {.id = "b", .exit_code = 1});
    (void)state;
    assert_string_equal(status_of(&p, "r"), "failed");
    assert_string_equal(message_of(&p, "r"),
                        "the race wanted 1 of its 2 branches to succeed, and 0 did");
    played_free(&p);
}

static void a_skipped_step_lets_its_input_pass_in_a_chain(void **state)
{
    struct played p = PLAY("steps:\n"
                           "  - {id: a, run: x}\n"
                           "  - {id: b, run: x, when: \".input == \\\"no\\\"\"}\n"
                           "  - {id: c, type: transform, expr: .input}\n",
                           {.id = "a", .out = "A"});
    (void)state;
    assert_string_equal(p.jobs, "a#1");
    assert_string_equal(status_of(&p, "b"), "skipped");
    assert_string_equal(output_of(&p, "c"), "\"A\"");
    played_free(&p);
}

static void several_dependencies_come_as_an_object(void **state)
{
    struct played p = PLAY("mode: graph\n"
                           "steps:\n"
                           "  - {id: b, run: x}\n"
                           "  - {id: a, run: x, continue_on_error: true}\n"
                           "  - {id: c, type: transform, expr: .input, depends_on: [a, b]}\n",
                           {.id = "a", .exit_code = 1, .out = "lost"}, {.id = "b", .out = "B"});
    (void)state;
    assert_string_equal(output_of(&p, "c"), "{\"a\":null,\"b\":\"B\"}");
    assert_string_equal(run_output(&p), "{\"a\":null,\"b\":\"B\"}");
    played_free(&p);
}

static void sinks_of_a_graph_are_the_output(void **state)
{
    struct played p = PLAY("mode: graph\nsteps: [{id: b, run: x}, {id: a, run: x}]\n",
                           {.id = "a", .out = "A"}, {.id = "b", .out = "B"});
    (void)state;
    assert_string_equal(run_output(&p), "{\"b\":\"B\",\"a\":\"A\"}");
    played_free(&p);
}

static void a_split_list_reaches_each_branch_in_part(void **state)
{
    struct played p = play("steps:\n"
                           "  - id: g\n"
                           "    type: parallel_group\n"
                           "    split: chunk\n"
                           "    merge_strategy: combine_outputs\n"
                           "    steps:\n"
                           "      - {id: a, type: transform, expr: .input}\n"
                           "      - {id: b, type: transform, expr: .input}\n",
                           NULL, (struct stage_options){.input = "[1,2,3]"});
    (void)state;
    assert_string_equal(output_of(&p, "a"), "[1,2]");
    assert_string_equal(output_of(&p, "b"), "[3]");
    assert_string_equal(output_of(&p, "g"), "[1,2,3]");
    played_free(&p);
}

static void a_split_of_something_else_fails_the_group(void **state)
{
    struct played p =
        play("steps:\n"
             "  - {id: g, type: parallel_group, split: chunk, steps: [{id: a, run: x}]}\n",
             NULL, (struct stage_options){.input = "\"text\""});
    (void)state;
    assert_string_equal(status_of(&p, "g"), "failed");
    assert_string_equal(p.run->results[0].error_code, "bad-split");
    assert_string_equal(status_of(&p, "a"), "blocked");
    played_free(&p);
}

static void output_that_is_no_json_is_a_failure_that_is_retried(void **state)
{
    struct played p = PLAY("steps: [{id: a, run: x, output: json, retries: 1, retry_delay: 0}]\n",
                           {.id = "a", .attempt = 1, .out = "{oops"}, {.id = "a", .out = "7"});
    (void)state;
    assert_string_equal(p.jobs, "a#1 a#2");
    assert_string_equal(output_of(&p, "a"), "7");
    played_free(&p);
}

static void a_wait_holds_no_worker_and_passes_its_input_on(void **state)
{
    struct played p = play("mode: graph\n"
                           "steps:\n"
                           "  - {id: w, type: wait, duration: 3s}\n"
                           "  - {id: a, run: x}\n"
                           "  - {id: b, type: transform, expr: .input, depends_on: [w]}\n",
                           (struct act[]){{.id = "a", .ms = 1000}, {0}},
                           (struct stage_options){.workers = 1, .input = "\"in\""});
    (void)state;
    assert_int_equal(p.ended_ms, 3000);
    assert_string_equal(output_of(&p, "b"), "\"in\"");
    played_free(&p);
}

static void quality_and_cost_are_read_from_the_result(void **state)
{
    struct played p = PLAY("steps: [{id: a, run: x, output: json, quality: .result.output.q, "
                           "cost: .result.output.c, retries: 1, retry_delay: 0}]\n",
                           {.id = "a", .out = "{\"q\": 0.5, \"c\": 0.05}"});
    (void)state;
    assert_true(p.run->results[0].has_quality);
    assert_true(p.run->results[0].quality == 0.5);
    assert_int_equal(p.run->results[0].cost, 50000);
    assert_int_equal(p.run->cost, 50000);
    played_free(&p);
}

static void a_failed_finally_step_makes_the_run_fail_but_not_the_next(void **state)
{
    struct played p = PLAY("steps: [{id: a, run: x}]\n"
                           "finally: [{id: y, run: x}, {id: z, run: x}]\n",
                           {.id = "a", .out = "A"}, {.id = "y", .exit_code = 1});
    (void)state;
    assert_string_equal(p.jobs, "a#1 y#1 z#1");
    assert_int_equal(fr_run_exit_code(p.run), 1);
    assert_string_equal(run_output(&p), "\"A\"");
    played_free(&p);
}

static void the_critical_path_is_the_longest_by_measured_time(void **state)
{
    struct played p = PLAY("mode: graph\n"
                           "steps:\n"
                           "  - {id: a, run: x}\n"
                           "  - {id: b, run: x}\n"
                           "  - {id: c, run: x, depends_on: [a, b]}\n",
                           {.id = "a", .ms = 30}, {.id = "b", .ms = 70}, {.id = "c", .ms = 5});
    (void)state;
    assert_int_equal(p.run->critical.count, 2);
    assert_string_equal(p.plan->steps[p.run->critical.at[0]].id, "b");
    assert_string_equal(p.plan->steps[p.run->critical.at[1]].id, "c");
    assert_true(p.run->sequential_ns == 105 * 1000000LL);
    played_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_hands_outputs_on),
        cmocka_unit_test(retries_wait_longer_each_time_and_not_after_the_last),
        cmocka_unit_test(sinks_are_reminded_of_the_time),
        cmocka_unit_test(who_cannot_follow_holds_back_steps_and_no_times),
        cmocka_unit_test(a_delay_has_a_ceiling),
        cmocka_unit_test(jitter_is_the_same_for_the_same_run),
        cmocka_unit_test(the_server_may_ask_for_a_longer_wait),
        cmocka_unit_test(a_retry_that_succeeds_is_a_success),
        cmocka_unit_test(retry_on_chooses_what_is_tried_again),
        cmocka_unit_test(retry_when_reads_the_result),
        cmocka_unit_test(a_timeout_is_for_one_attempt),
        cmocka_unit_test(a_timeout_says_who_ended_it),
        cmocka_unit_test(a_total_timeout_ends_a_running_attempt),
        cmocka_unit_test(no_wait_that_the_total_timeout_would_end),
        cmocka_unit_test(a_signal_of_its_own_is_told_from_ours),
        cmocka_unit_test(a_fallback_takes_the_steps_place),
        cmocka_unit_test(a_fallback_that_fails_leaves_the_failure),
        cmocka_unit_test(a_fallback_that_nobody_needs_is_skipped),
        cmocka_unit_test(continue_on_error_comes_after_the_fallback),
        cmocka_unit_test(a_run_drains_after_a_failure),
        cmocka_unit_test(fail_fast_stops_what_runs),
        cmocka_unit_test(keep_going_runs_what_does_not_depend_on_it),
        cmocka_unit_test(retries_of_what_runs_go_on_while_the_run_drains),
        cmocka_unit_test(the_runs_timeout_ends_all_but_finally),
        cmocka_unit_test(a_group_merges_when_all_have_ended),
        cmocka_unit_test(a_group_fails_when_too_few_succeed),
        cmocka_unit_test(fail_fast_of_a_group_stays_inside),
        cmocka_unit_test(a_groups_timeout_ends_its_branches),
        cmocka_unit_test(a_key_that_ends_the_step_with_the_terminal_ends_the_run),
        cmocka_unit_test(a_callback_gives_the_groups_output),
        cmocka_unit_test(a_race_takes_the_first_success),
        cmocka_unit_test(a_race_does_not_wait_for_losers_but_the_end_does),
        cmocka_unit_test(a_loser_that_goes_on_keeps_its_worker),
        cmocka_unit_test(a_loser_with_something_to_give_back_is_waited_for),
        cmocka_unit_test(several_winners_stand_in_order_of_declaration),
        cmocka_unit_test(a_race_without_a_winner_fails),
        cmocka_unit_test(a_skipped_step_lets_its_input_pass_in_a_chain),
        cmocka_unit_test(several_dependencies_come_as_an_object),
        cmocka_unit_test(sinks_of_a_graph_are_the_output),
        cmocka_unit_test(a_split_list_reaches_each_branch_in_part),
        cmocka_unit_test(a_split_of_something_else_fails_the_group),
        cmocka_unit_test(output_that_is_no_json_is_a_failure_that_is_retried),
        cmocka_unit_test(a_wait_holds_no_worker_and_passes_its_input_on),
        cmocka_unit_test(quality_and_cost_are_read_from_the_result),
        cmocka_unit_test(a_failed_finally_step_makes_the_run_fail_but_not_the_next),
        cmocka_unit_test(the_critical_path_is_the_longest_by_measured_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
