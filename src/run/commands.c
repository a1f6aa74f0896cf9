/* The lines of $FLOWRUN_COMMAND: one JSON object each, with one or several commands. Strict, because a command that is
 * passed over would be worse than a step that fails and says why. Coordinator thread. */
#include "commands.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/str.h"
#include "parse.h"
#include "usage.h"

enum { EXCERPT = 80 };

/* One line being read. */
struct line {
    const struct fr_state *state;
    struct commands *out;
    const struct json_object *object;
    struct fr_buf *why; /* what is wrong with it */
};

/* Takes one value; false with line->why. */
typedef bool (*take_fn)(struct line *line, struct json_object *value);

/* Takes a reason. */
static bool take_text(struct line *line, struct json_object *value, const char *name, char **to)
{
    if (!json_object_is_type(value, json_type_string)) {
        fr_buf_printf(line->why, "`%s` must be text", name);
        return false;
    }
    free(*to);
    *to = strdup(json_object_get_string(value));
    if (!*to)
        abort();
    return true;
}

static bool take_skip(struct line *line, struct json_object *value)
{
    return take_text(line, value, "skip", &line->out->skip);
}

static bool take_fail(struct line *line, struct json_object *value)
{
    return take_text(line, value, "fail", &line->out->fail);
}

static bool take_retry(struct line *line, struct json_object *value)
{
    line->out->after_ns = -1;
    return take_text(line, value, "retry", &line->out->retry);
}

static bool take_stop(struct line *line, struct json_object *value)
{
    return take_text(line, value, "stop", &line->out->stop);
}

/* Whether a command that another one belongs to stands on the same line. */
static bool goes_with(struct line *line, const char *name, const char *other)
{
    if (json_object_object_get_ex(line->object, other, NULL))
        return true;
    fr_buf_printf(line->why, "`%s` goes with `%s` on one line", name, other);
    return false;
}

/* Wait before the next attempt: text such as "2s", or seconds. */
static bool take_after(struct line *line, struct json_object *value)
{
    bool number = json_object_is_type(value, json_type_int) ||
                  json_object_is_type(value, json_type_double) ||
                  json_object_is_type(value, json_type_string);
    if (!goes_with(line, "after", "retry"))
        return false;
    if (number && fr_parse_duration(json_object_get_string(value), &line->out->after_ns))
        return true;
    fr_buf_str(line->why, "`after` must be a duration such as \"2s\"");
    return false;
}

static bool take_message(struct line *line, struct json_object *value)
{
    return goes_with(line, "message", "progress") &&
           take_text(line, value, "message", &line->out->message);
}

/* A finite number. */
static bool is_number(const struct json_object *value)
{
    return json_object_is_type(value, json_type_int) ||
           (json_object_is_type(value, json_type_double) &&
            isfinite(json_object_get_double(value)));
}

static bool take_progress(struct line *line, struct json_object *value)
{
    double part = is_number(value) ? json_object_get_double(value) : -1;
    if (part >= 0 && part <= 1)
        return true;
    fr_buf_str(line->why, "`progress` must be a number from 0 to 1");
    return false;
}

static bool take_cost(struct line *line, struct json_object *value)
{
    int64_t micros = 0, sum = 0;
    if (!is_number(value) || !fr_json_to_micros(value, &micros) || micros < 0 ||
        __builtin_add_overflow(line->out->cost, micros, &sum)) {
        fr_buf_str(line->why, "`cost` must be a number of USD with at most 6 decimals, from 0");
        return false;
    }
    line->out->cost = sum;
    line->out->has_cost = true;
    return true;
}

static bool take_quality(struct line *line, struct json_object *value)
{
    if (!is_number(value)) {
        fr_buf_str(line->why, "`quality` must be a number");
        return false;
    }
    line->out->quality = json_object_get_double(value);
    line->out->has_quality = true;
    return true;
}

static bool take_output(struct line *line, struct json_object *value)
{
    json_object_put(line->out->output);
    line->out->output = json_object_get(value);
    line->out->has_output = true;
    return true;
}

/* Ids of steps; whether the step may choose them is for who knows the plan. */
static bool take_goto(struct line *line, struct json_object *value)
{
    bool good = json_object_is_type(value, json_type_array);
    for (size_t i = 0; good && i < json_object_array_length(value); i++)
        good = json_object_is_type(json_object_array_get_idx(value, i), json_type_string);
    if (!good) {
        fr_buf_str(line->why, "`goto` must be a list of step ids");
        return false;
    }
    json_object_put(line->out->targets);
    line->out->targets = json_object_get(value);
    return true;
}

/* One key of an update. */
static bool check_update(struct line *line, const char *name, const struct json_object *value)
{
    const struct fr_state_key *key = fr_state_find(line->state, name);
    const char *names[64];
    uint32_t count = 0;
    if (key) {
        const char *want = fr_reducer_refuses(key->reducer, value, false);
        if (want)
            fr_buf_printf(line->why, "the reducer `%s` of the state '%s' needs %s",
                          fr_reducer_name(key->reducer), name, want);
        return !want;
    }
    for (; line->state && count < line->state->count && count < 64; count++)
        names[count] = line->state->keys[count].name;
    const char *near = fr_suggest(name, names, count);
    fr_buf_printf(line->why, "the workflow declares no state '%s'", name);
    if (near)
        fr_buf_printf(line->why, " (did you mean '%s'?)", near);
    else
        fr_buf_str(line->why, " (under `state:` or `reducers:`)");
    return false;
}

