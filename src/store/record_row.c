/* From events to rows. An event is borrowed, and a step's result may be that of another turn before this one is over:
 * so all that is needed is copied, masked, into the recorder's arena. Coordinator thread. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/weave.h"
#include "flowrun/store/history.h"
#include "record.h"

/* A row at the end of the list. Nearly always a step ends by the log that came last. */
struct row *record_add_row(struct recorder *r, int kind, int64_t n)
{
    struct row *row = FR_NEW(&r->arena, struct row);
    row->kind = kind;
    row->key = DB_KEY(r->run, n);
    *r->last = row;
    r->last = &row->next;
    if (kind == ROW_LOG)
        r->log = row;
    return row;
}

void record_move(struct recorder *r, const struct fr_event *event)
{
    struct fr_event_line line;
    if (fr_event_line(event, r->again, r->mask, &r->arena, &line))
        record_add_row(r, ROW_MOVE, r->next++)->move = line;
}

/* How the streams were woven together, for what of them is recorded. That of a file with secrets is not known. */
static void add_weave(struct recorder *r, const struct fr_report *report, struct row_log *log,
                      size_t err_cut)
{
    const char *const text[2] = {report->out, report->err ? report->err + err_cut : NULL};
    const size_t len[2] = {report->out_len, report->err_len - err_cut};
    size_t rest = 0;
    char *weave =
        fr_weave_skip(report->weave, report->weave_len, 0, report->err_total - len[1], &rest);
    if (weave && (log->out.masked || log->err.masked)) {
        struct fr_buf masked[2];
        fr_buf_init(&masked[0], 0);
        fr_buf_init(&masked[1], 0);
        char *own =
            report->out_path ? NULL : fr_weave_mask(r->mask, weave, rest, text, len, masked, &rest);
        free(weave);
        weave = own;
        fr_buf_release(&masked[0]);
        fr_buf_release(&masked[1]);
    }
    log->weave = weave ? fr_strndup(&r->arena, weave, rest) : NULL;
    log->weave_len = weave ? rest : 0;
    free(weave);
}

void record_log(struct recorder *r, const struct fr_event *event)
{
    const struct fr_report *report = event->report;
    r->logs[event->step->index] = 0;
    if (report->kept && r->again)
        return; /* it is there already */
    if (!report->out_path && !report->out_len && !report->err_len && !event->result->recipe)
        return;
    int64_t n = r->next++;
    struct kept out = report->out_path
                          ? keep_file(r, n, "out", report->out_path)
                          : keep_bytes(r, n, "out", FR_KEPT_TEXT, report->out, report->out_len);
    size_t cut = report->err_cut ? fr_mask_cut(r->mask, report->err, report->err_len) : 0;
    struct kept err = keep_bytes(r, n, "err", FR_KEPT_TEXT, report->err ? report->err + cut : NULL,
                                 report->err_len - cut);
    struct row_log *log = &record_add_row(r, ROW_LOG, n)->log;
    *log = (struct row_log){.wall = event->wall_ns,
                            .step = fr_strdup(&r->arena, fr_run_step_id(event->run, event->step)),
                            .attempt = event->attempt,
                            .out = out,
                            .err = err,
                            .err_cut = report->err_cut};
    add_weave(r, report, log, cut);
    record_recipe(r, event, log);
    r->logs[event->step->index] = n;
}

/* What a group's result has beyond a step's. */
static const char *group_json(struct recorder *r, const struct fr_step *step,
                              const struct fr_step_result *result)
{
    bool merges = step->kind == FR_KIND_GROUP || step->kind == FR_KIND_BATCH;
    return fr_format(&r->arena,
                     "{\"merge_strategy\":%s%s%s,\"ok\":%u,\"failed\":%u,\"skipped\":%u,"
                     "\"cancelled\":%u,\"sequential_ns\":%lld}",
                     merges ? "\"" : "", merges ? fr_merge_name(step->group->merge) : "null",
                     merges ? "\"" : "", result->ok, result->failed, result->skipped,
                     result->cancelled, (long long)result->sequential_ns);
}

