/* Lines that wait while a step has the terminal to itself. Owns their text, up to a ceiling. Pure. Private to ui/. */
#ifndef UI_HELD_H
#define UI_HELD_H

#include <stddef.h>
#include <stdint.h>

#include "flowrun/base/buf.h"

enum { HELD_MAX = 16 << 20 };

struct held {
    uint32_t owners;    /* steps that have the terminal: while there are any, lines wait */
    struct fr_buf text; /* masked already */
    size_t
        left_out; /* bytes for which there was no room; from the first on nothing more is taken */
};

void held_init(struct held *held);
void held_release(struct held *held);
/* Keeps a text. */
void held_add(struct held *held, const char *text, size_t len);
/* Moves what has waited to `out`, with a line that tells what is missing. */
void held_take(struct held *held, struct fr_buf *out);

#endif
