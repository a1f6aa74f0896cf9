/* What is recorded of a step so that a run can go on with it: of an attempt its recipe and all that it came to; and that
 * the step ended well by it. Only the latter makes it count, and stands in the transaction of the step's end.
 * Coordinator thread. */
#include <string.h>

#include "flowrun/store/history.h"
#include "record.h"

/* What the process said besides its output, whole and inline. */
static struct kept keep_said(struct recorder *r, const char *data, size_t len)
{
    struct kept kept = {.kind = FR_KEPT_NULL};
    struct fr_buf masked;
    if (!data)
        return kept;
    fr_buf_init(&masked, 0);
    if (r->mask)
        fr_mask_text(r->mask, data, len, false, &masked);
    else
        fr_buf_add(&masked, data, len);
    kept.kind = FR_KEPT_TEXT;
    kept.len = masked.len;
    kept.data = fr_strndup(&r->arena, fr_buf_cstr(&masked), masked.len);
    kept.masked = masked.len != len || memcmp(kept.data, data, len) != 0;
    fr_buf_release(&masked);
    return kept;
}

void record_recipe(struct recorder *r, const struct fr_event *event, struct row_log *log)
{
    const struct fr_report *report = event->report;
    const struct fr_step_result *result = event->result;
    if (!result->recipe)
        return;
    log->recipe = fr_strdup(&r->arena, result->recipe);
    log->said = keep_said(r, report->commands, report->commands_len);
    log->began = report->kept ? report->began_before : result->started_wall_ns;
    log->took = report->kept ? report->took_before : event->wall_ns - result->started_wall_ns;
    log->cost = report->kept ? report->cost_before : result->cost;
    log->usage = report->kept ? keep_text(r, report->usage_before) : record_usage(r, result->usage);
    if (report->has_file) {
        log->file_size = report->file_size;
        log->file_hash = fr_strdup(&r->arena, report->file_sha256);
    }
}

/* Whether a step ended as it would again: not by its fallback, and not because it was left out. */
static bool ended_well(const struct fr_event *event)
{
    return (event->to == FR_SUCCEEDED && !event->result->tolerated) || event->to == FR_SKIPPED;
}

/* Steps without a process: that they waited, or what they were answered. */
static int64_t add_plain(struct recorder *r, const struct fr_event *event)
{
    const struct fr_step_result *result = event->result;
    struct fr_buf said;
    if (!result->recipe || (result->kept && r->again) ||
        (event->step->kind == FR_KIND_HUMAN && !result->answer))
        return 0;
    int64_t n = r->next++;
    struct row_log *log = &record_add_row(r, ROW_LOG, n)->log;
    *log = (struct row_log){.wall = event->wall_ns,
                            .step = fr_strdup(&r->arena, fr_run_step_id(event->run, event->step)),
                            .attempt = 1,
                            .began = result->started_wall_ns,
                            .took = fr_step_took(result),
                            .recipe = fr_strdup(&r->arena, result->recipe)};
    if (!result->answer)
        return n;
    fr_buf_init(&said, 0);
    fr_buf_str(&said, "{\"answer\":");
    fr_json_write(result->answer, &said);
    fr_buf_str(&said, ",\"output\":");
    fr_value_add_json(result->output, &said);
    fr_buf_char(&said, '}');
    log->said = keep_said(r, fr_buf_cstr(&said), said.len);
    fr_buf_release(&said);
    return n;
}

/* The step's name when it may be up to date some day by how it ran now; else NULL. What --from keeps may have changed since:
 * the hash of today would vouch for a result of before. */
static const char *fresh_name(struct recorder *r, const struct fr_event *event)
{
    bool has = event->step->source_count || event->step->generate_count;
    bool kept = event->result->kept && event->to != FR_SKIPPED;
    return has && !kept && r->file ? fr_strdup(&r->arena, fr_run_step_id(event->run, event->step))
                                   : NULL;
}

/* Notes that the step ended well by this log: in the log's own row, where that is not written yet. */
static void add_done(struct recorder *r, int64_t log, const char *name)
{
    bool here = r->log && r->log->key == log;
    if (here)
        r->log->log.done = true;
    if (!here || name)
        record_add_row(r, ROW_DONE, 0)->done = (struct row_done){log, name};
}

void record_done(struct recorder *r, const struct fr_event *event)
{
    int64_t *log = &r->logs[event->step->index];
    enum fr_kind kind = event->step->kind;
    const char *name = fresh_name(r, event);
    if (event->from == FR_PENDING)
        *log = event->to == FR_SKIPPED && event->result->kept ? *log : 0;
    if (event->to == FR_RUNNING && name)
        record_add_row(r, ROW_DONE, 0)->done = (struct row_done){0, name};
    if (!fr_status_is_final(event->to) || !ended_well(event))
        return;
    if (kind == FR_KIND_WAIT || kind == FR_KIND_HUMAN)
        *log = add_plain(r, event);
    if (*log)
        add_done(r, DB_KEY(r->run, *log), name);
    *log = 0;
}
