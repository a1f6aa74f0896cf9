/* The top of the report: what came of the run, and what went wrong. Pure, but for the logs it fetches. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/str.h"
#include "html.h"
#include "html_woven.h"
#include "reporttext.h"

enum { FAILURES_SHOWN = 10, LINES_SHOWN = 20 };

/* Begins a fact. */
static void begin_fact(const char *name, struct fr_buf *out)
{
    fr_buf_printf(out, "<div><dt>%s</dt><dd>", name);
}

static void end_fact(struct fr_buf *out)
{
    fr_buf_str(out, "</dd></div>\n");
}

/* A fact that is one text; nothing when there is none. */
static void add_fact(const char *name, const char *text, struct fr_buf *out)
{
    if (!text || !*text)
        return;
    begin_fact(name, out);
    fr_buf_str(out, "<code>");
    html_text(text, out);
    fr_buf_str(out, "</code>");
    end_fact(out);
}

/* A moment for people and for programs. */
static void add_moment(int64_t ns, struct fr_buf *out)
{
    char time[40];
    fr_format_time(ns, time, sizeof time);
    fr_buf_printf(out, "<time datetime=\"%s\">%.10s %.8s UTC</time>", time, time, time + 11);
}

/* How long it took, and what side by side was worth. */
static void add_duration(const struct fr_story *story, struct fr_buf *out)
{
    char one[40];
    int64_t took = story->took_ns;
    begin_fact("Took", out);
    if (fr_str_eq(story->status, "interrupted"))
        fr_buf_str(out, "at least ");
    fr_buf_str(out, fr_format_duration(took, one, sizeof one));
    if (fr_str_eq(story->status, "running"))
        fr_buf_str(out, " so far");
    if (story->sessions > 1)
        fr_buf_printf(out, " <span class=\"quiet\">(in %u sessions within %s)</span>",
                      story->sessions,
                      fr_format_duration(story->ended_ns - story->started_ns, one, sizeof one));
    end_fact(out);
    if (took > 0 && story->sequential_ns > took) {
        begin_fact("One after the other", out);
        fr_buf_printf(out, "%s <span class=\"quiet\">(speed-up %.2f)</span>",
                      fr_format_duration(story->sequential_ns, one, sizeof one),
                      (double)story->sequential_ns / (double)took);
        end_fact(out);
    }
    if (story->critical_ns) {
        begin_fact("Critical path", out);
        fr_buf_str(out, fr_format_duration(story->critical_ns, one, sizeof one));
        end_fact(out);
    }
}

/* Who ran it, where. */
static void add_place(const struct fr_story *story, struct fr_buf *out)
{
    add_fact("Run", story->id, out);
    if (story->who || story->host) {
        begin_fact("By", out);
        html_text(story->who ? story->who : "unknown", out);
        if (story->host) {
            fr_buf_str(out, " on ");
            html_text(story->host, out);
        }
        end_fact(out);
    }
    add_fact("File", story->file, out);
    add_fact("Folder", story->cwd, out);
}

/* How many steps came out how. */
static void add_counts(const struct fr_story *story, struct fr_buf *out)
{
    begin_fact("Steps", out);
    html_number(story->total, out);
    for (int i = 0, any = 0; i <= FR_STATUS__COUNT; i++) {
        if (!story->counts[i])
            continue;
        fr_buf_str(out, any++ ? ", " : ": ");
        html_number(story->counts[i], out);
        fr_buf_char(out, ' ');
        html_status(html_status_name(i), out);
    }
    end_fact(out);
}

/* Whether a fallback took the place of a step that failed. */
static bool is_saved(const struct fr_story_step *step)
{
    return step->status == FR_SUCCEEDED && step->tolerated;
}

/* Why it failed; of a step that its fallback saved, why its last attempt did. */
static const char *error_of(const struct fr_story *story, const struct fr_story_step *step)
{
    const char *error = step->error;
    if (!error && is_saved(step) && step->attempts)
        error = story->attempts_list[step->first_attempt + step->attempts - 1].error;
    if (!error && step->unknown)
        error = REPORT_KILLED;
    return error ? error : "no reason was recorded";
}

