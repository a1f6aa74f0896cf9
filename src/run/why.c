/* Why steps move. What dependencies and limits were, what a condition has seen: known now, and to nobody later. Nothing of it
 * is made for runs that nobody records. Coordinator thread. */
#include "why.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/str.h"
#include "phases.h"
#include "scope.h"

enum {
    NAMED = 4,            /* dependencies that are named */
    VALUES = 4,           /* values of a condition that are shown … */
    SHOWN = 60,           /* … and bytes of each */
    WAITED_NS = 100000000 /* what is worth telling */
};

/* Sets the text beside a result that is no failure. */
static void set_text(struct coord *c, const struct fr_step *step, struct fr_buf *text)
{
    struct fr_step_result *result = result_of(c, step);
    free(result->reason);
    result->reason = fr_buf_take(text, NULL);
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

/* Since when nothing but its turn was missing; 0 = unknown. */
static int64_t ready_since(struct coord *c, const struct fr_step *step)
{
    int64_t since =
        step->parent == FR_NO_STEP ? c->run->started_ns : c->run->results[step->parent].started_ns;
    if (step->role != FR_ROLE_STEP && step->role != FR_ROLE_BRANCH && step->role != FR_ROLE_CHAINED)
        return 0;
    for (uint32_t i = 0; i < step->deps.count; i++) {
        int64_t ended = c->run->results[step->deps.at[i]].ended_ns;
        since = ended > since ? ended : since;
    }
    return since;
}

void why_begins(struct coord *c, const struct fr_step *step, struct fr_buf *out)
{
    char time[40];
    int64_t since = step->frame == FR_NO_STEP ? ready_since(c, step) : 0;
    if (step->deps.count)
        add_dependencies(c, step, out);
    else
        add_place(c, step, out);
    if (since && c->now - since >= WAITED_NS)
        fr_buf_printf(out, "; waited %s for a free worker or place",
                      fr_format_duration(c->now - since, time, sizeof(time)));
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

void why_rule(struct coord *c, const struct fr_step *step)
{
    struct fr_buf deps;
    fr_buf_init(&deps, 0);
    if (c->options->reasons && step->enabled)
        add_dependencies(c, step, &deps);
    if (!step->enabled)
        why_left_out(c, step, "`enabled: false`");
    else
        why_left_out(c, step, "its `trigger_rule` does not hold %s", fr_buf_cstr(&deps));
    fr_buf_release(&deps);
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

/* The length of the plain path at the beginning of a text: `.steps.a.output[0]`; 0 = there is none. */
static size_t path_len(const char *text)
{
    size_t len = 0;
    while (text[len] == '.' && (isalpha((unsigned char)text[len + 1]) || text[len + 1] == '_')) {
        len += 2;
        while (isalnum((unsigned char)text[len]) || text[len] == '_')
            len++;
        if (text[len] == '[') {
            size_t at = len + 1;
            at += text[at] == '-';
            while (isdigit((unsigned char)text[at]))
                at++;
            len = text[at] == ']' ? at + 1 : len;
        }
    }
    return len;
}

/* Adds `.input = 2`, when the path has a value here. */
static bool add_value(struct coord *c, struct active *t, const char *path, const char *lead,
                      struct fr_buf *out)
{
    struct fr_arena arena;
    struct fr_diags diags;
    struct fr_scope scope;
    struct fr_buf value;
    struct json_object *json = NULL;
    fr_arena_init(&arena);
    fr_diags_init(&diags);
    fr_buf_init(&value, 0);
    struct fr_expr_ctx ctx = {&arena, NULL, &diags};
    const struct fr_expr *expr = fr_expr_parse(&ctx, path, (struct fr_mark){0});
    scope_of(c, t, &scope);
    bool good =
        expr && expr->kind == FR_EXPR_PATH && fr_expr_eval(expr, &scope, &diags, &json) == FR_OK;
    if (good) {
        fr_json_write(json, &value);
        size_t cut = value.len;
        if (cut > SHOWN)
            for (cut = SHOWN; cut > 0 && (value.data[cut] & 0xc0) == 0x80; cut--)
                continue;
        fr_buf_printf(out, "%s%s = %.*s%s", lead, path, (int)cut, fr_buf_cstr(&value),
                      cut < value.len ? "…" : "");
    }
    json_object_put(json);
    fr_buf_release(&value);
    fr_diags_release(&diags);
    fr_arena_release(&arena);
    return good;
}

/* The next plain path of a jq text that is not inside of a string; NULL = none is left. */
static const char *next_path(const char *at, size_t *len)
{
    bool quoted = false;
    for (; *at; at++) {
        if (*at == '\\' && quoted && at[1]) {
            at++;
            continue;
        }
        if (*at == '"')
            quoted = !quoted;
        *len = quoted ? 0 : path_len(at);
        if (*len)
            return at;
    }
    return NULL;
}

void why_condition(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    const char *seen[VALUES];
    size_t seen_len[VALUES], len = 0;
    unsigned count = 0;
    struct fr_buf text;
    if (!c->options->reasons)
        return;
    fr_buf_init(&text, 0);
    fr_buf_printf(&text, "`when: %s` was not true", step->when->text);
    for (const char *at = next_path(step->when->text, &len); at && count < VALUES;
         at = next_path(at + len, &len)) {
        bool known = false;
        for (unsigned i = 0; i < count; i++)
            known = known || (seen_len[i] == len && memcmp(seen[i], at, len) == 0);
        char *path = known ? NULL : strndup(at, len);
        if (path && add_value(c, t, path, count ? ", " : " with ", &text)) {
            seen[count] = at;
            seen_len[count++] = len;
        }
        free(path);
    }
    set_text(c, step, &text);
}
