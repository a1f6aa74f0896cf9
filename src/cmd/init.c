/* `flowrun init`: writes a small workflow to begin with. Main thread. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "editor.h"
#include "flowrun/base/fd.h"
#include "flowrun/base/shell.h"
#include "flowrun/base/str.h"
#include "flowrun/ui/progress.h"
#include "templates.h"

enum { MOST_TEMPLATES = 32 };

void cmd_list_templates(void)
{
    puts("\ntemplates:");
    for (const struct template *one = cmd_templates; one->name; one++)
        printf("  %-10s %s%s\n", one->name, one->about, one == cmd_templates ? " (default)" : "");
}

/* The template called so; NULL after saying what there is. */
static const struct template *find(const char *name)
{
    const char *names[MOST_TEMPLATES];
    size_t count = 0;
    if (!name)
        return &cmd_templates[0];
    for (const struct template *one = cmd_templates; one->name; one++) {
        if (strcmp(one->name, name) == 0)
            return one;
        if (count < MOST_TEMPLATES)
            names[count++] = one->name;
    }
    const char *near = fr_suggest(name, names, count);
    cmd_fail(CMD_USAGE, "there is no template '%s'%s%s%s", name, near ? ": did you mean '" : "",
             near ? near : ": `flowrun help init` lists them", near ? "'?" : "");
    return NULL;
}

/* Writes a file that must not be there. */
static int write_new(const char *path, const struct fr_buf *text)
{
    int fd = fr_open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (fd == -EEXIST)
        return cmd_fail(CMD_USAGE, "'%s' is there already: name another file, or take it away",
                        path);
    if (fd < 0)
        return cmd_fail(CMD_FAILED, "cannot write '%s': %s", path, strerror(-fd));
    int err = fr_write_all(fd, text->data, text->len);
    fr_close(&fd);
    if (err == 0)
        return CMD_OK;
    (void)unlink(path);
    return cmd_fail(CMD_FAILED, "cannot write '%s': %s", path, strerror(-err));
}

/* What stands behind `flowrun` to name the file: nothing for flowrun.yaml. */
static void add_operand(const char *path, struct fr_buf *out)
{
    if (strcmp(path, "flowrun.yaml") == 0)
        return;
    fr_buf_char(out, ' ');
    if (strcmp(path, "-") == 0)
        fr_buf_str(out, "FILE");
    else
        fr_shell_word(path, out);
}

/* Appends the text of a template, with the file's name where its comments tell how to run it. */
static void add_text(const struct template *one, const char *operand, struct fr_buf *out)
{
    for (const char *c = one->text; *c; c++) {
        if (*c == '\1')
            fr_visible_line(operand, out);
        else
            fr_buf_char(out, *c);
    }
}

int cmd_init(const struct cmd *cmd, struct cmd_opts *opts)
{
    const char *path = opts->file_count ? opts->files[0] : "flowrun.yaml";
    const struct template *one = find(opts->template);
    struct fr_buf operand, text;
    int code;

    (void)cmd;
    if (!one)
        return CMD_USAGE;
    fr_buf_init(&operand, 0);
    fr_buf_init(&text, 0);
    add_operand(path, &operand);
    cmd_editor_line(&text);
    add_text(one, fr_buf_cstr(&operand), &text);
    if (strcmp(path, "-") == 0)
        code = cmd_write_stdout(&text, CMD_OK);
    else
        code = write_new(path, &text);
    if (!code && strcmp(path, "-") != 0)
        cmd_fail(CMD_OK, "wrote %s: look at it with `flowrun plan%s`, run it with `flowrun%s`",
                 path, fr_buf_cstr(&operand), fr_buf_cstr(&operand));
    fr_buf_release(&text);
    fr_buf_release(&operand);
    return code;
}