/* One failure: what, why, where. */
static void add_failure(const struct fr_story *story, uint32_t index, struct fr_buf *out)
{
    const struct fr_story_step *step = &story->steps[index];
    fr_buf_str(out, "<article class=\"failure\">\n<h3>");
    html_badge(html_status_of(step), "", out);
    fr_buf_printf(out, " <a href=\"#s%u\"><bdi>", index);
    html_text(step->id, out);
    fr_buf_str(out, "</bdi></a></h3>\n<p class=\"error\">");
    html_start(error_of(story, step), HTML_TEXT_MAX, out);
    fr_buf_str(out, "</p>\n<p class=\"quiet\">");
    if (step->error_code) {
        fr_buf_str(out, "<code>");
        html_text(step->error_code, out);
        fr_buf_str(out, "</code> ");
    }
    if (step->file) {
        fr_buf_str(out, "at <code>");
        html_text(step->file, out);
        fr_buf_printf(out, ":%u</code> ", step->line);
    }
    if (step->attempts > 1)
        fr_buf_printf(out, "after %u attempts ", step->attempts);
    if (is_saved(step))
        fr_buf_str(out, "(its fallback took its place: the run went on)");
    else if (report_borne(story, index))
        fr_buf_str(out, "(tolerated: the run went on)");
    fr_buf_str(out, "</p>\n");
    if (step->attempts)
        html_printed(story, &story->attempts_list[step->first_attempt + step->attempts - 1],
                     LINES_SHOWN, out);
    fr_buf_str(out, "</article>\n");
}

/* Failures in the order in which people want to know them. */
struct failure {
    int rank; /* what nobody tolerates, then what somebody does, then what a fallback made good */
    int64_t ended_ns;
    uint32_t index;
};

static int compare_failures(const void *one, const void *other)
{
    const struct failure *a = one, *b = other;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (a->ended_ns != b->ended_ns)
        return a->ended_ns < b->ended_ns ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* Collects what went wrong; a group that failed because of what is inside of it is not told again. */
static uint32_t find_failures(const struct fr_story *story, struct failure *found)
{
    uint32_t count = 0;
    bool *told = calloc(story->step_count + 1, sizeof *told);
    for (uint32_t i = story->step_count; i-- > 0;) {
        const struct fr_story_step *step = &story->steps[i];
        bool lost = step->unknown && !step->container;
        if (!fr_status_is_failure(step->status) && !is_saved(step) && !lost)
            continue;
        if (!told || !told[i])
            found[count++] =
                (struct failure){report_borne(story, i) + is_saved(step), step->ended_ns, i};
        /* Parents stand before what is inside of them. */
        if (told && fr_status_is_failure(step->status) && step->parent < i)
            told[step->parent] = true;
    }
    free(told);
    qsort(found, count, sizeof *found, compare_failures);
    return count;
}

/* Why the run did not come out well; nothing when it did. */
static void add_reasons(const struct fr_story *story, struct fr_buf *out)
{
    struct failure *found = calloc(story->step_count + 1, sizeof *found);
    uint32_t count = found ? find_failures(story, found) : 0;
    if (count || story->error) {
        fr_buf_str(out, "<section id=\"failures\" aria-labelledby=\"failures-h\">\n"
                        "<h2 id=\"failures-h\">What went wrong</h2>\n");
        if (story->error) {
            fr_buf_str(out, "<p class=\"error\">");
            html_start(story->error, HTML_TEXT_MAX, out);
            fr_buf_str(out, "</p>\n");
        }
        for (uint32_t i = 0; i < count && i < FAILURES_SHOWN; i++)
            add_failure(story, found[i].index, out);
        if (count > FAILURES_SHOWN)
            fr_buf_printf(out, "<p>And %u more; the table of steps lists all.</p>\n",
                          count - FAILURES_SHOWN);
        fr_buf_str(out, "</section>\n");
    }
    free(found);
}

void html_head(const struct fr_story *story, struct fr_buf *out)
{
    char cost[40];
    fr_buf_str(out, "<header>\n<p>");
    html_badge(story->status, " large", out);
    fr_buf_str(out, "</p>\n<h1><bdi>");
    html_text(story->name, out);
    fr_buf_str(out, "</bdi></h1>\n");
    if (story->description && *story->description) {
        fr_buf_str(out, "<p class=\"about\">");
        html_text(story->description, out);
        fr_buf_str(out, "</p>\n");
    }
    fr_buf_str(out, "<nav id=\"nav\" aria-label=\"Sections\"></nav>\n</header>\n<main>\n"
                    "<section id=\"run\" aria-label=\"Run\">\n<dl class=\"facts\">\n");
    begin_fact("Started", out);
    add_moment(story->started_ns, out);
    end_fact(out);
    add_duration(story, out);
    if (story->exit_code >= 0) {
        begin_fact("Exit code", out);
        fr_buf_printf(out, "%d", story->exit_code);
        end_fact(out);
    }
    if (story->cost)
        add_fact("Cost", fr_format_micros(story->cost, cost, sizeof cost), out);
    add_counts(story, out);
    add_place(story, out);
    fr_buf_str(out, "</dl>\n</section>\n");
    add_reasons(story, out);
}
