/* Spilled text, from file to file. Any thread. Private to run/. */
#ifndef RUN_SPILL_H
#define RUN_SPILL_H

#include <stdbool.h>

/* Asked after each piece; false ends the copy with -ECANCELED. NULL = never asked. */
typedef bool (*spill_go_on_fn)(void *arg);

/* Writes the file at `path` to a descriptor, as it is or as one JSON string. 0 or -errno. */
int spill_write(const char *path, bool json, int fd, spill_go_on_fn go_on, void *arg);
/* The latter into a new file `to`. */
int spill_write_json_file(const char *path, const char *to, spill_go_on_fn go_on, void *arg);

#endif
