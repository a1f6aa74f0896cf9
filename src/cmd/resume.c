/* `flowrun resume RUN` and `flowrun retry RUN [--step ID]`: a recorded run goes on, with the options that it was begun
 * with, in the folder that it was begun in. Main thread. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "again.h"
#include "flowrun/base/fd.h"
#include "flowrun/base/json.h"
#include "flowrun/base/str.h"
#include "flowrun/run/value.h"
#include "history.h"
#include "reports.h"
#include "secrets.h"

/* Everything that has to live as long as the run. */
struct past {
    struct cmd_again again;
    struct reports reports;      /* as seen from the folder of this call */
    struct cmd_opts opts;        /* of the run that goes on */
    struct json_object *options; /* what the command line said then */
    struct fr_value *input;      /* NULL = it had none */
    bool input_lost;
    char *file, *cwd, *store, *text;
    const char *name;      /* of the file, for messages; borrowed from `file` or `options` */
    char *answers, *given; /* --answers and --input as seen from here; NULL = as they are */
    size_t text_len;
    bool masked; /* the text is not whole: a secret was taken out of it */
    bool over_well;
};

/* Takes the input that the run was given. */
static void take_input(struct past *past, const struct fr_kept_value *kept)
{
    struct fr_buf text;
    size_t len = 0;
    fr_buf_init(&text, 0);
    past->input_lost = !fr_kept_value_add(kept, &text);
    char *data = fr_buf_take(&text, &len);
    if (kept->kind == FR_KEPT_NULL || past->input_lost)
        free(data);
    else if (kept->kind == FR_KEPT_TEXT)
        past->input = fr_value_text(data, len);
    else
        past->input = fr_value_json_parse(data, len, NULL, 0);
    past->input_lost = past->input_lost || (kept->kind != FR_KEPT_NULL && !past->input);
}

/* Takes what is needed of the run's row. */
static void take_run(void *arg, const struct fr_kept_run *run)
{
    struct past *past = arg;
    snprintf(past->again.id, sizeof past->again.id, "%s", run->id);
    snprintf(past->again.status, sizeof past->again.status, "%s",
             strcmp(run->status, "interrupted") == 0 ? "running" : run->status);
    past->again.started_wall_ns = run->started_wall_ns;
    past->over_well = strcmp(run->status, "succeeded") == 0;
    past->file = strdup(run->file);
    past->cwd = strdup(run->cwd ? run->cwd : "/");
    if (run->options_json)
        fr_json_parse(run->options_json, strlen(run->options_json), &past->options, NULL, 0);
    take_input(past, &run->input);
    if (!past->file || !past->cwd)
        abort();
}

static void release(struct past *past)
{
    json_object_put(past->options);
    fr_value_unref(past->input);
    fr_run_hold_end(&past->again.hold);
    cmd_opts_release(&past->opts);
    reports_release(&past->reports);
    free(past->file);
    free(past->cwd);
    free(past->store);
    free(past->text);
    free(past->answers);
    free(past->given);
}

/* Copies the id. */
static void take_id(void *arg, const struct fr_kept_run *run)
{
    snprintf(arg, 64, "%s", run->id);
}

/* Finds the run, takes it in hand, and then reads what became of it: in this order nobody else can. */
static int open_past(const struct cmd *cmd, const struct cmd_opts *opts, struct past *past,
                     struct fr_store **store)
{
    struct cmd_file none = {0};
    struct fr_run_hold hold = past->again.hold;
    struct fr_diags diags;
    char id[64] = "";
    int code = cmd_run_open(cmd, opts, store, &past->again.key);
    if (code)
        return code;
    if (fr_history_run(*store, past->again.key, take_id, id))
        return cmd_store_failed(*store);
    past->store = strdup(fr_store_path(*store));
    fr_diags_init(&diags);
    code = cmd_exit_of(fr_run_hold_again(past->store, id, &diags, &hold));
    past->again.hold = hold;
    cmd_print_diags(&diags, &none, cmd_use_color(opts, STDERR_FILENO));
    fr_diags_release(&diags);
    if (code)
        return code;
    if (fr_history_run(*store, past->again.key, take_run, past) ||
        fr_history_took(*store, past->again.key, &past->again.took_ns))
        return cmd_store_failed(*store);
    past->text = fr_history_plan(*store, past->again.key, &past->masked, &past->text_len);
    return CMD_OK;
}

/* A list of words out of the recorded options, those in front that the command line does not say anew. */
static void add_words(const struct past *past, const char *key, const char *const *now,
                      uint32_t now_count, const char ***list, uint32_t *count)
{
    struct json_object *words = NULL;
    json_object_object_get_ex(past->options, key, &words);
    size_t kept = words ? json_object_array_length(words) : 0;
    *list = calloc(kept + now_count + 1, sizeof **list);
    if (!*list)
        abort();
    for (size_t i = 0; i < kept; i++) {
        const char *word = json_object_get_string(json_object_array_get_idx(words, i));
        size_t name = strcspn(word, "=") + 1;
        bool anew = false;
        for (uint32_t k = 0; k < now_count && !anew; k++)
            anew = word[name - 1] && strncmp(word, now[k], name) == 0;
        if (!anew)
            (*list)[(*count)++] = word;
    }
    for (uint32_t k = 0; k < now_count; k++)
        (*list)[(*count)++] = now[k];
}

