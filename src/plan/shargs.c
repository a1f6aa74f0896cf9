/* Arguments of commands in shell text: which of them are options, programs, names or
 * other commands, and so whether an expression may stand in them. Build thread only. */
#include <string.h>

#include "shlex.h"

#define ENV_OR_ARGV "hand the value over with 'env:' and write \"$NAME\" there, or use 'argv:'"

static const struct sh_refusal as_option = {"where 'set' reads options",
                                            "write 'set --' before it"};
static const struct sh_refusal as_script = {
    "in program text for another interpreter",
    "give it as an argument: sh -c '… \"$1\" …' sh ${{ … }}, or hand it over with 'env:'"};
static const struct sh_refusal after_eval = {"where the command runs its arguments as program text",
                                             ENV_OR_ARGV};

/* What an option makes of the word behind it. */
enum follows { NOTHING_FOLLOWS, VALUE_FOLLOWS, PROGRAM_FOLLOWS };

static bool has_letter(const char *letters, size_t len, char c)
{
    return memchr(letters, c, len) != NULL;
}

/* True when a long option, perhaps shortened, is one of the list. */
static bool is_long(const char *text, const char *const *list)
{
    size_t len = strcspn(text, "=");
    for (; *list != NULL; list++) {
        if (len > 2 && strncmp(*list, text, len) == 0) {
            return true;
        }
    }
    return false;
}

static enum follows read_long(const struct sh_known *known, const char *text)
{
    static const char *const programs[] = {
        "--eval",         "--print",  "--command",      "--split-string",    "--run",
        "--process-code", "--source", "--init-command", "--session-command", NULL};
    static const char *const values[] = {"--user",
                                         "--group",
                                         "--chdir",
                                         "--unset",
                                         "--argv0",
                                         "--adjustment",
                                         "--signal",
                                         "--kill-after",
                                         "--max-args",
                                         "--max-procs",
                                         "--max-chars",
                                         "--arg-file",
                                         "--delimiter",
                                         "--host",
                                         "--prompt",
                                         "--role",
                                         "--type",
                                         "--close-from",
                                         "--class",
                                         "--classdata",
                                         "--format",
                                         "--output",
                                         "--input",
                                         "--error",
                                         "--chroot",
                                         "--timeout",
                                         "--wait",
                                         "--pid",
                                         "--conflict-exit-code",
                                         "--other-user",
                                         "--process-slot-var",
                                         "--command-timeout",
                                         NULL};
    if (is_long(text, programs)) {
        return PROGRAM_FOLLOWS;
    }
    bool prefix = known->policy == SH_PREFIX;
    bool alone = strchr(text, '=') == NULL && text[2] != '\0';
    /* Of interpreters every long option may have a value. */
    return alone && (!prefix || is_long(text, values)) ? VALUE_FOLLOWS : NOTHING_FOLLOWS;
}

/* What an option of one letter or several says: `-c`, `-ec`, `-I dir`. */
static enum follows read_option(const struct sh_known *known, const char *text)
{
    if (text[1] == '-') {
        return read_long(known, text);
    }
    size_t separate = strcspn(known->values, ",");
    for (const char *at = text + 1; *at != '\0'; at++) {
        if (strchr(known->program, *at) != NULL) {
            return PROGRAM_FOLLOWS;
        }
        if (has_letter(known->values, separate, *at)) {
            return at[1] == '\0' ? VALUE_FOLLOWS : NOTHING_FOLLOWS;
        }
        if (strchr(known->values + separate, *at) != NULL || strchr(":=/.", *at) != NULL) {
            return NOTHING_FOLLOWS;
        }
    }
    return NOTHING_FOLLOWS;
}

