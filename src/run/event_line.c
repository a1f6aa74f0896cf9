/* Events as lines of JSON. The order of the members is fixed. Any thread. */
#include "flowrun/run/event_line.h"

#include <string.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/json.h"
#include "flowrun/base/str.h"
#include "flowrun/run/run.h"

/* The words for events; those without one have no line. */
static const char *const words[FR_EVENT__COUNT] = {
    [FR_EVENT_RUN_STARTED] = "run_started", /* of a run that is gone on with: "run_resumed" */
    [FR_EVENT_STATUS] = "status",
    [FR_EVENT_RETRY] = "retry",
    [FR_EVENT_STOPPING] = "stopping",
    [FR_EVENT_WARNING] = "warning",
    [FR_EVENT_NOTE] = "note",
    [FR_EVENT_RUN_ENDED] = "run_ended",
};

/* `"key":` with a comma before it, unless it is the first one. */
static void key(struct fr_buf *out, const char *name)
{
    fr_buf_str(out, out->len ? ",\"" : "\"");
    fr_buf_str(out, name);
    fr_buf_str(out, "\":");
}

/* Members that are there when they have something to say. */
static void text_member(struct fr_buf *out, const char *name, const char *text)
{
    if (!text)
        return;
    key(out, name);
    fr_json_write_text(text, out);
}

static void seconds_member(struct fr_buf *out, const char *name, int64_t ns)
{
    key(out, name);
    fr_json_write_seconds(ns, out);
}

static void cost_member(struct fr_buf *out, int64_t micros)
{
    if (micros == 0)
        return;
    key(out, "cost");
    fr_json_write_micros(micros, out);
}

/* A masked copy of a text; NULL for NULL. */
static const char *masked(struct fr_arena *arena, const struct fr_mask *mask, const char *text)
{
    struct fr_buf out;
    if (!text || !mask)
        return text ? fr_strdup(arena, text) : NULL;
    fr_buf_init(&out, 0);
    fr_mask_text(mask, text, strlen(text), false, &out);
    const char *copy = fr_strndup(arena, fr_buf_cstr(&out), out.len);
    fr_buf_release(&out);
    return copy;
}

bool fr_event_counts(const struct fr_event *event)
{
    return !fr_run_is_killed(event->run) || event->kind == FR_EVENT_STOPPING ||
           event->kind == FR_EVENT_LOG ||
           (event->kind == FR_EVENT_STATUS && event->to == FR_SUCCEEDED);
}

/* What the first line tells. */
static void add_run(const struct fr_run *run, const struct fr_mask *mask, struct fr_arena *arena,
                    struct fr_buf *out)
{
    key(out, "version");
    fr_buf_printf(out, "%d", FR_EVENT_VERSION);
    text_member(out, "run_id", run->run_id);
    text_member(out, "name", masked(arena, mask, run->plan->name));
    text_member(out, "file", masked(arena, mask, run->plan->main->file));
    key(out, "total");
    fr_buf_printf(out, "%u", run->total);
}

/* What the last line tells. */
static void add_end(const struct fr_run *run, struct fr_buf *out)
{
    text_member(out, "status", fr_run_status(run));
    key(out, "exit_code");
    fr_buf_printf(out, "%d", fr_run_exit_code(run));
    seconds_member(out, "duration", run->ended_ns - run->started_ns);
    key(out, "total");
    fr_buf_printf(out, "%u", run->total);
    key(out, "counts");
    fr_buf_char(out, '{');
    const char *comma = "";
    for (int i = 0; i < FR_STATUS__COUNT; i++) {
        if (run->counts[i] == 0)
            continue;
        fr_buf_printf(out, "%s\"%s\":%u", comma, fr_status_name((enum fr_status)i), run->counts[i]);
        comma = ",";
    }
    fr_buf_char(out, '}');
    text_member(out, "error_code", run->error_code);
    cost_member(out, run->cost);
}

/* What a step waited for before it began or went on. */
static void add_waits(const struct fr_wait *waits, const struct fr_mask *mask,
                      struct fr_arena *arena, struct fr_buf *out)
{
    key(out, "waited");
    fr_buf_char(out, '[');
    for (const struct fr_wait *wait = waits; wait->ns; wait++) {
        fr_buf_printf(out, "%s{\"seconds\":", wait == waits ? "" : ",");
        fr_json_write_seconds(wait->ns, out);
        fr_buf_str(out, ",\"for\":");
        fr_json_write_text(masked(arena, mask, wait->what), out);
        fr_buf_char(out, '}');
    }
    fr_buf_char(out, ']');
}

/* Who a step is, when it leaves `pending`. */
static void add_begin(const struct fr_event *event, struct fr_buf *out)
{
    const struct fr_plan *plan = event->run->plan;
    text_member(out, "type", event->step->type);
    if (event->step->parent != FR_NO_STEP)
        text_member(out, "parent", fr_run_step_id(event->run, &plan->steps[event->step->parent]));
}

