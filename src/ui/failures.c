/* Which steps of a run are told of as failed, and what they printed last. Pure. */
#include "failures.h"

#include <stdlib.h>
#include <string.h>

#include "flowrun/base/str.h"
#include "flowrun/base/weave.h"
#include "lines.h"
#include "woven.h"

enum { TAIL_LINES = 20 };

/* Whether a group failed by itself (a merge, a split, its timeout) and not because its branches or callback did. */
static bool is_own_failure(const struct fr_step *step, const struct fr_step_result *r)
{
    if (!fr_status_is_failure(r->status) || r->lost || lines_is_leaf(step))
        return false;
    static const char *const of_branches[] = {"branch-failed", "no-winner", "run-timeout",
                                              "group-timeout"};
    for (size_t i = 0; r->error_code && i < sizeof of_branches / sizeof of_branches[0]; i++)
        if (strcmp(r->error_code, of_branches[i]) == 0)
            return r->failed == 0;
    return !r->error_code || strcmp(r->error_code, "callback-failed") != 0;
}

/* Whether what a step came to is told of among the turns that are over. */
static bool is_in_turn(const struct fr_run *run, uint32_t index)
{
    const struct fr_plan *plan = run->plan;
    for (uint32_t i = plan->steps[index].frame; i != FR_NO_STEP; i = plan->steps[i].frame)
        if (fr_run_turns(run, &plan->steps[i]))
            return true;
    return false;
}

uint32_t failures_of_groups(const struct fr_run *run, enum fr_status status)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < run->plan->step_count; i++)
        count += is_own_failure(&run->plan->steps[i], &run->results[i]) && !is_in_turn(run, i) &&
                 run->results[i].status == status;
    return count;
}

/* A group's failure only repeats its branches' unless it is its own. */
static bool is_worth_telling(const struct fr_step *step, const struct fr_step_result *r)
{
    return lines_is_leaf(step) ? fr_status_is_failure(r->status) && !r->lost
                               : is_own_failure(step, r);
}

/* Whether a failure is none of the run: somebody tolerates it, or one of the steps that it is part of came to a good end.
 * That the run's time was over nobody tolerates. */
static bool is_borne(const struct fr_run *run, const struct fr_step *step,
                     const struct fr_step_result *result)
{
    const struct fr_plan *plan = run->plan;
    bool borne = result->tolerated;
    if (fr_str_eq(result->error_code, "run-timeout"))
        return false;
    for (uint32_t i = step->parent; i != FR_NO_STEP && !borne; i = plan->steps[i].parent) {
        const struct fr_step_result *of = &run->results[i];
        borne = is_in_turn(run, i) ? plan->steps[i].continue_on_error
                                   : of->tolerated || of->status == FR_SUCCEEDED;
    }
    return borne;
}

/* The failures to tell of, in order of declaration and turns: of steps that run once, and of turns that are over. */
struct failures {
    const struct fr_run *run;
    bool borne;    /* only those that were, or only the others */
    uint32_t step; /* where the next one is looked for … */
    uint32_t past;
};

/* The next failure: a past one, or NULL and the index of a step in *step, FR_NO_STEP behind the last. */
static const struct fr_past *next_failure(struct failures *at, uint32_t *step)
{
    const struct fr_run *run = at->run;
    uint32_t i = at->step, p = at->past;
    while (i < run->plan->step_count &&
           (!is_worth_telling(&run->plan->steps[i], &run->results[i]) || is_in_turn(run, i) ||
            is_borne(run, &run->plan->steps[i], &run->results[i]) != at->borne))
        i++;
    while (p < run->past_count &&
           (!is_worth_telling(run->past[p].step, &run->past[p].result) ||
            is_borne(run, run->past[p].step, &run->past[p].result) != at->borne))
        p++;
    bool is_past = p < run->past_count && run->past[p].place[0] <= i;
    at->step = i;
    at->past = p;
    *step = is_past || i == run->plan->step_count ? FR_NO_STEP : i;
    if (is_past)
        return &run->past[at->past++];
    at->step += *step != FR_NO_STEP;
    return NULL;
}

uint32_t failures_some(const struct fr_run *run, bool borne, struct failure *list, uint32_t max,
                       uint32_t *more)
{
    struct failures at = {.run = run, .borne = borne};
    const struct fr_past *past;
    uint32_t step, count = 0;
    *more = 0;
    while ((past = next_failure(&at, &step)) != NULL || step != FR_NO_STEP) {
        const struct fr_step *of = past ? past->step : &run->plan->steps[step];
        if (count == max) {
            ++*more;
            continue;
        }
        list[count++] = (struct failure){.id = past ? past->id : fr_run_step_id(run, of),
                                         .step = of,
                                         .result = past ? &past->result : &run->results[step],
                                         .past = past != NULL};
    }
    return count;
}

uint32_t failures_list(const struct fr_run *run, struct failure *list, uint32_t max, uint32_t *more)
{
    uint32_t left = 0;
    uint32_t count = failures_some(run, false, list, max, more);
    count += failures_some(run, true, list + count, max - count, &left);
    *more += left;
    return count;
}

/* Where in a tail that was cut the rest of a secret may end: possible where what was kept is one line only. */
static size_t cut_of(const struct fr_mask *mask, const char *tail, size_t len)
{
    return len == FR_TAIL_BYTES ? fr_mask_cut(mask, tail, len) : 0;
}

void failures_tail(const struct failure *failure, const struct fr_mask *mask, const char *indent,
                   bool color, struct fr_buf *out)
{
    const struct fr_step_result *r = failure->result;
    size_t out_cut = cut_of(mask, r->out_tail, r->out_tail_len);
    size_t err_cut = cut_of(mask, r->err_tail, r->err_tail_len);
    struct woven woven = {.text = {r->out_tail ? r->out_tail + out_cut : "",
                                   r->err_tail ? r->err_tail + err_cut : ""},
                          .len = {r->out_tail_len - out_cut, r->err_tail_len - err_cut}};
    struct woven_copy copy;
    char *weave =
        fr_weave_skip(r->tail_weave, r->tail_weave_len, out_cut, err_cut, &woven.weave_len);
    woven.weave = weave;
    woven_mask(&woven, mask, &copy);
    woven_quote_last(&copy.woven, TAIL_LINES, indent, color, out);
    woven_release(&copy);
    free(weave);
}
