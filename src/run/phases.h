/* What is done with tasks, by the file that does it. A phase returns FR_OK when the task can go on with its next
 * one (or is gone), FR_ERR_AGAIN when it waits for jq, and else an error that c->scratch tells. Coordinator thread.
 * Private to run/. */
#ifndef RUN_PHASES_H
#define RUN_PHASES_H

#include "container.h"
#include "coord.h"
#include "workflow.h"

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
/* The same with a text that may show of a value only its beginning: of a secret not that. */
void verdict_tell(struct coord *c, struct verdict *v, enum fr_status status, const char *code,
                  const char *text);
/* Such a text; owned by the caller. */
char *text_told(const struct coord *c, const char *text);
void verdict_release(struct verdict *v);
/* An evaluation failed: the verdict says what the diagnostics say. */
void verdict_from_diags(struct coord *c, struct verdict *v);

/* ---- split.c ---- */
enum fr_err input_split(struct coord *c, struct active *t);
enum fr_err phase_split(struct coord *c, struct active *t);
enum fr_err phase_gather(struct coord *c, struct active *t);

/* ---- input.c, given.c, env.c ---- */
struct fr_value *input_by_place(struct coord *c, const struct fr_step *step);
/* What dependents get from a step that has ended; borrowed. */
struct fr_value *value_after(struct coord *c, const struct fr_step *step);
/* Path of a file with the task's input as JSON, or NULL with errno. */
const char *given_file(struct coord *c, struct active *t, struct fr_job *job);
void given_release(struct coord *c);
void env_init(struct env_base *env);
void env_release(struct env_base *env);
/* A variable has been given a value by an expression: when it is a secret, that is masked from now on. */
void env_secret(struct coord *c, const char *name, const char *value);
enum fr_err env_boot(struct coord *c, struct active *t, struct setting *setting);

/* ---- prepare.c, job.c, output_file.c ---- */
enum fr_err phase_when(struct coord *c, struct active *t, bool late);
enum fr_err phase_input(struct coord *c, struct active *t);
enum fr_err phase_params(struct coord *c, struct active *t);
enum fr_err phase_begin(struct coord *c, struct active *t);
enum fr_err phase_file(struct coord *c, struct active *t);
enum fr_err phase_job(struct coord *c, struct active *t);
void output_files_remove(struct coord *c);

/* ---- route.c ---- */
/* Chooses the targets of a router. */
enum fr_err phase_route(struct coord *c, struct active *t);
/* Takes what the process of a router chose; a wrong choice, and none, is a failure of the attempt. */
void route_said(struct coord *c, struct active *t);
/* A router has ended: tells the scheduler what it chose. */
void route_ended(struct coord *c, const struct active *t);

/* ---- finish.c, retry.c, end.c ---- */
void attempt_over(struct coord *c, struct fr_report *report);
enum fr_err phase_cost(struct coord *c, struct active *t);
enum fr_err phase_quality(struct coord *c, struct active *t);
enum fr_err phase_retry(struct coord *c, struct active *t);
/* The next attempt gets its worker. */
void retry_begin(struct coord *c, struct active *t);
/* The step ends as t->verdict says, or its fallback begins. The task may be gone after it. */
void active_over(struct coord *c, struct active *t);
/* Ends a step that no router chose. */
void step_not_taken(struct coord *c, const struct fr_step *step);
/* Ends a step that is left out of this run; false when it is not. What stands behind it hears what the scheduler made of it:
 * that it failed and did well, so that any rule holds and of a router any target may run; or what came before it. */
bool step_leave_out(struct coord *c, const struct fr_step *step, enum sched_outcome outcome);
/* Ends a step that never got a task. */
void step_settle(struct coord *c, const struct fr_step *step, enum fr_status status,
                 const char *code, const char *message);
/* A callback, combine or fallback has ended: its owner goes on. */
void owner_go_on(struct coord *c, const struct fr_step *extra);

/* ---- obey.c: commands of a process, updates of the state ---- */
void commands_read(struct coord *c, struct active *t, struct fr_report *report);
void commands_obey(struct coord *c, struct active *t, const struct fr_report *report);
void commands_forget(struct active *t);
bool commands_output(struct active *t, struct fr_value **value);
enum fr_err phase_update(struct coord *c, struct active *t);
void updates_commit(struct coord *c, struct active *t);
struct json_object *state_root(struct coord *c, struct active *t);
void state_finish(struct coord *c, bool all);
/* ---- limit.c ---- */
/* Takes a place of the step's limit; false when the task waits for one, or is gone since the run is ending. */
bool limit_draw(struct coord *c, struct active *t);
/* A timer of this number is due; false when it is no limit's. */
bool limit_rested(struct coord *c, uint64_t timer);
/* The run drains or was stopped: steps that wait for a place do not begin. */
void limit_drain(struct coord *c, const char *why);

/* ---- budget.c ---- */
/* Whether the budget does not let an attempt start; the run ends then, and the task is gone. */
bool budget_refuses(struct coord *c, struct active *t);
/* An attempt starts: what it is expected to cost is reserved. */
void budget_reserve(struct coord *c, struct active *t);
/* A step has cost this much. */
void budget_add(struct coord *c, const struct fr_step *step, int64_t micros);
/* An attempt has cost this much: nothing is reserved for it any more. */
void budget_spend(struct coord *c, struct active *t, int64_t micros);
/* The attempt is over, whatever it cost: nothing is reserved for it any more. */
void budget_settle(struct coord *c, struct active *t);

/* ---- cancel.c ---- */
void active_cancel(struct coord *c, struct active *t, enum fr_cancel why, const char *text,
                   bool at_once);
void cancelled_verdict(struct coord *c, struct active *t);
const char *signal_name(int signal, char *out, size_t size);

#endif
