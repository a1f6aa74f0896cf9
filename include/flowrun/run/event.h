/* The one event stream of a run: one writer (the coordinator), any number of sinks; nothing prints or records beside it. */
#ifndef FLOWRUN_RUN_EVENT_H
#define FLOWRUN_RUN_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/plan/plan.h"
#include "flowrun/run/exec.h"
#include "flowrun/run/value.h"
#include "flowrun/run/wait.h"

enum fr_status {
    FR_PENDING,
    FR_RUNNING,
    FR_WAITING /* between attempts, a wait step, or for a person */,
    FR_SUCCEEDED,
    FR_FAILED,
    FR_TIMED_OUT,
    FR_SKIPPED,
    FR_CANCELLED,
    FR_NOT_TAKEN,
    FR_BLOCKED,
    FR_STATUS__COUNT
};
const char *fr_status_name(enum fr_status status); /* "timed_out"; static */
bool fr_status_is_final(enum fr_status status);
bool fr_status_is_failure(enum fr_status status); /* failed or timed out */

enum { FR_TAIL_BYTES = 4096 };
struct fr_step_result {
    enum fr_status status;
    bool tolerated; /* failed with continue_on_error, or its fallback took over: the run did not */
    uint32_t attempts;
    int exit_code, signal;  /* -1 / 0 = none */
    const char *error_code; /* NULL = none; static. Stays when a fallback took over */
    char *error_message;    /* owned by the run */
    char *reason;           /* why it was skipped or not taken; owned by the run; NULL = unknown */
    int64_t started_ns, ended_ns; /* monotonic; 0 = never started. duration = ended - started */
    int64_t started_wall_ns;
    int64_t over_ns;  /* monotonic: when its status became final, also of one that never started */
    uint32_t culprit; /* of one that is, or unless left out would be, blocked; FR_NO_STEP = none */
    int64_t cost;     /* millionths, all attempts */
    double quality;
    bool has_quality;
    struct json_object *question; /* what a human step asks; NULL = nothing so far; owned … */
    struct json_object *answer;   /* … who answered, when and how; NULL = nobody; owned */
    struct json_object *usage;    /* of all attempts, by source; owned; NULL = none */
    struct fr_value *output;      /* NULL = null */
    /* The input that passed through a skipped step of a chain or a wait; NULL = none: dependents get output. */
    struct fr_value *passed;
    /* The last lines of what it printed, at most FR_TAIL_BYTES; owned; NULL = none. A line whose beginning does not
     * fit is left out, unless there is no other. */
    char *out_tail, *err_tail;
    size_t out_tail_len, err_tail_len;
    char *tail_weave; /* how the two were woven together; owned; NULL = unknown */
    size_t tail_weave_len;
    struct fr_leftover_proc *leftover;
    uint32_t leftover_count;
    struct json_object
        *state; /* of a workflow step: what that of its file came to; owned; NULL = none */
    uint32_t ok, failed, skipped, cancelled; /* of groups */
    int64_t sequential_ns;                   /* sum of the branches' times */
    char *recipe; /* hash of all that makes the result; owned; NULL = it is not to be remembered */
    char *repro;  /* path of a script that runs a failed step again alone; owned; NULL = none */
    bool kept, stays; /* it did not run now: its result is on record; nor was it come to */
    /* It was not over when flowrun was killed: what would have become of it is unknown, or it had not begun. */
    enum { FR_LOST_NOT, FR_LOST_UNKNOWN, FR_LOST_PENDING } lost;
    int64_t kept_ns; /* what that took, in this run; 0 = unknown */
};
int64_t fr_step_took(const struct fr_step_result *result); /* 0 = it never began */

enum fr_event_kind {
    FR_EVENT_RUN_STARTED,
    FR_EVENT_STATUS, /* step moved: from, to */
    FR_EVENT_OUTPUT, /* a chunk of a running step (only when FR_RUN_STREAM was asked for) */
    FR_EVENT_LOG, /* a step's process ended: its captured stdout and stderr of this attempt, whole */
    FR_EVENT_RETRY,    /* an attempt failed, another follows: delay_ns, text */
    FR_EVENT_STOPPING, /* the run is being ended: text says why and what is waited for */
    FR_EVENT_WARNING,  /* text */
    FR_EVENT_NOTE,     /* text: what a step said about itself */
    FR_EVENT_TICK,     /* nothing happened for a while: now_ns */
    FR_EVENT_RUN_ENDED,
    FR_EVENT__COUNT
};

struct fr_run;
struct fr_event {
    enum fr_event_kind kind;
    int64_t now_ns, wall_ns;
    const struct fr_run *run;
    const struct fr_step *step;          /* NULL when it is about the run */
    const struct fr_step_result *result; /* the step's, as of now */
    enum fr_status from, to;
    uint32_t attempt;
    int64_t delay_ns;
    const char *text;
    const struct fr_wait *waits; /* STATUS: before it went on; up to one of 0 ns; NULL = none */
    int fd;                      /* OUTPUT: 1 or 2 */
    const char *data;            /* OUTPUT: the chunk */
    size_t len;
    const struct fr_report *report; /* LOG: out/out_path, err */
};

/* A sink borrows everything in the event until it returns. Coordinator thread. */
struct fr_sink {
    void (*event)(struct fr_sink *sink, const struct fr_event *event);
    /* A turn of the coordinator is over: what its events brought may be written down. NULL = not wanted. */
    void (*turn)(struct fr_sink *sink);
    /* When it wants a turn even if nothing happens, by the monotonic clock; INT64_MAX, NULL = never. Asked for before each rest. */
    int64_t (*due)(struct fr_sink *sink);
    /* The descriptor that it wants a turn for when it can be written to; -1 = none now. Asked for like `due`. NULL = never. */
    int (*fd)(struct fr_sink *sink);
    /* Whether its reader cannot follow, so that steps are to bring nothing new for now. Asked after each rest. NULL = never. */
    bool (*behind)(struct fr_sink *sink);
    /* Set by the sink when it can do its work no more and the run is to end; one line, owned by the sink. */
    const char *error;
};

#endif
