/* `flowrun validate FILE...`: every problem of every file. Main thread. */
#include <string.h>
#include <unistd.h>

#include "ci.h"
#include "cmd.h"
#include "flowrun/ui/progress.h"
#include "secrets.h"

/* How many of the errors stand in other files, which it runs or takes types from. */
static size_t elsewhere(const struct fr_diags *diags, const char *file)
{
    size_t count = 0;
    for (size_t i = 0; i < diags->count; i++) {
        const struct fr_diag *one = &diags->items[i];
        count += one->severity == FR_ERROR && one->mark.file && strcmp(one->mark.file, file) != 0;
    }
    return count;
}

/* "3 errors, 1 of them in other files" */
static void add_errors(const struct fr_diags *diags, const char *file, struct fr_buf *out)
{
    size_t other = elsewhere(diags, file);
    fr_buf_printf(out, "%zu error%s", diags->errors, diags->errors == 1 ? "" : "s");
    if (other == 0)
        return;
    if (other < diags->errors)
        fr_buf_printf(out, ", %zu of them", other);
    fr_buf_str(out, " in other files");
}

/* "FILE: ok, 2 steps, 1 warning"; plan NULL: there were errors. */
static void print_line(const struct fr_diags *diags, const char *file, const struct fr_plan *plan)
{
    struct fr_buf line;
    fr_buf_init(&line, 0);
    fr_visible_line(file, &line);
    fr_buf_str(&line, ": ");
    if (plan) {
        uint32_t steps = plan->step_count - plan->hidden_count;
        fr_buf_printf(&line, "ok, %u step%s", steps, steps == 1 ? "" : "s");
    } else {
        add_errors(diags, file, &line);
    }
    if (diags->warnings)
        fr_buf_printf(&line, ", %zu warning%s", diags->warnings, diags->warnings == 1 ? "" : "s");
    fr_buf_char(&line, '\n');
    cmd_ci_say(line.data, line.len);
    fr_buf_release(&line);
}

/* Checks one file and prints what is wrong; its exit code. */
static int check(const struct cmd_opts *opts, const char *name)
{
    struct cmd_file file;
    struct fr_diags diags;
    struct fr_plan *plan = NULL;
    int code = cmd_file_open(opts, name, &file);

    if (code)
        goto out;
    fr_diags_init(&diags);
    code = cmd_exit_of(fr_plan_load(&file.load, &diags, &plan));
    cmd_secrets_hide(&file.load, plan);
    if (!code)
        fr_plan_check_machine(plan, FR_WARNING, &diags);
    cmd_print_diags(&diags, &file, cmd_use_color(opts, STDERR_FILENO));
    print_line(&diags, file.load.file, code ? NULL : plan);
    fr_diags_release(&diags);
    fr_plan_free(plan);
out:
    cmd_file_close(&file);
    return code;
}

/* All files are checked; the gravest code wins: unreadable, invalid, missing. */
int cmd_validate(const struct cmd *cmd, struct cmd_opts *opts)
{
    int worst = CMD_OK;
    (void)cmd;
    opts->without_values = true;
    if (opts->file_count == 0)
        return check(opts, NULL);
    for (uint32_t i = 0; i < opts->file_count; i++) {
        int code = check(opts, opts->files[i]);
        if (worst == CMD_OK || (code && code < worst))
            worst = code ? code : worst;
    }
    return worst;
}
