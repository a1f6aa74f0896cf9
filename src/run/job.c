/* From a step to its job: argv, environment, stdin, request. A job holds copies of what
 * it needs; only what lives as long as the run is borrowed. Coordinator thread. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/fd.h"
#include "jobmaker.h"
#include "phases.h"
#include "recipe.h"
#include "scope.h"

enum {
    LONGEST_WORD = 128 << 10, /* MAX_ARG_STRLEN of Linux: one argument or variable */
    CAPTURE_LIMIT = 1 << 20,
    LARGE = 1 << 20, /* bytes that are better read from a file than copied for each job */
    NUMBER_SIZE = 24
};

/* Evaluates a text for the job; NUL-terminated in its arena. */
enum fr_err job_text(struct job_maker *m, const struct fr_tmpl *tmpl, const char **out, size_t *len)
{
    struct fr_buf text;
    if (tmpl->kind == FR_TMPL_STRING) {
        *out = tmpl->text; /* the plan outlives the job */
        if (len)
            *len = strlen(tmpl->text);
        return FR_OK;
    }
    fr_buf_init(&text, 0);
    enum fr_err err = eval_text(m->c, m->t, tmpl, &text);
    if (!err)
        *out = fr_strndup(&m->job->arena, fr_buf_cstr(&text), text.len);
    if (len)
        *len = text.len;
    fr_buf_release(&text);
    return err;
}

/* Refuses what neither an argument nor a variable can carry. */
static enum fr_err check_word(struct job_maker *m, struct fr_mark mark, const char *what,
                              const char *name, const char *text, size_t len)
{
    if (memchr(text, '\0', len))
        return eval_fail(m->c, mark, "bad-value",
                         "%s%s holds a NUL byte, which it cannot carry; read the value from stdin",
                         what, name);
    if (len + strlen(name) + 2 > LONGEST_WORD)
        return eval_fail(m->c, mark, "too-long",
                         "%s%s has %zu bytes, and Linux takes 128 KiB at most; read the value from "
                         "stdin or from the file $FLOWRUN_INPUT",
                         what, name, len);
    return FR_OK;
}

/* Sets a variable of the job, in place of one of that name. The array has room. */
static void put_pair(struct job_maker *m, const char *name, const char *pair)
{
    uintptr_t at = (uintptr_t)fr_map_get(&m->base->index, name);
    size_t len = strlen(name);
    if (at) {
        m->envp[at - 1] = pair;
        return;
    }
    for (uint32_t i = m->base->count; i < m->env_count; i++)
        if (strncmp(m->envp[i], name, len) == 0 && m->envp[i][len] == '=') {
            m->envp[i] = pair;
            return;
        }
    m->envp[m->env_count++] = pair;
}

/* Sets NAME=value. */
static void put_env(struct job_maker *m, const char *name, const char *value, size_t len)
{
    size_t name_len = strlen(name);
    char *pair = fr_alloc(&m->job->arena, name_len + len + 2);
    char *at = mempcpy(pair, name, name_len);
    *at++ = '=';
    memcpy(at, value, len);
    put_pair(m, name, pair);
}

/* The step's own variables. */
static enum fr_err put_own_env(struct job_maker *m)
{
    enum fr_err result = FR_OK;
    for (uint32_t i = 0; i < m->step->env_count; i++) {
        const struct fr_named *var = &m->step->env[i];
        const char *text = "";
        size_t len = 0;
        enum fr_err err = job_text(m, var->value, &text, &len);
        if (!err)
            err = check_word(m, var->value->mark, "variable ", var->name, text, len);
        if (err && err != FR_ERR_AGAIN)
            return err;
        if (err)
            result = err; /* go on: all questions are asked together */
        else
            put_env(m, var->name, text, len);
        if (!err)
            env_secret(m->c, var->name, text);
    }
    return result;
}

/* What every step is told. */
static enum fr_err put_flowrun_env(struct job_maker *m)
{
    const char *input = given_file(m->c, m->t, m->job);
    char number[NUMBER_SIZE];
    if (!input && errno)
        return eval_fail(m->c, (struct fr_mark){0}, "io",
                         "cannot write the file $FLOWRUN_INPUT: %s", strerror(errno));
    int len = snprintf(number, sizeof(number), "%u", m->t->attempt);
    put_env(m, "FLOWRUN_RUN_ID", m->c->run->run_id, strlen(m->c->run->run_id));
    put_env(m, "FLOWRUN_STEP_ID", m->job->step_id, strlen(m->job->step_id));
    put_env(m, "FLOWRUN_ATTEMPT", number, (size_t)len);
    if (input)
        put_env(m, "FLOWRUN_INPUT", input, strlen(input));
    m->job->command_path =
        fr_format(&m->job->arena, COMMAND_FILE, m->c->options->run_dir, m->c->next_job + 1);
    put_env(m, "FLOWRUN_COMMAND", m->job->command_path, strlen(m->job->command_path));
    put_env(m, "FLOWRUN_OUTPUT_DIR", m->step->unit->output_dir, strlen(m->step->unit->output_dir));
    if (m->t->file_tmp)
        put_env(m, "FLOWRUN_OUTPUT_FILE", m->t->file_tmp, strlen(m->t->file_tmp));
    return FR_OK;
}

