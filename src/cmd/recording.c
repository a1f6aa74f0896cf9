/* A run's part in the store: before the guard is forked the folder and the locks, which both processes hold; behind it
 * the database, which must not be carried over a fork. Main thread. */
#include "recording.h"
#include "history.h"
#include "changed.h"
#include "clear.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/json.h"
#include "secrets.h"

extern char **environ;

/* Prints what was told, and gives its exit code. */
static int finish(const struct cmd_opts *opts, struct fr_diags *diags, enum fr_err err)
{
    struct cmd_file none = {0};
    cmd_print_diags(diags, &none, cmd_use_color(opts, STDERR_FILENO));
    fr_diags_release(diags);
    return err == FR_ERR_LIMIT ? CMD_FAILED : cmd_exit_of(err);
}

/* Says whom the run waits for. */
static void say_waiting(void *arg, const char *holder)
{
    cmd_fail(CMD_OK, "waiting for %s, which has the concurrency group '%s'", holder,
             (const char *)arg);
}

/* Takes the lock of the workflow's concurrency group. */
static enum fr_err lock_group(struct recording *rec, const struct fr_plan *plan, const char *run_id,
                              const struct fr_mask *mask, struct fr_diags *diags)
{
    struct fr_buf holder;
    if (!plan->concurrency_group)
        return FR_OK;
    char *group = fr_store_name(mask, plan->concurrency_group);
    fr_buf_init(&holder, 0);
    fr_buf_printf(&holder, "run %s of '", run_id);
    fr_mask_text(mask, plan->name, strlen(plan->name), false, &holder);
    fr_buf_char(&holder, '\'');
    enum fr_err err =
        fr_group_lock(rec->folder, group, fr_buf_cstr(&holder), plan->concurrency_wait, say_waiting,
                      group, diags, &rec->group_fd);
    fr_buf_release(&holder);
    free(group);
    return err;
}

int recording_prepare(struct recording *rec, const struct cmd_opts *opts,
                      const struct fr_plan *plan, const struct fr_mask *mask, const char *run_id)
{
    struct fr_diags diags;
    *rec = (struct recording){.group_fd = -1, .hold = {NULL, -1, -1}, .locks = {-1, -1}};
    if (opts->no_store && !plan->concurrency_group)
        return CMD_OK;
    fr_diags_init(&diags);
    rec->folder = fr_store_folder(opts->store, &diags);
    enum fr_err err = rec->folder ? fr_store_check(rec->folder, true, &diags) : FR_ERR_IO;
    if (!err)
        err = lock_group(rec, plan, run_id, mask, &diags);
    if (!err && opts->again) {
        rec->hold = opts->again->hold;
        opts->again->hold = (struct fr_run_hold){NULL, -1, -1};
    } else if (!err && !opts->no_store) {
        err = fr_run_hold_new(rec->folder, run_id, &diags, &rec->hold);
    }
    if (err)
        recording_end(rec);
    rec->locks[0] = rec->group_fd;
    rec->locks[1] = rec->hold.lock_fd;
    return finish(opts, &diags, err);
}

/* Adds a list of words to an object, when there are any. */
static void add_list(struct json_object *object, const char *key, const char *const *items,
                     uint32_t count)
{
    struct json_object *list = count ? json_object_new_array() : NULL;
    for (uint32_t i = 0; i < count; i++)
        json_object_array_add(list, json_object_new_string(items[i]));
    if (list)
        json_object_object_add(object, key, list);
}

/* Adds a word, when it was given. */
static void add_word(struct json_object *object, const char *key, const char *text)
{
    if (text)
        json_object_object_add(object, key, json_object_new_string(text));
}

/* Whether any of these words holds a secret. */
static bool holds_secret(const struct fr_mask *mask, const char *const *words, uint32_t count)
{
    bool holds = false;
    for (uint32_t i = 0; mask && i < count && !holds; i++) {
        struct fr_buf masked;
        fr_buf_init(&masked, 0);
        fr_mask_text(mask, words[i], strlen(words[i]), false, &masked);
        holds = strcmp(fr_buf_cstr(&masked), words[i]) != 0;
        fr_buf_release(&masked);
    }
    return holds;
}

