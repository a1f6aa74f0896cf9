/* `flowrun convert FILE`: the file in today's form. Main thread. */
#include <unistd.h>

#include "cmd.h"
#include "editor.h"
#include "flowrun/plan/tools.h"

int cmd_convert(const struct cmd *cmd, struct cmd_opts *opts)
{
    struct cmd_file file;
    struct fr_diags diags;
    struct fr_buf out;
    int code = cmd_file_open(opts, opts->file_count ? opts->files[0] : NULL, &file);

    (void)cmd;
    if (code)
        goto out;
    fr_diags_init(&diags);
    fr_buf_init(&out, 0);
    cmd_editor_line(&out);
    code = cmd_exit_of(fr_convert(&file.load, &diags, &out));
    cmd_print_diags(&diags, &file, cmd_use_color(opts, STDERR_FILENO));
    if (!code)
        code = cmd_write_stdout(&out, code);
    fr_buf_release(&out);
    fr_diags_release(&diags);
out:
    cmd_file_close(&file);
    return code;
}
