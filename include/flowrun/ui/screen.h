/* What a person at a terminal sees of a run: the lines of the progress sink, and below them a live view of what runs.
 * Owns the terminal's lower part while it shows something; nothing has to be restored however flowrun ends. Coordinator
 * thread. */
#ifndef FLOWRUN_UI_SCREEN_H
#define FLOWRUN_UI_SCREEN_H

#include <stdbool.h>

#include "flowrun/base/clock.h"
#include "flowrun/base/mask.h"
#include "flowrun/run/event.h"
#include "flowrun/ui/progress.h"

struct fr_screen_options {
    int fd; /* the terminal */
    bool color;
    const struct fr_mask *mask;   /* NULL = no secrets */
    struct fr_sink *lines;        /* what fr_progress_new returned, for the same descriptor */
    const struct fr_clock *clock; /* NULL = system */
    /* Whether somebody else has the terminal now, such as a person who answers; NULL = never. */
    bool (*taken)(void *arg);
    void *taken_arg;
};

/* Whether a live view makes sense: fd is a terminal that knows more than lines, and the mode leaves room for it. */
bool fr_screen_fits(int fd, enum fr_log_mode mode);

/* Returned owned; a sink in place of `lines`, which it feeds. Everything in the options is borrowed. */
struct fr_sink *fr_screen_new(const struct fr_screen_options *options);
void fr_screen_free(struct fr_sink *screen); /* NULL is fine */

/* Somebody else is about to write to the terminal, or it is to be left as it is: the view goes. It comes back with the
 * next turn when the terminal is free. `screen` is what fr_screen_new returned. */
void fr_screen_make_room(void *screen);

#endif
