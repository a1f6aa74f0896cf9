/* One value of a recorded run, or its end. Owns nothing beyond a call. One thread. */
#include "flowrun/store/heads.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "read.h"

/* Appends the end of a file that has `size` bytes. */
static bool add_file(const char *path, uint64_t size, uint64_t max, struct fr_buf *out)
{
    size_t before = out->len;
    off_t from = (off_t)(size > max ? size - max : 0);
    int fd = fr_open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0);
    bool done = fd >= 0 && lseek(fd, 0, SEEK_END) == (off_t)size &&
                lseek(fd, from, SEEK_SET) >= 0 && fr_read_all(fd, out) == 0 &&
                out->len - before == size - (uint64_t)from;
    fr_close(&fd);
    if (!done)
        out->len = before;
    return done;
}

bool fr_history_part(struct fr_store *store, const char *run_id, enum fr_part part, int64_t key,
                     uint64_t max, struct fr_buf *out)
{
    static const enum stmt stmts[FR_PART__COUNT] = {
        [FR_PART_RESULT] = STMT_PART_RESULT,
        [FR_PART_OUTPUT] = STMT_PART_OUTPUT,
        [FR_PART_OUT] = STMT_PART_OUT,
        [FR_PART_ERR] = STMT_PART_ERR,
    };
    static const struct value_columns at = {-1, 0, 1, 0, 2};
    struct fr_kept_value value;
    char *path;
    if (db_bind(store, stmts[part], "i", key) || db_step(store, stmts[part]) != 1)
        return false;
    read_value(store, stmts[part], &at, run_id, &value, &path);
    bool done;
    if (value.path) {
        done = add_file(value.path, value.len, max, out);
    } else {
        uint64_t skip = value.len > max ? value.len - max : 0;
        done = value.kind != FR_KEPT_NULL && fr_buf_add(out, value.data + skip, value.len - skip);
    }
    free(path);
    db_reset(store, stmts[part]);
    return done;
}
