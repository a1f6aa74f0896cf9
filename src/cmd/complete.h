/* What completes a word of a command line (complete.c and its neighbours): candidates, from the tables of commands and options
 * and from what is there. It never prints errors, and runs nothing of a workflow. Main thread. */
#ifndef CMD_COMPLETE_H
#define CMD_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd.h"
#include "flowrun/base/arena.h"

enum complete_shell { COMPLETE_BASH, COMPLETE_ZSH, COMPLETE_FISH };

/* What the shell may have to do beyond offering the candidates. */
enum complete_files { NO_FILES, ANY_FILES, WORKFLOW_FILES, FOLDERS };

struct candidate {
    const char *value, *about; /* in the arena; about: in a few words, "" = nothing */
};

struct completion {
    enum complete_shell shell;
    struct fr_arena arena;
    const char *word; /* what is typed of the word, without quotes */
    size_t keep;      /* so many bytes of it stand before what is completed: `--log=`, `a,` */
    enum complete_files files;
    bool has_last;           /* the newest run was offered */
    bool other;              /* there are candidates that are no files */
    bool cmd_given;          /* the line names the command */
    const struct cmd *cmd;   /* whose line it is */
    struct cmd_opts opts;    /* what the words before it give */
    struct candidate *items; /* malloc'ed */
    size_t count, cap;
};

/* Offers a value for the part of the word behind `keep`, unless it does not begin as the word does. A value that cannot be typed in one
 * line is not offered. */
void complete_add(struct completion *c, const char *value, const char *about);
/* The same for the path of a file, of which bash can type any. */
void complete_add_path(struct completion *c, const char *path);
/* The part of the word that is completed. */
const char *complete_part(const struct completion *c);

/* Offers what the placeholder of an operand or of an option's value stands for: FILE, RUN, STEP, ID … (candidates.c). */
void complete_placeholder(struct completion *c, const char *what, size_t len);
/* Offers files (completefiles.c). */
void complete_files(struct completion *c, enum complete_files which);
/* The path that a word means: `~/` is the home folder. In the arena. */
const char *complete_path(struct completion *c, const char *word);

/* A line of bash, cut at the cursor (bashline.c). */
struct bash_line {
    char **words; /* without quotes; the last is the one to complete; malloc'ed */
    size_t count;
    size_t from;      /* where in the last word, without quotes, bash begins to replace */
    char quote;       /* the quote that is open there, or 0 */
    bool is_for_bash; /* a redirection or an expansion: bash knows better */
};
void bash_line_read(const char *line, size_t len, const char *breaks, struct bash_line *out);
void bash_line_release(struct bash_line *line);
/* Appends a text as bash has to read it; false when it cannot be written inside that quote. */
bool bash_quote(const char *text, char quote, struct fr_buf *out);

/* The hidden subcommand: `__complete SHELL …`; see completion.c for what each script gives. */
int cmd_complete(int argc, char **argv);

#endif
