/* The coordinator: one run from its first to its last event. Everything here is owned
 * and used by the one thread that called fr_run. Private to run/. */
#ifndef RUN_COORD_H
#define RUN_COORD_H

#include "active.h"
#include "commands.h"
#include "jqproc.h"
#include "sched.h"
#include "setting.h"
#include "timers.h"
#include "value.h"

enum stage { STAGE_BOOT, STAGE_STEPS, STAGE_OUTPUT, STAGE_FINALLY, STAGE_OVER };

struct claim;
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
    uint64_t *limit_timers; /* by limit: when it has rested */
    uint64_t next_job, next_token;
    struct fr_report *replays; /* answers of the memory that wait for their turn; owned */
    struct fr_report **last_replay;
    uint32_t held;              /* branches of races that are kept back */
    uint32_t jobs;              /* in the executor, or answered by the memory … */
    struct loser *losers;       /* … and of these nobody waits for the output; owned */
    struct fr_diags scratch;    /* what the evaluation under way reports */
    struct json_object **temps; /* owned until the evaluation under way ends */
    uint32_t temp_count, temp_cap;
    struct state *state;   /* NULL = the plan has none */
    const char *conflict;  /* why an expression could not have the state; borrowed */
    bool *visible;         /* by step: part of `.steps` as a whole for the evaluation under way */
    const char *too_large; /* the step whose output an expression could not have */
    struct fr_value *input;
    struct fr_value *so_far;              /* what finally steps get */
    struct fr_value *fan_in;              /* the {id: output} made last … */
    const struct fr_indexes *fan_in_deps; /* … and the list it was made of */
    struct json_object *run_obj;          /* `.run`, made when first asked for */
    struct setting setting;               /* of the main file */
    struct fr_arena arena;                /* things that live as long as the run */
    struct fr_map files;                  /* container and output file -> who makes it there … */
    struct claim *contests;               /* … and those that several steps make */
    struct fr_map inputs;                 /* small JSON text -> path of its file */
    uint32_t input_files;
    struct output_place *places; /* by file: where its output files grow */
    bool more;                   /* there is more to be done than what was done in this turn */
    uint32_t tty_owner;          /* FR_NO_STEP = free */
    uint32_t *tty_queue, tty_count, tty_cap;
    const char **kept; /* steps of turns that are over whose background processes are left alone */
    uint32_t kept_count, kept_cap;
    uint32_t *people, people_count, people_cap; /* steps that wait for a person, in order */
    uint32_t asked_step;                        /* of these, the one whose question is open … */
    struct fr_asker *asker;                     /* … and who has it */
    struct fr_question question;
    struct fr_question offered; /* to one that does not own the terminal */
    bool answers_came;          /* the run's control has told something */
    const char *why; /* of the next move of a step, when its result does not say it; borrowed */
    char *stop_text; /* why nothing new starts; owned */
    enum fr_cancel stop_why;
    int stop_signal;
    int64_t spent, reserved; /* millionths: by attempts that have ended, for those that run */
    bool warned_of_cost, told_overspent;
    bool ended_well; /* a step said that the run is to stop */
    bool asked;      /* INT, TERM or QUIT came: one more means at once */
    bool kill;       /* second signal: everything at once */
    bool guard_lost;
    bool unrecorded; /* a sink failed */
    bool broken;     /* starting failed: diags says why */
};

/* Where the output files of one file's steps grow. */
struct output_place {
    char *tmp_root; /* folder for unfinished ones; owned, NULL = not made */
    bool made_output_dir;
};

/* ---- coord.c, wait.c ---- */
/* Takes one turn of waiting: reports, signals, answers, timers. */
void coord_wait(struct coord *c);
void coord_collect(struct coord *c);
void coord_update_clock(struct coord *c);

/* ---- emit.c: the event stream and the one writer of a step's status ---- */
void emit(struct coord *c, struct fr_event *event);
void emit_turn(struct coord *c);
void emit_check(struct coord *c);
void emit_hold(struct coord *c);
void emit_text(struct coord *c, enum fr_event_kind kind, const struct fr_step *step,
               const char *text);
void emit_log(struct coord *c, const struct fr_step *step, const struct fr_report *report);
void step_move(struct coord *c, const struct fr_step *step, enum fr_status to);
struct fr_step_result *result_of(struct coord *c, const struct fr_step *step);

/* ---- cancel.c: what ends a run before its time ---- */
void run_failed(struct coord *c, const struct fr_step *step);
void run_stop(struct coord *c, enum fr_cancel why, const char *text, bool at_once);
/* A sink cannot do its work any more: the run fails. */
void run_unrecorded(struct coord *c, const char *error);
/* Another process wants the run to end. */
void run_asked(struct coord *c, const char *text);
/* A step ends the run well: nothing more starts, and what runs ends by itself. Or the budget does: without a result. */
void run_stop_well(struct coord *c, const struct fr_step *step, const char *reason);
void run_over_budget(struct coord *c, const char *text);
void run_signal(struct coord *c, int signal, int count, bool is_key, pid_t sender);

#endif
