/* The live view: frames at several sizes, what is shown of many steps, times, and the bytes that go to the terminal. No
 * terminal and no clock: both are made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "flowrun/ui/screen.h"
#include "plans.h"
#include "run/coord.h"
#include "ui/calm.h"
#include "ui/cells.h"
#include "ui/view.h"

/* A run whose steps a test moves by hand. */
struct scene {
    struct fr_plan *plan;
    struct fr_run run;
    struct fr_step_result results[1024];
    struct view view;
    struct view_frame frame;
    struct fr_sink *screen; /* NULL = the view alone */
    int64_t now;
};

static void begin(struct scene *s, const char *yaml)
{
    memset(s, 0, sizeof *s);
    s->plan = plan_of(yaml);
    assert_true(s->plan->step_count <= 1024);
    s->run = (struct fr_run){.plan = s->plan, .results = s->results};
    for (uint32_t i = 0; i < s->plan->step_count; i++)
        s->run.total += view_counts(&s->plan->steps[i]);
    view_init(&s->view, NULL);
}

static void tell(struct scene *s, struct fr_event event)
{
    event.now_ns = s->now;
    event.run = &s->run;
    if (s->screen)
        s->screen->event(s->screen, &event);
    else
        view_event(&s->view, &event);
}

static void move(struct scene *s, const char *id, enum fr_status to)
{
    const struct fr_step *step = step_of(s->plan, id);
    struct fr_step_result *r = &s->results[step->index];
    struct fr_event event = {
        .kind = FR_EVENT_STATUS, .step = step, .result = r, .from = r->status, .to = to};
    if (to == FR_RUNNING)
        r->attempts++;
    if (to == FR_RUNNING && !r->started_ns)
        r->started_ns = s->now ? s->now : 1;
    if (fr_status_is_final(to))
        r->ended_ns = s->now;
    r->status = to;
    tell(s, event);
}

static struct view_row *row_of(struct scene *s, const char *id)
{
    struct view_row *row = s->view.rows[step_of(s->plan, id)->index];
    assert_non_null(row);
    return row;
}

static void end(struct scene *s)
{
    view_release(&s->view);
    view_frame_release(&s->frame);
    fr_plan_free(s->plan);
}

/* The frame as text, each line with its end; static storage. */
static const char *drawn(struct scene *s, unsigned cols, unsigned rows)
{
    static char text[1 << 16];
    struct view_look look = {.rows = rows, .cols = cols};
    size_t at = 0;
    view_draw(&s->view, &look, s->now, &s->frame);
    assert_true(s->frame.count <= view_height(&look));
    for (unsigned i = 0; i < s->frame.count; i++) {
        const struct view_line *line = &s->frame.lines[i];
        assert_true(line->width < cols);
        assert_int_equal(line->width, cells_width(s->frame.text.data + line->at, line->len, false));
        at += (size_t)snprintf(text + at, sizeof text - at, "%.*s\n", (int)line->len,
                               s->frame.text.data + line->at);
    }
    text[at] = '\0';
    return text;
}

#define SECOND FR_NS_PER_S

static const char groups[] = "mode: graph\n"
                             "steps:\n"
                             "  - id: tests\n"
                             "    type: parallel_group\n"
                             "    steps:\n"
                             "      - {id: unit, run: x}\n"
                             "      - {id: docs, run: x, retries: 1}\n"
                             "      - {id: lint, run: x}\n"
                             "  - {id: fetch, run: x}\n"
                             "  - {id: deploy-to-the-staging-servers, run: x}\n"
                             "  - {id: bad, run: x}\n";

/* A run in the middle. */
static void begin_groups(struct scene *s)
{
    begin(s, groups);
    s->now = s->run.started_ns = SECOND;
    move(s, "tests", FR_RUNNING);
    move(s, "fetch", FR_RUNNING);
    move(s, "unit", FR_RUNNING);
    move(s, "docs", FR_RUNNING);
    move(s, "lint", FR_RUNNING);
    move(s, "bad", FR_RUNNING);
    s->now = 3 * SECOND;
    move(s, "lint", FR_SUCCEEDED);
    move(s, "bad", FR_FAILED);
    move(s, "deploy-to-the-staging-servers", FR_RUNNING);
    move(s, "docs", FR_WAITING);
    tell(s, (struct fr_event){.kind = FR_EVENT_RETRY,
                              .step = step_of(s->plan, "docs"),
                              .delay_ns = 90 * SECOND,
                              .text = "exited with code 2"});
    row_of(s, "unit")->progress = 0.4;
    row_of(s, "unit")->message = strdup("linking");
    row_of(s, "unit")->output = strdup("gcc -o test_buf");
    row_of(s, "fetch")->output = strdup("https://example.org/a/very/long/name/of/a/file.tar.gz");
    s->now = 64 * SECOND;
}

