/* The result object of a recorded run: what `run --output json` printed, from rows. Groups hold their branches, so the
 * steps are written once each and put together by their places. One thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/json.h"
#include "flowrun/base/str.h"
#include "flowrun/run/event.h"
#include "flowrun/store/heads.h"
#include "read.h"

/* One step: its result object up to the branches, and behind them. */
struct part {
    char *id, *parent;
    int32_t branch, place;
    bool is_group;
    bool is_batch, in_batch;
    bool is_loop, in_loop;
    int64_t turn;      /* of the loop that is its parent; -1 = none */
    int64_t last_turn; /* of a loop: the last that there was */
    struct fr_buf
        order; /* where it stands: places and turns from the outside in, as bytes to compare */
    struct fr_buf head, before, behind, tail;
};

struct parts {
    struct part *items;
    uint32_t count, cap;
    struct fr_store *store;
    char run_id[64];
    bool over, killed; /* the run is, was */
    int64_t seen_ns;
};

/* The part called so, among those that have been added: what holds others comes before them. */
static struct part *find_part(const struct parts *parts, const char *id, size_t len)
{
    for (uint32_t i = 0; i < parts->count; i++)
        if (strlen(parts->items[i].id) == len && memcmp(parts->items[i].id, id, len) == 0)
            return &parts->items[i];
    return NULL;
}

/* Appends a number that compares as bytes do. */
static void add_order(struct part *part, int64_t number)
{
    fr_buf_printf(&part->order, "%020lld", (long long)number);
}

/* The batch or loop whose turn the bracket at `at` in an id names, and which; NULL = it names none. The combinations of a
 * matrix have brackets, too, but are no turns. */
static struct part *frame_at(const struct parts *parts, const char *id, const char *at,
                             int64_t *turn)
{
    char *end = NULL;
    struct part *frame = find_part(parts, id, (size_t)(at - id));
    *turn = strtoll(at + 1, &end, 10);
    return frame && (frame->is_batch || frame->is_loop) && *end == ']' ? frame : NULL;
}

/* Finds out in which turns of which batches and loops a step is: `l[2].x` is part of the second turn of `l`. */
static void place_part(const struct parts *parts, struct part *part)
{
    int64_t turn;
    part->turn = -1;
    for (const char *at = strchr(part->id, '['); at; at = strchr(at + 1, '[')) {
        struct part *frame = frame_at(parts, part->id, at, &turn);
        if (!frame)
            continue;
        add_order(part, frame->place);
        add_order(part, turn);
        part->in_batch = part->in_batch || frame->is_batch;
        part->in_loop = part->in_loop || frame->is_loop;
        if (frame->is_loop && part->parent && strcmp(part->parent, frame->id) == 0)
            part->turn = turn;
        if (turn > frame->last_turn)
            frame->last_turn = turn;
    }
    add_order(part, part->place);
}

/* What comes earlier in the file, and in an earlier turn, comes first. */
static int by_order(const void *left, const void *right)
{
    return strcmp(fr_buf_cstr(&((const struct part *)left)->order),
                  fr_buf_cstr(&((const struct part *)right)->order));
}

static void moment(struct fr_buf *out, int64_t wall_ns)
{
    char time[32];
    fr_json_write_text(wall_ns ? fr_format_time(wall_ns, time, sizeof time) : NULL, out);
}

/* JSON text that was recorded, or what stands for none. */
static void json(struct fr_buf *out, const char *recorded, const char *none)
{
    fr_buf_str(out, recorded ? recorded : none);
}

/* A value. One too large for memory, or gone, is null, and its size says that there was one. */
static void value(struct fr_buf *out, const struct fr_kept_value *v)
{
    struct fr_buf bytes;
    fr_buf_init(&bytes, FR_VALUE_PARSE_LIMIT);
    if (v->kind == FR_KEPT_NULL)
        fr_buf_str(out, "null");
    else if (!fr_kept_value_add(v, &bytes))
        fr_buf_printf(out, "null,\"output_size\":%zu", v->len);
    else if (v->kind == FR_KEPT_TEXT)
        fr_json_write_str(fr_buf_cstr(&bytes), bytes.len, out);
    else
        fr_buf_add(out, fr_buf_cstr(&bytes), bytes.len);
    fr_buf_release(&bytes);
}

