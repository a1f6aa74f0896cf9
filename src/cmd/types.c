/* `flowrun types [FILE]`: the step types that a file could use. Main thread. */
#include <unistd.h>

#include "cmd.h"
#include "flowrun/plan/tools.h"
#include "flowrun/ui/draw.h"

int cmd_types(const struct cmd *cmd, struct cmd_opts *opts)
{
    struct cmd_file file = {0};
    struct fr_diags diags;
    struct fr_plan *plan = NULL;
    struct fr_buf out;
    int code = CMD_OK;

    (void)cmd;
    if (opts->file_count || access("flowrun.yaml", R_OK) == 0)
        code = cmd_file_open(opts, opts->file_count ? opts->files[0] : NULL, &file);
    if (code)
        goto out;
    file.load.catalogs = opts->catalogs;
    file.load.catalog_count = opts->catalog_count;
    fr_diags_init(&diags);
    code = cmd_exit_of(fr_types_load(&file.load, &diags, &plan));
    cmd_print_diags(&diags, &file, cmd_use_color(opts, STDERR_FILENO));
    fr_diags_release(&diags);
    if (!code) {
        fr_buf_init(&out, 0);
        fr_types_write(plan->types, NULL, &out);
        code = cmd_write_stdout(&out, code);
        fr_buf_release(&out);
    }
out:
    fr_plan_free(plan);
    cmd_file_close(&file);
    return code;
}
