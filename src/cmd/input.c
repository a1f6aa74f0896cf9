/* The run's input as --input gives it. Main thread. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "flowrun/base/fd.h"
#include "flowrun/run/value.h"

enum { INPUT_LIMIT = 256 << 20 };

/* Reads a descriptor or file whole. */
static int read_whole(const char *path, struct fr_buf *buf)
{
    int err = path ? fr_read_file(path, buf) : fr_read_all(STDIN_FILENO, buf);
    if (!err)
        return CMD_OK;
    return cmd_fail(CMD_USAGE, "--input: cannot read %s%s%s: %s", path ? "'" : "",
                    path ? path : "standard input", path ? "'" : "", strerror(-err));
}

/* A file whose name ends in .json is JSON; all else is text, of which one final newline is dropped. */
static int value_of(const char *path, struct fr_buf *buf, struct fr_value **input)
{
    char why[160];
    const char *ext = path ? fr_path_ext(path) : NULL;
    if (ext && strcmp(ext, ".json") == 0) {
        size_t size = 0;
        char *data = fr_buf_take(buf, &size);
        *input = fr_value_json_parse(data, size, why, sizeof why);
        if (*input)
            return CMD_OK;
        return cmd_fail(CMD_USAGE, "--input: '%s' is no JSON: %s", path, why);
    }
    size_t len = buf->len;
    if (len && buf->data[len - 1] == '\n')
        len--;
    *input = fr_value_json(json_object_new_string_len(fr_buf_cstr(buf), (int)len));
    return CMD_OK;
}

int cmd_read_input(const struct cmd_opts *opts, struct fr_value **input)
{
    const char *text = opts->input;
    const char *path = NULL;
    struct fr_buf buf;
    int code;

    *input = NULL;
    if (strncmp(text, "@@", 2) == 0 || (*text != '@' && strcmp(text, "-") != 0)) {
        *input = fr_value_string(text + (*text == '@'));
        return CMD_OK;
    }
    if (*text == '@')
        path = text + 1;
    else if (opts->file_count && strcmp(opts->files[0], "-") == 0)
        return cmd_fail(CMD_USAGE, "standard input cannot be both the workflow and its input");
    fr_buf_init(&buf, INPUT_LIMIT);
    code = read_whole(path, &buf);
    if (!code)
        code = value_of(path, &buf, input);
    fr_buf_release(&buf);
    return code;
}
