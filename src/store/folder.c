/* The store's folder: where it is, and whether it may be trusted. What others could write to, or gave us, is refused:
 * a database is read by a library that believes its bytes, and values of steps are nobody else's business.
 * Touches files only; any thread. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db.h"
#include "flowrun/base/fd.h"

#define CANNOT_USE_HELP "give --store DIR with a folder you can write to, or --no-store"

/* A diagnostic without a place. */
void store_complain(struct fr_diags *diags, const char *code, const char *help, const char *fmt,
                    ...)
{
    struct fr_buf text;
    va_list args;
    fr_buf_init(&text, 0);
    va_start(args, fmt);
    fr_buf_vprintf(&text, fmt, args);
    va_end(args);
    fr_diag_add(diags, FR_ERROR, (struct fr_mark){0}, code, help, "%s", fr_buf_cstr(&text));
    fr_buf_release(&text);
}

/* `path` from the current folder, or as it is. */
static char *absolute(const char *path)
{
    char *cwd = *path == '/' ? NULL : getcwd(NULL, 0);
    char *full = fr_path_join(cwd ? cwd : "/", path);
    free(cwd);
    return full;
}

char *fr_store_folder(const char *option, struct fr_diags *diags)
{
    const char *given = option ? option : getenv("FLOWRUN_STORE");
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    if (option && !*option) {
        store_complain(diags, "store", "name a folder", "--store is empty");
        return NULL;
    }
    if (given && *given)
        return absolute(given);
    /* A relative path in it is to be ignored: XDG base directory specification. */
    if (state && *state == '/')
        return fr_path_join(state, "flowrun");
    struct passwd entry, *found = NULL;
    char buf[1024];
    if (!(home && *home) && getpwuid_r(geteuid(), &entry, buf, sizeof buf, &found) == 0 && found)
        home = found->pw_dir;
    if (home && *home == '/')
        return fr_path_join(home, ".local/state/flowrun");
    store_complain(diags, "store", "set HOME or FLOWRUN_STORE, or give --store DIR or --no-store",
                   "there is no folder to record runs in");
    return NULL;
}

/* Whether a file of somebody's may be ours: of our own, and of nobody else to write. */
static bool is_private(const char *path, const struct stat *st, struct fr_diags *diags)
{
    const char *else_help = "give --store DIR with a folder of your own, or --no-store";
    if (st->st_uid != geteuid()) {
        store_complain(diags, "store", else_help, "the store '%s' belongs to another user", path);
        return false;
    }
    if (st->st_mode & (S_IWGRP | S_IWOTH)) {
        struct fr_buf help;
        fr_buf_init(&help, 0);
        fr_buf_printf(&help, "if nobody has changed it: chmod go-w '%s'", path);
        store_complain(diags, "store", fr_buf_cstr(&help),
                       "the store '%s' can be written by other users", path);
        fr_buf_release(&help);
        return false;
    }
    return true;
}

bool store_check_inside(const char *folder, const char *name, mode_t kind, struct fr_diags *diags)
{
    struct stat st;
    char *path = fr_path_join(folder, name);
    bool good = true;
    if (lstat(path, &st) == 0) {
        if ((st.st_mode & S_IFMT) != kind) {
            good = false;
            store_complain(diags, "store", "move it away, or give --store DIR with another folder",
                           "'%s' is %s, not a %s of the store", path,
                           S_ISLNK(st.st_mode)   ? "a symbolic link"
                           : S_ISDIR(st.st_mode) ? "a folder"
                           : S_ISREG(st.st_mode) ? "a file"
                                                 : "a special file",
                           kind == S_IFDIR   ? "folder"
                           : kind == S_IFIFO ? "FIFO"
                                             : "file");
        } else {
            good = is_private(path, &st, diags);
        }
    } else if (errno != ENOENT) {
        good = false;
        store_complain(diags, "store", CANNOT_USE_HELP, "cannot use '%s': %s", path,
                       strerror(errno));
    }
    free(path);
    return good;
}

