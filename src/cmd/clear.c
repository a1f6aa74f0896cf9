/* Ends what a killed run has left, before it goes on or is removed. Main thread. */
#include "clear.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/json.h"
#include "flowrun/run/guard.h"
#include "cmd.h"

uint32_t clear_kept_steps(const struct fr_plan *plan, const char ***ids)
{
    uint32_t count = 0;
    *ids = calloc(plan->step_count + 1U, sizeof **ids);
    if (!*ids)
        abort();
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].leftover == FR_LEFTOVER_KEEP)
            (*ids)[count++] = plan->steps[i].id;
    return count;
}

void clear_processes(const char *run_id, const char *name, const char *const *keep, uint32_t count)
{
    unsigned found = fr_guard_clear(run_id, keep, count);
    if (found)
        cmd_fail(CMD_OK, "%u process%s of %s still lived and %s ended", found,
                 found == 1 ? "" : "es", name, found == 1 ? "was" : "were");
}

void clear_recorded(void *arg, const struct fr_kept_run *run)
{
    struct json_object *options = NULL, *words = NULL;
    char name[80];
    uint32_t count = 0;
    (void)arg;
    if (run->options_json)
        fr_json_parse(run->options_json, strlen(run->options_json), &options, NULL, 0);
    json_object_object_get_ex(options, "leftover_kept", &words);
    size_t len = json_object_is_type(words, json_type_array) ? json_object_array_length(words) : 0;
    const char **keep = calloc(len + 1, sizeof *keep);
    if (!keep)
        abort();
    for (size_t i = 0; i < len; i++)
        keep[count++] = json_object_get_string(json_object_array_get_idx(words, i));
    (void)snprintf(name, sizeof name, "run %s", run->id);
    clear_processes(run->id, name, keep, count);
    free(keep);
    json_object_put(options);
}
