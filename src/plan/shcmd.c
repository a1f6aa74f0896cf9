/* Commands of shell text: which word is the command and which are its arguments, what
 * ends a command, redirections and reserved words. Build thread only. */
#include <string.h>

#include "shlex.h"

static const struct sh_refusal as_descriptor = {
    "behind '>&' or '<&'", "write the number of the file out, or use '>' or '<'"};

static bool word_is(const struct sh_word *word, const char *text)
{
    return word->plain && !word->quoted && strcmp(word->text, text) == 0;
}

static bool word_is_one_of(const struct sh_word *word, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (word_is(word, *words)) {
            return true;
        }
    }
    return false;
}

void sh_comment(struct sh *sh)
{
    while (sh->at < sh->end && *sh->at != '\n') {
        sh_take(sh, 1);
    }
}

static void skip_space(struct sh *sh, bool newlines)
{
    while (sh->at < sh->end) {
        if (*sh->at == ' ' || *sh->at == '\t') {
            sh_take(sh, 1);
        } else if (sh_at(sh, "\\\n")) {
            sh_take(sh, 2);
        } else if (newlines && *sh->at == '\n') {
            sh_take(sh, 1);
            sh_doc_bodies(sh);
        } else if (newlines && *sh->at == '#') {
            sh_comment(sh);
        } else {
            return;
        }
    }
}

void sh_subst(struct sh *sh, size_t skip, const struct sh_refusal *refusal)
{
    const char *start = sh->at;
    const struct sh_refusal *outer = sh->refuse;
    unsigned base = sh->doc_base;
    sh_take(sh, skip);
    if (++sh->depth > SH_DEPTH) {
        sh_fail(sh, start, "the script is nested too deeply");
    }
    sh->doc_base = sh->doc_count;
    sh->refuse = refusal != NULL ? refusal : outer;
    sh_commands(sh, SH_STOP_PAREN);
    sh->refuse = outer;
    sh->doc_count = sh->doc_base;
    sh->doc_base = base;
    sh->depth--;
    if (sh->at == sh->end) {
        sh_fail(sh, start, "a bracket is not closed");
    }
    sh_take(sh, 1);
}

static const char *const leads_on[] = {"if",    "then",   "else", "elif", "fi", "while",
                                       "until", "do",     "done", "{",    "}",  "!",
                                       "time",  "coproc", "esac", NULL};
static const char *const loops[] = {"for", "select", "foreach", NULL};

/* `[[ … ]]`: nothing may stand in it. */
static void read_brackets(struct sh *sh)
{
    const struct sh_refusal *outer = sh->refuse;
    const char *start = sh->at;
    const struct sh_cmd cmd = {.state = SH_AT_ARGS};
    struct sh_word word;
    sh->refuse = &sh_in_brackets;
    for (;;) {
        skip_space(sh, true);
        if (sh->at == sh->end) {
            sh_fail(sh, start, "'[[' is not closed");
            break;
        }
        const char *before = sh->at;
        sh_word(sh, &cmd, &word);
        if (word_is(&word, "]]")) {
            break;
        }
        if (sh->at == before) {
            sh_take(sh, 1);
        }
    }
    sh->refuse = outer;
}

/* One word of its own, as data. */
static void read_data_word(struct sh *sh, struct sh_word *word)
{
    const struct sh_cmd cmd = {.state = SH_AT_ARGS};
    skip_space(sh, false);
    sh_word(sh, &cmd, word);
}

/* The patterns of one branch of `case`, up to their bracket. */
static void read_patterns(struct sh *sh)
{
    struct sh_word word;
    while (sh->at < sh->end && *sh->at != ')') {
        const char *before = sh->at;
        read_data_word(sh, &word);
        if (sh->at == before || *sh->at == '|') {
            sh_take(sh, *sh->at == ')' ? 0 : 1);
        }
    }
    sh_take(sh, 1);
}

/* `case word in … esac`, the first word being read. */
static void read_case(struct sh *sh)
{
    const char *start = sh->at;
    struct sh_word word;
    read_data_word(sh, &word);
    skip_space(sh, true);
    read_data_word(sh, &word);
    if (++sh->depth > SH_DEPTH || !word_is(&word, "in")) {
        sh_fail(sh, start, "'case' has no 'in'");
    }
    for (;;) {
        skip_space(sh, true);
        if (sh->at == sh->end) {
            sh_fail(sh, start, "'case' has no 'esac'");
            break;
        }
        if (sh_at(sh, "esac")) {
            sh_take(sh, 4);
            break;
        }
        if (*sh->at == '(') {
            sh_take(sh, 1);
        }
        read_patterns(sh);
        sh_commands(sh, SH_STOP_CASE);
        if (sh_at(sh, ";;&")) {
            sh_take(sh, 3);
        } else if (sh_at(sh, ";")) {
            sh_take(sh, 2);
        }
    }
    sh->depth--;
}

/* `(( … ))`, from the first bracket on. */
static void read_arithmetic(struct sh *sh)
{
    sh_take(sh, 1);
    sh_balanced(sh, '(', ')', &sh_in_arithmetic);
}

