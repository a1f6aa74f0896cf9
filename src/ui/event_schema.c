/* `flowrun schema events`: what the lines that run/event_line.c writes may hold. One table of events and one of their
 * members; the schema is made of both. Pure; any thread. */
#include "flowrun/ui/event_schema.h"

#include <stdlib.h>
#include <string.h>

#include "flowrun/base/json.h"
#include "flowrun/run/event_line.h"
#include "flowrun/run/run.h"

/* An event; `letter` stands for it in the table of members. */
static const struct {
    char letter;
    const char *name, *about;
} events[] = {
    {'S', "run_started", "The first line: which run this is."},
    {'R', "run_resumed", "The first line of a run that is gone on with."},
    {'s', "status", "A step has moved from one status to another."},
    {'l', "log", "What an attempt has printed, when it has ended and printed anything."},
    {'r', "retry", "An attempt has failed, and another one follows."},
    {'p', "stopping", "The run is being ended."},
    {'w', "warning", "Something is not as it should be, but stops nothing."},
    {'n', "note", "What a step has said about itself, or what was done for it."},
    {'E', "run_ended", "The last line: how the run came out."},
};
enum { EVENTS = sizeof events / sizeof events[0] };

#define TEXT "\"type\":\"string\""
#define NUMBER "\"type\":\"number\""
#define COUNT "\"type\":\"integer\",\"minimum\":0"
#define STATUS "\"$ref\":\"#/$defs/status\""
#define RUN_STATUS "\"$ref\":\"#/$defs/run_status\""

/* A member, in the order in which they stand: in which events it is always, and in which it may be. The schema of `event`
 * is the event's name. */
static const struct {
    const char *name, *schema, *always, *maybe, *about;
} members[] = {
    {"time", TEXT ",\"format\":\"date-time\"", "SRslrpwnE", "",
     "When it happened, in UTC with milliseconds."},
    {"event", NULL, "SRslrpwnE", "", "What happened."},
    {"step", TEXT, "slr", "wn", "The step's id, of a turn like b[17] or l[2].x."},
    {"from", STATUS, "s", "", "The status before."},
    {"to", STATUS, "s", "", "The status now."},
    {"attempt", "\"type\":\"integer\",\"minimum\":1", "lr", "s", "Which attempt, from 1."},
    {"delay", NUMBER ",\"minimum\":0", "", "r", "Seconds until the next attempt."},
    {"text", TEXT, "pwnr", "sE",
     "For people: why the step begins, or failed, or the run has no result; what is said."},
    {"version", "\"const\":1", "SR", "", "The version of this format."},
    {"run_id", TEXT, "SR", "", "The run's id."},
    {"name", TEXT, "SR", "", "The workflow's name."},
    {"file", TEXT, "SR", "", "The workflow's file as it was given; - is standard input."},
    {"type", TEXT, "", "s", "The step's type; when it leaves `pending`."},
    {"parent", TEXT, "", "s", "The step that it is a part of; when it leaves `pending`."},
    {"stdout", "\"type\":[\"string\",\"null\"]", "", "l",
     "What it wrote to standard output; null when that is more than 64 KiB."},
    {"stderr", "\"type\":[\"string\",\"null\"]", "", "l",
     "What it wrote to standard error; null when that is more than 64 KiB."},
    {"waited",
     "\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"seconds\",\"for\"],"
     "\"properties\":{\"seconds\":{" NUMBER ",\"minimum\":0},\"for\":{" TEXT "}}}",
     "", "s", "What the step was short of before it began or went on, when that took a while."},
    {"stderr_cut", "\"const\":true", "", "l", "Of standard error only the end was kept."},
    {"status", RUN_STATUS, "E", "", "How the run came out."},
    {"exit_code", COUNT, "E", "s", "The exit code of flowrun, or of the step's process."},
    {"signal", COUNT, "", "s", "The number of the signal that ended the step's process."},
    {"duration", NUMBER ",\"minimum\":0", "E", "s",
     "Seconds from its start to its end; of a step when it has begun and is over, of a kept one of "
     "the time when it ran, if that was in this run."},
    {"total", COUNT, "SRE", "",
     "Steps, groups left out. Items of a batch and turns of a loop are counted when they begin."},
    {"counts",
     "\"type\":\"object\",\"propertyNames\":{" STATUS "},\"additionalProperties\":{" COUNT "}", "E",
     "", "How many steps are in each status, groups left out."},
    {"error_code", TEXT, "", "sE", "A stable word for what went wrong."},
    {"cost", NUMBER, "", "sE", "What it has cost, in USD."},
    {"quality", NUMBER, "", "s", "The quality that the step has given itself."},
    {"tolerated", "\"const\":true", "", "s", "It failed, but the run goes on as if it had not."},
    {"kept", "\"const\":true", "", "s", "It did not run: its result is that of an attempt before."},
};
enum { MEMBERS = sizeof members / sizeof members[0] };

/* The members of one event. */
static void add_event(size_t number, struct fr_buf *out)
{
    fr_buf_str(out, "{\"description\":");
    fr_json_write_text(events[number].about, out);
    fr_buf_str(out, ",\"properties\":{");
    for (size_t i = 0; i < MEMBERS; i++) {
        if (!strchr(members[i].always, events[number].letter) &&
            !strchr(members[i].maybe, events[number].letter))
            continue;
        fr_buf_printf(out, "%s\"%s\":{", i ? "," : "", members[i].name);
        if (members[i].schema)
            fr_buf_str(out, members[i].schema);
        else
            fr_buf_printf(out, "\"const\":\"%s\"", events[number].name);
        fr_buf_str(out, ",\"description\":");
        fr_json_write_text(members[i].about, out);
        fr_buf_char(out, '}');
    }
    fr_buf_str(out, "},\"required\":[");
    for (size_t i = 0; i < MEMBERS; i++)
        if (strchr(members[i].always, events[number].letter))
            fr_buf_printf(out, "%s\"%s\"", i ? "," : "", members[i].name);
    fr_buf_str(out, "]}");
}

/* The words for how steps and runs come out. */
static void add_statuses(struct fr_buf *out)
{
    fr_buf_str(out, "\"$defs\":{\"status\":{\"enum\":[");
    for (int i = 0; i < FR_STATUS__COUNT; i++)
        fr_buf_printf(out, "%s\"%s\"", i ? "," : "", fr_status_name((enum fr_status)i));
    fr_buf_str(out, "]},\"run_status\":{\"enum\":[\"succeeded\",\"failed\",\"over_budget\","
                    "\"timed_out\",\"cancelled\",\"suspended\"]}}");
}

void fr_event_schema(struct fr_buf *out)
{
    struct json_object *value = NULL;
    struct fr_buf text;
    fr_buf_init(&text, 0);
    fr_buf_printf(&text,
                  "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
                  "\"title\":\"An event of a flowrun run, version %d\",\"description\":"
                  "\"A line of `flowrun run --events FILE` or `flowrun events RUN`. Within a "
                  "version members and events may "
                  "be added: ignore those that you do not know.\",\"type\":\"object\",\"oneOf\":[",
                  FR_EVENT_VERSION);
    for (size_t i = 0; i < EVENTS; i++) {
        if (i)
            fr_buf_char(&text, ',');
        add_event(i, &text);
    }
    fr_buf_str(&text, "],");
    add_statuses(&text);
    fr_buf_char(&text, '}');
    if (!fr_json_parse(fr_buf_cstr(&text), text.len, &value, NULL, 0))
        abort();
    fr_json_write_pretty(value, out);
    fr_buf_char(out, '\n');
    json_object_put(value);
    fr_buf_release(&text);
}
