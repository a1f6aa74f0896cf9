/* `flowrun schema`: the JSON Schema of workflow files, or of the lines of events. Main thread. */
#include <string.h>

#include "cmd.h"
#include "flowrun/plan/tools.h"
#include "flowrun/ui/event_schema.h"

static const struct {
    const char *name;
    void (*write)(struct fr_buf *out);
} schemas[] = {
    {"workflow", fr_schema_json},
    {"events", fr_event_schema},
};
enum { SCHEMAS = sizeof schemas / sizeof schemas[0] };

int cmd_schema(const struct cmd *cmd, struct cmd_opts *opts)
{
    const char *name = opts->file_count ? opts->files[0] : schemas[0].name;
    struct fr_buf out;
    size_t i = 0;

    (void)cmd;
    while (i < SCHEMAS && strcmp(schemas[i].name, name) != 0)
        i++;
    if (i == SCHEMAS)
        return cmd_fail(CMD_USAGE,
                        "there is a schema of `workflow` files and of `events`, not of '%s'", name);
    fr_buf_init(&out, 0);
    schemas[i].write(&out);
    int code = cmd_write_stdout(&out, CMD_OK);
    fr_buf_release(&out);
    return code;
}
