/* The end of an attempt: from the executor's report to how it came out, what it cost and
 * how good it was. Coordinator thread. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/str.h"
#include "flowrun/base/weave.h"
#include "parse.h"
#include "loser.h"
#include "output_claim.h"
#include "phases.h"
#include "recipe.h"
#include "scope.h"
#include "tail.h"

/* Takes stdout or the output file as the step's output. */
static void take_output(struct coord *c, struct active *t, struct fr_report *report)
{
    const struct fr_step *step = active_step(c, t);
    struct fr_buf why;
    fr_value_unref(t->output);
    t->output = NULL;
    t->verdict.status = FR_SUCCEEDED;
    if (report->has_file && !t->bad_command) {
        t->output =
            fr_value_json(artifact_json(t->file_final, report->file_size, report->file_sha256));
        return;
    }
    if (commands_output(t, &t->output))
        return;
    fr_buf_init(&why, 4096);
    t->output = parse_output(step->output, report, &why);
    if (!t->output)
        verdict_tell(c, &t->verdict, FR_FAILED, "bad-output", fr_buf_cstr(&why));
    fr_buf_release(&why);
}

/* Says that a limit of time was passed and what was done about it. */
static void judge_timeout(struct coord *c, struct active *t, const struct fr_report *report)
{
    const struct fr_step *step = active_step(c, t);
    char limit[40], grace[40], kill[96] = "";
    fr_format_duration(step->timeout_ns, limit, sizeof(limit));
    fr_format_duration(step->grace_ns, grace, sizeof(grace));
    if (step->kind == FR_KIND_HTTP) {
        verdict_set(&t->verdict, FR_TIMED_OUT, "timeout", "timed out after %s", limit);
        return;
    }
    if (report->was_killed)
        snprintf(kill, sizeof(kill), ", then KILL after the grace of %s", grace);
    verdict_set(&t->verdict, FR_TIMED_OUT, "timeout", "timed out after %s: flowrun sent TERM%s",
                limit, kill);
}

/* A program that ended by itself. */
static void judge_exit(struct coord *c, struct active *t, struct fr_report *report)
{
    struct fr_step_result *result = result_of(c, active_step(c, t));
    result->exit_code = report->exit_code;
    if (report->exit_code == 0)
        take_output(c, t, report);
    else
        verdict_set(&t->verdict, FR_FAILED, "exit-code", "exited with code %d", report->exit_code);
}

/* Ctrl-C goes to the step that has the terminal, not to flowrun: a step that ends by it tells of it. */
static bool is_ctrl_c(const struct coord *c, const struct active *t, const struct fr_report *report)
{
    if (!active_step(c, t)->tty || t->cancel != FR_CANCEL_NONE)
        return false;
    return (report->end == FR_END_SIGNALED && report->signal == SIGINT) ||
           (report->end == FR_END_EXITED && report->exit_code == 128 + SIGINT);
}

/* Ends the run as the key would have done it; this step has ended already. */
static void take_ctrl_c(struct coord *c, struct active *t)
{
    t->cancel = FR_CANCEL_SIGNAL;
    t->killed = true; /* nothing more is to be done to it */
    t->cancel_text = strdup("you pressed Ctrl-C");
    run_signal(c, SIGINT, 1, true, 0);
}

