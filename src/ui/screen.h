/* The inside of the screen: what the sink (screen.c), the terminal's side (screen_paint.c) and the looking at running
 * steps (screen_look.c) share. Private to ui/. Coordinator thread. */
#ifndef UI_SCREEN_H
#define UI_SCREEN_H

#include "calm.h"
#include "flowrun/ui/screen.h"
#include "view.h"

/* What of the terminal is ours now. */
struct paint {
    int fd;
    struct progress *lines;   /* through which it is written; borrowed */
    bool fresh;               /* others may have written: where the cursor stands is not known */
    bool resized;             /* lines may have been wrapped since */
    struct view_look look;    /* how the terminal was when it was painted last */
    struct view_frame *shown; /* what is on it; the cursor stands below … */
    struct view_frame *next;  /* … and the one being made */
    struct view_frame frames[2];
    struct fr_buf out;
};

void paint_init(struct paint *paint, int fd, bool color, struct fr_sink *lines);
void paint_release(struct paint *paint);
/* Reads the terminal's size; true when it has changed. */
bool paint_measure(struct paint *paint);
/* Whether there is room for a view with a line below it. */
bool paint_has_room(const struct paint *paint);
/* Whether the terminal would take text now: not when Ctrl-S stopped it, or the line to it is slow. */
bool paint_is_ready(const struct paint *paint);
/* Whether it never will again. */
bool paint_has_failed(const struct paint *paint);
/* Whether we are what the terminal listens to. */
bool paint_in_foreground(const struct paint *paint);
/* Writes lines above the view, then the frame in `next` in place of the one that is shown, in one piece. Both at once;
 * returns how many bytes it took. */
size_t paint_frame(struct paint *paint, const struct fr_buf *lines);
/* The same with no view at all. */
size_t paint_lines(struct paint *paint, const struct fr_buf *lines);
/* Writes lines as they are: the view, if there was one, was left to itself. */
void paint_leave(struct paint *paint, const struct fr_buf *lines);

struct screen {
    struct fr_sink sink; /* first: the sink is the screen */
    struct fr_screen_options options;
    struct view view;
    struct paint paint;
    struct calm calm;
    struct fr_buf lines;          /* to be written above the view */
    const struct fr_event *event; /* that is being told to `options.lines` */
    bool printed;                 /* the step it is about has shown output … */
    bool holds;                   /* … shows what may be left out when it has succeeded … */
    struct fr_buf held;           /* … or comes to its end: what it showed so */
    bool dirty, over;
    uint32_t owners;             /* steps that own the terminal */
    int64_t last, next, look_at; /* last and next frame; next look at steps */
    bool lively;                 /* the last look at steps showed something new */
};

/* Looks at the steps that are shown; true when one has said or printed something. */
bool screen_look(struct screen *screen);

#endif
