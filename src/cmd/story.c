/* The story of a recorded run: what it was and came to, and how its large texts are had. Main thread. */
#include "story.h"

#include <stdlib.h>
#include <string.h>

#include "flowrun/base/json.h"

/* Where the texts of a story come from. */
struct source {
    struct fr_store *store;
    const char *run_id;
};

/* A text's key is that of its row, and which of the row's values it is. */
enum { PART_BITS = 2 };

static bool fetch(void *arg, const struct fr_story_text *text, uint64_t max, struct fr_buf *out)
{
    const struct source *source = arg;
    if (!text->key)
        return false;
    return fr_history_part(source->store, source->run_id,
                           (enum fr_part)(text->key & ((1 << PART_BITS) - 1)),
                           text->key >> PART_BITS, max, out);
}

struct fr_story_text story_text(struct story_maker *maker, enum fr_part part, int64_t key,
                                const struct fr_kept_value *value)
{
    struct fr_story_text text = {.len = value->len};
    if (value->kind == FR_KEPT_NULL || !value->len)
        return text;
    text.key = key << PART_BITS | part;
    if (value->path && maker->files)
        text.path = fr_strdup(&maker->story->arena, value->path);
    return text;
}

static const char *copy(struct story_maker *maker, const char *text)
{
    return text ? fr_strdup(&maker->story->arena, text) : NULL;
}

const char *story_seen_from(const char *cwd, const char *path)
{
    size_t len = cwd ? strlen(cwd) : 0;
    if (len > 1 && strncmp(path, cwd, len) == 0 && path[len] == '/')
        return path + len + 1;
    return path;
}

/* A value as JSON; NULL when there is none, or it is too large to be in memory. */
static const char *json_of(struct story_maker *maker, const struct fr_kept_value *value)
{
    struct fr_buf json;
    if (value->kind == FR_KEPT_NULL || !value->data)
        return NULL;
    fr_buf_init(&json, 0);
    if (value->kind == FR_KEPT_TEXT)
        fr_json_write_str(value->data, value->len, &json);
    else
        fr_buf_add(&json, value->data, value->len);
    const char *text = copy(maker, fr_buf_cstr(&json));
    fr_buf_release(&json);
    return text;
}

/* Takes what is known of the run itself. */
static void take_run(void *arg, const struct fr_kept_run *run)
{
    struct story_maker *maker = arg;
    struct fr_story *story = maker->story;
    bool running = strcmp(run->status, "running") == 0;
    maker->killed = maker->killed || strcmp(run->status, "interrupted") == 0;
    maker->lasts = running && !maker->killed;
    maker->over = !maker->lasts && strcmp(run->status, "suspended") != 0;
    story->id = copy(maker, run->id);
    story->name = copy(maker, run->name);
    story->cwd = copy(maker, run->cwd);
    story->file = copy(maker, story_seen_from(run->cwd, run->file));
    story->status = running && maker->killed ? "interrupted" : copy(maker, run->status);
    story->who = copy(maker, run->who);
    story->host = copy(maker, run->host && *run->host ? run->host : NULL);
    story->exit_code = run->exit_code;
    story->error_code = copy(maker, run->error_code);
    story->error = copy(maker, run->error);
    if (maker->killed && !story->error && !story->error_code)
        story->error = FR_KEPT_KILLED;
    story->started_ns = run->started_wall_ns;
    story->took_ns = run->duration_ns;
    story->sessions = 1;
    maker->session_ns = run->started_wall_ns;
    maker->last_session_ns = run->session_ns;
    if (running && maker->killed) { /* how long it lived is known by its last move */
        story->took_ns -= run->session_ns;
        maker->last_session_ns = 0;
    }
    story->sequential_ns = run->sequential_ns;
    story->cost = run->cost;
    story->input_json = json_of(maker, &run->input);
    story->input_len = run->input.len;
    story->state_json = copy(maker, run->state_json);
    story->output = story_text(maker, FR_PART_RESULT, maker->run, &run->output);
    maker->critical_json = copy(maker, run->critical_json);
}

