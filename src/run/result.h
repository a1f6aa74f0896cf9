/* Results as JSON. Coordinator thread. Private to run/. */
#ifndef RUN_RESULT_H
#define RUN_RESULT_H

#include "flowrun/run/run.h"

struct verdict;

/* The result object of a step; `.output` of a value that does not fit into memory is null. */
void result_write(const struct fr_run *run, const struct fr_step *step, struct fr_buf *out);
/* The result object of one item of a batch that is over. */
void result_write_turn(const struct fr_run *run, const struct fr_step *step, uint32_t number,
                       struct fr_buf *out);
struct json_object *result_turn_json(const struct fr_run *run, const struct fr_step *step,
                                     uint32_t number); /* returned owned */
/* What `.result` is before the step has ended: as it would be if the attempt were the last. Returned owned. */
struct json_object *result_provisional(const struct fr_run *run, const struct fr_step *step,
                                       const struct verdict *verdict, struct fr_value *output);
/* The result object of a run whose `steps` have ended, without those of `finally`, of which there are some. */
void result_so_far(const struct fr_run *run, struct fr_buf *out);
/* {code, message} or NULL; returned owned. */
struct json_object *result_error_json(const struct fr_step_result *result);

/* Sets critical path, counts and sums of a run that has ended. */
void run_measure(struct fr_run *run);

#endif