static void a_frame_has_a_bar_and_a_line_for_each_step(void **state)
{
    struct scene s;
    (void)state;
    begin_groups(&s);
    assert_string_equal(
        drawn(&s, 80, 24),
        "[########-----------------] 2/6, 3 running, 1 waiting, 1 failed, 1:03, ETA 2:06\n"
        "tests 1/3\n"
        "  unit                      1:03  40% linking | gcc -o test_buf\n"
        "  docs                      1:01  attempt 2 in 29s: exited with code 2\n"
        "fetch                       1:03  https://example.org/a/very/long/name/of/a/fi>\n"
        "deploy-to-the-staging-ser>  1:01  \n");
    end(&s);
}

static void a_narrow_frame_says_less(void **state)
{
    struct scene s;
    (void)state;
    begin_groups(&s);
    assert_string_equal(drawn(&s, 40, 10), "[##------] 2/6, 3 run, 1 fail, ETA 2:06\n"
                                           "tests 1/3\n"
                                           "  unit         1:03  40% linking | gcc>\n"
                                           "  docs         1:01  attempt 2 in 29s:>\n"
                                           "fetch          1:03  https://example.o>\n"
                                           "deploy-to-th>  1:01  \n");
    assert_string_equal(drawn(&s, 20, 3), "2/6, 3 run, 1 fail\n"
                                          "fetch  1:03  https>\n");
    assert_string_equal(drawn(&s, 20, 5), "2/6, 3 run, 1 fail\n"
                                          "fetch  1:03  https>\n"
                                          "and 3 more\n");
    assert_string_equal(drawn(&s, 1, 1), "\n");
    end(&s);
}

static void a_step_that_has_just_begun_is_not_shown_yet(void **state)
{
    struct scene s;
    (void)state;
    begin(&s, "mode: graph\nsteps: [{id: a, run: x}, {id: b, run: x}]\n");
    s.now = s.run.started_ns = SECOND;
    move(&s, "a", FR_RUNNING);
    assert_string_equal(drawn(&s, 60, 24), "[------------------------------] 0/2, 1 running, 0s\n");
    assert_true(s.view.has_young);
    s.now += SECOND / 4;
    move(&s, "b", FR_RUNNING);
    assert_string_equal(drawn(&s, 60, 24), "[------------------------------] 0/2, 2 running, 0s\n"
                                           "a    0s  \n");
    s.now += SECOND / 4;
    assert_string_equal(drawn(&s, 60, 24), "[------------------------------] 0/2, 2 running, 0s\n"
                                           "a    0s  \n"
                                           "b    0s  \n");
    assert_false(s.view.has_young);
    end(&s);
}

static void steps_that_began_first_stay_in_sight(void **state)
{
    struct fr_buf yaml;
    struct scene s;
    char id[16];
    (void)state;
    fr_buf_init(&yaml, 0);
    fr_buf_str(&yaml, "mode: graph\nmax_workers: 500\nsteps:\n");
    for (int i = 0; i < 500; i++)
        fr_buf_printf(&yaml, "  - {id: s%d, run: x}\n", i);
    begin(&s, fr_buf_cstr(&yaml));
    s.now = s.run.started_ns = SECOND;
    for (int i = 499; i >= 0; i--) {
        snprintf(id, sizeof id, "s%d", i);
        move(&s, id, FR_RUNNING);
    }
    s.now = 2 * SECOND;
    assert_string_equal(drawn(&s, 80, 6),
                        "[------------------------------] 0/500, 500 running, 1s\n"
                        "s498    1s  \n"
                        "s499    1s  \n"
                        "and 498 more\n");
    move(&s, "s499", FR_SUCCEEDED);
    assert_string_equal(drawn(&s, 80, 6),
                        "[------------------------------] 1/500, 499 running, 1s\n"
                        "s497    1s  \n"
                        "s498    1s  \n"
                        "and 497 more\n");
    (void)drawn(&s, 80, 24);
    assert_int_equal(s.frame.count, 16);
    end(&s);
    fr_buf_release(&yaml);
}

static void a_time_limit_that_has_passed_is_seen(void **state)
{
    struct scene s;
    (void)state;
    begin(&s, "steps: [{id: a, run: x, timeout: 10s, grace: 5s}]\n");
    s.now = s.run.started_ns = SECOND;
    move(&s, "a", FR_RUNNING);
    s.now = 13 * SECOND;
    assert_non_null(strstr(drawn(&s, 80, 24), "a   12s  timed out, TERM sent, KILL in 3s\n"));
    s.now = 16 * SECOND;
    assert_non_null(strstr(drawn(&s, 80, 24), "a   15s  timed out, KILL sent\n"));
    end(&s);
}

