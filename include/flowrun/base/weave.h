/* How two streams were woven together: which of standard output and standard error came how far before the other one
 * spoke. A list of pieces in a few bytes each, which can be kept and recorded as it is. Any thread. */
#ifndef FLOWRUN_BASE_WEAVE_H
#define FLOWRUN_BASE_WEAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowrun/base/buf.h"
#include "flowrun/base/mask.h"

/* A list being made. All zero is an empty one. */
struct fr_weave {
    struct fr_buf list; /* of the pieces that are over */
    int fd;             /* 1 or 2: whose piece lasts; 0 = nobody has spoken */
    uint64_t len;       /* of that piece */
};

/* `len` more bytes came from `fd` (1 or 2). A very long list forgets the order of its older half. */
void fr_weave_add(struct fr_weave *weave, int fd, uint64_t len);
/* Gives the list: owned by the caller; NULL when at most one of them spoke, which needs none. */
char *fr_weave_take(struct fr_weave *weave, size_t *len);
void fr_weave_release(struct fr_weave *weave);

/* The pieces of a list, one after the other. */
struct fr_weave_reader {
    const unsigned char *at, *end;
};

/* A list that was taken before; NULL is an empty one. */
void fr_weave_read(struct fr_weave_reader *reader, const char *list, size_t len);
/* The next piece; false at the end, and at anything that is no list. */
bool fr_weave_next(struct fr_weave_reader *reader, int *fd, uint64_t *len);

/* The list of what is left when so many bytes are missing at the beginning of each stream; owned; NULL when that needs
 * none. */
char *fr_weave_skip(const char *list, size_t len, uint64_t out, uint64_t err, size_t *rest);

/* Appends both texts with the secrets masked, [0] is standard output's; returns the list that holds for these: owned;
 * NULL when it needs none. */
char *fr_weave_mask(const struct fr_mask *mask, const char *list, size_t len,
                    const char *const text[2], const size_t text_len[2], struct fr_buf masked[2],
                    size_t *rest);

#endif
