/* Words of shell text, and whether an expression may stand in them, which depends on the
 * command they belong to. Build thread only. */
#include <string.h>

#include "shlex.h"

#define ENV_OR_ARGV "hand the value over with 'env:' and write \"$NAME\" there, or use 'argv:'"

const struct sh_refusal sh_as_command = {
    "as a command's name", "write the command out, choose it with 'when:', or use 'argv:'"};
const struct sh_refusal sh_as_name = {"where the shell reads a variable's name",
                                      "write the name out"};
static const struct sh_refusal as_subscript = {
    "in a subscript, which the shell evaluates",
    "assign the value to a variable first, or hand it over with 'env:' or 'argv:'"};
static const struct sh_refusal as_special = {"in a variable whose value the shell evaluates",
                                             "use a variable of another name"};
static const struct sh_refusal as_typed = {
    "in a declaration of an array, or in a script that declares arrays, which may evaluate it",
    "hand the value over with 'env:', or assign it without 'declare'"};

static bool is_name_char(char c)
{
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Length of the variable's name a word starts with; 0 when it does not. */
static size_t name_len(const struct sh_word *word)
{
    size_t n = 0;
    if (word->text[0] >= '0' && word->text[0] <= '9') {
        return 0;
    }
    while (is_name_char(word->text[n])) {
        n++;
    }
    return n;
}

/* A value behind NAME=. */
const struct sh_refusal *sh_decide_value(const struct sh *sh, const struct sh_cmd *cmd,
                                         const struct sh_word *word)
{
    bool declares =
        cmd->state == SH_AT_ARGS && cmd->known != NULL && cmd->known->policy == SH_DECLARE;
    if (sh_is_special_variable(word->text, name_len(word))) {
        return &as_special;
    }
    if (declares && (cmd->typed || sh->arrays)) {
        return &as_typed;
    }
    return NULL;
}

/* Why no expression may stand in the word as it is so far; NULL when it may. */
static const struct sh_refusal *decide(const struct sh *sh, const struct sh_cmd *cmd,
                                       const struct sh_word *word)
{
    if (sh->refuse != NULL) {
        return sh->refuse;
    }
    switch (cmd->state) {
    case SH_AT_NAME:
        if (word->assign) {
            return sh_decide_value(sh, cmd, word);
        }
        return word->len > 0 && word->text[name_len(word)] == '[' ? &as_subscript : &sh_as_command;
    case SH_AT_FOR:
    case SH_AT_FUNCTION:
        return &sh_as_name;
    case SH_AT_FOR_IN:
        return NULL;
    case SH_AT_ARGS:
        break;
    }
    return sh_decide_argument(sh, cmd, word);
}

static void add_literal(struct sh_word *word, const char *text, size_t len)
{
    for (size_t i = 0; i < len && word->plain; i++) {
        if (word->len < sizeof(word->text) - 1) {
            word->text[word->len] = text[i];
        }
        word->len++;
    }
}

/* An unquoted `=` makes what stands before it an assignment. */
static void note_equals(struct sh_word *word)
{
    size_t n = name_len(word);
    bool plus = word->text[n] == '+';
    if (word->plain && !word->quoted && n > 0 && n + plus == word->len) {
        word->assign = true;
    }
}

/* `( … )` of an array's value: words, which may have subscripts before them. */
static void read_array(struct sh *sh)
{
    const struct sh_refusal *refusal = sh->refuse;
    const char *start = sh->at;
    sh_take(sh, 1);
    while (sh->at < sh->end && *sh->at != ')') {
        bool first = strchr(" \t\n(", sh->at[-1]) != NULL;
        if (first && *sh->at == '[') {
            sh_take(sh, 1);
            sh_balanced(sh, '[', ']', &as_subscript);
        } else if (first && *sh->at == '#') {
            sh_comment(sh);
        } else if (!sh_piece(sh, SH_BARE, refusal)) {
            sh_take(sh, 1);
        }
    }
    if (sh->at == sh->end) {
        sh_fail(sh, start, "a bracket is not closed");
    }
    sh_take(sh, 1);
}

/* Quotes, a substitution or a backslash. Text in quotes is literal when nothing is expanded in it. */
static void read_piece(struct sh *sh, const struct sh_cmd *cmd, struct sh_word *word)
{
    const char *start = sh->at;
    bool joins = sh_at(sh, "\\\n");
    (void)sh_piece(sh, SH_BARE, decide(sh, cmd, word));
    size_t len = (size_t)(sh->at - start);
    word->quoted |= *start != '$' && *start != '`' && !joins;
    if (*start == '\\' && len == 2) {
        add_literal(word, start + 1, joins ? 0 : 1);
    } else if (len >= 2 && (*start == '\'' || (*start == '"' && memchr(start, '$', len) == NULL &&
                                               memchr(start, '`', len) == NULL &&
                                               memchr(start, '\\', len) == NULL))) {
        add_literal(word, start + 1, len - 2);
    } else {
        word->plain = false;
    }
}

static bool ends_word(char c)
{
    return strchr(" \t\n;&|<>)", c) != NULL;
}

/* A bracket inside a word: an array's value or a pattern group. False when the word ends before it. */
static bool read_group(struct sh *sh, struct sh_word *word)
{
    bool array = word->assign && sh->at[-1] == '=';
    if (array) {
        read_array(sh);
    } else if (word->len > 0 && strchr("@?*+!", sh->at[-1]) != NULL) {
        sh_take(sh, 1);
        sh_balanced(sh, '(', ')', &sh_in_pattern);
    } else {
        return false;
    }
    word->plain = false;
    return true;
}

void sh_word(struct sh *sh, const struct sh_cmd *cmd, struct sh_word *word)
{
    *word = (struct sh_word){.plain = true};
    while (sh->at < sh->end && !ends_word(*sh->at)) {
        char c = *sh->at;
        if (strchr("\\'\"$`", c) != NULL || expr_starts(sh->at)) {
            read_piece(sh, cmd, word);
        } else if (c == '(') {
            if (!read_group(sh, word)) {
                return;
            }
        } else {
            if (c == '=') {
                note_equals(word);
            }
            add_literal(word, &c, 1);
            sh_take(sh, 1);
        }
    }
}
