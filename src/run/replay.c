/* Attempts that need not run: what the memory has of them comes back as a report, and goes the way of any other. So
 * what a step yields, updates, chooses and costs is found out by the same code, whether it ran now or before.
 * Coordinator thread. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/json.h"
#include "phases.h"
#include "recipe.h"
#include "usage.h"

/* Whether a step is in `finally`, or inside of one that is. */
static bool is_in_finally(const struct coord *c, const struct fr_step *step)
{
    while (step->role != FR_ROLE_FINALLY && step->parent != FR_NO_STEP)
        step = &c->plan->steps[step->parent];
    return step->role == FR_ROLE_FINALLY;
}

/* Asks the memory; says why it has to run all the same. */
static struct fr_report *ask(struct coord *c, const struct active *t, bool made_nothing)
{
    const struct fr_step *step = active_step(c, t);
    struct fr_report *report = NULL;
    struct fr_recall asked = {.step = step,
                              .id = fr_run_step_id(c->run, step),
                              .recipe = result_of(c, step)->recipe,
                              .file = t->file_final,
                              .in_finally = is_in_finally(c, step),
                              .made_nothing = made_nothing};
    const char *why = c->options->memory->recall(c->options->memory, &asked, &report);
    if (!report && why) {
        struct fr_buf text;
        fr_buf_init(&text, 0);
        fr_buf_printf(&text, "runs again: %s", why);
        emit_text(c, FR_EVENT_NOTE, step, fr_buf_cstr(&text));
        fr_buf_release(&text);
    }
    return report;
}

int64_t fr_step_took(const struct fr_step_result *result)
{
    if (result->kept && result->status == FR_SUCCEEDED)
        return result->kept_ns;
    return result->ended_ns > result->started_ns ? result->ended_ns - result->started_ns : 0;
}

/* The step began when its attempt did, as long as that is one of this run. */
static void keep_times(struct coord *c, const struct fr_step *step, const struct fr_report *report)
{
    struct fr_step_result *result = result_of(c, step);
    result->kept = true;
    if (report->up_to_date || report->began_before < c->run->started_wall_ns)
        return;
    result->started_wall_ns = report->began_before;
    result->kept_ns = report->took_before;
}

struct fr_report *replay_get(struct coord *c, struct active *t)
{
    struct fr_report *report = ask(c, t, false);
    if (report)
        keep_times(c, active_step(c, t), report);
    return report;
}

bool replay_start(struct coord *c, struct active *t, struct fr_job *job, bool made_nothing)
{
    const struct fr_step *step = active_step(c, t);
    struct fr_report *report = t->recalled ? NULL : ask(c, t, made_nothing);
    t->recalled = true;
    if (!report)
        return false;
    t->job_id = report->job_id = ++c->next_job;
    report->kind = FR_REPORT_FINISHED;
    report->step = t->step;
    report->next = NULL;
    t->has_job = true;
    t->phase = STEP_RUNNING;
    t->up_to_date = report->up_to_date;
    result_of(c, step)->attempts = report->attempt;
    result_of(c, step)->kept = true;
    if (!report->up_to_date) {
        c->why = "its result is kept from before";
        step_move(c, step, FR_RUNNING);
    }
    keep_times(c, step, report);
    c->jobs++;
    if (!c->replays)
        c->last_replay = &c->replays;
    *c->last_replay = report;
    c->last_replay = &report->next;
    fr_job_free(job);
    return true;
}

struct fr_report *replay_next(struct coord *c)
{
    struct fr_report *report = c->replays;
    if (report)
        c->replays = report->next;
    return report;
}

void replay_count(struct coord *c, struct active *t, const struct fr_report *report)
{
    struct fr_step_result *result = result_of(c, active_step(c, t));
    struct json_object *list = NULL;
    if (report->cost_before)
        budget_spend(c, t, report->cost_before);
    if (report->usage_before)
        fr_json_parse(report->usage_before, strlen(report->usage_before), &list, NULL, 0);
    for (size_t i = 0; list && i < json_object_array_length(list); i++)
        usage_add(&result->usage, json_object_array_get_idx(list, i));
    json_object_put(list);
}

void replay_release(struct coord *c)
{
    struct fr_report *report;
    while ((report = replay_next(c)) != NULL)
        fr_report_free(report);
}
