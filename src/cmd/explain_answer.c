/* Why a human step ended as it did: who answered, when and how. Main thread. */
#include <string.h>

#include "explain.h"
#include "flowrun/base/clock.h"
#include "flowrun/base/json.h"
#include "flowrun/base/str.h"

/* A text of the answer; NULL = none. */
static const char *text_of(const struct json_object *answer, const char *key)
{
    struct json_object *value = NULL;
    return json_object_object_get_ex(answer, key, &value) ? json_object_get_string(value) : NULL;
}

/* "approved by ada at …Z with `flowrun approve`". */
static void add(const struct json_object *answer, bool approved, struct fr_buf *out)
{
    const char *via = text_of(answer, "via"), *by = text_of(answer, "by");
    const char *at = text_of(answer, "at"), *why = text_of(answer, "reason");
    bool in_file = fr_str_eq(via, "file"), nobody = fr_str_eq(via, "timeout");
    if (nobody && approved)
        fr_buf_str(out, "nobody answered in time: ");
    fr_buf_str(out, approved ? "approved" : "rejected");
    if (nobody)
        fr_buf_str(out, approved ? " with the defaults" : "");
    else
        fr_buf_printf(out, " %s %s", in_file ? "in" : "by", by ? by : "somebody");
    if (at)
        fr_buf_printf(out, " at %s", at);
    if (fr_str_eq(via, "terminal"))
        fr_buf_str(out, ", at the terminal");
    else if (fr_str_eq(via, "approve"))
        fr_buf_str(out, ", from another shell");
    if (!approved && why && *why)
        fr_buf_printf(out, ": %s", why);
}

bool explain_answer(const struct fr_kept_step *step, struct fr_buf *out)
{
    struct json_object *answer = NULL, *approved = NULL;
    if (!step->answer_json ||
        !fr_json_parse(step->answer_json, strlen(step->answer_json), &answer, NULL, 0))
        return false;
    /* What was approved may have failed by something else. */
    bool yes = json_object_object_get_ex(answer, "approved", &approved) &&
               json_object_get_boolean(approved);
    bool because = yes ? strcmp(step->status, "succeeded") == 0 : approved != NULL;
    if (because)
        add(answer, yes, out);
    json_object_put(answer);
    return because;
}

void explain_open(const struct fr_kept_wait *wait, struct fr_buf *out)
{
    const struct fr_clock *clock = fr_clock_system();
    char time[40];
    if (wait->by)
        fr_buf_printf(out, "answered by %s at %s; the run has not taken it yet", wait->by,
                      cmd_moment(wait->at_wall_ns, time, sizeof time));
    else if (wait->due_wall_ns <= clock->wall_ns(clock->ctx))
        fr_buf_printf(out, "it fell due at %s; the run has not seen that yet",
                      cmd_moment(wait->due_wall_ns, time, sizeof time));
}
