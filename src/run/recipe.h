/* The recipe of an attempt: a hash of all that makes its result. Coordinator thread. Private to run/. */
#ifndef RUN_RECIPE_H
#define RUN_RECIPE_H

#include "flowrun/base/sha256.h"
#include "jobmaker.h"

/* The recipe of the job that is being made, kept in the step's result; that of the first attempt stands for all. What
 * its `generates` name may be missing: *made_nothing. */
enum fr_err recipe_of_job(struct job_maker *m, bool *made_nothing);
/* The recipe of a step without a process: what it is asked for, and its input. */
void recipe_of_text(struct coord *c, struct active *t, const char *text);

/* NAME=value as the process will have it; NULL when it is not set. */
const char *recipe_pair(const struct job_maker *m, const char *name);

/* ---- repro.c ---- */

/* A step has failed for good: lets the memory write down how it can be run again alone. */
void repro_keep(struct coord *c, struct active *t);

/* ---- sources.c ---- */

/* Adds the files that `sources` names, with their contents, and what `generates` says; tells whether what that names
 * is there. */
enum fr_err sources_add(struct job_maker *m, struct fr_sha256 *sha, bool *made_nothing);

/* ---- program_file.c ---- */

/* Adds what the file holds that the process of the job runs. */
void program_file_add(struct job_maker *m, struct fr_sha256 *sha);

/* ---- replay.c ---- */

/* Whether the memory has this attempt; then it is under way, and its report comes in the next turn. Takes the job. */
bool replay_start(struct coord *c, struct active *t, struct fr_job *job, bool made_nothing);
/* The same for a step without a process: its report, owned by the caller. */
struct fr_report *replay_get(struct coord *c, struct active *t);
/* The next report of the memory, owned by the caller; NULL = none. */
struct fr_report *replay_next(struct coord *c);
/* What the attempts before the kept one cost and used counts again. */
void replay_count(struct coord *c, struct active *t, const struct fr_report *report);
void replay_release(struct coord *c);

/* ---- stay.c ---- */
/* Whether what is on record of a step that begins stays as long as nothing runs anew. */
bool stay_may(struct coord *c, const struct fr_step *step);
/* A step is about to be cancelled to which the run has not come: whether its result on record stays. Then it has ended. */
bool stay_as_recorded(struct coord *c, const struct fr_step *step);
/* The same of items from `first` on that never began; how many. `leaves`: the steps of each that do work themselves. */
uint32_t stay_items(struct coord *c, const struct fr_step *batch, uint32_t first, uint32_t leaves);

/* ---- race_again.c ---- */
/* Before a container opens: keeps back the branches of a race that others had won before. */
void race_hold(struct coord *c, const struct fr_step *race);
/* A step begins anew, or a branch has ended: what is kept back of the races it is part of may start. */
void race_let_go(struct coord *c, const struct fr_step *step);

#endif
