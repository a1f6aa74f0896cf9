/* Tasks: what is known of a step between its start and its end, and the loop through
 * its phases. The coordinator owns them; one a step, found by the step's index. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ahead.h"
#include "flowrun/base/mask.h"
#include "people.h"
#include "scope.h"

/* A task for a step that begins; `step` NULL: for the run itself. */
struct active *active_new(struct coord *c, const struct fr_step *step)
{
    struct active *t = calloc(1, sizeof(*t));
    if (!t)
        abort();
    t->step = step ? step->index : FR_NO_STEP;
    t->total_deadline = INT64_MAX;
    if (step) {
        c->tasks[step->index] = t;
        t->came = input_by_place(c, step);
        t->too_large = c->too_large;
        c->too_large = NULL;
    }
    return t;
}

/* Forgets jq's answers: the next attempt may get others. */
void active_forget_answers(struct active *t)
{
    for (uint32_t i = 0; i < t->memo_count; i++) {
        json_object_put(t->memos[i].value);
        free(t->memos[i].why);
    }
    free(t->memos);
    t->memos = NULL;
    t->memo_count = t->asked = 0;
}

/* Frees what only containers have. */
static void free_container_parts(const struct fr_step *step, struct active *t)
{
    for (uint32_t i = 0; t->parts && i < step->group->branches.count; i++)
        fr_value_unref(t->parts[i]);
    free(t->parts);
    free(t->ranks);
    free(t->winners);
    repeating_free(t);
    fr_value_unref(t->merged);
}

/* Frees a task; its step is over. */
void active_free(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    if (step) {
        c->tasks[step->index] = NULL;
        free_container_parts(step, t);
    }
    if (t->uses_input_file)
        value_input_unuse(t->input);
    active_forget_answers(t);
    verdict_release(&t->verdict);
    commands_forget(t);
    ask_free(t->ask);
    free(t->picked.at);
    json_object_put(t->state);
    fr_value_unref(t->came);
    fr_value_unref(t->input);
    fr_value_unref(t->output);
    fr_value_unref(t->fed);
    json_object_put(t->params);
    json_object_put(t->env);
    json_object_put(t->step_obj);
    free(t->file_final);
    free(t->file_tmp);
    free(t->cancel_text);
    free(t->close_text);
    if (t->setting)
        setting_release(t->setting);
    free(t->setting);
    fr_value_unref(t->so_far);
    free(t->drain_text);
    free(t);
}

/* The step of a task; NULL for the run's own. */
const struct fr_step *active_step(const struct coord *c, const struct active *t)
{
    return t->step == FR_NO_STEP ? NULL : &c->plan->steps[t->step];
}

/* Sets how something came out. */
void verdict_set(struct verdict *v, enum fr_status status, const char *code, const char *fmt, ...)
{
    struct fr_buf text;
    va_list args;
    verdict_release(v);
    fr_buf_init(&text, 0);
    va_start(args, fmt);
    fr_buf_vprintf(&text, fmt, args);
    va_end(args);
    v->status = status;
    v->code = code;
    v->message = fr_buf_take(&text, NULL);
}

char *text_told(const struct coord *c, const char *text)
{
    struct fr_buf told;
    fr_buf_init(&told, 0);
    fr_mask_cuts(c->options->mask, text, strlen(text), &told);
    return fr_buf_take(&told, NULL);
}

void verdict_tell(struct coord *c, struct verdict *v, enum fr_status status, const char *code,
                  const char *text)
{
    char *told = text_told(c, text);
    verdict_set(v, status, code, "%s", told);
    free(told);
}

/* Frees the text. */
void verdict_release(struct verdict *v)
{
    free(v->message);
    *v = (struct verdict){0};
}

/* Fails with what the evaluation reported: its place, text and mend. */
void verdict_from_diags(struct coord *c, struct verdict *v)
{
    if (c->scratch.count == 0) {
        verdict_set(v, FR_FAILED, "internal", "an expression failed without saying why");
        return;
    }
    const struct fr_diag *diag = &c->scratch.items[0];
    struct fr_buf text;
    fr_buf_init(&text, 0);
    if (diag->mark.file)
        fr_buf_printf(&text, "%s:%u:%u: ", diag->mark.file, diag->mark.line, diag->mark.col);
    fr_buf_printf(&text, "%s%s%s%s", diag->message, diag->help ? " (" : "",
                  diag->help ? diag->help : "", diag->help ? ")" : "");
    verdict_tell(c, v, FR_FAILED, diag->code, fr_buf_cstr(&text));
    fr_buf_release(&text);
}

