/* Steps that wait for a person. They hold no worker and stand in a list, in order of declaration. Whoever can answer at
 * once (a file) is asked first; then the terminal, one step at a time, which must own it meanwhile as a step with
 * `tty: true` would. What nobody can answer waits, and when nothing else can go on, the run is suspended.
 *
 *   STEP_HUMAN --offer--> open --answer--> approved --> quality, update --> end
 *       |                  |  \--> rejected --> on_reject: fail, skip, stop
 *       |                  +--> timeout --> on_timeout: as rejected, skip, approved with the defaults
 *       +--> nobody --> suspended, or cancelled by a run that has failed
 *
 * Coordinator thread. */
#include "people.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dispatch.h"
#include "flowrun/base/str.h"
#include "jobmaker.h"
#include "phases.h"
#include "recipe.h"
#include "scope.h"
#include "why.h"

/* ---- a step begins to wait ---- */

/* Whether two steps are turns of one batch: the item that came first is asked first, whatever its slot. */
static bool is_of_batch(const struct coord *c, uint32_t one, uint32_t other)
{
    const struct fr_step *steps = c->plan->steps;
    uint32_t frame = steps[one].frame;
    return frame != FR_NO_STEP && frame == steps[other].frame && steps[frame].kind == FR_KIND_BATCH;
}

/* Puts a step into the list, in order of declaration. */
static void join(struct coord *c, uint32_t step)
{
    if (c->people_count == c->people_cap) {
        c->people_cap = c->people_cap ? c->people_cap * 2 : 8;
        c->people = realloc(c->people, c->people_cap * sizeof(*c->people));
        if (!c->people)
            abort();
    }
    uint32_t at = c->people_count++;
    for (; at > 0 && c->people[at - 1] > step && !is_of_batch(c, c->people[at - 1], step); at--)
        c->people[at] = c->people[at - 1];
    c->people[at] = step;
}

enum fr_err phase_human(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct fr_step_result *result = result_of(c, step);
    if (!t->ask)
        t->ask = calloc(1, sizeof(*t->ask));
    if (!t->ask)
        abort();
    enum fr_err err = ask_texts(c, t);
    if (err)
        return err;
    if (!t->ask->title)
        t->ask->title = strdup(step->title ? step->title : fr_run_step_id(c->run, step));
    json_object_put(result->question);
    result->question = ask_json(step, t->ask);
    t->attempt = result->attempts = 1;
    people_begin(c, t);
    step_move(c, step, FR_WAITING);
    if (people_recall(c, t))
        return FR_OK;
    race_let_go(c, step);
    t->phase = STEP_HUMAN;
    if (t->ask->due != INT64_MAX)
        t->wait_timer = timers_set(&c->timers, t->ask->due, t->step);
    join(c, t->step);
    return FR_OK;
}

/* ---- how it ends ---- */

void people_leave(struct coord *c, struct active *t, const char *why)
{
    uint32_t at = 0;
    while (at < c->people_count && c->people[at] != t->step)
        at++;
    if (at == c->people_count)
        return;
    c->people_count--;
    memmove(c->people + at, c->people + at + 1, (c->people_count - at) * sizeof(*c->people));
    if (c->asked_step != t->step)
        return;
    c->asked_step = FR_NO_STEP;
    if (c->asker) /* it was not answered */
        c->asker->withdraw(c->asker, why ? why : "the run is ending");
    c->asker = NULL;
    c->run->sequential_ns += c->now - t->ask->since;
    tty_release(c, active_step(c, t));
}

/* What results show of the answer. */
static void note_answer(struct coord *c, const struct active *t, const struct fr_answer *answer)
{
    struct fr_step_result *result = result_of(c, active_step(c, t));
    int64_t at = answer->given_wall_ns ? answer->given_wall_ns : c->now + c->wall_offset;
    bool approved = answer->kind == FR_ANSWER_APPROVED;
    char time[32];
    json_object_put(result->answer);
    result->answer = json_object_new_object();
    json_object_object_add(result->answer, "approved", json_object_new_boolean(approved));
    ask_put(result->answer, "by", answer->by);
    ask_put(result->answer, "via", answer->via);
    ask_put(result->answer, "at", fr_format_time(at, time, sizeof(time)));
    if (!approved)
        ask_put(result->answer, "reason", answer->reason);
}

/* The step ends well; its output is what was answered, and the defaults. */
static void approve(struct coord *c, struct active *t, const struct json_object *values)
{
    const struct fr_form *form = &active_step(c, t)->human->form;
    struct json_object *output = fr_form_fill(form, values);
    if (form->count == 0)
        json_object_object_add(output, "approved", json_object_new_boolean(true));
    people_leave(c, t, NULL);
    t->output = fr_value_json(output);
    t->verdict.status = FR_SUCCEEDED;
    t->phase = STEP_QUALITY;
    active_go(c, t);
}

