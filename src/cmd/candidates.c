/* What the placeholders of usage lines and options stand for: commands, files, recorded runs and their steps, steps and
 * parameters of the file that the line names. Reads only. Main thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "complete.h"
#include "flowrun/base/json.h"
#include "flowrun/base/str.h"
#include "flowrun/plan/tools.h"
#include "templates.h"
#include "waiting.h"

enum { RUNS_OFFERED = 100, FILE_READ = 8 << 20 };

/* Whether the command goes on with a recorded run or tells of it. */
static bool is_about_run(const struct completion *c)
{
    return fr_str_starts(c->cmd->operands, "RUN");
}

/* The run that the line names, `last` when it names none. */
static bool open_run(struct completion *c, struct fr_store **store, int64_t *run)
{
    struct cmd_opts opts = c->opts;
    const char *last = "last";
    if (opts.file_count == 0) {
        opts.files = &last;
        opts.file_count = 1;
    }
    return cmd_run_open(c->cmd, &opts, store, run) == CMD_OK;
}

/* ---- the file that the line names ---- */

/* What the file says, as far as it can be read; NULL = nothing. Of a command that goes on with a run, the file that ran. */
static struct fr_plan *outline(struct completion *c)
{
    const struct cmd_opts *opts = &c->opts;
    const char *name = opts->file_count ? opts->files[0] : "flowrun.yaml";
    struct fr_load_options load = {.file = name,
                                   .cwd = opts->cwd,
                                   .catalogs = opts->catalogs,
                                   .catalog_count = opts->catalog_count,
                                   .validate_only = true};
    struct fr_plan *plan = NULL;
    struct fr_store *store = NULL;
    struct stat st;
    char *text = NULL;
    int64_t run = 0;
    bool masked;

