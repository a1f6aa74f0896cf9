/* `--answers FILE`: answers to human steps, read and checked before anything runs. Main thread. */
#include <unistd.h>

#include "cmd.h"

int cmd_answers_load(const struct cmd_opts *opts, const struct fr_plan *plan,
                     const struct cmd_file *file, struct fr_answers **answers)
{
    struct fr_diags diags;
    *answers = NULL;
    if (!opts->answers)
        return CMD_OK;
    fr_diags_init(&diags);
    int code = cmd_exit_of(fr_answers_load(opts->answers, plan, &diags, answers));
    cmd_print_diags(&diags, file, cmd_use_color(opts, STDERR_FILENO));
    fr_diags_release(&diags);
    return code;
}

void cmd_answers_warn(const struct fr_answers *answers, const struct cmd_file *file, bool color)
{
    struct fr_diags diags;
    if (!answers)
        return;
    fr_diags_init(&diags);
    fr_answers_check_used(answers, &diags);
    cmd_print_diags(&diags, file, color);
    fr_diags_release(&diags);
}
