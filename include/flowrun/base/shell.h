/* Words of a POSIX shell. Pure functions; any thread. */
#ifndef FLOWRUN_BASE_SHELL_H
#define FLOWRUN_BASE_SHELL_H

#include "flowrun/base/buf.h"

/* Appends the bytes in single quotes, so that a shell takes them as they are. */
void fr_shell_quote(const char *text, size_t len, struct fr_buf *out);
/* The same of a text, without the quotes where a shell takes it so as well: for people, who copy it. */
void fr_shell_word(const char *text, struct fr_buf *out);

#endif
