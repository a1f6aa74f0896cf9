/* The live view of a run: what it knows (view.c), how long it will take (view_time.c) and how that looks (view_draw.c).
 * Pure: events, a clock and a size in, text out. Private to ui/. Coordinator thread. */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/base/buf.h"
#include "flowrun/base/mask.h"
#include "flowrun/base/str.h"
#include "flowrun/run/run.h"

#define VIEW_YOUNG_NS (200 * FR_NS_PER_MS)

/* A step that runs or waits. */
struct view_row {
    struct view_row *prev, *next; /* in the order in which they began */
    const struct fr_step *step;
    char *id; /* owned: names change with the turns */
    int64_t begun;
    int64_t since;    /* when this attempt began, or this wait */
    uint32_t attempt; /* from 1; 0 = it has none */
    bool waits;
    bool looked;        /* it was looked at, what it prints … */
    bool printed;       /* lines of its output were written … */
    struct fr_buf held; /* … and those that wait for how it comes out: the screen's */
    int64_t retry_at;   /* when the next attempt begins; 0 = none was announced … */
    char *retry_why;    /* … and why; owned */
    double progress;    /* -1 = it said nothing */
    char *message;      /* of that; owned, NULL = none */
    char *output;       /* the last line it printed; owned, NULL = none */
    int64_t ending_ns;  /* when it was asked to end; 0 = it was not … */
    bool ending_now;    /* … without a grace … */
    bool ending_late;   /* … because its time is over */
};

/* What an earlier run tells of the time this one needs. */
struct view_work {
    int64_t *expected;     /* by step, of leaves; NULL = nothing is known; owned */
    int64_t all, done;     /* sums of these */
    int64_t shown_at, eta; /* the estimate is made anew every second; -1 = none */
};

struct view {
    const struct fr_run *run;
    const struct fr_mask *mask;    /* borrowed; NULL = no secrets */
    struct view_row **rows;        /* by step */
    struct view_row *first, *last; /* all of them */
    uint32_t *children;            /* by step: of a container, how many inside have ended */
    uint32_t *marks, mark;         /* by step: scratch of view_pick */
    uint32_t done, failed, running, waiting, instant; /* instant: ended without having run */
    struct view_work work;
    bool stopping; /* nothing new starts, since something failed or ended the run */
    uint32_t *picked,
        picked_count;  /* steps to show, rows and containers, in order of declaration */
    uint32_t left_out; /* rows for which there was no room */
    bool has_new;      /* some that are shown were not looked at */
    bool has_young;    /* steps have just begun, which are not shown yet */
    unsigned id_width; /* columns; grows only, so that the view does not jitter … */
    unsigned id_cols;  /* … at one width of the terminal */
};

void view_init(struct view *view, const struct fr_mask *mask);
void view_release(struct view *view);
void view_event(struct view *view, const struct fr_event *event);
/* Chooses what is shown on at most so many lines: the steps that began first, so that nothing jumps, and the containers
 * around them when there is room. */
void view_pick(struct view *view, unsigned lines, int64_t now);
/* Whether a step is what the bar counts. */
bool view_counts(const struct fr_step *step);

/* How a terminal is. */
struct view_look {
    unsigned rows, cols;
    bool color, utf8;
};

struct view_line {
    size_t at, len; /* in the frame's text */
    unsigned width;
};

struct view_frame {
    struct fr_buf text; /* lines without their ends */
    struct view_line *lines;
    unsigned count, cap;
};

/* How many lines a view may have: two thirds of the screen, so that what happened before stays in sight. */
unsigned view_height(const struct view_look *look);
/* Draws what was picked; the frame is made anew. */
void view_draw(struct view *view, const struct view_look *look, int64_t now,
               struct view_frame *frame);
void view_frame_release(struct view_frame *frame);

/* ---- view_time.c ---- */

/* Reads what is known of the run's steps. */
void view_work_begin(struct view *view);
/* A step that counts has ended; `ran`: by running, not by being left out. */
void view_work_ended(struct view *view, const struct fr_step *step, bool ran);
/* How long the run will still take; -1 = nobody can tell. */
int64_t view_eta(struct view *view, int64_t now);
/* "12s", "1:05", "2:00:09"; returns `out`. */
char *view_clock(int64_t ns, char *out, size_t size);

#endif
