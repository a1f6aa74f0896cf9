/* Doing what a process said through $FLOWRUN_COMMAND, and `update:`. Cost and usage count of every attempt that
 * ended; updates of the last one, unless it was ended from outside: how far it had come then is a matter of time.
 * Coordinator thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loser.h"
#include "phases.h"
#include "why.h"
#include "scope.h"
#include "state.h"
#include "usage.h"

/* Reads the commands of the attempt that a report is about. */
void commands_read(struct coord *c, struct active *t, struct fr_report *report)
{
    struct fr_buf why;
    commands_forget(t);
    if (!report->commands)
        return;
    t->commands = calloc(1, sizeof(*t->commands));
    if (!t->commands)
        abort();
    fr_buf_init(&why, 0);
    if (!commands_parse(report->commands, report->commands_len, active_step(c, t)->unit->state,
                        t->commands, &why))
        t->bad_command = text_told(c, fr_buf_cstr(&why));
    fr_buf_release(&why);
}

/* Forgets them: the attempt is over for good, or another follows. */
void commands_forget(struct active *t)
{
    if (t->commands)
        commands_release(t->commands);
    free(t->commands);
    free(t->bad_command);
    t->commands = NULL;
    t->bad_command = NULL;
    json_object_put(t->updates);
    t->updates = NULL;
}

/* Whether the process said that it yields nothing this time, so that nothing is asked of its stdout and its file. */
static bool yields_nothing(const struct commands *said)
{
    return said && (said->skip || said->fail || said->retry);
}

/* Whether commands stand for the output; *value is it then, owned. */
bool commands_output(struct active *t, struct fr_value **value)
{
    if (yields_nothing(t->commands) || t->bad_command) {
        *value = fr_value_null();
        return true;
    }
    if (!t->commands || !t->commands->has_output)
        return false;
    *value = fr_value_json(json_object_get(t->commands->output));
    return true;
}

/* Puts text behind what the verdict says already. */
static void add_to_verdict(struct verdict *verdict, const char *text)
{
    struct fr_buf all;
    fr_buf_init(&all, 0);
    fr_buf_printf(&all, "%s; %s", verdict->message ? verdict->message : "failed", text);
    free(verdict->message);
    verdict->message = fr_buf_take(&all, NULL);
}

/* Whether the program ended well, as far as it can when it does not do its work. */
static bool ended_well(const struct verdict *verdict)
{
    return verdict->status == FR_SUCCEEDED ||
           (verdict->code && strcmp(verdict->code, "missing-output") == 0);
}

/* The process said that the attempt failed. */
static void fail(struct active *t, const char *code, const char *reason)
{
    if (ended_well(&t->verdict))
        verdict_set(&t->verdict, FR_FAILED, code, "%s", reason);
    else
        add_to_verdict(&t->verdict, reason);
}

/* Says something about a step to the user. */
static void note(struct coord *c, const struct fr_step *step, const char *what, const char *text)
{
    struct fr_buf line;
    fr_buf_init(&line, 0);
    fr_buf_printf(&line, "%s%s", what, text);
    emit_text(c, FR_EVENT_NOTE, step, fr_buf_cstr(&line));
    fr_buf_release(&line);
}

/* What changes how the attempt came out. */
static void obey_verdict(struct coord *c, struct active *t, const struct commands *said)
{
    const struct fr_step *step = active_step(c, t);
    t->retry_said = false;
    t->retry_never = false;
    if (said->fail) {
        fail(t, "fail-command", said->fail);
        t->retry_never = true;
    } else if (said->retry) {
        fail(t, "retry-command", said->retry);
        t->retry_said = true;
        t->retry_said_ns = said->after_ns;
    } else if (said->skip && ended_well(&t->verdict)) {
        verdict_release(&t->verdict);
        t->verdict.status = FR_SKIPPED;
        note(c, step, "skipped: ", said->skip);
        why_left_out(c, step, "it said so itself: %s", said->skip);
    }
}

/* What counts of an attempt that ended by itself. */
static void obey(struct coord *c, struct active *t, struct commands *said)
{
    const struct fr_step *step = active_step(c, t);
    struct fr_step_result *result = result_of(c, step);
    t->updates = said->updates;
    said->updates = NULL;
    obey_verdict(c, t, said);
    if (said->message)
        note(c, step, "", said->message);
    if (t->verdict.status == FR_SUCCEEDED && said->has_quality) {
        result->has_quality = true;
        result->quality = said->quality;
    }
    if (said->stop && (t->verdict.status == FR_SUCCEEDED || t->verdict.status == FR_SKIPPED))
        run_stop_well(c, step, said->stop);
}

/* The file of a step that came out well but said that it did not: it is in place already. */
static void remove_file(const struct active *t, const struct fr_report *report)
{
    if (report->has_file && t->verdict.status != FR_SUCCEEDED)
        unlink(t->file_final);
}

