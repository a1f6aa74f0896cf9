/* HTTP jobs against a small server on 127.0.0.1, a thread of this program. */
#include "jobs.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "flowrun/base/clock.h"

/* ---- the server: one connection after the other, the answer depends on the path ---- */

struct server {
    int socket;
    int port;
    pthread_t thread;
};

/* Reads head and body of a request; false at the end of the connection. */
static bool read_request(int fd, char *text, size_t size)
{
    size_t len = 0;
    for (;;) {
        ssize_t n = read(fd, text + len, size - 1 - len);
        if (n <= 0) {
            return false;
        }
        len += (size_t)n;
        text[len] = '\0';
        const char *body = strstr(text, "\r\n\r\n");
        const char *length = strstr(text, "Content-Length: ");
        if (body &&
            len >= (size_t)(body + 4 - text) + (length ? strtoul(length + 16, NULL, 10) : 0)) {
            return true;
        }
    }
}

static void respond(int fd, const char *status, const char *header, const char *body)
{
    char text[8192];
    int len = snprintf(text, sizeof(text),
                       "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
                       status, header, strlen(body), body);
    (void)fr_write_all(fd, text, (size_t)len);
}

static void serve_one(int fd)
{
    char text[4096];
    if (!read_request(fd, text, sizeof(text))) {
        return;
    }
    if (strncmp(text, "GET /ok ", 8) == 0) {
        respond(fd, "200 OK", "", "hello");
    } else if (strstr(text, " /echo ")) {
        respond(fd, "201 Created", "", text);
    } else if (strstr(text, " /busy ")) {
        respond(fd, "503 Service Unavailable", "retry-after:  7 \r\n", "come back");
    } else if (strstr(text, " /date ")) {
        respond(fd, "429 Too Many Requests", "Retry-After: Fri, 01 Jan 2100 00:00:00 GMT\r\n", "");
    } else if (strstr(text, " /moved ")) {
        respond(fd, "302 Found", "Location: /ok\r\n", "elsewhere");
    } else if (strstr(text, " /circle ")) {
        respond(fd, "302 Found", "Location: /circle\r\n", "");
    } else if (strstr(text, " /local ")) {
        respond(fd, "302 Found", "Location: file:///etc/passwd\r\n", "");
    } else if (strstr(text, " /hang ")) {
        while (read(fd, text, sizeof(text)) > 0) { /* until the other side gives up */
        }
    } else {
        respond(fd, "404 Not Found", "", "nothing here");
    }
}

static void *serve(void *arg)
{
    const struct server *server = arg;
    for (;;) {
        int fd = accept4(server->socket, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) {
            return NULL;
        }
        serve_one(fd);
        (void)close(fd);
    }
}

static struct server server;

static int start_server(void **state)
{
    (void)state;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    server.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server.socket, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(server.socket, 16), 0);
    assert_int_equal(getsockname(server.socket, (struct sockaddr *)&address, &size), 0);
    server.port = ntohs(address.sin_port);
    return pthread_create(&server.thread, NULL, serve, &server);
}

static int stop_server(void **state)
{
    (void)state;
    (void)shutdown(server.socket, SHUT_RDWR);
    (void)pthread_join(server.thread, NULL);
    return close(server.socket);
}

/* ---- the cases ---- */

static struct fr_job *request(struct fixture *f, const char *path)
{
    struct fr_job *job = fr_job_new();
    job->id = ++f->last_id;
    job->is_http = true;
    job->url = fr_format(&job->arena, "http://127.0.0.1:%d%s", server.port, path);
    job->capture_limit = 1 << 20;
    job->timeout_ns = FR_UNLIMITED;
    return job;
}

static void the_body_is_the_output(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 2; i++) {
        struct fr_report *r = run_job(f, request(f, "/ok"));
        assert_int_equal(r->end, FR_END_EXITED);
        assert_int_equal(r->exit_code, 0);
        assert_int_equal(r->http_status, 200);
        assert_string_equal(r->out, "hello");
        fr_report_free(r);
    }
}

