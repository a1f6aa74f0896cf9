/* `flowrun help` and `flowrun version`. Main thread. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "flowrun/base/str.h"

#ifndef FLOWRUN_VERSION
#define FLOWRUN_VERSION "0.1.0"
#endif

/* The page that lists the commands. */
static int list(void)
{
    fputs("flowrun runs a workflow that a YAML file describes.\n\n"
          "usage: flowrun [run] [FILE|-] [OPTION...]\n"
          "       flowrun COMMAND [OPTION...]\n\ncommands:\n",
          stdout);
    for (const struct cmd *cmd = cmd_table; cmd->name; cmd++)
        printf("  %-10s %-12s %s\n", cmd->name, cmd->operands, cmd->summary);
    fputs("\nWithout FILE it is flowrun.yaml. `flowrun help COMMAND` lists a command's options;\n"
          "flowrun(1) tells all, with exit codes.\n",
          stdout);
    return CMD_OK;
}

/* `help`, `help COMMAND`, or `COMMAND --help` (cmd is that command then). */
int cmd_help(const struct cmd *cmd, struct cmd_opts *opts)
{
    const char *names[32];
    size_t count = 0;

    if (opts->file_count == 0)
        return strcmp(cmd->name, "help") == 0 ? list() : cmd_help_page(cmd);
    const struct cmd *wanted = cmd_find(opts->files[0]);
    if (wanted)
        return cmd_help_page(wanted);
    for (const struct cmd *row = cmd_table; row->name && count < 32; row++)
        names[count++] = row->name;
    const char *near = fr_suggest(opts->files[0], names, count);
    return cmd_fail(CMD_USAGE, "there is no command '%s'%s%s%s", opts->files[0],
                    near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
}

int cmd_version(const struct cmd *cmd, struct cmd_opts *opts)
{
    (void)cmd;
    (void)opts;
    puts("flowrun " FLOWRUN_VERSION);
    return CMD_OK;
}