static bool take_update(struct line *line, struct json_object *value)
{
    if (!json_object_is_type(value, json_type_object)) {
        fr_buf_str(line->why, "`update` must be an object of state keys");
        return false;
    }
    json_object_object_foreach(value, name, one)
    {
        if (!check_update(line, name, one))
            return false;
    }
    if (!line->out->updates)
        line->out->updates = json_object_new_array();
    json_object_array_add(line->out->updates, json_object_get(value));
    return true;
}

static bool take_usage(struct line *line, struct json_object *value)
{
    if (!json_object_is_type(value, json_type_object)) {
        fr_buf_str(line->why, "`usage` must be an object");
        return false;
    }
    bool counts = false;
    json_object_object_foreach(value, name, one)
    {
        bool word = strcmp(name, "provider") == 0 || strcmp(name, "model") == 0;
        if (word ? json_object_is_type(one, json_type_string)
                 : is_number(one) && json_object_get_double(one) >= 0) {
            counts = counts || !word;
            continue;
        }
        fr_buf_printf(line->why, "`%s` of `usage` must be %s", name,
                      word ? "text" : "a number from 0");
        return false;
    }
    if (!counts) {
        fr_buf_str(line->why, "`usage` must hold a number, such as `input_tokens`");
        return false;
    }
    usage_add(&line->out->usage, value);
    return true;
}

static const struct {
    const char *name;
    take_fn take;
} table[] = {{"update", take_update}, {"output", take_output},     {"skip", take_skip},
             {"fail", take_fail},     {"retry", take_retry},       {"after", take_after},
             {"stop", take_stop},     {"cost", take_cost},         {"quality", take_quality},
             {"usage", take_usage},   {"progress", take_progress}, {"message", take_message},
             {"goto", take_goto}};

enum { COMMANDS = sizeof(table) / sizeof(table[0]) };

/* Takes all commands of an object, in the order of the table. */
static bool take_all(struct line *line)
{
    size_t known = 0;
    for (size_t i = 0; i < COMMANDS; i++) {
        struct json_object *value = NULL;
        if (!json_object_object_get_ex(line->object, table[i].name, &value))
            continue;
        known++;
        if (!table[i].take(line, value))
            return false;
    }
    if (known == (size_t)json_object_object_length(line->object) && known > 0)
        return true;
    json_object_object_foreach((struct json_object *)(uintptr_t)line->object, name, unused)
    {
        const char *names[COMMANDS];
        bool found = false;
        (void)unused;
        for (size_t i = 0; i < COMMANDS; i++) {
            names[i] = table[i].name;
            found = found || strcmp(name, names[i]) == 0;
        }
        if (found)
            continue;
        const char *near = fr_suggest(name, names, COMMANDS);
        fr_buf_printf(line->why, "there is no command `%s`", name);
        if (near)
            fr_buf_printf(line->why, " (did you mean `%s`?)", near);
        return false;
    }
    fr_buf_str(line->why, "the object holds no command");
    return false;
}

/* Reads one line. */
static bool parse_line(struct line *line, const char *text, size_t len)
{
    struct json_object *object = NULL;
    char reason[160] = "";
    bool good = false;
    if (!fr_json_parse(text, len, &object, reason, sizeof(reason))) {
        fr_buf_printf(line->why, "it is no JSON: %s", reason);
    } else if (!json_object_is_type(object, json_type_object)) {
        fr_buf_str(line->why, "it is no JSON object");
    } else {
        line->object = object;
        good = take_all(line);
    }
    json_object_put(object);
    return good;
}

/* Says which line is wrong, what stands there and why. */
static void report(struct fr_buf *why, unsigned number, const char *text, size_t len,
                   const struct fr_buf *reason)
{
    fr_buf_printf(why, "line %u of $FLOWRUN_COMMAND: %s; the line is ", number,
                  fr_buf_cstr(reason));
    parse_excerpt(text, len, EXCERPT, false, why);
}

/* Reads a whole file. */
bool commands_parse(const char *text, size_t len, const struct fr_state *state,
                    struct commands *out, struct fr_buf *why)
{
    struct fr_buf reason;
    unsigned number = 0;
    bool good = true;
    *out = (struct commands){.after_ns = -1};
    fr_buf_init(&reason, 4096);
    for (size_t at = 0; at < len && good;) {
        const char *newline = memchr(text + at, '\n', len - at);
        size_t end = newline ? (size_t)(newline - text) : len;
        number++;
        if (strspn(text + at, " \t\r") < end - at) {
            struct line line = {.state = state, .out = out, .why = &reason};
            good = parse_line(&line, text + at, end - at);
            if (!good)
                report(why, number, text + at, end - at, &reason);
        }
        at = end + 1;
    }
    fr_buf_release(&reason);
    return good;
}

/* Frees what they hold. */
void commands_release(struct commands *commands)
{
    json_object_put(commands->updates);
    json_object_put(commands->output);
    json_object_put(commands->usage);
    free(commands->skip);
    free(commands->fail);
    free(commands->retry);
    free(commands->stop);
    free(commands->message);
    json_object_put(commands->targets);
    *commands = (struct commands){.after_ns = -1};
}
