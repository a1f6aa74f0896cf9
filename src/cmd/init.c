/* `flowrun init`: writes a small workflow to begin with. Main thread. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "editor.h"
#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
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

int cmd_init(const struct cmd *cmd, struct cmd_opts *opts)
{
    const char *path = opts->file_count ? opts->files[0] : "flowrun.yaml";
    const struct template *one = find(opts->template);
    struct fr_buf text;
    int code;

    (void)cmd;
    if (!one)
        return CMD_USAGE;
    fr_buf_init(&text, 0);
    cmd_editor_line(&text);
    fr_buf_str(&text, one->text);
    if (strcmp(path, "-") == 0)
        code = cmd_write_stdout(&text, CMD_OK);
    else
        code = write_new(path, &text);
    fr_buf_release(&text);
    if (!code && strcmp(path, "-") != 0) {
        bool usual = strcmp(path, "flowrun.yaml") == 0;
        cmd_fail(CMD_OK, "wrote %s: look at it with `flowrun plan%s%s`, run it with `flowrun%s%s`",
                 path, usual ? "" : " ", usual ? "" : path, usual ? "" : " ", usual ? "" : path);
    }
    return code;
}
