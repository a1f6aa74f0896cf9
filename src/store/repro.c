/* A script that runs a failed step again alone: its folder, its arguments, what it read, and what the file gives of its
 * environment. Secrets are left out: the script refuses to run until the variables that hold them are set. Coordinator
 * thread. */
#include "repro.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/shell.h"
#include "flowrun/base/str.h"
#include "lock.h"

/* The value of a variable of the process; NULL = it has none. */
static const char *value_of(const struct fr_job *job, const char *name)
{
    size_t len = strlen(name);
    for (const char *const *pair = job->envp; *pair; pair++)
        if (strncmp(*pair, name, len) == 0 && (*pair)[len] == '=')
            return *pair + len + 1;
    return NULL;
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

bool repro_add_secret(struct repro_script *s, const char *name)
{
    const struct fr_plan *plan = s->repro->plan;
    for (uint32_t i = 0; name && i < plan->secret_count; i++)
        if (strcmp(plan->secrets[i], name) == 0 && is_name(name, strlen(name))) {
            s->needs[i] = true;
            fr_buf_printf(&s->body, "\"$flowrun_secret_%s\"", name);
            return true;
        }
    return false;
}

void repro_lose(struct repro_script *s, const char *what)
{
    if (!strstr(fr_buf_cstr(&s->lost), what))
        fr_buf_printf(&s->lost, "%s%s", s->lost.len ? ", " : "", what);
}

/* Adds a word of the shell: secrets by their names, the private output file by a place that is there. */
static void add_word(struct repro_script *s, const char *text, const char *what)
{
    const struct fr_job *job = s->failure->job;
    bool empty = true;
    while (*text || empty) {
        struct fr_masked secret = {0};
        size_t len = strlen(text);
        bool masked = fr_mask_find(s->repro->mask, text, len, &secret);
        const char *file = job->file_tmp && *job->file_tmp ? strstr(text, job->file_tmp) : NULL;
        bool is_file = file && (!masked || (size_t)(file - text) <= secret.at);
        size_t plain = is_file ? (size_t)(file - text) : masked ? secret.at : len;
        if (plain || !len)
            fr_shell_quote(text, plain, &s->body);
        empty = false;
        text += plain;
        if (is_file) {
            fr_shell_quote(s->made, strlen(s->made), &s->body);
            text += strlen(job->file_tmp);
        } else if (masked) {
            if (!repro_add_secret(s, secret.name)) {
                fr_buf_str(&s->body, "'***'");
                repro_lose(s, what);
            }
            text += secret.len;
        }
    }
}

/* Whether a variable is one of the workflow's secrets. */
static bool is_secret(const struct fr_plan *plan, const char *pair, size_t len)
{
    for (uint32_t i = 0; i < plan->secret_count; i++)
        if (strlen(plan->secrets[i]) == len && strncmp(plan->secrets[i], pair, len) == 0)
            return true;
    return false;
}

/* Adds a variable that the file gives. A secret that it gives as a whole is asked for; one that is made with others, not. */
static void add_given(struct repro_script *s, const char *pair)
{
    struct fr_masked found = {0};
    size_t len = strcspn(pair, "=");
    const char *value = pair + len + 1;
    if (!is_name(pair, len))
        return;
    char *name = strndup(pair, len);
    if (!name)
        abort();
    bool masked = fr_mask_find(s->repro->mask, value, strlen(value), &found);
    bool whole = !masked || (found.len == strlen(value) && fr_str_eq(found.name, name));
    fr_buf_printf(&s->body, "    export %s=", name);
    if (is_secret(s->repro->plan, pair, len) && whole)
        (void)repro_add_secret(s, name);
    else
        add_word(s, value, name);
    fr_buf_char(&s->body, '\n');
    free(name);
}

/* Adds the environment. */
static void add_env(struct repro_script *s)
{
    const struct fr_plan *plan = s->repro->plan;
    for (uint32_t i = 0; i < plan->secret_count; i++) {
        const char *name = plan->secrets[i];
        if (!is_name(name, strlen(name)) || !value_of(s->failure->job, name))
            continue;
        fr_buf_printf(&s->body, "    export %s=", name);
        (void)repro_add_secret(s, name);
        fr_buf_char(&s->body, '\n');
    }
    for (const char *const *pair = s->failure->given; *pair; pair++)
        add_given(s, *pair);
    if (s->made) {
        fr_buf_str(&s->body, "    export FLOWRUN_OUTPUT_FILE=");
        fr_shell_quote(s->made, strlen(s->made), &s->body);
        fr_buf_char(&s->body, '\n');
    }
}

char *repro_beside(const struct repro_script *s, const char *ending)
{
    struct fr_buf path;
    fr_buf_init(&path, 0);
    fr_buf_printf(&path, "%s%s", s->stem, ending);
    return fr_buf_take(&path, NULL);
}

/* Adds a line that ends the script, since something of the step could not be kept. */
static void give_up(struct repro_script *s, const char *what, int err)
{
    fr_buf_str(&s->body, "echo ");
    fr_shell_quote(what, strlen(what), &s->body);
    fr_buf_str(&s->body, "' could not be kept: '");
    fr_shell_quote(strerror(-err), strlen(strerror(-err)), &s->body);
    fr_buf_str(&s->body, " >&2\nexit 2\n");
}

/* Keeps what the process reads; the word for it, owned, or NULL. */
static char *keep_stdin(struct repro_script *s)
{
    const struct fr_job *job = s->failure->job;
    char *word = NULL;
    int err = 0;
    if (job->stdin_kind == FR_STDIN_BYTES)
        err = repro_keep_bytes(s, "stdin", job->stdin_data, job->stdin_len, &word);
    else if (job->stdin_kind == FR_STDIN_FILE)
        err = repro_keep_file(s, "stdin", job->stdin_path, &word);
    if (err)
        give_up(s, "what the step read", err);
    return word;
}

/* Adds the command with its environment, and what follows it. */
static void add_command(struct repro_script *s)
{
    static const char told[] = "flowrun_status=$?\n"
                               "if [ -s \"$FLOWRUN_COMMAND\" ]; then\n"
                               "    echo 'what it wrote to $FLOWRUN_COMMAND:' >&2\n"
                               "    cat \"$FLOWRUN_COMMAND\" >&2\nfi\nexit \"$flowrun_status\"\n";
    const struct fr_job *job = s->failure->job;
    char *input = NULL, *word = keep_stdin(s);
    int err = s->failure->input_path
                  ? repro_keep_file(s, "input.json", s->failure->input_path, &input)
                  : 0;
    if (err)
        give_up(s, "its input, $FLOWRUN_INPUT,", err);
    fr_buf_str(&s->body, "(\n");
    if (input)
        fr_buf_printf(&s->body, "    export FLOWRUN_INPUT=%s\n", input);
    add_env(s);
    fr_buf_str(&s->body, "    exec");
    for (const char *const *arg = job->argv; *arg; arg++) {
        fr_buf_char(&s->body, ' ');
        add_word(s, *arg, "its arguments");
    }
    fr_buf_str(&s->body, "\n)");
    if (word)
        fr_buf_printf(&s->body, " <%s", word);
    else if (job->stdin_kind != FR_STDIN_TTY)
        fr_buf_str(&s->body, " </dev/null");
    fr_buf_printf(&s->body, "\n%s", told);
    free(word);
    free(input);
}

/* Adds a comment of one line. */
static void add_comment(struct fr_buf *out, const char *text)
{
    fr_buf_str(out, "# ");
    for (const char *c = text; *c; c++)
        fr_buf_char(out, (unsigned char)*c < ' ' ? ' ' : *c);
    fr_buf_char(out, '\n');
}

/* What the script asks for before it does anything. */
static void add_needs(const struct repro_script *s, struct fr_buf *out)
{
    const struct fr_plan *plan = s->repro->plan;
    for (uint32_t i = 0; i < plan->secret_count; i++)
        if (s->needs[i])
            fr_buf_printf(
                out,
                "flowrun_secret_%s=${%s:?set it: it is a secret of the workflow, which is "
                "not kept in this script}\n",
                plan->secrets[i], plan->secrets[i]);
    if (!s->lost.len)
        return;
    add_comment(out, "A secret stood here otherwise written, or in part, and *** is in its place:");
    add_comment(out, fr_buf_cstr(&s->lost));
    fr_buf_str(out,
               ": \"${FLOWRUN_MASKED_OK:?read the head of this script: put the secret in where "
               "*** stands, then set this to 1}\"\n");
}

/* What the script begins with: what it is, and what it needs. */
static void add_head(const struct repro_script *s, struct fr_buf *out)
{
    const char *id = s->failure->id;
    struct fr_buf line;
    fr_buf_init(&line, 0);
    fr_buf_str(&line, "Runs step '");
    fr_mask_text(s->repro->mask, id, strlen(id), false, &line);
    fr_buf_printf(&line, "' of run %s again alone, as it was when it failed.", s->repro->run_id);
    fr_buf_str(out, "#!/bin/sh\n");
    add_comment(out, fr_buf_cstr(&line));
    fr_buf_release(&line);
    add_needs(s, out);
}

/* Goes where the step ran, and makes the places that it had. */
static void add_places(struct repro_script *s)
{
    const char *folder = value_of(s->failure->job, "FLOWRUN_OUTPUT_DIR");
    struct fr_buf *out = &s->body;
    struct stat st;
    fr_buf_str(out, "cd ");
    add_word(s, s->failure->job->cwd, "its folder");
    fr_buf_str(out, " || { echo 'the step ran in this folder: make it again' >&2; exit 2; }\n");
    if (folder && stat(folder, &st) == 0 && S_ISDIR(st.st_mode)) {
        fr_buf_str(out, "mkdir -p ");
        add_word(s, folder, "its folder");
        fr_buf_str(out, " || exit\n");
    }
    fr_buf_str(out, "flowrun_repro=$(mktemp -d) || exit\n"
                    "trap 'rm -rf \"$flowrun_repro\"' EXIT\n"
                    "trap 'exit 129' HUP\ntrap 'exit 130' INT\ntrap 'exit 143' TERM\n"
                    "mkdir \"$flowrun_repro/tmp\" || exit\n"
                    "export FLOWRUN_TMPDIR=\"$flowrun_repro/tmp\"\n"
                    "export FLOWRUN_COMMAND=\"$flowrun_repro/command\"\n");
    fr_buf_printf(out, "export FLOWRUN_RUN_ID=%s-again\n", s->repro->run_id);
}

/* "<folder>/repro-<name>": what cannot be part of a file's name is written as %xx. */
static char *make_stem(const char *folder, const char *name)
{
    struct fr_buf path;
    fr_buf_init(&path, 0);
    fr_buf_printf(&path, "%s/repro-", folder);
    for (const char *c = name; *c; c++)
        if (*c == '/' || *c == '%' || (unsigned char)*c < ' ')
            fr_buf_printf(&path, "%%%02x", (unsigned char)*c);
        else
            fr_buf_char(&path, *c);
    return fr_buf_take(&path, NULL);
}

char *fr_store_repro(const struct fr_store *store, const char *run_id, const char *step)
{
    struct fr_buf path;
    char *folder = lock_run_folder(fr_store_path(store), run_id);
    char *stem = make_stem(folder, step);
    fr_buf_init(&path, 0);
    fr_buf_printf(&path, "%s.sh", stem);
    free(stem);
    free(folder);
    if (access(fr_buf_cstr(&path), X_OK) == 0)
        return fr_buf_take(&path, NULL);
    fr_buf_release(&path);
    return NULL;
}

/* "<stem>.<name of the file that the step makes>", so that its ending is the same, without secrets; owned, or NULL. */
static char *make_output(const struct repro_script *s)
{
    const struct fr_job *job = s->failure->job;
    const char *final = job->file_final ? job->file_final : "";
    struct fr_buf masked, ending;
    if (!job->file_tmp)
        return NULL;
    fr_buf_init(&masked, 0);
    fr_buf_init(&ending, 0);
    fr_mask_text(s->repro->mask, final, strlen(final), false, &masked);
    const char *name = strrchr(fr_buf_cstr(&masked), '/');
    fr_buf_printf(&ending, ".%s", name ? name + 1 : "out");
    char *path = repro_beside(s, fr_buf_cstr(&ending));
    fr_buf_release(&ending);
    fr_buf_release(&masked);
    return path;
}

char *memory_repro(const struct memory_repro *repro, const struct fr_failure *failure)
{
    struct repro_script s = {.repro = repro, .failure = failure};
    struct fr_buf text;
    char *name = fr_store_name(repro->mask, failure->id); /* a hash when a secret is in it */
    s.stem = make_stem(repro->folder, name);
    free(name);
    s.needs = calloc(repro->plan->secret_count + 1U, sizeof *s.needs);
    if (!s.needs)
        abort();
    s.made = make_output(&s);
    char *path = repro_beside(&s, ".sh");
    fr_buf_init(&s.body, 0);
    fr_buf_init(&s.lost, 0);
    fr_buf_init(&text, 0);
    add_places(&s);
    add_command(&s);
    add_head(&s, &text);
    fr_buf_add(&text, fr_buf_cstr(&s.body), s.body.len);
    if (fr_replace_file(path, fr_buf_cstr(&text), text.len, 0700) != 0) {
        free(path);
        path = NULL;
    }
    fr_buf_release(&s.body);
    fr_buf_release(&s.lost);
    fr_buf_release(&text);
    free(s.needs);
    free(s.stem);
    free(s.made);
    return path;
}
