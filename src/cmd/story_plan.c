/* What the plan tells of the steps of a story: titles, places in the file, what each waited for, and those that have not
 * begun. The plan is made from the text that ran; when that cannot be done any more, the story goes without. Main thread. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/json.h"
#include "flowrun/base/str.h"
#include "story.h"

void story_load_plan(struct story_maker *maker)
{
    /* A masked parameter may be none that the file allows. */
    for (int with_params = 1; with_params >= 0 && !maker->plan; with_params--) {
        struct fr_diags diags;
        fr_diags_init(&diags);
        (void)graph_run_load(&maker->graph, maker->store, maker->run, with_params != 0,
                             &maker->file, &diags, &maker->plan);
        fr_diags_release(&diags);
    }
}

/* What stands behind the name of the turn in a step's id; "" of the item of a batch, and NULL of a step that is in no turn. */
static const char *behind_turn(const struct fr_plan *plan, const struct fr_step *step)
{
    for (uint32_t at = step->frame; at != FR_NO_STEP; at = plan->steps[at].frame) {
        enum fr_kind kind = plan->steps[at].kind;
        if (kind == FR_KIND_BATCH && step->parent == at && step->role == FR_ROLE_BRANCH)
            return "";
        if (kind == FR_KIND_BATCH || kind == FR_KIND_LOOP)
            return step->own_id ? step->own_id : "";
    }
    return NULL;
}

/* Whether a row is that of a step of the plan, which it names by its place. */
static bool is_of(const struct fr_plan *plan, const struct story_row *row,
                  const struct fr_step *step)
{
    const char *behind = behind_turn(plan, step);
    if (strcmp(row->step.type, step->type) != 0)
        return false;
    return behind ? fr_str_ends(row->step.id, behind) : strcmp(row->step.id, step->id) == 0;
}

/* The path of a file as reports show it. The steps of one file share it. */
static const char *path_of(struct story_maker *maker, const char *file)
{
    if (file != maker->plan_file) {
        maker->plan_file = file;
        maker->shown_file =
            fr_strdup(&maker->story->arena, story_seen_from(maker->story->cwd, file));
    }
    return maker->shown_file;
}

const char *story_plan_text(struct story_maker *maker, const char *text)
{
    struct fr_buf shown;
    fr_buf_init(&shown, 0);
    graph_run_shown(&maker->graph, text, strlen(text), &shown);
    const char *copy = fr_strdup(&maker->story->arena, fr_buf_cstr(&shown));
    fr_buf_release(&shown);
    return copy;
}

/* Appends a constant text, or an expression as it is written. */
static void add_part(const struct fr_tmpl *tmpl, struct fr_buf *out)
{
    if (tmpl->kind == FR_TMPL_EXPR)
        fr_buf_printf(out, "${{ %s }}", tmpl->expr->text);
    else
        fr_buf_str(out, tmpl->text);
}

/* Appends a text of the file as JSON. */
static void add_text(const struct fr_tmpl *tmpl, struct fr_buf *out)
{
    struct fr_buf text;
    fr_buf_init(&text, 0);
    if (tmpl->kind != FR_TMPL_TEXT)
        add_part(tmpl, &text);
    for (uint32_t i = 0; i < tmpl->count; i++)
        add_part(tmpl->items[i], &text);
    fr_json_write_str(fr_buf_cstr(&text), text.len, out);
    fr_buf_release(&text);
}

/* Appends a value of the file as JSON; what is an expression stands in it as it is written. */
static void add_written(const struct fr_tmpl *tmpl, struct fr_buf *out)
{
    bool map = tmpl->kind == FR_TMPL_MAP;
    if (tmpl->kind == FR_TMPL_JSON) {
        fr_buf_str(out, tmpl->text);
        return;
    }
    if (!map && tmpl->kind != FR_TMPL_LIST) {
        add_text(tmpl, out);
        return;
    }
    fr_buf_char(out, map ? '{' : '[');
    for (uint32_t i = 0; i < tmpl->count; i++) {
        fr_buf_str(out, i ? "," : "");
        if (map) {
            fr_json_write_text(tmpl->keys[i], out);
            fr_buf_char(out, ':');
        }
        add_written(tmpl->items[i], out);
    }
    fr_buf_char(out, map ? '}' : ']');
}

void story_add_input(struct story_maker *maker)
{
    const struct fr_tmpl *input = maker->plan->main->input;
    struct fr_buf json;
    if (!input || maker->story->input_len)
        return;
    fr_buf_init(&json, 0);
    add_written(input, &json);
    maker->story->input_json = story_plan_text(maker, fr_buf_cstr(&json));
    maker->story->input_len = json.len;
    maker->story->input_written = !fr_tmpl_is_const(input);
    fr_buf_release(&json);
}

/* Takes over what the plan says of a step. */
static void take_facts(struct story_maker *maker, struct story_row *row, const struct fr_step *plan)
{
    struct fr_story_step *step = &row->step;
    row->plan = plan;
    step->container = plan->group != NULL;
    if (plan->title)
        step->title = story_plan_text(maker, plan->title);
    if (plan->mark.file && plan->mark.line) {
        step->file = path_of(maker, plan->mark.file);
        step->line = plan->mark.line;
    }
}

void story_add_plan(struct story_maker *maker)
{
    const struct fr_plan *plan = maker->plan;
    for (uint32_t i = 0; i < maker->row_count; i++) {
        struct story_row *row = &maker->rows[i];
        if (row->place < plan->step_count && is_of(plan, row, &plan->steps[row->place]))
            take_facts(maker, row, &plan->steps[row->place]);
    }
    for (uint32_t i = 0; i < plan->step_count; i++) {
        const struct fr_step *step = &plan->steps[i];
        if (!step->hidden && !behind_turn(plan, step) &&
            story_row_of(maker, step->id, strlen(step->id)) == FR_STORY_NONE)
            take_facts(maker, story_add_pending(maker, step), step);
    }
}