static void a_run_that_is_ending_says_so(void **state)
{
    struct scene s;
    (void)state;
    begin(&s, "mode: graph\nsteps: [{id: a, run: x}, {id: b, run: x}, {id: c, run: x}]\n");
    s.now = s.run.started_ns = SECOND;
    move(&s, "a", FR_RUNNING);
    move(&s, "b", FR_RUNNING);
    s.now = 5 * SECOND;
    move(&s, "b", FR_FAILED);
    tell(&s, (struct fr_event){.kind = FR_EVENT_STOPPING, .text = "step 'b' failed"});
    /* What is still to run, and how long that takes, nobody knows. */
    assert_string_equal(drawn(&s, 80, 24),
                        "[##########--------------------] 1/3, 1 running, 1 failed, 4s\n"
                        "ending: what runs is waited for, Ctrl-C stops it\n"
                        "a    4s  \n");
    s.run.outcome = FR_RUN_SIGNALED;
    assert_non_null(strstr(drawn(&s, 80, 24), "\nending: Ctrl-C again kills what runs\n"));
    end(&s);
}

static void a_callback_is_no_branch_of_its_group(void **state)
{
    struct scene s;
    (void)state;
    begin(&s, "steps:\n"
              "  - id: g\n"
              "    type: parallel_group\n"
              "    steps: [{id: a, run: x}, {id: b, run: x}]\n"
              "    callback: {id: cb, run: x}\n");
    s.now = s.run.started_ns = SECOND;
    move(&s, "g", FR_RUNNING);
    move(&s, "a", FR_RUNNING);
    move(&s, "a", FR_SUCCEEDED);
    move(&s, "b", FR_RUNNING);
    s.now = 2 * SECOND;
    assert_non_null(strstr(drawn(&s, 80, 24), "\ng 1/2\n  b    1s  \n"));
    move(&s, "b", FR_SUCCEEDED);
    move(&s, "cb", FR_RUNNING);
    s.now = 3 * SECOND;
    assert_non_null(strstr(drawn(&s, 80, 24), "\ng 2/2\n  cb    1s  \n"));
    end(&s);
}

static void what_earlier_runs_took_tells_the_rest(void **state)
{
    struct fr_pace_step paces[3] = {{.usual_ns = 10 * SECOND, .successes = 4},
                                    {.usual_ns = 30 * SECOND, .successes = 4},
                                    {.usual_ns = 0}}; /* unknown: 20 s, as long as the others */
    struct fr_pace pace = {.steps = paces, .count = 3};
    struct scene s;
    (void)state;
    begin(&s, "steps: [{id: a, run: x}, {id: b, run: x}, {id: c, run: x}]\n");
    s.run.pace = &pace;
    s.now = s.run.started_ns = SECOND;
    move(&s, "a", FR_RUNNING);
    s.now = 6 * SECOND; /* 5 of 60 */
    assert_int_equal(view_eta(&s.view, s.now) / SECOND, 55);
    s.now = 11 * SECOND;
    move(&s, "a", FR_SUCCEEDED);
    move(&s, "b", FR_SKIPPED); /* 10 of 30 */
    move(&s, "c", FR_RUNNING);
    assert_int_equal(view_eta(&s.view, s.now) / SECOND, 20);
    s.now = 51 * SECOND; /* it takes longer than it used to */
    assert_int_equal(view_eta(&s.view, s.now) / SECOND, 0);
    end(&s);
}

static void without_a_past_the_counts_tell_the_rest(void **state)
{
    struct scene s;
    (void)state;
    begin(&s, "mode: graph\nsteps: [{id: a, run: x}, {id: b, run: x}, {id: c, run: x}, "
              "{id: d, run: x}]\n");
    s.now = s.run.started_ns = SECOND;
    move(&s, "a", FR_RUNNING);
    move(&s, "d", FR_SKIPPED); /* tells nothing of time */
    s.now = 11 * SECOND;
    assert_int_equal(view_eta(&s.view, s.now), -1);
    move(&s, "a", FR_SUCCEEDED);
    s.now = 13 * SECOND;
    assert_int_equal(view_eta(&s.view, s.now) / SECOND, 24);
    end(&s);
}

