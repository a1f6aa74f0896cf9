/* The steps as JSON for the report's script: rows in the order of struct fr_story, times in microseconds since the run began,
 * names of columns in report_base.js. Logs and outputs are in it up to their ceilings; what failed goes first. Pure, but for
 * what it fetches. */
#include <stdlib.h>

#include "flowrun/base/str.h"
#include "html.h"
#include "html_woven.h"

enum { NS_PER_US = 1000 };

/* What a step is besides its status; report_base.js knows the same bits. */
enum { IS_CONTAINER = 1, IS_TOLERATED = 2, IS_CRITICAL = 4, IS_KEPT = 8 };

/* What is chosen of all steps, logs and outputs. */
struct chosen {
    bool *steps;
    bool *logs;    /* by attempt */
    bool *outputs; /* by step */
};

static uint64_t at_most(uint64_t len, uint64_t max)
{
    return len < max ? len : max;
}

/* Chooses steps that failed, or any, until there are enough; what is around of one is chosen with it. */
static uint32_t choose_steps(const struct fr_story *story, bool failed, uint32_t most, bool *steps)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < story->step_count && count < most; i++) {
        if (failed && !html_is_failure(&story->steps[i]))
            continue;
        for (uint32_t at = i; !steps[at]; at = story->steps[at].parent) {
            steps[at] = true;
            count++;
            if (story->steps[at].parent >= at)
                break;
        }
    }
    return count;
}

/* Chooses what fits of the steps that failed, or of the others. */
static void choose_of(const struct fr_story *story, bool failed, struct chosen *chosen,
                      uint64_t *logs_left, uint64_t *outputs_left)
{
    for (uint32_t i = 0; i < story->step_count; i++) {
        const struct fr_story_step *step = &story->steps[i];
        if (!chosen->steps[i] || html_is_failure(step) != failed)
            continue;
        for (uint32_t a = step->first_attempt; a < step->first_attempt + step->attempts; a++) {
            const struct fr_story_attempt *attempt = &story->attempts_list[a];
            uint64_t len =
                at_most(attempt->out.len, HTML_LOG_MAX) + at_most(attempt->err.len, HTML_LOG_MAX);
            chosen->logs[a] = len <= *logs_left;
            *logs_left -= chosen->logs[a] ? len : 0;
        }
        chosen->outputs[i] =
            step->output.len <= HTML_VALUE_MAX && step->output.len <= *outputs_left;
        *outputs_left -= chosen->outputs[i] ? step->output.len : 0;
    }
}

/* Appends a moment. */
static void add_time(const struct fr_story *story, int64_t ns, struct fr_buf *out)
{
    if (ns)
        fr_buf_printf(out, ",%lld", (long long)((ns - story->started_ns) / NS_PER_US));
    else
        fr_buf_str(out, ",null");
}

static void add_text(const char *text, struct fr_buf *out)
{
    fr_buf_char(out, ',');
    html_json(text, out);
}

/* Appends what is told of a log besides its text. */
static void end_log(const struct fr_story_text *text, struct fr_buf *out)
{
    fr_buf_printf(out, ",%llu,%d", (unsigned long long)text->len, text->cut);
    add_text(text->path, out);
    fr_buf_char(out, ']');
}

/* Appends [text or null, bytes in all, whether its beginning was never kept, its file]; 0 = there is none. */
static void add_log(const struct fr_story *story, const struct fr_story_text *text, bool wanted,
                    struct fr_buf *out)
{
    struct fr_buf raw, log;
    if (!text->key || !text->len) {
        fr_buf_str(out, ",0");
        return;
    }
    fr_buf_init(&raw, 0);
    fr_buf_init(&log, 0);
    bool there = wanted && html_fetch(story, text, HTML_LOG_MAX, &raw);
    fr_buf_str(out, ",[");
    if (there) {
        html_clean_log(fr_buf_cstr(&raw), raw.len, true, &log);
        html_json_bytes(fr_buf_cstr(&log), log.len, out);
    } else {
        fr_buf_str(out, "null");
    }
    end_log(text, out);
    fr_buf_release(&raw);
    fr_buf_release(&log);
}

/* Appends both logs of an attempt; when their order is known the texts come behind them, by turns. */
static void add_logs(const struct fr_story *story, const struct fr_story_attempt *attempt,
                     bool wanted, struct fr_buf *out)
{
    struct html_woven both;
    if (!wanted || !html_weave(story, attempt, HTML_LOG_MAX, &both)) {
        add_log(story, &attempt->out, wanted, out);
        add_log(story, &attempt->err, wanted, out);
        return;
    }
    fr_buf_str(out, ",[\"\"");
    end_log(&attempt->out, out);
    fr_buf_str(out, ",[\"\"");
    end_log(&attempt->err, out);
    fr_buf_char(out, ',');
    html_woven_json(&both, out);
    html_weave_release(&both);
}

