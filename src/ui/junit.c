/* A report as JUnit XML, in the form that Jenkins, GitLab and others read: one suite, a case for each step. Pure but for what
 * a story fetches. */
#include <string.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/json.h"
#include "flowrun/base/str.h"
#include "flowrun/ui/progress.h"
#include "reporttext.h"

/* Of what a step printed: the end of each stream. What steps that passed printed is little asked for. */
enum { FAILED_BYTES = 64 << 10, PASSED_BYTES = 4 << 10, PASSED_TOTAL = 16 << 20 };

struct writer {
    const struct fr_story *story;
    struct fr_buf *out;
    uint64_t passed; /* bytes of steps that passed, so far */
};

/* The character's escape; NULL = it is written as it is. Characters that XML does not have are replaced. */
static const char *escape_of(const char *text, size_t len)
{
    switch (*text) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\n':
        return "&#10;";
    case '\t':
        return "&#9;";
    default:
        break;
    }
    /* U+FFFE and U+FFFF are no characters of XML. */
    bool none =
        len == 3 && (memcmp(text, "\xEF\xBF\xBE", 3) == 0 || memcmp(text, "\xEF\xBF\xBF", 3) == 0);
    return none ? "\xEF\xBF\xBD" : NULL;
}

/* Appends text that has been made visible: it is UTF-8 without control characters. */
static void add_escaped(const char *text, size_t len, bool attribute, struct fr_buf *out)
{
    for (size_t i = 0; i < len;) {
        size_t run = fr_utf8_len(text + i, len - i);
        run = run ? run : 1;
        bool plain = !attribute && (text[i] == '\n' || text[i] == '\t');
        const char *escape = plain ? NULL : escape_of(text + i, run);
        if (escape)
            fr_buf_str(out, escape);
        else
            fr_buf_add(out, text + i, run);
        i += run;
    }
}

/* Appends any text as an attribute: ` name="text"`. NULL leaves it out. */
static void add_attribute(const char *name, const char *text, struct fr_buf *out)
{
    struct fr_buf shown;
    if (!text)
        return;
    fr_buf_init(&shown, 0);
    fr_visible(text, strlen(text), false, &shown);
    fr_buf_printf(out, " %s=\"", name);
    add_escaped(fr_buf_cstr(&shown), shown.len, true, out);
    fr_buf_char(out, '"');
    fr_buf_release(&shown);
}

static void add_time(const char *name, int64_t ns, struct fr_buf *out)
{
    fr_buf_printf(out, " %s=\"", name);
    fr_json_write_seconds(ns, out);
    fr_buf_char(out, '"');
}

/* A name as one word of a shell. */
static void add_word(const char *name, struct fr_buf *out)
{
    fr_buf_char(out, '\'');
    for (const char *c = name; *c; c++)
        if (*c == '\'')
            fr_buf_str(out, "'\\''");
        else
            fr_buf_char(out, *c);
    fr_buf_char(out, '\'');
}

/* Says what is not there of a text, and where it is. */
static void add_pointer(const struct writer *w, const struct fr_story_step *step,
                        const struct fr_story_text *text, uint64_t left, struct fr_buf *out)
{
    fr_buf_printf(out, "[%llu bytes before this are left out", (unsigned long long)left);
    if (text->path) {
        fr_buf_printf(out, "; all of it: %s", text->path);
    } else if (w->story->recorded) {
        fr_buf_printf(out, "; all of it: flowrun logs %s ", w->story->id);
        add_word(step->id, out);
    }
    fr_buf_str(out, "]\n");
}

/* What one attempt wrote to one stream. */
static void add_stream(struct writer *w, const struct fr_story_step *step,
                       const struct fr_story_text *text, struct fr_buf *out)
{
    bool passed = report_fate(step) == REPORT_PASSED;
    uint64_t max = passed ? PASSED_BYTES : FAILED_BYTES, left = 0;
    struct fr_buf tail;
    if (passed && w->passed + text->len > PASSED_TOTAL && w->passed + max > PASSED_TOTAL)
        max = 0;
    fr_buf_init(&tail, 0);
    if (max && !report_tail(w->story, text, 0, max, &left, &tail)) {
        fr_buf_str(out, "[it is gone]\n");
    } else if (!max) {
        left = text->len;
    }
    if (left)
        add_pointer(w, step, text, left, out);
    else if (text->cut)
        fr_buf_str(out, "[the beginning was not kept]\n");
    fr_buf_add(out, tail.data, tail.len);
    if (tail.len && tail.data[tail.len - 1] != '\n')
        fr_buf_char(out, '\n');
    w->passed += passed ? tail.len : 0;
    fr_buf_release(&tail);
}

/* One stream of a step, all attempts: <system-out>. */
static void add_printed(struct writer *w, const struct fr_story_step *step, bool err)
{
    const char *name = err ? "system-err" : "system-out";
    struct fr_buf text;
    fr_buf_init(&text, 0);
    for (uint32_t i = 0; i < step->attempts; i++) {
        const struct fr_story_attempt *attempt = &w->story->attempts_list[step->first_attempt + i];
        const struct fr_story_text *stream = err ? &attempt->err : &attempt->out;
        if (!stream->key)
            continue;
        if (step->attempts > 1)
            fr_buf_printf(&text, "--- attempt %u\n", attempt->number);
        add_stream(w, step, stream, &text);
    }
    if (text.len) {
        fr_buf_printf(w->out, "      <%s>", name);
        add_escaped(text.data, text.len, false, w->out);
        fr_buf_printf(w->out, "</%s>\n", name);
    }
    fr_buf_release(&text);
}

