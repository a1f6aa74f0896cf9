/* Why steps move. What dependencies and limits were, what a condition has seen: known now, and to nobody later. Nothing of it
 * is made for runs that nobody records. Coordinator thread. */
#include "why.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/str.h"
#include "flowrun/plan/paths.h"
#include "phases.h"
#include "result.h"
#include "scope.h"
#include "turns.h"

enum {
    NAMED = 4,            /* dependencies that are named */
    VALUES = 4,           /* values of a condition that are shown … */
    SHOWN = 60,           /* … and characters of each */
    WAITED_NS = 100000000 /* what is worth telling */
};

/* Sets the text beside a result that is no failure. */
static void set_text(struct coord *c, const struct fr_step *step, struct fr_buf *text)
{
    struct fr_step_result *result = result_of(c, step);
    free(result->reason);
    result->reason = text_told(c, fr_buf_cstr(text));
    fr_buf_release(text);
}

/* "fetch (succeeded), lint (skipped) and 3 more". */
static void add_dependencies(struct coord *c, const struct fr_step *step, struct fr_buf *out)
{
    for (uint32_t i = 0; i < step->deps.count && i < NAMED; i++) {
        const struct fr_step *dep = &c->plan->steps[step->deps.at[i]];
        fr_buf_printf(out, "%s%s (%s)", i ? ", " : "after ", fr_run_step_id(c->run, dep),
                      fr_status_name(result_of(c, dep)->status));
    }
    if (step->deps.count > NAMED)
        fr_buf_printf(out, " and %u more", step->deps.count - NAMED);
}

/* What a step that depends on nothing comes after. */
static void add_place(struct coord *c, const struct fr_step *step, struct fr_buf *out)
{
    const struct fr_step *parent =
        step->parent == FR_NO_STEP ? NULL : &c->plan->steps[step->parent];
    const char *name = parent ? fr_run_step_id(c->run, parent) : "";
    if (step->role == FR_ROLE_FALLBACK)
        fr_buf_printf(out, "'%s' has failed, and this is its fallback", name);
    else if (step->role == FR_ROLE_FINALLY)
        fr_buf_str(out, "the steps of the run are over, and this is part of `finally`");
    else if (parent && step->role != FR_ROLE_BRANCH && step->role != FR_ROLE_CHAINED)
        fr_buf_printf(out, "the branches of '%s' are over", name);
    else if (parent)
        fr_buf_printf(out, "'%s', which it is part of, has begun", name);
    else
        fr_buf_str(out, "it depends on no other step");
}

/* Why a place was missing. A batch whose items are processes has no more places than there are workers. */
static const char *lack_of_place(struct coord *c, const struct fr_step *step,
                                 struct fr_arena *arena)
{
    const struct fr_step *parent = &c->plan->steps[step->parent];
    const char *name = fr_run_step_id(c->run, parent), *key = "max_workers";
    uint32_t limit = parent->group->max_workers;
    if (parent->kind == FR_KIND_BATCH &&
        c->sched.boxes[c->sched.nodes[parent->index].box].count < limit) {
        key = "sequential_below";
        limit = parent->batch->sequential_below;
        if (turns_of(c->run, parent)->count >= limit)
            return fr_format(arena, "for a worker (max_workers: %u)", c->run->max_workers);
    }
    return fr_format(arena, "for a place in '%s' (%s: %u)", name, key, limit);
}

/* What a step was short of. */
static const char *lack_of(struct coord *c, const struct fr_step *step, enum sched_short of,
                           struct fr_arena *arena)
{
    const struct fr_step *outer = fr_plan_outer(c->plan, step);
    if (of == SCHED_SHORT_OF_SLOT)
        return lack_of_place(c, step, arena);
    if (of == SCHED_SHORT_OF_FILE)
        return fr_format(arena, "for a worker of the workflow of '%s' (max_workers: %u)",
                         outer ? fr_run_step_id(c->run, outer) : "",
                         outer ? outer->runs->max_workers : 0);
    return fr_format(arena, "for a worker (max_workers: %u)", c->run->max_workers);
}

