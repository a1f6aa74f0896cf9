/* `flowrun approve RUN STEP`: answers a step that waits for a person, from any shell. Main thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/json.h"
#include "flowrun/base/str.h"
#include "flowrun/store/lock.h"
#include "graph_run.h"
#include "secrets.h"
#include "waiting.h"

/* What was typed, checked. */
struct answer {
    struct json_object *values;
    struct fr_buf text; /* of the values */
    struct fr_given given;
};

/* Prints what was told of an answer, and gives its exit code. */
static int finish(const struct cmd_opts *opts, struct fr_diags *diags, enum fr_err err)
{
    struct cmd_file none = {0};
    cmd_print_diags(diags, &none, cmd_use_color(opts, STDERR_FILENO));
    fr_diags_release(diags);
    return cmd_exit_of(err);
}

/* The step that is to be answered; NULL with an exit code after saying what waits instead. */
static const struct waiting *find(const struct cmd_opts *opts, struct fr_store *store, int64_t run,
                                  const struct waiting_list *list, int *code)
{
    const char *step = opts->files[1];
    const char **names = calloc(list->count + 1U, sizeof *names);
    const struct waiting *found = NULL;
    struct fr_diags diags;
    enum fr_err err = FR_OK;
    if (!names)
        abort();
    for (uint32_t i = 0; i < list->count; i++) {
        names[i] = list->items[i].step;
        if (!found && strcmp(names[i], step) == 0)
            found = &list->items[i];
    }
    fr_diags_init(&diags);
    if (!found)
        err = waiting_explain(store, run, step, fr_suggest(step, names, list->count), list->count,
                              &diags);
    free(names);
    *code = finish(opts, &diags, err);
    if (err == FR_ERR_IO)
        *code = cmd_store_failed(store);
    return found;
}

/* One value of a field. 0 or an exit code after printing. */
static int take_value(const struct waiting *item, const char *name, const char *text,
                      struct json_object *values)
{
    struct json_object *value = NULL;
    struct fr_buf why;
    int code = CMD_OK;
    const struct fr_field *field = fr_form_find(&item->form, name);
    if (!field) {
        const char *near = fr_form_suggest(&item->form, name);
        if (item->form.count == 0)
            return cmd_fail(CMD_USAGE,
                            "step '%s' asks for no field '%s': it is approved without --set, or "
                            "rejected with --reject",
                            item->step, name);
        return cmd_fail(CMD_USAGE, "step '%s' asks for no field '%s'%s%s%s", item->step, name,
                        near ? ": did you mean '" : ": see `flowrun approvals`", near ? near : "",
                        near ? "'?" : "");
    }
    if (json_object_object_get_ex(values, name, NULL))
        return cmd_fail(CMD_USAGE, "field '%s' is set twice", name);
    fr_buf_init(&why, 0);
    if (!fr_utf8_valid(text, strlen(text)))
        code = cmd_fail(CMD_USAGE, "field '%s' must be UTF-8 text", name);
    else if (!fr_field_parse(field, text, false, &value, &why))
        code = cmd_fail(CMD_USAGE, "field '%s' %s", name, fr_buf_cstr(&why));
    else
        json_object_object_add(values, name, value);
    fr_buf_release(&why);
    return code;
}

/* One `--set FIELD=VALUE`. 0 or an exit code after printing. */
static int take_field(const struct waiting *item, const char *text, struct json_object *values)
{
    const char *equals = strchr(text, '=');
    if (!equals || equals == text)
        return cmd_fail(CMD_USAGE, "-s/--set is FIELD=VALUE, not '%s'", text);
    char *name = strndup(text, (size_t)(equals - text));
    if (!name)
        abort();
    int code = take_value(item, name, equals + 1, values);
    free(name);
    return code;
}

/* Says what is required and was not given. */
static int check_missing(const struct waiting *item, const struct json_object *values)
{
    int code = CMD_OK;
    for (uint32_t i = 0; i < item->form.count; i++) {
        const struct fr_field *field = &item->form.fields[i];
        const struct fr_form one = {field, 1};
        struct fr_buf what;
        if (!fr_form_missing(&one, values))
            continue;
        fr_buf_init(&what, 0);
        fr_field_describe(field, &what);
        code = cmd_fail(CMD_USAGE, "step '%s' requires the field '%s': add --set %s=VALUE, %s",
                        item->step, field->name, field->name, fr_buf_cstr(&what));
        fr_buf_release(&what);
    }
    return code;
}

/* All that was typed into an answer. 0 or an exit code after printing. */
static int read_answer(const struct cmd_opts *opts, const struct waiting *item,
                       struct answer *answer)
{
    int code = CMD_OK;
    answer->given = (struct fr_given){.step = item->step,
                                      .asked_wall_ns = item->asked,
                                      .approved = !opts->reject,
                                      .reason = opts->reason};
    if (opts->reject)
        return CMD_OK;
    if (!item->form_known)
        return cmd_fail(CMD_FAILED, "what is recorded of the form of step '%s' is damaged",
                        item->step);
    answer->values = json_object_new_object();
    for (uint32_t i = 0; i < opts->param_count; i++) {
        int one = take_field(item, opts->params[i], answer->values);
        code = code ? code : one;
    }
    code = code ? code : check_missing(item, answer->values);
    fr_json_write(answer->values, &answer->text);
    answer->given.values_json = fr_buf_cstr(&answer->text);
    return code;
}

