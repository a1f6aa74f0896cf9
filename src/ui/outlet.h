/* Writing that never keeps the coordinator: what the reader of a descriptor has not taken yet waits in memory, up to a
 * ceiling. Others may share the descriptor, so that it is never made non-blocking: a pipe or a terminal is opened once more
 * for that. Coordinator thread. */
#ifndef UI_OUTLET_H
#define UI_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

#include "flowrun/base/buf.h"
#include "flowrun/base/clock.h"
#include "flowrun/run/event.h"

enum {
    OUTLET_BEHIND_MAX = 16 << 20, /* bytes that a reader may be behind … */
    OUTLET_SPARE = 1 << 20,       /* … what is for short lines beyond that … */
    OUTLET_FULL = 64 << 20        /* … and what one may be that still takes something */
};

struct outlet {
    struct fr_sink sink; /* first: of whoever writes what events tell; its `event` is theirs */
    int fd;              /* borrowed */
    int own;             /* the same, opened once more; -1 = none */
    enum {
        OUTLET_PLAIN,
        OUTLET_SOCKET,
        OUTLET_PIPE,     /* one that could not be opened … */
        OUTLET_TERMINAL, /* … the same */
    } kind;
    struct fr_buf queue; /* not written yet, from … */
    size_t head;         /* … here on */
    size_t half;         /* bytes written of a line whose end is not */
    unsigned owners;     /* steps that have the terminal which this is: meanwhile all waits */
    bool behind;         /* what outlet_is_behind said last */
    int64_t taken_ns;    /* when something was taken last, or nothing waited */
    const struct fr_clock *clock; /* for tests; borrowed */
    int err;                      /* why nothing is written any more; 0 = it goes well */
};

/* Its sink pushes when a turn is over, and says when the outlet wants one. */
void outlet_init(struct outlet *outlet, int fd);
void outlet_release(struct outlet *outlet);
/* Writes, or keeps for later; what comes after an error is dropped. False, and nothing is kept, when the reader is too far
 * behind. `spare`: also takes what room is left for lines. */
bool outlet_put(struct outlet *outlet, const char *text, size_t len, bool spare);
/* Writes on, as far as the reader takes it. */
void outlet_push(struct outlet *outlet);
/* What tells by POLLOUT when to push; -1 = nothing waits, or it may not be written. */
int outlet_fd(const struct outlet *outlet);
/* Whether something waits. */
bool outlet_is_late(const struct outlet *outlet);
/* Writes on; true when the reader is so far behind that it should get nothing more for now: it still takes something. */
bool outlet_is_behind(struct outlet *outlet);
/* When to ask that again of a reader that was behind; INT64_MAX = it was not. */
int64_t outlet_due(const struct outlet *outlet);
/* Waits until all is written; false when the reader took nothing for so long (-1 = however long it takes). */
bool outlet_finish(struct outlet *outlet, int patience_ms);
/* Somebody else is about to write there: waits a moment for what a good reader takes. */
void outlet_settle(struct outlet *outlet);
/* A step with `tty` gets the terminal, or gives it back: if that is what the descriptor is, all waits meanwhile. */
void outlet_note_owner(struct outlet *outlet, const struct fr_event *event);

#endif