/* The waits of a step; memory comes from the arena when there is one. */
struct waits {
    struct fr_arena *arena;
    struct fr_wait *list;
    uint32_t count;
};

/* Adds one. */
static void add_wait(struct waits *waits, int64_t ns, const char *what)
{
    if (!waits->list)
        waits->list = FR_NEW_ARRAY(waits->arena, SCHED_SHORTS + 2, struct fr_wait);
    waits->list[waits->count++] = (struct fr_wait){ns, what};
}

const struct fr_wait *why_waited(struct coord *c, const struct fr_step *step,
                                 struct fr_arena *arena)
{
    struct waits waits = {.arena = arena};
    struct sched_node *node = &c->sched.nodes[step->index];
    struct active *t = c->tasks[step->index];
    for (int of = 0; of < SCHED_SHORTS; of++) {
        if (node->waited[of] >= WAITED_NS)
            add_wait(&waits, node->waited[of], lack_of(c, step, of, arena));
        node->waited[of] = 0;
    }
    if (t && t->tty_ns >= WAITED_NS)
        add_wait(&waits, t->tty_ns, "for the terminal");
    if (t)
        t->tty_ns = 0;
    return waits.list;
}

void why_begins(struct coord *c, const struct fr_step *step, struct fr_buf *out)
{
    if (step->deps.count)
        add_dependencies(c, step, out);
    else
        add_place(c, step, out);
    if (step->kind == FR_KIND_HUMAN)
        fr_buf_str(out, "; waits for a person's answer");
    else if (step->kind == FR_KIND_WAIT)
        fr_buf_str(out, "; waits for its time");
}

/* Whether a step stood in the way of those behind it: it did not do well, or was left out behind one that did not. */
static bool is_in_the_way(const struct fr_step_result *result)
{
    enum fr_status status = result->status;
    if (result_is_left_out(result))
        return result->culprit != FR_NO_STEP;
    return status != FR_SUCCEEDED && status != FR_SKIPPED && status != FR_NOT_TAKEN &&
           !result->tolerated;
}

/* "failed", "was cancelled", "was left out". */
static void add_ending(const struct fr_step_result *result, struct fr_buf *out)
{
    const char *name = result->status == FR_TIMED_OUT ? "timed out"
                       : result_is_left_out(result)   ? "left out"
                                                      : fr_status_name(result->status);
    fr_buf_printf(out, "%s%s", fr_status_is_failure(result->status) ? "" : "was ", name);
}

void why_blocked(struct coord *c, const struct fr_step *step, struct fr_buf *out)
{
    uint32_t culprit = FR_NO_STEP;
    for (uint32_t i = 0; i < step->deps.count && culprit == FR_NO_STEP; i++) {
        const struct fr_step *dep = &c->plan->steps[step->deps.at[i]];
        const struct fr_step_result *result = result_of(c, dep);
        if (!is_in_the_way(result))
            continue;
        bool passed_on = result->culprit != FR_NO_STEP && result->status != FR_CANCELLED;
        culprit = passed_on ? result->culprit : dep->index;
        fr_buf_printf(out, "'%s', which it depends on, ", fr_run_step_id(c->run, dep));
        add_ending(result, out);
        if (!passed_on)
            continue;
        fr_buf_printf(out, "%s '%s' ", result_is_left_out(result) ? ", and before it" : " since",
                      fr_run_step_id(c->run, &c->plan->steps[culprit]));
        add_ending(&c->run->results[culprit], out);
    }
    result_of(c, step)->culprit = culprit;
    if (!out->len)
        fr_buf_str(out, "a step it depends on did not succeed");
    else if (step->rule == FR_RULE_ANY_SUCCESS && step->deps.count > 1)
        fr_buf_str(out, ", and no other did succeed (`trigger_rule: any_success`)");
}

