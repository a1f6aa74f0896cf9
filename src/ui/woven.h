/* What a step printed, both streams as whole lines in the order in which they came. Private to ui/. */
#ifndef UI_WOVEN_H
#define UI_WOVEN_H

#include <stdbool.h>
#include <stddef.h>

#include "flowrun/base/buf.h"
#include "flowrun/base/mask.h"

/* The two streams, [0] standard output; borrowed. */
struct woven {
    const char *text[2];
    size_t len[2];
    const char *
        weave; /* flowrun/base/weave.h; NULL = it is not known: first all of one, then all of the other */
    size_t weave_len;
};

/* A line without its end; fd is 1 or 2. */
typedef void (*woven_line_fn)(void *arg, int fd, const char *text, size_t len);

/* Calls `line` for each line, when it has come to its end; a last one without an end comes last. */
void woven_lines(const struct woven *woven, woven_line_fn line, void *arg);

/* Appends all lines, masked, each behind a mark that tells whose it is: `indent` and "| " or "! ". */
void woven_quote_masked(const struct woven *woven, const struct fr_mask *mask, const char *indent,
                        bool color, struct fr_buf *out);
/* The same of the last `count` lines, without masking; only the beginning of long ones. */
void woven_quote_last(const struct woven *woven, int count, const char *indent, bool color,
                      struct fr_buf *out);

/* A copy of the streams with the secrets masked. */
struct woven_copy {
    struct woven woven;
    struct fr_buf text[2];
    char *weave;
};
void woven_mask(const struct woven *woven, const struct fr_mask *mask, struct woven_copy *copy);
void woven_release(struct woven_copy *copy);

#endif
