/* A report as Markdown, for people and for the summary of a GitHub job. What workflows and programs say stands in code spans,
 * in <code> with every mark escaped, or in fences that it cannot close. Of small size whatever the run. Pure but for what a
 * story fetches. */
#include <ctype.h>
#include <string.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/str.h"
#include "flowrun/ui/progress.h"
#include "reporttext.h"

enum {
    ALL_ROWS = 30,   /* so many steps are all in the table */
    ROWS = 100,      /* of more, those that did not just succeed */
    FAILURES = 20,   /* with what they printed */
    TEXT_BYTES = 300 /* of a name or a message */
};

/* Where a long text is cut, between characters. */
static size_t cut_at(const char *text, size_t len)
{
    if (len <= TEXT_BYTES)
        return len;
    len = TEXT_BYTES;
    while (len && ((unsigned char)text[len] & 0xC0) == 0x80)
        len--;
    return len;
}

/* Appends foreign text as code in a line: no mark in it means anything to Markdown, and nobody is mentioned. */
static void add_code(const char *text, struct fr_buf *out)
{
    struct fr_buf shown;
    fr_buf_init(&shown, 0);
    fr_visible_line(text, &shown);
    size_t len = cut_at(fr_buf_cstr(&shown), shown.len);
    const char *from = fr_buf_cstr(&shown);
    bool plain = len && !memchr(from, '`', len) && !memchr(from, '|', len) &&
                 !memchr(from, '\\', len) && strspn(from, " ") < len;
    fr_buf_str(out, plain ? "`" : "<code>");
    for (size_t i = 0; i < len; i++)
        if (plain || (unsigned char)from[i] >= 0x80 || isalnum((unsigned char)from[i]) ||
            from[i] == ' ')
            fr_buf_char(out, from[i]);
        else
            fr_buf_printf(out, "&#%d;", from[i]);
    fr_buf_str(out, plain ? "`" : "</code>");
    if (len < shown.len)
        fr_buf_str(out, " …");
    fr_buf_release(&shown);
}

/* The longest run of backticks in a text. */
static size_t longest_fence(const char *text, size_t len)
{
    size_t longest = 0, now = 0;
    for (size_t i = 0; i < len; i++) {
        now = text[i] == '`' ? now + 1 : 0;
        longest = now > longest ? now : longest;
    }
    return longest;
}

/* The last lines of a stream, fenced. */
static void add_tail(const struct fr_story *story, const struct fr_story_step *step, bool err,
                     struct fr_buf *out)
{
    struct fr_buf tail;
    uint64_t left;
    fr_buf_init(&tail, 0);
    if (report_last_lines(story, step, err, &left, &tail)) {
        size_t fence = longest_fence(tail.data, tail.len) + 1;
        fence = fence < 3 ? 3 : fence;
        fr_buf_printf(out, "%s%s:\n\n", err ? "Standard error" : "Standard output",
                      left ? ", its end" : "");
        for (size_t i = 0; i < fence; i++)
            fr_buf_char(out, '`');
        fr_buf_str(out, "text\n");
        fr_buf_add(out, tail.data, tail.len);
        if (tail.data[tail.len - 1] != '\n')
            fr_buf_char(out, '\n');
        for (size_t i = 0; i < fence; i++)
            fr_buf_char(out, '`');
        fr_buf_str(out, "\n\n");
    }
    fr_buf_release(&tail);
}

/* One failure: what, where, why, and what it printed last. */
static void add_failure(const struct fr_story *story, const struct fr_story_step *step,
                        struct fr_buf *out)
{
    struct fr_buf text;
    fr_buf_init(&text, 0);
    fr_buf_str(out, "### ");
    add_code(step->id, out);
    fr_buf_printf(out, " %s\n\n", report_status(step));
    report_why(step, &text);
    if (text.len)
        add_code(fr_buf_cstr(&text), out);
    fr_buf_clear(&text);
    report_place(step, &text);
    if (text.len) {
        fr_buf_str(out, " at ");
        add_code(fr_buf_cstr(&text), out);
    }
    if (step->attempts > 1)
        fr_buf_printf(out, ", after %u attempts", step->attempts);
    if (!step->tolerated && report_borne(story, (uint32_t)(step - story->steps)))
        fr_buf_str(out, ", and the run went on");
    fr_buf_str(out, "\n\n");
    add_tail(story, step, false, out);
    add_tail(story, step, true, out);
    fr_buf_release(&text);
}

