/* Secrets kept out of what is shown and recorded: their values become ***. Owned by the command;
 * main thread. */
#ifndef FLOWRUN_BASE_MASK_H
#define FLOWRUN_BASE_MASK_H

#include <stdbool.h>
#include <stddef.h>

#include "flowrun/base/buf.h"

struct fr_mask;

enum { FR_MASK_SHORTEST = 4 }; /* bytes; a shorter value would hide half of the text */

/* Returns owned, empty. */
struct fr_mask *fr_mask_new(void);
void fr_mask_free(struct fr_mask *mask); /* NULL is fine */

/* Adds a value (copied): whole, each line of it and each string of it when it is JSON; as they are, in base64 and in
 * hexadecimal digits; each of these also as JSON, shells and URLs write it. False when it is too short to be masked. */
bool fr_mask_add(struct fr_mask *mask, const char *value);
/* The same of the secret `name` (borrowed), by which fr_mask_find knows it. */
bool fr_mask_add_named(struct fr_mask *mask, const char *name, const char *value);
/* Whether a line of the value that was added last, or a string in its JSON, is too short to be masked. */
bool fr_mask_lacks(const struct fr_mask *mask);

/* A value that stands in a text. */
struct fr_masked {
    size_t at, len;
    const char *name; /* NULL: it has none, or stands there in part or otherwise written */
};
/* Finds the first one; false: there is none. mask may be NULL. */
bool fr_mask_find(const struct fr_mask *mask, const char *text, size_t len,
                  struct fr_masked *found);

/* Appends the text with the values masked: where they overlap, all that one of them covers is one ***. With `more` to
 * come a value may have begun at its end: what could be one is left out. Returns how many bytes were taken. mask may
 * be NULL. */
size_t fr_mask_text(const struct fr_mask *mask, const char *text, size_t len, bool more,
                    struct fr_buf *out);

/* The same of a message, which may show the beginning of a value only, with … or ... behind it: that is masked, too. */
void fr_mask_message(const struct fr_mask *mask, const char *text, size_t len, struct fr_buf *out);
/* Only those beginnings: values that stand there as a whole stay. */
void fr_mask_cuts(const struct fr_mask *mask, const char *text, size_t len, struct fr_buf *out);

/* How many bytes at the beginning of a text are to be left out because they are, or may be, the rest of a value:
 * for a text whose own beginning was cut off. */
size_t fr_mask_cut(const struct fr_mask *mask, const char *text, size_t len);

#endif
