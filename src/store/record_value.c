/* Values on their way into the store: secrets are masked, and what is large goes to a file of the run's folder, under a
 * temporary name first. Coordinator thread. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/store/history.h"
#include "lock.h"
#include "record.h"

const char *keep_text(struct recorder *r, const char *text)
{
    struct fr_buf masked;
    if (!text || !r->mask)
        return text ? fr_strdup(&r->arena, text) : NULL;
    fr_buf_init(&masked, 0);
    fr_mask_text(r->mask, text, strlen(text), false, &masked);
    const char *copy = fr_strndup(&r->arena, fr_buf_cstr(&masked), masked.len);
    fr_buf_release(&masked);
    return copy;
}

/* A file that is being written. */
struct out {
    char *temp, *path;
    int fd, err;
};

/* Begins the file `name` of the run's folder. */
static void out_open(struct recorder *r, const char *name, struct out *out)
{
    struct fr_buf temp;
    fr_buf_init(&temp, 0);
    fr_buf_printf(&temp, "%s" LOCK_UNWRITTEN, name);
    out->path = fr_path_join(r->folder, name);
    out->temp = fr_path_join(r->folder, fr_buf_cstr(&temp));
    fr_buf_release(&temp);
    out->fd = fr_open(out->temp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    out->err = out->fd < 0 ? out->fd : 0;
}

/* Ends it: in place whole, or gone. */
static bool out_close(struct recorder *r, struct out *out)
{
    struct fr_buf text;
    if (out->fd >= 0 && close(out->fd) < 0 && !out->err && errno != EINTR)
        out->err = -errno;
    if (!out->err && rename(out->temp, out->path) < 0)
        out->err = -errno;
    if (out->err) {
        (void)unlink(out->temp);
        fr_buf_init(&text, 0);
        fr_buf_printf(&text, "the store failed: cannot write '%s': %s%s", out->path,
                      strerror(-out->err),
                      out->err == -ENOSPC ? "; make room, or use --no-store" : "");
        record_fail(r, fr_buf_cstr(&text));
        fr_buf_release(&text);
    }
    free(out->temp);
    free(out->path);
    return out->err == 0;
}

/* "17.out": the name of the file of row n. */
static const char *file_name(struct recorder *r, int64_t n, const char *what)
{
    return fr_format(&r->arena, "%lld.%s", (long long)n, what);
}

struct kept keep_bytes(struct recorder *r, int64_t n, const char *what, int kind, const char *data,
                       size_t len)
{
    struct kept kept = {.kind = kind, .len = len};
    struct fr_buf masked;
    if (!data || r->sink.error)
        return (struct kept){.kind = FR_KEPT_NULL};
    fr_buf_init(&masked, 0);
    if (r->mask) {
        fr_mask_text(r->mask, data, len, false, &masked);
        kept.masked = masked.len != len || memcmp(fr_buf_cstr(&masked), data, len) != 0;
        data = fr_buf_cstr(&masked);
        kept.len = masked.len;
    }
    if (kept.len > FR_STORE_INLINE) {
        struct out out;
        kept.file = file_name(r, n, what);
        out_open(r, kept.file, &out);
        out.err = out.err ? out.err : fr_write_all(out.fd, data, kept.len);
        if (!out_close(r, &out))
            kept = (struct kept){.kind = FR_KEPT_NULL};
    } else {
        kept.data = fr_strndup(&r->arena, data, kept.len);
    }
    fr_buf_release(&masked);
    return kept;
}

/* Copies a file piece by piece, masked. What may be the beginning of a secret waits for the next piece. */
static int copy_masked(struct recorder *r, int from, int to, struct kept *kept)
{
    enum { PIECE = 256 << 10 };
    struct fr_buf piece, masked;
    int err = 0;
    bool more = true;
    fr_buf_init(&piece, 0);
    fr_buf_init(&masked, 0);
    while (!err && more) {
        char *room = fr_buf_reserve(&piece, PIECE);
        ssize_t n = room ? read(from, room, PIECE) : -1;
        if (n < 0 && errno == EINTR)
            continue;
        err = n < 0 ? -errno : 0;
        more = n > 0;
        piece.len += n > 0 ? (size_t)n : 0;
        fr_buf_clear(&masked);
        size_t done = fr_mask_text(r->mask, fr_buf_cstr(&piece), piece.len, more, &masked);
        kept->masked = kept->masked || masked.len != done ||
                       memcmp(fr_buf_cstr(&masked), fr_buf_cstr(&piece), done) != 0;
        kept->len += masked.len;
        err = err ? err : fr_write_all(to, fr_buf_cstr(&masked), masked.len);
        if (piece.len)
            memmove(piece.data, piece.data + done, piece.len - done);
        piece.len -= done;
    }
    fr_buf_release(&piece);
    fr_buf_release(&masked);
    return err;
}

struct kept keep_file(struct recorder *r, int64_t n, const char *what, const char *path)
{
    struct kept kept = {.kind = FR_KEPT_TEXT, .file = file_name(r, n, what)};
    struct out out;
    if (r->sink.error)
        return (struct kept){.kind = FR_KEPT_NULL};
    out_open(r, kept.file, &out);
    int from = fr_open(path, O_RDONLY | O_CLOEXEC, 0);
    out.err = out.err ? out.err : from < 0 ? from : copy_masked(r, from, out.fd, &kept);
    fr_close(&from);
    return out_close(r, &out) ? kept : (struct kept){.kind = FR_KEPT_NULL};
}

struct kept keep_value(struct recorder *r, int64_t n, const char *what, struct fr_value *value)
{
    enum fr_value_kind kind = value ? fr_value_kind(value) : FR_VALUE_NULL;
    bool json = kind == FR_VALUE_JSON;
    struct fr_buf text;
    size_t len;
    if (kind == FR_VALUE_NULL)
        return (struct kept){.kind = FR_KEPT_NULL};
    if (kind == FR_VALUE_FILE)
        return keep_file(r, n, what, fr_value_path(value));
    fr_buf_init(&text, 0);
    const char *bytes = fr_value_bytes(value, json, &len);
    if (!bytes) {
        if (json)
            fr_value_add_json(value, &text);
        else
            fr_value_add_text(value, &text);
        bytes = fr_buf_cstr(&text);
        len = text.len;
    }
    struct kept kept = keep_bytes(r, n, what, json ? FR_KEPT_JSON : FR_KEPT_TEXT, bytes, len);
    fr_buf_release(&text);
    return kept;
}
