/* Results as JSON. Coordinator thread. Private to run/. */
#ifndef RUN_RESULT_H
#define RUN_RESULT_H

#include "flowrun/run/run.h"

struct verdict;

/* In all of these `fields` are bits of enum fr_fields: nothing else of a result, and of the results in it, is there.
 * Appends the result object of a step; `.output` of a value that does not fit into memory is null. */
void result_write(const struct fr_run *run, const struct fr_step *step, unsigned fields,
                  struct fr_buf *out);
/* That of one item of a batch that is over. */
void result_write_turn(const struct fr_run *run, const struct fr_step *step, uint32_t number,
                       unsigned fields, struct fr_buf *out);
/* The list of those that a container, or a step that merges, has: `.results`. It ends early when `out` overflows. */
void result_write_parts(const struct fr_run *run, const struct fr_step *step, unsigned fields,
                        struct fr_buf *out);
/* Appends a result that may be provisional; `turn`: the name of one that is past, which has no parts. */
void result_write_as(const struct fr_run *run, const struct fr_step *step, const char *turn,
                     const struct fr_step_result *result, unsigned fields, struct fr_buf *out);
/* What a group has beyond a step: the keys, each with a comma before it. */
void result_write_group(const struct fr_run *run, const struct fr_step *step,
                        const struct fr_step_result *result, unsigned fields, struct fr_buf *out);
/* What `.result` is before the step has ended: as it would be if the attempt were the last. */
void result_write_provisional(const struct fr_run *run, const struct fr_step *step,
                              const struct verdict *verdict, struct fr_value *output,
                              unsigned fields, struct fr_buf *out);
/* The result object of a run whose `steps` have ended, without those of `finally`, of which there are some. */
void result_so_far(const struct fr_run *run, struct fr_buf *out);
/* Whether --only has left the step out, and how that is said. */
bool result_is_left_out(const struct fr_step_result *result);
extern const char result_by_only[];
/* {code, message} or null. */
void result_write_error(const char *code, const char *message, struct fr_buf *out);

/* ---- result_object.c ---- The same as objects, returned owned; NULL = null, or larger than FR_VALUE_PARSE_LIMIT,
 * which a provisional one may be. */
struct json_object *result_fields_json(const struct fr_run *run, const struct fr_step *step,
                                       unsigned fields);
struct json_object *result_turn_json(const struct fr_run *run, const struct fr_step *step,
                                     uint32_t number, unsigned fields);
struct json_object *result_parts_json(const struct fr_run *run, const struct fr_step *step);
struct json_object *result_provisional(const struct fr_run *run, const struct fr_step *step,
                                       const struct verdict *verdict, struct fr_value *output,
                                       unsigned fields);
/* What a group that is over has beyond a step, as text; owned. Of much text without the outputs. */
char *result_inside(const struct fr_run *run, const struct fr_step *step);
/* {code, message} or NULL. */
struct json_object *result_error_json(const struct fr_step_result *result);

/* Sets critical path, counts and sums of a run that has ended. */
void run_measure(struct fr_run *run);

#endif