/* Marks the steps of the critical path, and adds up what they took. */
static void mark_critical(struct story_maker *maker)
{
    struct json_object *list = NULL;
    struct fr_story *story = maker->story;
    if (!maker->critical_json ||
        !fr_json_parse(maker->critical_json, strlen(maker->critical_json), &list, NULL, 0) ||
        !json_object_is_type(list, json_type_array)) {
        json_object_put(list);
        return;
    }
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        const char *id = json_object_get_string(json_object_array_get_idx(list, i));
        uint32_t row = id ? story_row_of(maker, id, strlen(id)) : FR_STORY_NONE;
        if (row == FR_STORY_NONE || maker->rows[row].at == FR_STORY_NONE)
            continue;
        struct fr_story_step *step = &story->steps[maker->rows[row].at];
        step->critical = true;
        if (step->ended_ns > step->started_ns)
            story->critical_ns += step->ended_ns - step->started_ns;
    }
    json_object_put(list);
}

/* A batch or loop that came to no turn is one step: what it holds is a template. */
static void find_idle(struct fr_story *story)
{
    bool *had_turn = calloc(story->step_count + 1U, sizeof *had_turn);
    for (uint32_t i = 0; had_turn && i < story->step_count; i++) {
        const struct fr_story_step *step = &story->steps[i];
        const struct fr_story_step *parent =
            step->parent == FR_STORY_NONE ? NULL : &story->steps[step->parent];
        size_t len = parent ? strlen(parent->id) : 0;
        if (parent && strncmp(step->id, parent->id, len) == 0 && step->id[len] == '[')
            had_turn[step->parent] = true;
    }
    for (uint32_t i = 0; had_turn && i < story->step_count; i++) {
        struct fr_story_step *step = &story->steps[i];
        bool repeats = strcmp(step->type, "batch_process") == 0 || strcmp(step->type, "loop") == 0;
        bool idle = step->status == FR_SKIPPED || step->status == FR_BLOCKED ||
                    step->status == FR_CANCELLED || step->status == FR_NOT_TAKEN;
        step->container = step->container && !(repeats && idle && !had_turn[i]);
    }
    free(had_turn);
}

/* Counts the steps. */
static void count(struct fr_story *story)
{
    for (uint32_t i = 0; i < story->step_count; i++)
        if (!story->steps[i].container) {
            const struct fr_story_step *step = &story->steps[i];
            story->counts[step->unknown ? FR_STATUS__COUNT : (int)step->status]++;
            story->total++;
        }
}

/* What the plan says about the run. */
static void take_plan(struct story_maker *maker)
{
    const char *params = maker->plan->main->params_json;
    if (maker->plan->description)
        maker->story->description = story_plan_text(maker, maker->plan->description);
    if (params && strcmp(params, "{}") != 0)
        maker->story->params_json = story_plan_text(maker, params);
    story_add_input(maker);
    story_add_plan(maker);
}

/* When the run ended, and what it took in its sessions. The steps of each were one after the other what its attempts
 * took: the record of the run has that of the last session only. */
static void add_times(struct story_maker *maker)
{
    struct fr_story *story = maker->story;
    story->ended_ns = maker->session_ns + maker->last_session_ns;
    if (!maker->lasts && maker->last_move_ns > story->ended_ns)
        story->ended_ns = maker->last_move_ns;
    if (maker->killed && !maker->last_session_ns)
        story->took_ns += story->ended_ns - maker->session_ns;
    if (story->sessions < 2)
        return;
    story->sequential_ns = 0;
    for (uint32_t i = 0; i < story->attempt_count; i++) {
        const struct fr_story_attempt *attempt = &story->attempts_list[i];
        if (attempt->ended_ns > attempt->started_ns)
            story->sequential_ns += attempt->ended_ns - attempt->started_ns;
    }
}

