/* Results as JSON objects: written first, and read back. Coordinator thread. */
#include "result.h"

#include "coord.h"

/* Text that we wrote, as an object; NULL when it was too large. */
static struct json_object *parsed(struct fr_buf *buf)
{
    struct json_object *object = NULL;
    if (buf->overflow || !fr_json_parse(fr_buf_cstr(buf), buf->len, &object, NULL, 0))
        object = NULL;
    fr_buf_release(buf);
    return object;
}

/* Some fields of a step's result as an object. */
struct json_object *result_fields_json(const struct fr_run *run, const struct fr_step *step,
                                       unsigned fields)
{
    struct fr_buf buf;
    fr_buf_init(&buf, FR_VALUE_PARSE_LIMIT);
    result_write(run, step, fields, &buf);
    return parsed(&buf);
}

/* The results of what a container holds as a list. */
struct json_object *result_parts_json(const struct fr_run *run, const struct fr_step *step)
{
    struct fr_buf buf;
    fr_buf_init(&buf, FR_VALUE_PARSE_LIMIT);
    result_write_parts(run, step, FR_FIELDS_ALL, &buf);
    return parsed(&buf);
}

/* The result of an item as a JSON object. */
struct json_object *result_turn_json(const struct fr_run *run, const struct fr_step *step,
                                     uint32_t number, unsigned fields)
{
    struct fr_buf buf;
    fr_buf_init(&buf, FR_VALUE_PARSE_LIMIT);
    result_write_turn(run, step, number, fields, &buf);
    return parsed(&buf);
}

/* Appends `.result` of an attempt that has just ended. */
void result_write_provisional(const struct fr_run *run, const struct fr_step *step,
                              const struct verdict *verdict, struct fr_value *output,
                              unsigned fields, struct fr_buf *out)
{
    struct fr_step_result result = run->results[step->index];
    result.status = verdict->status;
    result.error_code = verdict->code;
    result.error_message = verdict->message;
    result.output = output;
    result_write_as(run, step, NULL, &result, fields, out);
}

/* The same as an object. */
struct json_object *result_provisional(const struct fr_run *run, const struct fr_step *step,
                                       const struct verdict *verdict, struct fr_value *output,
                                       unsigned fields)
{
    struct fr_buf buf;
    fr_buf_init(&buf, 0);
    result_write_provisional(run, step, verdict, output, fields, &buf);
    return parsed(&buf);
}

/* What a group that is over has beyond a step. */
char *result_inside(const struct fr_run *run, const struct fr_step *step)
{
    enum { ROOM = 64 << 10 };
    const struct fr_step_result *result = &run->results[step->index];
    struct fr_buf text;
    fr_buf_init(&text, ROOM);
    result_write_group(run, step, result, FR_FIELDS_ALL, &text);
    if (text.overflow) { /* outputs are the large part, and the one that the item's own output tells */
        fr_buf_release(&text);
        fr_buf_init(&text, 0);
        result_write_group(run, step, result, FR_FIELDS_ALL & ~FR_FIELDS_OUTPUT, &text);
    }
    return fr_buf_take(&text, NULL);
}

/* The error of a step that failed. */
struct json_object *result_error_json(const struct fr_step_result *result)
{
    struct fr_buf buf;
    fr_buf_init(&buf, 0);
    result_write_error(result->error_code, result->error_message, &buf);
    return parsed(&buf);
}
