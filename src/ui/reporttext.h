/* What the writers of reports share: which steps a report tells of, how they came out, why, and what they printed last.
 * Private to ui/. Pure but for what a story fetches. */
#ifndef UI_REPORTTEXT_H
#define UI_REPORTTEXT_H

#include "flowrun/ui/story.h"

/* Why a step did not end that was under way when the run was killed. */
#define REPORT_KILLED "flowrun was killed while it ran"

/* How a report for machines sees a step. */
enum report_fate {
    REPORT_PASSED,
    REPORT_FAILED,
    REPORT_ERROR,  /* it was ended, or is lost: nothing is said of what it checks */
    REPORT_SKIPPED /* it did not run, or not to its end, and that is no fault of its own */
};

/* Steps that do work themselves, and groups that failed by themselves: not because of what is inside of them. */
bool report_tells(const struct fr_story *story, uint32_t index);
/* Whether a failure is none of the run: it is tolerated, or one of the steps that it is part of is, or came to a good
 * end. */
bool report_borne(const struct fr_story *story, uint32_t index);
enum report_fate report_fate(const struct fr_story_step *step);
/* The same as the run sees it: a failure that is none of the run is no more than a step that was skipped. */
enum report_fate report_verdict(const struct fr_story *story, uint32_t index);
/* Whether a report tells of it as something that failed. */
bool report_is_bad(const struct fr_story *story, uint32_t index);
/* The status in words: "timed out"; "unknown" of a step that was under way when flowrun was killed. */
const char *report_status(const struct fr_story_step *step);
/* Appends why it failed or did not run, in one visible line; nothing when there is nothing to say. */
void report_why(const struct fr_story_step *step, struct fr_buf *out);
/* Whether the run failed by something that no step tells of: what, in one visible line, is appended. */
bool report_run_failed(const struct fr_story *story, struct fr_buf *out);

/* Counts of what a report tells of; that the run failed by itself counts as an error. */
struct report_counts {
    uint32_t total, failed, errors, skipped;
};
void report_count(const struct fr_story *story, struct report_counts *counts);

/* The time a step took, from its first attempt; 0 = it did not run. */
int64_t report_duration(const struct fr_story_step *step);
/* A place: "file:line"; nothing when it is not known. */
void report_place(const struct fr_story_step *step, struct fr_buf *out);

/* The newest attempt that printed anything there, or NULL. */
const struct fr_story_attempt *report_printed(const struct fr_story *story,
                                              const struct fr_story_step *step, bool err);
/* Appends the last lines of what was printed, made visible: at most `lines`, and at most `max` bytes are read.
 * *left: how many bytes of it are not there. False: it is gone. */
bool report_tail(const struct fr_story *story, const struct fr_story_text *text, int lines,
                 uint64_t max, uint64_t *left, struct fr_buf *out);
/* Appends the last 20 lines of a step's stream, of the newest attempt that printed there; *left as above. False: there
 * are none. */
bool report_last_lines(const struct fr_story *story, const struct fr_story_step *step, bool err,
                       uint64_t *left, struct fr_buf *out);

#endif
