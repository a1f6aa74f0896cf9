/* The coordinator: one run from its first to its last event. Everything here is owned
 * and used by the one thread that called fr_run. Private to run/.
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
#ifndef RUN_COORD_H
#define RUN_COORD_H

#include "flowrun/run/run.h"
#include "jqproc.h"
#include "sched.h"
#include "timers.h"
#include "value.h"

enum step_phase {
    STEP_WHEN_EARLY, /* a condition that reads neither its own input nor params */
    STEP_INPUT,
    STEP_PARAMS,
    STEP_WHEN_LATE,
    STEP_BEGIN, /* by kind: a container opens, a wait waits, a transform is evaluated */
    STEP_FILE,
    STEP_JOB,
    STEP_RUNNING, /* its job is in the executor */
    STEP_COST,
    STEP_QUALITY,
    STEP_RETRY, /* whether a failed attempt is followed by another */
    STEP_BACKOFF,
    STEP_RETURNING, /* waits for a worker to try again */
    STEP_TTY,       /* another step has the terminal */
    STEP_WAIT,      /* a wait step */
    STEP_BRANCHES,
    STEP_RANK,
    STEP_MERGE,
    STEP_COMBINE,
    STEP_CALLBACK,
    STEP_FALLBACK,
    STEP_LAST, /* a container is complete: cost, end */
    /* of the run itself */
    STEP_BOOT_ENV,
    STEP_BOOT_INPUT,
    STEP_RUN_OUTPUT,
    STEP_DONE
};

/* The answer to a jq question. */
struct memo {
    const struct fr_expr *expr;
    uint32_t salt;  /* the branch that `.result` is, in rank */
    uint64_t token; /* of the question */
    bool have;
    enum fr_err err;
    struct json_object *value; /* owned */
    char *why;                 /* owned; with err */
};

/* How an attempt, or the step, came out. */
struct verdict {
    enum fr_status status;
    const char *code; /* static */
    char *message;    /* owned */
};

struct active {
    uint32_t step; /* FR_NO_STEP: the run itself */
    uint8_t phase; /* enum step_phase */
    bool skip;     /* only its input is wanted, which passes through */
    bool has_job;
    bool killed;                /* cancelled at once */
    enum fr_cancel cancel;      /* why it is to end */
    char *cancel_text;          /* owned */
    bool fell_back;             /* its fallback has begun */
    bool was_running;           /* it had a process when it was cancelled */
    bool was_killed;            /* its process needed KILL */
    struct fr_value *came;      /* the input by its place */
    const char *too_large;      /* the step whose output was too large to be part of it */
    struct fr_value *input;     /* its input; NULL until STEP_INPUT is done */
    struct json_object *params; /* the workflow's overlaid by its own; NULL = the workflow's */
    struct json_object *env;    /* `.env` with the step's own; made when asked for … */
    const char *const *envp;    /* … of these, which are there while its job is made */
    uint32_t env_count;
    struct json_object *step_obj; /* `.step` of this attempt */
    struct memo *memos;
    uint32_t memo_count, asked; /* asked: questions under way */
    uint32_t salt;              /* for memos made now */
    uint64_t job_id;
    uint32_t attempt;
    int retry_http; /* HTTP status of the attempt, 0 = none */
    int64_t retry_after_ns;
    int64_t total_deadline;
    uint64_t wait_timer, limit_timer; /* numbers of the timers that count; 0 = none */
    struct verdict verdict;           /* of the last attempt */
    struct fr_value *output;          /* of the last attempt */
    struct fr_value *fed;             /* what `stdin:` gave it */
    bool uses_input_file;
    char *file_final, *file_tmp; /* owned; NULL = none */
    /* containers */
    char *close_text;        /* why no child starts any more; owned */
    struct fr_value **parts; /* what `split` made, one a branch; owned */
    struct fr_value *merged; /* what combine and callback get */
    double *ranks;
    uint32_t *winners; /* race */
    uint32_t winner_count;
};

