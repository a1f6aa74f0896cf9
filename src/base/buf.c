/* The byte buffer: doubles as it grows, refuses past its ceiling. Invariant: data is NULL or
 * cap > len, so that there is always room for the NUL. Owned by its user; one thread at a time. */
#include "flowrun/base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

enum { FIRST_CAP = 64 };

/* Makes an empty buffer; nothing is allocated yet. */
void fr_buf_init(struct fr_buf *buf, size_t ceiling)
{
    *buf = (struct fr_buf){.ceiling = ceiling};
}

/* Frees the content; the buffer is as after init with the same ceiling. */
void fr_buf_release(struct fr_buf *buf)
{
    free(buf->data);
    fr_buf_init(buf, buf->ceiling);
}

/* Empties the buffer for use again. */
void fr_buf_clear(struct fr_buf *buf)
{
    buf->len = 0;
    buf->overflow = false;
    if (buf->data) {
        buf->data[0] = '\0';
    }
}

/* Marks the buffer as short of something. */
static char *refuse(struct fr_buf *buf)
{
    buf->overflow = true;
    return NULL;
}

/* Makes room for `more` bytes and a NUL behind them. */
char *fr_buf_reserve(struct fr_buf *buf, size_t more)
{
    if (buf->data && more < buf->cap - buf->len) {
        return buf->data + buf->len;
    }
    size_t limit = buf->ceiling ? buf->ceiling : SIZE_MAX / 2;
    if (limit > SIZE_MAX / 2) {
        limit = SIZE_MAX / 2;
    }
    if (buf->len > limit || more > limit - buf->len) {
        return refuse(buf);
    }
    size_t cap = buf->cap > limit / 2 ? limit : buf->cap * 2;
    if (cap < buf->len + more) {
        cap = buf->len + more;
    }
    if (cap < FIRST_CAP) {
        cap = FIRST_CAP < limit ? FIRST_CAP : limit;
    }
    char *data = realloc(buf->data, cap + 1);
    if (!data) {
        return refuse(buf);
    }
    buf->data = data;
    buf->cap = cap + 1;
    data[buf->len] = '\0';
    return data + buf->len;
}

/* Appends `len` bytes. */
bool fr_buf_add(struct fr_buf *buf, const void *data, size_t len)
{
    char *to = fr_buf_reserve(buf, len);
    if (!to) {
        return false;
    }
    if (len > 0) {
        memcpy(to, data, len);
    }
    to[len] = '\0';
    buf->len += len;
    return true;
}

/* Appends a C string. */
bool fr_buf_str(struct fr_buf *buf, const char *text)
{
    return fr_buf_add(buf, text, strlen(text));
}

/* Appends one byte. */
bool fr_buf_char(struct fr_buf *buf, char c)
{
    return fr_buf_add(buf, &c, 1);
}

/* Appends formatted text. */
bool fr_buf_printf(struct fr_buf *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    bool ok = fr_buf_vprintf(buf, fmt, args);
    va_end(args);
    return ok;
}

/* Appends formatted text: first try into the room there is, then once more into enough of it. */
bool fr_buf_vprintf(struct fr_buf *buf, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    bool ok = false;
    size_t room = buf->data ? buf->cap - buf->len : 0;
    int len = vsnprintf(room ? buf->data + buf->len : NULL, room, fmt, args);
    if (len < 0) {
        (void)refuse(buf);
        goto out;
    }
    if ((size_t)len >= room) {
        char *to = fr_buf_reserve(buf, (size_t)len);
        if (!to) {
            goto out;
        }
        (void)vsnprintf(to, (size_t)len + 1, fmt, again);
    }
    buf->len += (size_t)len;
    ok = true;
out:
    if (!ok && room > 0) {
        buf->data[buf->len] = '\0';
    }
    va_end(again);
    return ok;
}

/* Hands the content over; overflow is told until the next clear. */
char *fr_buf_take(struct fr_buf *buf, size_t *len)
{
    char *data = buf->data ? buf->data : base_malloc(1);
    data[buf->len] = '\0';
    if (len) {
        *len = buf->len;
    }
    buf->data = NULL;
    buf->len = 0;
    buf->cap = 0;
    return data;
}

/* Lends the content as a C string; who wrote through reserve need not terminate it. */
const char *fr_buf_cstr(const struct fr_buf *buf)
{
    if (!buf->data) {
        return "";
    }
    buf->data[buf->len] = '\0';
    return buf->data;
}
