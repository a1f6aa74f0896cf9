/* A step that is under way: its task, from its start to its end. Owned by the coordinator,
 * used on its thread only. Private to run/.
 *
 * A step that begins gets a task, which goes when the step ends. Each task goes through phases; a phase that needs an
 * answer of the jq evaluator returns FR_ERR_AGAIN and is entered again from its start when the answer is there (the
 * answers so far are in the task's memo).
 *
 *   sched_next --START--> when, input, params --> file --> job ==> executor ==> attempt over
 *        ^                                          ^                            |
 *        |                                          +--- back-off <--- retry? ---+--> cost, quality --> end
 *        +-------------------------- sched_ended <----- fallback <---------------+
 *
 *   containers:              when, input --> open ==> branches ==> MERGE --> rank, merge ==> combine ==> callback --> end
 */
#ifndef RUN_ACTIVE_H
#define RUN_ACTIVE_H

#include "verdict.h"

struct coord;
struct ask;

enum step_phase {
    STEP_WHEN_EARLY, /* a condition that reads neither its own input nor params */
    STEP_INPUT,
    STEP_PARAMS,
    STEP_WHEN_LATE,
    STEP_BEGIN, /* by kind: a container opens, a wait waits, a transform or a route is evaluated */
    STEP_FILE,
    STEP_JOB,
    STEP_RUNNING, /* its job is in the executor */
    STEP_COST,
    STEP_QUALITY,
    STEP_UPDATE, /* of the state */
    STEP_RETRY,  /* whether a failed attempt is followed by another */
    STEP_BACKOFF,
    STEP_RETURNING, /* waits for a worker to try again */
    STEP_LIMIT,     /* its limit has no place */
    STEP_TTY,       /* another step has the terminal */
    STEP_WAIT,      /* a wait step */
    STEP_HUMAN,     /* an answer of a person */
    STEP_BRANCHES,
    STEP_UNTIL, /* whether a loop has come to its end */
    STEP_RANK,
    STEP_MERGE,
    STEP_COMBINE,
    STEP_CALLBACK,
    STEP_FILE_OUTPUT, /* the `output:` of the file that a workflow step runs */
    STEP_FILE_FINALLY,
    STEP_FALLBACK,
    /* of the run itself */
    STEP_BOOT_ENV,
    STEP_BOOT_INPUT,
    STEP_RUN_OUTPUT,
    STEP_DONE
};

struct active {
    uint32_t step;             /* FR_NO_STEP: the run itself */
    uint8_t phase;             /* enum step_phase */
    bool skip, has_job;        /* skip: only its input is wanted, which passes through */
    bool recalled, up_to_date; /* the memory was asked; it ends as skipped, but with its output */
    bool killed;               /* cancelled at once */
    enum fr_cancel cancel;     /* why it is to end */
    char *cancel_text;         /* owned */
    int64_t cancelled_ns;      /* when it was asked to end */
    bool fell_back;            /* its fallback has begun */
    bool was_running, was_killed; /* it had a process when it was cancelled; that needed KILL */
    struct fr_value *came;        /* the input by its place */
    const char *too_large;        /* the step whose output was too large to be part of it */
    struct fr_value *input;       /* its input; NULL until STEP_INPUT is done */
    struct json_object *params;   /* the workflow's overlaid by its own; NULL = the workflow's */
    struct json_object *env;      /* `.env` with the step's own; made when asked for … */
    const char *const *envp;      /* … of these, which are there while its job is made */
    uint32_t env_count;
    struct json_object *step_obj; /* `.step` of this attempt */
    struct memo *memos;
    uint32_t memo_count, asked; /* asked: questions under way */
    uint32_t salt;              /* for memos made now */
    uint64_t job_id;
    uint32_t attempt;
    int64_t retry_after_ns;
    int64_t total_deadline;
    int64_t tty_ns;                   /* waited for the terminal */
    int64_t reserved;                 /* of the budget, for the attempt under way */
    uint64_t wait_timer, limit_timer; /* numbers of the timers that count; 0 = none */
    struct verdict verdict;           /* of the last attempt */
    struct fr_value *output;          /* of the last attempt */
    struct fr_value *fed;             /* what `stdin:` gave it */
    bool uses_input_file;
    char *file_final, *file_tmp; /* owned; NULL = none */
    const struct fr_indexes
        *chosen;               /* a router: what it chose; NULL = nothing so far; borrowed … */
    struct fr_indexes picked;  /* … also from here: what its process said; owned */
    struct commands *commands; /* of the last attempt; owned, NULL = none */
    char *bad_command;         /* what is wrong with them; owned, NULL = nothing */
    struct json_object
        *updates;              /* of the state, to be there when the step is over: a list; owned */
    struct json_object *state; /* `.state`, made when asked for; owned … */
    bool state_inside;         /* … with what is inside of the container */
    bool retry_said, retry_never; /* the process said so */
    int64_t retry_said_ns;        /* … and how long to wait; -1 = as usual */
    bool inside;                  /* what is evaluated stands at the top of the file it runs */
    struct setting *setting;      /* a workflow step: what the steps of its file share; owned */
    char *drain_text;             /* … why no more of them start; owned … */
    struct fr_value *so_far;      /* … and what those of `finally` get */
    struct ask *ask;              /* what a human step asks; owned; NULL = nothing so far */
    /* containers */
    char *close_text;        /* why no child starts any more; owned */
    struct fr_value **parts; /* what `split` made, one a branch; owned */
    struct fr_value *merged; /* what combine and callback get */
    double *ranks;
    uint32_t ranked;   /* how many of them are known */
    uint32_t *winners; /* race */
    uint32_t winner_count;
    struct repeating *repeating; /* batch, loop; owned */
};

#endif
