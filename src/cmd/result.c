/* The result of a run as `flowrun run --output json` printed it, read for the statuses of its steps. Main thread. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "flowrun/base/fd.h"
#include "flowrun/base/json.h"

enum { RESULT_LIMIT = 1 << 30 };

/* A result and what it is compared with. */
struct reader {
    const char *name; /* of the file, for messages */
    const struct fr_plan *plan;
    enum fr_status *statuses;
};

/* The text of a member, or NULL. */
static const char *text_of(const struct json_object *object, const char *key)
{
    struct json_object *value = NULL;
    if (!json_object_object_get_ex(object, key, &value) ||
        !json_object_is_type(value, json_type_string))
        return NULL;
    return json_object_get_string(value);
}

/* The status of that name; false when there is none. */
static bool find_status(const char *name, enum fr_status *status)
{
    /* What a killed run was doing is known no more. */
    if (name && strcmp(name, "unknown") == 0) {
        *status = FR_STATUS__COUNT;
        return true;
    }
    for (int i = 0; name && i < FR_STATUS__COUNT; i++)
        if (strcmp(fr_status_name((enum fr_status)i), name) == 0) {
            *status = (enum fr_status)i;
            return true;
        }
    return false;
}

/* Whether an id is that of a turn of a batch or a loop, which is no step of the plan. */
static bool is_made(const char *id)
{
    return strchr(id, '[') != NULL;
}

/* Takes the status of one step. */
static int read_step(const struct reader *r, const struct json_object *one)
{
    const char *id = text_of(one, "id"), *status = text_of(one, "status");
    enum fr_status found = FR_PENDING;
    if (!id || !find_status(status, &found))
        return cmd_fail(CMD_USAGE,
                        "--result: %s is no result of a run: step '%s' has no status that there is",
                        r->name, id ? id : "?");
    const struct fr_step *step = fr_plan_find(r->plan, id);
    if (step)
        r->statuses[step->index] = found;
    else if (!is_made(id))
        return cmd_fail(
            CMD_USAGE, "--result: %s is of another workflow: it has a step '%s', and '%s' has none",
            r->name, id, r->plan->name);
    return CMD_OK;
}

/* Takes the statuses of all steps. */
static int read_steps(const struct reader *r, const struct json_object *result)
{
    const char *name = text_of(result, "name");
    struct json_object *steps = NULL;
    int code = CMD_OK;
    if (!name || !json_object_object_get_ex(result, "steps", &steps) ||
        !json_object_is_type(steps, json_type_array))
        return cmd_fail(CMD_USAGE,
                        "--result: %s is not what `flowrun run --output json` prints: an object "
                        "with the `name` of the workflow and its `steps`",
                        r->name);
    if (strcmp(name, r->plan->name) != 0)
        return cmd_fail(CMD_USAGE,
                        "--result: %s is of another workflow: it is called '%s', not '%s'", r->name,
                        name, r->plan->name);
    for (size_t i = 0; !code && i < json_object_array_length(steps); i++)
        code = read_step(r, json_object_array_get_idx(steps, i));
    return code;
}

int cmd_parse_result(const char *name, const struct fr_buf *text, const struct fr_plan *plan,
                     enum fr_status **statuses)
{
    struct reader reader = {.name = name, .plan = plan};
    struct json_object *result = NULL;
    char why[160];

    if (!fr_json_parse(fr_buf_cstr(text), text->len, &result, why, sizeof why))
        return cmd_fail(CMD_USAGE, "--result: %s is no JSON: %s", name, why);
    reader.statuses = *statuses = calloc(plan->step_count + 1U, sizeof **statuses);
    if (!reader.statuses)
        abort();
    int code = read_steps(&reader, result);
    json_object_put(result);
    return code;
}

int cmd_read_result(const struct cmd_opts *opts, const struct fr_plan *plan,
                    enum fr_status **statuses)
{
    bool is_input = strcmp(opts->result, "-") == 0;
    const char *name = is_input ? "standard input" : opts->result;
    struct fr_buf buf;

    if (is_input && opts->file_count && strcmp(opts->files[0], "-") == 0)
        return cmd_fail(CMD_USAGE, "standard input cannot be both the workflow and its result");
    fr_buf_init(&buf, RESULT_LIMIT);
    int err = is_input ? fr_read_all(STDIN_FILENO, &buf) : fr_read_file(opts->result, &buf);
    int code = CMD_OK;
    if (err)
        code = cmd_fail(CMD_USAGE, "--result: cannot read '%s': %s", name, strerror(-err));
    else
        code = cmd_parse_result(name, &buf, plan, statuses);
    fr_buf_release(&buf);
    return code;
}
