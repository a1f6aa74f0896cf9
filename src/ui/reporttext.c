/* What the writers of reports share. Owns nothing; one thread. */
#include "reporttext.h"

#include <string.h>

#include "flowrun/base/str.h"
#include "flowrun/ui/progress.h"

enum { LINES = 20, TAIL_BYTES = 4 << 10 }; /* of what a failed step printed */

/* Whether anything inside of a group has failed that the group could have failed by. */
static bool has_failed_inside(const struct fr_story *story, uint32_t index)
{
    for (uint32_t i = index + 1;
         i < story->step_count && story->steps[i].depth > story->steps[index].depth; i++)
        if (fr_status_is_failure(story->steps[i].status) && !story->steps[i].tolerated)
            return true;
    return false;
}

bool report_tells(const struct fr_story *story, uint32_t index)
{
    static const char *const of_others[] = {"branch-failed", "no-winner", "run-timeout",
                                            "group-timeout", "callback-failed"};
    const struct fr_story_step *step = &story->steps[index];
    if (!step->container)
        return true;
    if (!fr_status_is_failure(step->status))
        return false;
    for (size_t i = 0; i < sizeof of_others / sizeof *of_others; i++)
        if (fr_str_eq(step->error_code, of_others[i]))
            return !has_failed_inside(story, index);
    return true;
}

bool report_borne(const struct fr_story *story, uint32_t index)
{
    const struct fr_story_step *step = &story->steps[index];
    bool borne = step->tolerated;
    /* Parents stand before what is inside of them. */
    while (!borne && step->parent < (uint32_t)(step - story->steps)) {
        step = &story->steps[step->parent];
        borne = step->tolerated || step->status == FR_SUCCEEDED;
    }
    return borne;
}

bool report_is_bad(const struct fr_story *story, uint32_t index)
{
    enum report_fate fate = report_fate(&story->steps[index]);
    return report_tells(story, index) && (fate == REPORT_FAILED || fate == REPORT_ERROR);
}

enum report_fate report_fate(const struct fr_story_step *step)
{
    if (step->unknown || step->status == FR_TIMED_OUT)
        return REPORT_ERROR;
    if (step->status == FR_FAILED)
        return REPORT_FAILED;
    return step->status == FR_SUCCEEDED ? REPORT_PASSED : REPORT_SKIPPED;
}

enum report_fate report_verdict(const struct fr_story *story, uint32_t index)
{
    enum report_fate fate = report_fate(&story->steps[index]);
    return fate != REPORT_PASSED && report_borne(story, index) ? REPORT_SKIPPED : fate;
}

const char *report_status(const struct fr_story_step *step)
{
    return step->unknown                  ? "unknown"
           : step->status == FR_NOT_TAKEN ? "not taken"
           : step->status == FR_TIMED_OUT ? "timed out"
                                          : fr_status_name(step->status);
}

void report_why(const struct fr_story_step *step, struct fr_buf *out)
{
    const char *text = step->error ? step->error : step->reason;
    if (step->unknown)
        text = text ? text : REPORT_KILLED;
    else if (step->status == FR_SUCCEEDED)
        text = NULL;
    else if (!text && step->status == FR_PENDING)
        text = "it has not begun";
    else if (!text && step->status == FR_RUNNING)
        text = "it is under way";
    else if (!text && step->status == FR_WAITING)
        text = fr_str_eq(step->type, "human") ? "it waits for a person" : "it waits";
    if (text)
        fr_visible_line(text, out);
    if (text && step->tolerated && fr_status_is_failure(step->status))
        fr_buf_str(out, " (continue_on_error)");
}

bool report_run_failed(const struct fr_story *story, struct fr_buf *out)
{
    bool lasts = story->exit_code < 0 && !fr_str_eq(story->status, "interrupted");
    if (lasts || story->exit_code == 0 || fr_str_eq(story->status, "suspended"))
        return false;
    for (uint32_t i = 0; i < story->step_count && !story->error_code; i++)
        if (report_is_bad(story, i) && !report_borne(story, i))
            return false;
    if (story->error) {
        fr_visible_line(story->error, out);
        return true;
    }
    fr_buf_str(out, "the run was ");
    fr_visible_line(story->status, out);
    return true;
}

void report_count(const struct fr_story *story, struct report_counts *counts)
{
    struct fr_buf what;
    *counts = (struct report_counts){0};
    for (uint32_t i = 0; i < story->step_count; i++) {
        if (!report_tells(story, i))
            continue;
        enum report_fate fate = report_verdict(story, i);
        counts->total++;
        counts->failed += fate == REPORT_FAILED;
        counts->errors += fate == REPORT_ERROR;
        counts->skipped += fate == REPORT_SKIPPED;
    }
    fr_buf_init(&what, 0);
    if (report_run_failed(story, &what)) {
        counts->total++;
        counts->errors++;
    }
    fr_buf_release(&what);
}

int64_t report_duration(const struct fr_story_step *step)
{
    return step->started_ns && step->ended_ns > step->started_ns ? step->ended_ns - step->started_ns
                                                                 : 0;
}

void report_place(const struct fr_story_step *step, struct fr_buf *out)
{
    if (!step->file)
        return;
    fr_visible_line(step->file, out);
    if (step->line)
        fr_buf_printf(out, ":%u", step->line);
}

const struct fr_story_attempt *report_printed(const struct fr_story *story,
                                              const struct fr_story_step *step, bool err)
{
    for (uint32_t i = step->attempts; i-- > 0;) {
        const struct fr_story_attempt *attempt = &story->attempts_list[step->first_attempt + i];
        if ((err ? attempt->err : attempt->out).key)
            return attempt;
    }
    return NULL;
}

/* Where whole characters and, if only the end was read, whole lines begin. */
static size_t find_begin(const char *text, size_t len, bool cut)
{
    const char *line = cut ? memchr(text, '\n', len) : NULL;
    if (line && line + 1 < text + len)
        return (size_t)(line + 1 - text);
    size_t at = 0;
    while (cut && at < len && at < 3 && ((unsigned char)text[at] & 0xC0) == 0x80)
        at++;
    return at;
}

/* Where the last lines of a text begin. */
static const char *last_lines(const char *text, size_t len, int lines)
{
    const char *at = text + len;
    if (len && at[-1] == '\n')
        at--;
    while (at > text) {
        if (at[-1] == '\n' && --lines == 0)
            return at;
        at--;
    }
    return text;
}

bool report_tail(const struct fr_story *story, const struct fr_story_text *text, int lines,
                 uint64_t max, uint64_t *left, struct fr_buf *out)
{
    struct fr_buf bytes;
    fr_buf_init(&bytes, 0);
    bool there = text->key && story->fetch(story->fetch_arg, text, max, &bytes);
    if (there) {
        size_t begin = find_begin(fr_buf_cstr(&bytes), bytes.len, text->len > bytes.len);
        const char *from = fr_buf_cstr(&bytes) + begin;
        const char *tail = lines ? last_lines(from, bytes.len - begin, lines) : from;
        size_t len = bytes.len - (size_t)(tail - fr_buf_cstr(&bytes));
        fr_visible(tail, len, false, out);
        *left = text->len > len ? text->len - len : 0;
    }
    fr_buf_release(&bytes);
    return there;
}

bool report_last_lines(const struct fr_story *story, const struct fr_story_step *step, bool err,
                       uint64_t *left, struct fr_buf *out)
{
    const struct fr_story_attempt *attempt = report_printed(story, step, err);
    return attempt &&
           report_tail(story, err ? &attempt->err : &attempt->out, LINES, TAIL_BYTES, left, out) &&
           out->len;
}