static void a_second_ctrl_c_offers_no_third(void **state)
{
    struct scene s;
    struct coord coord = {.plan = NULL};
    struct active fetch = {.phase = STEP_RUNNING, .cancel = FR_CANCEL_SIGNAL}, unit = fetch;
    struct active *tasks[16] = {NULL};
    (void)state;
    begin_groups(&s);
    tasks[step_of(s.plan, "fetch")->index] = &fetch;
    tasks[step_of(s.plan, "unit")->index] = &unit;
    fetch.cancelled_ns = unit.cancelled_ns = s.now;
    coord.tasks = tasks;
    s.run.coord = &coord;
    s.run.outcome = FR_RUN_SIGNALED;
    assert_non_null(strstr(drawn(&s, 80, 24), "\nstopping 2 steps: Ctrl-C again kills at once\n"));
    fetch.killed = true;
    assert_non_null(strstr(drawn(&s, 80, 24), "\nstopping 2 steps: Ctrl-C again kills at once\n"));
    unit.killed = true;
    const char *text = drawn(&s, 80, 24);
    assert_non_null(strstr(text, "\nkilling 2 steps\n"));
    assert_non_null(strstr(text, "KILL sent\n"));
    end(&s);
}

static void clocks_are_short(void **state)
{
    char text[32];
    (void)state;
    assert_string_equal(view_clock(-5, text, sizeof text), "0s");
    assert_string_equal(view_clock(59 * SECOND + 999, text, sizeof text), "59s");
    assert_string_equal(view_clock(61 * SECOND, text, sizeof text), "1:01");
    assert_string_equal(view_clock(7209 * SECOND, text, sizeof text), "2:00:09");
}

/* ---- cells ---- */

static void assert_cells(const char *text, size_t len, bool utf8, unsigned max,
                         const char *expected, unsigned width)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    struct cells line = {.out = &out, .width = 100, .utf8 = utf8};
    cells_text(&line, text, len, max);
    assert_string_equal(fr_buf_cstr(&out), expected);
    assert_int_equal(line.used, width);
    fr_buf_release(&out);
}

#define CELLS(text, utf8, max, expected, width)                                                    \
    assert_cells(text, sizeof(text) - 1, utf8, max, expected, width)

static void text_is_cut_at_its_columns(void **state)
{
    (void)state;
    CELLS("abcdef", true, 6, "abcdef", 6);
    CELLS("abcdef", true, 5, "abcd…", 5);
    CELLS("abcdef", false, 5, "abcd>", 5);
    CELLS("abc", true, 0, "", 0);
    CELLS("ワイド", true, 6, "ワイド", 6);
    CELLS("ワイド", true, 5, "ワイ…", 5);
    CELLS("ワイド", true, 4, "ワ…", 3); /* half of a character does not go */
    CELLS("e\xCC\x81tude", true, 5, "e\xCC\x81tude", 5);
    CELLS("🎉🎉", true, 3, "🎉…", 3);
    CELLS("👍🏽", true, 9, "👍🏽", 4); /* some terminals draw both */
    CELLS("ワé", false, 9, "??", 2);
}

static void foreign_text_cannot_drive_the_terminal(void **state)
{
    (void)state;
    CELLS("\033[31mred\033[0m", true, 9, "red", 3);
    CELLS("a\033[2J\033[10;3Hb", true, 9, "ab", 2);
    CELLS("\033]0;title\ab\033]8;;u\033\\c", true, 9, "bc", 2);
    CELLS("\033]0;no end", true, 20, "^[]0;no end", 11);
    CELLS("\033[3", true, 9, "^[[3", 4);
    CELLS("a\tb\x01\x7f", true, 9, "a b^A^?", 7);
    CELLS("\xff\xc2\x9b\xe2\x80\xae", true, 9, "???", 3);
    CELLS("a\0b", true, 9, "a^@b", 4);
}

static void no_bytes_make_a_line_too_long(void **state)
{
    char text[64];
    struct fr_buf out;
    uint32_t seed = 1;
    (void)state;
    fr_buf_init(&out, 0);
    for (int turn = 0; turn < 20000; turn++) {
        for (size_t i = 0; i < sizeof text; i++) {
            seed = seed * 1664525 + 1013904223;
            text[i] = (char)(seed >> 24);
        }
        struct cells line = {.out = &out, .width = 1 + seed % 20, .utf8 = true};
        fr_buf_clear(&out);
        cells_text(&line, text, sizeof text, 40);
        assert_true(line.used <= line.width);
        assert_int_equal(line.used, cells_width(fr_buf_cstr(&out), out.len, true));
        assert_true(fr_utf8_valid(fr_buf_cstr(&out), out.len));
        for (size_t i = 0; i < out.len; i++)
            assert_true((unsigned char)out.data[i] >= 0x20 && out.data[i] != 0x7f);
    }
    fr_buf_release(&out);
}

/* ---- calm ---- */

