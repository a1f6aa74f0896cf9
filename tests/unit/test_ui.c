/* Progress, summary and the showing of foreign text. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "flowrun/base/fd.h"
#include "flowrun/ui/progress.h"
#include "ui/lines.h"
#include "ui/woven.h"

static void assert_visible(const char *text, size_t len, bool sgr, const char *expected)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    fr_visible(text, len, sgr, &out);
    assert_string_equal(fr_buf_cstr(&out), expected);
    fr_buf_release(&out);
}

static void controls_are_made_visible(void **state)
{
    (void)state;
    assert_visible("plain\ttext\n", 11, false, "plain\ttext\n");
    assert_visible("a\033[2Jb", 6, true, "a^[[2Jb");
    assert_visible("a\033[31mb", 7, false, "a^[[31mb");
    assert_visible("a\033[31mb", 7, true, "a\033[31mb");
    assert_visible("\033[31", 4, true, "^[[31");
    assert_visible("\0\177\r", 3, false, "^@^?^M");
    assert_visible("\xFF\xC3", 2, false, "\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_visible("\xC2\x9B"
                   "31m",
                   5, true,
                   "\xEF\xBF\xBD"
                   "31m");
    assert_visible("\xC3\xA9", 2, false, "\xC3\xA9");
}

static void names_turn_no_direction(void **state)
{
    static const char *const turning[] = {"\xE2\x80\xAA", "\xE2\x80\xAE", "\xE2\x81\xA6",
                                          "\xE2\x81\xA9", "\xE2\x80\x8F", "\xE2\x80\xA8",
                                          "\xEF\xBB\xBF", "\xFF",         "\xC2\x9B"};
    struct fr_buf out, text;
    (void)state;
    fr_buf_init(&out, 0);
    fr_buf_init(&text, 0);
    for (size_t i = 0; i < sizeof turning / sizeof turning[0]; i++) {
        fr_buf_clear(&out);
        fr_buf_clear(&text);
        fr_buf_printf(&text, "a\t%sb\n\xC3\xA9\xE2\x82\xAC\x1B", turning[i]);
        fr_visible_line(fr_buf_cstr(&text), &out);
        assert_string_equal(fr_buf_cstr(&out), "a \xEF\xBF\xBD"
                                               "b \xC3\xA9\xE2\x82\xAC^[");
    }
    fr_buf_release(&text);
    fr_buf_release(&out);
    /* What a step prints may be in a script that needs them. */
    assert_visible("a\xE2\x80\xAE", 4, false, "a\xE2\x80\xAE");
}

/* The last lines of "one two three" and "err half", which were woven as the list says. */
static void assert_last(const char *list, size_t len, int count, const char *expected)
{
    struct woven woven = {.text = {"one\ntwo\nthree\n", "err\nhalf"},
                          .len = {14, 8},
                          .weave = list,
                          .weave_len = len};
    struct fr_buf out;
    fr_buf_init(&out, 0);
    woven_quote_last(&woven, count, "", false, &out);
    assert_string_equal(fr_buf_cstr(&out), expected);
    fr_buf_release(&out);
}

static void lines_stand_where_they_ended(void **state)
{
    (void)state;
    assert_last(NULL, 0, 99, "| one\n| two\n| three\n! err\n! half\n");
    assert_last(NULL, 0, 2, "! err\n! half\n");
    assert_last("\x08\x09\x14\x09", 4, 99, "| one\n! err\n| two\n| three\n! half\n");
    assert_last("\x0a\x09\x12\x09", 4, 3, "| two\n| three\n! half\n");
    assert_last("\x1a\x11\x02", 3, 2, "| three\n! half\n");
    assert_last("\x11\x1c", 2, 9, "! err\n| one\n| two\n| three\n! half\n");
    /* Lists that do not fit are followed as far as they go. */
    assert_last("\xff\xff\x03\x08", 4, 2, "| two\n| three\n");
}

static void of_two_half_lines_the_older_one_comes_first(void **state)
{
    struct woven woven = {.text = {"out", "err"}, .len = {3, 3}};
    struct fr_buf out;
    (void)state;
    fr_buf_init(&out, 0);
    woven.weave = "\x06\x07";
    woven.weave_len = 2;
    woven_quote_last(&woven, 9, "", false, &out);
    woven.weave = "\x07\x06";
    woven_quote_last(&woven, 9, "", false, &out);
    assert_string_equal(fr_buf_cstr(&out), "| out\n! err\n! err\n| out\n");
    fr_buf_release(&out);
}

