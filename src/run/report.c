/* Jobs and reports: what travels between the coordinator and the workers. Whoever has one owns it;
 * any thread. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <time.h>

#include "flowrun/base/str.h"
#include "pool.h"

/* Ends the process when there is no memory for what cannot be left out. */
static void *need(void *memory)
{
    if (!memory) {
        abort();
    }
    return memory;
}

/* A job with its arena. */
struct fr_job *fr_job_new(void)
{
    struct fr_job *job = need(calloc(1, sizeof(*job)));
    fr_arena_init(&job->arena);
    return job;
}

/* Frees a job; NULL is fine. */
void fr_job_free(struct fr_job *job)
{
    if (job) {
        fr_arena_release(&job->arena);
        free(job);
    }
}

/* Frees a report and what was not taken from it; NULL is fine. */
void fr_report_free(struct fr_report *report)
{
    if (report) {
        free(report->data);
        free(report->out);
        if (report->out_path) {
            unlink(report->out_path);
        }
        free(report->out_path);
        free(report->err);
        free(report->weave);
        free(report->commands);
        free(report->message);
        free(report->leftover);
        free(report->usage_before);
        free(report);
    }
}

/* CLOCK_MONOTONIC. */
int64_t pool_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * FR_NS_PER_S + now.tv_nsec;
}

/* A report about a job. */
struct fr_report *pool_report(const struct fr_job *job, enum fr_report_kind kind)
{
    struct fr_report *report = need(calloc(1, sizeof(*report)));
    report->kind = kind;
    report->job_id = job->id;
    report->step = job->step;
    report->attempt = job->attempt;
    return report;
}

/* Says why a job did not end well. The first reason stays. */
void report_fail(struct fr_report *report, enum fr_end end, const char *code, const char *fmt, ...)
{
    if (report->message) {
        return;
    }
    va_list args;
    va_start(args, fmt);
    if (vasprintf(&report->message, fmt, args) < 0) {
        report->message = NULL;
    }
    va_end(args);
    report->end = end;
    report->code = code;
    for (char *p = report->message; p && *p; p++) {
        *p = *p == '\n' ? ' ' : *p;
    }
}