/* The place in the story of what the step of a turn waited for in the same turn; FR_STORY_NONE = it is none of the
 * story's. */
static uint32_t find_dep(const struct story_maker *maker, const struct story_row *row,
                         const struct fr_step *dep, struct fr_buf *name)
{
    const char *behind = behind_turn(maker->plan, row->plan);
    fr_buf_clear(name);
    fr_buf_add(name, row->step.id, strlen(row->step.id) - strlen(behind));
    fr_buf_str(name, dep->own_id ? dep->own_id : "");
    uint32_t found = story_row_of(maker, fr_buf_cstr(name), name->len);
    return found == FR_STORY_NONE ? FR_STORY_NONE : maker->rows[found].at;
}

/* The latest end of what a step waited for. */
static int64_t latest(const struct fr_story_step *step, const int64_t *over)
{
    int64_t last = 0;
    for (uint32_t i = 0; i < step->dep_count; i++)
        last = over[step->deps[i]] > last ? over[step->deps[i]] : last;
    return last;
}

/* When a step could have begun: all that it waited for was over, and what it is part of had begun. */
static int64_t ready_at(const struct fr_story *story, const struct fr_story_step *step,
                        const int64_t *over)
{
    bool top = step->parent == FR_STORY_NONE;
    int64_t begun = top ? story->started_ns : story->steps[step->parent].started_ns;
    int64_t last = latest(step, over);
    if (!step->dep_count && !top)
        return step->started_ns;
    last = last > begun ? last : begun;
    return last < step->started_ns ? last : step->started_ns;
}

/* The places in the story of the plan's steps that are in no turn; owned by the caller. */
static uint32_t *places_of(const struct story_maker *maker)
{
    uint32_t *places = malloc((maker->plan->step_count + 1U) * sizeof *places);
    if (!places)
        abort();
    for (uint32_t i = 0; i < maker->plan->step_count; i++)
        places[i] = FR_STORY_NONE;
    for (uint32_t i = 0; i < maker->row_count; i++) {
        const struct story_row *row = &maker->rows[i];
        if (row->plan && !behind_turn(maker->plan, row->plan))
            places[row->plan->index] = row->at;
    }
    return places;
}

/* What the step of a row waited for. */
static void add_deps_of(struct story_maker *maker, const struct story_row *row,
                        const uint32_t *places, struct fr_buf *name)
{
    const struct fr_indexes *from = &row->plan->deps;
    struct fr_story_step *step = &maker->story->steps[row->at];
    bool turns = behind_turn(maker->plan, row->plan) != NULL;
    uint32_t *deps = FR_NEW_ARRAY(&maker->story->arena, from->count, uint32_t);
    for (uint32_t i = 0; i < from->count; i++) {
        const struct fr_step *dep = &maker->plan->steps[from->at[i]];
        uint32_t at = turns ? find_dep(maker, row, dep, name) : places[dep->index];
        if (at != FR_STORY_NONE)
            deps[step->dep_count++] = at;
    }
    step->deps = deps;
}

/* The steps of `finally` wait for all others: that is no wait to be shown. */
static void finish_ready(struct story_maker *maker)
{
    uint32_t *places = places_of(maker);
    const struct fr_indexes *finally = &maker->plan->finally;
    for (uint32_t i = 0; i < finally->count; i++) {
        uint32_t at = places[finally->at[i]];
        if (at != FR_STORY_NONE)
            maker->story->steps[at].ready_ns = maker->story->steps[at].started_ns;
    }
    free(places);
}

/* What each step waited for, as the plan says. */
static void add_deps(struct story_maker *maker)
{
    uint32_t *places = places_of(maker);
    struct fr_buf name;
    fr_buf_init(&name, 0);
    for (uint32_t i = 0; i < maker->row_count; i++) {
        const struct story_row *row = &maker->rows[i];
        if (row->plan && row->at != FR_STORY_NONE && row->plan->deps.count)
            add_deps_of(maker, row, places, &name);
    }
    fr_buf_release(&name);
    free(places);
}

/* Says when each step could have begun. What never began was over as soon as all that it waited for. */
static void add_ready(struct fr_story *story)
{
    int64_t *over = calloc(story->step_count + 1U, sizeof *over);
    if (!over)
        abort();
    for (uint32_t i = 0; i < story->step_count; i++) {
        const struct fr_story_step *step = &story->steps[i];
        over[i] = step->ended_ns ? step->ended_ns : latest(step, over);
    }
    for (uint32_t i = 0; i < story->step_count; i++)
        if (story->steps[i].started_ns)
            story->steps[i].ready_ns = ready_at(story, &story->steps[i], over);
    free(over);
}

/* Between the sessions of a run nothing can begin; but a person may be asked. */
static void leave_pauses_out(struct story_maker *maker)
{
    for (uint32_t i = 0; i < maker->row_count; i++) {
        const struct story_row *row = &maker->rows[i];
        if (row->at == FR_STORY_NONE || !maker->story->steps[row->at].ready_ns)
            continue;
        int64_t *ready = &maker->story->steps[row->at].ready_ns;
        if (row->asked_ns)
            *ready = row->asked_ns;
        else if (*ready < row->session_ns)
            *ready = row->session_ns;
    }
}

void story_add_deps(struct story_maker *maker)
{
    if (maker->plan)
        add_deps(maker);
    add_ready(maker->story);
    if (maker->plan)
        finish_ready(maker);
    leave_pauses_out(maker);
}