/* What any shell would take for its -c, and few other programs use: not gcc's -march. */
static bool is_shell_c(const char *text)
{
    enum { USUAL = 4 };
    size_t len = strlen(text), letters = strspn(text + (len > 0), "abefhiklmnprstuvxBCEHPTc");
    return text[0] == '-' && letters + 1 == len && strchr(text, 'c') != NULL &&
           (letters <= USUAL || text[len - 1] == 'c');
}

static bool word_is(const struct sh_word *word, const char *text)
{
    return word->plain && strcmp(word->text, text) == 0;
}

/* `-` alone is no option, but a file. */
static bool is_option(const struct sh_word *word)
{
    return (word->text[0] == '-' || word->text[0] == '+') && word->len > 1;
}

void sh_set_command(struct sh_cmd *cmd, const struct sh_word *word)
{
    static const struct sh_known unknown = {"", SH_UNKNOWN, "c", "", 0};
    *cmd = (struct sh_cmd){.state = SH_AT_ARGS, .in_find = cmd->in_find};
    if (!word->plain) {
        cmd->known = &unknown;
    } else if (word->len < sizeof(word->text)) {
        cmd->known = sh_known_command(word->text);
    }
    cmd->positional = cmd->known != NULL ? cmd->known->positional : 0;
}

/* An option, or what follows one: a value or a program. False for any other word. */
static bool note_option(struct sh_cmd *cmd, const struct sh_word *word)
{
    bool option = is_option(word);
    if (cmd->announced) { /* sh -c -e program */
        cmd->announced = option && word->plain && cmd->known->policy == SH_SCRIPT;
        return true;
    }
    if (cmd->value) {
        cmd->value = false;
        return true;
    }
    if (!option) {
        return false;
    }
    enum follows follows = read_option(cmd->known, word->text);
    bool rest = !word->plain || (word->text[1] == '-' && strchr(word->text, '=') != NULL);
    cmd->announced = follows == PROGRAM_FOLLOWS && !rest;
    cmd->value = follows == VALUE_FOLLOWS && !rest;
    return true;
}

/* A word of a command that runs another one. */
static void note_prefix_word(struct sh_cmd *cmd, const struct sh_word *word)
{
    if (note_option(cmd, word) || word->assign) {
        return;
    }
    if (cmd->positional > 0) {
        cmd->positional--;
    } else {
        sh_set_command(cmd, word);
    }
}

/* A word of an interpreter: the name of a file ends its options. What the shell expands may be options. */
static void note_script_word(struct sh_cmd *cmd, const struct sh_word *word)
{
    bool uncertain = cmd->value && is_option(word); /* a long option may have had no value */
    cmd->value = cmd->value && !uncertain;
    if (!note_option(cmd, word) && word->plain) {
        cmd->known = cmd->positional > 0 ? cmd->known : NULL;
        cmd->positional -= cmd->positional > 0;
    }
}

/* A word of awk: with -f the first one is no program. */
static void note_awk_word(struct sh_cmd *cmd, const struct sh_word *word)
{
    static const char *const files[] = {"--file", "--exec", "--source", NULL};
    bool value = cmd->value;
    if (!note_option(cmd, word)) { /* the program, or a file: options are over */
        cmd->known = word->plain ? NULL : cmd->known;
        cmd->positional = 0;
    } else if (!value && is_option(word)) {
        bool file = word->text[1] == '-' ? is_long(word->text, files)
                                         : strchr("feE", word->text[1]) != NULL;
        cmd->positional = file ? 0 : cmd->positional;
        cmd->value = cmd->value && (word->text[1] != '-' || file);
    }
}

/* A word of find, or of a command that it runs. */
static bool note_find_word(struct sh_cmd *cmd, const struct sh_word *word)
{
    static const struct sh_known find = {"find", SH_FIND, "", "", 0};
    if (cmd->known != NULL && cmd->known->policy == SH_FIND) {
        bool runs = cmd->announced;
        cmd->announced = word_is(word, "-exec") || word_is(word, "-execdir") ||
                         word_is(word, "-ok") || word_is(word, "-okdir");
        cmd->in_find = true;
        if (runs) {
            sh_set_command(cmd, word);
        }
        return true;
    }
    if (cmd->in_find && (word_is(word, ";") || word_is(word, "+"))) {
        *cmd = (struct sh_cmd){.state = SH_AT_ARGS, .known = &find, .in_find = true};
        return true;
    }
    return false;
}

