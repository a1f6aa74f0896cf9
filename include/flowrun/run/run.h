/* Executes a plan. fr_run is the coordinator: the calling thread owns the plan, the
 * scheduler, all values, every jq call and the sinks until it returns. */
#ifndef FLOWRUN_RUN_RUN_H
#define FLOWRUN_RUN_RUN_H

#include "flowrun/base/clock.h"
#include "flowrun/run/ask.h"
#include "flowrun/run/control.h"
#include "flowrun/run/event.h"
#include "flowrun/run/guard.h"
#include "flowrun/run/memory.h"
#include "flowrun/run/pace.h"
#include "flowrun/run/value.h"

struct fr_mask;
struct fr_run_options {
    uint32_t max_workers;         /* 0 = the plan's */
    bool keep_going, has_input;   /* -k: on_failure continue; there is an --input: */
    int64_t timeout_ns;           /* 0 = the plan's */
    struct fr_value *input;       /* --input; borrowed */
    bool stream, reasons;         /* sinks want FR_EVENT_OUTPUT; … to know why steps move */
    bool glimpses;                /* … to look at running steps (run/glimpse.h) */
    int64_t tick_ns;              /* FR_EVENT_TICK at least this often; 0 = never */
    const char *run_dir, *run_id; /* run_dir: private scratch folder; borrowed */
    struct fr_mask *mask;         /* takes what secrets become while the run lasts; NULL = none */
    bool recorded; /* a store has it: other flowruns can see it, answer it and go on with it */
    const struct fr_pace *pace; /* what steps took before; NULL = unknown; outlives fr_run */
    int64_t started_wall_ns, before_ns; /* of a run that goes on: its begin, what it took; else 0 */
    struct fr_memory_source *memory;    /* NULL = nothing is remembered, and nothing is to be */
    struct fr_guard *guard;             /* NULL in tests: no signals */
    struct fr_control *control;         /* NULL = nobody asks */
    struct fr_executor *executor;       /* NULL = a pool of its own */
    const struct fr_clock *clock;       /* NULL = system */
    /* Called instead of poll(2) when nothing is left to do before `until_ns` (INT64_MAX = for
     * ever). For tests, which move their clock with it; NULL = poll. Answers of jq are always waited for with poll. */
    void (*wait)(void *arg, int64_t until_ns);
    void *wait_arg;
    struct fr_asker *const *askers; /* who answers human steps; asked in this order */
    uint32_t asker_count;
    struct fr_sink *const *sinks;
    uint32_t sink_count;
};

enum fr_outcome {
    FR_RUN_SUCCEEDED,
    FR_RUN_FAILED,
    FR_RUN_OVER_BUDGET /* a step did not start since it would have passed the budget */,
    FR_RUN_TIMED_OUT,
    FR_RUN_SIGNALED,
    FR_RUN_SUSPENDED /* steps wait for a person, and nothing else could go on */
};

/* How a step of a turn came out whose slot was used again: of loops all turns, of batches those that failed, up to a
 * ceiling. */
struct fr_past {
    char *id; /* "l[2].x" */
    const struct fr_step *step;
    struct fr_step_result result;
    uint32_t *place, place_len; /* what it is ordered by */
};

struct fr_run {
    const struct fr_plan *plan;
    const char *run_id;
    bool recorded;
    const struct fr_pace *pace; /* as in the options */
    enum fr_outcome outcome;
    int signal;                     /* SIGNALED */
    char *cancelled_by;             /* SIGNALED because of a request: whose; owned; NULL = none */
    struct fr_step_result *results; /* by step index; of slots and loops those of the last turn */
    struct fr_past *past;           /* when the run is over: in order of declaration and turns */
    uint32_t past_count;
    struct fr_repeats *repeats; /* run/'s own: turns under way; NULL = the plan has none */
    struct coord *coord;        /* run/'s own, while fr_run lasts; then NULL */
    struct fr_value *output;    /* the result; NULL = null, also when a step failed */
    const char *error_code;     /* why there is no output, when that is no step's doing; static */
    char *error_message;        /* owned */
    struct json_object *state;  /* what it has come to; NULL = the plan has none; owned */
    int64_t started_ns, ended_ns, started_wall_ns, before_ns; /* before: see the options */
    uint32_t counts[FR_STATUS__COUNT + 1]; /* steps by status, without groups; last: unknown */
    uint32_t total;                        /* all such steps */
    uint32_t kept;                         /* of these, whose results are kept ones */
    uint32_t max_workers;
    uint32_t first_failed;      /* step index or FR_NO_STEP */
    int64_t sequential_ns;      /* sum of the attempts' times: what one worker would have taken */
    int64_t critical_ns;        /* length of the longest chain of dependencies by measured time */
    struct fr_indexes critical; /* its steps in order */
    int64_t cost;
};

/* Runs to the end. Diagnostics are for what stops a run from starting (FR_ERR_MISSING, FR_ERR_IO). FR_OK: *out is owned by
 * the caller, whatever the outcome. Before it returns no process of the run is left (but `leftover: keep`). */
enum fr_err fr_run(const struct fr_plan *plan, const struct fr_run_options *options,
                   struct fr_diags *diags, struct fr_run **out);
void fr_run_free(struct fr_run *run);

/* The exit code of section 7 of the format: 0, 1, 5, 75, 124, 129, 130, 131, 143. */
int fr_run_exit_code(const struct fr_run *run);
/* Whether its guard was killed: what is not over is interrupted, as when all of flowrun is killed. */
bool fr_run_is_killed(const struct fr_run *run);
/* "succeeded", "failed", "over_budget", "timed_out", "cancelled", "suspended", "interrupted" (killed); static. */
const char *fr_run_status(const struct fr_run *run);
/* What a step is called at present: its id, or in a turn of a batch or a loop `b[17]`, `l[2].x`. Borrowed until the next
 * turn of what it is part of. */
const char *fr_run_step_id(const struct fr_run *run, const struct fr_step *step);

/* How many turns a batch has, or a loop has had so far; 0 of one that has not begun, and of all other steps. */
uint32_t fr_run_turns(const struct fr_run *run, const struct fr_step *step);
/* Whether a step that has ended counts: it is no group, or it is a batch or loop that came to no turn. */
bool fr_run_tells(const struct fr_run *run, const struct fr_step *step);

/* Appends the whole result object of the run with every step (--output json). */
void fr_run_json(const struct fr_run *run, struct fr_buf *out);

/* Appends what a step would run (command, request, expression …), as `plan` shows it. Values that
 * are known before the run are filled in; nothing is executed. */
void fr_preview_step(const struct fr_plan *plan, const struct fr_step *step,
                     const struct json_object *input, struct fr_buf *out);

#endif