/* Puts all together. */
static void finish(struct story_maker *maker, struct fr_store *store)
{
    struct fr_story *story = maker->story;
    struct source *source = FR_NEW(&story->arena, struct source);
    *source = (struct source){store, story->id};
    story->fetch = fetch;
    story->fetch_arg = source;
    story_place_steps(maker);
    story_place_attempts(maker);
    story_add_deps(maker);
    mark_critical(maker);
    find_idle(story);
    count(story);
    add_times(maker);
}

/* Begins a story. */
static void init(struct story_maker *maker, const struct story_source *from, struct fr_story *story)
{
    *maker = (struct story_maker){.story = story,
                                  .store = from->store,
                                  .run = from->run,
                                  .files = from->files,
                                  .killed = from->killed};
    *story = (struct fr_story){.exit_code = -1, .recorded = from->files};
    fr_arena_init(&story->arena);
    fr_map_init(&maker->ids);
}

/* Frees all that is not the story's; after an error that, too. */
static enum fr_err release(struct story_maker *maker, enum fr_err err)
{
    fr_plan_free(maker->plan);
    cmd_file_close(&maker->file);
    graph_run_close(&maker->graph);
    fr_map_release(&maker->ids);
    free(maker->rows);
    free(maker->tries);
    if (err)
        cmd_story_release(maker->story);
    return err;
}

enum fr_err cmd_story_fill(const struct story_source *from, struct fr_story *story)
{
    struct story_maker maker;
    init(&maker, from, story);
    enum fr_err err = fr_history_run(from->store, from->run, take_run, &maker);
    if (!err)
        err = story_add_steps(&maker);
    if (!err)
        err = story_add_moves(&maker);
    if (!err) {
        story_load_plan(&maker);
        if (maker.plan)
            take_plan(&maker);
        finish(&maker, from->store);
    }
    return release(&maker, err);
}

/* Loads the plan, or takes the one that is kept when it is the same. */
static void take_kept_plan(struct story_maker *maker, struct story_counter *counter)
{
    bool read = graph_run_read(&maker->graph, maker->store, maker->run, &maker->file) == FR_OK;
    if (read && counter->plan &&
        graph_run_same(&maker->graph, &maker->file, &counter->graph, &counter->file)) {
        graph_run_close(&maker->graph);
        cmd_file_close(&maker->file);
        maker->plan = counter->plan;
        maker->graph = counter->graph;
        maker->file = counter->file;
        *counter = (struct story_counter){.plan = NULL};
    } else {
        story_load_plan(maker);
    }
}

/* Keeps the plan for the next run. */
static void keep_plan(struct story_maker *maker, struct story_counter *counter)
{
    cmd_story_counter_release(counter);
    if (!maker->plan)
        return;
    *counter = (struct story_counter){maker->plan, maker->graph, maker->file};
    maker->plan = NULL;
    maker->graph = (struct graph_run){NULL};
    maker->file = (struct cmd_file){.text = NULL};
}

enum fr_err cmd_story_count(struct story_counter *counter, struct fr_store *store, int64_t run,
                            uint32_t *total, uint32_t *failed)
{
    struct story_maker maker;
    struct fr_story story;
    init(&maker, &(struct story_source){.store = store, .run = run}, &story);
    enum fr_err err = fr_history_run(store, run, take_run, &maker);
    if (!err)
        err = story_add_steps(&maker);
    if (!err) {
        take_kept_plan(&maker, counter);
        if (maker.plan)
            story_add_plan(&maker);
        story_place_steps(&maker);
        find_idle(&story);
        count(&story);
        *total = story.total;
        *failed = story.counts[FR_FAILED] + story.counts[FR_TIMED_OUT];
        keep_plan(&maker, counter);
        cmd_story_release(&story);
    }
    return release(&maker, err);
}

void cmd_story_counter_release(struct story_counter *counter)
{
    fr_plan_free(counter->plan);
    cmd_file_close(&counter->file);
    graph_run_close(&counter->graph);
    *counter = (struct story_counter){.plan = NULL};
}

void cmd_story_release(struct fr_story *story)
{
    fr_arena_release(&story->arena);
    *story = (struct fr_story){.exit_code = -1};
}
