/* Progress and logs of a run as plain lines: the sink that people and CI logs see. Writes to one descriptor (stderr), whole
 * lines only. It never keeps the run waiting for who does not read: what is not taken waits in memory, and what does not
 * fit there is left out. Coordinator thread. */
#ifndef FLOWRUN_UI_PROGRESS_H
#define FLOWRUN_UI_PROGRESS_H

#include <stdbool.h>

#include "flowrun/run/event.h"
#include "flowrun/run/run.h"
#include "flowrun/base/mask.h"

enum fr_log_mode {
    FR_LOG_GROUP,  /* a step's output in one piece when its attempt ends, with a header */
    FR_LOG_STREAM, /* line by line with the step's id as a tag, whole lines only */
    FR_LOG_RAW,    /* as it comes, without tags */
    FR_LOG_QUIET,  /* errors and the end only */
    FR_LOG__COUNT
};
const char *fr_log_mode_name(enum fr_log_mode mode);

/* Returns owned; fd and mask (NULL = no secrets) are borrowed. Ends with fr_progress_free. */
struct fr_sink *fr_progress_new(int fd, enum fr_log_mode mode, bool color,
                                const struct fr_mask *mask);
/* The run is over: writes what waits, however long its reader takes. */
void fr_progress_end(struct fr_sink *sink);
void fr_progress_free(struct fr_sink *sink);
/* Calls `make_room` before lines are written: somebody else writes to the same terminal. */
void fr_progress_share(struct fr_sink *sink, void (*make_room)(void *arg), void *arg);
/* Gives the lines of each event to `write`, masked, instead of writing them: somebody else owns the descriptor. */
void fr_progress_divert(struct fr_sink *sink,
                        void (*write)(void *arg, const char *text, size_t len), void *arg);

/* One line instead, of a run that was killed: a shell has the terminal by then, or only the guard is left. run_id: NULL =
 * it is not in the store. */
void fr_summary_killed(const char *name, const char *run_id, struct fr_buf *out);

/* True when the mode needs FR_EVENT_OUTPUT (run option `stream`). */
bool fr_log_mode_streams(enum fr_log_mode mode);

/* Appends the summary: counts, failures (the first one last, with its last output lines), wall time, sequential
 * time, speed-up, critical path, cost. `quiet` leaves out what a success would say. What programs printed is masked
 * (NULL = nothing to mask). */
void fr_summary_write(const struct fr_run *run, const struct fr_mask *mask, bool quiet, bool color,
                      struct fr_buf *out);

/* Appends text of a foreign program for a terminal or log: control characters (but tab and newline) made
 * visible, bad UTF-8 replaced; with `keep_sgr` colour codes stay. */
void fr_visible(const char *text, size_t len, bool keep_sgr, struct fr_buf *out);
/* The same for text of a workflow: nothing in it changes the direction of what stands around it either. */
void fr_visible_text(const char *text, size_t len, struct fr_buf *out);
/* The same for a part of a line, or a column of a table: nothing in it ends the line or the column. */
void fr_visible_line(const char *text, struct fr_buf *out);

#endif