/* How a step came out. */
static void add_result(const struct fr_step_result *result, struct fr_buf *out)
{
    if (result->exit_code >= 0) {
        key(out, "exit_code");
        fr_buf_printf(out, "%d", result->exit_code);
    }
    if (result->signal > 0) {
        key(out, "signal");
        fr_buf_printf(out, "%d", result->signal);
    }
    int64_t took = fr_step_took(result);
    if (result->started_ns && (took || !result->kept))
        seconds_member(out, "duration", took);
    text_member(out, "error_code", result->error_code);
    cost_member(out, result->cost);
    if (result->has_quality) {
        key(out, "quality");
        struct json_object *value = json_object_new_double(result->quality);
        fr_json_write(value, out);
        json_object_put(value);
    }
    if (result->tolerated)
        fr_buf_printf(out, "%s\"tolerated\":true", out->len ? "," : "");
    if (result->kept)
        fr_buf_printf(out, "%s\"kept\":true", out->len ? "," : "");
}

/* Why: what the event says, or how the step or the run ended. */
static const char *text_of(const struct fr_event *event)
{
    if (event->text || event->kind == FR_EVENT_RUN_ENDED)
        return event->text ? event->text : event->run->error_message;
    if (event->kind != FR_EVENT_STATUS || !fr_status_is_final(event->to))
        return NULL;
    if (event->result->error_message)
        return event->result->error_message;
    return event->to == FR_SUCCEEDED && event->result->kept ? FR_KEPT_REASON
                                                            : event->result->reason;
}

bool fr_event_line(const struct fr_event *event, bool again, const struct fr_mask *mask,
                   struct fr_arena *arena, struct fr_event_line *line)
{
    struct fr_buf detail;
    if (!words[event->kind])
        return false;
    fr_buf_init(&detail, 0);
    *line = (struct fr_event_line){.wall_ns = event->wall_ns,
                                   .event = words[event->kind],
                                   .attempt = event->attempt,
                                   .delay_ns = event->delay_ns,
                                   .text = masked(arena, mask, text_of(event))};
    if (event->step)
        line->step = fr_strdup(arena, fr_run_step_id(event->run, event->step));
    if (event->kind == FR_EVENT_STATUS) {
        line->from = fr_status_name(event->from);
        line->to = fr_status_name(event->to);
        if (event->step && event->from == FR_PENDING)
            add_begin(event, &detail);
        if (event->waits)
            add_waits(event->waits, mask, arena, &detail);
        if (fr_status_is_final(event->to))
            add_result(event->result, &detail);
    } else if (event->kind == FR_EVENT_RUN_STARTED) {
        line->event = again ? "run_resumed" : line->event;
        add_run(event->run, mask, arena, &detail);
    } else if (event->kind == FR_EVENT_RUN_ENDED) {
        add_end(event->run, &detail);
    }
    line->detail = detail.len ? fr_strndup(arena, detail.data, detail.len) : NULL;
    fr_buf_release(&detail);
    return true;
}

/* What every line begins with. */
static void begin(int64_t wall_ns, const char *event, const char *step, struct fr_buf *out)
{
    char time[32];
    fr_buf_printf(out, "{\"time\":\"%s\",\"event\":\"%s\"",
                  fr_format_time(wall_ns, time, sizeof time), event);
    text_member(out, "step", step);
}

void fr_event_line_write(const struct fr_event_line *line, struct fr_buf *out)
{
    begin(line->wall_ns, line->event, line->step, out);
    text_member(out, "from", line->from);
    text_member(out, "to", line->to);
    if (line->attempt)
        fr_buf_printf(out, ",\"attempt\":%u", line->attempt);
    if (line->delay_ns)
        seconds_member(out, "delay", line->delay_ns);
    text_member(out, "text", line->text);
    if (line->detail)
        fr_buf_printf(out, ",%s", line->detail);
    fr_buf_char(out, '}');
}

/* One stream of a `log`. */
static void stream_member(struct fr_buf *out, const char *name, const struct fr_event_text *text)
{
    if (!text->data && !text->large)
        return;
    key(out, name);
    if (text->large)
        fr_buf_str(out, "null");
    else
        fr_json_write_str(text->data, text->len, out);
}

void fr_event_log_write(int64_t wall_ns, const char *step, uint32_t attempt,
                        const struct fr_event_text *out_text, const struct fr_event_text *err_text,
                        bool err_cut, struct fr_buf *out)
{
    begin(wall_ns, "log", step, out);
    fr_buf_printf(out, ",\"attempt\":%u", attempt);
    stream_member(out, "stdout", out_text);
    stream_member(out, "stderr", err_text);
    if (err_cut)
        fr_buf_str(out, ",\"stderr_cut\":true");
    fr_buf_char(out, '}');
}