static void many_successes_become_one_line(void **state)
{
    struct calm calm;
    struct fr_buf out;
    int lines = 0;
    (void)state;
    calm_init(&calm);
    calm_measure(&calm, 24);
    fr_buf_init(&out, 0);
    for (int i = 0; i < 1000; i++)
        calm_line(&calm, FR_SUCCEEDED, "ok\n", 3, 0, SECOND, &out);
    for (int i = 0; i < 7; i++)
        calm_line(&calm, FR_SKIPPED, "skipped\n", 8, 0, SECOND, &out);
    assert_int_equal(calm_due(&calm), 2 * SECOND);
    for (size_t i = 0; i < out.len; i++)
        lines += out.data[i] == '\n';
    assert_int_equal(lines, 16);
    fr_buf_clear(&out);
    calm_flush(&calm, &out);
    assert_string_equal(fr_buf_cstr(&out), "and 984 more succeeded, 7 skipped\n");
    assert_int_equal(calm_due(&calm), INT64_MAX);
    fr_buf_clear(&out);
    calm_line(&calm, FR_SUCCEEDED, "next\n", 5, 0, SECOND,
              &out); /* the only one that is kept back … */
    assert_int_equal(out.len, 0);
    calm_flush(&calm, &out);
    assert_string_equal(fr_buf_cstr(&out), "next\n"); /* … is told itself */
    fr_buf_clear(&out);
    calm_line(&calm, FR_SUCCEEDED, "later\n", 6, 0, 2 * SECOND, &out);
    assert_string_equal(fr_buf_cstr(&out), "later\n");
    /* As long as they come faster than one reads there are only counts. */
    fr_buf_clear(&out);
    for (int64_t now = 2 * SECOND; now < 12 * SECOND; now += SECOND / 10) {
        if (calm_due(&calm) <= now)
            calm_flush(&calm, &out);
        calm_line(&calm, FR_SUCCEEDED, "ok\n", 3, 0, now, &out);
    }
    lines = 0;
    for (size_t i = 0; i < out.len; i++)
        lines += out.data[i] == '\n';
    assert_in_range(lines, 9, 25);
    assert_non_null(strstr(fr_buf_cstr(&out), "and 10 more succeeded\n"));
    calm_release(&calm);
    fr_buf_release(&out);
}

static void output_is_kept_back_with_its_line(void **state)
{
    struct calm calm;
    struct fr_buf out;
    char text[8192];
    (void)state;
    memset(text, 'x', sizeof text);
    calm_init(&calm);
    calm_measure(&calm, 24);
    assert_true(calm_has_room(&calm, 16));
    assert_false(calm_has_room(&calm, 17));
    fr_buf_init(&out, 0);
    /* When nothing was printed for a while, anything is shown … */
    calm_line(&calm, FR_SUCCEEDED, text, sizeof text, 8000, SECOND, &out);
    assert_int_equal(out.len, sizeof text);
    fr_buf_clear(&out);
    /* … and then nothing until that much time is over; who printed nothing is not meant. */
    calm_line(&calm, FR_SUCCEEDED, "silent\n", 7, 0, SECOND, &out);
    assert_string_equal(fr_buf_cstr(&out), "silent\n");
    fr_buf_clear(&out);
    calm_line(&calm, FR_SUCCEEDED, "| a\na\n", 6, 4, SECOND, &out);
    calm_line(&calm, FR_SUCCEEDED, "b\n", 2, 0, SECOND, &out);
    calm_line(&calm, FR_SUCCEEDED, "| c\nc\n", 6, 4, SECOND, &out);
    assert_int_equal(out.len, 0);
    calm_flush(&calm, &out);
    assert_string_equal(fr_buf_cstr(&out), "and 3 more succeeded, 2 with output\n");
    fr_buf_clear(&out);
    calm_line(&calm, FR_SUCCEEDED, "| d\nd\n", 6, 4, 3 * SECOND, &out);
    assert_string_equal(fr_buf_cstr(&out), "| d\nd\n");
    fr_buf_clear(&out);
    /* A line that is the only one kept back comes whole. */
    calm_line(&calm, FR_SUCCEEDED, "| e\ne\n", 6, 5000, 3 * SECOND, &out);
    assert_int_equal(out.len, 0);
    calm_flush(&calm, &out);
    assert_string_equal(fr_buf_cstr(&out), "| e\ne\n");
    calm_release(&calm);
    fr_buf_release(&out);
}

/* ---- the screen ---- */

static int64_t fake_now(void *arg)
{
    return ((struct scene *)arg)->now;
}

