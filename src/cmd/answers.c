/* `--answers FILE`: answers to human steps, read and checked before anything runs. Main thread. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "flowrun/run/run.h"

int cmd_answers_load(const struct cmd_opts *opts, const struct fr_plan *plan,
                     const struct cmd_file *file, struct fr_answers **answers)
{
    struct fr_diags diags;
    *answers = NULL;
    if (!opts->answers)
        return CMD_OK;
    if (strcmp(opts->answers, "-") == 0) {
        bool flow = opts->file_count && strcmp(opts->files[0], "-") == 0;
        if (flow || (opts->input && strcmp(opts->input, "-") == 0))
            return cmd_fail(CMD_USAGE, "standard input cannot be both the %s and the answers",
                            flow ? "workflow" : "input");
    }
    fr_diags_init(&diags);
    int code = cmd_exit_of(fr_answers_load(opts->answers, plan, &diags, answers));
    cmd_print_diags(&diags, file, cmd_use_color(opts, STDERR_FILENO));
    fr_diags_release(&diags);
    return code;
}

/* By step, which will not ask any more in a run that waits; owned. */
static bool *steps_over(const struct fr_run *run)
{
    bool *over = calloc(run->plan->step_count + 1U, sizeof(*over));
    for (uint32_t i = 0; over && i < run->plan->step_count; i++)
        over[i] = fr_status_is_final(run->results[i].status);
    return over;
}

void cmd_answers_warn(const struct fr_answers *answers, const struct fr_run *run,
                      const struct cmd_file *file, bool color)
{
    struct fr_diags diags;
    bool waits = run->outcome == FR_RUN_SUSPENDED;
    if (!answers || (run->outcome != FR_RUN_SUCCEEDED && !waits)) /* some were not reached */
        return;
    bool *over = waits ? steps_over(run) : NULL;
    if (waits && !over)
        return;
    fr_diags_init(&diags);
    fr_answers_check_used(answers, over, &diags);
    free(over);
    cmd_print_diags(&diags, file, color);
    fr_diags_release(&diags);
}
