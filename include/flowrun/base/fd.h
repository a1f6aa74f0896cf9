/* File descriptors: every one is close-on-exec from birth, every call restarts
 * after EINTR. Errors are negative errno values unless said otherwise. Any thread. */
#ifndef FLOWRUN_BASE_FD_H
#define FLOWRUN_BASE_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "flowrun/base/buf.h"

/* open(2) with O_CLOEXEC (and O_NOCTTY); returns the fd or -errno. */
int fr_open(const char *path, int flags, mode_t mode);
/* pipe2(2) with O_CLOEXEC; flags adds O_NONBLOCK. 0 or -errno. */
int fr_pipe(int fds[2], int flags);
/* Closes and sets to -1; harmless on -1. */
void fr_close(int *fd);

/* Writes all of it; 0 or -errno. */
int fr_write_all(int fd, const void *data, size_t len);
/* Reads to the end into `buf`, respecting its ceiling; 0, -EFBIG or -errno. */
int fr_read_all(int fd, struct fr_buf *buf);
int fr_read_file(const char *path, struct fr_buf *buf);

/* The path of the file itself that a path leads to through symbolic links, whether it is there or not; owned by the caller.
 * NULL: errno says why there is none. */
char *fr_follow_links(const char *path);
/* Writes a file whole or not at all: a temporary name beside it, then rename. Symbolic links are followed, and a file that
 * is there keeps its mode. 0 or -errno. */
int fr_write_file(const char *path, const void *data, size_t len, mode_t mode);
/* The same of a file of one's own: whatever has its name, also a link, is replaced. */
int fr_replace_file(const char *path, const void *data, size_t len, mode_t mode);
/* mkdir -p; 0 or -errno. */
int fr_mkdirs(const char *path, mode_t mode);
/* rm -rf that never follows a symlink; 0 or -errno. */
int fr_remove_tree(const char *path);

/* Path pieces: returns an absolute, lexically clean join of `base` and `path` (path alone when
 * absolute), owned by the caller (free). "." and ".." are resolved textually. */
char *fr_path_join(const char *base, const char *path);
/* The file's name without folder, and position of its ending ('.ext') or NULL; borrowed. */
const char *fr_path_base(const char *path);
const char *fr_path_ext(const char *path);

/* The first executable file called `name` on the list `path` ($PATH's form; a name with '/' is taken
 * as it is, relative to `cwd`). Returns owned absolute path or NULL. */
char *fr_find_program(const char *name, const char *path, const char *cwd);

#endif
