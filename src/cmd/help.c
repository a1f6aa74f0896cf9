/* `flowrun help` and `flowrun version`. Main thread. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "flowrun/base/str.h"
#include "helpkey.h"

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
        printf("  %-10s %-20s %s\n", cmd->name, cmd->operands, cmd->summary);
    fputs("\nWithout FILE it is flowrun.yaml. `flowrun help COMMAND` lists a command's options,\n"
          "`flowrun help key KEY` explains a key of the file. flowrun(1) and flowrun-workflow(5) "
          "tell all.\n",
          stdout);
    return CMD_OK;
}

/* `help`, `help COMMAND`, `help key KEY`, or `COMMAND --help` (cmd is that command then). */
int cmd_help(const struct cmd *cmd, struct cmd_opts *opts)
{
    const char *names[32];
    size_t count = 0;

    if (opts->file_count == 0)
        return strcmp(cmd->name, "help") == 0 ? list() : cmd_help_page(cmd);
    if (strcmp(opts->files[0], "key") == 0)
        return cmd_help_key(opts->file_count > 1 ? opts->files[1] : NULL);
    if (opts->file_count > 1)
        return cmd_fail(CMD_USAGE, "help explains one command: '%s' is one too many",
                        opts->files[1]);
    const struct cmd *wanted = cmd_find(opts->files[0]);
    if (wanted)
        return cmd_help_page(wanted);
    for (const struct cmd *row = cmd_table; row->name && count < 32; row++)
        names[count++] = row->name;
    const char *near = fr_suggest(opts->files[0], names, count);
    return cmd_fail(CMD_USAGE, "there is no command '%s'%s%s%s", opts->files[0],
                    near ? ": did you mean '" : ": `flowrun help` lists them", near ? near : "",
                    near ? "'?" : "");
}

int cmd_version(const struct cmd *cmd, struct cmd_opts *opts)
{
    (void)cmd;
    (void)opts;
    puts("flowrun " FLOWRUN_VERSION);
    return CMD_OK;
}
