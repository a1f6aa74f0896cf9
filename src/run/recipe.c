/* From a job to its recipe: everything that makes the result, and nothing else. What differs from run to run without
 * meaning anything is left out: times, attempts, numbers of processes, private paths; and the environment that
 * flowrun was called with, but for what the file itself gives. Coordinator thread. */
#include "recipe.h"

#include <stdlib.h>
#include <string.h>

#include "phases.h"
#include "scope.h"

/* Adds a piece with its kind and its size, so that no two lists of pieces look alike. */
static void add(struct fr_sha256 *sha, char kind, const void *data, size_t len)
{
    unsigned char head[9] = {(unsigned char)kind};
    for (int i = 0; i < 8; i++)
        head[i + 1] = (unsigned char)((uint64_t)len >> (8 * i));
    fr_sha256_add(sha, head, sizeof(head));
    fr_sha256_add(sha, data, len);
}

/* Adds a text in which the private path of the output file stands for its final one. */
static void add_text(struct job_maker *m, struct fr_sha256 *sha, char kind, const char *text,
                     size_t len)
{
    const char *tmp = m->job->file_tmp;
    size_t tmp_len = tmp ? strlen(tmp) : 0;
    const char *at = tmp ? memmem(text, len, tmp, tmp_len) : NULL;
    struct fr_buf clean;
    if (!at) {
        add(sha, kind, text, len);
        return;
    }
    fr_buf_init(&clean, 0);
    while (at) {
        fr_buf_add(&clean, text, (size_t)(at - text));
        fr_buf_str(&clean, m->job->file_final);
        len -= (size_t)(at - text) + tmp_len;
        text = at + tmp_len;
        at = memmem(text, len, tmp, tmp_len);
    }
    fr_buf_add(&clean, text, len);
    add(sha, kind, fr_buf_cstr(&clean), clean.len);
    fr_buf_release(&clean);
}

static void add_str(struct job_maker *m, struct fr_sha256 *sha, char kind, const char *text)
{
    if (text)
        add_text(m, sha, kind, text, strlen(text));
}

/* Adds a value: what it is made of, wherever that lies. */
static void add_value(struct fr_sha256 *sha, char kind, struct fr_value *value)
{
    char hash[65];
    value_sha256(value, hash);
    add(sha, kind, hash, 64);
}

/* Adds a JSON value. */
static void add_json(struct fr_sha256 *sha, char kind, const struct json_object *object)
{
    struct fr_buf text;
    fr_buf_init(&text, 0);
    fr_json_write(object, &text);
    add(sha, kind, fr_buf_cstr(&text), text.len);
    fr_buf_release(&text);
}

const char *recipe_pair(const struct job_maker *m, const char *name)
{
    uintptr_t at = (uintptr_t)fr_map_get(&m->base->index, name);
    size_t len = strlen(name);
    if (at)
        return m->envp[at - 1];
    for (uint32_t i = m->base->count; i < m->env_count; i++)
        if (strncmp(m->envp[i], name, len) == 0 && m->envp[i][len] == '=')
            return m->envp[i];
    return NULL;
}

/* Adds those of a list of variables. */
static void add_named(struct job_maker *m, struct fr_sha256 *sha, const struct fr_named *list,
                      uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        add_str(m, sha, 'e', recipe_pair(m, list[i].name));
}

/* Adds what the file gives of the environment, and the values that expressions in `run` are bound to. */
static void add_env(struct job_maker *m, struct fr_sha256 *sha)
{
    const struct fr_unit *file = m->step->unit;
    add_named(m, sha, file->dotenv, file->dotenv_count);
    add_named(m, sha, file->env, file->env_count);
    add_named(m, sha, m->step->env, m->step->env_count);
    for (uint32_t i = m->base->count; i < m->env_count; i++)
        if (strncmp(m->envp[i], FR_BIND_PREFIX, strlen(FR_BIND_PREFIX)) == 0)
            add_str(m, sha, 'b', m->envp[i]);
}

/* Whether its input is how the run has gone so far, with all its times. */
static bool reads_run(const struct job_maker *m)
{
    return m->step->input_from == FR_INPUT_SO_FAR && !m->step->input;
}

/* Adds bytes that are read. */
static void add_bytes(struct fr_sha256 *sha, const char *bytes, size_t len)
{
    struct fr_sha256 own;
    char hash[65];
    fr_sha256_init(&own);
    fr_sha256_add(&own, bytes, len);
    fr_sha256_hex(&own, hash);
    add(sha, 'i', hash, 64);
}