static void a_long_line_of_a_summary_is_cut(void **state)
{
    char text[501];
    struct fr_buf out;

    (void)state;
    memset(text, 'x', 500);
    text[399] = '\xC3';
    text[400] = '\xA9';
    fr_buf_init(&out, 0);
    lines_quote_line("> ", text, 500, true, false, &out);
    assert_int_equal(out.len, 2 + 399 + strlen("… (and 101 bytes)\n"));
    assert_non_null(strstr(out.data, "x… (and 101 bytes)\n"));
    fr_buf_clear(&out);
    lines_quote("> ", text, 500, &out);
    assert_int_equal(out.len, 2 + 500 + 1);
    fr_buf_release(&out);
}

static struct fr_step steps[2] = {
    {.index = 0,
     .id = "a",
     .type = "command",
     .parent = FR_NO_STEP,
     .frame = FR_NO_STEP,
     .mark = {"f.yaml", 3, 5, 1}},
    {.index = 1,
     .id = "b",
     .type = "command",
     .parent = FR_NO_STEP,
     .frame = FR_NO_STEP,
     .mark = {"f.yaml", 5, 5, 1}},
};
static struct fr_plan plan = {.name = "demo", .steps = steps, .step_count = 2};

/* Sends one event to a sink of the given mode and returns what it wrote; owned. */
static char *written(struct fr_sink *sink, int fd)
{
    struct fr_buf out;
    fr_progress_free(sink);
    fr_buf_init(&out, 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(fr_read_all(fd, &out), 0);
    fr_close(&fd);
    return fr_buf_take(&out, NULL);
}

static void send_chunk(struct fr_sink *sink, const struct fr_run *run, int step, int fd,
                       const char *text)
{
    struct fr_event ev = {.kind = FR_EVENT_OUTPUT,
                          .run = run,
                          .step = &steps[step],
                          .fd = fd,
                          .data = text,
                          .len = strlen(text)};
    sink->event(sink, &ev);
}

static void stream_shows_whole_lines_only(void **state)
{
    struct fr_run run = {.plan = &plan};
    struct fr_report report = {.kind = FR_REPORT_FINISHED};
    struct fr_event end = {.kind = FR_EVENT_LOG, .run = &run, .step = &steps[0], .report = &report};
    int fd = memfd_create("out", MFD_CLOEXEC);
    struct fr_sink *sink = fr_progress_new(fd, FR_LOG_STREAM, false, NULL);

    (void)state;
    send_chunk(sink, &run, 0, 1, "half");
    send_chunk(sink, &run, 1, 1, "other\n");
    send_chunk(sink, &run, 0, 2, "err\n");
    send_chunk(sink, &run, 0, 1, " line\nrest");
    sink->event(sink, &end);
    char *text = written(sink, fd);
    assert_string_equal(text, "b | other\na | err\na | half line\na | rest\n");
    free(text);
}

static void group_shows_an_attempt_in_one_piece(void **state)
{
    struct fr_run run = {.plan = &plan, .total = 2};
    struct fr_report report = {.kind = FR_REPORT_FINISHED,
                               .out = (char *)"o1\no2",
                               .out_len = 5,
                               .err = (char *)"e\n",
                               .err_len = 2};
    struct fr_step_result result = {.status = FR_FAILED,
                                    .error_message = (char *)"exited with code 3"};
    struct fr_event start = {.kind = FR_EVENT_RUN_STARTED, .run = &run};
    struct fr_event log = {
        .kind = FR_EVENT_LOG, .run = &run, .step = &steps[0], .report = &report, .attempt = 2};
    struct fr_event end = {.kind = FR_EVENT_STATUS,
                           .run = &run,
                           .step = &steps[0],
                           .result = &result,
                           .from = FR_RUNNING,
                           .to = FR_FAILED};
    int fd = memfd_create("out", MFD_CLOEXEC);
    struct fr_sink *sink = fr_progress_new(fd, FR_LOG_GROUP, false, NULL);

    (void)state;
    sink->event(sink, &start);
    sink->event(sink, &log);
    sink->event(sink, &end);
    char *text = written(sink, fd);
    assert_string_equal(
        text, "--- a, attempt 2\n  | o1\n  | o2\n  ! e\n[1/2] a: failed: exited with code 3\n");
    free(text);
}

static void now_and_again_a_line_tells_what_still_runs(void **state)
{
    struct fr_step_result results[2] = {{.status = FR_RUNNING, .started_ns = 1},
                                        {.status = FR_PENDING}};
    struct fr_run run = {.plan = &plan, .results = results, .total = 2};
    struct fr_event tick = {.kind = FR_EVENT_TICK, .run = &run, .now_ns = 30000000001};
    int fd = memfd_create("out", MFD_CLOEXEC);
    struct fr_sink *sink = fr_progress_new(fd, FR_LOG_GROUP, false, NULL);

    (void)state;
    sink->event(sink, &tick);
    results[1] = (struct fr_step_result){.status = FR_RUNNING, .started_ns = 20000000001};
    sink->event(sink, &tick);
    results[0].status = results[1].status = FR_WAITING;
    sink->event(sink, &tick);
    char *text = written(sink, fd);
    assert_string_equal(text, "still running: a (30 s)\n"
                              "still running: a (30 s), b (10 s)\n");
    free(text);
}

static void the_first_failure_stands_last(void **state)
{
    struct fr_step_result results[2] = {
        {.status = FR_FAILED,
         .attempts = 1,
         .error_message = (char *)"exited with code 1",
         .err_tail = (char *)"boom\n",
         .err_tail_len = 5},
        {.status = FR_TIMED_OUT, .attempts = 3, .error_message = (char *)"timed out after 2 s"}};
    struct fr_run run = {.plan = &plan,
                         .outcome = FR_RUN_FAILED,
                         .results = results,
                         .started_ns = 1,
                         .ended_ns = 1000000001,
                         .sequential_ns = 2000000000,
                         .first_failed = 0,
                         .cost = 50000};
    struct fr_buf out;

    (void)state;
    run.counts[FR_FAILED] = 1;
    run.counts[FR_TIMED_OUT] = 1;
    fr_buf_init(&out, 0);
    fr_summary_write(&run, NULL, false, false, &out);
    const char *b = strstr(
        out.data, "timed out: b (after 3 attempts) at f.yaml:5:5\n    timed out after 2 s\n");
    const char *a =
        strstr(out.data, "failed: a at f.yaml:3:5\n    exited with code 1\n    ! boom\n");
    assert_non_null(strstr(out.data, "time 1 s, one after the other 2 s, speed-up 2.00\n"));
    assert_non_null(strstr(out.data, "cost 0.05 USD\n"));
    assert_non_null(strstr(out.data, "flowrun: demo failed: 1 failed, 1 timed out\n"));
    assert_non_null(b);
    assert_non_null(a);
    assert_true(b < a);
    fr_buf_clear(&out);
    run.sequential_ns = 900000000; /* nothing was won */
    fr_summary_write(&run, NULL, false, false, &out);
    assert_non_null(strstr(out.data, "time 1 s\n"));
    fr_buf_release(&out);
}

static char *masked(const struct fr_mask *mask, const char *text)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    fr_mask_text(mask, text, strlen(text), false, &out);
    fr_buf_cstr(&out);
    return fr_buf_take(&out, NULL);
}

