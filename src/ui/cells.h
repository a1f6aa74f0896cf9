/* Foreign text as terminal cells: nothing in it drives the terminal, and it takes at most the columns it is given.
 * Private to ui/. */
#ifndef UI_CELLS_H
#define UI_CELLS_H

#include <stdbool.h>
#include <stddef.h>

#include "flowrun/base/buf.h"

/* One line being made. */
struct cells {
    struct fr_buf *out;
    unsigned used, width; /* columns */
    bool utf8;            /* the terminal shows more than ASCII */
};

/* How many columns a text takes; never less than a terminal gives it. */
unsigned cells_width(const char *text, size_t len, bool utf8);
/* Appends at most `max` columns of a text, and never beyond the line; what does not fit ends with a mark. */
void cells_text(struct cells *line, const char *text, size_t len, unsigned max);
void cells_str(struct cells *line, const char *text);
/* Appends blanks up to a column. */
void cells_to(struct cells *line, unsigned column);
/* Appends a code that takes no column. */
void cells_code(struct cells *line, const char *code);

#endif