/* A word out of the recorded options, unless the command line says it anew. */
static const char *word_of(const struct past *past, const char *key, const char *now)
{
    struct json_object *word = NULL;
    if (now || !json_object_object_get_ex(past->options, key, &word))
        return now;
    return json_object_get_string(word);
}

/* What the command line is to say again, since a secret in it was not recorded. */
static int check_masked(const struct past *past, const struct cmd_opts *opts)
{
    struct json_object *masked = NULL;
    json_object_object_get_ex(past->options, "masked", &masked);
    for (size_t i = 0; masked && i < json_object_array_length(masked); i++) {
        const char *what = json_object_get_string(json_object_array_get_idx(masked, i));
        bool said = (strcmp(what, "input") == 0 && opts->input) ||
                    (strcmp(what, "set") == 0 && opts->param_count) ||
                    (strcmp(what, "state") == 0 && opts->state_count);
        if (!said)
            return cmd_fail(CMD_USAGE,
                            "run %s was given a secret with --%s, which is not kept: give --%s "
                            "again",
                            past->again.id, what, what);
    }
    return CMD_OK;
}

void cmd_changed(const char *path)
{
    cmd_fail(CMD_OK, "'%s' has changed since: what it changes runs again, with all behind it",
             path);
}

/* Whether the folder is gone that steps start in, which is the file's. */
static bool is_without_folder(const struct past *past)
{
    struct stat st;
    char *folder = strndup(past->file, (size_t)(fr_path_base(past->file) - past->file));
    if (!folder)
        abort();
    bool gone = *folder && !word_of(past, "directory", NULL) && stat(folder, &st) < 0;
    free(folder);
    return gone;
}

/* Whether the file is as it was; tells when it is not, and takes the recorded text when it is gone. */
static int check_file(struct past *past)
{
    struct fr_buf now;
    bool is_stdin = strcmp(past->file, "-") == 0;
    fr_buf_init(&now, 0);
    int err = is_stdin ? -ENOENT : fr_read_file(past->file, &now);
    bool same = !err && past->text && now.len == past->text_len &&
                memcmp(fr_buf_cstr(&now), past->text, now.len) == 0;
    int code = CMD_OK;
    if (!err && !same && !past->masked)
        cmd_changed(past->name);
    if (err && strstr(past->file, "***")) {
        code = cmd_fail(CMD_MISSING,
                        "the path of '%s' held a secret, which is not recorded: run it anew, from "
                        "a folder without one",
                        past->name);
    } else if (err && is_without_folder(past)) {
        code = cmd_fail(CMD_MISSING,
                        "the folder of '%s', in which the steps of run %s start, is gone: move it "
                        "back, or begin a new run where it is now",
                        past->name, past->again.id);
    } else if (err && past->text && !past->masked) {
        if (!is_stdin)
            cmd_fail(code, "'%s' is gone: going on with it as it was recorded", past->name);
        past->opts.text = past->text;
        past->opts.text_len = past->text_len;
    } else if (err) {
        code = cmd_fail(CMD_MISSING,
                        "cannot read '%s': %s (it held a secret, so that the run has no "
                        "record of it)",
                        past->name, strerror(-err));
    }
    fr_buf_release(&now);
    return code;
}

/* Makes the options of the run that goes on: as they were, but for what is said anew. */
static void merge_options(struct past *past, const struct cmd_opts *opts)
{
    struct cmd_opts *mine = &past->opts;
    struct json_object *keep_going = NULL;
    reports_hand_on(&past->reports, mine);
    mine->answers = past->answers ? past->answers : opts->answers;
    mine->output = opts->output;
    mine->log = opts->log;
    mine->color = opts->color;
    mine->executor = opts->executor;
    mine->input = past->given ? past->given : opts->input;
    mine->past_input = past->input;
    mine->store = past->store;
    mine->again = &past->again;
    past->again.options = past->options;
    mine->given = opts->given;
    mine->jobs = word_of(past, "jobs", opts->jobs);
    mine->timeout = word_of(past, "timeout", opts->timeout);
    mine->cwd = word_of(past, "directory", NULL);
    json_object_object_get_ex(past->options, "keep_going", &keep_going);
    mine->keep_going = opts->keep_going || keep_going;
    add_words(past, "set", opts->params, opts->param_count, &mine->params, &mine->param_count);
    add_words(past, "state", opts->states, opts->state_count, &mine->states, &mine->state_count);
    add_words(past, "catalog", NULL, 0, &mine->catalogs, &mine->catalog_count);
    add_words(past, "only", NULL, 0, &mine->only, &mine->only_count);
    mine->files = calloc(1, sizeof *mine->files);
    if (!mine->files)
        abort();
    mine->typed = word_of(past, "file", NULL);
    mine->files[0] = past->name;
    mine->file_count = 1;
}