/* Ends the step as skipped, and says why. */
static void skip(struct coord *c, struct active *t, const char *why)
{
    struct fr_buf line;
    fr_buf_init(&line, 0);
    fr_buf_printf(&line, "skipped: %s", why);
    emit_text(c, FR_EVENT_NOTE, active_step(c, t), fr_buf_cstr(&line));
    fr_buf_release(&line);
    why_left_out(c, active_step(c, t), "%s", why);
    people_leave(c, t, NULL);
    t->verdict.status = FR_SKIPPED;
    t->phase = STEP_DONE;
    active_over(c, t);
}

/* What `on_reject` says. */
static void reject(struct coord *c, struct active *t, const char *why)
{
    const struct fr_step *step = active_step(c, t);
    if (step->human->on_reject == FR_REJECT_FAIL) {
        people_leave(c, t, NULL);
        verdict_set(&t->verdict, FR_FAILED, "rejected", "%s", why);
        t->phase = STEP_DONE;
        active_over(c, t);
        return;
    }
    if (step->human->on_reject == FR_REJECT_STOP) {
        people_leave(c, t, NULL);
        t->phase = STEP_DONE;
        run_stop_well(c, step, why);
    }
    skip(c, t, why);
}

void people_late(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    char time[40], why[100];
    if (people_answered(c, t)) /* in time, but this turn is the first to hear of it */
        return;
    snprintf(why, sizeof(why), "nobody answered within %s",
             fr_format_duration(step->timeout_ns, time, sizeof(time)));
    people_leave(c, t, why);
    if (step->human->on_timeout == FR_LATE_SKIP) {
        skip(c, t, why);
        return;
    }
    bool approved = step->human->on_timeout == FR_LATE_APPROVE;
    note_answer(c, t,
                &(struct fr_answer){.kind = approved ? FR_ANSWER_APPROVED : FR_ANSWER_REJECTED,
                                    .reason = why,
                                    .via = "timeout"});
    if (approved) {
        char line[140];
        snprintf(line, sizeof(line), "%s: approved with the defaults", why);
        emit_text(c, FR_EVENT_NOTE, step, line);
        approve(c, t, NULL);
    } else {
        reject(c, t, why);
    }
}

/* Does what an answer says. */
static void obey(struct coord *c, struct active *t, const struct fr_answer *answer)
{
    struct fr_buf why;
    switch (answer->kind) {
    case FR_ANSWER_APPROVED:
        note_answer(c, t, answer);
        approve(c, t, answer->values);
        return;
    case FR_ANSWER_REJECTED:
        note_answer(c, t, answer);
        fr_buf_init(&why, 0);
        fr_buf_printf(&why, "rejected %s %s%s%s", strcmp(answer->via, "file") == 0 ? "in" : "by",
                      answer->by ? answer->by : "somebody", answer->reason ? ": " : "",
                      answer->reason ? answer->reason : "");
        reject(c, t, fr_buf_cstr(&why));
        fr_buf_release(&why);
        return;
    case FR_ANSWER_BAD:
        people_leave(c, t, NULL);
        verdict_tell(c, &t->verdict, FR_FAILED, "bad-answer",
                     answer->reason ? answer->reason : "the answer does not fit the form");
        t->phase = STEP_DONE;
        active_over(c, t);
        return;
    case FR_ANSWER_NONE:
        t->ask->left = true;
    }
}

/* ---- asking ---- */

void people_take(struct coord *c, struct active *t, struct fr_answer *answer)
{
    if (answer->reason && answer->reason[strspn(answer->reason, " \t\n")] == '\0') {
        free(answer->reason); /* a blank one is none */
        answer->reason = NULL;
    }
    obey(c, t, answer);
    json_object_put(answer->values);
    free(answer->reason);
}

void people_collect(struct coord *c)
{
    struct fr_answer answer = {0};
    if (c->asked_step == FR_NO_STEP || !c->asker->next(c->asker, &answer))
        return;
    struct active *t = c->tasks[c->asked_step];
    c->asker = NULL;
    if (answer.kind == FR_ANSWER_NONE) { /* the step waits on, but nobody is asked */
        c->asked_step = FR_NO_STEP;
        c->run->sequential_ns += c->now - t->ask->since;
        tty_release(c, active_step(c, t));
    }
    people_take(c, t, &answer);
}