/* A screen on a file, which counts as a terminal of 80 columns and 24 lines. */
static int begin_screen(struct scene *s, const struct fr_clock *clock, struct fr_sink **lines,
                        const struct fr_mask *mask)
{
    int fd = memfd_create("terminal", MFD_CLOEXEC);
    *lines = fr_progress_new(fd, FR_LOG_GROUP, false, mask);
    struct fr_screen_options options = {.fd = fd, .mask = mask, .lines = *lines, .clock = clock};
    s->screen = fr_screen_new(&options);
    return fd;
}

/* What was written since the last time; owned. */
static char *written(int fd)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(fr_read_all(fd, &out), 0);
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fr_buf_take(&out, NULL);
}

static void assert_written(int fd, const char *expected)
{
    char *text = written(fd);
    assert_string_equal(text, expected);
    free(text);
}

#define BLANKS10 "          "
#define BLANKS79 BLANKS10 BLANKS10 BLANKS10 BLANKS10 BLANKS10 BLANKS10 BLANKS10 "         "

static void only_what_changes_is_drawn_again_and_nothing_stays(void **state)
{
    struct scene s;
    struct fr_clock clock = {.mono_ns = fake_now, .wall_ns = fake_now, .ctx = &s};
    struct fr_sink *lines;
    (void)state;
    begin(&s, "mode: graph\nsteps: [{id: a, run: x}, {id: b, run: x}]\n");
    setenv("LC_ALL", "C", 1);
    int fd = begin_screen(&s, &clock, &lines, NULL);
    assert_int_equal(s.screen->due(s.screen), INT64_MAX);
    s.now = s.run.started_ns = SECOND;
    move(&s, "a", FR_RUNNING);
    move(&s, "b", FR_RUNNING);
    s.screen->turn(s.screen);
    assert_written(fd, ""); /* a short run needs no view */
    assert_int_equal(s.screen->due(s.screen), SECOND + SECOND / 4);
    s.now += SECOND / 4;
    s.screen->turn(s.screen);
    assert_written(fd, BLANKS79 "\r"
                                "[------------------------------] 0/2, 2 running, 0s\033[K\n"
                                "a    0s  \033[K\n"
                                "b    0s  \033[K\n"
                                "\033[J");
    s.screen->turn(s.screen);
    assert_written(fd, "");
    /* What the steps print is looked at soon, then every second. */
    assert_int_equal(s.screen->due(s.screen), s.now + SECOND / 10);
    s.now += SECOND / 10;
    s.screen->turn(s.screen);
    assert_written(fd, "");
    assert_int_equal(s.screen->due(s.screen), s.now + SECOND - SECOND / 10);
    s.now += SECOND - SECOND / 10;
    s.screen->turn(s.screen); /* only the clocks */
    assert_written(fd, "\r\033[3A"
                       "[------------------------------] 0/2, 2 running, 1s\033[K\n"
                       "a    1s  \033[K\n"
                       "b    1s  \033[K\n"
                       "\033[J");
    s.now += SECOND / 10;
    move(&s, "a", FR_SUCCEEDED);
    s.screen->turn(s.screen);
    assert_written(fd, "\r\033[3A\033[K\n\033[J\033[A"
                       "[1/2] a: ok, 1.4 s\n"
                       "[###############---------------] 1/2, 1 running, 1s\033[K\n"
                       "b    1s  \033[K\n"
                       "\033[J");
    move(&s, "b", FR_FAILED);
    tell(&s, (struct fr_event){.kind = FR_EVENT_RUN_ENDED});
    assert_written(fd, "\r\033[2A\033[K\n\033[J\033[A"
                       "[2/2] b: failed, 1.4 s\n");
    assert_int_equal(s.screen->due(s.screen), INT64_MAX);
    fr_screen_free(s.screen);
    fr_progress_free(lines);
    assert_written(fd, "");
    fr_close(&fd);
    end(&s);
}

static void the_view_goes_while_a_step_owns_the_terminal(void **state)
{
    struct scene s;
    struct fr_clock clock = {.mono_ns = fake_now, .wall_ns = fake_now, .ctx = &s};
    struct fr_sink *lines;
    (void)state;
    begin(&s, "mode: graph\nsteps: [{id: a, run: x}, {id: edit, run: x, tty: true}]\n");
    setenv("LC_ALL", "C", 1);
    int fd = begin_screen(&s, &clock, &lines, NULL);
    s.now = s.run.started_ns = SECOND;
    move(&s, "a", FR_RUNNING);
    s.now += SECOND;
    s.screen->turn(s.screen);
    free(written(fd));
    move(&s, "edit", FR_RUNNING);
    assert_written(fd, "\r\033[2A\033[K\n\033[J\033[A");
    s.now += SECOND;
    s.screen->turn(s.screen);
    assert_written(fd, "");
    move(&s, "a", FR_SUCCEEDED); /* lines go as they come */
    assert_written(fd, "[1/2] a: ok, 2 s\n");
    move(&s, "edit", FR_SUCCEEDED);
    s.now += SECOND;
    s.screen->turn(s.screen);
    assert_written(fd,
                   BLANKS79 "\r[2/2] edit: ok, 1 s\n"
                            "[##############################] 2/2, 0 running, 3s, ETA 0s\033[K\n"
                            "\033[J");
    fr_screen_free(s.screen);
    fr_progress_free(lines);
    fr_close(&fd);
    end(&s);
}