/* All failures: those that nobody tolerates come first. */
static void add_failures(const struct fr_story *story, struct fr_buf *out)
{
    struct fr_buf what;
    uint32_t shown = 0, left = 0;
    fr_buf_init(&what, 0);
    if (report_run_failed(story, &what)) {
        add_code(fr_buf_cstr(&what), out);
        fr_buf_str(out, "\n\n");
    }
    fr_buf_release(&what);
    for (int tolerated = 0; tolerated < 2; tolerated++)
        for (uint32_t i = 0; i < story->step_count; i++) {
            if (!report_is_bad(story, i) || report_borne(story, i) != (tolerated != 0))
                continue;
            if (shown == FAILURES) {
                left++;
                continue;
            }
            if (shown++ == 0)
                fr_buf_str(out, "## Failures\n\n");
            add_failure(story, &story->steps[i], out);
        }
    if (left)
        fr_buf_printf(out, "… and %u more.\n\n", left);
}

/* Whether a step stands in the table of a large run. */
static bool matters(const struct fr_story *story, uint32_t index)
{
    const struct fr_story_step *step = &story->steps[index];
    return report_tells(story, index) && (report_fate(step) != REPORT_PASSED ||
                                          step->attempts > 1 || step->critical || step->tolerated);
}

static void add_row(const struct fr_story_step *step, struct fr_buf *out)
{
    char took[40];
    struct fr_buf why;
    fr_buf_init(&why, 0);
    fr_buf_str(out, "| ");
    add_code(step->id, out);
    if (step->title) {
        fr_buf_char(out, ' ');
        add_code(step->title, out);
    }
    fr_buf_printf(out, " | %s%s | %s | %u | ", report_status(step), step->kept ? " (kept)" : "",
                  step->ended_ns ? fr_format_duration(report_duration(step), took, sizeof took)
                                 : "",
                  step->attempts);
    report_why(step, &why);
    if (why.len)
        add_code(fr_buf_cstr(&why), out);
    fr_buf_str(out, " |\n");
    fr_buf_release(&why);
}

/* The table of steps. */
static void add_steps(const struct fr_story *story, struct fr_buf *out)
{
    uint32_t shown = 0, left = 0;
    bool all = story->total <= ALL_ROWS;
    for (uint32_t i = 0; i < story->step_count; i++) {
        if (all ? !report_tells(story, i) : !matters(story, i)) {
            left += !story->steps[i].container;
            continue;
        }
        if (shown == ROWS) {
            left++;
            continue;
        }
        if (shown++ == 0)
            fr_buf_str(out, "## Steps\n\n| step | status | took | attempts | why |\n"
                            "| --- | --- | --- | --- | --- |\n");
        add_row(&story->steps[i], out);
    }
    if (left)
        fr_buf_printf(out, "%s%u %ssteps%s.\n", shown ? "\n… and " : "", left, shown ? "more " : "",
                      shown ? "" : " succeeded");
}

/* What the run was and came to. */
static void add_run(const struct fr_story *story, struct fr_buf *out)
{
    char text[64];
    const char *sep = "";
    fr_buf_str(out, "# ");
    add_code(story->name, out);
    fr_buf_char(out, ' ');
    const char *status = fr_str_eq(story->status, "timed_out")     ? "timed out"
                         : fr_str_eq(story->status, "over_budget") ? "over budget"
                                                                   : story->status;
    fr_buf_printf(out, "%s\n\n", status);
    for (int i = 0; i <= FR_STATUS__COUNT; i++) {
        const struct fr_story_step word = {.status = (enum fr_status)i,
                                           .unknown = i == FR_STATUS__COUNT};
        if (!story->counts[i])
            continue;
        fr_buf_printf(out, "%s%u %s", sep, story->counts[i], report_status(&word));
        sep = ", ";
    }
    fr_buf_printf(out, "%s in %s%s", *sep ? "" : "no steps",
                  fr_str_eq(story->status, "interrupted") ? "at least " : "",
                  fr_format_duration(story->took_ns, text, sizeof text));
    if (story->cost)
        fr_buf_printf(out, ", %s USD", fr_format_micros(story->cost, text, sizeof text));
    fr_buf_str(out, " · run ");
    add_code(story->id, out);
    fr_buf_str(out, " of ");
    add_code(story->file, out);
    fr_buf_printf(out, " · begun %s\n\n", fr_format_time(story->started_ns, text, sizeof text));
    if (story->description) {
        add_code(story->description, out);
        fr_buf_str(out, "\n\n");
    }
}

void fr_story_markdown(const struct fr_story *story, struct fr_buf *out)
{
    add_run(story, out);
    add_failures(story, out);
    add_steps(story, out);
}