/* The processes that it left, as JSON. */
static const char *leftover_json(struct recorder *r, const struct fr_step_result *result)
{
    struct fr_buf out;
    if (result->leftover_count == 0)
        return NULL;
    fr_buf_init(&out, 0);
    for (uint32_t i = 0; i < result->leftover_count; i++) {
        const struct fr_leftover_proc *proc = &result->leftover[i];
        fr_buf_printf(&out, "%s{\"pid\":%ld,\"name\":", i ? "," : "[", (long)proc->pid);
        fr_json_write_str(proc->name, strlen(proc->name), &out);
        fr_buf_char(&out, '}');
    }
    fr_buf_char(&out, ']');
    const char *text = keep_text(r, fr_buf_cstr(&out));
    fr_buf_release(&out);
    return text;
}

/* What was used, as a list. */
const char *record_usage(struct recorder *r, struct json_object *usage)
{
    struct fr_buf out;
    if (!usage)
        return NULL;
    fr_buf_init(&out, 0);
    json_object_object_foreach(usage, source, entry)
    {
        (void)source;
        fr_buf_char(&out, out.len ? ',' : '[');
        fr_json_write(entry, &out);
    }
    fr_buf_str(&out, out.len ? "]" : "[]");
    const char *text = keep_text(r, fr_buf_cstr(&out));
    fr_buf_release(&out);
    return text;
}

/* What is known only when the step has ended. */
static void add_end(struct recorder *r, int64_t n, const struct fr_event *event,
                    struct row_step *row)
{
    const struct fr_step_result *result = event->result;
    row->duration = fr_step_took(result);
    row->kept = result->kept && result->status == FR_SUCCEEDED;
    row->error = keep_text(r, result->error_message ? result->error_message : result->reason);
    row->leftover = leftover_json(r, result);
    row->group = event->step->group ? group_json(r, event->step, result) : NULL;
    row->output = keep_value(r, n, "output", result->output);
    row->usage = record_usage(r, result->usage);
}

/* Whether a step begins whose result is kept: until that is written again its row stays as it is, so that it is not lost
 * when the run is killed in between. */
static bool is_kept_row(struct recorder *r, const struct fr_event *event)
{
    return r->again && event->to == FR_RUNNING && event->result->kept &&
           record_number_of(r, fr_run_step_id(event->run, event->step)) != 0;
}

void record_step(struct recorder *r, const struct fr_event *event)
{
    const struct fr_step *step = event->step;
    const struct fr_plan *plan = event->run->plan;
    const struct fr_step *parent = step->parent == FR_NO_STEP ? NULL : &plan->steps[step->parent];
    int64_t n = r->numbers[step->index];
    if (n == 0 || event->from == FR_PENDING || fr_status_is_final(event->from)) {
        n = record_number_of(r, fr_run_step_id(event->run, step));
        n = r->numbers[step->index] = n ? n : r->next++;
    }
    struct row_step data = {
        .id = fr_strdup(&r->arena, fr_run_step_id(event->run, step)),
        .type = fr_strdup(&r->arena, step->type),
        .status = fr_status_name(event->to),
        .parent = parent ? fr_strdup(&r->arena, fr_run_step_id(event->run, parent)) : NULL,
        .place = step->index,
        .branch = step->role == FR_ROLE_BRANCH || step->role == FR_ROLE_CHAINED
                      ? (int64_t)step->branch_no
                      : -1,
        .result = *event->result,
        .output = {.kind = FR_KEPT_NULL}};
    if (step->human) {
        data.question =
            record_json_text(r, event->result->question, event->result->question != NULL);
        data.answer = record_json_text(r, event->result->answer, event->result->answer != NULL);
    }
    if (fr_status_is_final(event->to))
        add_end(r, n, event, &data);
    if (event->result->stays && event->to == FR_RUNNING && !event->result->kept)
        record_hold(r, event, n, &data);
    else if (event->result->stays && fr_status_is_final(event->to))
        record_add_row(r, ROW_STAYS, n);
    else if (!is_kept_row(r, event))
        record_add_row(r, ROW_STEP, n)->step = data;
    if (!event->result->stays)
        record_unhold(r, event);
    record_done(r, event);
}