/* The list of artifacts: the output, when it is one. */
static void artifacts(struct fr_buf *out, const struct fr_kept_value *v)
{
    struct json_object *object = NULL;
    fr_buf_char(out, '[');
    if (v->kind == FR_KEPT_JSON && v->data && fr_json_parse(v->data, v->len, &object, NULL, 0)) {
        if (fr_json_is_artifact(object))
            fr_json_write(object, out);
        json_object_put(object);
    }
    fr_buf_char(out, ']');
}

/* {code, message}, with the script that runs a failed step again alone if there is one; or null. */
static void error(struct fr_buf *out, const char *code, const char *message, const char *repro)
{
    fr_buf_str(out, code ? "{\"code\":" : "null");
    if (!code)
        return;
    fr_json_write_text(code, out);
    fr_buf_str(out, ",\"message\":");
    fr_json_write_text(message ? message : "", out);
    if (repro) {
        fr_buf_str(out, ",\"repro\":");
        fr_json_write_text(repro, out);
    }
    fr_buf_char(out, '}');
}

/* Why it failed. Of what was under way when the run was killed, or could not be recorded any more, it is not known how it
 * would have ended. */
static void step_error(struct parts *parts, struct fr_buf *out, const struct fr_kept_step *step,
                       bool unknown)
{
    char *repro = fr_kept_repro(parts->store, parts->run_id, step);
    if (unknown && !step->error_code)
        error(out, "unknown",
              parts->killed ? "flowrun was killed while it ran" : "its end could not be recorded",
              NULL);
    else
        error(out, step->error_code, step->error, repro);
    free(repro);
}

/* How it came out: what all steps have. */
static void result_keys(struct parts *parts, struct fr_buf *out, const struct fr_kept_step *step)
{
    bool unknown = fr_kept_unknown(step, parts->over);

    if (step->question_json)
        fr_buf_printf(out, ",\"question\":%s,\"answer\":%s", step->question_json,
                      step->answer_json ? step->answer_json : "null");
    fr_buf_str(out, ",\"output\":");
    value(out, &step->output);
    fr_buf_str(out, ",\"error\":");
    step_error(parts, out, step, unknown);
    if (step->exit_code >= 0)
        fr_buf_printf(out, ",\"exit_code\":%d", step->exit_code);
    else
        fr_buf_str(out, ",\"exit_code\":null");
    if (step->signal > 0)
        fr_buf_printf(out, ",\"signal\":%d", step->signal);
    else
        fr_buf_str(out, ",\"signal\":null");
    fr_buf_printf(out, ",\"attempts\":%u,\"started_at\":", step->attempts);
    moment(out, step->started_wall_ns);
    fr_buf_str(out, ",\"duration\":");
    fr_json_write_seconds(step->duration_ns, out);
    fr_buf_str(out, ",\"cost\":");
    if (unknown)
        fr_buf_str(out, "null");
    else
        fr_json_write_micros(step->cost, out);
    fr_buf_str(out, ",\"quality\":");
    struct json_object *quality = step->has_quality ? json_object_new_double(step->quality) : NULL;
    fr_json_write(quality, out);
    json_object_put(quality);
    fr_buf_str(out, ",\"usage\":");
    json(out, step->usage_json, "null");
    fr_buf_str(out, ",\"artifacts\":");
    artifacts(out, &step->output);
    fr_buf_str(out, ",\"leftover\":");
    json(out, step->leftover_json, "[]");
    fr_buf_char(out, '}');
}

