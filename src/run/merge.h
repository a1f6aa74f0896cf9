/* The merge strategies: what a group yields from what its branches yielded. Pure: nothing
 * in it depends on time. Coordinator thread (JSON). Private to run/. */
#ifndef RUN_MERGE_H
#define RUN_MERGE_H

#include "flowrun/run/event.h"

/* A branch that has ended; all borrowed. */
struct merge_item {
    const char *id;
    enum fr_status status;
    struct json_object *output; /* of one that succeeded */
    int64_t cost;
    bool has_quality;
    double quality;
    const char *code, *message; /* NULL = no error */
};

/* collect_all, best_quality and combine_outputs; *out is owned by the caller. An error appends its text to `why`. */
enum fr_err merge_outputs(const struct fr_group *group, const struct merge_item *items,
                          uint32_t count, struct json_object **out, struct fr_buf *why);
/* The code of an error of merge_outputs; static. */
const char *merge_error_code(enum fr_err err);
/* A rank: NaN when the value is no number. */
double merge_number(const struct json_object *value);

#endif