/* The values that a script's expressions are bound to. */
static enum fr_err put_bound(struct job_maker *m)
{
    enum fr_err result = FR_OK;
    for (uint32_t i = 0; m->step->script && i < m->step->script->value_count; i++) {
        const struct fr_expr *expr = m->step->script->values[i];
        char name[sizeof(FR_BIND_PREFIX) + NUMBER_SIZE];
        struct fr_buf text;
        fr_buf_init(&text, 0);
        enum fr_err err = eval_expr_text(m->c, m->t, expr, &text);
        snprintf(name, sizeof(name), FR_BIND_PREFIX "%u", i + 1);
        if (!err)
            err = check_word(m, expr->mark, "the value of an expression in `run`", "",
                             fr_buf_cstr(&text), text.len);
        if (!err)
            put_env(m, name, fr_buf_cstr(&text), text.len);
        fr_buf_release(&text);
        if (err && err != FR_ERR_AGAIN)
            return err;
        result = err ? err : result;
    }
    return result;
}

/* The environment, all but FLOWRUN_TMPDIR, which the worker adds. */
static enum fr_err make_env(struct job_maker *m)
{
    enum { OURS = 9 };
    const struct env_base *base = m->base = &setting_of(m->c, m->step)->env;
    uint32_t bound = m->step->script ? m->step->script->value_count : 0;
    size_t room = base->count + m->step->env_count + bound + OURS;
    m->envp = fr_alloc_array(&m->job->arena, room + 1, sizeof(*m->envp));
    memcpy(m->envp, base->pairs, base->count * sizeof(*m->envp));
    m->env_count = base->count;
    json_object_put(m->t->env);
    m->t->env = NULL;
    enum fr_err err = put_flowrun_env(m);
    if (!err)
        err = put_own_env(m);
    /* From here on `.env` is what the process will see. */
    m->t->envp = m->step->env_count ? m->envp : NULL;
    m->t->env_count = m->env_count;
    if (!err)
        err = put_bound(m);
    m->job->envp = m->envp;
    return err;
}

/* argv by list: each item is one argument. */
static enum fr_err make_argv(struct job_maker *m)
{
    enum fr_err result = FR_OK;
    const char **argv = fr_alloc_array(&m->job->arena, m->step->argv_count + 1U, sizeof(*argv));
    for (uint32_t i = 0; i < m->step->argv_count; i++) {
        size_t len = 0;
        enum fr_err err = job_text(m, m->step->argv[i], &argv[i], &len);
        if (!err)
            err = check_word(m, m->step->argv[i]->mark, "an argument", "", argv[i], len);
        if (err && err != FR_ERR_AGAIN)
            return err;
        result = err ? err : result;
    }
    m->job->argv = argv;
    return result;
}

/* argv by script: the words themselves where no shell is needed, else the shell with the text. */
static void make_shell_argv(struct job_maker *m)
{
    const struct fr_script *script = m->step->script;
    if (script->words && script->value_count == 0) {
        m->job->argv = script->words;
        return;
    }
    const char **argv = fr_alloc_array(&m->job->arena, m->step->shell_count + 2U, sizeof(*argv));
    memcpy(argv, m->step->shell, m->step->shell_count * sizeof(*argv));
    const char *prelude = fr_script_prelude(script, m->step->shell, m->step->shell_count);
    argv[m->step->shell_count] =
        *prelude ? fr_format(&m->job->arena, "%s%s", prelude, script->text) : script->text;
    m->job->argv = argv;
}

/* Where the process works. */
static enum fr_err make_cwd(struct job_maker *m)
{
    const char *text = NULL;
    m->job->cwd = m->step->unit->base_dir;
    if (!m->step->cwd)
        return FR_OK;
    enum fr_err err = job_text(m, m->step->cwd, &text, NULL);
    if (!err) {
        char *path = fr_path_join(m->step->unit->base_dir, text);
        m->job->cwd = fr_strdup(&m->job->arena, path);
        free(path);
    }
    return err;
}

/* The file that has the value's text, when there is one: it need not be copied for each job. */
static const char *file_of(const struct job_maker *m, const struct fr_value *value)
{
    size_t len;
    if (fr_value_path(value))
        return fr_value_path(value);
    /* Of JSON as we write it text and JSON are the same, and $FLOWRUN_INPUT stays as long as the step. */
    bool same = value == m->t->input && m->t->uses_input_file &&
                fr_value_bytes(value, true, &len) && fr_value_bytes(value, false, &len);
    return same && len > LARGE ? value_input_path(value) : NULL;
}

