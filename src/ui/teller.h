/* The inside of the progress sink: what progress.c, which tells how steps move, shares with log.c, which shows what they
 * print. Private to ui/. */
#ifndef UI_TELLER_H
#define UI_TELLER_H

#include "flowrun/ui/ci.h"
#include "flowrun/ui/progress.h"
#include "outlet.h"

struct half;

struct progress {
    struct outlet outlet; /* first: its sink is the progress */
    size_t left_out;      /* bytes that the reader was too slow for, and has not been told of */
    enum fr_log_mode mode;
    const struct fr_mask *mask; /* borrowed; NULL = none */
    struct fr_ci ci;
    bool color;
    bool terminal; /* the descriptor is one */
    bool open;     /* what was written last did not end its line */
    uint32_t done, sections;
    struct half **halves; /* log.c: by step index; NULL = none */
    uint32_t half_count;
    struct fr_buf out;
    void (*make_room)(void *arg); /* NULL = nobody else writes */
    void *make_room_arg;
    void (*write)(void *arg, const char *text, size_t len); /* NULL = to the descriptor */
    void *write_arg;
};

/* Whether a step is part of a batch of so many items that only what goes wrong is told, and what goes to standard
 * error. */
bool teller_is_crowd(const struct fr_event *ev);
enum { TELLER_CROWD = 20 };

/* Writes a text as it is, behind what was written before; false when it was left out. `spare`: see outlet_put. */
bool teller_write(struct progress *p, const char *text, size_t len, bool spare);

/* log.c: a piece of what a running step prints, and the end of its attempt. */
void log_output(struct progress *p, const struct fr_event *ev);
void log_attempt(struct progress *p, const struct fr_event *ev);
void log_release(struct progress *p);

#endif
