/* What a CI service understands in a job's log: sections that fold, annotations at the lines of a file. Pure but
 * for fr_progress_ci; any thread. */
#ifndef FLOWRUN_UI_CI_H
#define FLOWRUN_UI_CI_H

#include "flowrun/base/buf.h"
#include "flowrun/base/diag.h"
#include "flowrun/base/mask.h"
#include "flowrun/run/run.h"

enum fr_ci_kind { FR_CI_NONE, FR_CI_GITHUB, FR_CI_GITLAB };

struct fr_ci {
    enum fr_ci_kind kind;
    char token[33];        /* GITHUB: hex digits that no program can know */
    const char *workspace; /* GITHUB: the repository's folder, absolute; NULL = unknown; borrowed */
};

/* Appends text that is shown in the log so that nothing in it is a command to the service. A line that begins with
 * FR_CI_COMMAND is one of ours: it is appended without that. */
#define FR_CI_COMMAND '\001'
void fr_ci_guard(enum fr_ci_kind kind, const char *text, size_t len, struct fr_buf *out);

/* Appends an annotation for each step that failed, the first failure first, and for a failure of the run itself; nothing
 * but for GITHUB. */
void fr_ci_annotations(const struct fr_ci *ci, const struct fr_run *run, const struct fr_mask *mask,
                       struct fr_buf *out);

/* Appends an annotation for each problem of a file; nothing but for GITHUB. */
void fr_ci_problems(const struct fr_ci *ci, const struct fr_diags *diags, struct fr_buf *out);
/* Makes the progress sink speak to the service; it keeps a copy. */
void fr_progress_ci(struct fr_sink *sink, const struct fr_ci *ci);

#endif
