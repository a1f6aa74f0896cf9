/* A growing byte buffer with a ceiling set at birth. Always NUL-terminated behind
 * its length once something was appended. Owned by whoever initialised it. */
#ifndef FLOWRUN_BASE_BUF_H
#define FLOWRUN_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct fr_buf {
    char *data; /* malloc'ed; NULL while nothing was appended */
    size_t len;
    size_t cap;
    size_t ceiling; /* bytes of content at most; 0 = no ceiling */
    bool overflow;  /* an append was refused: ceiling or memory. Sticky until clear */
};

void fr_buf_init(struct fr_buf *buf, size_t ceiling);
void fr_buf_release(struct fr_buf *buf);
void fr_buf_clear(struct fr_buf *buf); /* forgets content, keeps memory and ceiling */

/* Appends return false, set `overflow` and append nothing when the ceiling (or
 * memory) does not allow the whole piece, so that callers may check once at the end. */
bool fr_buf_add(struct fr_buf *buf, const void *data, size_t len);
bool fr_buf_str(struct fr_buf *buf, const char *text);
bool fr_buf_char(struct fr_buf *buf, char c);
bool fr_buf_printf(struct fr_buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool fr_buf_vprintf(struct fr_buf *buf, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Makes room for `more` bytes and returns where they go (len is not moved); NULL when refused. */
char *fr_buf_reserve(struct fr_buf *buf, size_t more);

/* Returns the content NUL-terminated, owned by the caller (free); never NULL. The buffer is empty then. */
char *fr_buf_take(struct fr_buf *buf, size_t *len);

/* The content as a C string, "" when empty; borrowed until the next append. */
const char *fr_buf_cstr(const struct fr_buf *buf);

#endif
