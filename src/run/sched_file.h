/* What the scheduler knows of files that steps of type workflow run. Private to run/. */
#ifndef RUN_SCHED_FILE_H
#define RUN_SCHED_FILE_H

#include "sched.h"

/* Notes what the files say of their workers. */
void sched_files_init(struct sched *s);
void sched_files_release(struct sched *s);
/* A file that holds the step drains, and lets it begin no more. */
bool sched_is_drained(const struct sched *s, uint32_t step);
/* Takes a worker of each file that holds the step; false when one has none left: the step waits there. */
bool sched_hire(struct sched *s, uint32_t step);
/* Gives them back. */
void sched_dismiss(struct sched *s, uint32_t step);
/* The step, which was ready, does not start now: those that wait in its files may take the workers it leaves. */
void sched_pass_on(struct sched *s, uint32_t step);

/* ---- for the coordinator ---- */

/* Opens `finally` of the file that a workflow step runs: SCHED_MERGE comes again when that has ended. */
void sched_open_cleanup(struct sched *s, uint32_t container);
/* A file is run (again). */
void sched_file_begins(struct sched *s, uint32_t container);
/* The file drains: only what SCHED_DRAIN names still starts in it. */
void sched_drain(struct sched *s, uint32_t container);
/* Decides what stands ready and may no longer start. */
void sched_recheck(struct sched *s);
/* Whether a step is one of a `finally`, or inside of one. */
bool sched_in_finally(const struct sched *s, uint32_t step);

#endif