/* A word of a command of which nothing else is known. */
static void note_plain_word(struct sh_cmd *cmd, const struct sh_word *word)
{
    const struct sh_known *known =
        word->plain && word->len < sizeof(word->text) ? sh_known_command(word->text) : NULL;
    bool unknown = cmd->known != NULL && cmd->known->policy == SH_UNKNOWN;
    cmd->announced = unknown && word->plain && is_shell_c(word->text);
    if (known != NULL && known->policy == SH_SCRIPT) { /* ssh host sh -c */
        cmd->known = known;
        cmd->positional = known->positional;
    }
}

void sh_note_argument(struct sh_cmd *cmd, const struct sh_word *word)
{
    static const struct sh_known evaluates = {"", SH_EVAL, "", "", 0};
    cmd->dashes = cmd->dashes || word_is(word, "--");
    cmd->after_v = word_is(word, "-v");
    if (note_find_word(cmd, word)) {
        return;
    }
    switch (cmd->known != NULL ? cmd->known->policy : SH_PLAIN) {
    case SH_PREFIX:
        note_prefix_word(cmd, word);
        return;
    case SH_DECLARE:
        cmd->typed =
            cmd->typed || (word->plain && is_option(word) && strpbrk(word->text, "aAin") != NULL);
        return;
    case SH_SCRIPT:
        note_script_word(cmd, word);
        return;
    case SH_AWK:
        note_awk_word(cmd, word);
        return;
    case SH_VERB:
        if (!is_option(word)) {
            cmd->known = word_is(word, cmd->known->program) ? &evaluates : NULL;
        }
        return;
    case SH_PLAIN:
    case SH_UNKNOWN:
        note_plain_word(cmd, word);
        return;
    default:
        return;
    }
}

/* Words of commands that run programs or other commands. */
static const struct sh_refusal *decide_program(const struct sh_cmd *cmd, const struct sh_word *word)
{
    bool option = word->text[0] == '-' && !cmd->value;
    if (cmd->announced || (option && read_option(cmd->known, word->text) == PROGRAM_FOLLOWS)) {
        return &as_script;
    }
    if (cmd->known->policy == SH_AWK && !option && !cmd->value && cmd->positional > 0) {
        return &as_script;
    }
    return NULL;
}

const struct sh_refusal *sh_decide_argument(const struct sh *sh, const struct sh_cmd *cmd,
                                            const struct sh_word *word)
{
    switch (cmd->known != NULL ? cmd->known->policy : SH_PLAIN) {
    case SH_EVAL:
        return &after_eval;
    case SH_NAMES:
        return &sh_as_name;
    case SH_DECLARE:
        return word->assign ? sh_decide_value(sh, cmd, word) : &sh_as_name;
    case SH_SET:
        return cmd->dashes ? NULL : &as_option;
    case SH_TEST:
        return cmd->after_v ? &sh_as_name : NULL;
    case SH_SCRIPT:
    case SH_AWK:
        return decide_program(cmd, word);
    case SH_FIND:
        return cmd->announced ? &sh_as_command : NULL;
    case SH_UNKNOWN:
        return cmd->announced ? &as_script : NULL;
    case SH_PREFIX:
        if (word->assign) {
            return sh_decide_value(sh, cmd, word);
        }
        if (cmd->value || word->text[0] == '-' || cmd->announced) {
            return decide_program(cmd, word);
        }
        return cmd->positional > 0 ? NULL : &sh_as_command;
    case SH_VERB:
    case SH_PLAIN:
        break;
    }
    return NULL;
}
