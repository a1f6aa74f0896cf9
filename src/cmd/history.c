/* What all commands share that read recorded runs: the store, the run that is meant, times and numbers. Main thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/json.h"
#include "flowrun/base/str.h"
#include "history.h"

/* Prints what was told, and gives its exit code. */
static int finish(const struct cmd_opts *opts, struct fr_diags *diags, enum fr_err err)
{
    struct cmd_file none = {0};
    cmd_print_diags(diags, &none, cmd_use_color(opts, STDERR_FILENO));
    fr_diags_release(diags);
    return cmd_exit_of(err);
}

int cmd_store_open(const struct cmd_opts *opts, struct fr_store **store)
{
    struct fr_diags diags;
    enum fr_err err = FR_ERR_IO;
    fr_diags_init(&diags);
    *store = NULL;
    char *folder = fr_store_folder(opts->store, &diags);
    if (folder)
        err = fr_store_open(folder, false, &diags, store);
    free(folder);
    return finish(opts, &diags, err == FR_ERR_MISSING ? FR_OK : err);
}

int cmd_run_open(const struct cmd *cmd, const struct cmd_opts *opts, struct fr_store **store,
                 int64_t *run)
{
    struct fr_diags diags;
    *store = NULL;
    if (opts->file_count == 0)
        return cmd_fail(CMD_USAGE, "'%s' needs a RUN: `last`, or an id that `flowrun runs` lists",
                        cmd->name);
    int code = cmd_store_open(opts, store);
    if (code)
        return code;
    if (!*store)
        return cmd_fail(CMD_USAGE, "there is no run '%s': no run is recorded yet", opts->files[0]);
    fr_diags_init(&diags);
    return finish(opts, &diags, fr_history_find(*store, opts->files[0], &diags, run));
}

int cmd_store_failed(const struct fr_store *store)
{
    return cmd_fail(CMD_FAILED, "%s", fr_store_error(store));
}

bool cmd_value_add(const struct fr_kept_value *value, const char *whose, const char *what,
                   struct fr_buf *out)
{
    struct fr_buf fault;
    if (fr_kept_value_add(value, out))
        return true;
    fr_buf_init(&fault, 0);
    (void)fr_kept_value_fault(value, &fault);
    cmd_fail(CMD_FAILED, "%s: the file of its %s %s", whose, what, fr_buf_cstr(&fault));
    fr_buf_release(&fault);
    return false;
}

const char *cmd_moment(int64_t wall_ns, char *out, size_t size)
{
    fr_format_time(wall_ns, out, size);
    char *point = strchr(out, '.');
    if (point)
        snprintf(point, size - (size_t)(point - out), "Z");
    return out;
}

void cmd_put_member(struct fr_buf *out, const char *key, const char *text)
{
    if (out->len && out->data[out->len - 1] != '{')
        fr_buf_char(out, ',');
    fr_buf_printf(out, "\"%s\":", key);
    fr_json_write_text(text, out);
}

bool cmd_names_run(const char *word)
{
    bool is_id = *word && word[strspn(word, "0123456789abcdef")] == '\0';
    return (is_id || strcmp(word, "last") == 0) && access(word, F_OK) != 0;
}

int cmd_number(const char *option, const char *text, uint32_t unless, uint32_t *number)
{
    int64_t value = unless;
    if (text && (!fr_parse_i64(text, &value) || value < 0 || value > INT32_MAX))
        return cmd_fail(CMD_USAGE, "%s is a whole number, not '%s'", option, text);
    *number = (uint32_t)value;
    return CMD_OK;
}

/* The names of a run's steps, and what is called so with something behind it. */
struct names {
    const char *step;
    char run_id[64];
    const char **all; /* owned, and each of them */
    size_t count;
    struct fr_buf inside;
};

static void take_run_id(void *arg, const struct fr_kept_run *run)
{
    struct names *names = arg;
    snprintf(names->run_id, sizeof names->run_id, "%s", run->id);
}

static void take_name(void *arg, const struct fr_kept_step *step)
{
    enum { SHOWN = 120 };
    struct names *names = arg;
    size_t len = strlen(names->step);
    names->all = realloc(names->all, (names->count + 1) * sizeof *names->all);
    if (!names->all)
        abort();
    names->all[names->count++] = strdup(step->id);
    if (len && strncmp(step->id, names->step, len) == 0 && step->id[len] &&
        strchr(".[/", step->id[len]) && names->inside.len < SHOWN)
        fr_buf_printf(&names->inside, "%s'%s'", names->inside.len ? ", " : "", step->id);
}

int cmd_no_step(struct fr_store *store, int64_t run, const char *step)
{
    struct names names = {.step = step};
    int code = CMD_USAGE;
    fr_buf_init(&names.inside, 0);
    if (fr_history_run(store, run, take_run_id, &names) ||
        fr_history_steps(store, run, NULL, take_name, &names))
        code = cmd_store_failed(store);
    const char *near = fr_suggest(step, names.all, names.count);
    if (code == CMD_USAGE && names.inside.len)
        cmd_fail(code, "run %s has no step '%s', but inside of it: %s", names.run_id, step,
                 fr_buf_cstr(&names.inside));
    else if (code == CMD_USAGE && near)
        cmd_fail(code, "run %s has no step '%s' that has begun: did you mean '%s'?", names.run_id,
                 step, near);
    else if (code == CMD_USAGE)
        cmd_fail(code, "run %s has no step '%s' that has begun: `flowrun show %s` lists its steps",
                 names.run_id, step, names.run_id);
    for (size_t i = 0; i < names.count; i++)
        free((char *)(uintptr_t)names.all[i]);
    free(names.all);
    fr_buf_release(&names.inside);
    return code;
}

struct result { /* as it is printed */
    struct fr_buf text;
    int code;
};

static void add_output(void *arg, const struct fr_kept_run *run)
{
    struct result *result = arg;
    if (run->output.kind == FR_KEPT_NULL)
        return;
    if (!cmd_value_add(&run->output, run->id, "output", &result->text))
        result->code = CMD_FAILED;
    if (result->text.len)
        fr_buf_char(&result->text, '\n');
    if (run->output.masked)
        cmd_fail(CMD_OK, "secrets are masked in the output of run %s", run->id);
}

int cmd_print_output(const struct cmd_opts *opts, struct fr_store *store, int64_t key)
{
    struct result result = {.code = CMD_OK};
    enum fr_err err = FR_OK;
    fr_buf_init(&result.text, 0);
    if (fr_str_eq(opts->output, "json")) {
        err = fr_history_json(store, key, &result.text);
        fr_buf_char(&result.text, '\n');
    } else if (!opts->output || strcmp(opts->output, "text") == 0) {
        err = fr_history_run(store, key, add_output, &result);
    }
    int code = err ? cmd_store_failed(store) : cmd_write_stdout(&result.text, result.code);
    fr_buf_release(&result.text);
    return code;
}
