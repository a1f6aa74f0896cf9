/* The HTML report: whatever a run says is text in it, it is well formed, and it keeps to its ceilings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/json.h"
#include "flowrun/base/sha256.h"
#include "flowrun/base/str.h"
#include "ui/html.h"

#define EVIL "<script>bad()</script>\"'&<!-- ]]> \xFF"
#define EVIL_SHOWN "&lt;script&gt;bad()&lt;/script&gt;&quot;&#39;&amp;&lt;!-- ]]&gt; \xEF\xBF\xBD"

enum { STEPS_MAX = 30001 };

/* A story that is made up by each test; texts are handed out by number. */
static struct {
    struct fr_story story;
    struct fr_story_step steps[STEPS_MAX];
    struct fr_story_attempt attempts[STEPS_MAX];
    const char *texts[8];
    uint32_t text_count;
} made;

static bool fetch(void *arg, const struct fr_story_text *text, uint64_t max, struct fr_buf *out)
{
    (void)arg;
    size_t len = strlen(made.texts[text->key]), skip = len > max ? len - max : 0;
    return fr_buf_add(out, made.texts[text->key] + skip, len - skip);
}

static struct fr_story_text text_of(const char *text)
{
    made.texts[++made.text_count] = text;
    return (struct fr_story_text){.key = made.text_count, .len = strlen(text)};
}

static int begin(void **state)
{
    (void)state;
    memset(&made, 0, sizeof made);
    made.story = (struct fr_story){.id = "0123456789abcdef",
                                   .name = "name",
                                   .file = "/f.yaml",
                                   .cwd = "/srv",
                                   .status = "failed",
                                   .exit_code = 1,
                                   .recorded = true,
                                   .started_ns = FR_NS_PER_S,
                                   .ended_ns = 11 * FR_NS_PER_S,
                                   .took_ns = 10 * FR_NS_PER_S,
                                   .sessions = 1,
                                   .steps = made.steps,
                                   .attempts_list = made.attempts,
                                   .fetch = fetch};
    return 0;
}

/* Adds a step that ran for a second. */
static struct fr_story_step *add(const char *id, enum fr_status status, uint32_t parent)
{
    struct fr_story *story = &made.story;
    struct fr_story_step *step = &made.steps[story->step_count++];
    *step = (struct fr_story_step){.id = id,
                                   .type = "command",
                                   .status = status,
                                   .parent = parent,
                                   .exit_code = -1,
                                   .ready_ns = FR_NS_PER_S,
                                   .started_ns = 2 * FR_NS_PER_S,
                                   .ended_ns = 3 * FR_NS_PER_S};
    if (parent != FR_STORY_NONE) {
        step->depth = made.steps[parent].depth + 1;
        made.steps[parent].container = true;
    }
    story->counts[status]++;
    story->total++;
    return step;
}

/* Gives the last step an attempt. */
static struct fr_story_attempt *attempt(const char *out)
{
    struct fr_story *story = &made.story;
    struct fr_story_step *step = &made.steps[story->step_count - 1];
    if (!step->attempts)
        step->first_attempt = story->attempt_count;
    struct fr_story_attempt *one = &made.attempts[story->attempt_count++];
    *one = (struct fr_story_attempt){
        .number = ++step->attempts, .started_ns = step->started_ns, .ended_ns = step->ended_ns};
    if (out)
        one->out = text_of(out);
    return one;
}

static char *page(void)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    fr_story_html(&made.story, &out);
    assert_false(out.overflow);
    assert_true(fr_utf8_valid(out.data, out.len));
    return fr_buf_take(&out, NULL);
}

/* The JSON of a page; the caller gives it back. */
static struct json_object *data_of(const char *html)
{
    static const char begin_mark[] = "id=\"data\">";
    struct json_object *data = NULL;
    char why[100] = "";
    const char *from = strstr(html, begin_mark) + strlen(begin_mark);
    const char *end = strstr(from, "</script>");
    if (!fr_json_parse(from, (size_t)(end - from), &data, why, sizeof why))
        fail_msg("the data is no JSON: %s", why);
    return data;
}

/* Skips a tag's attributes; none of them may hold style or program. Returns what is behind the tag. */
static const char *skip_attributes(const char *at, bool *closed)
{
    while (*at != '>' && *at != '/') {
        assert_int_equal(*at++, ' ');
        assert_false(fr_str_starts(at, "on") || fr_str_starts(at, "style"));
        at += strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-1234567890");
        assert_true(fr_str_starts(at, "=\""));
        at += 2;
        assert_false(fr_str_starts(at, "javascript:"));
        at += strcspn(at, "\"<");
        assert_int_equal(*at++, '"');
    }
    *closed = *at == '/';
    return at + 1 + *closed;
}

