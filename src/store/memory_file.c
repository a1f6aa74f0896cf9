/* Hashes of files, remembered with the size, inode and time of change that they had then: a file of which these are the
 * same is not read again. The time of change is the inode's, which nobody can set back. Coordinator thread. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/fd.h"
#include "flowrun/base/sha256.h"
#include "flowrun/base/str.h"
#include "memory.h"

enum { PIECE = 256 << 10 };

static int64_t changed_at(const struct stat *st)
{
    return st->st_ctim.tv_sec * FR_NS_PER_S + st->st_ctim.tv_nsec;
}

/* The remembered hash of a file that is as it was. */
static bool look_up(struct fr_store *store, const char *name, const struct stat *st, char out[65])
{
    if (db_bind(store, STMT_FILE, "t", name) || db_step(store, STMT_FILE) != 1)
        return false;
    const char *hash = db_text(store, STMT_FILE, 3);
    bool same = hash && db_int(store, STMT_FILE, 0) == (int64_t)st->st_size &&
                db_int(store, STMT_FILE, 1) == changed_at(st) &&
                db_int(store, STMT_FILE, 2) == (int64_t)st->st_ino;
    if (same)
        snprintf(out, 65, "%s", hash);
    db_reset(store, STMT_FILE);
    return same;
}

/* Reads the file. */
static int sum_up(int fd, char out[65])
{
    struct fr_sha256 sha;
    ssize_t n = 0;
    char *piece = malloc(PIECE);
    if (!piece)
        abort();
    fr_sha256_init(&sha);
    while ((n = read(fd, piece, PIECE)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0)
            fr_sha256_add(&sha, piece, (size_t)n);
    int err = n < 0 ? -errno : 0;
    fr_sha256_hex(&sha, out);
    free(piece);
    return err;
}

/* The hash of an open file, which the store knows by that name. */
static int hash_of(struct fr_store *store, int fd, const char *name, char out[65])
{
    const struct fr_clock *clock = fr_clock_system();
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return -EINVAL;
    if (look_up(store, name, &st, out))
        return 0;
    int err = sum_up(fd, out);
    /* One that was changed just now may be changed again without another time. */
    if (!err && clock->wall_ns(clock->ctx) - changed_at(&st) > FR_NS_PER_S)
        (void)db_run(store, STMT_FILE_ADD, "tiiit", name, (int64_t)st.st_size, changed_at(&st),
                     (int64_t)st.st_ino, out);
    return err;
}

int memory_file_sha256(struct fr_store *store, const struct fr_mask *mask, const char *path,
                       char out[65])
{
    int fd = fr_open(path, O_RDONLY | O_NONBLOCK, 0);
    char *name = fr_store_name(mask, path);
    int err = fd < 0 ? fd : hash_of(store, fd, name, out);
    fr_close(&fd);
    free(name);
    return err;
}
