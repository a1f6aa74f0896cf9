/* A script that runs a failed step again alone: its folder, its arguments, what it read, and what the file gives of its
 * environment. Secrets are left out: the script asks for them. Coordinator thread. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "memory.h"

enum { SECRETS = 64, STDIN_MAX = 64 << 20 };

/* One script on its way. */
struct script {
    const struct memory_repro *repro;
    const struct fr_failure *failure;
    struct fr_buf out;
    char *stem; /* "<folder>/repro-<step>", owned */
    char *made; /* what stands for the private output file; owned; NULL = it makes none */
};

/* The value of a variable of the process; NULL = it has none. */
static const char *value_of(const struct fr_job *job, const char *name)
{
    size_t len = strlen(name);
    for (const char *const *pair = job->envp; *pair; pair++)
        if (strncmp(*pair, name, len) == 0 && (*pair)[len] == '=')
            return *pair + len + 1;
    return NULL;
}

/* Adds text in single quotes, what is secret of it masked. */
static void add_quoted(struct script *s, const char *text, size_t len)
{
    struct fr_buf masked;
    fr_buf_init(&masked, 0);
    if (s->repro->mask)
        fr_mask_text(s->repro->mask, text, len, false, &masked);
    else
        fr_buf_add(&masked, text, len);
    fr_buf_char(&s->out, '\'');
    for (size_t i = 0; i < masked.len; i++)
        if (masked.data[i] == '\'')
            fr_buf_str(&s->out, "'\\''");
        else
            fr_buf_char(&s->out, masked.data[i]);
    fr_buf_char(&s->out, '\'');
    fr_buf_release(&masked);
}

/* The place of a word in text, when it is nearer than `near`. */
static const char *nearer(const char *text, const char *word, const char *near)
{
    const char *at = word && *word ? strstr(text, word) : NULL;
    return at && (!near || at < near) ? at : near;
}

/* Adds a word of the shell: secrets by their names, the private output file by a place that is there. */
static void add_word(struct script *s, const char *text)
{
    const struct fr_plan *plan = s->repro->plan;
    const struct fr_job *job = s->failure->job;
    bool empty = true;
    while (*text || empty) {
        const char *secret = NULL, *found = NULL;
        for (uint32_t i = 0; i < plan->secret_count; i++) {
            const char *at = nearer(text, value_of(job, plan->secrets[i]), found);
            secret = at != found ? plan->secrets[i] : secret;
            found = at;
        }
        const char *file = nearer(text, job->file_tmp, found);
        bool is_file = file && file != found;
        found = file;
        size_t len = found ? (size_t)(found - text) : strlen(text);
        if (len || (!found && empty))
            add_quoted(s, text, len);
        empty = false;
        text += len;
        if (is_file) {
            add_quoted(s, s->made, strlen(s->made));
            text += strlen(job->file_tmp);
        } else if (found) {
            fr_buf_printf(&s->out, "\"${%s:?}\"", secret);
            text += strlen(value_of(job, secret));
        }
    }
}

/* Whether a name can stand in a shell's assignment. */
static bool is_name(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = name[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(i && c >= '0' && c <= '9'))
            return false;
    }
    return len > 0;
}

/* Whether a variable is one of the workflow's secrets. */
static bool is_secret(const struct fr_plan *plan, const char *pair, size_t len)
{
    for (uint32_t i = 0; i < plan->secret_count; i++)
        if (strlen(plan->secrets[i]) == len && strncmp(plan->secrets[i], pair, len) == 0)
            return true;
    return false;
}

/* Adds the environment. */
static void add_env(struct script *s)
{
    const struct fr_plan *plan = s->repro->plan;
    for (uint32_t i = 0; i < plan->secret_count; i++)
        if (value_of(s->failure->job, plan->secrets[i]))
            fr_buf_printf(&s->out, "export %s=\"${%s:?}\"\n", plan->secrets[i], plan->secrets[i]);
    for (const char *const *pair = s->failure->given; *pair; pair++) {
        size_t len = strcspn(*pair, "=");
        if (!is_name(*pair, len) || is_secret(plan, *pair, len))
            continue;
        fr_buf_printf(&s->out, "export %.*s=", (int)len, *pair);
        add_word(s, *pair + len + 1);
        fr_buf_char(&s->out, '\n');
    }
    if (s->made) {
        fr_buf_str(&s->out, "export FLOWRUN_OUTPUT_FILE=");
        add_quoted(s, s->made, strlen(s->made));
        fr_buf_char(&s->out, '\n');
    }
}