enum stage { STAGE_BOOT, STAGE_STEPS, STAGE_OUTPUT, STAGE_FINALLY, STAGE_OVER };

/* The environment that all steps share. */
struct env_base {
    struct fr_arena arena;
    const char **pairs; /* NAME=value */
    uint32_t count, cap;
    struct fr_map index; /* name -> its number + 1 */
};

struct coord {
    const struct fr_plan *plan;
    const struct fr_run_options *options;
    struct fr_diags *diags; /* of fr_run's caller */
    struct fr_run *run;
    struct sched sched;
    struct fr_executor *executor;
    bool own_executor;
    struct jqproc *jq;
    struct timers timers;
    struct active **tasks; /* by step */
    struct active *boot;   /* the run's own */
    enum stage stage;
    int64_t now, wall_offset; /* wall = now + wall_offset */
    int64_t next_tick;
    int64_t timeout_ns; /* of the run */
    uint64_t run_timer;
    uint64_t next_job, next_token;
    uint32_t jobs;              /* in the executor */
    struct fr_diags scratch;    /* what the evaluation under way reports */
    struct json_object **temps; /* owned until the evaluation under way ends */
    uint32_t temp_count, temp_cap;
    const char *too_large; /* the step whose output an expression could not have */
    struct fr_value *input;
    struct fr_value *so_far;                                  /* what finally steps get */
    struct fr_value *fan_in;                                  /* the {id: output} made last … */
    const struct fr_indexes *fan_in_deps;                     /* … and the list it was made of */
    struct json_object *params, *context, *run_obj, *env_obj; /* roots, made when first asked for */
    bool params_ready, context_ready;
    struct env_base env;
    struct fr_arena arena; /* things that live as long as the run */
    struct fr_map files;   /* output file -> struct fr_step that makes it */
    struct fr_map inputs;  /* small JSON text -> path of its file */
    uint32_t input_files;
    char *tmp_root;     /* folder for unfinished output files; owned, NULL = not made */
    uint32_t tty_owner; /* FR_NO_STEP = free */
    uint32_t *tty_queue, tty_count, tty_cap;
    char *stop_text; /* why nothing new starts; owned */
    enum fr_cancel stop_why;
    int stop_signal;
    bool kill; /* second signal: everything at once */
    bool guard_lost;
    bool broken; /* starting failed: diags says why */
};

/* ---- coord.c, wait.c ---- */
/* Takes one turn of waiting: reports, signals, answers, timers. */
void coord_wait(struct coord *c);
void coord_collect(struct coord *c);
void coord_update_clock(struct coord *c);

/* ---- emit.c: the event stream and the one writer of a step's status ---- */
void emit(struct coord *c, struct fr_event *event);
void emit_text(struct coord *c, enum fr_event_kind kind, const struct fr_step *step,
               const char *text);
void emit_log(struct coord *c, const struct fr_step *step, const struct fr_report *report);
void step_move(struct coord *c, const struct fr_step *step, enum fr_status to);
struct fr_step_result *result_of(struct coord *c, const struct fr_step *step);