/* Takes one step apart. */
static void add_part(void *arg, const struct fr_kept_step *step)
{
    struct parts *parts = arg;
    if (parts->count == parts->cap) {
        parts->cap = parts->cap ? 2 * parts->cap : 64;
        parts->items = realloc(parts->items, parts->cap * sizeof *parts->items);
        if (!parts->items)
            abort();
    }
    struct part *part = &parts->items[parts->count++];
    *part = (struct part){.id = strdup(step->id),
                          .parent = step->parent ? strdup(step->parent) : NULL,
                          .branch = step->branch,
                          .place = step->place,
                          .is_batch = strcmp(step->type, "batch_process") == 0,
                          .is_loop = strcmp(step->type, "loop") == 0,
                          .last_turn = -1};
    fr_buf_init(&part->order, 0);
    parts->count--;
    place_part(parts, part);
    parts->count++;
    part->is_group = fr_kept_holds_steps(step) && !part->in_batch;
    fr_buf_init(&part->head, 0);
    fr_buf_init(&part->before, 0);
    fr_buf_init(&part->behind, 0);
    fr_buf_init(&part->tail, 0);
    fr_buf_str(&part->head, "{\"id\":");
    fr_json_write_text(step->id, &part->head);
    fr_buf_str(&part->head, ",\"type\":");
    fr_json_write_text(step->type, &part->head);
    fr_buf_printf(&part->head, ",\"status\":\"%s\",\"success\":%s",
                  fr_kept_status(step, parts->over),
                  strcmp(step->status, "succeeded") == 0 ? "true" : "false");
    if (part->is_group)
        json_group(step, &part->before, &part->behind);
    struct fr_kept_step known = *step;
    known.duration_ns = fr_kept_took(step, parts->seen_ns);
    result_keys(parts, &part->tail, &known);
}

/* Writes a step. What a group holds stands behind it; of a turn in the list of all steps that is left out: it is in the list
 * itself. */
static void write_part(const struct parts *parts, uint32_t at, bool nested, struct fr_buf *out)
{
    const struct part *part = &parts->items[at];
    bool any = false, whole = part->is_group && (nested || !part->in_loop);
    fr_buf_add(out, part->head.data, part->head.len);
    if (whole)
        fr_buf_str(out, fr_buf_cstr(&part->before));
    for (uint32_t i = at + 1; whole && i < parts->count; i++) {
        const struct part *child = &parts->items[i];
        if (child->branch < 0 || !child->parent || strcmp(child->parent, part->id) != 0 ||
            (part->is_loop && child->turn != part->last_turn))
            continue;
        if (any)
            fr_buf_char(out, ',');
        any = true;
        write_part(parts, i, true, out);
    }
    if (whole)
        fr_buf_str(out, fr_buf_cstr(&part->behind));
    fr_buf_add(out, fr_buf_cstr(&part->tail), part->tail.len);
}

/* What is known of a run when it is over. */
static void sums(struct fr_buf *out, const struct fr_kept_run *run)
{
    double speedup = run->session_ns > 0 ? (double)run->sequential_ns / (double)run->session_ns : 1;
    fr_buf_str(out, ",\"sequential_time\":");
    fr_json_write_seconds(run->sequential_ns, out);
    fr_buf_printf(out, ",\"speedup\":%.2f,\"critical_path\":", speedup);
    json(out, run->critical_json, "[]");
    fr_buf_str(out, ",\"total_cost\":");
    fr_json_write_micros(run->cost, out);
}

