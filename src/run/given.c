/* The files that steps find at $FLOWRUN_INPUT: an input as JSON. One file for each
 * distinct small value of the run; a large one has a file while steps use it. They lie in
 * the run's folder and go with it. Coordinator thread. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/fd.h"
#include "phases.h"
#include "turns.h"

enum { SMALL = 1024 }; /* bytes of JSON up to which contents are compared */

/* A new path in the run's folder; owned. */
static char *new_path(struct coord *c)
{
    char *path = NULL;
    if (asprintf(&path, "%s/input-%u.json", c->options->run_dir, ++c->input_files) < 0)
        abort();
    return path;
}

/* Writes one piece of text to a new file. */
static int write_text(const char *path, const char *text, size_t len)
{
    int fd = fr_open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return fd;
    int err = fr_write_all(fd, text, len);
    fr_close(&fd);
    return err;
}

/* The file of a small value: the one of an equal value, or a new one. */
static int small_file(struct coord *c, struct fr_value *value, const char *text, size_t len)
{
    char *path = fr_map_getn(&c->inputs, text, len);
    if (!path) {
        path = new_path(c);
        int err = write_text(path, text, len);
        if (err) {
            free(path);
            return err;
        }
        fr_map_put(&c->inputs, fr_strndup(&c->arena, text, len), path);
    }
    char *copy = strdup(path);
    if (!copy)
        abort();
    value_set_input_path(value, copy, false);
    return 0;
}

/* The file of a large value: its own. */
static int large_file(struct coord *c, struct fr_value *value, const char *text, size_t len)
{
    char *path = new_path(c);
    int err = write_text(path, text, len);
    if (err) {
        free(path);
        return err;
    }
    value_set_input_path(value, path, true);
    return 0;
}

/* Whether values like this one are as many as the items of a batch, so that their files must not stay. */
static bool is_one_of_many(const struct coord *c, const struct active *t)
{
    return c->run->repeats && repeat_frame(c->plan, active_step(c, t)) &&
           fr_value_kind(t->input) != FR_VALUE_NULL;
}

/* Makes the file of a value. */
static int make_file(struct coord *c, const struct active *t)
{
    struct fr_value *value = t->input;
    struct fr_buf text;
    size_t len;
    int err = 0;
    const char *bytes = fr_value_bytes(value, true, &len);
    fr_buf_init(&text, 0);
    if (!bytes) {
        err = fr_value_add_json(value, &text) ? -ENOMEM : 0;
        bytes = fr_buf_cstr(&text);
        len = text.len;
    }
    if (err)
        ;
    else if (len <= SMALL && !is_one_of_many(c, t))
        err = small_file(c, value, bytes, len);
    else
        err = large_file(c, value, bytes, len);
    fr_buf_release(&text);
    return err;
}

/* The file of a spilled value takes its time: the worker writes it, one for each job. */
static const char *leave_to_worker(struct coord *c, const struct active *t, struct fr_job *job)
{
    char *path = new_path(c);
    job->input_from = fr_strdup(&job->arena, fr_value_path(t->input));
    job->input_to = fr_strdup(&job->arena, path);
    free(path);
    return job->input_to;
}

/* Path of the file with the task's input. NULL with errno when it cannot be written, and with errno 0 when the input
 * is too large to be written again as JSON for a step that most likely reads its stdin. */
const char *given_file(struct coord *c, struct active *t, struct fr_job *job)
{
    errno = 0;
    if (!t->input)
        t->input = fr_value_null();
    if (fr_value_kind(t->input) == FR_VALUE_FILE)
        return fr_value_size(t->input) <= FR_VALUE_PARSE_LIMIT ? leave_to_worker(c, t, job) : NULL;
    if (!value_input_path(t->input)) {
        int err = make_file(c, t);
        if (err) {
            errno = -err;
            return NULL;
        }
    }
    if (!t->uses_input_file) {
        t->uses_input_file = true;
        value_input_use(t->input);
    }
    return value_input_path(t->input);
}

/* Forgets the files; the run's folder is removed by whoever made it. */
void given_release(struct coord *c)
{
    for (uint32_t i = 0; i < c->inputs.count; i++)
        free(c->inputs.entries[i].value);
    fr_map_release(&c->inputs);
    value_forget_inputs();
}