void why_ended(struct coord *c, const struct active *t, enum fr_status to, struct fr_buf *out)
{
    const struct fr_step *step = active_step(c, t);
    const char *message = result_of(c, step)->error_message;
    bool failed = fr_status_is_failure(to);
    if (!c->options->reasons || !message)
        return;
    if (t->fell_back && to == FR_SUCCEEDED)
        fr_buf_printf(out, "its fallback '%s' took its place after: %s",
                      fr_run_step_id(c->run, &c->plan->steps[step->fallback]), message);
    else if (failed && step->continue_on_error)
        fr_buf_printf(out, "%s; with `continue_on_error` that blocks no other step", message);
}

void why_left_out(struct coord *c, const struct fr_step *step, const char *fmt, ...)
{
    struct fr_buf text;
    va_list args;
    if (!c->options->reasons)
        return;
    fr_buf_init(&text, 0);
    va_start(args, fmt);
    fr_buf_vprintf(&text, fmt, args);
    va_end(args);
    set_text(c, step, &text);
}

/* Who asked for some steps by name is shown why one of them did not run all the same. */
static void show_reason(struct coord *c, const struct fr_step *step)
{
    struct fr_step_result *result = result_of(c, step);
    if (c->options->memory && c->options->memory->leaves_out && result->reason &&
        !result->error_message)
        result->error_message = strdup(result->reason);
}

void why_rule(struct coord *c, const struct fr_step *step)
{
    struct fr_buf deps;
    fr_buf_init(&deps, 0);
    if (c->options->reasons && step->enabled)
        add_dependencies(c, step, &deps);
    if (!step->enabled)
        why_left_out(c, step, "`enabled: false`");
    else
        why_left_out(c, step, "`trigger_rule: %s` does not hold %s", fr_rule_name(step->rule),
                     fr_buf_cstr(&deps));
    fr_buf_release(&deps);
    show_reason(c, step);
}

void why_not_taken(struct coord *c, const struct fr_step *step)
{
    for (uint32_t i = 0; i < step->deps.count; i++) {
        const struct fr_step *dep = &c->plan->steps[step->deps.at[i]];
        enum fr_status status = result_of(c, dep)->status;
        if (!dep->route || status == FR_NOT_TAKEN)
            continue;
        if (status == FR_SUCCEEDED)
            why_left_out(c, step, "the router '%s' chose other steps", fr_run_step_id(c->run, dep));
        else
            why_left_out(c, step, "the router '%s' has chosen nothing: it is %s",
                         fr_run_step_id(c->run, dep), fr_status_name(status));
        return;
    }
    why_left_out(c, step, "none of the steps it depends on was taken");
}

/* ---- conditions ---- */

/* Adds `.input = 2`, when the path has a value here. */
static bool add_value(struct coord *c, struct active *t, const struct fr_path_span *path,
                      const char *lead, struct fr_buf *out)
{
    struct fr_arena arena;
    struct fr_diags diags;
    struct fr_scope scope;
    struct fr_buf value;
    struct json_object *json = NULL;
    fr_arena_init(&arena);
    fr_diags_init(&diags);
    fr_buf_init(&value, 0);
    const struct fr_expr *expr = fr_path_parse(&arena, path->at, path->len);
    scope_of(c, t, &scope);
    bool good = expr && fr_expr_eval(expr, &scope, &diags, &json) == FR_OK;
    if (good) {
        fr_json_write(json, &value);
        size_t cut = fr_utf8_first(fr_buf_cstr(&value), value.len, SHOWN);
        fr_buf_printf(out, "%s%s = %.*s%s", lead, expr->text, (int)cut, fr_buf_cstr(&value),
                      cut < value.len ? "…" : "");
    }
    json_object_put(json);
    fr_buf_release(&value);
    fr_diags_release(&diags);
    fr_arena_release(&arena);
    return good;
}

void why_condition(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct fr_path_span paths[VALUES];
    struct fr_buf text;
    const char *lead = " with ";
    if (!c->options->reasons)
        return;
    fr_buf_init(&text, 0);
    fr_buf_printf(&text, "`when: %s` was not true", step->when->text);
    uint32_t count = fr_paths_find(step->when->text, paths, VALUES);
    for (uint32_t i = 0; i < count; i++)
        if (add_value(c, t, &paths[i], lead, &text))
            lead = ", ";
    set_text(c, step, &text);
    show_reason(c, step);
}