/* Whether two paths lead to one folder. */
static bool is_same_folder(const char *one, const char *other)
{
    struct stat a, b;
    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/* The file's name as it was typed, if that is right here; else from this folder, if it is below that; else as it is. */
static const char *name_from(const struct past *past, const char *here)
{
    const char *typed = word_of(past, "file", NULL);
    size_t len = strlen(here);
    char *path = typed && is_same_folder(here, past->cwd) ? fr_path_join(here, typed) : NULL;
    bool right = path && strcmp(path, past->file) == 0;
    free(path);
    if (right)
        return typed;
    if (typed && *typed == '/')
        return past->file;
    return strncmp(past->file, here, len) == 0 && past->file[len] == '/' ? past->file + len + 1
                                                                         : past->file;
}

/* Whether something of the run starts at the folder that it was begun in, and not at that of its file. */
static bool needs_its_folder(const struct past *past)
{
    return strcmp(past->file, "-") == 0 || word_of(past, "directory", NULL) ||
           json_object_object_get_ex(past->options, "catalog", NULL);
}

/* Goes where the run was begun if it has to: file names that are typed now start here. */
static int choose_place(struct past *past, const struct cmd_opts *opts)
{
    char *here = getcwd(NULL, 0);
    int code = CMD_OK;
    past->name = past->file;
    if (here && (!needs_its_folder(past) || is_same_folder(here, past->cwd))) {
        past->name = name_from(past, here);
    } else if (chdir(past->cwd) < 0) {
        code = cmd_fail(CMD_MISSING, "cannot work in '%s', where run %s was begun: %s", past->cwd,
                        past->again.id, strerror(errno));
    } else if (here) {
        past->answers = opts->answers ? fr_path_join(here, opts->answers) : NULL;
        if (opts->input && *opts->input == '@' && opts->input[1] != '@') {
            struct fr_buf text;
            char *path = fr_path_join(here, opts->input + 1);
            fr_buf_init(&text, 0);
            fr_buf_printf(&text, "@%s", path);
            past->given = fr_buf_take(&text, NULL);
            free(path);
        }
    }
    free(here);
    return code;
}

/* Masks the secrets of the run from here on; warns of one that cannot be any more, since its value is unknown here. */
static void know_secrets(const struct past *past)
{
    struct cmd_secrets secrets;
    cmd_secrets_read(past->options, &secrets);
    cmd_secrets_hide_recorded(&secrets, NULL);
    const char *unset = cmd_secrets_unset(&secrets);
    if (unset)
        cmd_fail(CMD_OK,
                 "warning: %s, a secret, was set when run %s was begun and is not set here: its "
                 "value is shown and recorded wherever it stands",
                 unset, past->again.id);
    cmd_secrets_release(&secrets);
}

/* A run goes on. */
static int go_on(struct past *past, const struct cmd_opts *opts)
{
    int code = check_masked(past, opts);
    if (!code && past->input_lost && !opts->input)
        code = cmd_fail(CMD_MISSING, "the input of run %s is lost: give --input again",
                        past->again.id);
    if (!code)
        code = choose_place(past, opts);
    if (!code)
        code = check_file(past);
    if (code)
        return code;
    know_secrets(past);
    merge_options(past, opts);
    return cmd_run(cmd_find("run"), &past->opts);
}

/* Both commands. */
static int resume(const struct cmd *cmd, struct cmd_opts *opts, const char *what)
{
    struct past past = {.again = {.hold = {NULL, -1, -1}, .step = opts->step}};
    struct fr_store *store = NULL;
    int code = reports_prepare(&past.reports, opts, NULL);
    past.reports.summary = NULL; /* the run that goes on finds its own */
    if (!code)
        code = open_past(cmd, opts, &past, &store);
    if (!code && past.over_well && !opts->step) {
        cmd_fail(CMD_OK, "run %s has succeeded: there is nothing to %s", past.again.id, what);
        const struct reports_source source = {
            .store = store, .run_id = past.again.id, .stays = true};
        code = reports_write(&past.reports, &source, cmd_print_output(opts, store, past.again.key));
        fr_store_close(store);
        release(&past);
        return code;
    }
    fr_store_close(store);
    if (!code)
        code = go_on(&past, opts);
    release(&past);
    return code;
}

int cmd_resume(const struct cmd *cmd, struct cmd_opts *opts)
{
    return resume(cmd, opts, "resume");
}

int cmd_retry(const struct cmd *cmd, struct cmd_opts *opts)
{
    return resume(cmd, opts, "retry");
}
