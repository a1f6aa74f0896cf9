/* The coordinator's one place of rest: poll over the executor, the evaluator, signals
 * and the guard, until the next timer at the latest. Coordinator thread. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "dispatch.h"
#include "flowrun/base/str.h"
#include "people.h"
#include "phases.h"
#include "recipe.h"

/* Sinks whose descriptors are looked at; others have to say when they are due. */
enum { SINKS_MAX = 4 };

/* Reads the clock once a turn: all events of a turn happen at one time. */
void coord_update_clock(struct coord *c)
{
    c->now = c->options->clock->mono_ns(c->options->clock->ctx);
    c->sched.now = c->now - c->run->started_ns;
}

/* When something is due that no descriptor tells. */
static int64_t next_due(const struct coord *c)
{
    int64_t until = timers_next(&c->timers);
    if (c->options->tick_ns && c->next_tick < until)
        until = c->next_tick;
    if (c->jq && jqproc_deadline(c->jq) < until)
        until = jqproc_deadline(c->jq);
    for (uint32_t i = 0; i < c->options->sink_count; i++) {
        struct fr_sink *sink = c->options->sinks[i];
        int64_t due = sink->due ? sink->due(sink) : INT64_MAX;
        until = due < until ? due : until;
    }
    return until;
}

/* Milliseconds from now, rounded up, so that poll never wakes too early. */
static int milliseconds(int64_t now, int64_t until)
{
    if (until == INT64_MAX)
        return -1;
    if (until <= now)
        return 0;
    int64_t ms = (until - now + FR_NS_PER_MS - 1) / FR_NS_PER_MS;
    return ms > 3600000 ? 3600000 : (int)ms;
}

/* The signals that end a run; others are the guard's business. */
static void read_signals(struct coord *c)
{
    struct fr_guard *guard = c->options->guard;
    int signal, count;
    while (guard && (signal = fr_guard_read(guard, &count)) != 0)
        if (signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT)
            run_signal(c, signal, count, guard->is_key);
    if (guard && guard->was_stopped && c->asker && c->asker->repeat)
        c->asker->repeat(c->asker);
    if (guard)
        guard->was_stopped = false;
}

/* What other processes want of the run. */
static void read_requests(struct coord *c)
{
    struct fr_control *control = c->options->control;
    const char *who;
    while (control && !c->guard_lost && (who = control->next(control)) != NULL)
        run_asked(c, who);
    c->answers_came = control != NULL;
}

/* Nobody would end our steps if we died now: so they end. */
static void guard_died(struct coord *c)
{
    if (c->guard_lost)
        return;
    c->guard_lost = true;
    c->kill = true;
    c->stop_signal = c->stop_signal ? c->stop_signal : SIGKILL;
    c->run->signal = c->stop_signal;
    c->run->outcome = FR_RUN_SIGNALED;
    run_stop(c, FR_CANCEL_GUARD, "flowrun was killed", true);
}

/* Where the answer to the open question comes from. One that tells nothing is looked at every second: a terminal that
 * others use does not say when it is free again. */
static int person_fd(struct coord *c, int64_t *until)
{
    int fd = c->asked_step != FR_NO_STEP ? c->asker->fd(c->asker) : -1;
    if (c->asked_step != FR_NO_STEP && fd < 0 && *until > c->now + FR_NS_PER_S)
        *until = c->now + FR_NS_PER_S;
    return fd;
}

/* What sinks could not write yet. */
static void sink_fds(const struct coord *c, struct pollfd fds[SINKS_MAX])
{
    for (uint32_t i = 0; i < SINKS_MAX; i++) {
        struct fr_sink *sink = i < c->options->sink_count ? c->options->sinks[i] : NULL;
        fds[i] = (struct pollfd){.fd = sink && sink->fd ? sink->fd(sink) : -1, .events = POLLOUT};
    }
}

/* Sleeps until something happens. */
void coord_wait(struct coord *c)
{
    enum { EXECUTOR, EVALUATOR, SIGNALS, LIFE, PERSON, CONTROL, SINKS, COUNT = SINKS + SINKS_MAX };
    struct fr_guard *guard = c->options->guard;
    struct fr_control *control = c->options->control;
    int64_t until = next_due(c);
    int person = person_fd(c, &until);
    struct pollfd fds[COUNT] = {
        [EXECUTOR] = {c->executor ? c->executor->fd(c->executor) : -1, POLLIN, 0},
        [EVALUATOR] = {c->jq ? jqproc_fd(c->jq) : -1, c->jq ? jqproc_events(c->jq) : 0, 0},
        [SIGNALS] = {guard ? guard->signal_fd : -1, POLLIN, 0},
        [LIFE] = {guard && !c->guard_lost ? guard->life_fd : -1, POLLIN, 0},
        [PERSON] = {person, POLLIN, 0},
        [CONTROL] = {control ? control->fd : -1, POLLIN, 0}};
    sink_fds(c, &fds[SINKS]);
    bool at_once = c->more || c->replays;
    if (at_once)
        until = c->now;
    bool evaluating = c->jq && jqproc_deadline(c->jq) != INT64_MAX;
    if (c->options->wait && !evaluating) {
        if (at_once)
            return;
        c->options->wait(c->options->wait_arg, until);
        coord_update_clock(c);
        return;
    }
    int n = poll(fds, COUNT, milliseconds(c->now, until));
    coord_update_clock(c);
    if (n <= 0)
        return;
    /* First: the guard's end brings a HUP when it was the leader of the session, and has closed its pipe by then. */
    if (fds[LIFE].revents)
        guard_died(c);
    if (fds[SIGNALS].revents)
        read_signals(c);
    if (fds[CONTROL].revents)
        read_requests(c);
}

/* Reminds the sinks of the time when nothing has happened for a while. */
static void tick(struct coord *c)
{
    struct fr_event event = {.kind = FR_EVENT_TICK};
    if (!c->options->tick_ns || c->now < c->next_tick)
        return;
    c->next_tick = c->now + c->options->tick_ns;
    emit(c, &event);
}

/* Takes everything that has come: reports, answers, times. */
void coord_collect(struct coord *c)
{
    struct fr_report *report;
    struct timer timer;
    while ((report = replay_next(c)) != NULL)
        attempt_over(c, report);
    while ((report = c->executor->next(c->executor)) != NULL)
        attempt_over(c, report);
    active_answers(c);
    people_collect(c);
    if (c->answers_came)
        (void)people_look(c);
    while (timers_pop(&c->timers, c->now, &timer))
        timer_fired(c, &timer);
    tick(c);
}
