/* Results as JSON, written in one place: a step's, a group's, the run's. The order of
 * keys is fixed. Coordinator thread. */
#include "result.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "flowrun/base/json.h"
#include "flowrun/base/shell.h"
#include "flowrun/base/str.h"
#include "turns.h"
#include "usage.h"

static void write_steps(const struct fr_run *run, const struct fr_indexes *list, unsigned fields,
                        struct fr_buf *out);

/* `"key":` with a comma before it. */
static void key(struct fr_buf *out, const char *name)
{
    fr_buf_printf(out, ",\"%s\":", name);
}

/* A point in time or null. */
static void moment(struct fr_buf *out, int64_t wall_ns)
{
    char time[32];
    fr_json_write_text(wall_ns ? fr_format_time(wall_ns, time, sizeof(time)) : NULL, out);
}

/* A value; one that does not fit into memory is null, its size says that it is there. */
static void value(struct fr_buf *out, struct fr_value *v)
{
    if (fr_value_kind(v) == FR_VALUE_FILE && fr_value_size(v) > FR_VALUE_PARSE_LIMIT)
        fr_buf_printf(out, "null,\"output_size\":%zu", fr_value_size(v));
    else
        fr_value_add_json(v, out);
}

/* The list of artifacts: the output, when it is one. */
static void artifacts(struct fr_buf *out, struct fr_value *v)
{
    struct json_object *object =
        fr_value_kind(v) == FR_VALUE_JSON ? fr_value_object(v, NULL) : NULL;
    fr_buf_char(out, '[');
    if (fr_json_is_artifact(object))
        fr_json_write(object, out);
    fr_buf_char(out, ']');
}

/* Processes that had to be ended. */
static void leftover(struct fr_buf *out, const struct fr_step_result *result)
{
    fr_buf_char(out, '[');
    for (uint32_t i = 0; i < result->leftover_count; i++) {
        fr_buf_printf(out, "%s{\"pid\":%ld,\"name\":", i ? "," : "", (long)result->leftover[i].pid);
        fr_json_write_text(result->leftover[i].name, out);
        fr_buf_char(out, '}');
    }
    fr_buf_char(out, ']');
}

const char result_by_only[] = "left out by --only";

bool result_is_left_out(const struct fr_step_result *result)
{
    return result->status == FR_SKIPPED && fr_str_eq(result->error_message, result_by_only);
}

/* {code, message}, with a path as a shell takes it; or null. */
static void write_error(const char *code, const char *message, const char *repro,
                        struct fr_buf *out)
{
    if (!code) {
        fr_buf_str(out, "null");
        return;
    }
    fr_buf_str(out, "{\"code\":");
    fr_json_write_text(code, out);
    key(out, "message");
    fr_json_write_text(message ? message : "", out);
    if (repro) {
        struct fr_buf word;
        fr_buf_init(&word, 0);
        fr_shell_word(repro, &word);
        key(out, "repro");
        fr_json_write_text(fr_buf_cstr(&word), out);
        fr_buf_release(&word);
    }
    fr_buf_char(out, '}');
}

void result_write_error(const char *code, const char *message, struct fr_buf *out)
{
    write_error(code, message, NULL, out);
}

/* The results of what a group holds. */
static void parts(const struct fr_run *run, const struct fr_step *step, unsigned fields,
                  struct fr_buf *out)
{
    key(out, "results");
    result_write_parts(run, step, fields, out);
    if (step->group->finally.count) {
        key(out, "finally");
        write_steps(run, &step->group->finally, fields, out);
    }
}

/* What a group has beyond a step. */
void result_write_group(const struct fr_run *run, const struct fr_step *step,
                        const struct fr_step_result *result, unsigned fields, struct fr_buf *out)
{
    int64_t total = fr_step_took(result);
    double speedup = total > 0 ? (double)result->sequential_ns / (double)total : 1;
    if (fields & FR_FIELDS_REST) {
        key(out, "group_id");
        fr_json_write_text(fr_run_step_id(run, step), out);
        key(out, "merge_strategy");
        fr_json_write_text(step->kind == FR_KIND_GROUP || step->kind == FR_KIND_BATCH
                               ? fr_merge_name(step->group->merge)
                               : NULL,
                           out);
    }
    if (fields & FR_FIELDS_PARTS)
        parts(run, step, fields, out);
    if (!(fields & FR_FIELDS_REST))
        return;
    fr_buf_printf(out,
                  ",\"successful_count\":%u,\"failed_count\":%u,\"skipped_count\":%u,"
                  "\"cancelled_count\":%u",
                  result->ok, result->failed, result->skipped, result->cancelled);
    if (step->runs && step->runs->state) {
        key(out, "state");
        fr_json_write(result->state, out);
    }
    key(out, "total_time");
    fr_json_write_seconds(total, out);
    key(out, "sequential_time");
    fr_json_write_seconds(result->sequential_ns, out);
    fr_buf_printf(out, ",\"speedup\":%.2f", speedup);
    key(out, "total_cost");
    fr_json_write_micros(result->cost, out);
}