static void secrets_are_masked_whole_by_line_and_in_json(void **state)
{
    struct fr_mask *mask = fr_mask_new();

    (void)state;
    assert_true(fr_mask_add(mask, "tok\"en"));
    assert_true(fr_mask_add(mask, "first line\nsecond"));
    assert_true(fr_mask_add(mask, "firstly"));
    assert_false(fr_mask_add(mask, "abc"));
    char *text =
        masked(mask, "a tok\"en {\"t\":\"tok\\\"en\"} first line. second abc firstly firs");
    assert_string_equal(text, "a *** {\"t\":\"***\"} ***. *** abc *** firs");
    free(text);
    fr_mask_free(mask);
}

static void a_secret_is_masked_across_chunks(void **state)
{
    static const char *const chunks[] = {"x hun", "ter2 and hu", "hunt", "er2 hunter"};
    struct fr_run run = {.plan = &plan};
    struct fr_report report = {.kind = FR_REPORT_FINISHED};
    struct fr_event end = {.kind = FR_EVENT_LOG, .run = &run, .step = &steps[0], .report = &report};
    int fd = memfd_create("out", MFD_CLOEXEC);
    struct fr_mask *mask = fr_mask_new();

    (void)state;
    assert_true(fr_mask_add(mask, "hunter2"));
    struct fr_sink *sink = fr_progress_new(fd, FR_LOG_RAW, false, mask);
    for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++)
        send_chunk(sink, &run, 0, 1, chunks[i]);
    sink->event(sink, &end);
    char *text = written(sink, fd);
    assert_string_equal(text, "x *** and hu*** hunter");
    free(text);
    fr_mask_free(mask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(controls_are_made_visible),
        cmocka_unit_test(names_turn_no_direction),
        cmocka_unit_test(lines_stand_where_they_ended),
        cmocka_unit_test(of_two_half_lines_the_older_one_comes_first),
        cmocka_unit_test(a_long_line_of_a_summary_is_cut),
        cmocka_unit_test(stream_shows_whole_lines_only),
        cmocka_unit_test(group_shows_an_attempt_in_one_piece),
        cmocka_unit_test(now_and_again_a_line_tells_what_still_runs),
        cmocka_unit_test(the_first_failure_stands_last),
        cmocka_unit_test(secrets_are_masked_whole_by_line_and_in_json),
        cmocka_unit_test(a_secret_is_masked_across_chunks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
