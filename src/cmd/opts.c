/* Options: one table for all commands, parsed by getopt_long, shown by help.
 * Owns the arrays inside struct cmd_opts; main thread. */
#include "ci.h"
#include "cmd.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/str.h"
#include "options.h"

#define FIELD(name) offsetof(struct cmd_opts, name)

static const struct cmd_option rows[] = {
    {'i', 0, "input", "TEXT", "the run's input: text, @FILE, - for stdin, @@TEXT for text with @",
     TAKE_TEXT, FIELD(input), 0},
    {'s', 's', "set", "PARAM=VALUE", "set a parameter of the workflow; may be repeated", TAKE_LIST,
     FIELD(params), FIELD(param_count)},
    {'T', 0, "state", "KEY=VALUE", "begin with this state, a JSON value or text; may be repeated",
     TAKE_LIST, FIELD(states), FIELD(state_count)},
    {'A', 0, "answers", "FILE", "answers to human steps: YAML or JSON, `step: {field: value}`",
     TAKE_ONCE, FIELD(answers), 0},
    {'j', 'j', "jobs", "N", "steps running at once in the whole run", TAKE_TEXT, FIELD(jobs), 0},
    {'n', 'n', "dry-run", NULL, "show the plan, execute nothing", TAKE_FLAG, FIELD(dry_run), 0},
    {'k', 'k', "keep-going", NULL, "after a failure run what does not depend on it", TAKE_FLAG,
     FIELD(keep_going), 0},
    {'t', 0, "timeout", "DURATION", "of the whole run, e.g. 90, 30s, 5m, 1h30m", TAKE_TEXT,
     FIELD(timeout), 0},
    {'c', 0, "catalog", "FILE", "load step types from FILE; may be repeated", TAKE_LIST,
     FIELD(catalogs), FIELD(catalog_count)},
    {'l', 0, "log", "group|stream|raw|quiet",
     "how the output of steps is shown on standard error (group); at a terminal group and stream "
     "have a live view below",
     TAKE_TEXT, FIELD(log), 0},
    {'g', 0, "output", "text|json|none",
     "what is printed on standard output: the result (text), or the whole run (json)", TAKE_TEXT,
     FIELD(output), 0},
    {'o', 0, "color", "auto|always|never", "use of colour (auto)", TAKE_TEXT, FIELD(color), 0},
    {'f', 0, "format", "mermaid|dot|text", "how it is drawn (mermaid)", TAKE_TEXT, FIELD(format),
     0},
    {'m', 0, "format", "html|junit|tap|joblog|markdown|mermaid|json",
     "what to write; it must be given", TAKE_TEXT, FIELD(format), 0},
    {'e', 'o', "output", "FILE", "where to write it, instead of to standard output", TAKE_ONCE,
     FIELD(to), 0},
    {'r', 0, "result", "RESULT",
     "draw a run: what `run --output json` printed, - for standard input", TAKE_TEXT, FIELD(result),
     0},
    {'E', 0, "events", "FILE", "write what happens there as it does, a line of JSON for each event",
     TAKE_ONCE, FIELD(events), 0},
    {'C', 'C', "directory", "DIR",
     "relative paths of the file start at DIR, not at the file's folder", TAKE_TEXT, FIELD(cwd), 0},
    {'H', 0, "report", "FILE", "write a page for a browser (HTML) when the run has ended",
     TAKE_ONCE, FIELD(report), 0},
    {'B', 0, "junit", "FILE", "write its steps as JUnit XML, for CI", TAKE_ONCE, FIELD(junit), 0},
    {'P', 0, "tap", "FILE", "write its steps as TAP", TAKE_ONCE, FIELD(tap), 0},
    {'G', 0, "joblog", "FILE", "write its steps in the columns of GNU parallel", TAKE_ONCE,
     FIELD(joblog), 0},
    {'x', 0, "executor", "local", "where steps run (local)", TAKE_TEXT, FIELD(executor), 0},
    {'D', 0, "store", "DIR",
     "folder of recorded runs (default: $FLOWRUN_STORE, else in ~/.local/state)", TAKE_TEXT,
     FIELD(store), 0},
    {'S', 0, "no-store", NULL, "keep no record of the run", TAKE_FLAG, FIELD(no_store), 0},
    {'U', 0, "from", "ID",
     "run this step and all behind it; take the others' results from the last run", TAKE_TEXT,
     FIELD(from), 0},
    {'V', 0, "only", "IDS", "run these steps alone (a,b); the others keep the last run's outputs",
     TAKE_LIST, FIELD(only), FIELD(only_count)},
    {'W', 0, "force", NULL, "no step is up to date", TAKE_FLAG, FIELD(force), 0},
    {'X', 0, "step", "ID", "this step runs again, and all behind it", TAKE_TEXT, FIELD(step), 0},
    {'w', 0, "workflow", "WORKFLOW", "only runs of the workflow of this name", TAKE_TEXT,
     FIELD(workflow), 0},
    {'a', 0, "status",
     "running|succeeded|failed|over_budget|timed_out|cancelled|suspended|interrupted",
     "only runs that are running, or ended so", TAKE_TEXT, FIELD(status), 0},
    {'b', 0, "since", "TIME", "begun then or later: 2026-11-21, 2026-11-21T08:00:00Z, or 2h ago",
     TAKE_TEXT, FIELD(since), 0},
    {'u', 0, "until", "TIME", "begun then or before; a date is a whole day, of UTC", TAKE_TEXT,
     FIELD(until), 0},
    {'q', 0, "last", "N", "the newest N (default 20; 0 = all)", TAKE_TEXT, FIELD(last), 0},
    {'L', 0, "output", "text|json|tsv", "for people (text) or for programs", TAKE_TEXT,
     FIELD(output), 0},
    {'J', 0, "output", "text|json", "for people (text) or for programs", TAKE_TEXT, FIELD(output),
     0},
    {'F', 'f', "follow", NULL, "go on until the run ends", TAKE_FLAG, FIELD(follow), 0},
    {'K', 0, "keep", "N", "the newest N runs stay (default 20)", TAKE_TEXT, FIELD(keep), 0},
    {'O', 0, "older", "DURATION", "of the others those go that began longer ago (default 30d)",
     TAKE_TEXT, FIELD(older), 0},
    {'v', 's', "set", "FIELD=VALUE", "answer a field of the form; may be repeated", TAKE_LIST,
     FIELD(params), FIELD(param_count)},
    {'R', 0, "reject", NULL, "reject it", TAKE_FLAG, FIELD(reject), 0},
    {'Z', 0, "resume", NULL,
     "then go on with the run, as `flowrun resume` does; then --log, --output and the like count",
     TAKE_FLAG, FIELD(resume), 0},
    {'M', 0, "reason", "TEXT", "why it is rejected", TAKE_TEXT, FIELD(reason), 0},
    {'p', 0, "template", "TEMPLATE", "which workflow is written (start)", TAKE_TEXT,
     FIELD(template), 0},
    {'N', 'n', "dry-run", NULL, "only say what would go", TAKE_FLAG, FIELD(dry_run), 0},
};

