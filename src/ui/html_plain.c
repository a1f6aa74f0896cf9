/* The steps for browsers that run no scripts: a table with a bar of time in each row, and the logs of what failed. Within
 * noscript, so that browsers that do run them never build it. Pure, but for the logs it fetches. */
#include "html.h"
#include "html_woven.h"

enum { BAR_WIDTH = 200, WHY_MAX = 400, LINES_SHOWN = 60 };

/* A bar from the start to the end of a step, within that of the run. */
static void add_bar(const struct fr_story *story, const struct fr_story_step *step,
                    struct fr_buf *out)
{
    double all = (double)(story->ended_ns - story->started_ns);
    if (!step->started_ns || all <= 0)
        return;
    double from = (double)(step->started_ns - story->started_ns) / all * BAR_WIDTH;
    double width = (double)(step->ended_ns - step->started_ns) / all * BAR_WIDTH;
    from = from < 0 ? 0 : from > BAR_WIDTH - 1 ? BAR_WIDTH - 1 : from;
    width = width < 1 ? 1 : width > BAR_WIDTH - from ? BAR_WIDTH - from : width;
    fr_buf_printf(out,
                  "<svg class=\"s-%s\" width=\"%d\" height=\"10\" aria-hidden=\"true\">"
                  "<rect x=\"%.1f\" width=\"%.1f\" height=\"10\"/></svg>",
                  html_status_of(step), BAR_WIDTH, from, width);
}

static void add_row(const struct fr_story *story, uint32_t i, struct fr_buf *out)
{
    const struct fr_story_step *step = &story->steps[i];
    fr_buf_printf(out, "<tr id=\"s%u\"><td>", i);
    html_badge(html_status_of(step), "", out);
    fr_buf_str(out, "</td><th scope=\"row\">");
    for (uint32_t d = 0; d < step->depth && d < 8; d++)
        fr_buf_str(out, "&#160;&#160;");
    fr_buf_str(out, "<bdi>");
    html_text(step->id, out);
    fr_buf_str(out, "</bdi>");
    if (step->error || step->reason) {
        fr_buf_printf(out, "<span class=\"why%s\">", html_is_failure(step) ? "" : " quiet");
        html_start(step->error ? step->error : step->reason, WHY_MAX, out);
        fr_buf_str(out, "</span>");
    }
    fr_buf_str(out, "</th><td>");
    html_text(step->type, out);
    fr_buf_str(out, "</td><td class=\"num\">");
    html_took(step->started_ns, step->ended_ns, out);
    fr_buf_str(out, "</td><td>");
    add_bar(story, step, out);
    fr_buf_str(out, "</td></tr>\n");
}

/* Logs, as long as they are few: of steps that failed, or of the others. */
static void add_logs(const struct fr_story *story, bool failed, uint32_t *left, struct fr_buf *out)
{
    for (uint32_t i = 0; i < story->step_count && *left; i++) {
        const struct fr_story_step *step = &story->steps[i];
        if (html_is_failure(step) != failed || !step->attempts)
            continue;
        const struct fr_story_attempt *last =
            &story->attempts_list[step->first_attempt + step->attempts - 1];
        if (!last->out.len && !last->err.len)
            continue;
        --*left;
        fr_buf_str(out, "<details><summary>");
        html_text(step->id, out);
        fr_buf_str(out, "</summary>\n");
        html_printed(story, last, LINES_SHOWN, out);
        fr_buf_str(out, "</details>\n");
    }
}

void html_plain(const struct fr_story *story, struct fr_buf *out)
{
    enum { LOGS_SHOWN = 50 };
    uint32_t left = LOGS_SHOWN;
    fr_buf_str(
        out,
        "<p>Scripts are off here: with them the table can be sorted and filtered, and there "
        "are a timeline and "
        "the logs of all attempts.</p>\n<div class=\"scroll\"><table class=\"plain\">\n<thead><tr>"
        "<th scope=\"col\">Status</th><th scope=\"col\">Step</th><th scope=\"col\">Type</th>"
        "<th scope=\"col\" class=\"num\">Took</th><th scope=\"col\">When</th>"
        "</tr></thead>\n<tbody>\n");
    for (uint32_t i = 0; i < story->step_count && i < HTML_PLAIN_STEPS; i++)
        add_row(story, i, out);
    fr_buf_str(out, "</tbody>\n</table></div>\n");
    if (story->step_count > HTML_PLAIN_STEPS) {
        fr_buf_printf(out, "<p>The first %d of %u.", HTML_PLAIN_STEPS, story->step_count);
        if (story->recorded)
            fr_buf_printf(out, " <code>flowrun show %s</code> lists all.", story->id);
        fr_buf_str(out, "</p>\n");
    }
    fr_buf_str(out, "<h3>Logs</h3>\n");
    add_logs(story, true, &left, out);
    add_logs(story, false, &left, out);
    if (story->recorded)
        fr_buf_printf(out, "<p><code>flowrun logs %s</code> prints all.</p>\n", story->id);
}