static void nothing_that_failed_is_left_out(void **state)
{
    struct fr_buf yaml;
    struct scene s;
    struct fr_clock clock = {.mono_ns = fake_now, .wall_ns = fake_now, .ctx = &s};
    struct fr_sink *lines;
    char id[16];
    int failed = 0;
    (void)state;
    fr_buf_init(&yaml, 0);
    fr_buf_str(&yaml, "mode: graph\nsteps:\n");
    for (int i = 0; i < 600; i++)
        fr_buf_printf(&yaml, "  - {id: s%d, run: x}\n", i);
    begin(&s, fr_buf_cstr(&yaml));
    int fd = begin_screen(&s, &clock, &lines, NULL);
    s.now = s.run.started_ns = SECOND;
    for (int i = 0; i < 600; i++) {
        snprintf(id, sizeof id, "s%d", i);
        move(&s, id, FR_RUNNING);
        move(&s, id, i % 100 == 99 ? FR_FAILED : FR_SUCCEEDED);
    }
    tell(&s, (struct fr_event){.kind = FR_EVENT_RUN_ENDED});
    char *text = written(fd);
    for (const char *at = text; (at = strstr(at, ": failed")) != NULL; at++)
        failed++;
    assert_int_equal(failed, 6);
    assert_non_null(strstr(text, "[16/600] s15: ok, 0 ms\n"
                                 "and 83 more succeeded\n"
                                 "[100/600] s99: failed, 0 ms\n"
                                 "and 99 more succeeded\n"
                                 "[200/600] s199: failed, 0 ms\n"));
    free(text);
    fr_screen_free(s.screen);
    fr_progress_free(lines);
    fr_close(&fd);
    end(&s);
    fr_buf_release(&yaml);
}

/* A step runs, prints a line and exits well, and comes out so. */
static void run_through(struct scene *s, const char *id, enum fr_status to)
{
    char line[40];
    snprintf(line, sizeof line, "line of %s\n", id);
    struct fr_report report = {.out = line, .out_len = strlen(line), .end = FR_END_EXITED};
    move(s, id, FR_RUNNING);
    tell(s,
         (struct fr_event){
             .kind = FR_EVENT_LOG, .step = step_of(s->plan, id), .attempt = 1, .report = &report});
    move(s, id, to);
}

static void count_of(const char *text, const char *what, int expected)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        count++;
    assert_int_equal(count, expected);
}

/* A run of so many steps s0, s1 … on a screen; returns what to release at its end. */
static int begin_many(struct scene *s, const struct fr_clock *clock, struct fr_sink **lines,
                      int count)
{
    struct fr_buf yaml;
    fr_buf_init(&yaml, 0);
    fr_buf_str(&yaml, "mode: graph\nsteps:\n");
    for (int i = 0; i < count; i++)
        fr_buf_printf(&yaml, "  - {id: s%d, run: x}\n", i);
    begin(s, fr_buf_cstr(&yaml));
    fr_buf_release(&yaml);
    int fd = begin_screen(s, clock, lines, NULL);
    s->now = s->run.started_ns = SECOND;
    return fd;
}

/* Ends it; what was written, owned. */
static char *end_many(struct scene *s, struct fr_sink *lines, int fd)
{
    tell(s, (struct fr_event){.kind = FR_EVENT_RUN_ENDED});
    char *text = written(fd);
    fr_screen_free(s->screen);
    fr_progress_free(lines);
    fr_close(&fd);
    end(s);
    return text;
}

static void what_many_good_steps_print_is_left_out_with_their_lines(void **state)
{
    struct scene s;
    struct fr_clock clock = {.mono_ns = fake_now, .wall_ns = fake_now, .ctx = &s};
    struct fr_sink *lines;
    char id[16];
    (void)state;
    int fd = begin_many(&s, &clock, &lines, 600);
    for (int i = 0; i < 600; i++) {
        snprintf(id, sizeof id, "s%d", i);
        run_through(&s, id, i % 100 == 99 ? FR_FAILED : FR_SUCCEEDED);
    }
    char *text = end_many(&s, lines, fd);
    /* Who fails only when its output is looked at has shown it, too. */
    count_of(text, "  | line of ", 16 + 6);
    assert_non_null(strstr(text, "--- s15\n"
                                 "  | line of s15\n"
                                 "[16/600] s15: ok, 0 ms\n"
                                 "and 83 more succeeded, 83 with output\n"
                                 "--- s99\n"
                                 "  | line of s99\n"
                                 "[100/600] s99: failed, 0 ms\n"
                                 "and 99 more succeeded, 99 with output\n"));
    free(text);
}

