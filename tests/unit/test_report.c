/* Reports: which steps they tell of, how each is seen, and that no text breaks out of its place. The stories are made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flowrun/ui/story.h"
#include "ui/reporttext.h"

enum { STEPS = 8 };

/* A story whose texts are those of a list, found by their keys. */
struct made {
    struct fr_story story;
    struct fr_story_step steps[STEPS];
    struct fr_story_attempt attempts[STEPS];
    const char *texts[STEPS];
    size_t lens[STEPS];
    uint32_t text_count;
    struct fr_buf out;
};

static bool fetch(void *arg, const struct fr_story_text *text, uint64_t max, struct fr_buf *out)
{
    const struct made *made = arg;
    size_t at = (size_t)text->key - 1, len = made->lens[at], from = len > max ? len - max : 0;
    return made->texts[at] && fr_buf_add(out, made->texts[at] + from, len - from);
}

static int begin(void **state)
{
    struct made *made = calloc(1, sizeof *made);
    struct fr_story *story = &made->story;
    *story = (struct fr_story){.id = "0123456789abcdef",
                               .name = "w",
                               .file = "w.yaml",
                               .status = "succeeded",
                               .started_ns = 1000000000,
                               .ended_ns = 3500000000,
                               .took_ns = 2500000000,
                               .sessions = 1,
                               .steps = made->steps,
                               .attempts_list = made->attempts,
                               .fetch = fetch,
                               .fetch_arg = made};
    fr_buf_init(&made->out, 0);
    *state = made;
    return made ? 0 : -1;
}

static int end(void **state)
{
    struct made *made = *state;
    fr_buf_release(&made->out);
    free(made);
    return 0;
}

/* A step more; it ran a quarter of a second when it ended by itself. */
static struct fr_story_step *add(struct made *made, const char *id, enum fr_status status)
{
    struct fr_story *story = &made->story;
    struct fr_story_step *step = &made->steps[story->step_count++];
    bool ran = status == FR_SUCCEEDED || status == FR_FAILED || status == FR_TIMED_OUT;
    *step = (struct fr_story_step){.id = id,
                                   .type = "command",
                                   .status = status,
                                   .parent = FR_STORY_NONE,
                                   .first_attempt = story->attempt_count,
                                   .exit_code = -1,
                                   .started_ns = ran ? 1000000000 : 0,
                                   .ended_ns = ran ? 1250000000 : 0};
    story->counts[status]++;
    story->total++;
    return step;
}

/* Gives a step an attempt that printed something. */
static void print(struct made *made, struct fr_story_step *step, const char *text, size_t len)
{
    uint32_t at = made->text_count++;
    made->texts[at] = text;
    made->lens[at] = len;
    made->attempts[made->story.attempt_count++] =
        (struct fr_story_attempt){.number = ++step->attempts,
                                  .started_ns = 1000000000,
                                  .ended_ns = 1250000000,
                                  .out = {.key = at + 1, .len = len}};
}

static const char *write(struct made *made,
                         void (*writer)(const struct fr_story *, struct fr_buf *))
{
    fr_buf_clear(&made->out);
    writer(&made->story, &made->out);
    return fr_buf_cstr(&made->out);
}

#define HAS(text, part)                                                                            \
    do {                                                                                           \
        if (!strstr(text, part))                                                                   \
            fail_msg("'%s' is not in:\n%s", part, text);                                           \
    } while (0)
#define LACKS(text, part)                                                                          \
    do {                                                                                           \
        if (strstr(text, part))                                                                    \
            fail_msg("'%s' is in:\n%s", part, text);                                               \
    } while (0)

static void an_empty_run_is_a_whole_report(void **state)
{
    struct made *made = *state;
    HAS(write(made, fr_story_tap), "TAP version 13\n1..0 # SKIP there are no steps\n");
    HAS(write(made, fr_story_junit), "<testsuite name=\"w\" tests=\"0\" failures=\"0\"");
    assert_string_equal(
        write(made, fr_story_joblog),
        "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n");
    HAS(write(made, fr_story_markdown), "# `w` succeeded\n\nno steps in 2.5 s");
}