/* Fails unless every tag is closed in its place and all text between is escaped. */
static void assert_well_formed(const char *html)
{
    const char *open[100];
    int depth = 0;
    const char *at = strchr(html, '\n') + 1;
    while ((at = strchr(at, '<')) != NULL) {
        bool closing = at[1] == '/', closed = false;
        const char *name = at + 1 + closing;
        size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz123456");
        assert_true(len > 0);
        if (closing) {
            if (depth-- <= 0 || strncmp(open[depth], name, len) != 0) {
                fail_msg("'%.*s' is closed where it is not open", (int)len, name);
                return;
            }
            at = name + len;
            assert_int_equal(*at, '>');
            continue;
        }
        at = skip_attributes(name + len, &closed);
        if (!closed)
            open[depth++] = name;
        if (strncmp(name, "script", 6) == 0 || strncmp(name, "style", 5) == 0)
            at = strstr(at, *(name + 1) == 'c' ? "</script>" : "</style>");
    }
    assert_int_equal(depth, 0);
}

static void foreign_text_is_escaped(void **state)
{
    struct fr_buf out;
    (void)state;
    fr_buf_init(&out, 0);
    html_text(EVIL, &out);
    assert_string_equal(out.data, EVIL_SHOWN);
    fr_buf_clear(&out);
    html_text("a\033[31m\a\n\xE2\x80\xAE\xC2\x9B", &out);
    assert_string_equal(out.data, "a^[[31m^G\n\xEF\xBF\xBD\xEF\xBF\xBD");
    fr_buf_clear(&out);
    html_json(EVIL "\\\n", &out);
    assert_string_equal(out.data, "\"\\u003cscript\\u003ebad()\\u003c/script\\u003e\\\"'\\u0026"
                                  "\\u003c!-- ]]\\u003e \xEF\xBF\xBD\\\\\\n\"");
    fr_buf_release(&out);
}

static void assert_href(const char *path, const char *base, const char *expected)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    html_href(path, base, &out);
    assert_string_equal(out.data, expected);
    fr_buf_release(&out);
}

static void a_path_is_a_relative_address_or_one_of_a_file(void **state)
{
    (void)state;
    assert_href("/srv/out/a b.png", "/srv", "./out/a%20b.png");
    assert_href("/srv/javascript:x", "/srv/", "./javascript%3Ax");
    assert_href("/srvx/\"'<>#?%", "/srv", "file:///srvx/%22%27%3C%3E%23%3F%25");
    assert_href("/x\n\xFF", NULL, "file:///x%0A%FF");
    assert_href("/x", "/", "file:///x");
}

static void assert_log(const char *text, bool color, const char *expected)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    html_clean_log(text, strlen(text), color, &out);
    assert_string_equal(fr_buf_cstr(&out), expected);
    fr_buf_release(&out);
}

static void a_log_keeps_its_colours_and_no_other_code(void **state)
{
    (void)state;
    assert_log("\033[1;31mred\033[0m", true, "\033[1;31mred\033[0m");
    assert_log("\033[1;31mred\033[0m", false, "red");
    assert_log("\033[2J\033[10;20Hx\033[?25l", true, "x");
    assert_log("\033]0;title\ax\033]8;;http://a\033\\link\033]8;;\033\\", true, "xlink");
    assert_log("\033]0;no end\nnext", true, "^[]0;no end\nnext");
    assert_log("\033(Bx\033", true, "x^[");
    assert_log("50%\r100%\r\nend\r", true, "50%\n100%\nend");
    assert_log("a\bb", true, "a^Hb");
}

