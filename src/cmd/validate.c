/* `flowrun validate FILE...`: every problem of every file. Main thread. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

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

/* "FILE: 3 errors, 1 of them in other files" */
static void print_errors(const struct fr_diags *diags, const char *file)
{
    size_t other = elsewhere(diags, file);
    fprintf(stderr, "%s: %zu error%s", file, diags->errors, diags->errors == 1 ? "" : "s");
    if (other == 0)
        return;
    if (other < diags->errors)
        fprintf(stderr, ", %zu of them", other);
    fputs(" in other files", stderr);
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
    if (!code)
        fr_plan_check_machine(plan, FR_WARNING, &diags);
    cmd_print_diags(&diags, &file, cmd_use_color(opts, STDERR_FILENO));
    if (code)
        print_errors(&diags, file.load.file);
    else
        fprintf(stderr, "%s: ok, %u step%s", file.load.file, plan->step_count - plan->hidden_count,
                plan->step_count - plan->hidden_count == 1 ? "" : "s");
    if (diags.warnings)
        fprintf(stderr, ", %zu warning%s", diags.warnings, diags.warnings == 1 ? "" : "s");
    fputc('\n', stderr);
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
