/* Files by pattern, as shells know them: `*`, `?` and `[a-z]` inside of a name, and `**` for any folders, none too. A
 * name that begins with a dot is only found by a pattern that does. Any thread. */
#ifndef FLOWRUN_BASE_GLOB_H
#define FLOWRUN_BASE_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/* All zero is an empty list. */
struct fr_paths {
    char **items; /* absolute, in order of their bytes, each once; owned */
    size_t count, cap;
};

/* Adds what `pattern` finds, from the folder `base` on unless it is absolute: files, and with `folders` folders, too.
 * Links to folders are followed but by `**`. 0 or -errno (a folder cannot be read, -ELOOP nested too deep). */
int fr_glob(const char *base, const char *pattern, bool folders, struct fr_paths *paths);
/* Puts them in order, and drops what is there twice. */
void fr_paths_sort(struct fr_paths *paths);
void fr_paths_release(struct fr_paths *paths);
/* Whether a text holds anything but a plain path. */
bool fr_is_glob(const char *pattern);

#endif
