/* Copies spilled text of any size, piece by piece. Touches files only, no values: the
 * coordinator and workers both call it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/json.h"
#include "spill.h"

/* Length of the part of `data` that holds whole UTF-8 characters; the rest waits for the next piece. */
static size_t whole_characters(const char *data, size_t len)
{
    size_t back = 0;
    while (back < 3 && back < len) {
        unsigned char c = (unsigned char)data[len - 1 - back];
        back++;
        if (c < 0x80)
            return len;
        if (c >= 0xc0) {
            size_t need = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
            return need > back ? len - back : len;
        }
    }
    return len;
}

/* Writes one piece of a file as the inside of a JSON string; the bytes it took. */
static int write_escaped(const char *data, size_t len, int fd, struct fr_buf *scratch)
{
    fr_buf_clear(scratch);
    fr_json_write_str(data, len, scratch);
    return fr_write_all(fd, scratch->data + 1, scratch->len - 2);
}

/* Copies the file at `from` to `fd`, piece by piece. */
static int copy_file(int from, bool json, int fd, spill_go_on_fn go_on, void *arg)
{
    enum { PIECE = 256 << 10 };
    struct fr_buf scratch;
    size_t have = 0;
    int err = 0;
    char *piece = malloc(PIECE);
    if (!piece)
        return -ENOMEM;
    fr_buf_init(&scratch, 0);
    while (!err) {
        ssize_t n = read(from, piece + have, PIECE - have);
        if (n < 0) {
            err = errno == EINTR ? 0 : -errno;
            continue;
        }
        if (n == 0)
            break;
        have += (size_t)n;
        size_t whole = json ? whole_characters(piece, have) : have;
        err = json ? write_escaped(piece, whole, fd, &scratch) : fr_write_all(fd, piece, whole);
        memmove(piece, piece + whole, have - whole);
        have -= whole;
        if (!err && go_on && !go_on(arg))
            err = -ECANCELED;
    }
    if (!err && have)
        err = write_escaped(piece, have, fd, &scratch);
    fr_buf_release(&scratch);
    free(piece);
    return err;
}

/* Writes the file at `path` to a descriptor, as it is or as one JSON string. */
int spill_write(const char *path, bool json, int fd, spill_go_on_fn go_on, void *arg)
{
    int from = fr_open(path, O_RDONLY | O_CLOEXEC, 0);
    if (from < 0)
        return from;
    int err = json ? fr_write_all(fd, "\"", 1) : 0;
    if (!err)
        err = copy_file(from, json, fd, go_on, arg);
    if (!err && json)
        err = fr_write_all(fd, "\"", 1);
    fr_close(&from);
    return err;
}

/* The same into a new file. */
int spill_write_json_file(const char *path, const char *to, spill_go_on_fn go_on, void *arg)
{
    int fd = fr_open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return fd;
    int err = spill_write(path, true, fd, go_on, arg);
    fr_close(&fd);
    return err;
}