/* One phase of a step. FR_OK: its next phase can be entered. */
static enum fr_err enter_phase(struct coord *c, struct active *t)
{
    switch (t->phase) {
    case STEP_WHEN_EARLY:
        return phase_when(c, t, false);
    case STEP_INPUT:
        return phase_input(c, t);
    case STEP_PARAMS:
        return phase_params(c, t);
    case STEP_WHEN_LATE:
        return phase_when(c, t, true);
    case STEP_BEGIN:
        return phase_begin(c, t);
    case STEP_FILE:
        return phase_file(c, t);
    case STEP_JOB:
        return phase_job(c, t);
    case STEP_COST:
        return phase_cost(c, t);
    case STEP_QUALITY:
        return phase_quality(c, t);
    case STEP_UPDATE:
        return phase_update(c, t);
    case STEP_RETRY:
        return phase_retry(c, t);
    case STEP_UNTIL:
        return phase_until(c, t);
    case STEP_RANK:
        return phase_rank(c, t);
    case STEP_MERGE:
        return phase_merge(c, t);
    case STEP_FILE_OUTPUT:
        return phase_file_output(c, t);
    default:
        return FR_ERR_AGAIN; /* waits for something else than answers */
    }
}

/* An evaluation after an attempt failed: of a failed attempt nothing more can be known, a good one fails by it. */
static void fail_phase(struct coord *c, struct active *t)
{
    bool was_failed = t->verdict.status == FR_FAILED || t->verdict.status == FR_TIMED_OUT ||
                      t->verdict.status == FR_CANCELLED;
    if (!was_failed)
        verdict_from_diags(c, &t->verdict);
    char *warning =
        was_failed && c->scratch.count ? text_told(c, c->scratch.items[0].message) : NULL;
    if (warning)
        emit_text(c, FR_EVENT_WARNING, active_step(c, t), warning);
    free(warning);
    if (t->phase == STEP_FILE_OUTPUT)
        workflow_over(c, t);
    else
        active_over(c, t);
}

/* Goes on with a task until it waits for something or is gone. */
void active_go(struct coord *c, struct active *t)
{
    uint32_t step = t->step;
    while ((t = c->tasks[step]) != NULL) {
        enum fr_err err = enter_phase(c, t);
        if (err == FR_ERR_AGAIN)
            break;
        if (err)
            fail_phase(c, t);
        if (c->scratch.count) {
            fr_diags_release(&c->scratch);
            fr_diags_init(&c->scratch);
        }
    }
    scope_done(c);
    if (c->scratch.count) {
        fr_diags_release(&c->scratch);
        fr_diags_init(&c->scratch);
    }
}

/* The memo of a task that waits for this answer. */
static struct memo *find_question(struct active *t, uint64_t token)
{
    for (uint32_t i = 0; t && i < t->memo_count; i++)
        if (!t->memos[i].have && t->memos[i].token == token)
            return &t->memos[i];
    return NULL;
}

/* Puts an answer where its question was asked; false when nobody waits for it any more. */
static bool take_answer(struct memo *memo, enum fr_err err, struct fr_buf *out, struct fr_buf *why)
{
    char text[128] = "";
    memo->have = true;
    memo->err = err;
    if (!err && !fr_json_parse(fr_buf_cstr(out), out->len, &memo->value, text, sizeof(text))) {
        memo->err = FR_ERR_INVALID;
        memo->why = strdup(text);
    } else if (err) {
        memo->why = fr_buf_take(why, NULL);
    }
    return true;
}

/* Hands the evaluator's answers to the tasks that asked. */
void active_answers(struct coord *c)
{
    struct fr_buf out, why;
    uint64_t token;
    enum fr_err err;
    if (!c->jq)
        return;
    fr_buf_init(&out, 0);
    fr_buf_init(&why, 0);
    while (jqproc_next(c->jq, &token, &err, &out, &why)) {
        uint32_t step = (uint32_t)token;
        struct active *t = step == FR_NO_STEP ? c->boot : c->tasks[step];
        if (t && !ahead_answered(c, t, token, err, &out)) {
            struct memo *memo = find_question(t, token);
            if (memo && take_answer(memo, err, &out, &why) && --t->asked == 0 && step != FR_NO_STEP)
                active_go(c, t);
        }
        fr_buf_clear(&out);
        fr_buf_clear(&why);
    }
    fr_buf_release(&out);
    fr_buf_release(&why);
}
