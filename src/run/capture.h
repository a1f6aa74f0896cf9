/* What a process prints: bytes from a pipe into memory, beyond a ceiling into a file, or only the
 * last of them. One thread. */
#ifndef FLOWRUN_RUN_CAPTURE_H
#define FLOWRUN_RUN_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CAPTURE_CHUNK = 64 << 10 };

struct capture {
    int fd;     /* the pipe's end to read from, owned; -1 = closed or none */
    char *data; /* owned */
    size_t len, cap;
    size_t limit;     /* bytes kept in memory */
    uint64_t total;   /* bytes that came */
    bool last;        /* keeps the last `limit` bytes instead of writing a file */
    bool ignore;      /* keeps nothing */
    const char *path; /* of the file that takes what is more; borrowed */
    int file;         /* open while it is written; -1 = not needed so far */
    bool spliced_out; /* splice does not work between these two */
    bool packets; /* each write is a packet: a short read need not be all that the pipe holds … */
    bool small;   /* … unless it has room for one of them only */
};

/* Keeps everything: `limit` bytes in memory, more in a new file at `path` (borrowed). */
void capture_init(struct capture *capture, size_t limit, const char *path);
/* Keeps the last `limit` bytes. */
void capture_init_last(struct capture *capture, size_t limit);
/* Closes, frees, and removes a file that was not taken. */
void capture_release(struct capture *capture);

/* Adds bytes; 0 or -errno (ENOSPC, ENOMEM …). */
int capture_add(struct capture *capture, const void *data, size_t len);

/* After poll said `revents` for the pipe: takes one piece of what is there, through `chunk` (of
 * CAPTURE_CHUNK bytes). Closes fd at the end of the pipe. *seen is how much of it is in `chunk`;
 * with `pass` false it may go by without being copied there. 0 or -errno. */
int capture_read(struct capture *capture, short revents, char *chunk, bool pass, size_t *seen);

/* Gives what was kept: memory or, when *path is not NULL, the file. Both owned by the caller. 0 or
 * -errno (the file could not be closed well). */
int capture_take(struct capture *capture, char **data, size_t *len, char **path);

#endif