enum { ROWS = sizeof rows / sizeof rows[0], OPT_VERSION = 1000 };

/* Rows that `cmd` accepts, in the order of the table. */
static bool accepts(const struct cmd *cmd, const struct cmd_option *row)
{
    return strchr(cmd->accepts, row->key) != NULL;
}

/* Appends to a growing array of borrowed strings. */
static void push(const char ***list, uint32_t *count, const char *text)
{
    const char **grown = realloc(*list, (*count + 1) * sizeof *grown);
    if (!grown)
        abort();
    grown[(*count)++] = text;
    *list = grown;
}

/* An option as it may be typed: "-o/--output". */
static const char *spell(const struct cmd_option *row, char out[40])
{
    if (row->letter)
        snprintf(out, 40, "-%c/--%s", row->letter, row->name);
    else
        snprintf(out, 40, "--%s", row->name);
    return out;
}

/* Whether an option's value is one of the words that it takes; says what they are. */
static bool is_allowed(const struct cmd_option *row, const char *value)
{
    struct fr_buf words;
    char list[128], option[40];
    if (!cmd_is_words(row->arg) || cmd_has_word(row->arg, value))
        return true;
    fr_buf_init(&words, 0);
    cmd_add_words(row->arg, &words);
    const char *near = cmd_near_word(row->arg, value, list, sizeof list);
    cmd_fail(CMD_USAGE, "%s is %s, not '%s'%s%s%s", spell(row, option), fr_buf_cstr(&words), value,
             near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
    fr_buf_release(&words);
    return false;
}

/* Whether an option was not given before, if it counts once; says so. */
static bool is_first(const struct cmd_opts *opts, const struct cmd_option *row, const char *value)
{
    const char *before =
        row->take == TAKE_ONCE ? *(const char *const *)((const char *)opts + row->offset) : NULL;
    char option[40];
    if (before)
        cmd_fail(CMD_USAGE, "%s is given twice ('%s' and '%s'): it takes one file",
                 spell(row, option), before, value);
    return !before;
}

void cmd_opts_operand(struct cmd_opts *opts, const char *word)
{
    push(&opts->files, &opts->file_count, word);
}

void cmd_option_store(struct cmd_opts *opts, const struct cmd_option *row, const char *value)
{
    char *base = (char *)opts;
    if (row->take == TAKE_FLAG)
        *(bool *)(base + row->offset) = true;
    else if (row->take != TAKE_LIST)
        *(const char **)(base + row->offset) = value;
    else
        push((const char ***)(base + row->offset), (uint32_t *)(base + row->count_offset), value);
}

/* Says what is wrong with an option, with the nearest one that the command takes. */
static void complain(const struct cmd *cmd, int argc, char **argv, int code)
{
    const char *names[ROWS];
    size_t count = 0;
    const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";
    if (code == ':') {
        cmd_fail(CMD_USAGE, "option '%s' needs a value (see `flowrun help %s`)", word, cmd->name);
        return;
    }
    if (strncmp(word, "--", 2) != 0) {
        cmd_fail(CMD_USAGE, "'%s' has no option '-%c' (see `flowrun help %s`)", cmd->name, optopt,
                 cmd->name);
        return;
    }
    for (size_t i = 0; i < ROWS; i++)
        if (accepts(cmd, &rows[i]))
            names[count++] = rows[i].name;
    char *name = strndup(word + 2, strcspn(word + 2, "="));
    if (!name)
        abort();
    const char *near = fr_suggest(name, names, count);
    if (near && strcmp(near, name) != 0)
        cmd_fail(CMD_USAGE, "'%s' has no option '--%s': did you mean '--%s'?", cmd->name, name,
                 near);
    else if (near)
        cmd_fail(CMD_USAGE, "option '--%s' takes no value", name);
    else
        cmd_fail(CMD_USAGE, "'%s' has no option '--%s' (see `flowrun help %s`)", cmd->name, name,
                 cmd->name);
    free(name);
}

/* Fills getopt's tables with what the command accepts. */
static void make_tables(const struct cmd *cmd, struct option *longs, char *shorts)
{
    size_t n = 0, s = 0;
    shorts[s++] = ':';
    shorts[s++] = 'h';
    for (size_t i = 0; i < ROWS; i++) {
        if (!accepts(cmd, &rows[i]))
            continue;
        bool arg = rows[i].take != TAKE_FLAG;
        longs[n++] = (struct option){rows[i].name, arg ? required_argument : no_argument, NULL,
                                     (int)i + 256};
        if (!rows[i].letter)
            continue;
        shorts[s++] = rows[i].letter;
        if (arg)
            shorts[s++] = ':';
    }
    longs[n++] = (struct option){"help", no_argument, NULL, 'h'};
    longs[n++] = (struct option){"version", no_argument, NULL, OPT_VERSION};
    longs[n] = (struct option){NULL, 0, NULL, 0};
    shorts[s] = '\0';
}

/* Whether an option that may belong to any command has its value in the word behind it. */
static bool takes_next(const char *word)
{
    size_t len = strcspn(word, "=");
    bool next = false;
    if (strncmp(word, "--", 2) == 0) {
        for (size_t i = 0; i < ROWS && word[len] == '\0'; i++) {
            if (strncmp(rows[i].name, word + 2, len - 2) != 0)
                continue;
            next = rows[i].take != TAKE_FLAG;
            if (rows[i].name[len - 2] == '\0')
                break; /* the name itself, and no beginning of one */
        }
        return next;
    }
    for (const char *letter = word + 1; *letter; letter++)
        for (size_t i = 0; i < ROWS; i++)
            if (rows[i].letter == *letter && rows[i].take != TAKE_FLAG)
                return letter[1] == '\0';
    return false;
}

int cmd_command_place(int argc, char **argv)
{
    int at = 1;
    while (at < argc && argv[at][0] == '-' && argv[at][1] != '\0') {
        if (strcmp(argv[at], "--") == 0)
            return argc;
        at += takes_next(argv[at]) ? 2 : 1;
    }
    return at < argc ? at : argc;
}

/* The row that getopt's answer stands for, or NULL. */
static const struct cmd_option *row_of(int code)
{
    if (code >= 256 && code < 256 + ROWS)
        return &rows[code - 256];
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].letter && rows[i].letter == code)
            return &rows[i];
    return NULL;
}

