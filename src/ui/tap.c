/* A report as TAP 13, the version that prove reads: a test point for each step, with a block of YAML where it failed. A failure
 * that `continue_on_error` allows is marked as one that is expected. Pure but for what a story fetches. */
#include <string.h>

#include "flowrun/base/json.h"
#include "flowrun/ui/progress.h"
#include "reporttext.h"

/* Appends a line's worth of text in which `#` begins no directive. */
static void add_words(const char *text, struct fr_buf *out)
{
    struct fr_buf shown;
    fr_buf_init(&shown, 0);
    fr_visible_line(text, &shown);
    for (size_t i = 0; i < shown.len; i++) {
        if (shown.data[i] == '#' || shown.data[i] == '\\')
            fr_buf_char(out, '\\');
        fr_buf_char(out, shown.data[i]);
    }
    fr_buf_release(&shown);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* How much of an item of a list prove may take for a key, quoted or not, when a colon and a blank end it: the first word, and
 * a colon behind the blanks that follow. */
static size_t key_len(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len && !is_blank(text[at]))
        at++;
    while (at < len && is_blank(text[at]))
        at++;
    return at < len ? at + 1 : 0;
}

/* Appends visible text as a string of YAML in whose first `key` bytes no colon ends a word. */
static void add_string(const char *text, size_t len, size_t key, struct fr_buf *out)
{
    fr_buf_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"' || text[i] == '\\')
            fr_buf_char(out, '\\');
        if (i < key && i + 1 < len && text[i] == ':' && is_blank(text[i + 1]))
            fr_buf_str(out, "\\x3a");
        else
            fr_buf_char(out, text[i] == '\t' ? ' ' : text[i]);
    }
    fr_buf_str(out, "\"\n");
}

static void add_key(const char *key, const char *text, struct fr_buf *out)
{
    if (!text || !*text)
        return;
    fr_buf_printf(out, "  %s: ", key);
    add_string(text, strlen(text), 0, out);
}

/* The last lines of a stream. */
static void add_tail(const struct fr_story *story, const struct fr_story_step *step, bool err,
                     struct fr_buf *out)
{
    struct fr_buf tail;
    uint64_t left;
    fr_buf_init(&tail, 0);
    if (report_last_lines(story, step, err, &left, &tail)) {
        const char *at = fr_buf_cstr(&tail), *end = at + tail.len;
        fr_buf_printf(out, "  %s:\n", err ? "stderr" : "stdout");
        while (at < end) {
            const char *eol = memchr(at, '\n', (size_t)(end - at));
            size_t len = (size_t)((eol ? eol : end) - at);
            fr_buf_str(out, "    - ");
            add_string(at, len, key_len(at, len), out);
            at = eol ? eol + 1 : end;
        }
    }
    fr_buf_release(&tail);
}

/* What there is to know of a failure. */
static void add_block(const struct fr_story *story, const struct fr_story_step *step,
                      const char *why, struct fr_buf *out)
{
    struct fr_buf place;
    fr_buf_init(&place, 0);
    report_place(step, &place);
    fr_buf_str(out, "  ---\n");
    add_key("message", why, out);
    add_key("severity", "fail", out);
    add_key("status", report_status(step), out);
    add_key("code", step->error_code, out);
    add_key("at", fr_buf_cstr(&place), out);
    if (step->exit_code >= 0)
        fr_buf_printf(out, "  exit_code: %d\n", step->exit_code);
    if (step->signal > 0)
        fr_buf_printf(out, "  signal: %d\n", step->signal);
    fr_buf_printf(out, "  attempts: %u\n  duration: ", step->attempts);
    fr_json_write_seconds(report_duration(step), out);
    fr_buf_char(out, '\n');
    add_tail(story, step, false, out);
    add_tail(story, step, true, out);
    fr_buf_str(out, "  ...\n");
    fr_buf_release(&place);
}

static void add_step(const struct fr_story *story, const struct fr_story_step *step,
                     uint32_t number, struct fr_buf *out)
{
    enum report_fate fate = report_fate(step);
    bool bad = fate == REPORT_FAILED || fate == REPORT_ERROR;
    struct fr_buf why;
    fr_buf_init(&why, 0);
    report_why(step, &why);
    fr_buf_printf(out, "%s %u - ", bad ? "not ok" : "ok", number);
    add_words(step->id, out);
    if (fate == REPORT_SKIPPED) {
        fr_buf_printf(out, " # SKIP %s%s", report_status(step), why.len ? ": " : "");
        add_words(fr_buf_cstr(&why), out);
    } else if (bad && report_borne(story, (uint32_t)(step - story->steps))) {
        fr_buf_str(out, " # TODO ");
        add_words(fr_buf_cstr(&why), out);
    }
    fr_buf_char(out, '\n');
    if (bad)
        add_block(story, step, fr_buf_cstr(&why), out);
    fr_buf_release(&why);
}

void fr_story_tap(const struct fr_story *story, struct fr_buf *out)
{
    struct report_counts counts;
    struct fr_buf what;
    uint32_t number = 0;
    report_count(story, &counts);
    fr_buf_printf(out, "TAP version 13\n1..%u%s\n", counts.total,
                  counts.total ? "" : " # SKIP there are no steps");
    for (uint32_t i = 0; i < story->step_count; i++)
        if (report_tells(story, i))
            add_step(story, &story->steps[i], ++number, out);
    fr_buf_init(&what, 0);
    if (report_run_failed(story, &what)) {
        fr_buf_printf(out, "not ok %u - (the run)\n  ---\n", ++number);
        add_key("message", fr_buf_cstr(&what), out);
        add_key("severity", "fail", out);
        add_key("status", story->status, out);
        add_key("code", story->error_code, out);
        fr_buf_str(out, "  ...\n");
    }
    fr_buf_release(&what);
}
