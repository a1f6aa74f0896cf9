/* The front door of binding: finds out whether a shell is one whose quoting is known,
 * has the text read, and finds text that needs no shell. Build thread only. */
#include "flowrun/plan/bind.h"

#include <string.h>

#include "flowrun/base/fd.h"
#include "shlex.h"

static const struct sh_refusal not_bourne = {
    "in a script for this shell, whose quoting is not known or which evaluates numbers",
    "use sh or bash, or hand the value over with 'env:' or 'argv:'"};

static const struct sh_refusal in_integers = {
    "in a script that declares integers or references, which evaluate what they are given",
    "take the attribute away, n=$((n + 1)) needs none; or hand the value over with 'env:'"};

bool fr_shell_is_bourne(const char *const *shell, uint32_t count)
{
    static const char *const names[] = {"sh", "bash", "dash", "ash"};
    uint32_t i = 0;
    if (i < count && strcmp(fr_path_base(shell[i]), "env") == 0) {
        i++;
    }
    if (i < count && strcmp(fr_path_base(shell[i]), "busybox") == 0) {
        i++;
    }
    if (i + 1 >= count) {
        return false;
    }
    bool known = false;
    for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++) {
        known = known || strcmp(fr_path_base(shell[i]), names[k]) == 0;
    }
    /* The text comes last: it is read as a script only when the word before it says so. */
    const char *last = shell[count - 1];
    return known && last[0] == '-' && last[1] != '-' && strchr(last, 'c') != NULL;
}

/* bash's echo as a function: with -n, -e and -E, and one write a call. The options are read as bash reads them, so that
 * a word such as -nx or -a is text. */
static const char echo_prelude[] =
    "echo() { local IFS=' ' FLOWRUN_ECHO=%s FLOWRUN_EOL='\\n'; "
    "while case ${1-} in -|-*[!neE]*) false ;; -*) ;; *) false ;; esac; do "
    "case $1 in *n*) FLOWRUN_EOL= ;; esac; "
    "case $1 in *E*) FLOWRUN_ECHO=%s ;; esac; "
    "case ${1##*E} in *e*) FLOWRUN_ECHO=%b ;; esac; "
    "shift; done; "
    "printf \"$FLOWRUN_ECHO$FLOWRUN_EOL\" \"$*\"; }; ";

const char *fr_script_prelude(const struct fr_script *script, const char *const *shell,
                              uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(fr_path_base(shell[i]), "bash") == 0) {
            return "";
        }
    }
    return script->echoes ? echo_prelude : "";
}

/* True when `-` options behind `at` hold one of the letters. */
static bool has_flag(const char *at, const char *letters)
{
    while (*at == ' ' || *at == '-' || *at == '+') {
        size_t space = strspn(at, " \t");
        at += space;
        if (space == 0 || (*at != '-' && *at != '+')) {
            return false;
        }
        size_t len = strcspn(at, " \t\n;&|=");
        for (size_t i = 1; i < len; i++) {
            if (strchr(letters, at[i]) != NULL) {
                return true;
            }
        }
        at += len;
    }
    return false;
}

/* Looks for declarations that make later assignments evaluate their values: also those that `read`, `for` and others
 * make with data that went through other hands. It looks at the bare text, so that it errs on the careful side. */
static void find_declarations(struct sh *sh)
{
    static const char *const words[] = {"declare", "typeset", "local", "readonly", "export"};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        size_t len = strlen(words[i]);
        for (const char *at = strstr(sh->text, words[i]); at != NULL;
             at = strstr(at + 1, words[i])) {
            if (i < 3 && has_flag(at + len, "in")) {
                sh->refuse = &in_integers;
            }
            sh->arrays = sh->arrays || has_flag(at + len, "aA");
        }
    }
    sh->arrays = sh->arrays || strstr(sh->text, "=(") != NULL || strstr(sh->text, "]=") != NULL ||
                 strstr(sh->text, "mapfile") != NULL || strstr(sh->text, "readarray") != NULL ||
                 strstr(sh->text, "read -a") != NULL;
}

static bool is_plain_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("_./,:@%+=-", c) != NULL);
}

/* The words of a line that a shell would execute as they stand, or NULL. */
static const char **plain_words(struct fr_arena *arena, const char *text)
{
    size_t start = strspn(text, " \t\n"), end = strlen(text), count = 1;
    while (end > start && strchr(" \t\n", text[end - 1]) != NULL) {
        end--;
    }
    if (start == end) {
        return NULL;
    }
    for (size_t i = start; i < end; i++) {
        bool space = text[i] == ' ' || text[i] == '\t';
        bool starts = i == start || text[i - 1] == ' ' || text[i - 1] == '\t';
        if ((!space && !is_plain_char(text[i])) || (starts && text[i] == '=')) {
            return NULL;
        }
        count += space;
    }
    const char **words = FR_NEW_ARRAY(arena, count + 1, const char *);
    size_t used = 0;
    for (size_t i = start; i < end;) {
        size_t len = strcspn(text + i, " \t\n");
        if (len > 0) {
            words[used++] = fr_strndup(arena, text + i, len);
        }
        i += len + 1;
    }
    bool command = words[0][0] != '-' && strchr(words[0], '=') == NULL && !sh_is_builtin(words[0]);
    return command ? words : NULL;
}

const struct fr_script *fr_script_parse(struct fr_expr_ctx *ctx, const char *text,
                                        struct fr_mark mark, bool bourne)
{
    struct fr_script *script = FR_NEW(ctx->arena, struct fr_script);
    script->text = text;
    if (!fr_has_expr(text)) {
        script->words = bourne ? plain_words(ctx->arena, text) : NULL;
        return script;
    }
    struct sh sh = {.ctx = ctx, .text = text, .mark = mark, .at = text, .end = text + strlen(text)};
    fr_buf_init(&sh.out, 0);
    if (bourne) {
        find_declarations(&sh);
        sh_commands(&sh, SH_STOP_END);
    } else {
        while (sh.at < sh.end) {
            if (!sh_expr(&sh, true, &not_bourne)) {
                sh_take(&sh, 1);
            }
        }
    }
    if (!sh.failed) {
        script->text = fr_strndup(ctx->arena, fr_buf_cstr(&sh.out), sh.out.len);
        script->values = sh.values;
        script->value_count = sh.value_count;
        script->echoes = sh.value_count > 0 && strstr(text, "echo") != NULL;
    }
    fr_buf_release(&sh.out);
    return sh.failed ? NULL : script;
}
