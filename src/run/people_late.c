/* Answers that come from elsewhere, whenever they come: from another shell, and while the run was suspended. A question that
 * was asked in an earlier process of the run goes on to wait, and its time with it. Coordinator thread. */
#include <stdio.h>

#include "people.h"
#include "phases.h"

/* Since when an earlier process has had the question wait; 0 = none has. */
static int64_t asked_before(struct coord *c, const char *id, const struct json_object *question)
{
    for (uint32_t i = 0; i < c->options->asker_count; i++) {
        struct fr_asker *asker = c->options->askers[i];
        int64_t at = asker->asked_before ? asker->asked_before(asker, id, question) : 0;
        if (at)
            return at;
    }
    return 0;
}

void people_begin(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct fr_step_result *result = result_of(c, step);
    int64_t wall = c->now + c->wall_offset;
    int64_t before = asked_before(c, fr_run_step_id(c->run, step), result->question);
    int64_t waited = before && before < wall ? wall - before : 0;
    result->started_ns = c->now;
    result->started_wall_ns = before ? before : wall;
    t->ask->due = INT64_MAX;
    if (step->timeout_ns == FR_UNLIMITED)
        return;
    t->ask->due = c->now + (step->timeout_ns > waited ? step->timeout_ns - waited : 0);
}

/* Does what an answer says that somebody has given elsewhere; whoever shows the question is told. */
static void obey_late(struct coord *c, struct active *t, struct fr_answer *answer)
{
    char line[160];
    const char *by = answer->by ? answer->by : "somebody";
    if (answer->kind != FR_ANSWER_BAD) {
        snprintf(line, sizeof(line), "%s by %s, from another shell",
                 answer->kind == FR_ANSWER_APPROVED ? "approved" : "rejected", by);
        emit_text(c, FR_EVENT_NOTE, active_step(c, t), line);
    }
    snprintf(line, sizeof(line), "%s has answered from another shell", by);
    people_leave(c, t, line);
    people_take(c, t, answer);
}

bool people_answered(struct coord *c, struct active *t)
{
    struct fr_answer answer = {0};
    for (uint32_t i = 0; i < c->options->asker_count; i++) {
        struct fr_asker *asker = c->options->askers[i];
        if (!asker->comes_late || !people_offer(c, t, asker) || !asker->next(asker, &answer))
            continue;
        obey_late(c, t, &answer);
        return true;
    }
    return false;
}

bool people_look(struct coord *c)
{
    bool any = false;
    c->answers_came = false;
    for (uint32_t i = 0; i < c->people_count;) {
        uint32_t step = c->people[i];
        bool took = people_answered(c, c->tasks[step]);
        any = any || took;
        i = took ? 0 : i + 1; /* the list is another one then */
    }
    return any;
}
