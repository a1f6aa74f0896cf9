/* The hidden subcommand behind completion: what the word at the cursor may become. Which words there are says the table of
 * commands, which options that of options; a placeholder in either is filled in by candidates.c. It is quick or says
 * nothing, and never tells of errors: a person is typing. Main thread.
 *
 *   __complete bash LINE POINT BREAKS     COMP_LINE, COMP_POINT, COMP_WORDBREAKS
 *   __complete zsh WORD...                the words behind the program's name; the last is the one to complete
 *   __complete fish WORD...               the same, the last as it is typed, with its quotes
 *
 * It prints what the shell has to do, then a candidate on each line, with a tab and what it is. For bash all of this is
 * separated by NUL bytes, and candidates are quoted, unless all of them are files, which bash quotes. */
#include "complete.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "options.h"

enum { PATIENCE_MS = 700 }; /* a pipe that a file names, a store on a disk that is away */

const char *complete_part(const struct completion *c)
{
    return c->word + c->keep;
}

/* Whether a text can be typed and shown in one line. */
static bool is_one_line(const char *text)
{
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            return false;
    return fr_utf8_valid(text, strlen(text));
}

/* Puts a candidate behind the others, if it begins as the word does. */
static void add(struct completion *c, const char *value, const char *about)
{
    if (!fr_str_starts(value, complete_part(c)))
        return;
    if (c->count == c->cap) {
        c->cap = c->cap ? 2 * c->cap : 32;
        c->items = realloc(c->items, c->cap * sizeof *c->items);
        if (!c->items)
            abort();
    }
    char *shown = fr_strdup(&c->arena, about ? about : "");
    for (char *p = shown; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = ' ';
    c->items[c->count++] =
        (struct candidate){fr_format(&c->arena, "%.*s%s", (int)c->keep, c->word, value), shown};
}

void complete_add(struct completion *c, const char *value, const char *about)
{
    if (!is_one_line(value))
        return;
    c->other = true;
    add(c, value, about);
}

void complete_add_path(struct completion *c, const char *path)
{
    if (c->shell == COMPLETE_BASH || is_one_line(path))
        add(c, path, "");
}

/* ---- what is to be completed ---- */

/* Offers the words of a list `a|b|c`. */
static void add_words(struct completion *c, const char *words)
{
    char word[64];
    const char *one;
    size_t len;
    while ((len = cmd_next_word(&words, &one)) > 0) {
        snprintf(word, sizeof word, "%.*s", (int)len, one);
        complete_add(c, word, "");
    }
}

/* `--input @FILE`. */
static void add_file_behind_at(struct completion *c)
{
    c->keep++;
    complete_files(c, ANY_FILES);
}

/* Offers values of an option. */
static void add_values(struct completion *c, const struct cmd_option *option)
{
    if (cmd_is_words(option->arg))
        add_words(c, option->arg);
    else if (strcmp(option->name, "input") == 0 && *complete_part(c) == '@')
        add_file_behind_at(c);
    else if (strcmp(option->arg, "FILE") == 0 || strcmp(option->arg, "RESULT") == 0)
        complete_files(c, ANY_FILES);
    else
        complete_placeholder(c, option->arg, strlen(option->arg));
}

/* Offers the options of the command that are not flags given already. */
static void add_options(struct completion *c)
{
    const struct cmd_option *option;
    uint32_t at = 0;
    char text[64];
    while ((option = cmd_option_next(c->cmd, &at))) {
        snprintf(text, sizeof text, "--%s", option->name);
        complete_add(c, text, option->help);
    }
    complete_add(c, "--help", "explain the command");
    at = 0;
    while (*c->word == '-' && (option = cmd_option_next(c->cmd, &at))) {
        snprintf(text, sizeof text, "-%c", option->letter);
        if (option->letter)
            complete_add(c, text, option->help);
    }
}

/* Offers what an operand may be: its part of the usage line, such as `[FILE|-|RUN]`; the last may be repeated. */
static void add_operand(struct completion *c)
{
    const char *at = c->cmd->operands, *part = at;
    for (uint32_t i = 0; *at && i <= c->opts.file_count; i++) {
        part = at + strspn(at, " ");
        at = part + strcspn(part, " ");
    }
    bool more = strstr(part, "...") != NULL;
    if (c->opts.file_count >= c->cmd->max_files || (!*part && !more))
        return;
    while (part < at) {
        size_t len = strcspn(part, "[]|. ");
        char word[32];
        snprintf(word, sizeof word, "%.*s", (int)len, part);
        if (cmd_is_words(word) || strcmp(word, "-") == 0)
            complete_add(c, word, "");
        else if (len)
            complete_placeholder(c, part, len);
        part += len + 1;
    }
}

/* The option that `--name` stands for, in full or by its beginning. */
static const struct cmd_option *find_long(const struct cmd *cmd, const char *name, size_t len)
{
    const struct cmd_option *option, *found = NULL;
    uint32_t at = 0;
    while ((option = cmd_option_next(cmd, &at))) {
        if (strncmp(option->name, name, len) != 0)
            continue;
        if (option->name[len] == '\0')
            return option;
        found = option;
    }
    return found;
}

static const struct cmd_option *find_letter(const struct cmd *cmd, char letter)
{
    const struct cmd_option *option;
    uint32_t at = 0;
    while ((option = cmd_option_next(cmd, &at)))
        if (option->letter && option->letter == letter)
            return option;
    return NULL;
}

/* An option of a word: *value is where its value begins in the word, NULL = it is not there. NULL: the word has none that
 * takes a value. */
static const struct cmd_option *option_of(struct completion *c, const char *word,
                                          const char **value)
{
    *value = NULL;
    if (fr_str_starts(word, "--")) {
        size_t len = strcspn(word + 2, "=");
        const struct cmd_option *option = len ? find_long(c->cmd, word + 2, len) : NULL;
        if (word[2 + len])
            *value = word + 2 + len + 1;
        if (option && option->take == TAKE_FLAG)
            cmd_option_store(&c->opts, option, NULL);
        return option && option->take != TAKE_FLAG ? option : NULL;
    }
    for (const char *at = word + 1; *word == '-' && *at; at++) {
        const struct cmd_option *option = find_letter(c->cmd, *at);
        if (!option)
            break;
        if (option->take != TAKE_FLAG) {
            *value = at[1] ? at + 1 : NULL;
            return option;
        }
        cmd_option_store(&c->opts, option, NULL);
    }
    return NULL;
}

/* Finds the command, which its options may stand before; without one it is `run`. The place of the first word that is no
 * option, among those before the last. */
static size_t find_command(struct completion *c, char **words, size_t count)
{
    char **argv = FR_NEW_ARRAY(&c->arena, count + 1, char *);
    memcpy(&argv[1], words, (count - 1) * sizeof *argv); /* argv[0] is the program */
    size_t place = (size_t)cmd_command_place((int)count, argv) - 1;
    c->cmd = place + 1 < count ? cmd_find(words[place]) : NULL;
    c->cmd_given = c->cmd != NULL;
    if (!c->cmd)
        c->cmd = cmd_find("run");
    return place;
}

/* Reads the words before the last and offers what that one may become. */
static void complete_word(struct completion *c, char **words, size_t count)
{
    const struct cmd_option *pending = NULL;
    const char *value;
    bool only_operands = false;
    size_t place = find_command(c, words, count);
    bool first = place + 1 >= count;

    for (size_t at = 0; at + 1 < count; at++) {
        if (at == place && c->cmd_given) {
            continue;
        } else if (pending) {
            cmd_option_store(&c->opts, pending, complete_path(c, words[at]));
            pending = NULL;
        } else if (only_operands || words[at][0] != '-' || !words[at][1]) {
            cmd_opts_operand(&c->opts, complete_path(c, words[at]));
        } else if (strcmp(words[at], "--") == 0) {
            only_operands = true;
        } else if ((pending = option_of(c, words[at], &value)) && value) {
            cmd_option_store(&c->opts, pending, complete_path(c, value));
            pending = NULL;
        }
    }
    if (pending) {
        add_values(c, pending);
        return;
    }
    bool dashed = !only_operands && *c->word == '-';
    const struct cmd_option *option = dashed && c->word[1] ? option_of(c, c->word, &value) : NULL;
    if (option && value) {
        c->keep = (size_t)(value - c->word);
        add_values(c, option);
        return;
    }
    if (dashed)
        add_options(c);
    if (first && !only_operands)
        complete_placeholder(c, "COMMAND", 7);
    if (!dashed || !c->word[1])
        add_operand(c);
}

/* ---- what the shell gets ---- */

/* The length of a file's name without the slash behind that of a folder: bash puts one there itself, also where it lists
 * names. It does not where it cannot see the folder, as when a break in the word keeps the path's beginning from it. */
static size_t bare_len(struct completion *c, const char *name)
{
    struct stat st;
    size_t len = strlen(name);
    bool folder = len > 1 && name[len - 1] == '/' && stat(complete_path(c, name), &st) == 0;
    return folder ? len - 1 : len;
}

/* For bash: what it has to do, then each candidate from where it begins to replace. */
static void write_bash(struct completion *c, const struct bash_line *line, struct fr_buf *out)
{
    bool files = c->count && !c->other;
    const char *last = c->count == 1 ? c->items[0].value : "";
    bool more = *last && strchr("/=,", last[strlen(last) - 1]);

    fr_buf_printf(out, "%s%s",
                  line->is_for_bash ? "default "
                  : files           ? "files "
                                    : "",
                  more ? "nospace" : "");
    fr_buf_char(out, '\0');
    for (size_t i = 0; i < c->count && !line->is_for_bash; i++) {
        size_t start = out->len;
        const char *value = c->items[i].value;
        value += line->from <= strlen(value) ? line->from : strlen(value);
        if (files)
            fr_buf_add(out, value, bare_len(c, value));
        else if (!bash_quote(value, line->quote, out))
            out->len = start;
        if (out->len > start)
            fr_buf_char(out, '\0');
    }
}

/* For the others: what to do, how much of the word is kept, then the candidates. */
static void write_lines(const struct completion *c, struct fr_buf *out)
{
    static const char *const names[] = {"", "files", "workflows", "folders"};
    const char *last = c->count == 1 ? c->items[0].value : "";
    bool more = *last && strchr("/=,", last[strlen(last) - 1]);

    fr_buf_printf(out, "%s %s\t%zu\n", names[c->files], more ? "nospace" : "", c->keep);
    for (size_t i = 0; i < c->count; i++)
        fr_buf_printf(out, "%s\t%s\n", c->items[i].value, c->items[i].about);
}

/* Too late: nothing is said. */
static void give_up(int number)
{
    (void)number;
    _exit(0);
}

/* The word as it will be read: fish hands on what is typed. */
static const char *unquoted(struct completion *c, const char *text)
{
    struct bash_line line;
    bash_line_read(text, strlen(text), "", &line);
    const char *word = fr_strdup(&c->arena, line.count == 1 ? line.words[0] : text);
    bash_line_release(&line);
    return word;
}

/* The words of the command behind the program's name; false when the call is none of the three. */
static bool read_call(int argc, char **argv, struct completion *c, struct bash_line *line,
                      char ***words, size_t *count)
{
    int64_t point = 0;
    if (argc == 5 && strcmp(argv[1], "bash") == 0 && fr_parse_i64(argv[3], &point) && point >= 0) {
        size_t len = strlen(argv[2]);
        c->shell = COMPLETE_BASH;
        bash_line_read(argv[2], (uint64_t)point < len ? (size_t)point : len, argv[4], line);
        *words = line->words + 1;
        *count = line->count ? line->count - 1 : 0;
    } else if (argc > 2 && (strcmp(argv[1], "zsh") == 0 || strcmp(argv[1], "fish") == 0)) {
        c->shell = *argv[1] == 'z' ? COMPLETE_ZSH : COMPLETE_FISH;
        *words = argv + 2;
        *count = (size_t)argc - 2;
    }
    if (*count == 0)
        return false;
    const char *last = (*words)[*count - 1];
    c->word = c->shell == COMPLETE_FISH ? unquoted(c, last) : last;
    return true;
}

int cmd_complete(int argc, char **argv)
{
    struct itimerval limit = {.it_value = {.tv_usec = PATIENCE_MS * 1000L}};
    struct completion c = {.shell = COMPLETE_BASH};
    struct bash_line line = {NULL, 0, 0, 0, false};
    char **words = NULL;
    struct fr_buf out;
    size_t count = 0;

    signal(SIGALRM, give_up);
    setitimer(ITIMER_REAL, &limit, NULL);
    int null = fr_open("/dev/null", O_WRONLY, 0);
    if (null >= 0)
        (void)dup2(null, STDERR_FILENO);
    fr_close(&null);
    fr_arena_init(&c.arena);
    fr_buf_init(&out, 0);
    if (read_call(argc, argv, &c, &line, &words, &count)) {
        complete_word(&c, words, count);
        if (c.shell == COMPLETE_BASH)
            write_bash(&c, &line, &out);
        else
            write_lines(&c, &out);
    }
    (void)fr_write_all(STDOUT_FILENO, out.data, out.len);
    free(c.items);
    cmd_opts_release(&c.opts);
    bash_line_release(&line);
    fr_buf_release(&out);
    fr_arena_release(&c.arena);
    return CMD_OK;
}
