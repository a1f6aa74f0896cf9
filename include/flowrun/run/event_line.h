/* An event as a line of JSON (docs/events.md): made in one place for whoever writes or records events, and written in one
 * place, so that a recorded one is written as it was when it happened. Secrets are masked. Any thread. */
#ifndef FLOWRUN_RUN_EVENT_LINE_H
#define FLOWRUN_RUN_EVENT_LINE_H

#include "flowrun/base/arena.h"
#include "flowrun/base/buf.h"
#include "flowrun/base/mask.h"
#include "flowrun/run/event.h"

enum {
    FR_EVENT_VERSION = 1,
    FR_EVENT_TEXT_MAX = 64 << 10 /* bytes of a stream in a `log` event */
};

/* What a status says when a step has succeeded without running: its result is that of an attempt before. */
#define FR_KEPT_REASON "its result is kept from before"

struct fr_event_line {
    int64_t wall_ns;
    const char *event;     /* "status"; static */
    const char *step;      /* NULL = about the run */
    const char *from, *to; /* static; NULL = no status */
    uint32_t attempt;      /* 0 = none */
    int64_t delay_ns;      /* 0 = none */
    const char *text;      /* NULL = none */
    const char *detail;    /* more members as JSON, `"a":1,"b":2`; NULL = none */
};

/* What still counts of a run that is being killed: that, and what ended well. The rest stays as it was, as when all of
 * flowrun is killed: what is not over is interrupted, questions are open, and there is no last line. */
bool fr_event_counts(const struct fr_event *event);

/* Fills the line of an event; texts are the arena's. `again`: the run is gone on with. False: there is none for this kind,
 * or it is a `log` (below). */
bool fr_event_line(const struct fr_event *event, bool again, const struct fr_mask *mask,
                   struct fr_arena *arena, struct fr_event_line *line);
/* Appends it, without a newline. */
void fr_event_line_write(const struct fr_event_line *line, struct fr_buf *out);

/* What an attempt printed on one stream, masked. */
struct fr_event_text {
    const char *data; /* NULL = nothing, or too large */
    size_t len;
    bool large; /* above FR_EVENT_TEXT_MAX */
};

/* Appends the line of a `log` event, without a newline. err_cut: only the end of standard error was kept. */
void fr_event_log_write(int64_t wall_ns, const char *step, uint32_t attempt,
                        const struct fr_event_text *out_text, const struct fr_event_text *err_text,
                        bool err_cut, struct fr_buf *out);

#endif
