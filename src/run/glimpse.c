/* Looking at steps while they run: what their processes have printed and said so far. Nothing is taken from them; what
 * counts is read when they have ended. Coordinator thread. */
#include "flowrun/run/glimpse.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "jobmaker.h"

enum {
    COMMANDS_READ = 4096
}; /* bytes at the end of the file: enough for the last progress of most */

/* Takes a line when it is a well-formed `progress`; what is not is told when the process has ended. */
static bool take_progress(const char *line, size_t len, struct fr_glimpse *glimpse)
{
    struct json_object *command = NULL, *progress = NULL, *message = NULL;
    bool good = memmem(line, len, "\"progress\"", 10) &&
                fr_json_parse(line, len, &command, NULL, 0) &&
                json_object_is_type(command, json_type_object) &&
                json_object_object_get_ex(command, "progress", &progress) &&
                (json_object_is_type(progress, json_type_int) ||
                 json_object_is_type(progress, json_type_double));
    double value = good ? json_object_get_double(progress) : -1;
    good = value >= 0 && value <= 1;
    if (good) {
        glimpse->progress = value;
        if (json_object_object_get_ex(command, "message", &message) &&
            json_object_is_type(message, json_type_string))
            snprintf(glimpse->message, sizeof(glimpse->message), "%s",
                     json_object_get_string(message));
    }
    json_object_put(command);
    return good;
}

/* Finds the last progress among whole lines. */
static void find_progress(const char *text, size_t len, struct fr_glimpse *glimpse)
{
    const char *end = memrchr(text, '\n', len);
    while (end) {
        const char *before = memrchr(text, '\n', (size_t)(end - text));
        const char *line = before ? before + 1 : text;
        if (take_progress(line, (size_t)(end - line), glimpse))
            return;
        end = before;
    }
}

/* Looks into the file that the process may write commands to; most never make it. */
static void look_at_commands(const struct coord *c, uint64_t job_id, struct fr_glimpse *glimpse)
{
    char text[COMMANDS_READ], *path = NULL;
    struct stat st;
    if (asprintf(&path, COMMAND_FILE, c->options->run_dir, job_id) < 0)
        return;
    int fd = fr_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        off_t from = st.st_size > COMMANDS_READ ? st.st_size - COMMANDS_READ : 0;
        ssize_t n = pread(fd, text, sizeof(text), from);
        if (n > 0)
            find_progress(text, (size_t)n, glimpse);
    }
    fr_close(&fd);
    free(path);
}

bool fr_run_glimpse(const struct fr_run *run, const struct fr_step *step,
                    struct fr_glimpse *glimpse)
{
    const struct coord *c = run->coord;
    const struct active *t = c ? c->tasks[step->index] : NULL;
    glimpse->progress = -1;
    glimpse->message[0] = '\0';
    glimpse->output_len = 0;
    glimpse->output_cut = false;
    if (!t || t->phase != STEP_RUNNING || !c->executor)
        return false;
    look_at_commands(c, t->job_id, glimpse);
    if (c->executor->peek)
        glimpse->output_len =
            c->executor->peek(c->executor, t->job_id, glimpse->output, &glimpse->output_cut);
    return true;
}

int64_t fr_run_asked_to_end(const struct fr_run *run, const struct fr_step *step, bool *at_once)
{
    const struct active *t = run->coord ? run->coord->tasks[step->index] : NULL;
    bool asked = t && t->phase == STEP_RUNNING && t->cancel != FR_CANCEL_NONE;
    *at_once = asked && t->killed;
    return asked ? t->cancelled_ns : 0;
}
