/* `flowrun approve RUN STEP`: answers a step that waits for a person, from any shell. Main thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/json.h"
#include "flowrun/base/str.h"
#include "waiting.h"

/* What was typed, checked. */
struct answer {
    struct json_object *values;
    struct fr_given given;
};

/* The step that is to be answered; NULL after saying what waits instead. */
static const struct waiting *find(const struct cmd_opts *opts, struct fr_store *store, int64_t run,
                                  const struct waiting_list *list)
{
    const char *step = opts->files[1];
    const char **names = calloc(list->count + 1U, sizeof *names);
    const struct waiting *found = NULL;
    if (!names)
        abort();
    for (uint32_t i = 0; i < list->count; i++) {
        names[i] = list->items[i].step;
        if (!found && strcmp(names[i], step) == 0)
            found = &list->items[i];
    }
    if (!found)
        waiting_explain(store, run, step, fr_suggest(step, names, list->count), list->count);
    free(names);
    return found;
}

/* One `--set FIELD=VALUE`. 0 or an exit code after printing. */
static int take_field(const struct waiting *item, const char *text, struct json_object *values)
{
    const char *equals = strchr(text, '=');
    struct json_object *value = NULL;
    struct fr_buf why;
    int code = CMD_OK;
    char name[200];
    if (!equals || equals == text)
        return cmd_fail(CMD_USAGE, "--set is FIELD=VALUE, not '%s'", text);
    snprintf(name, sizeof name, "%.*s", (int)(equals - text), text);
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
    if (!fr_utf8_valid(equals + 1, strlen(equals + 1)))
        code = cmd_fail(CMD_USAGE, "field '%s' must be UTF-8 text", name);
    else if (!fr_field_parse(field, equals + 1, false, &value, &why))
        code = cmd_fail(CMD_USAGE, "field '%s' %s", name, fr_buf_cstr(&why));
    else
        json_object_object_add(values, name, value);
    fr_buf_release(&why);
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
    return code;
}

/* Hands the answer over and says what came of it. */
static int give(const struct cmd_opts *opts, struct fr_store *store, int64_t run,
                const struct waiting *item, struct answer *answer, enum fr_given_to *to)
{
    struct cmd_file none = {0};
    struct fr_diags diags;
    struct fr_buf text;
    fr_buf_init(&text, 0);
    fr_diags_init(&diags);
    if (answer->values) {
        fr_json_write(answer->values, &text);
        answer->given.values_json = fr_buf_cstr(&text);
    }
    int code = cmd_exit_of(fr_answer_give(store, run, &answer->given, &diags, to));
    cmd_print_diags(&diags, &none, cmd_use_color(opts, STDERR_FILENO));
    fr_diags_release(&diags);
    fr_buf_clear(&text);
    if (!code && !(opts->resume && *to == FR_GIVEN_KEPT)) {
        fr_buf_printf(&text, "%s: %s", item->step, opts->reject ? "rejected" : "approved");
        if (*to == FR_GIVEN_KEPT)
            fr_buf_printf(&text, "; flowrun resume %s goes on with it", item->run_id);
        else if (*to == FR_GIVEN_LATER)
            fr_buf_printf(&text, "; the run has not taken it yet: is flowrun stopped there?");
        fr_buf_char(&text, '\n');
        code = cmd_write_stdout(&text, code);
    }
    fr_buf_release(&text);
    return code;
}

/* What the command line lacks or has too much of. */
static int check_usage(const struct cmd_opts *opts)
{
    if (opts->file_count < 2)
        return cmd_fail(CMD_USAGE,
                        "'approve' needs a RUN and a STEP, as `flowrun approvals` lists them");
    if (opts->reject && opts->param_count)
        return cmd_fail(CMD_USAGE, "--reject takes no --set: a rejected form is not filled in");
    if (opts->reason && !opts->reject)
        return cmd_fail(CMD_USAGE, "--reason goes with --reject");
    if (opts->reason && !fr_utf8_valid(opts->reason, strlen(opts->reason)))
        return cmd_fail(CMD_USAGE, "--reason must be UTF-8 text");
    return CMD_OK;
}

/* Goes on with a run that has its answer, when nobody has it in hand. */
static int go_on(const struct cmd_opts *opts, const char *run_id)
{
    struct cmd_opts resume = {.store = opts->store, .files = &run_id, .file_count = 1};
    const struct cmd *cmd = cmd_find("resume");
    return cmd->main(cmd, &resume);
}

int cmd_approve(const struct cmd *cmd, struct cmd_opts *opts)
{
    struct waiting_list list = {.items = NULL};
    struct fr_store *store = NULL;
    struct answer answer = {.values = NULL};
    enum fr_given_to to = FR_GIVEN_KEPT;
    char run_id[64] = "";
    int64_t run = 0;

    int code = check_usage(opts);
    if (!code)
        code = cmd_run_open(cmd, opts, &store, &run);
    if (!code)
        code = waiting_read(store, run, &list);
    const struct waiting *item = code ? NULL : find(opts, store, run, &list);
    if (!code && !item)
        code = CMD_USAGE;
    if (!code)
        code = read_answer(opts, item, &answer);
    if (!code)
        code = give(opts, store, run, item, &answer, &to);
    if (item)
        snprintf(run_id, sizeof run_id, "%s", item->run_id);
    json_object_put(answer.values);
    waiting_release(&list);
    fr_store_close(store);
    return !code && opts->resume && to == FR_GIVEN_KEPT ? go_on(opts, run_id) : code;
}