static void each_status_has_its_place(void **state)
{
    struct made *made = *state;
    made->story.exit_code = 1;
    made->story.status = "failed";
    add(made, "good", FR_SUCCEEDED);
    add(made, "bad", FR_FAILED)->exit_code = 3;
    add(made, "late", FR_TIMED_OUT)->signal = 15;
    add(made, "lost", FR_RUNNING)->unknown = true;
    add(made, "left", FR_SKIPPED)->reason = "of the weather";
    add(made, "cut", FR_CANCELLED);
    add(made, "no", FR_NOT_TAKEN);
    add(made, "later", FR_PENDING);
    const char *tap = write(made, fr_story_tap);
    HAS(tap, "1..8\nok 1 - good\nnot ok 2 - bad\n");
    HAS(tap, "  status: \"timed out\"\n");
    HAS(tap, "not ok 4 - lost\n  ---\n  message: \"flowrun was killed while it ran\"\n");
    HAS(tap, "ok 5 - left # SKIP skipped: of the weather\nok 6 - cut # SKIP cancelled\n"
             "ok 7 - no # SKIP not taken\nok 8 - later # SKIP pending: it has not begun\n");
    const char *junit = write(made, fr_story_junit);
    HAS(junit, "tests=\"8\" failures=\"1\" errors=\"2\" skipped=\"4\" time=\"2.500\"");
    LACKS(junit, "(the run)");
    assert_string_equal(
        write(made, fr_story_joblog),
        "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n"
        "1\t:\t1.000\t     0.250\t0\t0\t0\t0\tgood\n"
        "2\t:\t1.000\t     0.250\t0\t0\t3\t0\tbad\n"
        "3\t:\t1.000\t     0.250\t0\t0\t0\t15\tlate\n");
}

static void a_group_is_told_of_when_it_failed_by_itself(void **state)
{
    struct made *made = *state;
    struct fr_story_step *group = add(made, "g", FR_FAILED);
    struct fr_story_step *inside = add(made, "x", FR_FAILED);
    group->container = true;
    inside->parent = 0;
    inside->depth = 1;
    group->error_code = "branch-failed";
    assert_false(report_tells(&made->story, 0));
    assert_true(report_tells(&made->story, 1));
    inside->status = FR_SUCCEEDED;
    assert_true(report_tells(&made->story, 0));
    inside->status = FR_FAILED;
    group->error_code = "until-not-met";
    assert_true(report_tells(&made->story, 0));
    group->status = FR_SUCCEEDED;
    assert_false(report_tells(&made->story, 0));
}

static void what_no_step_tells_of_is_a_case_of_its_own(void **state)
{
    struct made *made = *state;
    add(made, "a", FR_CANCELLED);
    made->story.exit_code = 130;
    made->story.status = "cancelled";
    HAS(write(made, fr_story_tap), "1..2\nok 1 - a # SKIP cancelled\nnot ok 2 - (the run)\n"
                                   "  ---\n  message: \"the run was cancelled\"\n");
    HAS(write(made, fr_story_junit),
        "<error message=\"the run was cancelled\" type=\"cancelled\"/>");
    made->story.exit_code = 75;
    made->story.status = "suspended";
    LACKS(write(made, fr_story_tap), "(the run)");
    made->story.exit_code = -1;
    made->story.status = "running";
    LACKS(write(made, fr_story_tap), "(the run)");
    made->story.status = "interrupted";
    HAS(write(made, fr_story_tap), "(the run)");
}

static void xml_has_no_character_that_xml_lacks(void **state)
{
    struct made *made = *state;
    static const char bytes[] =
        "]]></system-out>&\0\x01\x1b\x7f\xff\xef\xbf\xbe\xef\xbf\xbf\xc2\x85\xed\xa0\x80\n\ttail";
    struct fr_story_step *step = add(made, "m[\"<&>'\n\t\x02\"]", FR_FAILED);
    step->error = "said \"<b>\"\nand more";
    print(made, step, bytes, sizeof bytes - 1);
    const char *xml = write(made, fr_story_junit);
    HAS(xml, "name=\"m[&quot;&lt;&amp;&gt;'&#10;&#9;^B&quot;]\"");
    HAS(xml, "message=\"said &quot;&lt;b&gt;&quot; and more\"");
    HAS(xml, "<system-out>]]&gt;&lt;/system-out&gt;&amp;^@^A^[^?");
    HAS(xml, "\n\ttail\n</system-out>");
    LACKS(xml, "\xef\xbf\xbe");
    LACKS(xml, "\xef\xbf\xbf");
    LACKS(xml, "\xed\xa0\x80");
    for (const char *c = xml; *c; c++)
        assert_true((unsigned char)*c >= 0x20 || *c == '\n' || *c == '\t');
}

