/* `flowrun schema`: the JSON Schema of workflow files. Main thread. */
#include "cmd.h"
#include "flowrun/plan/tools.h"

int cmd_schema(const struct cmd *cmd, struct cmd_opts *opts)
{
    struct fr_buf out;
    (void)cmd;
    (void)opts;
    fr_buf_init(&out, 0);
    fr_schema_json(&out);
    int code = cmd_write_stdout(&out, CMD_OK);
    fr_buf_release(&out);
    return code;
}
