/* `timeout: auto`: three times what 95 of 100 runs of a step took, at least a second. Main thread. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "history.h"
#include "secrets.h"

void cmd_pace_apply(struct fr_plan *plan, const struct fr_pace *pace)
{
    for (uint32_t i = 0; i < plan->step_count; i++) {
        struct fr_step *step = &plan->steps[i];
        const struct fr_pace_step *known = pace ? &pace->steps[i] : NULL;
        if (!step->timeout_auto)
            continue;
        step->timeout_known = known ? known->successes : 0;
        step->timeout_ns = FR_TIMEOUT_UNKNOWN;
        if (step->timeout_known < FR_PACE_ENOUGH)
            continue;
        step->timeout_ns = 3 * known->p95_ns;
        if (step->timeout_ns < FR_NS_PER_S)
            step->timeout_ns = FR_NS_PER_S;
    }
}

void cmd_pace_show(const struct cmd_opts *opts, const struct cmd_file *file, struct fr_plan *plan)
{
    struct fr_store *store = NULL;
    struct fr_pace *pace = NULL;
    struct fr_diags diags;
    bool any = false;
    for (uint32_t i = 0; i < plan->step_count; i++)
        any = any || plan->steps[i].timeout_auto;
    if (!any || opts->no_store || strcmp(file->load.file, "-") == 0)
        return;
    fr_diags_init(&diags); /* a store that cannot be read is the business of `run` */
    char *folder = fr_store_folder(opts->store, &diags);
    char *cwd = getcwd(NULL, 0);
    char *path = fr_path_join(cwd ? cwd : "/", file->load.file);
    struct fr_mask *mask = cmd_secrets_mask(plan, NULL);
    char *name = fr_store_name(mask, path);
    if (folder && fr_store_open(folder, false, &diags, &store) == FR_OK && store &&
        fr_pace_load(store, name, plan, 0, &pace) == FR_OK)
        cmd_pace_apply(plan, pace);
    fr_pace_free(pace);
    fr_store_close(store);
    fr_mask_free(mask);
    free(name);
    free(path);
    free(cwd);
    free(folder);
    fr_diags_release(&diags);
}
