/* From an http step to its request. A value never becomes part of the protocol's text:
 * form fields are encoded, header values must be one line. Coordinator thread. */
#include <string.h>

#include "jobmaker.h"
#include "scope.h"

/* Evaluates a text that must be one line. */
static enum fr_err one_line(struct job_maker *m, const struct fr_tmpl *tmpl, const char *what,
                            const char **out)
{
    size_t len = 0;
    enum fr_err err = job_text(m, tmpl, out, &len);
    if (err)
        return err;
    if (memchr(*out, '\0', len) || strpbrk(*out, "\r\n"))
        return eval_fail(m->c, tmpl->mark, "bad-value",
                         "%s holds a line break or a NUL byte, which it cannot carry", what);
    return FR_OK;
}

/* Appends text as application/x-www-form-urlencoded. */
static void add_encoded(struct fr_buf *out, const char *text, size_t len)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.*";
    for (size_t i = 0; i < len; i++) {
        if (text[i] == ' ')
            fr_buf_char(out, '+');
        else if (text[i] && strchr(plain, text[i]))
            fr_buf_char(out, text[i]);
        else
            fr_buf_printf(out, "%%%02X", (unsigned char)text[i]);
    }
}

/* The body made of `form:`. */
static enum fr_err make_form(struct job_maker *m, struct fr_buf *body)
{
    const struct fr_http *http = m->step->http;
    for (uint32_t i = 0; i < http->form_count; i++) {
        const char *text = NULL;
        size_t len = 0;
        enum fr_err err = job_text(m, http->form[i].value, &text, &len);
        if (err)
            return err;
        if (i)
            fr_buf_char(body, '&');
        add_encoded(body, http->form[i].name, strlen(http->form[i].name));
        fr_buf_char(body, '=');
        add_encoded(body, text, len);
    }
    m->job->is_form = true;
    return FR_OK;
}

/* The body made of `json:`. */
static enum fr_err make_json(struct job_maker *m, struct fr_buf *body)
{
    struct json_object *value = NULL;
    enum fr_err err = eval_tmpl(m->c, m->t, m->step->http->json, &value);
    if (!err)
        fr_json_write(value, body);
    json_object_put(value);
    return err;
}

/* The body, from whichever key there is. */
static enum fr_err make_body(struct job_maker *m)
{
    const struct fr_http *http = m->step->http;
    struct fr_buf body;
    enum fr_err err = FR_OK;
    fr_buf_init(&body, 0);
    if (http->form_count)
        err = make_form(m, &body);
    else if (http->json)
        err = make_json(m, &body);
    else if (http->body)
        err = eval_text(m->c, m->t, http->body, &body);
    if (!err && (http->form_count || http->json || http->body)) {
        m->job->body = fr_strndup(&m->job->arena, fr_buf_cstr(&body), body.len);
        m->job->body_len = body.len;
    }
    fr_buf_release(&body);
    return err;
}

/* The headers; a JSON body says what it is unless the step does. */
static enum fr_err make_headers(struct job_maker *m)
{
    const struct fr_http *http = m->step->http;
    struct fr_http_header *headers =
        fr_alloc_array(&m->job->arena, http->header_count + 1U, sizeof(*headers));
    uint32_t count = 0;
    bool typed = false;
    for (uint32_t i = 0; i < http->header_count; i++) {
        enum fr_err err = one_line(m, http->headers[i].value, "a header", &headers[count].value);
        if (err)
            return err;
        headers[count++].name = http->headers[i].name;
        typed = typed || strcasecmp(http->headers[i].name, "content-type") == 0;
    }
    if (http->json && !typed)
        headers[count++] = (struct fr_http_header){"Content-Type", "application/json"};
    m->job->headers = headers;
    m->job->header_count = count;
    return FR_OK;
}

/* Fills the request of an http step. */
enum fr_err job_http(struct job_maker *m)
{
    const struct fr_http *http = m->step->http;
    m->job->is_http = true;
    enum fr_err err = one_line(m, http->url, "`url`", &m->job->url);
    m->job->method = http->body || http->json || http->form_count ? "POST" : "GET";
    if (!err && http->method)
        err = one_line(m, http->method, "`method`", &m->job->method);
    if (!err)
        err = make_headers(m);
    if (!err)
        err = make_body(m);
    m->job->expect = http->expect;
    m->job->expect_count = http->expect_count;
    return err;
}
