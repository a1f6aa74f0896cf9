/* `flowrun schema`: the JSON Schema of workflow files, and how a file tells an editor of it; that of events. Main thread. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "editor.h"
#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
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

#define SCHEMA_FILE "workflow.schema.json"

/* The schema that `make install` has put where this program's data is, owned; NULL when it was not installed, or when a
 * comment could not name it. */
static char *installed(void)
{
    char program[4096];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    char *slash = NULL;
    if (len <= 0)
        return NULL;
    program[len] = '\0';
    slash = strrchr(program, '/');
    if (!slash)
        return NULL;
    *slash = '\0';
    char *path = fr_path_join(program, "../share/flowrun/" SCHEMA_FILE);
    bool usable = path && access(path, R_OK) == 0 && path[strcspn(path, " \t\r\n")] == '\0';
    if (!usable) {
        free(path);
        path = NULL;
    }
    return path;
}

void cmd_editor_line(struct fr_buf *out)
{
    char *path = installed();
    fr_buf_printf(out, "# yaml-language-server: $schema=%s\n", path ? path : SCHEMA_FILE);
    free(path);
}

int cmd_schema(const struct cmd *cmd, struct cmd_opts *opts)
{
    const char *name = opts->file_count ? opts->files[0] : schemas[0].name;
    struct fr_buf out;
    size_t i = 0;

    (void)cmd;
    while (i < SCHEMAS && strcmp(schemas[i].name, name) != 0)
        i++;
    if (i == SCHEMAS) {
        const char *names[SCHEMAS];
        for (i = 0; i < SCHEMAS; i++)
            names[i] = schemas[i].name;
        const char *near = fr_suggest(name, names, SCHEMAS);
        return cmd_fail(CMD_USAGE,
                        "there is a schema of `workflow` files and of `events`, not of '%s'%s%s%s",
                        name, near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    fr_buf_init(&out, 0);
    schemas[i].write(&out);
    int code = cmd_write_stdout(&out, CMD_OK);
    fr_buf_release(&out);
    return code;
}