/* What the report says of the attempt. */
static void judge(struct coord *c, struct active *t, struct fr_report *report)
{
    struct fr_step_result *result = result_of(c, active_step(c, t));
    char name[24];
    verdict_release(&t->verdict);
    result->exit_code = -1;
    result->signal = 0;
    if (is_ctrl_c(c, t, report)) {
        take_ctrl_c(c, t);
        result->signal = report->signal;
        result->exit_code = report->end == FR_END_EXITED ? report->exit_code : -1;
        cancelled_verdict(c, t);
        return;
    }
    switch (report->end) {
    case FR_END_EXITED:
        if (active_step(c, t)->kind == FR_KIND_HTTP)
            take_output(c, t, report);
        else
            judge_exit(c, t, report);
        break;
    case FR_END_SIGNALED:
        result->signal = report->signal;
        verdict_set(&t->verdict, FR_FAILED, "signal",
                    "killed by signal %d (SIG%s), not sent by flowrun", report->signal,
                    signal_name(report->signal, name, sizeof(name)));
        break;
    case FR_END_TIMED_OUT:
        judge_timeout(c, t, report);
        break;
    case FR_END_CANCELLED:
        cancelled_verdict(c, t);
        break;
    default:
        verdict_tell(c, &t->verdict, FR_FAILED,
                     report->code                        ? report->code
                     : report->end == FR_END_NOT_STARTED ? "not-started"
                                                         : "failed",
                     report->message ? report->message : "the step could not be finished");
        if (report->end == FR_END_FAILED && active_step(c, t)->kind == FR_KIND_PROCESS)
            result->exit_code = 0;
    }
}

/* Processes that outlived the step and were ended with it. */
static void note_leftover(struct fr_step_result *result, struct fr_report *report)
{
    if (report->leftover_count == 0)
        return;
    uint32_t count = result->leftover_count + report->leftover_count;
    struct fr_leftover_proc *all = realloc(result->leftover, count * sizeof(*all));
    if (!all)
        return;
    memcpy(all + result->leftover_count, report->leftover, report->leftover_count * sizeof(*all));
    result->leftover = all;
    result->leftover_count = count;
}

/* Keeps the last lines of a failed attempt, drops those of an attempt before. */
static void note_tails(struct active *t, struct fr_step_result *result,
                       const struct fr_report *report)
{
    free(result->out_tail);
    free(result->err_tail);
    free(result->tail_weave);
    result->out_tail = result->err_tail = result->tail_weave = NULL;
    result->out_tail_len = result->err_tail_len = 0;
    if (t->verdict.status == FR_SUCCEEDED)
        return;
    if (report->out_path)
        result->out_tail = tail_of_file(report->out_path, &result->out_tail_len);
    else
        result->out_tail = tail_of(report->out, report->out_len, &result->out_tail_len);
    result->err_tail = tail_of(report->err, report->err_len, &result->err_tail_len);
    result->tail_weave =
        fr_weave_skip(report->weave, report->weave_len, report->out_len - result->out_tail_len,
                      report->err_total - result->err_tail_len, &result->tail_weave_len);
}

/* The time that an attempt took. */
static void note_time(struct coord *c, struct fr_step_result *result,
                      const struct fr_report *report)
{
    if (report->started_ns && report->ended_ns > report->started_ns) {
        result->sequential_ns += report->ended_ns - report->started_ns;
        c->run->sequential_ns += report->ended_ns - report->started_ns;
    }
}

/* The process of a step that lost its race is gone; the step has ended before. */
static void finish_loser(struct coord *c, struct fr_report *report)
{
    const struct fr_step *step = &c->plan->steps[report->step];
    struct fr_step_result *result = result_of(c, step);
    emit_log(c, step, report);
    note_leftover(result, report);
    commands_of_loser(c, step, report);
    note_time(c, result, report);
    if (report->was_killed && !c->kill)
        emit_text(c, FR_EVENT_NOTE, step, "lost its race, and had to be killed after its grace");
}

/* A job has sent its last report. */
static void finish(struct coord *c, struct active *t, struct fr_report *report)
{
    const struct fr_step *step = active_step(c, t);
    struct fr_step_result *result = result_of(c, step);
    c->jobs--;
    t->has_job = false;
    t->was_killed = report->was_killed;
    t->retry_after_ns = report->retry_after_ns;
    emit_log(c, step, report);
    note_leftover(result, report);
    replay_count(c, t, report);
    commands_read(c, t, report);
    if (report->has_file)
        output_made(c, t->file_final);
    judge(c, t, report);
    commands_obey(c, t, report);
    route_said(c, t);
    note_tails(t, result, report);
    note_time(c, result, report);
    if (report->stdout_closed_late)
        emit_text(c, FR_EVENT_WARNING, step,
                  "a background process still held its output open; what it prints is lost");
    t->phase = STEP_COST;
    if (t->verdict.status == FR_CANCELLED)
        active_over(c, t);
    else
        active_go(c, t);
}

