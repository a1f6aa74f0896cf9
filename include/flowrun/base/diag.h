/* The diagnostics collector: problems with their place, written where the
 * knowledge is and printed by cmd/ alone. Owned by the command; one thread. */
#ifndef FLOWRUN_BASE_DIAG_H
#define FLOWRUN_BASE_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowrun/base/arena.h"
#include "flowrun/base/buf.h"

/* A place in a file. line and col count from 1; 0 = no place known. */
struct fr_mark {
    const char *file; /* as the user named it; outlives the collector; NULL = no file */
    uint32_t line;
    uint32_t col; /* in characters, not bytes */
    uint32_t len; /* characters to underline; 0 = 1 */
    /* While a plan is loaded: the place is this many bytes, less 1, into the value of the scalar that begins at
     * line:col. 0 = at line:col itself. */
    uint32_t skip;
};

enum fr_severity { FR_WARNING, FR_ERROR };

struct fr_diag {
    struct fr_mark mark;
    enum fr_severity severity;
    const char *code;    /* stable, e.g. "unknown-key"; static storage */
    const char *message; /* one line, no final dot; in the collector's arena */
    const char *help;    /* the mend: "did you mean 'retries'?"; may be NULL */
};

struct fr_diags {
    struct fr_arena arena;
    struct fr_diag *items; /* malloc'ed */
    size_t count;
    size_t cap;
    size_t errors; /* all errors met, also those beyond the limit */
    size_t warnings;
};

enum { FR_DIAG_LIMIT = 1000 }; /* kept at most; the rest is only counted */

void fr_diags_init(struct fr_diags *diags);
void fr_diags_release(struct fr_diags *diags);

/* Adds one. `code` is static; `help` may be NULL (copied otherwise). Never fails. Texts may hold bytes
 * of the user's file: control characters are shown escaped when rendered. */
void fr_diag_add(struct fr_diags *diags, enum fr_severity severity, struct fr_mark mark,
                 const char *code, const char *help, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));

/* Sorts by file (order of first appearance), line, column; equal ones are dropped. */
void fr_diags_sort(struct fr_diags *diags);

/* Gives the text of a file that was not read from disk (standard input); borrowed. */
struct fr_diag_source {
    const char *file;
    const char *text;
    size_t len;
};

/* Appends `file:line:col: error[code]: message`, the line, a caret line with the help. Reads the file
 * again for the line (or `source` when it is that file; may be NULL). `color` adds SGR codes. */
void fr_diag_render(const struct fr_diag *diag, const struct fr_diag_source *source, bool color,
                    struct fr_buf *out);
/* The same for all of them: each file is read once, in one pass while they are sorted. */
void fr_diags_render(const struct fr_diags *diags, const struct fr_diag_source *source, bool color,
                     struct fr_buf *out);

#endif
