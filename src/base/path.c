/* Path names as text, and finding a program on a list of folders. Any thread. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"
#include "flowrun/base/buf.h"
#include "flowrun/base/fd.h"

/* Adds the pieces of `path` to an absolute path that has no slash at its end ("" is the root). */
static void add_pieces(struct fr_buf *out, const char *path)
{
    while (*path) {
        size_t len = strcspn(path, "/");
        if (len == 2 && path[0] == '.' && path[1] == '.') {
            while (out->len > 0 && out->data[--out->len] != '/') {
            }
        } else if (len > 0 && !(len == 1 && path[0] == '.')) {
            (void)fr_buf_char(out, '/');
            (void)fr_buf_add(out, path, len);
        }
        path += len + (path[len] == '/');
    }
}

/* Joins and cleans; a relative base starts at the current folder. Above the root is the root. */
char *fr_path_join(const char *base, const char *path)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    if (*path != '/') {
        if (!base || *base != '/') {
            char *cwd = getcwd(NULL, 0);
            add_pieces(&out, cwd ? cwd : "/");
            free(cwd);
        }
        add_pieces(&out, base ? base : "");
    }
    add_pieces(&out, path);
    if (out.len == 0) {
        (void)fr_buf_char(&out, '/');
    }
    if (out.overflow) {
        base_oom();
    }
    return fr_buf_take(&out, NULL);
}

/* What follows the last slash; empty for a path that ends in one. */
const char *fr_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The last ending with its dot; dots in front of a name begin none, and "a." has none. */
const char *fr_path_ext(const char *path)
{
    const char *base = fr_path_base(path);
    base += strspn(base, ".");
    const char *dot = strrchr(base, '.');
    return dot && dot[1] ? dot : NULL;
}

/* Tells whether the path is a regular file this process may execute. */
static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
           faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

/* Returns `folder` and `name` joined if that is a program, else NULL. Not cleaned: ".." behind a
 * symbolic link is for the kernel to resolve. */
static char *try_path(const char *folder, size_t len, const char *name)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    (void)fr_buf_add(&out, folder, len);
    if (*name != '/') {
        (void)fr_buf_char(&out, '/');
    }
    (void)fr_buf_str(&out, name + (strncmp(name, "./", 2) == 0 ? 2 : 0));
    if (out.overflow) {
        base_oom();
    }
    char *path = fr_buf_take(&out, NULL);
    if (is_program(path)) {
        return path;
    }
    free(path);
    return NULL;
}

/* Looks into one folder of the list; a relative one, and the empty one, starts at `cwd`. */
static char *try_folder(const char *cwd, const char *folder, size_t len, const char *name)
{
    if (len > 0 && *folder == '/') {
        return try_path(folder, len, name);
    }
    struct fr_buf whole;
    fr_buf_init(&whole, 0);
    (void)fr_buf_printf(&whole, "%s%s%.*s", cwd, len > 0 ? "/" : "", (int)len, folder);
    char *found = try_path(fr_buf_cstr(&whole), whole.len, name);
    fr_buf_release(&whole);
    return found;
}

/* Looks for a program as execvp would, in an environment and a folder that need not be ours. */
char *fr_find_program(const char *name, const char *path, const char *cwd)
{
    if (*name == '\0') {
        return NULL;
    }
    if (*name == '/') {
        return try_path("", 0, name);
    }
    if (strchr(name, '/')) {
        return try_path(cwd, strlen(cwd), name);
    }
    for (const char *p = path ? path : "/bin:/usr/bin";; p++) {
        size_t len = strcspn(p, ":");
        char *found = try_folder(cwd, p, len, name);
        if (found || p[len] == '\0') {
            return found;
        }
        p += len;
    }
}
