/* `flowrun plan FILE` and `flowrun run -n`: what would run. Executes nothing at all. Main thread. */
#include <unistd.h>

#include "flowrun/run/run.h"
#include "flowrun/ui/draw.h"
#include "history.h"
#include "secrets.h"

/* What fr_plan_write asks for each command. */
struct preview {
    const struct fr_plan *plan;
    const struct json_object *input;
};

static void show_command(void *ctx, const struct fr_step *step, struct fr_buf *out)
{
    const struct preview *preview = ctx;
    fr_preview_step(preview->plan, step, preview->input, out);
}

/* What would keep the run from starting, or from going to its end, on this machine and within its budget. */
static void warn(const struct cmd_opts *opts, const struct cmd_file *file,
                 const struct fr_plan *plan)
{
    struct fr_diags diags;
    fr_diags_init(&diags);
    fr_plan_check_machine(plan, FR_WARNING, &diags);
    fr_plan_check_budget(plan, &diags);
    cmd_print_diags(&diags, file, cmd_use_color(opts, STDERR_FILENO));
    fr_diags_release(&diags);
}

int cmd_plan(const struct cmd *cmd, struct cmd_opts *opts)
{
    struct cmd_file file = {0};
    struct fr_plan *plan = NULL;
    struct fr_value *input = NULL;
    struct fr_answers *answers = NULL;
    struct fr_mask *mask = NULL;
    struct fr_buf out, masked;
    uint32_t jobs = 0;
    int code = cmd_jobs(opts, &jobs);

    (void)cmd;
    if (!code && opts->input)
        code = cmd_read_input(opts, &input);
    if (!code)
        code = cmd_load_plan(opts, opts->file_count ? opts->files[0] : NULL, &file, &plan);
    if (!code)
        code = cmd_answers_load(opts, plan, &file, &answers);
    if (!code) {
        struct preview preview = {plan, fr_value_object(input, NULL)};
        plan->max_workers = jobs ? jobs : plan->max_workers;
        cmd_pace_show(opts, &file, plan);
        warn(opts, &file, plan);
        mask = cmd_secrets_mask(plan,
                                input && plan->secret_count ? fr_value_object(input, NULL) : NULL);
        fr_buf_init(&out, 0);
        fr_buf_init(&masked, 0);
        fr_plan_write(plan, show_command, &preview, &out);
        fr_mask_text(mask, fr_buf_cstr(&out), out.len, false, &masked);
        code = cmd_write_stdout(&masked, code);
        fr_buf_release(&masked);
        fr_buf_release(&out);
    }
    fr_mask_free(mask);
    fr_value_unref(input);
    fr_answers_free(answers);
    fr_plan_free(plan);
    cmd_file_close(&file);
    return code;
}