/* Where a word is the first of a command and reserved, does what it says. False when it is an ordinary word. */
static bool read_reserved(struct sh *sh, const struct sh_word *word, struct sh_cmd *cmd)
{
    if (word_is_one_of(word, leads_on)) {
        *cmd = (struct sh_cmd){0};
    } else if (word_is_one_of(word, loops)) {
        skip_space(sh, false);
        *cmd = (struct sh_cmd){.state = SH_AT_FOR};
        if (sh_at(sh, "((")) {
            read_arithmetic(sh);
            *cmd = (struct sh_cmd){0};
        }
    } else if (word_is(word, "function")) {
        *cmd = (struct sh_cmd){.state = SH_AT_FUNCTION};
    } else if (word_is(word, "case")) {
        read_case(sh);
        *cmd = (struct sh_cmd){.state = SH_AT_ARGS};
    } else if (word_is(word, "[[")) {
        read_brackets(sh);
        *cmd = (struct sh_cmd){.state = SH_AT_ARGS};
    } else {
        return false;
    }
    return true;
}

static void note_word(struct sh *sh, const struct sh_word *word, struct sh_cmd *cmd)
{
    switch (cmd->state) {
    case SH_AT_NAME:
        if (!word->assign && !read_reserved(sh, word, cmd)) {
            sh_set_command(cmd, word);
        }
        return;
    case SH_AT_FOR:
        *cmd = (struct sh_cmd){.state = SH_AT_FOR_IN};
        return;
    case SH_AT_FOR_IN:
        if (word_is(word, "do") || word_is(word, "{")) {
            *cmd = (struct sh_cmd){0};
        }
        return;
    case SH_AT_FUNCTION:
        *cmd = (struct sh_cmd){0};
        return;
    case SH_AT_ARGS:
        sh_note_argument(cmd, word);
        return;
    }
}

/* The length of a redirection's operator, its descriptor included; 0 when none starts here. */
static size_t redirection_len(const struct sh *sh)
{
    static const char *const ops[] = {"&>>", "&>", "<<<", "<<-", "<<", "<>",
                                      "<&",  "<",  ">>",  ">&",  ">|", ">"};
    const char *at = sh->at;
    while (at < sh->end && *at >= '0' && *at <= '9') {
        at++;
    }
    struct sh here = *sh;
    here.at = at;
    for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
        if (sh_at(&here, ops[i]) && (ops[i][0] != '&' || at == sh->at)) {
            return (size_t)(at - sh->at) + strlen(ops[i]);
        }
    }
    return 0;
}

static void read_redirection(struct sh *sh, size_t len)
{
    const char *op_end = sh->at + len;
    bool strip = op_end[-1] == '-';
    bool doc = strip || (len >= 2 && op_end[-1] == '<' && op_end[-2] == '<' &&
                         !(len >= 3 && op_end[-3] == '<'));
    const struct sh_refusal *outer = sh->refuse;
    const struct sh_cmd cmd = {.state = SH_AT_ARGS};
    struct sh_word word;
    sh_take(sh, len);
    skip_space(sh, false);
    if (doc) {
        sh_doc_start(sh, strip);
        return;
    }
    if (sh_at(sh, "<(") || sh_at(sh, ">(")) {
        sh_subst(sh, 2, NULL);
        return;
    }
    if (op_end[-1] == '&' && outer == NULL) {
        sh->refuse = &as_descriptor;
    }
    sh_word(sh, &cmd, &word);
    sh->refuse = outer;
}

/* A bracket where a word could start: arithmetic, a subshell, or a function's. */
static void read_open(struct sh *sh, struct sh_cmd *cmd)
{
    if (cmd->state == SH_AT_NAME) {
        if (sh_at(sh, "((")) {
            read_arithmetic(sh);
        } else {
            sh_subst(sh, 1, NULL);
        }
        *cmd = (struct sh_cmd){.state = SH_AT_ARGS};
        return;
    }
    sh_take(sh, 1);
    skip_space(sh, false);
    if (sh_at(sh, ")")) {
        sh_take(sh, 1);
        *cmd = (struct sh_cmd){0};
    } else { /* no function after all: nothing may stand in what is not understood */
        sh_balanced(sh, '(', ')', &sh_in_pattern);
    }
}

/* An operator that ends a command; false when it ends the list. */
static bool read_operator(struct sh *sh, enum sh_stop stop, struct sh_cmd *cmd)
{
    char c = *sh->at;
    if ((c == ')' && stop == SH_STOP_PAREN) ||
        (stop == SH_STOP_CASE && (sh_at(sh, ";;") || sh_at(sh, ";&")))) {
        return false;
    }
    sh_take(sh, 1);
    if (c == '\n') {
        sh_doc_bodies(sh);
    }
    *cmd = (struct sh_cmd){0};
    return true;
}

void sh_commands(struct sh *sh, enum sh_stop stop)
{
    struct sh_cmd cmd = {0};
    struct sh_word word;
    while (sh->at < sh->end) {
        size_t redirection = redirection_len(sh);
        if (*sh->at == ' ' || *sh->at == '\t' || *sh->at == '#' || sh_at(sh, "\\\n")) {
            if (*sh->at == '#') {
                sh_comment(sh);
            }
            skip_space(sh, false);
        } else if (sh_at(sh, "<(") || sh_at(sh, ">(")) {
            sh_subst(sh, 2, sh->refuse);
        } else if (redirection > 0) {
            read_redirection(sh, redirection);
        } else if (*sh->at == '(') {
            read_open(sh, &cmd);
        } else if (strchr("\n;&|)", *sh->at) != NULL) {
            if (!read_operator(sh, stop, &cmd)) {
                return;
            }
        } else if (stop == SH_STOP_CASE && cmd.state == SH_AT_NAME && sh_at(sh, "esac")) {
            return;
        } else {
            sh_word(sh, &cmd, &word);
            note_word(sh, &word, &cmd);
        }
    }
}
