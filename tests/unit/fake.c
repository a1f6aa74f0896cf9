/* The fake executor and its clock; see fake.h. */
#include "fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "plans.h"

enum { MOST_JOBS = 64, START_MS = 1000 };

struct fake_job {
    struct fr_job *job;
    const struct act *act;
    int64_t started, ends;
    enum fr_end end;
    bool killed;
};

struct fake {
    struct fr_executor executor;
    struct fr_sink sink;
    struct fr_clock clock;
    int64_t now, behind_until;
    const struct fr_plan *plan;
    const struct act *acts;
    struct fake_job jobs[MOST_JOBS];
    unsigned count;
    struct fr_buf events, started;
};

static struct fake *of_executor(struct fr_executor *ex)
{
    return (struct fake *)((char *)ex - offsetof(struct fake, executor));
}

static const struct act *act_of(const struct fake *f, const struct fr_job *job)
{
    static const struct act nothing;
    for (const struct act *act = f->acts; act && act->id; act++)
        if (strcmp(act->id, job->step_id) == 0 && (!act->attempt || act->attempt == job->attempt))
            return act;
    return &nothing;
}

static void fake_start(struct fr_executor *ex, struct fr_job *job)
{
    struct fake *f = of_executor(ex);
    const struct act *act = act_of(f, job);
    struct fake_job *one = &f->jobs[f->count++];
    assert_true(f->count <= MOST_JOBS);
    *one = (struct fake_job){job,
                             act,
                             f->now,
                             f->now + act->ms * FR_NS_PER_MS,
                             act->signal ? FR_END_SIGNALED : FR_END_EXITED,
                             false};
    if (job->timeout_ns < one->ends - f->now) {
        one->ends = f->now + job->timeout_ns + act->stubborn_ms * FR_NS_PER_MS;
        one->end = FR_END_TIMED_OUT;
    }
    fr_buf_printf(&f->started, "%s%s#%u", f->started.len ? " " : "", job->step_id, job->attempt);
}

static void fake_cancel(struct fr_executor *ex, uint64_t id, enum fr_cancel why, bool at_once)
{
    struct fake *f = of_executor(ex);
    (void)why;
    for (unsigned i = 0; i < f->count; i++) {
        struct fake_job *one = &f->jobs[i];
        if (one->job->id != id)
            continue;
        int64_t ends = f->now + (at_once ? 0 : one->act->stubborn_ms * FR_NS_PER_MS);
        one->killed = at_once;
        one->end = FR_END_CANCELLED;
        one->ends = ends;
    }
}

static struct fr_report *fake_next(struct fr_executor *ex)
{
    struct fake *f = of_executor(ex);
    unsigned best = MOST_JOBS;
    for (unsigned i = 0; i < f->count; i++)
        if (f->jobs[i].ends <= f->now &&
            (best == MOST_JOBS || f->jobs[i].ends < f->jobs[best].ends))
            best = i;
    if (best == MOST_JOBS)
        return NULL;
    struct fake_job one = f->jobs[best];
    memmove(&f->jobs[best], &f->jobs[best + 1], (--f->count - best) * sizeof(one));
    struct fr_report *report = calloc(1, sizeof(*report));
    report->kind = FR_REPORT_FINISHED;
    report->job_id = one.job->id;
    report->step = one.job->step;
    report->attempt = one.job->attempt;
    report->end = one.end;
    report->exit_code = one.act->exit_code;
    report->signal = one.act->signal;
    report->started_ns = one.started;
    report->ended_ns = f->now;
    report->retry_after_ns = one.act->retry_after_ms * FR_NS_PER_MS;
    if (one.act->out) {
        report->out = strdup(one.act->out);
        report->out_len = strlen(one.act->out);
    }
    fr_job_free(one.job);
    return report;
}

static int fake_fd(struct fr_executor *ex)
{
    (void)ex;
    return -1;
}

static void fake_free(struct fr_executor *ex)
{
    (void)ex;
}

/* Moves the clock to the next thing that happens. */
static void fake_wait(void *arg, int64_t until)
{
    struct fake *f = arg;
    for (unsigned i = 0; i < f->count; i++)
        if (f->jobs[i].ends < until)
            until = f->jobs[i].ends;
    if (until == INT64_MAX)
        fail_msg("the run waits for nothing: %s", fr_buf_cstr(&f->events));
    if (until > f->now)
        f->now = until;
}

static int64_t fake_mono(void *ctx)
{
    return ((struct fake *)ctx)->now;
}

static int64_t fake_wall(void *ctx)
{
    return ((struct fake *)ctx)->now;
}

