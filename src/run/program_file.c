/* The file that a step runs: a program that is named by its path, or the script that an interpreter is given. What it holds is
 * part of the step's recipe. Only what stands in front is looked at; other files are for `sources`. Coordinator thread. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/fd.h"
#include "recipe.h"

enum { WORDS = 8 };

/* Whether the first argument that is no option is the path of what runs. */
static bool is_interpreter(const char *program)
{
    static const char *const names[] = {".",    "source", "exec", "sh",     "bash",
                                        "dash", "ksh",    "zsh",  "python", "perl",
                                        "ruby", "node",   "php",  "lua",    "Rscript"};
    const char *name = fr_path_base(program);
    size_t len = strlen(name);
    while (len > 1 && strchr("0123456789.", name[len - 1])) /* python3.11 */
        len--;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == len && strncmp(names[i], name, len) == 0)
            return true;
    return false;
}

/* The script among the words behind an interpreter; NULL = none. */
static const char *find_script(const char *const *words)
{
    size_t len = strlen(words[0]);
    bool is_shell = len >= 2 && strcmp(words[0] + len - 2, "sh") == 0;
    for (words++; *words; words++) {
        if (**words != '-')
            return *words;
        char last = (*words)[strlen(*words) - 1];
        if (is_shell && (last == 'o' || last == 'O') && words[1])
            words++; /* -euo pipefail */
    }
    return NULL;
}

/* Adds what a file holds, if it is there and belongs to the workflow: its path is relative, or leads below the folder of
 * the workflow. */
static void add_file(struct job_maker *m, const char *path, struct fr_sha256 *sha)
{
    struct fr_memory_source *memory = m->c->options->memory;
    const char *base = m->step->unit->base_dir;
    size_t len = strlen(base);
    bool below = strncmp(path, base, len) == 0 && path[len] == '/';
    char hash[65];
    if (!*path || (*path == '/' && !below))
        return;
    char *full = fr_path_join(m->job->cwd ? m->job->cwd : base, path);
    if (memory->file_sha256(memory, full, hash) == 0) {
        fr_sha256_add(sha, "P", 1);
        fr_sha256_add(sha, hash, 64);
    }
    free(full);
}

/* Adds the file that a command runs. */
static void add_command(struct job_maker *m, const char *const *words, struct fr_sha256 *sha)
{
    const char *script = is_interpreter(words[0]) ? find_script(words) : NULL;
    if (strchr(words[0], '/'))
        add_file(m, words[0], sha);
    if (script)
        add_file(m, script, sha);
}

/* Where the first command of a shell text begins: behind comments and `set`. What comes later may be made by what is before
 * it, and says nothing of what the step has found. */
static char *first_command(char *text)
{
    text += strspn(text, " \t\n");
    while (*text == '#' || strncmp(text, "set -", 5) == 0) {
        text += strcspn(text, *text == '#' ? "\n" : "\n;");
        text += strspn(text, " \t\n;");
    }
    return text;
}

/* The plain words that a command begins with, but for variables that are set in front; as many as there is room for. */
static size_t read_words(char *text, const char **words)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./+-@%:,=";
    size_t count = 0;
    while (count < WORDS) {
        size_t len = strspn(text, plain);
        char end = text[len];
        if (!len || (end && !strchr(" \t\n;&|<>)", end)))
            break;
        text[len] = '\0';
        if (count || !strchr(text, '='))
            words[count++] = text;
        if (end != ' ' && end != '\t')
            break;
        text += len + 1;
        text += strspn(text, " \t");
    }
    return count;
}

void program_file_add(struct job_maker *m, struct fr_sha256 *sha)
{
    const char *words[WORDS + 1] = {NULL};
    const char *const *argv = m->job->argv;
    if (!argv[0])
        return;
    add_command(m, argv, sha);
    if (!m->step->script || argv == m->step->script->words)
        return;
    char *text = strdup(m->step->script->text);
    if (!text)
        abort();
    if (read_words(first_command(text), words))
        add_command(m, words, sha);
    free(text);
}