/* What cannot be given again from the record, since a secret in it is masked. */
static void add_masked(struct json_object *object, const struct cmd_opts *opts,
                       const struct recorded *what)
{
    const char *names[3];
    uint32_t count = 0;
    struct fr_buf input;
    fr_buf_init(&input, 0);
    if (what->has_input && what->mask)
        fr_value_add_json(what->input, &input);
    const char *text = fr_buf_cstr(&input);
    if (holds_secret(what->mask, &text, 1))
        names[count++] = "input";
    if (holds_secret(what->mask, opts->params, opts->param_count))
        names[count++] = "set";
    if (holds_secret(what->mask, opts->states, opts->state_count))
        names[count++] = "state";
    add_list(object, "masked", names, count);
    fr_buf_release(&input);
}

/* What the command line said that decides what the run does, as JSON. */
static char *options_json(const struct cmd_opts *opts, const struct fr_plan *plan,
                          const struct cmd_file *file, const struct recorded *what)
{
    struct json_object *object = json_object_new_object();
    struct fr_buf out;
    const char **kept;
    add_list(object, "set", opts->params, opts->param_count);
    add_list(object, "state", opts->states, opts->state_count);
    add_list(object, "catalog", opts->catalogs, opts->catalog_count);
    add_list(object, "only", opts->only, opts->only_count);
    add_masked(object, opts, what);
    uint32_t kept_count = clear_kept_steps(plan, &kept);
    add_list(object, "leftover_kept", kept, kept_count); /* for gc, which loads no plan */
    free(kept);
    changed_record(object, plan);
    cmd_secrets_note(plan, object);
    add_word(object, "jobs", opts->jobs);
    add_word(object, "timeout", opts->timeout);
    add_word(object, "directory", opts->cwd);
    add_word(object, "file", opts->again ? opts->typed : file->load.file);
    if (opts->keep_going)
        json_object_object_add(object, "keep_going", json_object_new_boolean(true));
    fr_buf_init(&out, 0);
    fr_json_write(object, &out);
    json_object_put(object);
    return fr_buf_take(&out, NULL);
}

/* Makes the recorder. The text of the workflow is read once more: nobody has kept it. */
static enum fr_err make_recorder(struct recording *rec, struct fr_record *record,
                                 const struct cmd_file *file, struct fr_diags *diags)
{
    struct fr_buf text;
    enum fr_err err = FR_OK;
    fr_buf_init(&text, 0);
    record->text = file->load.text;
    record->text_len = file->load.text_len;
    if (!record->text) {
        int bad = fr_read_file(file->load.file, &text);
        if (bad)
            err = FR_ERR_IO;
        if (bad)
            fr_diag_add(diags, FR_ERROR, (struct fr_mark){0}, "store", NULL,
                        "cannot read '%s' again to record it: %s", file->load.file, strerror(-bad));
        record->text = fr_buf_cstr(&text);
        record->text_len = text.len;
    }
    if (!err) {
        rec->sink = fr_recorder_new(rec->store, record, diags);
        err = rec->sink ? FR_OK : FR_ERR_IO;
    }
    fr_buf_release(&text);
    return err;
}

/* Which steps run, and whose results the others have. */
static int choose_steps(struct recording *rec, const struct cmd_opts *opts,
                        const struct fr_plan *plan)
{
    const char *step = opts->again ? opts->again->step : opts->from;
    int code = CMD_OK;
    rec->kept = (struct fr_memory_plan){.plan = plan, .file = rec->name, .force = opts->force};
    if (opts->again)
        rec->kept.run = opts->again->key;
    if (step)
        code = cmd_select_behind(plan, opts->again ? "--step" : "--from", step, &rec->anew);
    if (!code && opts->only_count)
        code = cmd_select_only(plan, opts->only, opts->only_count, &rec->only);
    if (!code && opts->again && step && !cmd_selected_has(plan, &rec->only, step))
        code = cmd_fail(CMD_USAGE,
                        "--step: '%s' is no part of run %s, which was begun with --only: give "
                        "--only %s to `flowrun run`",
                        step, opts->again->id, step);
    rec->kept.asked = step;
    rec->kept.anew = rec->anew.set;
    rec->kept.anew_turn = rec->anew.turns;
    rec->kept.only = rec->only.set;
    rec->kept.only_turns = rec->only.turns;
    rec->kept.only_turn_count = rec->only.turn_count;
    rec->kept.anyhow = opts->from != NULL;
    return code;
}

