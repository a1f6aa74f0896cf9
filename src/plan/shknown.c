/* Tables over commands and variables that shells treat in a way of their own. What makes
 * an entry necessary was tried out with dash, bash and busybox. Pure. */
#include "shknown.h"

#include <string.h>

static const struct sh_known commands[] = {
    {"eval", SH_EVAL, "", "", 0},
    {"trap", SH_EVAL, "", "", 0},
    {".", SH_EVAL, "", "", 0},
    {"source", SH_EVAL, "", "", 0},
    {"alias", SH_EVAL, "", "", 0},
    {"let", SH_EVAL, "", "", 0},
    {"watch", SH_EVAL, "", "", 0},
    {"compgen", SH_EVAL, "", "", 0},
    {"complete", SH_EVAL, "", "", 0},
    {"bind", SH_EVAL, "", "", 0},
    {"hash", SH_EVAL, "", "", 0},
    {"enable", SH_EVAL, "", "", 0},
    {"fc", SH_EVAL, "", "", 0},
    {"history", SH_EVAL, "", "", 0},
    {"shift", SH_EVAL, "", "", 0},
    {"ulimit", SH_EVAL, "", "", 0},
    {"read", SH_NAMES, "", "", 0},
    {"mapfile", SH_NAMES, "", "", 0},
    {"readarray", SH_NAMES, "", "", 0},
    {"getopts", SH_NAMES, "", "", 0},
    {"unset", SH_NAMES, "", "", 0},
    {"wait", SH_TEST, "", "", 0},
    {"export", SH_DECLARE, "", "", 0},
    {"readonly", SH_DECLARE, "", "", 0},
    {"local", SH_DECLARE, "", "", 0},
    {"declare", SH_DECLARE, "", "", 0},
    {"typeset", SH_DECLARE, "", "", 0},
    {"set", SH_SET, "", "", 0},
    {"shopt", SH_SET, "", "", 0},
    {"test", SH_TEST, "", "", 0},
    {"[", SH_TEST, "", "", 0},
    {"printf", SH_TEST, "", "", 0},
    {"sh", SH_SCRIPT, "c", "oO", 0},
    {"bash", SH_SCRIPT, "c", "oO", 0},
    {"dash", SH_SCRIPT, "c", "o", 0},
    {"ash", SH_SCRIPT, "c", "o", 0},
    {"ksh", SH_SCRIPT, "c", "o", 0},
    {"mksh", SH_SCRIPT, "c", "o", 0},
    {"zsh", SH_SCRIPT, "c", "o", 0},
    {"yash", SH_SCRIPT, "c", "o", 0},
    {"fish", SH_SCRIPT, "cC", "do", 0},
    {"csh", SH_SCRIPT, "c", "", 0},
    {"tcsh", SH_SCRIPT, "c", "", 0},
    {"su", SH_SCRIPT, "c", "gGsTw", 9},
    {"runuser", SH_SCRIPT, "c", "gGsTw", 9},
    {"script", SH_SCRIPT, "c", "BEIOTmo", 9},
    {"python", SH_SCRIPT, "c", "QWX", 0},
    {"pypy", SH_SCRIPT, "c", "WX", 0},
    {"perl", SH_SCRIPT, "eE", "I,MmiFxD", 0},
    {"ruby", SH_SCRIPT, "e", "ICEr,iFxKTW", 0},
    {"node", SH_SCRIPT, "ep", "rC", 0},
    {"nodejs", SH_SCRIPT, "ep", "rC", 0},
    {"bun", SH_SCRIPT, "ep", "rc", 0},
    {"deno", SH_VERB, "eval", "", 0},
    {"php", SH_SCRIPT, "rBRE", "cdfFStz", 0},
    {"lua", SH_SCRIPT, "e", "l", 0},
    {"luajit", SH_SCRIPT, "e", "l,jOb", 0},
    {"Rscript", SH_SCRIPT, "e", "", 0},
    {"R", SH_SCRIPT, "e", "fg", 0},
    {"osascript", SH_SCRIPT, "e", "ls", 0},
    {"awk", SH_AWK, "e", "FvfilE", 1},
    {"gawk", SH_AWK, "e", "FvfilE", 1},
    {"mawk", SH_AWK, "e", "FvfW", 1},
    {"nawk", SH_AWK, "e", "FvfE", 1},
    {"find", SH_FIND, "", "", 0},
    {"exec", SH_PREFIX, "", "a", 0},
    {"command", SH_PREFIX, "", "", 0},
    {"builtin", SH_PREFIX, "", "", 0},
    {"env", SH_PREFIX, "S", "uCa", 0},
    {"busybox", SH_PREFIX, "", "", 0},
    {"sudo", SH_PREFIX, "", "ugpCDRTUhrt", 0},
    {"doas", SH_PREFIX, "", "uC", 0},
    {"nohup", SH_PREFIX, "", "", 0},
    {"setsid", SH_PREFIX, "", "", 0},
    {"nice", SH_PREFIX, "", "n", 0},
    {"ionice", SH_PREFIX, "", "cnpPu", 0},
    {"time", SH_PREFIX, "", "fo", 0},
    {"timeout", SH_PREFIX, "", "ks", 1},
    {"stdbuf", SH_PREFIX, "", "ioe", 0},
    {"chroot", SH_PREFIX, "", "", 1},
    {"flock", SH_PREFIX, "c", "wE", 1},
    {"xargs", SH_PREFIX, "", "nPIELads", 0},
};

const struct sh_known *sh_known_command(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *base = slash != NULL ? slash + 1 : name;
    size_t len = strlen(base);
    while (len > 1 && ((base[len - 1] >= '0' && base[len - 1] <= '9') || base[len - 1] == '.')) {
        len--;
    }
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
        if (strlen(commands[i].name) == len && memcmp(commands[i].name, base, len) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

bool sh_is_special_variable(const char *name, size_t len)
{
    static const char *const names[] = {
        "ENV",     "BASH_ENV", "PS0",     "PS1",         "PS2",     "PS3",     "PS4",
        "OPTIND",  "RANDOM",   "SRANDOM", "SECONDS",     "LINENO",  "HISTCMD", "PROMPT_COMMAND",
        "COLUMNS", "LINES",    "SHLVL",   "BASH_COMPAT", "FUNCNEST"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0) {
            return true;
        }
    }
    return false;
}

bool sh_is_builtin(const char *name)
{
    static const char *const names[] = {
        "!",      ".",       ":",        "[",        "[[",        "]]",       "{",       "}",
        "alias",  "bg",      "bind",     "break",    "builtin",   "caller",   "case",    "cd",
        "chdir",  "command", "compgen",  "complete", "compopt",   "continue", "coproc",  "declare",
        "dirs",   "disown",  "do",       "done",     "echo",      "elif",     "else",    "enable",
        "esac",   "eval",    "exec",     "exit",     "export",    "false",    "fc",      "fg",
        "fi",     "for",     "function", "getopts",  "hash",      "help",     "history", "if",
        "in",     "jobs",    "kill",     "let",      "local",     "logout",   "mapfile", "popd",
        "printf", "pushd",   "pwd",      "read",     "readarray", "readonly", "return",  "select",
        "set",    "shift",   "shopt",    "source",   "suspend",   "test",     "then",    "time",
        "times",  "trap",    "true",     "type",     "typeset",   "ulimit",   "umask",   "unalias",
        "unset",  "until",   "wait",     "while"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}
