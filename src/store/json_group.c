/* What the result object of a recorded group has beyond that of a step. One thread. */
#include <string.h>

#include "flowrun/base/json.h"
#include "flowrun/store/heads.h"
#include "read.h"

/* A number of a group's object. */
static int64_t number_in(const struct json_object *group, const char *key)
{
    struct json_object *number = NULL;
    json_object_object_get_ex(group, key, &number);
    return json_object_get_int64(number);
}

/* What is known when it is over. */
static void add_sums(const struct fr_kept_step *step, const struct json_object *group,
                     struct fr_buf *out)
{
    int64_t sequential = number_in(group, "sequential_ns");
    double speedup = step->duration_ns > 0 ? (double)sequential / (double)step->duration_ns : 1;
    fr_buf_printf(out,
                  "],\"successful_count\":%lld,\"failed_count\":%lld,\"skipped_count\":%lld,"
                  "\"cancelled_count\":%lld,\"total_time\":",
                  (long long)number_in(group, "ok"), (long long)number_in(group, "failed"),
                  (long long)number_in(group, "skipped"), (long long)number_in(group, "cancelled"));
    fr_json_write_seconds(step->duration_ns, out);
    fr_buf_str(out, ",\"sequential_time\":");
    fr_json_write_seconds(sequential, out);
    fr_buf_printf(out, ",\"speedup\":%.2f,\"total_cost\":", speedup);
    fr_json_write_micros(step->cost, out);
}

void json_group(const struct fr_kept_step *step, struct fr_buf *before, struct fr_buf *behind)
{
    struct json_object *group = NULL, *strategy = NULL;
    if (step->group_json &&
        !fr_json_parse(step->group_json, strlen(step->group_json), &group, NULL, 0))
        group = NULL;
    json_object_object_get_ex(group, "merge_strategy", &strategy);
    fr_buf_str(before, ",\"group_id\":");
    fr_json_write_text(step->id, before);
    fr_buf_str(before, ",\"merge_strategy\":");
    fr_json_write(strategy, before);
    fr_buf_str(before, ",\"results\":[");
    if (group)
        add_sums(step, group, behind);
    else
        fr_buf_str(behind, "],\"successful_count\":null,\"failed_count\":null,"
                           "\"skipped_count\":null,\"cancelled_count\":null,\"total_time\":null,"
                           "\"sequential_time\":null,\"speedup\":null,\"total_cost\":null");
    json_object_put(group);
}