    if (is_about_run(c)) {
        if (open_run(c, &store, &run))
            load.text = text = fr_history_plan(store, run, &masked, &load.text_len);
        fr_store_close(store);
        if (!text)
            return NULL;
    } else if (stat(name, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_READ) {
        return NULL;
    }
    if (fr_plan_outline(&load, &plan) != FR_OK)
        plan = NULL;
    free(text);
    return plan;
}

/* Whether a list `a,b,` holds the id. */
static bool lists(const char *list, size_t len, const char *id)
{
    size_t id_len = strlen(id);
    for (const char *at = list; at < list + len; at += strcspn(at, ",") + 1)
        if (strncmp(at, id, id_len) == 0 && at[id_len] == ',')
            return true;
    return false;
}

/* What is said of a step: its title, else its type. */
static void add_step(struct completion *c, const struct fr_step *step, const char *list)
{
    if (step->id && !step->hidden &&
        !(list && lists(list, (size_t)(complete_part(c) - list), step->id)))
        complete_add(c, step->id, step->title ? step->title : "");
}

static void add_recorded(struct completion *c);

/* Ids of the file's steps, or of the run's where the command goes on with one. */
static void add_ids_but(struct completion *c, const char *list)
{
    if (is_about_run(c)) {
        add_recorded(c);
        return;
    }
    struct fr_plan *plan = outline(c);
    for (uint32_t i = 0; plan && i < plan->step_count; i++)
        add_step(c, &plan->steps[i], list);
    fr_plan_free(plan);
}

static void add_ids(struct completion *c)
{
    add_ids_but(c, NULL);
}

/* `a,b,c`: the one behind the last comma. */
static void add_id_list(struct completion *c)
{
    const char *part = complete_part(c), *comma = strrchr(part, ',');
    if (comma)
        c->keep += (size_t)(comma - part) + 1;
    add_ids_but(c, part);
}

/* The word as NAME=: true when `name` stands in it, and what follows is to be completed. */
static bool is_value_of(struct completion *c, const char *name)
{
    const char *part = complete_part(c);
    size_t len = strlen(name);
    if (strncmp(part, name, len) != 0 || part[len] != '=')
        return false;
    c->keep += len + 1;
    return true;
}

/* A value that is given as JSON, as it is typed. */
static void add_json(struct completion *c, const char *json, const char *about)
{
    struct json_object *value = NULL;
    struct fr_buf text;
    fr_buf_init(&text, 0);
    if (json && fr_json_parse(json, strlen(json), &value, NULL, 0)) {
        fr_json_text(value, &text);
        complete_add(c, fr_buf_cstr(&text), about);
    }
    json_object_put(value);
    fr_buf_release(&text);
}

/* Values that a parameter can have, or its default. */
static void add_param_values(struct completion *c, const struct fr_param_def *def)
{
    for (uint32_t i = 0; i < def->enum_count; i++)
        add_json(c, def->enum_json[i], "");
    if (def->enum_count)
        return;
    if (strcmp(def->type, "boolean") == 0) {
        complete_add(c, "true", "");
        complete_add(c, "false", "");
    } else {
        add_json(c, def->default_json, "the default");
    }
}

static void add_name(struct completion *c, const char *name, const char *about)
{
    complete_add(c, fr_format(&c->arena, "%s=", name), about);
}

static void add_params(struct completion *c)
{
    struct fr_plan *plan = outline(c);
    for (uint32_t i = 0; plan && i < plan->main->param_count; i++) {
        const struct fr_param_def *def = &plan->main->params[i];
        if (is_value_of(c, def->name)) {
            add_param_values(c, def);
            break;
        }
        add_name(c, def->name, def->description ? def->description : def->type);
    }
    fr_plan_free(plan);
}

static void add_state(struct completion *c)
{
    struct fr_plan *plan = outline(c);
    const struct fr_state *state = plan ? plan->main->state : NULL;
    for (uint32_t i = 0; state && i < state->count; i++)
        add_name(c, state->keys[i].name, fr_reducer_name(state->keys[i].reducer));
    fr_plan_free(plan);
}

/* ---- recorded runs ---- */

static void take_run(void *arg, const struct fr_kept_run *run)
{
    struct completion *c = arg;
    char time[40];
    cmd_moment(run->started_wall_ns, time, sizeof time);
    const char *about = fr_format(&c->arena, "%s, %s, %s", run->name, run->status, time);
    if (fr_str_starts("last", complete_part(c)) && !c->has_last)
        complete_add(c, "last", about);
    c->has_last = true;
    complete_add(c, run->id, about);
}

/* Takes those that can be cancelled. */
static void take_open(void *arg, const struct fr_kept_run *run)
{
    struct completion *c = arg;
    if (strcmp(run->status, "running") == 0 || strcmp(run->status, "suspended") == 0)
        take_run(arg, run);
    c->has_last = true; /* whichever it was: `last` is the newest of all */
}

static void add_runs(struct completion *c)
{
    bool cancels = strcmp(c->cmd->name, "cancel") == 0;
    struct fr_run_filter filter = {.last = *complete_part(c) || cancels ? 0 : RUNS_OFFERED};
    struct fr_store *store = NULL;
    if (cmd_store_open(&c->opts, &store) == CMD_OK && store)
        (void)fr_history_runs(store, &filter, cancels ? take_open : take_run, c);
    fr_store_close(store);
}

static void take_step(void *arg, const struct fr_kept_step *step)
{
    struct completion *c = arg;
    complete_add(c, step->id, fr_format(&c->arena, "%s, %s", step->type, step->status));
}

static void add_recorded(struct completion *c)
{
    struct fr_store *store = NULL;
    int64_t run = 0;
    if (open_run(c, &store, &run))
        (void)fr_history_steps(store, run, NULL, take_step, c);
    fr_store_close(store);
}

/* The fields of the form of one step that waits, or what one of them can be. */
static void add_form(struct completion *c, const struct fr_form *form)
{
    for (uint32_t i = 0; i < form->count; i++) {
        const struct fr_field *field = &form->fields[i];
        if (!is_value_of(c, field->name)) {
            add_name(c, field->name, field->title ? field->title : "");
            continue;
        }
        for (uint32_t k = 0; k < field->choice_count; k++)
            add_json(c, field->choices[k], "");
        if (field->type == FR_FIELD_BOOLEAN) {
            complete_add(c, "true", "");
            complete_add(c, "false", "");
        }
        return;
    }
}

/* Steps that wait for a person; with `fields` what the one that the line names asks for. */
static void add_waiting(struct completion *c, bool fields)
{
    struct waiting_list list = {.items = NULL};
    struct fr_store *store = NULL;
    int64_t run = 0;
    fr_arena_init(&list.arena);
    if (open_run(c, &store, &run) && waiting_read(store, run, &list) == CMD_OK)
        for (uint32_t i = 0; i < list.count; i++) {
            const struct waiting *item = &list.items[i];
            if (!fields)
                complete_add(c, item->step, item->title ? item->title : "");
            else if (c->opts.file_count > 1 && strcmp(item->step, c->opts.files[1]) == 0)
                add_form(c, &item->form);
        }
    waiting_release(&list);
    fr_store_close(store);
}

static void add_fields(struct completion *c)
{
    add_waiting(c, true);
}

static void add_steps(struct completion *c)
{
    if (strcmp(c->cmd->name, "approve") == 0)
        add_waiting(c, false);
    else
        add_recorded(c);
}

static void take_name(void *arg, const struct fr_kept_run *run)
{
    struct completion *c = arg;
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->items[i].value + c->keep, run->name) == 0)
            return;
    complete_add(c, run->name, "");
}

