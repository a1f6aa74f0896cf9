/* Keeps many lines that say the same apart from what matters: when steps succeed, or are never begun, faster than anybody
 * reads, most of their lines, and what they printed, become one that counts them. Pure. Private to ui/. */
#ifndef UI_CALM_H
#define UI_CALM_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/base/buf.h"
#include "flowrun/run/event.h"

struct calm {
    int64_t tokens;  /* lines that may be shown at once, in nanoseconds of CALM_LINE_NS each … */
    int64_t full_ns; /* … of which there are no more than this … */
    int64_t filled_ns; /* … as of then */
    int64_t
        output_ns; /* bytes of output that may be shown, as time, too; below 0 after very many */
    uint32_t hidden[FR_STATUS__COUNT], count;
    uint32_t printed;   /* of these, with output */
    size_t last_output; /* bytes of output in `last` */
    int64_t since_ns;   /* when the first of them was hidden … */
    struct fr_buf last; /* … and it, as long as it is the only one */
};

void calm_init(struct calm *calm);
/* The screen has so many rows: two thirds of them may scroll away at once. */
void calm_measure(struct calm *calm, unsigned rows);
/* Whether a run of so many steps goes by with every line. */
bool calm_has_room(const struct calm *calm, uint32_t steps);
void calm_release(struct calm *calm);
/* Appends the line of a step that ended well or never began, or keeps it back, with what the step printed: `output` bytes
 * at the beginning of the text. */
void calm_line(struct calm *calm, enum fr_status status, const char *text, size_t len,
               size_t output, int64_t now, struct fr_buf *out);
/* Appends what was kept back: before something else is written, and at the end. */
void calm_flush(struct calm *calm, struct fr_buf *out);
/* When what is kept back is to be told; INT64_MAX = nothing is. */
int64_t calm_due(const struct calm *calm);

#endif
