/* Files that reports are written to. What stands for an open descriptor (/dev/stdout, /dev/fd/63 of `>(…)`) is written to as
 * such: behind its name may be a file, and to replace that would leave its owner with nothing. Main thread. */
#include "reportfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "flowrun/store/store.h"

static const char null_path[] = "/dev/null";

int reportfile_descriptor(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    int64_t fd = -1;
    if (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (fr_str_starts(path, folders[i]) &&
            (!fr_parse_i64(path + strlen(folders[i]), &fd) || fd < 0 || fd > INT32_MAX))
            fd = -1;
        else if (fd >= 0)
            break;
    return (int)fd;
}

bool reportfile_writable(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

const char *reportfile_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard output" : path;
}

/* Whether a file is there that may not be written: to rename another one over it would need no right to it. errno says why. */
static bool is_protected(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
           faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0;
}

/* Whether a file can be made there; says why not. */
static bool can_make(const char *option, const char *path)
{
    struct stat st;
    char *folder = fr_follow_links(path);
    if (!folder) {
        cmd_fail(CMD_USAGE, "%s: cannot write to '%s': %s", option, path, strerror(errno));
        return false;
    }
    char *end = folder + (fr_path_base(folder) - folder);
    end[end > folder + 1 ? -1 : 0] = '\0';
    bool good = stat(folder, &st) == 0 && S_ISDIR(st.st_mode);
    if (!good)
        cmd_fail(CMD_USAGE, "%s: there is no folder '%s' to write the report into: make it first",
                 option, folder);
    else if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        good = true; /* nothing is made beside it */
    else if (is_protected(path))
        good = (cmd_fail(CMD_USAGE, "%s: cannot write to '%s': %s", option, path, strerror(errno)),
                false);
    else if (access(folder, W_OK | X_OK) != 0 && (good = false, true))
        cmd_fail(CMD_USAGE, "%s: cannot write into the folder '%s': %s", option, folder,
                 strerror(errno));
    free(folder);
    return good;
}

char *reportfile_path(const char *path)
{
    char *cwd = getcwd(NULL, 0);
    char *full = fr_path_join(cwd ? cwd : "/", strcmp(path, "-") == 0 ? "/dev/stdout" : path);
    free(cwd);
    return full;
}

char *reportfile_folder(const char *path)
{
    size_t len = (size_t)(fr_path_base(path) - path);
    if (fr_str_starts(path, "/dev/") || fr_str_starts(path, "/proc/"))
        return NULL;
    char *folder = strndup(path, len > 1 ? len - 1 : len);
    if (!folder)
        abort();
    return folder;
}

char *reportfile_resolve(const char *option, const char *path)
{
    struct stat st;
    const char *name = reportfile_name(path);
    if (!*path) {
        cmd_fail(CMD_USAGE, "%s needs the name of a file", option);
        return NULL;
    }
    char *full = reportfile_path(path);
    int fd = reportfile_descriptor(full);
    bool good = true;
    if (fd >= 0 && !reportfile_writable(fd))
        good = (cmd_fail(CMD_USAGE, "%s: %s is not open for writing", option, name), false);
    else if (fd < 0 && stat(full, &st) == 0 && S_ISDIR(st.st_mode))
        good = (cmd_fail(CMD_USAGE, "%s: '%s' is a folder: give the name of a file", option, path),
                false);
    else if (fd < 0)
        good = can_make(option, full);
    if (good)
        return full;
    free(full);
    return NULL;
}

/* Whether a file is a database of SQLite or the journal of one: of another store, or of anybody. */
static bool is_database(const char *path)
{
    static const char database[16] = "SQLite format 3";
    static const unsigned char journal[3] = {0x37, 0x7f, 0x06};
    char head[sizeof database] = "";
    struct stat st;
    int fd =
        stat(path, &st) == 0 && S_ISREG(st.st_mode) ? fr_open(path, O_RDONLY | O_CLOEXEC, 0) : -1;
    ssize_t len = fd < 0 ? 0 : read(fd, head, sizeof head);
    fr_close(&fd);
    return len == sizeof head && (memcmp(head, database, sizeof database) == 0 ||
                                  memcmp(head, journal, sizeof journal) == 0);
}

int reportfile_check_store(const char *option, const char *path, const struct cmd_opts *opts)
{
    struct fr_diags none;
    fr_diags_init(&none);
    char *folder = fr_store_folder(opts->store, &none);
    bool bad = folder && reportfile_descriptor(path) < 0 && fr_store_owns(folder, path);
    fr_diags_release(&none);
    free(folder);
    if (!bad && reportfile_descriptor(path) < 0 && is_database(path))
        return cmd_fail(CMD_USAGE, "%s: '%s' is a database: give another file", option, path);
    return bad ? cmd_fail(CMD_USAGE,
                          "%s: '%s' belongs to the store of runs: give a file outside of it",
                          option, path)
               : CMD_OK;
}

/* Whether two paths lead to one file that is not there yet: one name in one folder. */
static bool same_place(const char *a, const char *b)
{
    char *left = fr_follow_links(a), *right = fr_follow_links(b);
    bool same = left && right && strcmp(fr_path_base(left), fr_path_base(right)) == 0;
    struct stat one, other;
    if (same) {
        left[fr_path_base(left) - left] = right[fr_path_base(right) - right] = '\0';
        same = stat(*left ? left : ".", &one) == 0 && stat(*right ? right : ".", &other) == 0 &&
               one.st_dev == other.st_dev && one.st_ino == other.st_ino;
    }
    free(left);
    free(right);
    return same;
}

bool reportfile_same(const char *a, const char *b)
{
    struct stat left, right;
    if (strcmp(a, null_path) == 0 || strcmp(b, null_path) == 0)
        return false;
    if (strcmp(a, b) == 0)
        return true;
    if (reportfile_descriptor(a) >= 0 && reportfile_descriptor(b) >= 0)
        return reportfile_descriptor(a) == reportfile_descriptor(b);
    if (stat(a, &left) < 0 || stat(b, &right) < 0)
        return same_place(a, b);
    return left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

/* Writes to a FIFO, which nobody may be reading: that must not hold up the end of a run. */
static int write_fifo(const char *path, const struct fr_buf *content)
{
    int fd = fr_open(path, O_WRONLY | O_NONBLOCK, 0);
    if (fd < 0)
        return fd;
    int err = fcntl(fd, F_SETFL, 0) < 0 ? -errno : fr_write_all(fd, content->data, content->len);
    fr_close(&fd);
    return err;
}

int reportfile_write(const char *path, const struct fr_buf *content)
{
    struct stat st;
    int fd = reportfile_descriptor(path), err;
    if (content->overflow)
        return -ENOMEM;
    if (fd >= 0)
        err = fr_write_all(fd, content->data, content->len);
    else if (stat(path, &st) == 0 && S_ISFIFO(st.st_mode))
        err = write_fifo(path, content);
    else if (is_protected(path))
        err = -errno;
    else
        err = fr_write_file(path, content->data, content->len, 0666);
    return err == -EPIPE ? 0 : err;
}

const char *reportfile_error(int err)
{
    return err == -ENXIO ? "nobody reads it" : strerror(-err);
}