static void add_workflow_names(struct completion *c)
{
    struct fr_run_filter filter = {.last = 1000};
    struct fr_store *store = NULL;
    if (cmd_store_open(&c->opts, &store) == CMD_OK && store)
        (void)fr_history_runs(store, &filter, take_name, c);
    fr_store_close(store);
}

/* ---- all of them ---- */

static void add_commands(struct completion *c)
{
    for (const struct cmd *cmd = cmd_table; cmd->name; cmd++)
        complete_add(c, cmd->name, cmd->summary);
}

/* A key stands once, however many parts of a file have it. */
static void take_key(void *arg, const struct fr_key_doc *doc)
{
    struct completion *c = arg;
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->items[i].value, doc->key) == 0)
            return;
    if (!doc->older)
        complete_add(c, doc->key, doc->description);
}

static void add_keys(struct completion *c)
{
    if (c->opts.file_count == 1 && strcmp(c->opts.files[0], "key") == 0)
        fr_schema_each_key(take_key, c);
}

static void add_templates(struct completion *c)
{
    for (const struct template *one = cmd_templates; one->name; one++)
        complete_add(c, one->name, one->about);
}

static void add_file(struct completion *c)
{
    complete_files(c, WORKFLOW_FILES);
}

static void add_folder(struct completion *c)
{
    complete_files(c, FOLDERS);
}

void complete_placeholder(struct completion *c, const char *what, size_t len)
{
    static const struct {
        const char *name;
        void (*add)(struct completion *c);
    } placeholders[] = {
        {"COMMAND", add_commands},
        {"FILE", add_file},
        {"DIR", add_folder},
        {"RUN", add_runs},
        {"STEP", add_steps},
        {"ID", add_ids},
        {"IDS", add_id_list},
        {"PARAM=VALUE", add_params},
        {"KEY=VALUE", add_state},
        {"FIELD=VALUE", add_fields},
        {"WORKFLOW", add_workflow_names},
        {"KEY", add_keys},
        {"TEMPLATE", add_templates},
    };
    for (size_t i = 0; i < sizeof placeholders / sizeof placeholders[0]; i++)
        if (strlen(placeholders[i].name) == len && memcmp(placeholders[i].name, what, len) == 0)
            placeholders[i].add(c);
}