/* A turn that is looked for among those that a run has had. */
struct turn_search {
    const char *name;
    bool found;
};

/* Whether a step is the turn, or one of it. */
static void see_step(void *arg, const struct fr_kept_step *step)
{
    struct turn_search *search = arg;
    size_t len = strlen(search->name);
    search->found = search->found || (strncmp(step->id, search->name, len) == 0 &&
                                      (step->id[len] == '\0' || strchr(".[/", step->id[len])));
}

/* Whether the run has had the turn that is to run again: how many turns there are the plan does not tell. */
static int check_turn(struct recording *rec, const struct cmd_opts *opts)
{
    struct turn_search search = {.name = opts->again ? opts->again->step : opts->from};
    if (!rec->anew.turn_count)
        return CMD_OK;
    if (fr_history_steps(rec->store, rec->kept.run, NULL, see_step, &search))
        return cmd_store_failed(rec->store);
    if (search.found)
        return CMD_OK;
    return cmd_fail(CMD_USAGE, "%s: the run has had no '%s'; `flowrun show` lists its steps",
                    opts->again ? "--step" : "--from", search.name);
}

static void take_id(void *arg, const struct fr_kept_run *run)
{
    struct recording *rec = arg;
    snprintf(rec->from_id, sizeof rec->from_id, "%s", run->id);
}

/* The run whose results `--from` and `--only` take; of a run with the latter that goes on, the one that it took them of. */
static int find_last(struct recording *rec, const struct cmd_opts *opts)
{
    int64_t key = 0;
    if (!opts->from && !opts->only_count)
        return CMD_OK;
    if (rec->file)
        key = fr_history_last_of(rec->store, rec->kept.mask, rec->file, opts->from != NULL,
                                 opts->again ? opts->again->key : 0);
    if (opts->from)
        rec->kept.run = key;
    else
        rec->kept.others = key;
    if (key && opts->from && fr_history_run(rec->store, key, take_id, rec))
        return cmd_store_failed(rec->store);
    if (key || opts->again)
        return CMD_OK;
    if (opts->from)
        return cmd_fail(CMD_USAGE,
                        "--from %s: there is no recorded run of '%s' to take the results before it "
                        "from; run all of it once",
                        opts->from, rec->file ? rec->file : "standard input");
    return cmd_fail(CMD_OK, "there is no recorded run of '%s': the other steps have no output",
                    rec->file ? rec->file : "standard input");
}

/* Opens the database, the run's record and its memory. */
static int begin(struct recording *rec, const struct cmd_opts *opts, struct fr_record *record,
                 const struct cmd_file *file)
{
    struct fr_diags diags;
    fr_diags_init(&diags);
    enum fr_err err = fr_store_open(rec->own ? rec->own : rec->folder, true, &diags, &rec->store);
    int code = err ? CMD_OK : find_last(rec, opts);
    if (!err && !code)
        code = check_turn(rec, opts);
    record->resumed_from = *rec->from_id ? rec->from_id : NULL;
    if (!err && !code)
        err = make_recorder(rec, record, file, &diags);
    if (!err && !code && !rec->own) {
        rec->control = fr_recorder_control(rec->sink, &rec->hold);
        rec->asker = fr_recorder_asker_new(rec->sink, opts->given);
        if (rec->file) /* without it nothing is lost */
            (void)fr_pace_load(rec->store, rec->name, record->plan, record->again, &rec->pace);
        if (fr_memory_open(rec->store, &rec->kept, &rec->memory))
            code = cmd_fail(CMD_FAILED, "%s", fr_store_error(rec->store));
        fr_recorder_memory(rec->sink, rec->memory);
    }
    return code ? (fr_diags_release(&diags), code) : finish(opts, &diags, err);
}