static void base64_is_padded(void **state)
{
    static const char *const expected[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="};
    (void)state;
    for (size_t len = 0; len < 5; len++) {
        struct fr_buf out;
        fr_buf_init(&out, 0);
        html_base64("foob", len, &out);
        assert_string_equal(fr_buf_cstr(&out), expected[len]);
        fr_buf_release(&out);
    }
}

/* Makes a step of which everything is hostile. */
static void make_evil(void)
{
    static struct fr_story_artifact artifact = {
        .path = "/srv/" EVIL, .media_type = "image/png\" onerror=\"bad()", .size = 3};
    struct fr_story *story = &made.story;
    story->name = story->description = story->file = story->who = story->host = EVIL;
    story->error = story->error_code = EVIL;
    story->params_json = "{\"<script>\": \"</script>\"}";
    story->input_json = EVIL;
    story->input_len = sizeof EVIL - 1;
    struct fr_story_step *step = add(EVIL, FR_FAILED, FR_STORY_NONE);
    step->title = step->type = step->file = step->error_code = step->error = step->reason = EVIL;
    step->usage_json = "[{\"provider\": \"<script>\", \"</td>\": 1}]";
    step->answer_json = EVIL;
    step->cost = 1;
    step->artifacts = &artifact;
    step->artifact_count = 1;
    attempt(EVIL "\033[31m" EVIL "\033[2J")->error = EVIL;
    step->output = text_of(EVIL);
    add("inside" EVIL, FR_BLOCKED, 0);
}

static void nothing_of_the_run_is_markup_or_program(void **state)
{
    (void)state;
    make_evil();
    char *html = page();
    assert_well_formed(html);
    assert_null(strstr(html, "<script>bad"));
    assert_null(strstr(html, "\033"));
    assert_non_null(strstr(html, "<title>" EVIL_SHOWN ": failed</title>"));
    struct json_object *data = data_of(html);
    json_object_put(data);
    free(html);
}

static void the_policy_names_style_and_script_by_their_hashes(void **state)
{
    struct html_file files[] = {html_css(), html_script()};
    (void)state;
    add("a", FR_SUCCEEDED, FR_STORY_NONE);
    char *html = page();
    for (size_t i = 0; i < 2; i++) {
        struct fr_sha256 sha;
        char hex[65];
        unsigned char bytes[32];
        struct fr_buf expected;
        fr_sha256_init(&sha);
        fr_sha256_add(&sha, files[i].text, files[i].len);
        fr_sha256_hex(&sha, hex);
        for (size_t b = 0; b < 32; b++) {
            char two[3] = {hex[2 * b], hex[2 * b + 1]};
            bytes[b] = (unsigned char)strtoul(two, NULL, 16);
        }
        fr_buf_init(&expected, 0);
        fr_buf_str(&expected, i ? "script-src 'sha256-" : "style-src 'sha256-");
        html_base64(bytes, 32, &expected);
        assert_non_null(strstr(html, expected.data));
        fr_buf_release(&expected);
    }
    assert_null(strstr(html, "unsafe-inline"));
    free(html);
}

static void style_and_script_load_nothing_and_read_nothing_as_markup(void **state)
{
    static const char *const forbidden[] = {
        "</s",  "<!--",         "\r",     "innerHTML", "outerHTML", "Adjacent", "document.write",
        "eval", "new Function", "https:", "url("};
    struct html_file files[] = {html_css(), html_script()};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_true(files[i].len > 1000);
        for (size_t f = 0; f < sizeof forbidden / sizeof *forbidden; f++)
            assert_null(memmem(files[i].text, files[i].len, forbidden[f], strlen(forbidden[f])));
    }
}

static void a_log_is_cut_to_its_end_and_the_page_says_so(void **state)
{
    enum { LONG = 5 * 1024 * 1024 };
    char *text = malloc(LONG + 1);
    (void)state;
    memset(text, 'x', LONG);
    text[LONG] = '\0';
    memcpy(text + LONG - 4, "end\n", 4);
    add("a", FR_FAILED, FR_STORY_NONE);
    attempt(text);
    char *html = page();
    struct json_object *data = data_of(html), *step, *log;
    step = json_object_array_get_idx(json_object_object_get(data, "steps"), 0);
    log = json_object_array_get_idx(
        json_object_array_get_idx(json_object_array_get_idx(step, 9), 0), 4);
    assert_int_equal(json_object_get_string_len(json_object_array_get_idx(log, 0)), HTML_LOG_MAX);
    assert_int_equal(json_object_get_int(json_object_array_get_idx(log, 1)), LONG);
    assert_true(strlen(html) < (size_t)4 * HTML_LOG_MAX);
    json_object_put(data);
    free(html);
    free(text);
}

/* Gives the last step an attempt that wrote to both streams in turns: "a", "x", "bb", "y", each with its line's end. */
static struct fr_story_attempt *attempt_of_both(void)
{
    static const char weave[] = {2 << 1, 2 << 1 | 1, 3 << 1, 2 << 1 | 1};
    struct fr_story_attempt *one = attempt("a\nbb\n");
    one->err = text_of("x\ny\n");
    one->weave = weave;
    one->weave_len = sizeof weave;
    return one;
}

