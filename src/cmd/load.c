/* What all commands that read a workflow file share: finding it, reading standard
 * input, printing diagnostics. Main thread. */
#include "ci.h"
#include "cmd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "flowrun/ui/progress.h"
#include "secrets.h"

/* One line on stderr with our name before it. */
int cmd_fail(int code, const char *fmt, ...)
{
    struct fr_buf text, line;
    va_list args;

    fr_buf_init(&text, 0);
    fr_buf_init(&line, 0);
    va_start(args, fmt);
    fr_buf_vprintf(&text, fmt, args);
    va_end(args);
    fr_buf_str(&line, "flowrun: ");
    fr_visible_line(fr_buf_cstr(&text), &line);
    fr_buf_char(&line, '\n');
    fr_buf_release(&text);
    cmd_ci_say(line.data, line.len);
    fr_buf_release(&line);
    return code;
}

/* A reader that went away (`flowrun … | head`) wants no more; any other failure loses a result. */
int cmd_write_stdout(const struct fr_buf *buf, int code)
{
    int err = buf->len ? fr_write_all(STDOUT_FILENO, buf->data, buf->len) : 0;
    if (err == 0 || err == -EPIPE)
        return code;
    return cmd_fail(CMD_FAILED, "cannot write to standard output: %s", strerror(-err));
}

int cmd_exit_of(enum fr_err err)
{
    switch (err) {
    case FR_OK:
        return CMD_OK;
    case FR_ERR_USAGE:
        return CMD_USAGE;
    case FR_ERR_INVALID:
    case FR_ERR_LIMIT:
        return CMD_INVALID;
    case FR_ERR_MISSING:
        return CMD_MISSING;
    case FR_ERR_IO:
        return CMD_FAILED;
    default:
        return CMD_INTERNAL;
    }
}

/* Reads standard input as the workflow's text. */
static int read_stdin(struct cmd_file *file)
{
    struct fr_buf text;
    fr_buf_init(&text, (size_t)1 << 30);
    int err = fr_read_all(STDIN_FILENO, &text);
    if (err) {
        fr_buf_release(&text);
        return cmd_fail(CMD_MISSING, "cannot read standard input: %s", strerror(-err));
    }
    file->text = fr_buf_take(&text, &file->load.text_len);
    file->load.text = file->text;
    return CMD_OK;
}

/* The command that a word which is no file comes near to, or NULL. */
static const char *near_command(const char *word)
{
    const char *names[32];
    size_t count = 0;
    for (const struct cmd *cmd = cmd_table; cmd->name && count < 32; cmd++)
        names[count++] = cmd->name;
    return strpbrk(word, "./") ? NULL : fr_suggest(word, names, count);
}

/* Says that a word is no file, with the command that was perhaps meant. */
static int say_misspelt(const char *word, const char *near)
{
    if (strcmp(word, near) == 0)
        return cmd_fail(CMD_USAGE, "there is no file '%s': the command is `flowrun %s`", word,
                        word);
    return cmd_fail(CMD_USAGE, "there is no file or command '%s': did you mean '%s'?", word, near);
}

bool cmd_is_misspelt(const char *word, const struct cmd *cmd)
{
    const char *near = access(word, F_OK) != 0 ? near_command(word) : NULL;
    if (!near || strcmp(cmd->name, "run") != 0)
        return false;
    say_misspelt(word, near);
    return true;
}

/* Says that there is no such file, and what was perhaps meant. */
static int no_file(const char *name, bool by_default)
{
    if (by_default)
        return cmd_fail(
            CMD_USAGE,
            "there is no flowrun.yaml here: name a workflow file, or see `flowrun help`");
    const char *near = near_command(name);
    if (near)
        return say_misspelt(name, near);
    return cmd_fail(CMD_USAGE, "cannot read '%s': %s", name, strerror(errno));
}

/* Whether a file can be read; errno says why not. */
static bool is_readable(const char *name)
{
    struct stat st;
    if (access(name, R_OK) != 0 || stat(name, &st) != 0)
        return false;
    errno = EISDIR;
    return !S_ISDIR(st.st_mode);
}

int cmd_file_open(const struct cmd_opts *opts, const char *name, struct cmd_file *file)
{
    memset(file, 0, sizeof *file);
    file->load.file = name ? name : "flowrun.yaml";
    file->load.catalogs = opts->catalogs;
    file->load.catalog_count = opts->catalog_count;
    file->load.params = opts->params;
    file->load.states = opts->states;
    file->load.state_count = opts->state_count;
    file->load.param_count = opts->param_count;
    file->load.cwd = opts->cwd;
    file->load.validate_only = opts->without_values;
    if (opts->cwd && access(opts->cwd, X_OK) != 0)
        return cmd_fail(CMD_USAGE, "-C/--directory: cannot use folder '%s': %s", opts->cwd,
                        strerror(errno));
    file->load.text = opts->text;
    file->load.text_len = opts->text_len;
    if (opts->text)
        return CMD_OK;
    if (strcmp(file->load.file, "-") == 0)
        return read_stdin(file);
    if (!is_readable(file->load.file))
        return no_file(file->load.file, name == NULL);
    return CMD_OK;
}

void cmd_file_close(struct cmd_file *file)
{
    free(file->text);
    free(file->cwd);
    memset(file, 0, sizeof *file);
}

void cmd_print_diags(struct fr_diags *diags, const struct cmd_file *file, bool color)
{
    struct fr_diag_source source = {file->load.file, file->load.text, file->load.text_len};
    struct fr_buf out;

    fr_diags_sort(diags);
    fr_buf_init(&out, 0);
    fr_diags_render(diags, file->load.text ? &source : NULL, color, &out);
    if (diags->errors + diags->warnings > diags->count)
        fr_buf_printf(&out, "flowrun: and %zu more problems\n",
                      diags->errors + diags->warnings - diags->count);
    cmd_ci_problems(diags, &out);
    cmd_ci_say(fr_buf_cstr(&out), out.len);
    fr_buf_release(&out);
}

int cmd_load_plan(const struct cmd_opts *opts, const char *name, struct cmd_file *file,
                  struct fr_plan **plan)
{
    struct fr_diags diags;
    int code = cmd_file_open(opts, name, file);

    *plan = NULL;
    if (code)
        return code;
    fr_diags_init(&diags);
    enum fr_err err = fr_plan_load(&file->load, &diags, plan);
    cmd_secrets_hide(&file->load, *plan);
    cmd_print_diags(&diags, file, cmd_use_color(opts, STDERR_FILENO));
    fr_diags_release(&diags);
    return cmd_exit_of(err);
}
