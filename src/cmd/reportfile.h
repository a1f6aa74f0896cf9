/* Files that reports are written to. Main thread. */
#ifndef CMD_REPORTFILE_H
#define CMD_REPORTFILE_H

#include <stdbool.h>

#include "cmd.h"
#include "flowrun/base/buf.h"

/* The path as seen from here, owned by the caller; "-" is standard output. NULL after saying why no report can be written
 * there. `option` is what was given, for the message. */
char *reportfile_resolve(const char *option, const char *path);
/* Nothing is written over what the store is made of, whether the run has a part in it or not. 0 or an exit code after printing. */
int reportfile_check_store(const char *option, const char *path, const struct cmd_opts *opts);
/* Which of our descriptors a path stands for, `-` or /dev/fd/3; -1 = none. */
int reportfile_descriptor(const char *path);
/* Whether something can be written to such a descriptor. What stands for a standard output that the caller has closed can
 * only be read. */
bool reportfile_writable(int fd);
/* What a path is called: "standard output" for `-`. */
const char *reportfile_name(const char *path);
/* The same path of a file that is not checked; owned by the caller. */
char *reportfile_path(const char *path);
/* Whether two of them are the same file. Two descriptors are two, whatever is behind them. Of /dev/null there are as many as anybody wants. */
bool reportfile_same(const char *a, const char *b);
/* Writes the file whole or not at all; what is no regular file is written to as it is. 0 or -errno; a reader that went away
 * wants no more. */
int reportfile_write(const char *path, const struct fr_buf *content);
/* What an error of it means, in words. */
const char *reportfile_error(int err);

/* The folder of a full path; owned by the caller, NULL when it stands for no place in a folder. */
char *reportfile_folder(const char *path);

#endif
