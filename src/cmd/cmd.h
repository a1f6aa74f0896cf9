/* Subcommands: one file each, a const table of them. The only layer that prints
 * errors and picks exit codes. Everything here runs on the main thread. */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/base/diag.h"
#include "flowrun/plan/answers.h"
#include "flowrun/plan/plan.h"
#include "flowrun/run/event.h"

/* Exit codes of the command line (section 7 of the format). Those of a run: fr_run_exit_code. */
enum cmd_exit {
    CMD_OK = 0,
    CMD_FAILED = 1,
    CMD_USAGE = 2,
    CMD_INVALID = 3,
    CMD_MISSING = 4,
    CMD_INTERNAL = 70
};

struct cmd_again;
struct fr_given;
struct fr_value;

/* What options gave; strings are borrowed from argv. */
struct cmd_opts {
    const char **files; /* operands; malloc'ed array */
    uint32_t file_count;
    const char **params, **states, **catalogs; /* malloc'ed arrays */
    uint32_t param_count, state_count, catalog_count;
    const char *answers, *input, *cwd, *timeout, *jobs, *output, *log, *color, *format, *executor,
        *result;
    const char *store, *workflow, *status, *since, *until, *last, *keep, *older, *reason;
    const char *from, *step, *events, *template;
    const char *report, *junit, *tap, *joblog, *to /* of the command report */;
    const char **only; /* malloc'ed array */
    uint32_t only_count;
    bool dry_run, keep_going, help, version, no_store, follow, force, reject, resume;
    /* of a run that goes on */
    struct cmd_again *again;     /* NULL = a new one */
    const char *typed;           /* the file as it was named first; NULL = unknown */
    struct fr_given *given;      /* an answer that is nowhere recorded; NULL = none */
    struct fr_value *past_input; /* unless there is an --input; NULL = none */
    const char *text;            /* what the file held; NULL = it is there */
    size_t text_len;
    bool without_values; /* set by commands for which required parameters may be missing */
};

/* A subcommand. `accepts` holds one character for each option of the table in opts.c. */
struct cmd {
    const char *name;
    const char *operands; /* "[FILE]" for the usage line */
    const char *summary;  /* one line */
    const char *accepts;
    uint32_t max_files;
    int (*main)(const struct cmd *cmd, struct cmd_opts *opts);
};

/* helppage.c. All that help tells of one command, to stdout. */
int cmd_help_page(const struct cmd *cmd);

extern const struct cmd cmd_table[]; /* ends with a row whose name is NULL */
const struct cmd *cmd_find(const char *name);

/* opts.c. Parses argv[1…]; prints what is wrong and returns false (exit CMD_USAGE). */
bool cmd_opts_parse(const struct cmd *cmd, int argc, char **argv, struct cmd_opts *opts);
/* Where the first word stands that is no option, whatever command the options belong to; argc = nowhere, or behind `--`. */
int cmd_command_place(int argc, char **argv);
void cmd_opts_release(struct cmd_opts *opts);
bool cmd_use_color(const struct cmd_opts *opts, int fd);
/* --jobs as a number, 0 when it was not given. 0 or an exit code after printing. */
int cmd_jobs(const struct cmd_opts *opts, uint32_t *jobs);

/* load.c */
struct cmd_file {
    struct fr_load_options load;
    char *text; /* standard input, owned; NULL for files on disk */
    char *cwd;  /* owned */
};
/* Fills load options for one file ("-" reads standard input, NULL is flowrun.yaml). 0 or an exit code after printing. */
int cmd_file_open(const struct cmd_opts *opts, const char *name, struct cmd_file *file);
void cmd_file_close(struct cmd_file *file);
/* Whether `word` is no file but nearly a command, which `run` was not meant to be; says so. */
bool cmd_is_misspelt(const char *word, const struct cmd *cmd);
/* Prints all diagnostics to stderr, sorted. */
void cmd_print_diags(struct fr_diags *diags, const struct cmd_file *file, bool color);
/* The exit code of an error. */
int cmd_exit_of(enum fr_err err);
/* Opens, loads, prints what is wrong. 0 and *plan (owned by the caller), or an exit code. */
int cmd_load_plan(const struct cmd_opts *opts, const char *name, struct cmd_file *file,
                  struct fr_plan **plan);
/* `flowrun: ` and a line on stderr; returns `code`. */
int cmd_fail(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Writes to stdout; returns `code`, or CMD_FAILED after saying why it could not be written. */
int cmd_write_stdout(const struct fr_buf *buf, int code);

/* input.c. --input TEXT, @FILE, -, @@TEXT: the run's input. 0 or an exit code after printing; *input is owned. */
int cmd_read_input(const struct cmd_opts *opts, struct fr_value **input);

/* answers.c. --answers: checked against the plan. 0 and *answers (owned; NULL when the option was not given), or an exit
 * code after printing. */
int cmd_answers_load(const struct cmd_opts *opts, const struct fr_plan *plan,
                     const struct cmd_file *file, struct fr_answers **answers);
/* After the run: warns of answers that no step has asked for. */
void cmd_answers_warn(const struct fr_answers *answers, const struct fr_run *run,
                      const struct cmd_file *file, bool color);
/* result.c. The statuses of a plan's steps, by step, out of --result; FR_PENDING for those it does not tell of. 0 or an exit
 * code after printing; *statuses is owned. */
int cmd_read_result(const struct cmd_opts *opts, const struct fr_plan *plan,
                    enum fr_status **statuses);
/* The same out of a result's text, which is called `name` in messages. */
int cmd_parse_result(const char *name, const struct fr_buf *text, const struct fr_plan *plan,
                     enum fr_status **statuses);

#include "subcommands.h"

#endif
