/* Files for completion. zsh lists them itself, for the others they are listed here. Main thread. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "complete.h"
#include "flowrun/base/str.h"

enum { MOST = 10000 }; /* entries of a folder that are looked at */

struct names {
    const char **at;
    size_t count, cap;
};

const char *complete_path(struct completion *c, const char *word)
{
    const char *home = getenv("HOME");
    if (strncmp(word, "~/", 2) != 0 || !home)
        return word;
    return fr_format(&c->arena, "%s%s", home, word + 1);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Whether an entry is offered; *folder says what it is. */
static bool is_wanted(struct completion *c, const char *path, enum complete_files which,
                      bool *folder)
{
    struct stat st;
    *folder = stat(complete_path(c, path), &st) == 0 && S_ISDIR(st.st_mode);
    return *folder || which == ANY_FILES ||
           (which == WORKFLOW_FILES && (fr_str_ends(path, ".yaml") || fr_str_ends(path, ".yml")));
}

/* The entries of a folder that begin as the word does; folders with a slash. */
static void read_folder(struct completion *c, DIR *dir, enum complete_files which,
                        struct names *names)
{
    const char *part = complete_part(c), *slash = strrchr(part, '/');
    const char *begin = slash ? slash + 1 : part;
    struct dirent *entry;
    bool folder;

    for (int seen = 0; seen < MOST && (entry = readdir(dir)); seen++) {
        const char *name = entry->d_name;
        if (!fr_str_starts(name, begin) || (*name == '.' && *begin != '.') ||
            strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        char *path = fr_format(&c->arena, "%.*s%s", (int)(begin - part), part, name);
        if (!is_wanted(c, path, which, &folder))
            continue;
        if (names->count == names->cap) {
            names->cap = names->cap ? 2 * names->cap : 64;
            names->at = realloc(names->at, names->cap * sizeof *names->at);
            if (!names->at)
                abort();
        }
        names->at[names->count++] = folder ? fr_format(&c->arena, "%s/", path) : path;
    }
}

void complete_files(struct completion *c, enum complete_files which)
{
    const char *part = complete_part(c), *slash = strrchr(part, '/');
    struct names names = {NULL, 0, 0};

    c->files = which;
    if (c->shell == COMPLETE_ZSH)
        return;
    const char *folder = fr_strndup(&c->arena, part, slash ? (size_t)(slash - part) + 1 : 0);
    DIR *dir = opendir(*folder ? complete_path(c, folder) : ".");
    if (!dir)
        return;
    read_folder(c, dir, which, &names);
    closedir(dir);
    if (names.count)
        qsort(names.at, names.count, sizeof *names.at, compare);
    for (size_t i = 0; i < names.count; i++)
        complete_add_path(c, names.at[i]);
    free(names.at);
}