bool people_offer(struct coord *c, struct active *t, struct fr_asker *asker)
{
    const struct fr_step *step = active_step(c, t);
    struct fr_question *question = asker->owns_terminal ? &c->question : &c->offered;
    *question = (struct fr_question){.id = fr_run_step_id(c->run, step),
                                     .title = t->ask->title,
                                     .description = t->ask->description,
                                     .assignee = t->ask->assignee,
                                     .form = &step->human->form,
                                     .asked_wall_ns = result_of(c, step)->started_wall_ns};
    return asker->offer(asker, question);
}

/* Whether the next one that is asked may have an answer from before the question fell due. */
static bool answers_late(const struct coord *c, const struct ask *question)
{
    return question->asker < c->options->asker_count &&
           c->options->askers[question->asker]->comes_late;
}

/* Offers the question of a step to whoever is next; true when that changed something. */
static bool ask(struct coord *c, struct active *t)
{
    struct ask *question = t->ask;
    struct fr_answer answer = {0};
    if (question->left || c->asked_step == t->step)
        return false;
    if (question->due <= c->now && !answers_late(c, question)) {
        people_late(c, t); /* fell due while nobody had the run in hand */
        return true;
    }
    if (question->asker == c->options->asker_count) {
        question->left = true;
        return false;
    }
    struct fr_asker *asker = c->options->askers[question->asker];
    if (asker->owns_terminal && (c->asked_step != FR_NO_STEP || c->tty_owner != FR_NO_STEP ||
                                 tty_next(c) < t->step)) /* FR_NO_STEP is the largest */
        return false;
    question->asker++;
    if (asker->comes_late) {
        (void)people_answered(c, t);
        return true;
    }
    if (!people_offer(c, t, asker))
        return true;
    if (!asker->owns_terminal) {
        if (asker->next(asker, &answer))
            people_take(c, t, &answer);
        return true;
    }
    c->asked_step = c->tty_owner = t->step;
    c->asker = asker;
    question->since = c->now;
    return true;
}

/* Asks what can be asked now, in order of declaration; true when something came of it. */
static bool ask_all(struct coord *c)
{
    for (uint32_t i = 0; i < c->people_count; i++)
        if (ask(c, c->tasks[c->people[i]]))
            return true;
    return false;
}

/* ---- when nobody answers ---- */

/* Whether nothing can go on but by an answer that nobody can give now. */
static bool is_stuck(const struct coord *c)
{
    if (c->jobs || c->asked_step != FR_NO_STEP || c->people_count == 0)
        return false;
    for (uint32_t i = 0; i < c->people_count; i++)
        if (!c->tasks[c->people[i]]->ask->left)
            return false;
    for (uint32_t i = 0; i < c->plan->step_count; i++) {
        const struct active *t = c->tasks[i];
        if (t && t->phase != STEP_HUMAN && t->phase != STEP_BRANCHES && t->phase != STEP_COMBINE &&
            t->phase != STEP_CALLBACK && t->phase != STEP_FALLBACK)
            return false;
    }
    return true;
}

/* Ends the run as it is: what waits, and what holds it, stays waiting. */
static void suspend(struct coord *c)
{
    for (uint32_t i = 0; i < c->people_count; i++) {
        const struct fr_step *step = &c->plan->steps[c->people[i]];
        while (step->parent != FR_NO_STEP) {
            step = &c->plan->steps[step->parent];
            if (result_of(c, step)->status == FR_RUNNING) {
                c->why = "for a person: a step in it asks";
                step_move(c, step, FR_WAITING);
            }
        }
    }
    c->run->outcome = FR_RUN_SUSPENDED;
    c->stage = STAGE_OVER;
    state_finish(c, false);
}

void people_drain(struct coord *c, const char *text)
{
    for (uint32_t i = c->people_count; i > 0; i--) {
        if (i > c->people_count) /* others went with the one before */
            continue;
        struct active *t = c->tasks[c->people[i - 1]];
        if (!sched_may_begin(&c->sched, t->step))
            active_cancel(c, t, FR_CANCEL_FAIL_FAST, text, false);
    }
}

void people_go_on(struct coord *c)
{
    while (c->stage == STAGE_STEPS && c->people_count) {
        if (ask_all(c)) {
            dispatch(c);
            continue;
        }
        if (!is_stuck(c))
            return;
        if (people_look(c)) {
            dispatch(c);
            continue;
        }
        if (c->run->outcome == FR_RUN_SUCCEEDED) {
            suspend(c);
            return;
        }
        active_cancel(c, c->tasks[c->people[0]], FR_CANCEL_FAIL_FAST,
                      "the run has failed, and nobody is there to answer", false);
        dispatch(c);
    }
}