/* Takes one report of the executor. */
void attempt_over(struct coord *c, struct fr_report *report)
{
    struct active *t = report->step < c->plan->step_count ? c->tasks[report->step] : NULL;
    if (t && t->has_job && t->job_id == report->job_id) {
        if (report->kind == FR_REPORT_FINISHED) {
            finish(c, t, report);
        } else if (report->kind == FR_REPORT_OUTPUT) {
            struct fr_event event = {.kind = FR_EVENT_OUTPUT,
                                     .step = active_step(c, t),
                                     .attempt = report->attempt,
                                     .fd = report->fd,
                                     .data = report->data,
                                     .len = report->len};
            emit(c, &event);
        }
    } else if (report->kind == FR_REPORT_FINISHED && loser_gone(c, report)) {
        finish_loser(c, report);
    }
    fr_report_free(report);
}

/* Reads a computed cost: what arithmetic with fractions makes is rounded to millionths, 0.1 + 0.2 is 0.3. */
static bool read_cost(const struct json_object *value, int64_t *micros)
{
    const double limit = 9e18; /* of millionths in 64 bits */
    if (!fr_json_to_micros(value, micros)) {
        double amount = json_object_get_double(value) * 1e6;
        if (!json_object_is_type(value, json_type_double) || !(fabs(amount) < limit))
            return false;
        *micros = fr_round(amount);
    }
    return *micros >= 0;
}

/* What one attempt cost, also a failed one: money is spent when the program runs. */
enum fr_err phase_cost(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct json_object *value = NULL;
    int64_t micros = step->model_cost > 0 ? step->model_cost : 0;
    bool started = !t->verdict.code || strcmp(t->verdict.code, "not-started") != 0;
    if (step->cost) {
        enum fr_err err = eval_expr(c, t, step->cost, &value);
        if (err == FR_ERR_AGAIN || (err && t->verdict.status == FR_SUCCEEDED))
            return err;
        micros = 0; /* of a failed attempt an expression may have nothing to read */
        if (value && !read_cost(value, &micros) && t->verdict.status == FR_SUCCEEDED) {
            struct fr_buf text;
            fr_buf_init(&text, 0);
            fr_json_write(value, &text);
            json_object_put(value);
            size_t cut = fr_utf8_first(fr_buf_cstr(&text), text.len, 60);
            enum fr_err bad = eval_fail(c, step->cost->mark, "bad-cost",
                                        "the cost of step '%s' is %.*s%s: it has to be a number "
                                        "that is not negative",
                                        fr_run_step_id(c->run, step), (int)cut, fr_buf_cstr(&text),
                                        cut < text.len ? "…" : "");
            fr_buf_release(&text);
            return bad;
        }
        json_object_put(value);
    } else if (t->commands && t->commands->has_cost) {
        micros = t->commands->cost;
    }
    budget_spend(c, t, started ? micros : 0);
    if (t->verdict.status == FR_SKIPPED)
        active_over(c, t);
    else
        t->phase = t->verdict.status == FR_SUCCEEDED ? STEP_QUALITY : STEP_RETRY;
    return FR_OK;
}

/* How good the output of a successful attempt is. */
enum fr_err phase_quality(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct json_object *value = NULL;
    if (step->quality) {
        enum fr_err err = eval_expr(c, t, step->quality, &value);
        if (err)
            return err;
        bool number = json_object_is_type(value, json_type_int) ||
                      json_object_is_type(value, json_type_double);
        if (value && !number) {
            json_object_put(value);
            return eval_fail(c, step->quality->mark, "bad-quality",
                             "the quality of step '%s' is no number", fr_run_step_id(c->run, step));
        }
        result_of(c, step)->has_quality = value != NULL;
        result_of(c, step)->quality = value ? json_object_get_double(value) : 0;
        json_object_put(value);
    }
    t->phase = STEP_UPDATE;
    return FR_OK;
}
