/* Files by pattern. Walks the folders that the pattern can reach, and no others. Owns nothing; any thread. */
#include "flowrun/base/glob.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/locale.h"

enum { DEPTH_MAX = 200 };

/* One walk. */
struct walk {
    bool folders;
    struct fr_paths *paths;
    unsigned depth;
};

bool fr_is_glob(const char *pattern)
{
    return strpbrk(pattern, "*?[\\") != NULL;
}

/* Takes a path. */
static void found(struct fr_paths *paths, char *path)
{
    if (paths->count == paths->cap) {
        paths->cap = paths->cap ? paths->cap * 2 : 16;
        char **grown = realloc(paths->items, paths->cap * sizeof *grown);
        if (!grown)
            abort();
        paths->items = grown;
    }
    paths->items[paths->count++] = path;
}

static int go_on(struct walk *walk, const char *folder, const char *pattern);

/* What is called `name` in a folder, with the pattern that is left behind its own part. */
static int take(struct walk *walk, const char *folder, const char *name, const char *rest)
{
    struct stat st;
    char *path = fr_path_join(folder, name);
    int err = 0;
    if (stat(path, &st) == 0) {
        if (*rest && S_ISDIR(st.st_mode))
            err = go_on(walk, path, rest);
        else if (!*rest && (S_ISREG(st.st_mode) || (walk->folders && S_ISDIR(st.st_mode)))) {
            found(walk->paths, path);
            path = NULL;
        }
    }
    free(path);
    return err;
}

/* Whether a name of a folder fits one part of the pattern. */
static bool fits(const char *part, const char *name)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return false;
    locale_t before = fr_locale_utf8();
    bool fit = fnmatch(part, name, FNM_PERIOD) == 0;
    fr_locale_back(before);
    return fit;
}

/* Whether a folder's entry is a folder itself, and no link to one. */
static bool is_own_folder(const char *folder, const struct dirent *entry)
{
    struct stat st;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    char *path = fr_path_join(folder, entry->d_name);
    bool is = lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
    free(path);
    return is;
}

/* All entries of a folder that fit a part; `part` NULL: `**`, which goes into all folders with the same pattern. */
static int list(struct walk *walk, const char *folder, const char *part, const char *rest)
{
    DIR *dir = opendir(folder);
    int err = 0;
    if (!dir)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
    for (const struct dirent *entry; !err && (entry = readdir(dir)) != NULL;) {
        if (part && fits(part, entry->d_name)) {
            err = take(walk, folder, entry->d_name, rest);
        } else if (!part && fits("*", entry->d_name) && is_own_folder(folder, entry)) {
            char *path = fr_path_join(folder, entry->d_name);
            err = go_on(walk, path, rest);
            free(path);
        }
    }
    (void)closedir(dir);
    return err;
}

/* The pattern's first part in a folder. `**` stands for none or more folders, at the end for all that is below. */
static int one_part(struct walk *walk, const char *folder, const char *pattern)
{
    size_t len = strcspn(pattern, "/");
    const char *rest = pattern + len + strspn(pattern + len, "/");
    char *part = strndup(pattern, len);
    int err;
    if (!part)
        abort();
    if (strcmp(part, "**") == 0) {
        err = go_on(walk, folder, *rest ? rest : "*");
        err = err ? err : list(walk, folder, NULL, pattern);
    } else if (fr_is_glob(part)) {
        err = list(walk, folder, part, rest);
    } else {
        err = take(walk, folder, part, rest);
    }
    free(part);
    return err;
}

/* The rest of a pattern in a folder. */
static int go_on(struct walk *walk, const char *folder, const char *pattern)
{
    if (++walk->depth > DEPTH_MAX)
        return -ELOOP;
    int err = one_part(walk, folder, pattern);
    walk->depth--;
    return err;
}

int fr_glob(const char *base, const char *pattern, bool folders, struct fr_paths *paths)
{
    struct walk walk = {.folders = folders, .paths = paths};
    const char *from = *pattern == '/' ? "/" : base;
    pattern += strspn(pattern, "/");
    return *pattern ? go_on(&walk, from, pattern) : 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void fr_paths_sort(struct fr_paths *paths)
{
    size_t kept = 0;
    if (paths->count == 0)
        return;
    qsort(paths->items, paths->count, sizeof *paths->items, compare);
    for (size_t i = 0; i < paths->count; i++) {
        if (kept && strcmp(paths->items[kept - 1], paths->items[i]) == 0)
            free(paths->items[i]);
        else
            paths->items[kept++] = paths->items[i];
    }
    paths->count = kept;
}

void fr_paths_release(struct fr_paths *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        free(paths->items[i]);
    free(paths->items);
    *paths = (struct fr_paths){0};
}