/* Gives the job a value to read. */
static enum fr_err feed(struct job_maker *m, struct fr_value *value)
{
    struct fr_buf text;
    size_t len = 0;
    const char *bytes = fr_value_bytes(value, false, &len);
    const char *path = file_of(m, value);
    if (value_is_empty(value))
        return FR_OK; /* /dev/null ends at once, too */
    if (path) {
        m->job->stdin_kind = FR_STDIN_FILE;
        m->job->stdin_path = fr_strdup(&m->job->arena, path);
        return FR_OK;
    }
    fr_buf_init(&text, 0);
    if (!bytes) {
        fr_value_add_text(value, &text);
        bytes = fr_buf_cstr(&text);
        len = text.len;
    }
    m->job->stdin_kind = FR_STDIN_BYTES;
    m->job->stdin_data = fr_strndup(&m->job->arena, bytes, len);
    m->job->stdin_len = len;
    fr_buf_release(&text);
    return FR_OK;
}

/* What the process reads: the terminal, nothing, what `stdin:` says, or its input. */
static enum fr_err make_stdin(struct job_maker *m)
{
    struct fr_value *value = NULL;
    if (m->step->tty) {
        m->job->stdin_kind = FR_STDIN_TTY;
        return FR_OK;
    }
    if (m->step->closed_stdin)
        return FR_OK;
    if (!m->step->stdin_from)
        return feed(m, m->t->input);
    enum fr_err err = eval_value(m->c, m->t, m->step->stdin_from, &value);
    if (!err) {
        err = feed(m, value);
        fr_value_unref(m->t->fed);
        m->t->fed = value; /* a spilled one is a file that must stay while the process reads */
    }
    return err;
}

/* Everything of a process. */
static enum fr_err make_process(struct job_maker *m)
{
    enum fr_err err = make_env(m);
    if (!err && m->step->script)
        make_shell_argv(m);
    else if (!err)
        err = make_argv(m);
    if (!err)
        err = make_cwd(m);
    if (!err)
        err = make_stdin(m);
    m->job->stream = m->c->options->stream;
    m->job->peek = m->c->options->glimpses;
    m->job->discard_stdout = m->step->output == FR_OUTPUT_NONE;
    m->job->leftover = m->step->leftover;
    return err;
}

/* Puts the job's outer data in place. */
static struct fr_job *new_job(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct fr_job *job = calloc(1, sizeof(*job));
    if (!job)
        abort();
    fr_arena_init(&job->arena);
    job->step = step->index;
    job->attempt = t->attempt;
    job->step_id = fr_strdup(&job->arena, fr_run_step_id(c->run, step));
    job->capture_limit = CAPTURE_LIMIT;
    job->timeout_ns = step->timeout_ns;
    job->grace_ns = step->grace_ns;
    job->file_tmp = fr_strdup(&job->arena, t->file_tmp);
    job->file_final = fr_strdup(&job->arena, t->file_final);
    return job;
}

/* Gives the job to the executor. */
static void start(struct coord *c, struct active *t, struct fr_job *job)
{
    const struct fr_step *step = active_step(c, t);
    job->id = t->job_id = ++c->next_job;
    t->has_job = true;
    t->phase = STEP_RUNNING;
    result_of(c, step)->attempts = t->attempt;
    step_move(c, step, FR_RUNNING);
    c->jobs++;
    race_let_go(c, step);
    c->executor->start(c->executor, job);
}

/* Makes the job and starts it. One that has to wait for answers is made anew then. */
enum fr_err phase_job(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    if (step->tty && c->tty_owner != t->step) {
        tty_wait(c, t);
        return FR_OK;
    }
    if (t->attempt == 0)
        t->attempt = 1;
    struct job_maker m = {.c = c, .t = t, .step = step, .job = new_job(c, t)};
    enum fr_err err = step->kind == FR_KIND_HTTP ? job_http(&m) : make_process(&m);
    bool made_nothing = false;
    if (!err && c->options->memory)
        err = recipe_of_job(&m, &made_nothing);
    t->envp = NULL;
    if (err) {
        fr_job_free(m.job);
        return err;
    }
    if (c->options->memory && replay_start(c, t, m.job, made_nothing))
        return FR_OK;
    if (budget_refuses(c, t) || !limit_draw(c, t)) {
        fr_job_free(m.job);
        return FR_OK;
    }
    budget_reserve(c, t);
    start(c, t, m.job);
    return FR_OK;
}

enum fr_err job_again(struct job_maker *m)
{
    m->job = new_job(m->c, m->t);
    enum fr_err err = make_process(m);
    m->t->envp = NULL;
    return err;
}
