/* The end of a run in words: counts, failures with their last output (the first failure
 * last, where the eye is), times, cost. Pure. */
#include <signal.h>
#include <string.h>

#include "failures.h"
#include "flowrun/base/shell.h"
#include "flowrun/base/str.h"
#include "flowrun/ui/progress.h"
#include "lines.h"

enum { FAILURES_SHOWN = 20, PATH_SHOWN = 12 };

/* "failed", "succeeded", "timed out", "ended by SIGTERM", "cancelled by ada (pid 4711)". */
static void add_outcome(const struct fr_run *run, struct fr_buf *out)
{
    const char *abbrev;
    switch (run->outcome) {
    case FR_RUN_SUCCEEDED:
        fr_buf_str(out, "succeeded");
        break;
    case FR_RUN_FAILED:
        fr_buf_str(out, "failed");
        break;
    case FR_RUN_OVER_BUDGET:
        fr_buf_str(out, "over budget");
        break;
    case FR_RUN_TIMED_OUT:
        fr_buf_str(out, "timed out");
        break;
    case FR_RUN_SUSPENDED:
        fr_buf_str(out, "suspended");
        break;
    case FR_RUN_SIGNALED:
        if (fr_run_is_killed(run)) {
            fr_buf_str(out, "interrupted, since flowrun was killed");
            break;
        }
        if (run->cancelled_by) {
            fr_buf_str(out, "cancelled by ");
            fr_visible_line(run->cancelled_by, out);
            break;
        }
        abbrev = sigabbrev_np(run->signal);
        fr_buf_printf(out, "ended by SIG%s", abbrev ? abbrev : "?");
        break;
    }
}

/* "1 group failed": groups are in none of the counts of steps. */
static void add_groups(const struct fr_run *run, enum fr_status status, const char *sep,
                       struct fr_buf *out)
{
    uint32_t count = failures_of_groups(run, status);
    if (count)
        fr_buf_printf(out, "%s%u group%s %s", sep, count, count == 1 ? "" : "s",
                      status == FR_FAILED ? "failed" : "timed out");
}

/* "flowrun: NAME succeeded: 3 succeeded, 1 skipped". */
static void add_counts(const struct fr_run *run, bool color, struct fr_buf *out)
{
    const char *sep = ": ";
    bool good = run->outcome == FR_RUN_SUCCEEDED || run->outcome == FR_RUN_SUSPENDED;

    fr_buf_str(out, "flowrun: ");
    fr_visible_line(run->plan->name, out);
    fr_buf_printf(out, " %s", good ? lines_green(color) : lines_red(color));
    add_outcome(run, out);
    fr_buf_str(out, lines_off(color));
    for (int i = 0; i <= FR_STATUS__COUNT; i++) {
        if (!run->counts[i])
            continue;
        fr_buf_printf(out, "%s%u %s", sep, run->counts[i],
                      i == FR_TIMED_OUT   ? "timed out"
                      : i == FR_NOT_TAKEN ? "not taken"
                                          : fr_status_name((enum fr_status)i));
        sep = ", ";
    }
    if (run->kept)
        fr_buf_printf(out, " (%u kept from before)", run->kept);
    add_groups(run, FR_FAILED, sep, out);
    add_groups(run, FR_TIMED_OUT, ", ", out);
    fr_buf_char(out, '\n');
}

/* The script that runs it again, as a shell takes it. */
static void add_repro(const char *path, struct fr_buf *out)
{
    struct fr_buf word;
    fr_buf_init(&word, 0);
    fr_shell_word(path, &word);
    fr_buf_str(out, "    to run it again alone: ");
    fr_visible_line(fr_buf_cstr(&word), out);
    fr_buf_char(out, '\n');
    fr_buf_release(&word);
}

/* One failure: who, what, where, and the last lines it printed. */
static void add_failure(const struct failure *failure, const struct fr_mask *mask, bool color,
                        struct fr_buf *out)
{
    const struct fr_step *step = failure->step;
    const struct fr_step_result *r = failure->result;
    fr_buf_printf(out, "%s%s%s %s", lines_red(color),
                  r->status == FR_TIMED_OUT ? "timed out:" : "failed:", lines_off(color),
                  failure->id);
    if (r->attempts > 1)
        fr_buf_printf(out, " (after %u attempts)", r->attempts);
    if (step->mark.file) {
        fr_buf_str(out, " at ");
        fr_visible_line(step->mark.file, out);
        fr_buf_printf(out, ":%u:%u", step->mark.line, step->mark.col);
    }
    fr_buf_str(out, "\n    ");
    if (r->error_message)
        fr_visible_line(r->error_message, out);
    fr_buf_str(out, r->tolerated ? " (continue_on_error)\n" : "\n");
    if (r->repro)
        add_repro(r->repro, out);
    failures_tail(failure, mask, "    ", color, out);
}

/* How often it failed before, this time included; from a few runs on. */
static void add_record(const struct fr_run *run, uint32_t index, struct fr_buf *out)
{
    const struct fr_pace_step *before = run->pace ? &run->pace->steps[index] : NULL;
    uint32_t runs = before && before->runs < FR_PACE_RUNS ? before->runs + 1 : FR_PACE_RUNS;
    if (before && runs >= FR_PACE_ENOUGH)
        fr_buf_printf(out, "    failed %u of the last %u\n",
                      before->failed < runs ? before->failed + 1 : runs, runs);
}

