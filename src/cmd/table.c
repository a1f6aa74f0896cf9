/* The table of subcommands. Owns nothing; main thread. */
#include "cmd.h"

#include <string.h>

const struct cmd cmd_table[] = {
    {"run", "[FILE|-]", "run a workflow (the default: `flowrun FILE`)", "isTAjnktclogCxS", 1,
     cmd_run},
    {"validate", "FILE...", "report every problem of every file, run nothing", "csoC", UINT32_MAX,
     cmd_validate},
    {"plan", "[FILE|-]", "show what would run, execute nothing (also -n)", "isTAcojC", 1, cmd_plan},
    {"graph", "[FILE|-]", "draw the steps and their dependencies", "cfroC", 1, cmd_graph},
    {"convert", "[FILE|-]", "print the file in today's form", "coC", 1, cmd_convert},
    {"types", "[FILE]", "list the step types known, and where from", "coC", 1, cmd_types},
    {"schema", "", "print the JSON Schema of workflow files", "", 0, cmd_schema},
    {"version", "", "print the version", "", 0, cmd_version},
    {"help", "[COMMAND]", "explain a command, or list them", "", 1, cmd_help},
    {NULL, NULL, NULL, NULL, 0, NULL},
};

/* The command called `name`, or NULL. */
const struct cmd *cmd_find(const char *name)
{
    for (const struct cmd *cmd = cmd_table; cmd->name; cmd++)
        if (strcmp(cmd->name, name) == 0)
            return cmd;
    return NULL;
}
