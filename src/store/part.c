/* One value of a recorded run, or its end, and what is the matter with its file. Owns nothing beyond a call. One thread. */
#include "flowrun/store/heads.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "read.h"

/* Appends the end of a file that has `size` bytes. */
static bool add_file(const char *path, uint64_t size, uint64_t max, struct fr_buf *out)
{
    size_t before = out->len;
    off_t from = (off_t)(size > max ? size - max : 0);
    int fd = fr_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    bool done = fd >= 0 && lseek(fd, 0, SEEK_END) == (off_t)size &&
                lseek(fd, from, SEEK_SET) >= 0 && fr_read_all(fd, out) == 0 &&
                out->len - before == size - (uint64_t)from;
    fr_close(&fd);
    if (!done)
        out->len = before;
    return done;
}

bool fr_kept_value_add(const struct fr_kept_value *value, struct fr_buf *out)
{
    if (value->kind == FR_KEPT_NULL)
        return true;
    if (!value->path)
        return fr_buf_add(out, value->data, value->len);
    return add_file(value->path, value->len, value->len, out);
}

bool fr_kept_value_fault(const struct fr_kept_value *value, struct fr_buf *out)
{
    struct stat st = {0};
    bool filed = value->kind != FR_KEPT_NULL && value->path;
    int fd = filed ? fr_open(value->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0) : -1;
    int err = !filed || (fd >= 0 && fstat(fd, &st) == 0) ? 0 : fd < 0 ? fd : -errno;
    fr_close(&fd);
    if (err == -ENOENT)
        return fr_buf_str(out, "is gone");
    if (err)
        return fr_buf_printf(out, "cannot be read: %s", strerror(-err));
    if (!filed || (uint64_t)st.st_size == value->len) {
        fr_buf_str(out, "cannot be read");
        return false;
    }
    return fr_buf_printf(out, "is damaged: has %lld bytes instead of %zu", (long long)st.st_size,
                         value->len);
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