/* What of the workflow, not of a step, made the run fail. */
static void add_run_failure(const struct fr_run *run, bool color, struct fr_buf *out)
{
    static const struct {
        const char *code, *what, *of;
    } rows[] = {{"over-budget", "over budget:", "`budget` of the workflow"},
                {"state-conflict", "failed:", "`state` of the workflow"},
                {"same-output-file", "failed:", "`output_file` of its steps"},
                {"no-record", "failed:", "the run could not be recorded"},
                {NULL, "failed:", "`output` of the workflow"}};
    size_t i = 0;
    while (rows[i].code && !fr_str_eq(run->error_code, rows[i].code))
        i++;
    fr_buf_printf(out, "%s%s%s %s\n    ", lines_red(color), rows[i].what, lines_off(color),
                  rows[i].of);
}

/* Failures, the first one last; those that nobody tolerates come nearest to the end. With more than can be shown, the
 * first ones. */
static void add_failures(const struct fr_run *run, const struct fr_mask *mask, bool color,
                         struct fr_buf *out)
{
    struct failure shown[FAILURES_SHOWN];
    uint32_t left = 0;
    uint32_t count = failures_list(run, shown, FAILURES_SHOWN, &left);
    if (left)
        fr_buf_printf(out, "… and %u more failed steps (--output json lists all)\n", left);
    while (count-- > 0) {
        add_failure(&shown[count], mask, color, out);
        if (!shown[count].past)
            add_record(run, shown[count].step->index, out);
    }
    if (run->error_message) {
        add_run_failure(run, color, out);
        fr_visible_line(run->error_message, out);
        fr_buf_char(out, '\n');
    }
}

/* "time 0.31 s, one after the other 0.55 s, speed-up 1.77"; the latter only where something was won. */
static void add_times(const struct fr_run *run, struct fr_buf *out)
{
    int64_t wall = run->ended_ns - run->started_ns;
    char a[32], b[32];

    fr_buf_printf(out, "time %s", fr_format_duration(wall, a, sizeof a));
    if (wall > 0 && run->sequential_ns > wall)
        fr_buf_printf(out, ", one after the other %s, speed-up %.2f",
                      fr_format_duration(run->sequential_ns, b, sizeof b),
                      (double)run->sequential_ns / (double)wall);
    fr_buf_char(out, '\n');
    if (run->critical.count > 1) {
        fr_buf_str(out, "critical path:");
        for (uint32_t i = 0; i < run->critical.count; i++) {
            bool gap = run->critical.count > PATH_SHOWN && i == PATH_SHOWN / 2;
            if (gap) {
                fr_buf_printf(out, " -> (%u more)", run->critical.count - PATH_SHOWN);
                i = run->critical.count - PATH_SHOWN / 2;
            }
            fr_buf_printf(out, "%s %s", i ? " ->" : "", run->plan->steps[run->critical.at[i]].id);
        }
        fr_buf_printf(out, " (%s)\n", fr_format_duration(run->critical_ns, a, sizeof a));
    }
    if (run->cost)
        fr_buf_printf(out, "cost %s USD\n", fr_format_micros(run->cost, a, sizeof a));
}

/* Steps that took far longer than they used to. */
static void add_slow(const struct fr_run *run, struct fr_buf *out)
{
    enum { SLOW_SHOWN = 5, KNOWN = 3 };
    char usual[32], now[32];
    for (uint32_t i = 0, shown = 0; run->pace && i < run->plan->step_count; i++) {
        const struct fr_pace_step *before = &run->pace->steps[i];
        const struct fr_step_result *r = &run->results[i];
        int64_t took = r->ended_ns - r->started_ns;
        if (before->successes < KNOWN || !r->started_ns || !r->ended_ns ||
            took <= 2 * before->usual_ns || took - before->usual_ns < 2 * FR_NS_PER_S)
            continue;
        if (shown++ == SLOW_SHOWN)
            break;
        fr_buf_printf(out, "slow: %s: usually %s, now %s\n", run->plan->steps[i].id,
                      fr_format_duration(before->usual_ns, usual, sizeof usual),
                      fr_format_duration(took, now, sizeof now));
    }
}

void fr_summary_write(const struct fr_run *run, const struct fr_mask *mask, bool quiet, bool color,
                      struct fr_buf *out)
{
    bool good = run->outcome == FR_RUN_SUCCEEDED;
    if (quiet && good)
        return;
    if (!quiet) {
        add_times(run, out);
        add_slow(run, out);
    }
    add_counts(run, color, out);
    add_failures(run, mask, color, out);
    if (run->outcome == FR_RUN_SUSPENDED)
        lines_waiting(run, out);
    if (fr_run_is_killed(run) && run->recorded)
        fr_buf_printf(out, "go on with: flowrun resume %s\n", run->run_id);
    else if (fr_run_is_killed(run))
        fr_buf_str(out, "without the store it cannot go on: run it again\n");
}

void fr_summary_killed(const char *name, const char *run_id, struct fr_buf *out)
{
    fr_buf_str(out, "flowrun: ");
    fr_visible_line(name, out);
    fr_buf_str(out, " was killed; ");
    if (run_id)
        fr_buf_printf(out, "flowrun show %s tells of it\n", run_id);
    else
        fr_buf_str(out, "without the store it cannot go on\n");
}