/* "<stem><ending>", owned. */
static char *beside(const struct script *s, const char *ending)
{
    struct fr_buf path;
    fr_buf_init(&path, 0);
    fr_buf_printf(&path, "%s%s", s->stem, ending);
    return fr_buf_take(&path, NULL);
}

/* Writes bytes, masked, beside the script; its path, owned, or NULL. */
static char *keep_beside(const struct script *s, const char *ending, const char *data, size_t len)
{
    struct fr_buf masked;
    char *path = beside(s, ending);
    fr_buf_init(&masked, 0);
    if (s->repro->mask) {
        fr_mask_text(s->repro->mask, data, len, false, &masked);
        data = fr_buf_cstr(&masked);
        len = masked.len;
    }
    if (fr_write_file(path, data, len, 0600) != 0) {
        free(path);
        path = NULL;
    }
    fr_buf_release(&masked);
    return path;
}

/* The same with what is in a file. */
static char *keep_file_beside(const struct script *s, const char *ending, const char *from)
{
    struct fr_buf bytes;
    char *path = NULL;
    fr_buf_init(&bytes, STDIN_MAX);
    if (fr_read_file(from, &bytes) == 0)
        path = keep_beside(s, ending, fr_buf_cstr(&bytes), bytes.len);
    fr_buf_release(&bytes);
    return path;
}

/* Adds the command, and what it reads. */
static void add_command(struct script *s)
{
    const struct fr_job *job = s->failure->job;
    char *path = NULL;
    for (const char *const *arg = job->argv; *arg; arg++) {
        if (arg != job->argv)
            fr_buf_char(&s->out, ' ');
        add_word(s, *arg);
    }
    if (job->stdin_kind == FR_STDIN_BYTES)
        path = keep_beside(s, ".stdin", job->stdin_data, job->stdin_len);
    else if (job->stdin_kind == FR_STDIN_FILE)
        path = keep_file_beside(s, ".stdin", job->stdin_path);
    if (path) {
        fr_buf_str(&s->out, " <");
        add_quoted(s, path, strlen(path));
    } else if (job->stdin_kind != FR_STDIN_TTY) {
        fr_buf_str(&s->out, " </dev/null");
    }
    fr_buf_char(&s->out, '\n');
    free(path);
}

/* Fills the script. */
static void fill(struct script *s)
{
    char *input =
        s->failure->input_path ? keep_file_beside(s, ".input.json", s->failure->input_path) : NULL;
    fr_buf_printf(&s->out,
                  "#!/bin/sh\n# Runs step '%s' of run %s again alone, as it was when it "
                  "failed. Secrets are asked of the environment.\ncd ",
                  s->failure->id, s->repro->run_id);
    add_quoted(s, s->failure->job->cwd, strlen(s->failure->job->cwd));
    fr_buf_str(&s->out, " || exit\nFLOWRUN_TMPDIR=$(mktemp -d) || exit\nexport FLOWRUN_TMPDIR\n"
                        "trap 'rm -rf \"$FLOWRUN_TMPDIR\"' EXIT\n"
                        "export FLOWRUN_COMMAND=\"$FLOWRUN_TMPDIR/command\"\n");
    fr_buf_printf(&s->out, "export FLOWRUN_RUN_ID=%s-again\n", s->repro->run_id);
    if (input) {
        fr_buf_str(&s->out, "export FLOWRUN_INPUT=");
        add_quoted(s, input, strlen(input));
        fr_buf_char(&s->out, '\n');
    }
    add_env(s);
    add_command(s);
    free(input);
}

/* "<folder>/repro-<step>": what cannot be part of a file's name is written as %xx. */
static char *make_stem(const struct memory_repro *repro, const char *id)
{
    struct fr_buf path;
    fr_buf_init(&path, 0);
    fr_buf_printf(&path, "%s/repro-", repro->folder);
    for (const char *c = id; *c; c++)
        if (*c == '/' || *c == '%')
            fr_buf_printf(&path, "%%%02x", (unsigned char)*c);
        else
            fr_buf_char(&path, *c);
    return fr_buf_take(&path, NULL);
}

char *memory_repro(const struct memory_repro *repro, const struct fr_failure *failure)
{
    struct script s = {.repro = repro, .failure = failure};
    s.stem = make_stem(repro, failure->id);
    s.made = failure->job->file_tmp ? beside(&s, ".out") : NULL;
    char *path = beside(&s, ".sh");
    fr_buf_init(&s.out, 0);
    fill(&s);
    if (fr_write_file(path, fr_buf_cstr(&s.out), s.out.len, 0700) != 0) {
        free(path);
        path = NULL;
    }
    fr_buf_release(&s.out);
    free(s.stem);
    free(s.made);
    return path;
}