static void take_event(struct fr_sink *sink, const struct fr_event *event)
{
    struct fake *f = (struct fake *)((char *)sink - offsetof(struct fake, sink));
    long long ms = event->now_ns / FR_NS_PER_MS - START_MS;
    if (event->kind == FR_EVENT_STATUS)
        fr_buf_printf(&f->events, "%lld %s %s>%s\n", ms, event->step->id,
                      fr_status_name(event->from), fr_status_name(event->to));
    else if (event->kind == FR_EVENT_RETRY)
        fr_buf_printf(&f->events, "%lld %s again in %lld\n", ms, event->step->id,
                      (long long)(event->delay_ns / FR_NS_PER_MS));
    else if (event->kind == FR_EVENT_TICK)
        fr_buf_printf(&f->events, "%lld tick\n", ms);
    else if (event->kind == FR_EVENT_STOPPING)
        fr_buf_printf(&f->events, "%lld stopping: %s\n", ms, event->text);
}

static bool is_behind(struct fr_sink *sink)
{
    const struct fake *f = (struct fake *)((char *)sink - offsetof(struct fake, sink));
    return f->now < f->behind_until;
}

static int64_t due(struct fr_sink *sink)
{
    const struct fake *f = (struct fake *)((char *)sink - offsetof(struct fake, sink));
    return is_behind(sink) ? f->behind_until : INT64_MAX;
}

/* Runs the workflow to its end. */
struct played play(const char *yaml, const struct act *acts, struct stage_options options)
{
    struct played p = {.plan = plan_of(yaml)};
    struct fake f = {.executor = {fake_start, fake_next, fake_fd, fake_cancel, fake_free},
                     .sink = {.event = take_event, .due = due, .behind = is_behind},
                     .now = START_MS * FR_NS_PER_MS,
                     .behind_until = (START_MS + options.behind_ms) * FR_NS_PER_MS,
                     .plan = p.plan,
                     .acts = acts};
    struct fr_sink *sinks[] = {&f.sink};
    char dir[] = "/tmp/flowrun-unit-XXXXXX";
    struct json_object *input = NULL;
    struct fr_diags diags;

    assert_non_null(mkdtemp(dir));
    f.clock = (struct fr_clock){fake_mono, fake_wall, &f};
    fr_buf_init(&f.events, 0);
    fr_buf_init(&f.started, 0);
    fr_diags_init(&diags);
    if (options.input)
        assert_true(fr_json_parse(options.input, strlen(options.input), &input, NULL, 0));
    struct fr_value *given = fr_value_json(input);
    struct fr_run_options run_options = {.keep_going = options.keep_going,
                                         .max_workers = (uint32_t)options.workers,
                                         .input = given,
                                         .has_input = options.input != NULL,
                                         .tick_ns = options.tick_s * FR_NS_PER_S,
                                         .run_dir = dir,
                                         .run_id = "r1",
                                         .executor = &f.executor,
                                         .clock = &f.clock,
                                         .wait = fake_wait,
                                         .wait_arg = &f,
                                         .sinks = sinks,
                                         .sink_count = 1};
    assert_int_equal(fr_run(p.plan, &run_options, &diags, &p.run), FR_OK);
    assert_int_equal(f.count, 0);
    p.events = fr_buf_take(&f.events, NULL);
    p.jobs = fr_buf_take(&f.started, NULL);
    p.ended_ms = p.run->ended_ns / FR_NS_PER_MS - START_MS;
    fr_value_unref(given);
    fr_diags_release(&diags);
    fr_remove_tree(dir);
    return p;
}

void played_free(struct played *p)
{
    fr_run_free(p->run);
    fr_plan_free(p->plan);
    free(p->events);
    free(p->jobs);
}

static const struct fr_step_result *result(const struct played *p, const char *id)
{
    return &p->run->results[step_of(p->plan, id)->index];
}

const char *status_of(const struct played *p, const char *id)
{
    return fr_status_name(result(p, id)->status);
}

const char *message_of(const struct played *p, const char *id)
{
    const char *message = result(p, id)->error_message;
    return message ? message : "";
}

static const char *json_of(struct fr_value *value)
{
    static char text[4][1024];
    static unsigned next;
    struct fr_buf buf;
    char *out = text[next++ % 4];
    fr_buf_init(&buf, 0);
    assert_int_equal(fr_value_add_json(value, &buf), FR_OK);
    snprintf(out, sizeof(text[0]), "%s", fr_buf_cstr(&buf));
    fr_buf_release(&buf);
    return out;
}

const char *output_of(const struct played *p, const char *id)
{
    return json_of(result(p, id)->output);
}

const char *run_output(const struct played *p)
{
    return json_of(p->run->output);
}