static void method_headers_and_body_are_sent(void **state)
{
    struct fixture *f = *state;
    static const struct fr_http_header headers[] = {{"X-One", "1: two"}, {"X-Empty", ""}};
    struct fr_job *job = request(f, "/echo");
    job->method = "PUT";
    job->body = "some\nbody";
    job->body_len = 9;
    job->headers = headers;
    job->header_count = 2;
    struct fr_report *r = run_job(f, job);
    assert_int_equal(r->http_status, 201);
    assert_memory_equal(r->out, "PUT /echo HTTP/1.1\r\n", 20);
    assert_non_null(strstr(r->out, "\r\nX-One: 1: two\r\n"));
    assert_non_null(strstr(r->out, "\r\nX-Empty:\r\n"));
    assert_non_null(strstr(r->out, "\r\nContent-Length: 9\r\n"));
    assert_null(strstr(r->out, "urlencoded"));
    assert_null(strstr(r->out, "Expect"));
    assert_non_null(strstr(r->out, "\r\n\r\nsome\nbody"));
    fr_report_free(r);

    job = request(f, "/echo");
    job->body = "a=1&b=2";
    job->body_len = 7;
    job->is_form = true;
    r = run_job(f, job);
    assert_memory_equal(r->out, "POST ", 5);
    assert_non_null(strstr(r->out, "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
    fr_report_free(r);
}

static void every_method_is_sent_as_it_is_written(void **state)
{
    struct fixture *f = *state;
    static const char *const methods[] = {"GET", "POST", "DELETE", "PATCH"};
    for (size_t i = 0; i < 4; i++) {
        struct fr_job *job = request(f, "/echo");
        job->method = methods[i];
        struct fr_report *r = run_job(f, job);
        assert_int_equal(r->http_status, 201);
        assert_memory_equal(r->out, methods[i], strlen(methods[i]));
        fr_report_free(r);
    }
    struct fr_job *job = request(f, "/echo");
    job->method = "HEAD";
    struct fr_report *r = run_job(f, job);
    assert_int_equal(r->http_status, 201);
    assert_int_equal(r->out_len, 0);
    fr_report_free(r);
}

static void a_bad_status_is_a_failure(void **state)
{
    struct fixture *f = *state;
    struct fr_report *r = run_job(f, request(f, "/busy"));
    assert_int_equal(r->end, FR_END_FAILED);
    assert_string_equal(r->code, "http-status");
    assert_string_equal(r->message, "HTTP 503 Service Unavailable");
    assert_int_equal(r->http_status, 503);
    assert_true(r->retry_after_ns == 7 * FR_NS_PER_S);
    assert_string_equal(r->out, "come back");
    fr_report_free(r);
    r = run_job(f, request(f, "/date"));
    assert_true(r->retry_after_ns > 365LL * 24 * 3600 * FR_NS_PER_S);
    fr_report_free(r);
}

static void what_is_expected_is_no_failure(void **state)
{
    struct fixture *f = *state;
    static const int expect[] = {404, 503};
    struct fr_job *job = request(f, "/none");
    job->expect = expect;
    job->expect_count = 2;
    struct fr_report *r = run_job(f, job);
    assert_int_equal(r->end, FR_END_EXITED);
    assert_string_equal(r->out, "nothing here");
    fr_report_free(r);
    job = request(f, "/ok");
    job->expect = expect;
    job->expect_count = 2;
    r = run_job(f, job);
    assert_int_equal(r->end, FR_END_FAILED);
    assert_string_equal(r->message, "HTTP 200 OK");
    fr_report_free(r);
}

static void redirects_are_followed_but_not_out_of_http(void **state)
{
    struct fixture *f = *state;
    struct fr_report *r = run_job(f, request(f, "/moved"));
    assert_int_equal(r->http_status, 200);
    assert_string_equal(r->out, "hello");
    fr_report_free(r);
    static const char *const bad[] = {"/circle", "/local"};
    for (size_t i = 0; i < 2; i++) {
        r = run_job(f, request(f, bad[i]));
        assert_int_equal(r->end, FR_END_FAILED);
        assert_string_equal(r->code, "http-error");
        fr_report_free(r);
    }
    struct fr_job *job = request(f, "");
    job->url = "file:///etc/passwd";
    r = run_job(f, job);
    assert_int_equal(r->end, FR_END_FAILED);
    assert_int_equal(r->out_len, 0);
    fr_report_free(r);
}

static void a_good_body_is_saved_to_a_file(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = request(f, "/ok");
    job->file_tmp = fr_format(&job->arena, "%s/made", f->dir);
    job->file_final = fr_format(&job->arena, "%s/saved/body", f->dir);
    struct fr_report *r = run_job(f, job);
    assert_int_equal(r->end, FR_END_EXITED);
    assert_true(r->has_file);
    assert_int_equal(r->file_size, 5);
    assert_int_equal(r->out_len, 0);
    fr_report_free(r);

    job = request(f, "/busy");
    job->file_tmp = fr_format(&job->arena, "%s/made", f->dir);
    job->file_final = fr_format(&job->arena, "%s/saved/other", f->dir);
    r = run_job(f, job);
    assert_int_equal(r->end, FR_END_FAILED);
    assert_string_equal(r->out, "come back");
    fr_report_free(r);
    char path[100];
    (void)snprintf(path, sizeof(path), "%s/saved/other", f->dir);
    assert_int_not_equal(access(path, F_OK), 0);
    (void)snprintf(path, sizeof(path), "%s/made", f->dir);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void who_does_not_answer_is_given_up(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = request(f, "/hang");
    job->timeout_ns = 50 * FR_NS_PER_MS;
    struct fr_report *r = run_job(f, job);
    assert_int_equal(r->end, FR_END_TIMED_OUT);
    fr_report_free(r);

    job = request(f, "/hang");
    f->pool->start(f->pool, job);
    uint64_t id = job->id;
    f->pool->cancel(f->pool, id, FR_CANCEL_RACE, false);
    r = await(f, FR_REPORT_FINISHED);
    assert_int_equal(r->end, FR_END_CANCELLED);
    assert_int_equal(r->cancel, FR_CANCEL_RACE);
    fr_report_free(r);
}

static void who_is_not_there_is_named(void **state)
{
    struct fixture *f = *state;
    struct fr_job *job = request(f, "");
    job->url = "http://127.0.0.1:1/x";
    struct fr_report *r = run_job(f, job);
    assert_int_equal(r->end, FR_END_FAILED);
    assert_string_equal(r->code, "http-error");
    assert_non_null(strstr(r->message, "http://127.0.0.1:1/x: "));
    fr_report_free(r);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE(the_body_is_the_output),
        CASE(method_headers_and_body_are_sent),
        CASE(every_method_is_sent_as_it_is_written),
        CASE(a_bad_status_is_a_failure),
        CASE(what_is_expected_is_no_failure),
        CASE(redirects_are_followed_but_not_out_of_http),
        CASE(a_good_body_is_saved_to_a_file),
        CASE(who_does_not_answer_is_given_up),
        CASE(who_is_not_there_is_named),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
