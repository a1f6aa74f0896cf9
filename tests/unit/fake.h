/* A run without processes: an executor that plays what a test says each step does, and a
 * clock that moves only when nothing is left to do. */
#ifndef TESTS_FAKE_H
#define TESTS_FAKE_H

#include "flowrun/run/run.h"

/* What a step's program does. The first line that fits is played. */
struct act {
    const char *id;
    uint32_t attempt; /* 0 = any */
    int exit_code;
    int signal;      /* died of it by itself */
    const char *out; /* NULL = nothing */
    int ms;          /* how long it takes */
    int stubborn_ms; /* how long it goes on after it was asked to end */
    int retry_after_ms;
};

struct played {
    struct fr_plan *plan;
    struct fr_run *run;
    char *events; /* "MS id from>to" and others, a line each */
    char *jobs;   /* "id#attempt" of every job in order of start */
    int64_t ended_ms;
};

/* What may be set beside the file; `at_ms` calls `then` once when the clock gets there. */
struct stage_options {
    bool keep_going;
    int workers;
    const char *input; /* JSON text */
    int tick_s;        /* how often sinks are reminded of the time; 0 = never */
    int behind_ms;     /* until then the sink's reader cannot follow */
};

/* Runs the workflow to its end; fails the test when it gets stuck. Acts end with an empty one. */
struct played play(const char *yaml, const struct act *acts, struct stage_options options);
void played_free(struct played *p);

/* The step's status by name, its output as JSON (static storage) and its error's message. */
const char *status_of(const struct played *p, const char *id);
const char *output_of(const struct played *p, const char *id);
const char *message_of(const struct played *p, const char *id);
/* The run's output as JSON; static storage. */
const char *run_output(const struct played *p);

#endif
