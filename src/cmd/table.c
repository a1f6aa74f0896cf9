/* The table of subcommands. Owns nothing; main thread. */
#include "cmd.h"

#include <string.h>

const struct cmd cmd_table[] = {
    {"run", "[FILE|-]", "run a workflow (the default: `flowrun FILE`)", "isTAjnktclogECHBPGxDSUVW",
     1, cmd_run},
    {"validate", "FILE...", "report every problem of every file, run nothing", "csoC", UINT32_MAX,
     cmd_validate},
    {"plan", "[FILE|-]", "show what would run, execute nothing (also -n)", "isTAcojCD", 1,
     cmd_plan},
    {"graph", "[FILE|-|RUN]", "draw the steps and their dependencies", "cfroCD", 1, cmd_graph},
    {"convert", "[FILE|-]", "print the file in today's form", "coC", 1, cmd_convert},
    {"types", "[FILE]", "list the step types known, and where from", "coC", 1, cmd_types},
    {"runs", "", "list recorded runs, the newest first", "waubqLD", 0, cmd_runs},
    {"show", "RUN [STEP]",
     "tell how a recorded run (`last`, an id or its beginning), or a step of it, came out", "JD", 2,
     cmd_show},
    {"logs", "RUN [STEP]", "print what the steps of a run have printed", "FD", 2, cmd_logs},
    {"events", "RUN", "print the history of a run, a line of JSON for each event", "FD", 1,
     cmd_events},
    {"report", "RUN", "write a report of a run: a page, for CI, or for people", "meoD", 1,
     cmd_report},
    {"cancel", "RUN", "end a run of another shell, as Ctrl-C would, or one that is suspended", "D",
     1, cmd_cancel},
    {"approvals", "[RUN]", "list what waits for a person, with what is asked", "JD", 1,
     cmd_approvals},
    {"approve", "RUN STEP", "answer a step that waits for a person", "vRMZlgoEHBPGD", 2,
     cmd_approve},
    {"explain", "RUN STEP", "tell why a step ran, waited, was skipped or ended as it did", "JD", 2,
     cmd_explain},
    {"resume", "RUN", "go on with a run that was killed, failed or waits for a person",
     "isTAjktlogEHBPGxD", 1, cmd_resume},
    {"retry", "RUN", "run the failed steps of a run again, or one step and all behind it",
     "isTAjktlogEHBPGxDX", 1, cmd_retry},
    {"gc", "", "remove old runs from the store", "KOND", 0, cmd_gc},
    {"init", "[FILE|-]", "write a small workflow to begin with (flowrun.yaml)", "p", 1, cmd_init},
    {"completion", "bash|zsh|fish", "print a script that completes command lines", "", 1,
     cmd_completion},
    {"schema", "[workflow|events]", "print the JSON Schema of workflow files, or of events", "", 1,
     cmd_schema},
    {"version", "", "print the version", "", 0, cmd_version},
    {"help", "[COMMAND|key] [KEY]", "explain a command or a key of the file, or list them", "", 2,
     cmd_help},
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