/* Does what the process of an attempt said; its verdict is known. */
void commands_obey(struct coord *c, struct active *t, const struct fr_report *report)
{
    struct fr_step_result *result = result_of(c, active_step(c, t));
    bool ended = t->verdict.status == FR_CANCELLED || t->verdict.status == FR_TIMED_OUT;
    t->retry_said = t->retry_never = false;
    if (!t->commands)
        return;
    usage_add_all(&result->usage, t->commands->usage);
    if (t->verdict.status == FR_CANCELLED)
        budget_spend(c, t, t->commands->cost); /* of other attempts it is added with `cost:` */
    if (ended)
        return;
    if (t->bad_command) {
        if (t->verdict.status == FR_SUCCEEDED)
            verdict_set(&t->verdict, FR_FAILED, "bad-command", "%s", t->bad_command);
        else
            add_to_verdict(&t->verdict, t->bad_command);
    } else {
        obey(c, t, t->commands);
    }
    remove_file(t, report);
}

/* What a loser said: only its cost and usage count. */
void commands_of_loser(struct coord *c, const struct fr_step *step, const struct fr_report *report)
{
    struct fr_step_result *result = result_of(c, step);
    struct commands said = {0};
    struct fr_buf why;
    fr_buf_init(&why, 0);
    if (report->commands)
        commands_parse(report->commands, report->commands_len, c->plan->main->state, &said, &why);
    usage_add_all(&result->usage, said.usage);
    budget_add(c, step, said.cost);
    commands_release(&said);
    fr_buf_release(&why);
}

/* ---- updates of the state ---- */

/* Evaluates `update:`; a value that its reducer does not take fails the step. */
enum fr_err phase_update(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct json_object *all = step->update_count ? json_object_new_object() : NULL;
    enum fr_err result = FR_OK;
    for (uint32_t i = 0; i < step->update_count; i++) {
        const struct fr_update *update = &step->updates[i];
        struct json_object *value = NULL;
        enum fr_err err = eval_expr(c, t, update->expr, &value);
        const char *want = err ? NULL : fr_reducer_refuses(update->key->reducer, value, false);
        if (want)
            err = eval_fail(c, update->expr->mark, "bad-update",
                            "step '%s' updates '%s' with %s, but its reducer `%s` needs %s",
                            fr_run_step_id(c->run, step), update->key->name, fr_state_kind(value),
                            fr_reducer_name(update->key->reducer), want);
        if (err)
            json_object_put(value);
        else
            json_object_object_add(all, update->key->name, value);
        if (err && err != FR_ERR_AGAIN) {
            json_object_put(all);
            result_of(c, step)->tolerated = false;
            return err;
        }
        result = err ? err : result;
    }
    if (result) {
        json_object_put(all);
        return result;
    }
    if (all && !t->updates)
        t->updates = json_object_new_array();
    if (all)
        json_object_array_add(t->updates, all);
    active_over(c, t);
    return FR_OK;
}

/* The step is over for now: what it updates is there for those behind it. */
void updates_commit(struct coord *c, struct active *t)
{
    struct json_object *updates = t->updates;
    t->updates = NULL;
    if (!updates)
        return;
    if (c->state && t->verdict.status != FR_CANCELLED && t->verdict.status != FR_TIMED_OUT)
        state_commit(c->state, t->step, updates);
    else
        json_object_put(updates);
}

/* `.state` where the `output:` of the file is evaluated that a step runs; borrowed. */
static struct json_object *file_state(struct coord *c, struct active *t)
{
    const char *conflict = NULL;
    json_object_put(t->state);
    t->state = state_of_file(c->state, t->step, &conflict);
    t->state_inside = false;
    if (conflict)
        c->conflict = conflict;
    return t->state;
}

/* `.state` of a task; borrowed. */
struct json_object *state_root(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    bool inside = step && step->group && t->phase > STEP_BEGIN;
    if (!c->state || setting_seen(c, t)->unit->state == NULL)
        return NULL;
    if (t->inside)
        return file_state(c, t);
    if (t->state && t->state_inside == inside)
        return t->state;
    const char *conflict = NULL;
    json_object_put(t->state);
    t->state_inside = inside;
    t->state = step ? state_of_step(c->state, t->step, inside, &conflict)
                    : state_of_run(c->state, false, &conflict);
    if (conflict && c->stage != STAGE_FINALLY) { /* what cleans up runs all the same */
        c->conflict = conflict;
        json_object_put(t->state);
        t->state = NULL;
    }
    return t->state;
}

/* What the state has come to when all steps have ended, or `finally`, too. A conflict fails the run. */
void state_finish(struct coord *c, bool all)
{
    const char *conflict = NULL;
    if (!c->plan->main->state)
        return;
    json_object_put(c->run->state);
    c->run->state = state_of_run(c->state, all, &conflict);
    if (!conflict || c->run->error_code)
        return;
    if (c->run->outcome == FR_RUN_SUCCEEDED)
        c->run->outcome = FR_RUN_FAILED;
    c->run->error_code = "state-conflict";
    c->run->error_message = strdup(conflict);
}