static void both_streams_stand_in_the_order_of_their_writes(void **state)
{
    static const char marked[] =
        "a\n<span class=\"err\">x</span>\nbb\n<span class=\"err\">y</span>\n";
    (void)state;
    add("both", FR_FAILED, FR_STORY_NONE)->error = "exited with code 1";
    (void)attempt_of_both();
    char *html = page();
    assert_well_formed(html);
    assert_non_null(strstr(strstr(html, "id=\"failures\""), marked));
    assert_non_null(strstr(strstr(html, "<noscript>"), marked));
    assert_non_null(
        strstr(html, "[\"\",5,0,null],[\"\",4,0,null],[\"a\\n\",\"x\\n\",\"bb\\n\",\"y\\n\"]]"));
    free(html);
}

static void without_their_order_streams_stand_one_after_the_other(void **state)
{
    (void)state;
    add("both", FR_FAILED, FR_STORY_NONE)->error = "exited with code 1";
    attempt_of_both()->weave = NULL;
    char *html = page();
    assert_well_formed(html);
    assert_null(strstr(html, "class=\"err\""));
    assert_non_null(strstr(html, "[\"a\\nbb\\n\",5,0,null],[\"x\\ny\\n\",4,0,null]]"));
    free(html);
}

static void an_input_is_shown_as_it_was_given(void **state)
{
    struct fr_story *story = &made.story;
    (void)state;
    char *html = page();
    assert_null(strstr(html, "id=\"values\""));
    free(html);
    story->input_json = "\"${{ .params.city }}\"";
    story->input_len = strlen(story->input_json);
    story->input_written = true;
    html = page();
    assert_non_null(strstr(html, "Input (as the file gives it)</summary>"));
    free(html);
    story->input_json = NULL;
    html = page();
    assert_non_null(strstr(html, "The input, 21 bytes, is too large for this page."));
    free(html);
}

static void what_failed_comes_first_and_groups_that_only_hold_it_do_not(void **state)
{
    (void)state;
    add("group", FR_FAILED, FR_STORY_NONE)->error = "a branch failed";
    add("tolerated", FR_FAILED, 0)->tolerated = true;
    add("broken", FR_TIMED_OUT, 0)->error = "took longer than 1 s";
    attempt("one\ntwo\n");
    char *html = page();
    assert_well_formed(html);
    char *from = strstr(html, "id=\"failures\""), *end = strstr(from, "</section>");
    *end = '\0';
    assert_non_null(strstr(from, "took longer than 1 s"));
    assert_true(strstr(from, "<bdi>broken") < strstr(from, "<bdi>tolerated"));
    assert_non_null(strstr(from, "one\ntwo\n</pre>"));
    assert_null(strstr(from, "<bdi>group"));
    free(html);
}

static void what_is_inside_of_something_tolerated_or_saved_comes_last(void **state)
{
    (void)state;
    add("group", FR_FAILED, FR_STORY_NONE)->tolerated = true;
    add("inside", FR_FAILED, 0)->ended_ns = FR_NS_PER_S;
    add("saved", FR_SUCCEEDED, FR_STORY_NONE)->tolerated = true;
    attempt("x\n")->error = "exited with code 9";
    add("last", FR_FAILED, FR_STORY_NONE)->ended_ns = 9 * FR_NS_PER_S;
    char *html = page();
    assert_well_formed(html);
    char *from = strstr(html, "id=\"failures\""), *end = strstr(from, "</section>");
    *end = '\0';
    char *last = strstr(from, "<bdi>last"), *inside = strstr(from, "<bdi>inside");
    char *saved = strstr(from, "<bdi>saved");
    assert_true(last && inside && saved && last < inside && inside < saved);
    assert_non_null(strstr(inside, "(tolerated: the run went on)"));
    assert_non_null(strstr(saved, "exited with code 9"));
    assert_non_null(strstr(saved, "its fallback took its place"));
    assert_null(strstr(from, "<bdi>group"));
    free(html);
}

static void what_a_fallback_made_good_comes_behind_what_failed(void **state)
{
    (void)state;
    add("saved", FR_SUCCEEDED, FR_STORY_NONE)->tolerated = true;
    attempt(NULL)->error = "exited with code 9";
    struct fr_story_step *late = add("late", FR_FAILED, FR_STORY_NONE);
    late->tolerated = true;
    late->ended_ns = 9 * FR_NS_PER_S;
    char *html = page();
    char *from = strstr(html, "What went wrong");
    assert_non_null(from);
    assert_true(strstr(from, "<bdi>late") < strstr(from, "<bdi>saved"));
    free(html);
}