/* Hands the answer over and says what came of it. */
static int give(const struct cmd_opts *opts, struct fr_store *store, int64_t run,
                const struct waiting *item, struct answer *answer, enum fr_given_to *to)
{
    struct fr_diags diags;
    struct fr_buf text;
    fr_diags_init(&diags);
    int code = finish(opts, &diags, fr_answer_give(store, run, &answer->given, &diags, to));
    if (code || *to == FR_GIVEN_BACK || (opts->resume && *to == FR_GIVEN_KEPT))
        return code;
    fr_buf_init(&text, 0);
    fr_buf_printf(&text, "%s: %s", item->step, opts->reject ? "rejected" : "approved");
    if (*to == FR_GIVEN_KEPT)
        fr_buf_printf(&text, "; flowrun resume %s goes on with it", item->run_id);
    else if (*to == FR_GIVEN_LATER)
        fr_buf_printf(&text, "; the run has not taken it yet: is flowrun stopped there?");
    fr_buf_char(&text, '\n');
    code = cmd_write_stdout(&text, code);
    fr_buf_release(&text);
    return code;
}

/* Copies what the run's record tells of its secrets. */
static void take_secrets(void *arg, const struct fr_kept_run *run)
{
    struct json_object *options = NULL;
    const char *text = run->options_json;
    if (text && fr_json_parse(text, strlen(text), &options, NULL, 0))
        cmd_secrets_read(options, arg);
    json_object_put(options);
}

/* What is wrong with an answer is said without the secrets of its run. */
static int hide_secrets(struct fr_store *store, int64_t run)
{
    struct cmd_secrets secrets = {.names = NULL};
    struct graph_run recorded = {NULL};
    struct cmd_file file = {0};
    if (fr_history_run(store, run, take_secrets, &secrets))
        return cmd_store_failed(store);
    struct fr_plan *plan = secrets.in_files ? graph_run_now(&recorded, store, run, &file) : NULL;
    cmd_secrets_hide_recorded(&secrets, plan);
    fr_plan_free(plan);
    cmd_file_close(&file);
    graph_run_close(&recorded);
    cmd_secrets_release(&secrets);
    return CMD_OK;
}

/* Whether a value is text that could be a secret: nothing that the form lists, no word that is too short for one. */
static bool is_free(const struct fr_field *field, const struct json_object *value)
{
    struct fr_buf text;
    if (!field || field->choice_count || field->type == FR_FIELD_BOOLEAN ||
        (field->type == FR_FIELD_LIST && field->item == FR_FIELD_BOOLEAN))
        return false;
    fr_buf_init(&text, 0);
    fr_json_text(value, &text);
    bool is_long = text.len >= FR_MASK_SHORTEST;
    fr_buf_release(&text);
    return is_long;
}

/* Whether anything that was typed could hold a secret. */
static bool may_hold_secret(const struct waiting *item, const struct answer *answer)
{
    bool says = answer->given.reason && strlen(answer->given.reason) >= FR_MASK_SHORTEST;
    if (!answer->values)
        return says;
    json_object_object_foreach(answer->values, name, value)
    {
        says = says || is_free(fr_form_find(&item->form, name), value);
    }
    return says;
}

/* What is not recorded cannot wait for a run that nobody has in hand: says so, unless that goes on at once, which *kept
 * tells. */
static int judge(const struct cmd_opts *opts, const struct cmd_secrets *secrets,
                 const struct waiting *item, const struct answer *answer, bool *kept)
{
    const char *unset = cmd_secrets_unset(secrets);
    const char *name = cmd_secrets_in(secrets, answer->given.values_json);
    name = name ? name : cmd_secrets_in(secrets, answer->given.reason);
    *kept = !name && !secrets->in_files && !unset;
    if (unset && !name)
        return cmd_fail(CMD_USAGE,
                        "no answer to step '%s' is taken here, since it could hold a secret: %s is "
                        "not set, so that it cannot be told; set it as for the run",
                        item->step, unset);
    if (*kept || opts->resume)
        return CMD_OK;
    if (name)
        return cmd_fail(CMD_USAGE,
                        "the answer to step '%s' holds a secret, the value of %s, which is not "
                        "kept: add --resume, so that the run goes on with it at once",
                        item->step, name);
    return cmd_fail(CMD_USAGE,
                    "the answer to step '%s' could hold a secret out of a file of the workflow, "
                    "which is not kept: add --resume, so that the run goes on with it at once",
                    item->step);
}