/* Makes a place for a record that lasts no longer than the run. */
static int make_own(struct recording *rec, const struct recorded *what)
{
    struct fr_buf folder;
    rec->own = fr_path_join(what->run_dir, "record");
    fr_buf_init(&folder, 0);
    fr_buf_printf(&folder, "%s/runs/%s", rec->own, what->run_id);
    rec->hold.folder = fr_buf_take(&folder, NULL);
    int err = fr_mkdirs(rec->hold.folder, 0700);
    if (err)
        return cmd_fail(CMD_FAILED, "cannot make '%s', which reports are made from: %s",
                        rec->hold.folder, strerror(-err));
    return CMD_OK;
}

int recording_begin(struct recording *rec, const struct cmd_opts *opts, const struct fr_plan *plan,
                    const struct cmd_file *file, const struct recorded *what)
{
    if (!rec->hold.folder && what->for_reports && make_own(rec, what))
        return CMD_FAILED;
    if (!rec->hold.folder)
        return CMD_OK;
    char *cwd = getcwd(NULL, 0);
    char *options = options_json(opts, plan, file, what);
    if (strcmp(file->load.file, "-") != 0)
        rec->file = fr_path_join(cwd ? cwd : "/", file->load.file);
    rec->name = rec->file ? fr_store_name(what->mask, rec->file) : NULL;
    struct fr_record record = {.run_id = what->run_id,
                               .folder = rec->hold.folder,
                               .mask = what->mask,
                               .plan = plan,
                               .file = rec->file ? rec->file : "-",
                               .cwd = cwd,
                               .options_json = options,
                               .input = what->has_input ? what->input : NULL,
                               .env = (const char *const *)environ};
    if (opts->again) {
        changed_tell(opts->again, plan);
        record.again = opts->again->key;
        record.status_before = opts->again->status;
    }
    int code = choose_steps(rec, opts, plan);
    rec->kept.run_dir = what->run_dir;
    rec->kept.folder = rec->hold.folder;
    rec->kept.run_id = what->run_id;
    rec->kept.mask = what->mask;
    if (!code)
        code = begin(rec, opts, &record, file);
    free(options);
    free(cwd);
    return code;
}

static void pass_event(struct fr_sink *sink, const struct fr_event *event)
{
    struct fr_sink *to = ((struct recording_quiet *)sink)->to;
    to->event(to, event);
}

static void pass_turn(struct fr_sink *sink)
{
    struct fr_sink *to = ((struct recording_quiet *)sink)->to;
    to->turn(to);
}

struct fr_sink *recording_sink(struct recording *rec)
{
    if (!rec->own)
        return rec->sink;
    rec->quiet = (struct recording_quiet){{.event = pass_event, .turn = pass_turn}, rec->sink};
    return rec->sink ? &rec->quiet.sink : NULL;
}

void recording_end(struct recording *rec)
{
    fr_pace_free(rec->pace);
    rec->pace = NULL;
    fr_recorder_asker_free(rec->asker);
    rec->asker = NULL;
    free(rec->control);
    rec->control = NULL;
    fr_memory_free(rec->memory);
    rec->memory = NULL;
    if (rec->sink)
        fr_recorder_free(rec->sink);
    rec->sink = NULL;
    fr_store_close(rec->store);
    rec->store = NULL;
    fr_run_hold_end(&rec->hold);
    fr_close(&rec->group_fd);
    free(rec->folder);
    free(rec->file);
    free(rec->name);
    free(rec->own);
    cmd_selected_release(&rec->anew);
    cmd_selected_release(&rec->only);
    *rec = (struct recording){.group_fd = -1, .hold = {NULL, -1, -1}, .locks = {-1, -1}};
}