static void what_a_killed_run_was_doing_is_unknown_wherever_it_is_told(void **state)
{
    (void)state;
    made.story.status = "interrupted";
    made.story.error = "flowrun was killed";
    add("lost", FR_RUNNING, FR_STORY_NONE)->unknown = true;
    made.story.counts[FR_RUNNING] = 0;
    made.story.counts[FR_STATUS__COUNT] = made.story.total = 1234;
    char *html = page();
    assert_non_null(strstr(html, "<dd>1,234: 1,234 unknown</dd>"));
    char *from = strstr(html, "What went wrong");
    assert_non_null(from);
    assert_non_null(strstr(from, ">flowrun was killed</p>"));
    assert_true(strstr(from, "<bdi>lost") < strstr(from, "flowrun was killed while it ran"));
    free(html);
}

static void the_same_story_gives_the_same_page(void **state)
{
    (void)state;
    make_evil();
    char *one = page(), *other = page();
    assert_string_equal(one, other);
    free(one);
    free(other);
}

static void ten_thousand_steps_are_a_page_and_a_large_group_one_box(void **state)
{
    enum { TEN_THOUSAND = 10000 };
    static char ids[TEN_THOUSAND + 1][16];
    (void)state;
    add("items", FR_SUCCEEDED, FR_STORY_NONE);
    for (int i = 1; i <= TEN_THOUSAND; i++) {
        snprintf(ids[i], sizeof ids[i], "items[%d]", i - 1);
        add(ids[i], FR_SUCCEEDED, 0);
    }
    char *html = page();
    assert_well_formed(html);
    assert_non_null(strstr(html, "10000 steps inside"));
    assert_non_null(strstr(html, "inside: 10000 succeeded</title>"));
    assert_null(strstr(html, "items[2500]</bdi>"));
    struct json_object *data = data_of(html);
    assert_int_equal(json_object_array_length(json_object_object_get(data, "steps")),
                     TEN_THOUSAND + 1);
    json_object_put(data);
    free(html);
}

static void of_very_many_steps_the_table_has_what_failed_and_the_first(void **state)
{
    (void)state;
    for (int i = 0; i < STEPS_MAX; i++)
        add("a", i == STEPS_MAX - 2 ? FR_FAILED : FR_SUCCEEDED, FR_STORY_NONE);
    char *html = page();
    struct json_object *data = data_of(html), *steps = json_object_object_get(data, "steps");
    assert_int_equal(json_object_array_length(steps), HTML_STEPS_MAX + 2);
    struct json_object *gap = json_object_array_get_idx(steps, HTML_STEPS_MAX - 1);
    assert_int_equal(json_object_get_int(gap), STEPS_MAX - 2 - (HTML_STEPS_MAX - 1));
    struct json_object *last = json_object_array_get_idx(steps, HTML_STEPS_MAX + 1);
    assert_int_equal(json_object_get_int(last), 1);
    json_object_put(data);
    free(html);
}

static void steps_too_many_to_draw_are_told(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++)
        add("a", FR_SUCCEEDED, FR_STORY_NONE);
    char *html = page();
    assert_non_null(strstr(html, "1,000 steps are too many to draw"));
    assert_non_null(strstr(html, "flowrun graph 0123456789abcdef"));
    free(html);
}

static void a_record_that_does_not_stay_is_not_pointed_to(void **state)
{
    (void)state;
    for (int i = 0; i < 3000; i++)
        add("a", FR_SUCCEEDED, FR_STORY_NONE);
    made.story.recorded = false;
    char *html = page(), *script = strstr(html, "id=\"data\"");
    assert_non_null(strstr(html, "\"recorded\":false"));
    *script = '\0';
    assert_null(strstr(html, "<code>flowrun "));
    free(html);
}

static void lines_lead_between_neighbours_and_circles_do_no_harm(void **state)
{
    static const uint32_t on_a[] = {0}, on_inside[] = {2}, on_last[] = {3, 77};
    (void)state;
    add("a", FR_SUCCEEDED, FR_STORY_NONE);
    add("group", FR_SUCCEEDED, FR_STORY_NONE);
    add("inside", FR_SUCCEEDED, 1);
    add("last", FR_SUCCEEDED, FR_STORY_NONE);
    made.steps[1].deps = on_a;
    made.steps[1].dep_count = 1;
    made.steps[3].deps = on_inside; /* lifted to the group around */
    made.steps[3].dep_count = 1;
    char *html = page();
    assert_well_formed(html);
    int lines = 0;
    for (const char *at = html; (at = strstr(at, "<path class=\"line\"")) != NULL; at++)
        lines++;
    assert_int_equal(lines, 2);
    free(html);
    made.steps[0].deps = on_last;
    made.steps[0].dep_count = 2;
    html = page();
    assert_well_formed(html);
    free(html);
}