static void tap_has_no_directive_but_its_own(void **state)
{
    struct made *made = *state;
    struct fr_story_step *step = add(made, "a # SKIP\nnot ok 7 \\", FR_FAILED);
    step->error = "\"quoted\" \\ # x\n...";
    print(made, step, "  ...\nok 9\n\"q\\\"\n", 16);
    const char *tap = write(made, fr_story_tap);
    HAS(tap, "not ok 1 - a \\# SKIP not ok 7 \\\\\n");
    HAS(tap, "  message: \"\\\"quoted\\\" \\\\ # x ...\"\n");
    HAS(tap, "  stdout:\n    - \"  ...\"\n    - \"ok 9\"\n    - \"\\\"q\\\\\\\"\"\n  ...\n");
}

static void code_and_fences_stay_closed(void **state)
{
    struct made *made = *state;
    struct fr_story_step *step = add(made, "plain_name", FR_FAILED);
    step->error = "`x` | <b> @you";
    made->story.name = "a|b";
    made->story.exit_code = 1;
    print(made, step, "```\n`````x\n", 11);
    const char *text = write(made, fr_story_markdown);
    HAS(text, "# <code>a&#124;b</code> ");
    HAS(text, "### `plain_name` failed\n");
    HAS(text, "<code>&#96;x&#96; &#124; &#60;b&#62; &#64;you</code>");
    HAS(text, "\n``````text\n```\n`````x\n``````\n");
    LACKS(text, "<b>");
    LACKS(text, "@you");
}

static void of_long_texts_the_end_is_there_and_where_the_rest_is(void **state)
{
    enum { LONG = 200000 };
    struct made *made = *state;
    char *text = malloc(LONG);
    assert_non_null(text);
    memset(text, 'x', LONG);
    struct fr_story_step *step = add(made, "o'clock", FR_FAILED);
    print(made, step, text, LONG);
    made->story.recorded = true;
    HAS(write(made, fr_story_junit),
        "[134464 bytes before this are left out; all of it: flowrun logs 0123456789abcdef "
        "'o'\\''clock']\n");
    assert_true(made->out.len < 70000);
    made->story.recorded = false;
    HAS(write(made, fr_story_junit), "[134464 bytes before this are left out]\n");
    step->status = FR_SUCCEEDED;
    write(made, fr_story_junit);
    assert_true(made->out.len < 6000);
    made->texts[0] = NULL;
    HAS(write(made, fr_story_junit), "[it is gone]\n");
    free(text);
}

static void a_tail_begins_with_a_whole_line_or_character(void **state)
{
    struct made *made = *state;
    struct fr_story_step *step = add(made, "a", FR_SUCCEEDED);
    uint64_t left = 9;
    print(made, step, "one\ntwo\nthree\n", 14);
    assert_true(report_tail(&made->story, &made->attempts[0].out, 0, 9, &left, &made->out));
    assert_string_equal(fr_buf_cstr(&made->out), "three\n");
    assert_int_equal(left, 8);
    fr_buf_clear(&made->out);
    assert_true(report_tail(&made->story, &made->attempts[0].out, 2, 99, &left, &made->out));
    assert_string_equal(fr_buf_cstr(&made->out), "two\nthree\n");
    fr_buf_clear(&made->out);
    print(made, step, "\xc3\xa4\xc3\xb6\xc3\xbc", 6);
    assert_true(report_tail(&made->story, &made->attempts[1].out, 0, 3, &left, &made->out));
    assert_string_equal(fr_buf_cstr(&made->out), "\xc3\xbc");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_run_is_a_whole_report),
        TEST(each_status_has_its_place),
        TEST(a_group_is_told_of_when_it_failed_by_itself),
        TEST(what_no_step_tells_of_is_a_case_of_its_own),
        TEST(xml_has_no_character_that_xml_lacks),
        TEST(tap_has_no_directive_but_its_own),
        TEST(code_and_fences_stay_closed),
        TEST(of_long_texts_the_end_is_there_and_where_the_rest_is),
        TEST(a_tail_begins_with_a_whole_line_or_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