/* Everything in the folder that is opened later by its name. */
static bool check_contents(const char *folder, struct fr_diags *diags)
{
    return store_check_inside(folder, "flowrun.db", S_IFREG, diags) &&
           store_check_inside(folder, "flowrun.db-wal", S_IFREG, diags) &&
           store_check_inside(folder, "flowrun.db-shm", S_IFREG, diags) &&
           store_check_inside(folder, "reserve", S_IFREG, diags) &&
           store_check_inside(folder, "runs", S_IFDIR, diags) &&
           store_check_inside(folder, "locks", S_IFDIR, diags);
}

/* Whether the folder is a link to nothing; says so. */
static bool is_dangling(const char *folder, struct fr_diags *diags)
{
    struct stat st;
    if (stat(folder, &st) == 0 || errno != ENOENT)
        return false;
    if (lstat(folder, &st) < 0 || !S_ISLNK(st.st_mode)) /* another flowrun may make it just now */
        return false;
    store_complain(diags, "store",
                   "make the folder that it leads to, remove the link, or give another --store DIR",
                   "cannot use the store '%s': it is a symbolic link to nothing", folder);
    return true;
}

enum fr_err fr_store_check(const char *folder, bool create, struct fr_diags *diags)
{
    struct stat st;
    if (is_dangling(folder, diags))
        return FR_ERR_IO;
    int err = create ? fr_mkdirs(folder, 0700) : 0;
    /* A link to a folder of one's own is how people move such things: what counts is what it leads to. */
    if (!err && stat(folder, &st) < 0)
        err = -errno;
    if (err == -ENOENT && !create)
        return FR_ERR_MISSING;
    if (!err && !S_ISDIR(st.st_mode))
        err = -ENOTDIR;
    if (err) {
        store_complain(diags, "store", CANNOT_USE_HELP, "cannot use the store '%s': %s", folder,
                       strerror(-err));
        return FR_ERR_IO;
    }
    return is_private(folder, &st, diags) && check_contents(folder, diags) ? FR_OK : FR_ERR_IO;
}

/* Whether two paths are one file or folder that is there. */
static bool is_same(const char *one, const char *other)
{
    struct stat a, b;
    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/* What the store calls so in its folder. */
static bool is_name(const char *name)
{
    static const char database[] = "flowrun.db"; /* and its journals */
    return strncmp(name, database, strlen(database)) == 0 || strcmp(name, "reserve") == 0 ||
           strcmp(name, "runs") == 0 || strcmp(name, "locks") == 0;
}

/* Whether a path is another name of a file of the store, a hard link. */
static bool is_linked(const char *folder, const char *path)
{
    static const char *const files[] = {"flowrun.db", "flowrun.db-wal", "flowrun.db-shm",
                                        "reserve"};
    bool linked = false;
    for (size_t i = 0; i < sizeof files / sizeof *files && !linked; i++) {
        char *file = fr_path_join(folder, files[i]);
        linked = is_same(file, path);
        free(file);
    }
    return linked;
}

/* The folder that a path lies in, without links and dots; NULL = it is not there. */
static char *real_folder(const char *target)
{
    size_t len = (size_t)(fr_path_base(target) - target);
    char *folder = len ? strndup(target, len) : strdup(".");
    char *real = folder ? realpath(folder, NULL) : NULL;
    free(folder);
    return real;
}

bool fr_store_owns(const char *folder, const char *path)
{
    char *target = fr_follow_links(path);
    char *at = target ? real_folder(target) : NULL;
    char *name = at ? strdup(fr_path_base(target)) : NULL;
    bool owns = false;
    while (name && !owns) {
        if (is_same(at, folder)) {
            owns = is_name(name);
            break;
        }
        char *slash = strrchr(at, '/');
        if (!slash || slash[1] == '\0')
            break;
        free(name);
        name = strdup(slash + 1);
        slash[slash == at ? 1 : 0] = '\0';
    }
    free(name);
    free(at);
    free(target);
    return owns || is_linked(folder, path);
}