/* How it came out, unless it passed: <failure>, <error> or <skipped>, which failures are that the workflow allows. CI must not
 * fail where the run does not. */
static void add_fate(struct writer *w, const struct fr_story_step *step)
{
    static const char *const names[] = {
        [REPORT_FAILED] = "failure", [REPORT_ERROR] = "error", [REPORT_SKIPPED] = "skipped"};
    enum report_fate fate = report_verdict(w->story, (uint32_t)(step - w->story->steps));
    struct fr_buf why, place;
    if (fate == REPORT_PASSED)
        return;
    fr_buf_init(&why, 0);
    fr_buf_init(&place, 0);
    report_why(step, &why);
    fr_buf_printf(w->out, "      <%s", names[fate]);
    if (fate == REPORT_SKIPPED) {
        struct fr_buf text;
        fr_buf_init(&text, 0);
        fr_buf_printf(&text, "%s%s%s%s", report_status(step), why.len ? ": " : "",
                      fr_buf_cstr(&why),
                      fate == report_fate(step) || step->tolerated ? "" : " (the run went on)");
        add_attribute("message", fr_buf_cstr(&text), w->out);
        fr_buf_release(&text);
        fr_buf_str(w->out, "/>\n");
    } else {
        report_place(step, &place);
        add_attribute("message", why.len ? fr_buf_cstr(&why) : report_status(step), w->out);
        add_attribute("type", step->error_code ? step->error_code : report_status(step), w->out);
        fr_buf_char(w->out, '>');
        add_escaped(fr_buf_cstr(&place), place.len, false, w->out);
        fr_buf_printf(w->out, "</%s>\n", names[fate]);
    }
    fr_buf_release(&place);
    fr_buf_release(&why);
}

/* The workflow's name, and that of what a step is part of. */
static void add_class(struct writer *w, const struct fr_story_step *step)
{
    struct fr_buf name;
    fr_buf_init(&name, 0);
    fr_buf_str(&name, w->story->name);
    if (step && step->parent != FR_STORY_NONE)
        fr_buf_printf(&name, ".%s", w->story->steps[step->parent].id);
    add_attribute("classname", fr_buf_cstr(&name), w->out);
    fr_buf_release(&name);
}

static void add_step(struct writer *w, const struct fr_story_step *step)
{
    fr_buf_str(w->out, "    <testcase");
    add_attribute("name", step->id, w->out);
    add_class(w, step);
    if (step->file) {
        add_attribute("file", step->file, w->out);
        fr_buf_printf(w->out, " line=\"%u\"", step->line);
    }
    add_time("time", report_duration(step), w->out);
    size_t begin = w->out->len;
    fr_buf_str(w->out, ">\n");
    size_t inside = w->out->len;
    add_fate(w, step);
    add_printed(w, step, false);
    add_printed(w, step, true);
    if (w->out->len == inside) {
        w->out->len = begin;
        fr_buf_str(w->out, "/>\n");
    } else {
        fr_buf_str(w->out, "    </testcase>\n");
    }
}

/* That the run failed by what no step tells of. */
static void add_run(struct writer *w)
{
    struct fr_buf what;
    fr_buf_init(&what, 0);
    if (report_run_failed(w->story, &what)) {
        const char *type = w->story->error_code ? w->story->error_code : w->story->status;
        fr_buf_str(w->out, "    <testcase name=\"(the run)\"");
        add_class(w, NULL);
        add_time("time", w->story->took_ns, w->out);
        fr_buf_str(w->out, ">\n      <error");
        add_attribute("message", fr_buf_cstr(&what), w->out);
        add_attribute("type", type, w->out);
        fr_buf_str(w->out, "/>\n    </testcase>\n");
    }
    fr_buf_release(&what);
}

static void add_property(const char *name, const char *value, struct fr_buf *out)
{
    if (!value)
        return;
    fr_buf_printf(out, "      <property name=\"%s\"", name);
    add_attribute("value", value, out);
    fr_buf_str(out, "/>\n");
}

/* The attributes that suites and the suite share. */
static void add_head(struct writer *w, const struct report_counts *counts)
{
    add_attribute("name", w->story->name, w->out);
    fr_buf_printf(w->out, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\"",
                  counts->total, counts->failed, counts->errors, counts->skipped);
    add_time("time", w->story->took_ns, w->out);
}

void fr_story_junit(const struct fr_story *story, struct fr_buf *out)
{
    struct writer w = {.story = story, .out = out};
    struct report_counts counts;
    char time[40];
    report_count(story, &counts);
    fr_format_time(story->started_ns, time, sizeof time);
    fr_buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    add_head(&w, &counts);
    fr_buf_str(out, ">\n  <testsuite");
    add_head(&w, &counts);
    add_attribute("timestamp", time, out);
    add_attribute("hostname", story->host, out);
    add_attribute("file", story->file, out);
    fr_buf_str(out, ">\n    <properties>\n");
    add_property("run_id", story->id, out);
    add_property("status", story->status, out);
    fr_buf_str(out, "    </properties>\n");
    for (uint32_t i = 0; i < story->step_count; i++)
        if (report_tells(story, i))
            add_step(&w, &story->steps[i]);
    add_run(&w);
    fr_buf_str(out, "  </testsuite>\n</testsuites>\n");
}