static void add_attempts(const struct fr_story *story, const struct fr_story_step *step,
                         const struct chosen *chosen, struct fr_buf *out)
{
    fr_buf_str(out, ",[");
    for (uint32_t a = 0; a < step->attempts; a++) {
        const struct fr_story_attempt *attempt = &story->attempts_list[step->first_attempt + a];
        bool wanted = chosen->logs[step->first_attempt + a];
        fr_buf_printf(out, "%s[%u", a ? "," : "", attempt->number);
        add_time(story, attempt->started_ns, out);
        add_time(story, attempt->ended_ns, out);
        add_text(attempt->error, out);
        add_logs(story, attempt, wanted, out);
        fr_buf_char(out, ']');
    }
    fr_buf_char(out, ']');
}

/* Appends [how many, the first of them …]. */
static void add_deps(const struct fr_story *story, const struct fr_story_step *step,
                     struct fr_buf *out)
{
    fr_buf_printf(out, ",[%u", step->dep_count);
    for (uint32_t i = 0; i < step->dep_count && i < HTML_DEPS_MAX; i++)
        if (step->deps[i] < story->step_count)
            fr_buf_printf(out, ",%u", step->deps[i]);
    fr_buf_char(out, ']');
}

/* Appends what the step says besides. */
static void add_results(const struct fr_story *story, const struct fr_story_step *step, bool wanted,
                        struct fr_buf *out)
{
    char number[40];
    fr_buf_printf(out, ",%d,%d", step->exit_code, step->signal);
    add_text(step->error_code, out);
    add_text(step->error, out);
    add_text(step->reason, out);
    fr_buf_printf(out, ",%s",
                  step->cost ? fr_format_micros(step->cost, number, sizeof number) : "0");
    if (step->has_quality)
        fr_buf_printf(out, ",%.6g", step->quality);
    else
        fr_buf_str(out, ",null");
    add_text(step->usage_json, out);
    add_text(step->answer_json, out);
    add_text(step->file, out);
    fr_buf_printf(out, ",%u,%u", step->line, step->artifact_count);
    add_log(story, &step->output, wanted, out);
}

/* Appends the row of a step. */
static void add_step(const struct fr_story *story, uint32_t i, const struct chosen *chosen,
                     struct fr_buf *out)
{
    const struct fr_story_step *step = &story->steps[i];
    int flags = (step->container ? IS_CONTAINER : 0) | (step->tolerated ? IS_TOLERATED : 0) |
                (step->critical ? IS_CRITICAL : 0) | (step->kept ? IS_KEPT : 0);
    fr_buf_char(out, '[');
    html_json(step->id, out);
    add_text(step->title, out);
    add_text(step->type, out);
    fr_buf_printf(out, ",%d,%d,%d", step->unknown ? FR_STATUS__COUNT : (int)step->status, flags,
                  step->parent < i ? (int)step->parent : -1);
    add_time(story, step->ready_ns, out);
    add_time(story, step->started_ns, out);
    add_time(story, step->ended_ns, out);
    add_attempts(story, step, chosen, out);
    add_deps(story, step, out);
    add_results(story, step, chosen->outputs[i], out);
    fr_buf_char(out, ']');
}

/* Appends the rows; a number stands for so many that are left out. */
static void add_steps(const struct fr_story *story, const struct chosen *chosen, struct fr_buf *out)
{
    const char *between = "\n";
    for (uint32_t i = 0, gap = 0; i < story->step_count; i++) {
        if (!chosen->steps[i]) {
            gap++;
            if (i + 1 < story->step_count && !chosen->steps[i + 1])
                continue;
        }
        fr_buf_str(out, between);
        between = ",\n";
        if (gap)
            fr_buf_printf(out, "%u", gap);
        else
            add_step(story, i, chosen, out);
        gap = 0;
    }
}

void html_data(const struct fr_story *story, struct fr_buf *out)
{
    uint64_t logs = HTML_LOGS_MAX, outputs = HTML_VALUES_MAX;
    struct chosen chosen = {.steps = calloc(story->step_count + 1, sizeof(bool)),
                            .logs = calloc(story->attempt_count + 1, sizeof(bool)),
                            .outputs = calloc(story->step_count + 1, sizeof(bool))};
    if (!chosen.steps || !chosen.logs || !chosen.outputs) {
        out->overflow = true;
    } else {
        uint32_t failed = choose_steps(story, true, HTML_STEPS_MAX / 2, chosen.steps);
        (void)choose_steps(story, false, HTML_STEPS_MAX - failed, chosen.steps);
        choose_of(story, true, &chosen, &logs, &outputs);
        choose_of(story, false, &chosen, &logs, &outputs);
        fr_buf_str(out, "{\"run\":");
        html_json(story->id, out);
        fr_buf_printf(out, ",\"recorded\":%s", story->recorded ? "true" : "false");
        fr_buf_printf(out, ",\"us\":%lld,\"statuses\":[",
                      (long long)((story->ended_ns - story->started_ns) / NS_PER_US));
        for (int i = 0; i < FR_STATUS__COUNT; i++)
            fr_buf_printf(out, "%s\"%s\"", i ? "," : "", fr_status_name((enum fr_status)i));
        fr_buf_str(out, ",\"unknown\"],\"steps\":[");
        add_steps(story, &chosen, out);
        fr_buf_str(out, "]}");
    }
    free(chosen.steps);
    free(chosen.logs);
    free(chosen.outputs);
}