/* How a program ended. */
static void exit_keys(const struct fr_step_result *result, struct fr_buf *out)
{
    key(out, "exit_code");
    if (result->exit_code >= 0)
        fr_buf_printf(out, "%d", result->exit_code);
    else
        fr_buf_str(out, "null");
    key(out, "signal");
    if (result->signal > 0)
        fr_buf_printf(out, "%d", result->signal);
    else
        fr_buf_str(out, "null");
}

/* What tells of a step's end. */
static void end_keys(const struct fr_step_result *result, unsigned fields, struct fr_buf *out)
{
    bool failed = fields & FR_FIELDS_REPRO && fr_status_is_failure(result->status);
    key(out, "error");
    write_error(result->error_code, result->error_message, failed ? result->repro : NULL, out);
    exit_keys(result, out);
    fr_buf_printf(out, ",\"attempts\":%u", result->attempts);
    key(out, "started_at");
    moment(out, result->started_wall_ns);
    key(out, "duration");
    fr_json_write_seconds(fr_step_took(result), out);
    key(out, "cost");
    fr_json_write_micros(result->cost, out);
    key(out, "quality");
    if (result->has_quality) {
        struct json_object *number = json_object_new_double(result->quality);
        fr_json_write(number, out);
        json_object_put(number);
    } else {
        fr_buf_str(out, "null");
    }
    key(out, "usage");
    usage_write(result->usage, out);
    key(out, "artifacts");
    artifacts(out, result->output);
    key(out, "leftover");
    leftover(out, result);
}

/* A step, from a result that may be provisional. `inside`: of a past one, what it has as a group; NULL = nothing. */
static void write_one(const struct fr_run *run, const struct fr_step *step, const char *turn,
                      const char *inside, const struct fr_step_result *result, unsigned fields,
                      struct fr_buf *out)
{
    size_t before = out->len;
    if (fields & FR_FIELDS_NAME) {
        key(out, "id");
        fr_json_write_text(turn ? turn : fr_run_step_id(run, step), out);
        key(out, "type");
        fr_json_write_text(step->type, out);
        key(out, "status");
        fr_json_write_text(fr_status_name(result->status), out);
        fr_buf_printf(out, ",\"success\":%s", result->status == FR_SUCCEEDED ? "true" : "false");
    }
    if (step->group && !turn)
        result_write_group(run, step, result, fields, out);
    if (inside && fields & (FR_FIELDS_PARTS | FR_FIELDS_REST))
        fr_buf_str(out, inside);
    if (step->human && fields & FR_FIELDS_REST) {
        key(out, "question");
        fr_json_write(result->question, out);
        key(out, "answer");
        fr_json_write(result->answer, out);
    }
    if (fields & FR_FIELDS_OUTPUT) {
        key(out, "output");
        value(out, result->output);
    }
    if (fields & FR_FIELDS_REST)
        end_keys(result, fields, out);
    if (out->len == before)
        fr_buf_char(out, '{');
    else if (!out->overflow)
        out->data[before] = '{'; /* in place of the first comma */
    fr_buf_char(out, '}');
}

void result_write_as(const struct fr_run *run, const struct fr_step *step, const char *turn,
                     const struct fr_step_result *result, unsigned fields, struct fr_buf *out)
{
    write_one(run, step, turn, NULL, result, fields, out);
}

void result_write(const struct fr_run *run, const struct fr_step *step, unsigned fields,
                  struct fr_buf *out)
{
    result_write_as(run, step, NULL, &run->results[step->index], fields, out);
}

void result_write_turn(const struct fr_run *run, const struct fr_step *step, uint32_t number,
                       unsigned fields, struct fr_buf *out)
{
    const struct fr_step *slot = &run->plan->steps[step->group->branches.at[0]];
    struct fr_step_result result = turn_result(turns_of(run, step), number);
    struct fr_buf name;
    fr_buf_init(&name, 0);
    turn_name(run, step, number, &name);
    write_one(run, slot, fr_buf_cstr(&name), turn_inside(turns_of(run, step), number), &result,
              fields, out);
    fr_buf_release(&name);
    fr_value_unref(result.output);
}

/* A list of results, in order of declaration. */
static void write_steps(const struct fr_run *run, const struct fr_indexes *list, unsigned fields,
                        struct fr_buf *out)
{
    fr_buf_char(out, '[');
    for (uint32_t i = 0; i < list->count; i++) {
        if (i)
            fr_buf_char(out, ',');
        result_write(run, &run->plan->steps[list->at[i]], fields, out);
    }
    fr_buf_char(out, ']');
}

