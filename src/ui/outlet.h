/* Writing that never keeps the coordinator: what the reader of a descriptor has not taken yet waits in memory, up to a
 * ceiling. Others may share the descriptor, so that it is never made non-blocking: a pipe is opened once more for that.
 * Coordinator thread. */
#ifndef UI_OUTLET_H
#define UI_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

#include "flowrun/base/buf.h"

enum {
    OUTLET_BEHIND_MAX = 16 << 20, /* bytes that a reader may be behind … */
    OUTLET_SPARE = 1 << 20        /* … and what is for short lines beyond that */
};

struct outlet {
    int fd;       /* borrowed */
    int own;      /* the same pipe, opened once more; -1 = none */
    int hurry_fd; /* readable: nothing is waited for any more; -1 = none */
    enum { OUTLET_PLAIN, OUTLET_PIPE, OUTLET_SOCKET } kind; /* PIPE: one that could not be opened */
    struct fr_buf queue;                                    /* not written yet, from … */
    size_t head;                                            /* … here on */
    size_t half; /* bytes written of a line whose end is not */
    bool stuck;  /* its reader was waited for in vain */
    int err;     /* why nothing is written any more; 0 = it goes well */
};

void outlet_init(struct outlet *outlet, int fd);
void outlet_release(struct outlet *outlet);
/* Writes, or keeps for later; what comes after an error is dropped. False, and nothing is kept, when the reader is too far
 * behind; one that takes something now and then is waited for first. `spare`: also takes what room is left for lines. */
bool outlet_put(struct outlet *outlet, const char *text, size_t len, bool spare);
/* Writes on, as far as the reader takes it. */
void outlet_push(struct outlet *outlet);
/* What tells by POLLOUT when to push; -1 = nothing waits. */
int outlet_fd(const struct outlet *outlet);
/* Waits until all is written; false when the reader took nothing for so long (-1 = however long it takes). */
bool outlet_finish(struct outlet *outlet, int patience_ms);

#endif