static void what_few_steps_print_is_shown_however_much_it_is(void **state)
{
    struct scene s;
    struct fr_clock clock = {.mono_ns = fake_now, .wall_ns = fake_now, .ctx = &s};
    struct fr_sink *lines;
    char id[16], *print = calloc(1, 20001);
    (void)state;
    assert_non_null(print);
    memset(print, 'x', 20000);
    int fd = begin_many(&s, &clock, &lines, 16);
    struct fr_report report = {.out = print, .out_len = 20000, .end = FR_END_EXITED};
    for (int i = 0; i < 16; i++) {
        snprintf(id, sizeof id, "s%d", i);
        move(&s, id, FR_RUNNING);
        tell(&s, (struct fr_event){.kind = FR_EVENT_LOG,
                                   .step = step_of(s.plan, id),
                                   .attempt = 1,
                                   .report = &report});
        move(&s, id, FR_SUCCEEDED);
    }
    char *text = end_many(&s, lines, fd);
    count_of(text, print, 16);
    count_of(text, ": ok, 0 ms\n", 16);
    free(text);
    free(print);
}

static void steps_that_never_began_become_one_line(void **state)
{
    struct scene s;
    struct fr_clock clock = {.mono_ns = fake_now, .wall_ns = fake_now, .ctx = &s};
    struct fr_sink *lines;
    char id[16];
    (void)state;
    int fd = begin_many(&s, &clock, &lines, 600);
    for (int i = 0; i < 20; i++) {
        snprintf(id, sizeof id, "s%d", i);
        move(&s, id, FR_RUNNING);
    }
    for (int i = 20; i < 600; i++) {
        snprintf(id, sizeof id, "s%d", i);
        move(&s, id, i < 100 ? FR_BLOCKED : FR_CANCELLED);
    }
    for (int i = 0; i < 20; i++) {
        snprintf(id, sizeof id, "s%d", i);
        move(&s, id, FR_CANCELLED);
    }
    char *text = end_many(&s, lines, fd);
    count_of(text, ": cancelled, 0 ms\n", 20); /* these ran */
    assert_non_null(strstr(text, "[16/600] s35: blocked\n"
                                 "and 500 cancelled, 64 blocked\n"
                                 "[581/600] s0: cancelled, 0 ms\n"));
    free(text);
}

static void a_view_needs_a_terminal(void **state)
{
    int fd = memfd_create("file", MFD_CLOEXEC);
    (void)state;
    setenv("TERM", "xterm", 1);
    assert_false(fr_screen_fits(fd, FR_LOG_GROUP));
    fr_close(&fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_has_a_bar_and_a_line_for_each_step),
        cmocka_unit_test(a_narrow_frame_says_less),
        cmocka_unit_test(a_step_that_has_just_begun_is_not_shown_yet),
        cmocka_unit_test(steps_that_began_first_stay_in_sight),
        cmocka_unit_test(a_time_limit_that_has_passed_is_seen),
        cmocka_unit_test(a_run_that_is_ending_says_so),
        cmocka_unit_test(a_callback_is_no_branch_of_its_group),
        cmocka_unit_test(what_earlier_runs_took_tells_the_rest),
        cmocka_unit_test(without_a_past_the_counts_tell_the_rest),
        cmocka_unit_test(a_second_ctrl_c_offers_no_third),
        cmocka_unit_test(clocks_are_short),
        cmocka_unit_test(text_is_cut_at_its_columns),
        cmocka_unit_test(foreign_text_cannot_drive_the_terminal),
        cmocka_unit_test(no_bytes_make_a_line_too_long),
        cmocka_unit_test(many_successes_become_one_line),
        cmocka_unit_test(output_is_kept_back_with_its_line),
        cmocka_unit_test(only_what_changes_is_drawn_again_and_nothing_stays),
        cmocka_unit_test(the_view_goes_while_a_step_owns_the_terminal),
        cmocka_unit_test(nothing_that_failed_is_left_out),
        cmocka_unit_test(what_many_good_steps_print_is_left_out_with_their_lines),
        cmocka_unit_test(what_few_steps_print_is_shown_however_much_it_is),
        cmocka_unit_test(steps_that_never_began_become_one_line),
        cmocka_unit_test(a_view_needs_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
