/* From an http step to its request. A value never becomes part of the protocol's text:
 * what stands inside an address and form fields are encoded, header values must be one
 * line. Coordinator thread. */
#include <string.h>

#include "jobmaker.h"
#include "scope.h"

/* A text that must be one line. */
static enum fr_err check_line(struct job_maker *m, struct fr_mark mark, const char *what,
                              const char *text, size_t len)
{
    if (memchr(text, '\0', len) || strpbrk(text, "\r\n"))
        return eval_fail(m->c, mark, "bad-value",
                         "%s holds a line break or a NUL byte, which it cannot carry", what);
    return FR_OK;
}

/* Evaluates a text that must be one line. */
static enum fr_err one_line(struct job_maker *m, const struct fr_tmpl *tmpl, const char *what,
                            const char **out)
{
    size_t len = 0;
    enum fr_err err = job_text(m, tmpl, out, &len);
    return err ? err : check_line(m, tmpl->mark, what, *out, len);
}

static const char form_plain[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.*";
/* RFC 3986, 2.3: the unreserved characters. */
static const char url_plain[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";

/* Appends text with everything but the characters of `plain` as %XX; in a form a space is a plus. */
static void add_encoded(struct fr_buf *out, const char *text, size_t len, const char *plain)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == ' ' && plain == form_plain)
            fr_buf_char(out, '+');
        else if (text[i] && strchr(plain, text[i]))
            fr_buf_char(out, text[i]);
        else
            fr_buf_printf(out, "%%%02X", (unsigned char)text[i]);
    }
}

/* One part of an address. A value at its beginning may be the address itself; behind that it is data: a path or query
 * of its own must not come out of it. */
static enum fr_err add_url_part(struct job_maker *m, const struct fr_tmpl *part, bool first,
                                struct fr_buf *url)
{
    struct fr_buf text;
    enum fr_err err;

    fr_buf_init(&text, 0);
    err = eval_text(m->c, m->t, part, &text);
    if (!err && (first || part->kind == FR_TMPL_STRING))
        fr_buf_add(url, fr_buf_cstr(&text), text.len);
    else if (!err)
        add_encoded(url, fr_buf_cstr(&text), text.len, url_plain);
    fr_buf_release(&text);
    return err;
}

/* The address. */
static enum fr_err make_url(struct job_maker *m)
{
    const struct fr_tmpl *tmpl = m->step->http->url;
    bool parts = tmpl->kind == FR_TMPL_TEXT;
    struct fr_buf url;
    enum fr_err err = FR_OK;

    fr_buf_init(&url, 0);
    for (uint32_t i = 0; !err && i < (parts ? tmpl->count : 1); i++)
        err = add_url_part(m, parts ? tmpl->items[i] : tmpl, i == 0, &url);
    if (!err)
        err = check_line(m, tmpl->mark, "`url`", fr_buf_cstr(&url), url.len);
    if (!err)
        m->job->url = fr_strndup(&m->job->arena, fr_buf_cstr(&url), url.len);
    fr_buf_release(&url);
    return err;
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
        add_encoded(body, http->form[i].name, strlen(http->form[i].name), form_plain);
        fr_buf_char(body, '=');
        add_encoded(body, text, len, form_plain);
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
    enum fr_err err = make_url(m);
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
