/* Whether and when a failed attempt is followed by another. The jitter comes from the
 * run's id, so that a run's delays can be reproduced. Coordinator thread. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/str.h"
#include "phases.h"
#include "scope.h"
#include "sched_file.h"

/* A number from 0 to 1 that depends on the run, the step and the attempt only. */
static double fraction(const struct coord *c, const struct active *t)
{
    uint64_t x = fr_hash(c->run->run_id, strlen(c->run->run_id));
    x += ((uint64_t)t->step << 32 | t->attempt) * 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL; /* splitmix64 */
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    x ^= x >> 31;
    return (double)(x >> 11) / (double)(1ULL << 53);
}

/* How long to wait after the attempt that just failed. */
static int64_t delay_of(const struct coord *c, const struct active *t)
{
    const struct fr_retry *retry = &active_step(c, t)->retry;
    double delay = (double)retry->delay_ns;
    if (t->retry_said && t->retry_said_ns >= 0)
        return t->retry_said_ns;
    for (uint32_t i = 1; i < t->attempt && delay < (double)retry->max_delay_ns; i++)
        delay *= retry->backoff;
    if (delay > (double)retry->max_delay_ns)
        delay = (double)retry->max_delay_ns;
    delay *= 1 + retry->jitter * (2 * fraction(c, t) - 1);
    int64_t ns = delay > 0 ? (int64_t)delay : 0;
    return ns > t->retry_after_ns ? ns : t->retry_after_ns;
}

/* Whether `retry_on` names this kind of failure. */
static bool filter_matches(const struct fr_retry *retry, const struct verdict *verdict,
                           const struct fr_step_result *result)
{
    if (!retry->has_filter)
        return true;
    if (verdict->status == FR_TIMED_OUT)
        return retry->on_timeout;
    for (uint32_t i = 0; i < retry->exit_code_count; i++)
        if (result->exit_code == retry->exit_codes[i] && result->exit_code > 0)
            return true;
    return false;
}

/* Whether another attempt is possible at all. */
static bool may_retry(struct coord *c, const struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    if (t->attempt > step->retry.retries || t->cancel != FR_CANCEL_NONE || t->retry_never)
        return false;
    if (c->sched.level > SCHED_DRAIN && !sched_in_finally(&c->sched, t->step))
        return false;
    return t->retry_said || filter_matches(&step->retry, &t->verdict, result_of(c, step));
}

/* The limit of all attempts would end the wait: there is none, and no further attempt. */
static void give_up(struct coord *c, struct active *t)
{
    char limit[40];
    struct fr_buf text;
    fr_format_duration(active_step(c, t)->total_timeout_ns, limit, sizeof(limit));
    fr_buf_init(&text, 0);
    fr_buf_printf(&text, "%s; no time for another attempt within the total_timeout of %s",
                  t->verdict.message, limit);
    free(t->verdict.message);
    t->verdict.message = fr_buf_take(&text, NULL);
    active_over(c, t);
}

/* Waits; the worker is free meanwhile, the group's slot is not. */
static void back_off(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct fr_event event = {.kind = FR_EVENT_RETRY,
                             .step = step,
                             .attempt = t->attempt,
                             .delay_ns = delay_of(c, t),
                             .text = t->verdict.message};
    if (t->total_deadline - c->now <= event.delay_ns) {
        give_up(c, t);
        return;
    }
    t->phase = STEP_BACKOFF;
    t->wait_timer = timers_set(&c->timers, c->now + event.delay_ns, t->step);
    sched_pause(&c->sched, t->step);
    c->why = "for its next attempt";
    step_move(c, step, FR_WAITING);
    emit(c, &event);
}

/* Decides what follows a failed attempt. */
enum fr_err phase_retry(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct json_object *value = NULL;
    bool again = may_retry(c, t);
    if (again && step->retry.when && !t->retry_said) {
        enum fr_err err = eval_expr(c, t, step->retry.when, &value);
        if (err)
            return err;
        again = fr_json_true(value);
        json_object_put(value);
    }
    if (again)
        back_off(c, t);
    else
        active_over(c, t);
    return FR_OK;
}

/* A worker is free for the next attempt. */
void retry_begin(struct coord *c, struct active *t)
{
    t->attempt++;
    active_forget_answers(t);
    commands_forget(t);
    json_object_put(t->step_obj);
    t->step_obj = NULL;
    if (t->file_tmp)
        unlink(t->file_tmp);
    t->phase = STEP_JOB;
    active_go(c, t);
}
