/* One HTTP request: what http.c runs and http_request.c describes to libcurl. Owned by the worker's
 * thread. */
#ifndef FLOWRUN_RUN_HTTP_H
#define FLOWRUN_RUN_HTTP_H

#include "capture.h"
#include "curl.h"
#include "pool.h"

enum { HTTP_REASON_MAX = 64 };

/* What a worker keeps from request to request. */
struct http {
    const struct curl_lib *lib;
    CURL *easy;
    CURLM *multi;
};

/* One request. */
struct transfer {
    struct worker *worker;
    const struct fr_job *job;
    struct fr_report *report;
    const struct curl_lib *lib;
    struct http *http;
    struct curl_slist *headers;
    struct capture body; /* what is not saved to a file */
    char *spill_path;    /* owned */
    int save_fd;         /* file_tmp, once the first byte of a good answer came; -1 = not */
    int io_err;          /* errno of what could not be kept; 0 = none */
    char reason[HTTP_REASON_MAX]; /* "Service Unavailable" */
    int64_t retry_after_ns;
    char error[CURL_ERROR_SIZE];
};

/* Describes the request, and takes body and headers of the answer as they come; false when memory
 * is out. */
bool http_set_up(struct transfer *transfer);

/* The status of the answer whose body is coming; 0 = none yet. */
int http_status_of(const struct transfer *transfer);
/* Whether a status is one that the step wants. */
bool http_is_expected(const struct fr_job *job, int status);

#endif
