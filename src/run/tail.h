/* The last lines of what a program printed, for the report of a failure. Private to run/. */
#ifndef RUN_TAIL_H
#define RUN_TAIL_H

#include <stddef.h>

/* Returned owned; NULL when there is nothing. */
char *tail_of(const char *text, size_t len, size_t *tail_len);
char *tail_of_file(const char *path, size_t *tail_len);

#endif
