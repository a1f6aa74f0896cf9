/* The reports that a run writes when it has ended. Main thread. */
#ifndef CMD_REPORTS_H
#define CMD_REPORTS_H

#include "cmd.h"
#include "flowrun/run/run.h"
#include "flowrun/store/store.h"
#include "flowrun/ui/story.h"

enum { REPORTS_MAX = 4 };

struct reports {
    char *paths[REPORTS_MAX]; /* absolute; owned; NULL = not asked for */
    char *events;        /* the file of --events, in the same way; a descriptor as it was given */
    const char *summary; /* GITHUB_STEP_SUMMARY, when it is to be added to */
};

/* Takes the options, before anything runs; `file` is what is run, NULL = no file. 0 or an exit code after printing; ends with
 * reports_release. */
int reports_prepare(struct reports *reports, struct cmd_opts *opts, const char *file);
/* The same of what only the plan tells: the files that it reads, and those that its steps make. 0 or an exit code. */
int reports_check_plan(const struct reports *reports, const struct cmd_opts *opts,
                       const struct fr_plan *plan);
/* The same of one file. */
int reports_check_path(const char *option, const char *path, const struct fr_plan *plan);
/* Nothing is to be run: says so when one of the options, or --events, wants to hear of it. 0 or an exit code. */
int reports_refuse(const struct cmd_opts *opts);
/* Gives the paths to another run's options, which borrow them: they mean the same from every folder. */
void reports_hand_on(const struct reports *reports, struct cmd_opts *opts);
/* Whether anything is to be written. */
bool reports_wanted(const struct reports *reports);

/* What was recorded of a run. */
struct reports_source {
    struct fr_store *store;
    const char *run_id;
    bool stays;               /* the store outlives the reports */
    const char *broken;       /* why the record is not whole; NULL = it is */
    const struct fr_run *run; /* NULL = it was over before */
};

/* Writes all of them; the exit code of a run whose own is `code`. */
int reports_write(const struct reports *reports, const struct reports_source *source, int code);
void reports_release(struct reports *reports);

#endif