/* ---- phases.c ---- */
struct active *active_new(struct coord *c, const struct fr_step *step);
void active_free(struct coord *c, struct active *t);
const struct fr_step *active_step(const struct coord *c, const struct active *t);
/* Goes on with the phases of a task until it waits for something or is gone. */
void active_go(struct coord *c, struct active *t);
void active_answers(struct coord *c);
void active_forget_answers(struct active *t);
void verdict_set(struct verdict *v, enum fr_status status, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void verdict_release(struct verdict *v);
/* An evaluation failed: the verdict says what the diagnostics say. */
void verdict_from_diags(struct coord *c, struct verdict *v);

/* ---- scope.c ---- */
void scope_of(struct coord *c, struct active *t, struct fr_scope *scope);
void scope_done(struct coord *c);
/* `.params` of the workflow; borrowed, may be NULL. */
struct json_object *scope_params(struct coord *c);
enum fr_err eval_tmpl(struct coord *c, struct active *t, const struct fr_tmpl *tmpl,
                      struct json_object **out);
enum fr_err eval_text(struct coord *c, struct active *t, const struct fr_tmpl *tmpl,
                      struct fr_buf *out);
enum fr_err eval_expr(struct coord *c, struct active *t, const struct fr_expr *expr,
                      struct json_object **out);
enum fr_err eval_expr_text(struct coord *c, struct active *t, const struct fr_expr *expr,
                           struct fr_buf *out);
/* The template as a value; one that is nothing but another value is handed on whole. */
enum fr_err eval_value(struct coord *c, struct active *t, const struct fr_tmpl *tmpl,
                       struct fr_value **out);
/* Reports an error of the evaluation under way. */
enum fr_err eval_fail(struct coord *c, struct fr_mark mark, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- input.c, given.c, env.c ---- */
struct fr_value *input_by_place(struct coord *c, const struct fr_step *step);
enum fr_err input_split(struct coord *c, struct active *t);
/* What dependents get from a step that has ended; borrowed. */
struct fr_value *value_after(struct coord *c, const struct fr_step *step);
/* Path of a file with the task's input as JSON, or NULL with errno. */
const char *given_file(struct coord *c, struct active *t);
void given_release(struct coord *c);
void env_init(struct env_base *env);
void env_release(struct env_base *env);
void env_put(struct env_base *env, const char *name, const char *value);
enum fr_err env_boot(struct coord *c, struct active *t);

/* ---- prepare.c, job.c, output_file.c ---- */
enum fr_err phase_when(struct coord *c, struct active *t, bool late);
enum fr_err phase_input(struct coord *c, struct active *t);
enum fr_err phase_params(struct coord *c, struct active *t);
enum fr_err phase_begin(struct coord *c, struct active *t);
enum fr_err phase_file(struct coord *c, struct active *t);
enum fr_err phase_job(struct coord *c, struct active *t);
void output_files_remove(struct coord *c);

/* ---- finish.c, retry.c, end.c ---- */
void attempt_over(struct coord *c, struct fr_report *report);
enum fr_err phase_cost(struct coord *c, struct active *t);
enum fr_err phase_quality(struct coord *c, struct active *t);
enum fr_err phase_retry(struct coord *c, struct active *t);
/* The next attempt gets its worker. */
void retry_begin(struct coord *c, struct active *t);
/* The step ends as t->verdict says, or its fallback begins. The task may be gone after it. */
void active_over(struct coord *c, struct active *t);
/* Ends a step that never got a task. */
void step_settle(struct coord *c, const struct fr_step *step, enum fr_status status,
                 const char *code, const char *message);
/* A callback, combine or fallback has ended: its owner goes on. */
void owner_go_on(struct coord *c, const struct fr_step *extra);

/* ---- container.c, race.c ---- */
enum fr_err phase_open(struct coord *c, struct active *t);
void container_child_ended(struct coord *c, const struct fr_step *child);
void container_complete(struct coord *c, struct active *t);
void container_extra_ended(struct coord *c, struct active *t, const struct fr_step *extra);
void container_cancel(struct coord *c, struct active *t, enum fr_cancel why, const char *text,
                      bool at_once);
enum fr_err phase_rank(struct coord *c, struct active *t);
enum fr_err phase_merge(struct coord *c, struct active *t);
void race_child_ended(struct coord *c, struct active *t, const struct fr_step *child);
void race_complete(struct coord *c, struct active *t);

/* ---- cancel.c ---- */
void active_cancel(struct coord *c, struct active *t, enum fr_cancel why, const char *text,
                   bool at_once);
void run_failed(struct coord *c, const struct fr_step *step);
void run_stop(struct coord *c, enum fr_cancel why, const char *text, bool at_once);
void run_signal(struct coord *c, int signal, int count);
void cancelled_verdict(struct coord *c, struct active *t);
const char *signal_name(int signal, char *out, size_t size);

/* ---- timers that fire ---- */
void timer_fired(struct coord *c, const struct timer *timer);

#endif
