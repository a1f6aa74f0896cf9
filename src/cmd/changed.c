/* Files besides its own that a workflow is made from: which they are is recorded, and a run that goes on tells of those that
 * have changed since. Main thread. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "again.h"
#include "changed.h"

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

/* A path as it is seen from a folder that holds it. */
static const char *seen_from(const char *cwd, const char *path)
{
    size_t len = cwd ? strlen(cwd) : 0;
    return len > 1 && strncmp(path, cwd, len) == 0 && path[len] == '/' ? path + len + 1 : path;
}

void changed_tell(const struct cmd_again *again, const struct fr_plan *plan)
{
    struct json_object *files = NULL, *before = NULL;
    char *cwd = getcwd(NULL, 0);
    json_object_object_get_ex(again->options, "files", &files);
    for (const struct fr_read_file *file = plan->read; files && file; file = file->next)
        if (json_object_object_get_ex(files, file->path, &before) &&
            strcmp(json_object_get_string(before), file->sha256) != 0 && !was_told(plan, file))
            cmd_changed(seen_from(cwd, file->path));
    free(cwd);
}