/* The results of what a container holds; of a batch in order of its items. What came to no turn has none. */
void result_write_parts(const struct fr_run *run, const struct fr_step *step, unsigned fields,
                        struct fr_buf *out)
{
    uint32_t count = fr_run_turns(run, step);
    if (step->kind == FR_KIND_LOOP && !turns_of(run, step)) {
        fr_buf_str(out, "[]");
        return;
    }
    if (step->kind != FR_KIND_BATCH) {
        write_steps(run, &fr_step_merges(step)->branches, fields, out);
        return;
    }
    fr_buf_char(out, '[');
    for (uint32_t i = 0; i < count && !out->overflow; i++) {
        const struct fr_step *live = turn_under_way(run, step, i);
        fr_buf_str(out, i ? "," : "");
        if (live)
            result_write(run, live, fields, out);
        else
            result_write_turn(run, step, i, fields, out);
    }
    fr_buf_char(out, ']');
}

/* No signal that asks for an end is a KILL: it stands for the guard's. */
bool fr_run_is_killed(const struct fr_run *run)
{
    return run->outcome == FR_RUN_SIGNALED && run->signal == SIGKILL;
}

/* "succeeded" … "cancelled" by a signal, "suspended" for a person; while it lasts: "running". */
const char *fr_run_status(const struct fr_run *run)
{
    static const char *const names[] = {"succeeded", "failed",    "over_budget",
                                        "timed_out", "cancelled", "suspended"};
    return fr_run_is_killed(run) ? "interrupted" : names[run->outcome];
}

/* The ids of the critical path. */
static void critical_path(const struct fr_run *run, struct fr_buf *out)
{
    fr_buf_char(out, '[');
    for (uint32_t i = 0; i < run->critical.count; i++) {
        fr_buf_str(out, i ? "," : "");
        fr_json_write_text(run->plan->steps[run->critical.at[i]].id, out);
    }
    fr_buf_char(out, ']');
}

/* Whether a step is part of a batch. */
static bool is_in_batch(const struct fr_run *run, const struct fr_step *step)
{
    do {
        step = repeat_frame(run->plan, step);
    } while (step && step->kind != FR_KIND_BATCH);
    return step != NULL;
}

/* The steps below `end`, in order of declaration; what loops hold is there once for each turn, what batches hold in
 * their results. */
static void steps_before(const struct fr_run *run, uint32_t end, unsigned fields,
                         struct fr_buf *out)
{
    const char *sep = "[";
    uint32_t past = 0;
    for (uint32_t i = 0; i < end; i++) {
        for (; past < run->past_count && run->past[past].place[0] < i; past++) {
            const struct fr_past *one = &run->past[past];
            if (is_in_batch(run, one->step))
                continue;
            fr_buf_str(out, sep);
            result_write_as(run, one->step, one->id, &one->result, fields, out);
            sep = ",";
        }
        if (repeat_frame(run->plan, &run->plan->steps[i]))
            continue;
        fr_buf_str(out, sep);
        result_write(run, &run->plan->steps[i], fields, out);
        sep = ",";
    }
    fr_buf_str(out, *sep == '[' ? "[]" : "]");
}

/* The result object of the run with the steps below `end`. */
static void write_run(const struct fr_run *run, uint32_t end, unsigned fields, struct fr_buf *out)
{
    int64_t duration = run->ended_ns > run->started_ns ? run->ended_ns - run->started_ns : 0;
    double speedup = duration > 0 ? (double)run->sequential_ns / (double)duration : 1;
    fr_buf_str(out, "{\"run_id\":");
    fr_json_write_text(run->run_id, out);
    key(out, "name");
    fr_json_write_text(run->plan->name, out);
    key(out, "status");
    fr_json_write_text(fr_run_status(run), out);
    fr_buf_printf(out, ",\"exit_code\":%d", fr_run_exit_code(run));
    key(out, "started_at");
    moment(out, run->started_wall_ns);
    key(out, "duration");
    fr_json_write_seconds(run->before_ns + duration, out);
    key(out, "sequential_time");
    fr_json_write_seconds(run->sequential_ns, out);
    fr_buf_printf(out, ",\"speedup\":%.2f", speedup);
    key(out, "critical_path");
    critical_path(run, out);
    key(out, "total_cost");
    fr_json_write_micros(run->cost, out);
    key(out, "output");
    value(out, run->output);
    if (run->plan->main->state) {
        key(out, "state");
        fr_json_write(run->state, out);
    }
    key(out, "error");
    result_write_error(run->error_code, run->error_message, out);
    key(out, "steps");
    steps_before(run, end, fields, out);
    fr_buf_char(out, '}');
}

void fr_run_json(const struct fr_run *run, struct fr_buf *out)
{
    write_run(run, run->plan->step_count, FR_FIELDS_ALL | FR_FIELDS_REPRO, out);
}

void result_so_far(const struct fr_run *run, struct fr_buf *out)
{
    write_run(run, run->plan->finally.at[0], FR_FIELDS_ALL, out);
}
