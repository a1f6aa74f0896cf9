/* Describing a request to libcurl, and taking in its answer. Runs on worker threads. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "http.h"

enum { MAX_REDIRECTS = 10 };

/* The status of the answer whose body is coming; 0 = none yet. */
int http_status_of(const struct transfer *t)
{
    long status = 0;
    (void)t->lib->easy_getinfo(t->http->easy, CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

/* Whether a status is one that the step wants. */
bool http_is_expected(const struct fr_job *job, int status)
{
    for (uint32_t i = 0; i < job->expect_count; i++) {
        if (job->expect[i] == status) {
            return true;
        }
    }
    return job->expect_count == 0 && status >= 200 && status < 300;
}

/* libcurl's callback for the body. A bad answer never gets into the file that was asked for. */
static size_t take_body(char *data, size_t one, size_t len, void *arg)
{
    struct transfer *t = arg;
    int err = 0;
    (void)one;
    if (t->job->file_tmp && http_is_expected(t->job, http_status_of(t))) {
        if (t->save_fd < 0) {
            t->save_fd = fr_open(t->job->file_tmp, O_WRONLY | O_CREAT | O_TRUNC, 0666);
        }
        err = t->save_fd < 0 ? t->save_fd : fr_write_all(t->save_fd, data, len);
    } else {
        err = capture_add(&t->body, data, len);
    }
    t->io_err = -err;
    return err ? 0 : len;
}

/* Seconds, or a date, as nanoseconds from now; 0 when it is neither or lies in the past. */
static int64_t parse_retry_after(const struct curl_lib *lib, const char *value)
{
    int64_t seconds = 0;
    if (!fr_parse_i64(value, &seconds)) {
        time_t date = lib->getdate(value, NULL);
        seconds = date < 0 ? 0 : (int64_t)date - (int64_t)time(NULL);
    }
    if (seconds <= 0) {
        return 0;
    }
    return seconds > INT64_MAX / FR_NS_PER_S ? INT64_MAX : seconds * FR_NS_PER_S;
}

/* Copies a header's value without the white space around it. */
static void copy_trimmed(char *to, size_t size, const char *from, size_t len)
{
    while (len > 0 && (*from == ' ' || *from == '\t')) {
        from++;
        len--;
    }
    while (len > 0 && strchr(" \t\r\n", from[len - 1])) {
        len--;
    }
    bool fits = len < size;
    if (!fits)
        len = size - sizeof("…");
    while (!fits && len > 0 && ((unsigned char)from[len] & 0xc0) == 0x80)
        len--;
    (void)snprintf(to, size, "%.*s%s", (int)len, from, fits ? "" : "…");
}

/* libcurl's callback for each header line, of every answer on the way. */
static size_t take_header(char *data, size_t one, size_t len, void *arg)
{
    static const char name[] = "Retry-After:";
    struct transfer *t = arg;
    (void)one;
    if (len > 5 && memcmp(data, "HTTP/", 5) == 0) {
        /* HTTP/1.1 503 Service Unavailable: a new answer begins. */
        const char *space = memchr(data, ' ', len);
        const char *reason =
            space ? memchr(space + 1, ' ', len - (size_t)(space + 1 - data)) : NULL;
        t->reason[0] = '\0';
        t->retry_after_ns = 0;
        if (reason) {
            copy_trimmed(t->reason, sizeof(t->reason), reason, len - (size_t)(reason - data));
        }
    } else if (len >= sizeof(name) && strncasecmp(data, name, sizeof(name) - 1) == 0) {
        char value[64];
        copy_trimmed(value, sizeof(value), data + sizeof(name) - 1, len - sizeof(name) + 1);
        t->retry_after_ns = parse_retry_after(t->lib, value);
    }
    return len;
}

/* Adds one header line; false when memory is out. */
static bool add_header(struct transfer *t, const char *line)
{
    struct curl_slist *list = t->lib->slist_append(t->headers, line);
    if (list) {
        t->headers = list;
    }
    return list;
}

/* Collects the request's headers. */
static bool set_headers(struct transfer *t)
{
    const struct fr_job *job = t->job;
    bool has_type = false;
    bool ok = add_header(t, "Expect:"); /* a wait of a second for "100 Continue" is no help */
    for (uint32_t i = 0; i < job->header_count && ok; i++) {
        const struct fr_http_header *header = &job->headers[i];
        char *line = NULL;
        /* libcurl takes "Name;" for a header without value; "Name:" would remove it. */
        if (asprintf(&line, *header->value ? "%s: %s" : "%s;%s", header->name, header->value) < 0) {
            return false;
        }
        ok = add_header(t, line);
        free(line);
        has_type = has_type || strcasecmp(header->name, "Content-Type") == 0;
    }
    if (ok && job->body && !job->is_form && !has_type) {
        ok = add_header(t, "Content-Type:"); /* do not call it a form */
    }
    return ok;
}

/* Sets method and body. */
static void set_method(struct transfer *t)
{
    const struct fr_job *job = t->job;
    CURL *easy = t->http->easy;
    const char *method = job->method ? job->method : (job->body ? "POST" : "GET");
    if (job->body) {
        (void)t->lib->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)job->body_len);
        (void)t->lib->easy_setopt(easy, CURLOPT_POSTFIELDS, job->body);
    }
    if (strcmp(method, "HEAD") == 0) {
        (void)t->lib->easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (strcmp(method, "POST") == 0 && !job->body) {
        (void)t->lib->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)0);
        (void)t->lib->easy_setopt(easy, CURLOPT_POSTFIELDS, "");
    } else if (strcmp(method, "POST") != 0 && (job->body || strcmp(method, "GET") != 0)) {
        (void)t->lib->easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
    }
}

/* Only http and https, for the request and for where it is sent on to. */
static void set_protocols(const struct transfer *t)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    if (t->lib->easy_setopt(t->http->easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
        t->lib->easy_setopt(t->http->easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https") == CURLE_OK) {
        return;
    }
#endif
    /* CURLOPT_PROTOCOLS and CURLOPT_REDIR_PROTOCOLS, whose names newer headers warn of. */
    (void)t->lib->easy_setopt(t->http->easy, (CURLoption)181,
                              (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    (void)t->lib->easy_setopt(t->http->easy, (CURLoption)182,
                              (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
}

/* Describes the request to libcurl; false when memory is out. */
bool http_set_up(struct transfer *t)
{
    CURL *easy = t->http->easy;
    t->lib->easy_reset(easy);
    (void)t->lib->easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
    (void)t->lib->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)t->lib->easy_setopt(easy, CURLOPT_USERAGENT, "flowrun");
    (void)t->lib->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    (void)t->lib->easy_setopt(easy, CURLOPT_MAXREDIRS, (long)MAX_REDIRECTS);
    (void)t->lib->easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    (void)t->lib->easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    (void)t->lib->easy_setopt(easy, CURLOPT_WRITEDATA, t);
    (void)t->lib->easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    (void)t->lib->easy_setopt(easy, CURLOPT_HEADERDATA, t);
    set_protocols(t);
    set_method(t);
    if (!set_headers(t) || t->lib->easy_setopt(easy, CURLOPT_URL, t->job->url) != CURLE_OK) {
        return false;
    }
    (void)t->lib->easy_setopt(easy, CURLOPT_HTTPHEADER, t->headers);
    return true;
}
