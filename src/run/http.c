/* HTTP requests. One easy handle per worker, kept for its connections; the transfer is driven by a
 * multi handle, whose poll also hears the worker's cancel descriptor. Runs on worker threads; owns
 * the handles. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "http.h"

/* Frees a worker's handles; NULL is fine. */
void http_free(struct http *http)
{
    if (http) {
        http->lib->multi_cleanup(http->multi);
        http->lib->easy_cleanup(http->easy);
        free(http);
    }
}

/* The worker's handles, made when first wanted; NULL when libcurl is not there. */
static struct http *get_http(struct worker *worker)
{
    const struct curl_lib *lib = curl_load();
    if (!lib || worker->http) {
        return worker->http;
    }
    struct http *http = calloc(1, sizeof(*http));
    if (!http) {
        return NULL;
    }
    http->lib = lib;
    http->easy = lib->easy_init();
    http->multi = lib->multi_init();
    if (!http->easy || !http->multi) {
        free(http);
        return NULL;
    }
    worker->http = http;
    return http;
}

/* Milliseconds until the timeout, for poll; at least one, at most a second. */
static int poll_ms(int64_t until)
{
    int64_t ms = until == INT64_MAX ? 1000 : (until - pool_now()) / FR_NS_PER_MS + 1;
    return ms > 1000 ? 1000 : (int)(ms < 1 ? 1 : ms);
}

/* Whether the request was given up: a timeout or a request to cancel. Sets the report's end. */
static bool given_up(struct transfer *t, int64_t until)
{
    bool at_once = false;
    enum fr_cancel why = FR_CANCEL_NONE;
    if (pool_cancelled(t->worker, &why, &at_once)) {
        t->report->end = FR_END_CANCELLED;
        t->report->cancel = why;
        return true;
    }
    if (pool_now() >= until) {
        t->report->end = FR_END_TIMED_OUT;
        return true;
    }
    return false;
}

/* Drives the transfer to its end; false when it was given up. */
static bool perform(struct transfer *t, int64_t until, CURLcode *result)
{
    struct http *http = t->http;
    int running = 1;
    bool up = false;
    (void)t->lib->multi_add_handle(http->multi, http->easy);
    while (running && !up) {
        struct curl_waitfd cancel = {.fd = t->worker->cancel_fd, .events = CURL_WAIT_POLLIN};
        CURLMcode code = t->lib->multi_perform(http->multi, &running);
        if (code == CURLM_OK && running) {
            code = t->lib->multi_poll(http->multi, &cancel, 1, poll_ms(until), NULL);
            up = given_up(t, until);
        }
        if (code != CURLM_OK) {
            break;
        }
    }
    *result = CURLE_FAILED_INIT;
    int left = 0;
    const CURLMsg *message = up ? NULL : t->lib->multi_info_read(http->multi, &left);
    if (message && message->msg == CURLMSG_DONE) {
        *result = message->data.result;
    }
    (void)t->lib->multi_remove_handle(http->multi, http->easy);
    return !up;
}

/* Says what went wrong below HTTP. */
static void fail_transfer(struct transfer *t, CURLcode code)
{
    if (t->io_err) {
        report_fail(t->report, FR_END_FAILED, t->io_err == ENOSPC ? "no-space" : "io-error",
                    "the answer could not be kept: %s", strerrordesc_np(t->io_err));
        return;
    }
    report_fail(t->report, FR_END_FAILED, "http-error", "%s %s: %s%s",
                t->job->method ? t->job->method : "GET", t->job->url,
                t->error[0] ? t->error : t->lib->easy_strerror(code),
                t->error[0] && strlen(t->error) + 1 == sizeof(t->error) ? "…" : "");
}

/* Judges the answer. */
static void judge(struct transfer *t)
{
    struct fr_report *report = t->report;
    int status = http_status_of(t);
    report->http_status = status;
    if (status == 429 || status == 503) {
        report->retry_after_ns = t->retry_after_ns;
    }
    if (!http_is_expected(t->job, status)) {
        report_fail(report, FR_END_FAILED, "http-status", "HTTP %d%s%s", status,
                    t->reason[0] ? " " : "", t->reason);
        return;
    }
    report->end = FR_END_EXITED;
    report->exit_code = 0;
    if (t->job->file_tmp && t->save_fd < 0) { /* an empty answer is an empty file */
        t->save_fd = fr_open(t->job->file_tmp, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    }
}

/* Moves the body to the report and the file into its place. */
static void conclude(struct transfer *t)
{
    struct fr_report *report = t->report;
    int err = capture_take(&t->body, &report->out, &report->out_len, &report->out_path);
    if (t->save_fd >= 0 && close(t->save_fd) < 0 && errno != EINTR) {
        err = -errno;
    }
    if (err) {
        report_fail(report, FR_END_FAILED, err == -ENOSPC ? "no-space" : "io-error",
                    "the answer could not be kept: %s", strerrordesc_np(-err));
    }
    bool well = report->end == FR_END_EXITED && report->exit_code == 0;
    if (t->job->file_tmp && well) {
        publish_file(t->job, report);
    }
    if (t->job->file_tmp) {
        discard_file(t->job);
    }
}

/* Runs a request from start to end. */
void http_run(struct worker *worker, struct fr_job *job, struct fr_report *report)
{
    struct transfer t = {.worker = worker, .job = job, .report = report, .save_fd = -1};
    CURLcode code = CURLE_OK;
    report->started_ns = pool_now();
    t.http = get_http(worker);
    if (!t.http) {
        report_fail(report, FR_END_NOT_STARTED, "missing-program",
                    "a request needs the library libcurl (libcurl.so.4), which cannot be loaded");
        report->ended_ns = pool_now();
        return;
    }
    t.lib = t.http->lib;
    if (asprintf(&t.spill_path, "%s/out-%llu", worker->pool->run_dir, (unsigned long long)job->id) <
        0) {
        t.spill_path = NULL;
    }
    capture_init(&t.body, t.spill_path ? job->capture_limit : SIZE_MAX, t.spill_path);
    t.body.ignore = job->discard_stdout;
    int64_t until = INT64_MAX;
    if (job->timeout_ns < INT64_MAX - report->started_ns) {
        until = report->started_ns + job->timeout_ns;
    }
    if (!http_set_up(&t)) {
        report_fail(report, FR_END_FAILED, "out-of-memory", "no memory for the request");
    } else if (perform(&t, until, &code)) {
        if (code == CURLE_OK) {
            judge(&t);
        } else {
            fail_transfer(&t, code);
        }
    }
    conclude(&t);
    report->ended_ns = pool_now();
    capture_release(&t.body);
    t.lib->slist_free_all(t.headers);
    free(t.spill_path);
}
