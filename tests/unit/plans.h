/* Plans out of YAML text, and their problems as text, for the unit tests of plan/. */
#ifndef TESTS_PLANS_H
#define TESTS_PLANS_H

#include "flowrun/plan/plan.h"

/* The plan of a workflow `t.yaml` in /base; fails the test when it has errors. Free with fr_plan_free. */
struct fr_plan *plan_of(const char *yaml);
/* The same with options; file, text and text_len are set here. NULL when the file is wrong; *err and *problems (may be
 * NULL; free) tell. Each problem is `LINE:COL error[code] message` or `… warning[code] …` and a newline. */
struct fr_plan *plan_load(const char *yaml, struct fr_load_options options, enum fr_err *err,
                          char **problems);

/* Fails unless exactly these problems are reported, in order of their places. */
void assert_problems(const char *yaml, const char *expected);
/* Fails unless a problem of this code has this help. */
void assert_help(const char *yaml, const char *code, const char *help);
void assert_outcome(const char *yaml, enum fr_err expected);

/* Step by id; fails when there is none. */
const struct fr_step *step_of(const struct fr_plan *plan, const char *id);
/* The ids of some steps, "a b c"; static storage, until the next call. */
const char *ids_of(const struct fr_plan *plan, struct fr_indexes indexes);

#endif