static void small_artifacts_are_within_the_page_while_they_are_as_recorded(void **state)
{
    struct fr_story_artifact artifact = {.media_type = "image/png", .size = 3};
    struct fr_sha256 sha;
    char hex[65], folder[] = "/tmp/flowrun-html-XXXXXX", path[64];
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.png", folder);
    assert_int_equal(fr_write_file(path, "abc", 3, 0600), 0);
    fr_sha256_init(&sha);
    fr_sha256_add(&sha, "abc", 3);
    fr_sha256_hex(&sha, hex);
    artifact.path = path;
    artifact.sha256 = hex;
    made.story.cwd = folder;
    struct fr_story_step *step = add("a", FR_SUCCEEDED, FR_STORY_NONE);
    step->artifacts = &artifact;
    step->artifact_count = 1;
    char *html = page();
    assert_well_formed(html);
    assert_non_null(strstr(html, "src=\"data:image/png;base64,YWJj\""));
    assert_non_null(strstr(html, "href=\"./a.png\""));
    free(html);
    assert_int_equal(fr_write_file(path, "abd", 3, 0600), 0);
    html = page();
    assert_null(strstr(html, "<img"));
    assert_non_null(strstr(html, "href=\"./a.png\""));
    free(html);
    assert_int_equal(fr_write_file(path, "abcd", 4, 0600), 0);
    html = page();
    assert_non_null(strstr(html, "It has changed since the run."));
    free(html);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    html = page();
    assert_null(strstr(html, "<img"));
    free(html);
    assert_int_equal(fr_remove_tree(folder), 0);
}

static void a_run_without_steps_is_a_page(void **state)
{
    (void)state;
    char *html = page();
    assert_well_formed(html);
    struct json_object *data = data_of(html);
    json_object_put(data);
    free(html);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(foreign_text_is_escaped, begin),
        cmocka_unit_test_setup(a_path_is_a_relative_address_or_one_of_a_file, begin),
        cmocka_unit_test_setup(a_log_keeps_its_colours_and_no_other_code, begin),
        cmocka_unit_test_setup(base64_is_padded, begin),
        cmocka_unit_test_setup(nothing_of_the_run_is_markup_or_program, begin),
        cmocka_unit_test_setup(the_policy_names_style_and_script_by_their_hashes, begin),
        cmocka_unit_test_setup(style_and_script_load_nothing_and_read_nothing_as_markup, begin),
        cmocka_unit_test_setup(a_log_is_cut_to_its_end_and_the_page_says_so, begin),
        cmocka_unit_test_setup(both_streams_stand_in_the_order_of_their_writes, begin),
        cmocka_unit_test_setup(without_their_order_streams_stand_one_after_the_other, begin),
        cmocka_unit_test_setup(an_input_is_shown_as_it_was_given, begin),
        cmocka_unit_test_setup(what_failed_comes_first_and_groups_that_only_hold_it_do_not, begin),
        cmocka_unit_test_setup(what_is_inside_of_something_tolerated_or_saved_comes_last, begin),
        cmocka_unit_test_setup(what_a_fallback_made_good_comes_behind_what_failed, begin),
        cmocka_unit_test_setup(what_a_killed_run_was_doing_is_unknown_wherever_it_is_told, begin),
        cmocka_unit_test_setup(the_same_story_gives_the_same_page, begin),
        cmocka_unit_test_setup(ten_thousand_steps_are_a_page_and_a_large_group_one_box, begin),
        cmocka_unit_test_setup(of_very_many_steps_the_table_has_what_failed_and_the_first, begin),
        cmocka_unit_test_setup(steps_too_many_to_draw_are_told, begin),
        cmocka_unit_test_setup(a_record_that_does_not_stay_is_not_pointed_to, begin),
        cmocka_unit_test_setup(lines_lead_between_neighbours_and_circles_do_no_harm, begin),
        cmocka_unit_test_setup(small_artifacts_are_within_the_page_while_they_are_as_recorded,
                               begin),
        cmocka_unit_test_setup(a_run_without_steps_is_a_page, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
