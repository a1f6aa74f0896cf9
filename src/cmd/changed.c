/* Files besides its own that a workflow is made from: which they are is recorded, and a run that goes on tells of those that
 * have changed since. Main thread. */
#include <string.h>

#include "again.h"
#include "changed.h"
#include "flowrun/base/json.h"

void changed_record(struct json_object *options, const struct fr_plan *plan)
{
    struct json_object *files = plan->read ? json_object_new_object() : NULL;
    for (const struct fr_read_file *file = plan->read; file; file = file->next)
        json_object_object_add(files, file->path, json_object_new_string(file->sha256));
    if (files)
        json_object_object_add(options, "files", files);
}

/* Whether one of the files before this one in the list is the same. */
static bool was_told(const struct fr_plan *plan, const struct fr_read_file *file)
{
    for (const struct fr_read_file *one = plan->read; one != file; one = one->next)
        if (strcmp(one->path, file->path) == 0)
            return true;
    return false;
}

void changed_tell(const struct cmd_again *again, const struct fr_plan *plan)
{
    struct json_object *files = NULL, *before = NULL;
    json_object_object_get_ex(again->options, "files", &files);
    for (const struct fr_read_file *file = plan->read; files && file; file = file->next)
        if (json_object_object_get_ex(files, file->path, &before) &&
            strcmp(json_object_get_string(before), file->sha256) != 0 && !was_told(plan, file))
            cmd_changed(file->path);
}
