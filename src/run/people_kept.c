/* Answers that a person has given before: the run that goes on with what it had does not ask again. Coordinator thread. */
#include <stdlib.h>
#include <string.h>

#include "people.h"
#include "phases.h"
#include "recipe.h"

/* The question as one text: whoever would be asked something else is asked anew. */
static void note_question(struct coord *c, struct active *t)
{
    struct fr_buf text;
    fr_buf_init(&text, 0);
    fr_json_write(result_of(c, active_step(c, t))->question, &text);
    recipe_of_text(c, t, fr_buf_cstr(&text));
    fr_buf_release(&text);
}

/* Ends the step as the kept answer says. */
static void take(struct coord *c, struct active *t, const struct json_object *kept)
{
    struct fr_step_result *result = result_of(c, active_step(c, t));
    struct json_object *answer = NULL, *approved = NULL, *reason = NULL, *output = NULL;
    json_object_object_get_ex(kept, "answer", &answer);
    json_object_object_get_ex(kept, "output", &output);
    json_object_object_get_ex(answer, "approved", &approved);
    json_object_put(result->answer);
    result->answer = json_object_get(answer);
    if (fr_json_true(approved)) {
        t->output = fr_value_json(json_object_get(output));
        t->verdict.status = FR_SUCCEEDED;
        t->phase = STEP_QUALITY;
        return;
    }
    json_object_object_get_ex(answer, "reason", &reason);
    emit_text(c, FR_EVENT_NOTE, active_step(c, t),
              reason ? json_object_get_string(reason) : "rejected before");
    t->verdict.status = FR_SKIPPED;
    t->phase = STEP_DONE;
    active_over(c, t);
}

bool people_recall(struct coord *c, struct active *t)
{
    struct json_object *kept = NULL;
    if (!c->options->memory)
        return false;
    note_question(c, t);
    struct fr_report *report = replay_get(c, t);
    bool have = report && report->commands &&
                fr_json_parse(report->commands, report->commands_len, &kept, NULL, 0) && kept;
    if (have)
        take(c, t, kept);
    json_object_put(kept);
    fr_report_free(report);
    return have;
}