/* Gives an answer of a run that has secrets. *in_memory: it is only here, for the run that is to go on. */
static int give_unwritten(const struct cmd_opts *opts, struct fr_store *store, int64_t run,
                          const struct waiting *item, struct answer *answer,
                          const struct cmd_secrets *secrets, enum fr_given_to *to, bool *in_memory)
{
    struct fr_diags diags;
    bool kept = false;
    int code;
    if (fr_run_is_held(fr_store_path(store), item->run_id)) {
        answer->given.unwritten = true;
        code = give(opts, store, run, item, answer, to);
        if (code || *to != FR_GIVEN_BACK)
            return code;
        if (fr_run_is_held(fr_store_path(store), item->run_id))
            return cmd_fail(CMD_FAILED,
                            "step '%s' is not answered: the run has not taken it, and it is not "
                            "kept, since it could hold a secret; is flowrun stopped there?",
                            item->step);
        answer->given.unwritten = false;
    }
    code = judge(opts, secrets, item, answer, &kept);
    if (code)
        return code;
    if (kept)
        return give(opts, store, run, item, answer, to);
    *to = FR_GIVEN_KEPT;
    *in_memory = true;
    fr_diags_init(&diags);
    return finish(opts, &diags, fr_answer_check(store, run, &answer->given, &diags));
}

/* Gives the answer in the way that its run asks for. */
static int give_answer(const struct cmd_opts *opts, struct fr_store *store, int64_t run,
                       const struct waiting *item, struct answer *answer, enum fr_given_to *to,
                       bool *in_memory)
{
    struct cmd_secrets secrets = {.names = NULL};
    if (fr_history_run(store, run, take_secrets, &secrets))
        return cmd_store_failed(store);
    bool plain = (!secrets.names && !secrets.in_files) || !may_hold_secret(item, answer);
    int code = plain ? give(opts, store, run, item, answer, to)
                     : give_unwritten(opts, store, run, item, answer, &secrets, to, in_memory);
    cmd_secrets_release(&secrets);
    return code;
}

/* An option that was given, but is of use only to a run that goes on; NULL = none. */
static const char *shown_only(const struct cmd_opts *opts)
{
    const struct {
        const char *name, *given;
    } all[] = {{"log", opts->log},       {"output", opts->output}, {"events", opts->events},
               {"report", opts->report}, {"junit", opts->junit},   {"tap", opts->tap},
               {"joblog", opts->joblog}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].given)
            return all[i].name;
    return NULL;
}

/* What the command line lacks or has too much of. */
static int check_usage(const struct cmd_opts *opts)
{
    if (opts->file_count < 2)
        return cmd_fail(CMD_USAGE,
                        "'approve' needs a RUN and a STEP, as `flowrun approvals` lists them");
    if (opts->reject && opts->param_count)
        return cmd_fail(CMD_USAGE, "--reject takes no -s/--set: a rejected form is not filled in");
    if (opts->reason && !opts->reject)
        return cmd_fail(CMD_USAGE, "--reason goes with --reject");
    const char *shown = shown_only(opts);
    if (shown && !opts->resume)
        return cmd_fail(CMD_USAGE, "--%s goes with --resume: it is for the run that goes on",
                        shown);
    if (opts->reason && !fr_utf8_valid(opts->reason, strlen(opts->reason)))
        return cmd_fail(CMD_USAGE, "--reason must be UTF-8 text");
    return CMD_OK;
}

/* Goes on with a run that has its answer, when nobody has it in hand. `given`: the answer is only here; NULL = it is
 * recorded. */
static int go_on(const struct cmd_opts *opts, const char *run_id, struct fr_given *given)
{
    struct cmd_opts resume = {.store = opts->store,
                              .files = &run_id,
                              .file_count = 1,
                              .given = given,
                              .log = opts->log,
                              .output = opts->output,
                              .color = opts->color,
                              .events = opts->events,
                              .report = opts->report,
                              .junit = opts->junit,
                              .tap = opts->tap,
                              .joblog = opts->joblog};
    const struct cmd *cmd = cmd_find("resume");
    int code = cmd->main(cmd, &resume);
    if (given && !given->used)
        cmd_fail(code,
                 "the run has not asked for the answer to step '%s', which is not kept, since it "
                 "could hold a secret: give it again when the step waits",
                 given->step);
    return code;
}

int cmd_approve(const struct cmd *cmd, struct cmd_opts *opts)
{
    struct waiting_list list = {.items = NULL};
    struct fr_store *store = NULL;
    struct answer answer = {.values = NULL};
    enum fr_given_to to = FR_GIVEN_KEPT;
    bool in_memory = false;
    int64_t run = 0;

    fr_buf_init(&answer.text, 0);
    int code = check_usage(opts);
    if (!code)
        code = cmd_run_open(cmd, opts, &store, &run);
    if (!code)
        code = hide_secrets(store, run);
    if (!code)
        code = waiting_read(store, run, &list);
    const struct waiting *item = code ? NULL : find(opts, store, run, &list, &code);
    if (item)
        code = read_answer(opts, item, &answer);
    if (item && !code)
        code = give_answer(opts, store, run, item, &answer, &to, &in_memory);
    fr_store_close(store);
    if (item && !code && opts->resume && to == FR_GIVEN_KEPT)
        code = go_on(opts, item->run_id, in_memory ? &answer.given : NULL);
    json_object_put(answer.values);
    fr_buf_release(&answer.text);
    waiting_release(&list);
    return code;
}
