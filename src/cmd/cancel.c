/* `flowrun cancel RUN`: ends a run of another shell, as Ctrl-C there would. Main thread. */
#include <unistd.h>

#include "flowrun/store/request.h"
#include "history.h"

int cmd_cancel(const struct cmd *cmd, struct cmd_opts *opts)
{
    struct cmd_file none = {0};
    struct fr_store *store = NULL;
    struct fr_diags diags;
    int64_t run = 0;

    int code = cmd_run_open(cmd, opts, &store, &run);
    if (!code) {
        fr_diags_init(&diags);
        code = cmd_exit_of(fr_request_cancel(store, run, &diags));
        cmd_print_diags(&diags, &none, cmd_use_color(opts, STDERR_FILENO));
        fr_diags_release(&diags);
    }
    fr_store_close(store);
    return code;
}