/* Parses options and operands. */
bool cmd_opts_parse(const struct cmd *cmd, int argc, char **argv, struct cmd_opts *opts)
{
    struct option longs[ROWS + 3];
    char shorts[2 * ROWS + 3];
    int code;

    make_tables(cmd, longs, shorts);
    opterr = 0;
    optind = 1;
    while ((code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        const struct cmd_option *row = row_of(code);
        if (code == 'h') {
            opts->help = true;
        } else if (code == OPT_VERSION) {
            opts->version = true;
        } else if (row && !(is_allowed(row, optarg) && is_first(opts, row, optarg))) {
            return false;
        } else if (row) {
            cmd_option_store(opts, row, optarg);
        } else {
            complain(cmd, argc, argv, code);
            return false;
        }
    }
    while (optind < argc)
        cmd_opts_operand(opts, argv[optind++]);
    if (opts->file_count > cmd->max_files && cmd_is_misspelt(opts->files[0], cmd))
        return false;
    if (opts->file_count > cmd->max_files) {
        static const char *const counts[] = {"no operand", "one operand at most",
                                             "two operands at most"};
        cmd_fail(CMD_USAGE, "'%s' takes %s, and '%s' is one too many", cmd->name,
                 counts[cmd->max_files], opts->files[cmd->max_files]);
        return false;
    }
    return true;
}

void cmd_opts_release(struct cmd_opts *opts)
{
    free(opts->files);
    free(opts->params);
    free(opts->states);
    free(opts->catalogs);
    free(opts->only);
    memset(opts, 0, sizeof *opts);
}

/* Walks over the options of a command. */
const struct cmd_option *cmd_option_next(const struct cmd *cmd, uint32_t *at)
{
    while (*at < ROWS) {
        const struct cmd_option *option = &rows[(*at)++];
        if (accepts(cmd, option))
            return option;
    }
    return NULL;
}

/* Reads --jobs. */
int cmd_jobs(const struct cmd_opts *opts, uint32_t *jobs)
{
    int64_t number = 0;

    if (opts->jobs && (!fr_parse_i64(opts->jobs, &number) || number < 1 || number > 10000))
        return cmd_fail(CMD_USAGE, "-j/--jobs is a whole number from 1 to 10000, not '%s'",
                        opts->jobs);
    *jobs = (uint32_t)number;
    return CMD_OK;
}

/* Colour by --color, NO_COLOR and whether fd is a terminal that can. */
bool cmd_use_color(const struct cmd_opts *opts, int fd)
{
    const char *term = getenv("TERM");
    const char *none = getenv("NO_COLOR");
    struct stat st;
    if (opts->color && strcmp(opts->color, "always") == 0)
        return true;
    if (opts->color && strcmp(opts->color, "never") == 0)
        return false;
    if (none && *none)
        return false;
    /* The services show colours, and read a pipe. */
    if (fd == STDERR_FILENO && cmd_ci_kind() != FR_CI_NONE && fstat(fd, &st) == 0)
        return S_ISFIFO(st.st_mode);
    return isatty(fd) && term && *term && strcmp(term, "dumb") != 0;
}
