/* What the files that make jobs share. Coordinator thread. Private to run/. */
#ifndef RUN_JOBMAKER_H
#define RUN_JOBMAKER_H

#include <inttypes.h>

#include "coord.h"

/* $FLOWRUN_COMMAND of a job, by the run's folder and the job's number. */
#define COMMAND_FILE "%s/command-%" PRIu64

/* One job being made. */
struct job_maker {
    struct coord *c;
    struct active *t;
    const struct fr_step *step;
    struct fr_job *job;
    const char **envp;
    uint32_t env_count;
    const struct env_base *base; /* what the steps of the file share: the first of envp */
};

/* Evaluates a template as text that lives as long as the job; len may be NULL. */
enum fr_err job_text(struct job_maker *m, const struct fr_tmpl *tmpl, const char **out,
                     size_t *len);
/* Fills the request of an http step. */
enum fr_err job_http(struct job_maker *m);

/* Makes the job of the last attempt once more; m->job is owned by the caller, whatever comes back. */
enum fr_err job_again(struct job_maker *m);

void tty_wait(struct coord *c, struct active *t);
void tty_release(struct coord *c, const struct fr_step *step);
/* The first step in the file that waits for the terminal; FR_NO_STEP = none. */
uint32_t tty_next(struct coord *c);
/* Gives it the terminal when that is free; false when nothing came of it. */
bool tty_go_on(struct coord *c);

#endif
