/* A report in the columns of GNU parallel's --joblog: a line for each step that ran and has ended, in order of declaration.
 * Pure. */
#include "flowrun/base/json.h"
#include "flowrun/ui/progress.h"
#include "reporttext.h"

/* When and how long it ran last. */
struct span {
    int64_t began, took;
};

/* False: it did not run, or has not ended. */
static bool find_span(const struct fr_story *story, const struct fr_story_step *step,
                      struct span *span)
{
    if (!fr_status_is_final(step->status) || !step->started_ns || !step->ended_ns)
        return false;
    *span = (struct span){step->started_ns, report_duration(step)};
    if (step->attempts) {
        const struct fr_story_attempt *last =
            &story->attempts_list[step->first_attempt + step->attempts - 1];
        if (last->ended_ns)
            *span = (struct span){last->started_ns, last->ended_ns - last->started_ns};
    }
    return true;
}

/* The exit code as readers of such logs know it: 0 is a success, and nothing else is. */
static int exit_value(const struct fr_story_step *step)
{
    if (report_fate(step) == REPORT_PASSED || step->status == FR_SKIPPED)
        return 0;
    if (step->exit_code > 0)
        return step->exit_code;
    return step->signal > 0 ? 0 : 1;
}

static void add_step(const struct fr_story *story, const struct fr_story_step *step,
                     uint32_t number, struct fr_buf *out)
{
    struct span span;
    if (!find_span(story, step, &span))
        return;
    const struct fr_story_attempt *printed = report_printed(story, step, false);
    bool passed = report_fate(step) == REPORT_PASSED;
    fr_buf_printf(out, "%u\t:\t", number);
    fr_json_write_seconds(span.began, out);
    struct fr_buf took;
    fr_buf_init(&took, 0);
    fr_json_write_seconds(span.took, &took);
    fr_buf_printf(out, "\t%10s\t0\t%llu\t%d\t%d\t", fr_buf_cstr(&took),
                  (unsigned long long)(printed ? printed->out.len : 0), exit_value(step),
                  passed || step->signal < 0 ? 0 : step->signal);
    fr_buf_release(&took);
    fr_visible_line(step->id, out);
    fr_buf_char(out, '\n');
}

void fr_story_joblog(const struct fr_story *story, struct fr_buf *out)
{
    uint32_t number = 0;
    fr_buf_str(out, "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n");
    for (uint32_t i = 0; i < story->step_count; i++)
        if (!story->steps[i].container)
            add_step(story, &story->steps[i], ++number, out);
}