/* Adds what a process reads. */
static void add_stdin(struct job_maker *m, struct fr_sha256 *sha)
{
    const struct fr_job *job = m->job;
    unsigned char kind = (unsigned char)job->stdin_kind;
    size_t len;
    if (!m->step->stdin_from && reads_run(m)) {
        kind = FR_STDIN_NONE;
    } else if (job->stdin_kind == FR_STDIN_FILE) {
        struct fr_value *value = m->t->fed ? m->t->fed : m->t->input;
        const char *bytes = fr_value_bytes(value, false, &len);
        kind = FR_STDIN_BYTES; /* where its bytes lie means nothing */
        if (bytes)
            add_bytes(sha, bytes, len);
        else
            add_value(sha, 'i', value);
    } else if (job->stdin_kind == FR_STDIN_BYTES) {
        add_bytes(sha, job->stdin_data, job->stdin_len);
    }
    add(sha, 'k', &kind, 1);
}

/* Adds what is particular to a process. */
static void add_process(struct job_maker *m, struct fr_sha256 *sha)
{
    for (const char *const *arg = m->job->argv; *arg; arg++)
        add_str(m, sha, 'a', *arg);
    program_file_add(m, sha);
    add_str(m, sha, 'c', m->job->cwd);
    add_env(m, sha);
    add_stdin(m, sha);
}

/* Adds what is particular to a request. */
static void add_request(struct job_maker *m, struct fr_sha256 *sha)
{
    const struct fr_job *job = m->job;
    add_str(m, sha, 'u', job->url);
    add_str(m, sha, 'm', job->method);
    for (uint32_t i = 0; i < job->header_count; i++) {
        add_str(m, sha, 'h', job->headers[i].name);
        add_str(m, sha, 'v', job->headers[i].value);
    }
    if (job->body)
        add(sha, 'y', job->body, job->body_len);
    for (uint32_t i = 0; i < job->expect_count; i++)
        add(sha, 'x', &job->expect[i], sizeof(job->expect[i]));
}

/* Adds the step's own params: what it takes of the workflow's stands in what is made of them. */
static void add_params(struct job_maker *m, struct fr_sha256 *sha)
{
    const struct fr_tmpl *own = m->step->params;
    struct json_object *value, *object;
    if (!m->t->params)
        return;
    object = json_object_new_object();
    for (uint32_t i = 0; i < own->count; i++)
        if (json_object_object_get_ex(m->t->params, own->keys[i], &value))
            json_object_object_add(object, own->keys[i], json_object_get(value));
    add_json(sha, 'p', object);
    json_object_put(object);
}

/* Puts the recipe into the step's result. */
static void keep(struct coord *c, const struct active *t, struct fr_sha256 *sha)
{
    struct fr_step_result *result = result_of(c, active_step(c, t));
    char hash[65];
    fr_sha256_hex(sha, hash);
    free(result->recipe);
    result->recipe = strdup(hash);
    if (!result->recipe)
        abort();
}

enum fr_err recipe_of_job(struct job_maker *m, bool *made_nothing)
{
    const struct fr_step *step = m->step;
    unsigned char output = (unsigned char)step->output;
    struct fr_sha256 sha;
    *made_nothing = false;
    if (m->t->attempt > 1)
        return FR_OK;
    fr_sha256_init(&sha);
    add_str(m, &sha, 't', step->type);
    add_str(m, &sha, 'M', step->model ? step->model : "");
    add(&sha, 'o', &output, 1);
    add_str(m, &sha, 'f', m->job->file_final);
    if (m->job->is_http)
        add_request(m, &sha);
    else
        add_process(m, &sha);
    if (!reads_run(m))
        add_value(&sha, 'I', m->t->input);
    add_params(m, &sha);
    enum fr_err err = sources_add(m, &sha, made_nothing);
    if (!err)
        keep(m->c, m->t, &sha);
    return err;
}

void recipe_of_text(struct coord *c, struct active *t, const char *text)
{
    struct fr_sha256 sha;
    fr_sha256_init(&sha);
    add(&sha, 't', active_step(c, t)->type, strlen(active_step(c, t)->type));
    add(&sha, 'q', text, strlen(text));
    add_value(&sha, 'I', t->input);
    keep(c, t, &sha);
}