/* What the run itself came to. */
static void write_run(void *arg, const struct fr_kept_run *run)
{
    struct fr_buf *out = arg;
    bool killed = strcmp(run->status, "interrupted") == 0;
    fr_buf_str(out, "{\"run_id\":");
    fr_json_write_text(run->id, out);
    fr_buf_str(out, ",\"name\":");
    fr_json_write_text(run->name, out);
    fr_buf_printf(out, ",\"status\":\"%s\",\"exit_code\":", run->status);
    if (run->exit_code >= 0)
        fr_buf_printf(out, "%d", run->exit_code);
    else
        fr_buf_str(out, "null");
    fr_buf_str(out, ",\"started_at\":");
    moment(out, run->started_wall_ns);
    fr_buf_str(out, ",\"duration\":");
    fr_json_write_seconds(run->duration_ns, out);
    if (run->exit_code >= 0)
        sums(out, run);
    else
        fr_buf_str(out, ",\"sequential_time\":null,\"speedup\":null,\"critical_path\":null,"
                        "\"total_cost\":null");
    fr_buf_str(out, ",\"output\":");
    value(out, &run->output);
    if (run->state_json) {
        fr_buf_str(out, ",\"state\":");
        fr_buf_str(out, run->state_json);
    }
    fr_buf_str(out, ",\"error\":");
    if (killed)
        error(out, run->status, FR_KEPT_KILLED, NULL);
    else
        error(out, run->error_code, run->error, NULL);
    fr_buf_str(out, ",\"steps\":[");
}

/* Whether nothing of the run goes on. */
static void see_over(void *arg, const struct fr_kept_run *run)
{
    struct parts *parts = arg;
    parts->seen_ns = run->seen_ns;
    parts->over = strcmp(run->status, "running") != 0 && strcmp(run->status, "suspended") != 0;
    parts->killed = strcmp(run->status, "interrupted") == 0;
    snprintf(parts->run_id, sizeof parts->run_id, "%s", run->id);
}

/* Takes all steps apart, and puts them in order. */
static enum fr_err take_parts(struct fr_store *store, int64_t key,
                              const struct fr_kept_step *pending, uint32_t count,
                              struct parts *parts)
{
    *parts = (struct parts){.store = store};
    enum fr_err err = fr_history_run(store, key, see_over, parts);
    if (!err)
        err = fr_history_steps(store, key, NULL, add_part, parts);
    for (uint32_t i = 0; i < count && !err; i++)
        add_part(parts, &pending[i]);
    if (parts->count)
        qsort(parts->items, parts->count, sizeof *parts->items, by_order);
    return err;
}

static void release_parts(struct parts *parts)
{
    for (uint32_t i = 0; i < parts->count; i++) {
        free(parts->items[i].id);
        free(parts->items[i].parent);
        fr_buf_release(&parts->items[i].order);
        fr_buf_release(&parts->items[i].head);
        fr_buf_release(&parts->items[i].before);
        fr_buf_release(&parts->items[i].behind);
        fr_buf_release(&parts->items[i].tail);
    }
    free(parts->items);
}

enum fr_err fr_history_json_with(struct fr_store *store, int64_t key,
                                 const struct fr_kept_step *pending, uint32_t count,
                                 struct fr_buf *out)
{
    struct parts parts;
    bool any = false;
    enum fr_err err = fr_history_run(store, key, write_run, out);
    enum fr_err taken = take_parts(store, key, pending, count, &parts);
    for (uint32_t i = 0; i < parts.count && !taken; i++) {
        if (parts.items[i].in_batch)
            continue;
        if (any)
            fr_buf_char(out, ',');
        any = true;
        write_part(&parts, i, false, out);
    }
    fr_buf_str(out, "]}");
    release_parts(&parts);
    return err ? err : taken;
}

enum fr_err fr_history_json(struct fr_store *store, int64_t key, struct fr_buf *out)
{
    return fr_history_json_with(store, key, NULL, 0, out);
}

enum fr_err fr_history_step_json(struct fr_store *store, int64_t key, const char *id,
                                 struct fr_buf *out)
{
    struct parts parts;
    enum fr_err err = take_parts(store, key, NULL, 0, &parts);
    for (uint32_t i = 0; i < parts.count && !err; i++)
        if (strcmp(parts.items[i].id, id) == 0)
            write_part(&parts, i, true, out);
    release_parts(&parts);
    return err;
}
