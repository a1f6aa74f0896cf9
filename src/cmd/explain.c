/* `flowrun explain RUN STEP`: why a step ran, waited, or ended as it did, from what was recorded when it happened. Main
 * thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/json.h"
#include "flowrun/base/str.h"
#include "flowrun/ui/progress.h"
#include "history.h"

/* What is known of the step. */
struct story {
    const char *step;
    bool json, found, over;
    char run_id[64], run_status[32], status[32];
    char *began, *because; /* owned; NULL = nothing was said */
    struct fr_buf moves;
    const char **names; /* owned, and each of them */
    size_t name_count;
    uint32_t events;
};

static void take_run(void *arg, const struct fr_kept_run *run)
{
    struct story *story = arg;
    snprintf(story->run_id, sizeof story->run_id, "%s", run->id);
    snprintf(story->run_status, sizeof story->run_status, "%s", run->status);
    story->over = strcmp(run->status, "running") != 0 && strcmp(run->status, "suspended") != 0;
}

/* Replaces a text. */
static void set(char **to, const char *text)
{
    free(*to);
    *to = text ? strdup(text) : NULL;
}

static void take_step(void *arg, const struct fr_kept_step *step)
{
    struct story *story = arg;
    if (strcmp(step->id, story->step) != 0) {
        story->names = realloc(story->names, (story->name_count + 1) * sizeof *story->names);
        if (!story->names)
            abort();
        story->names[story->name_count++] = strdup(step->id);
        return;
    }
    bool lasts = strcmp(step->status, "running") == 0 || strcmp(step->status, "waiting") == 0;
    story->found = true;
    snprintf(story->status, sizeof story->status, "%s",
             lasts && story->over ? "unknown" : step->status);
}

/* A line about what happened. */
static void add_line(struct story *story, const struct fr_kept_move *move)
{
    struct fr_buf *out = &story->moves;
    char time[40];
    fr_buf_printf(out, "  %s  ", fr_format_time(move->wall_ns, time, sizeof time));
    if (move->to)
        fr_buf_printf(out, "%s -> %s", move->from ? move->from : "", move->to);
    else
        fr_buf_str(out, move->kind);
    if (move->delay_ns)
        fr_buf_printf(out, " in %s", fr_format_duration(move->delay_ns, time, sizeof time));
    if (move->text) {
        fr_buf_str(out, "  ");
        fr_visible_line(move->text, out);
    }
    fr_buf_char(out, '\n');
}

static void take_move(void *arg, const struct fr_kept_move *move)
{
    struct story *story = arg;
    if (!move->step || strcmp(move->step, story->step) != 0)
        return;
    if (move->to && strcmp(move->from ? move->from : "", "pending") == 0 && move->text)
        set(&story->began, move->text);
    if (move->to)
        set(&story->because, move->text);
    if (story->json) {
        if (story->events++)
            fr_buf_char(&story->moves, ',');
        cmd_event_json(move, &story->moves);
    } else {
        add_line(story, move);
    }
}

/* What it comes to, in a line: a success needs no other reason than that it began. */
static const char *reason(const struct story *story)
{
    if (story->because)
        return story->because;
    return story->began;
}

static void write_story(const struct story *story, struct fr_buf *out)
{
    const char *why = reason(story);
    if (story->json) {
        fr_buf_char(out, '{');
        cmd_put_text(out, "run_id", story->run_id);
        fr_buf_char(out, ',');
        cmd_put_text(out, "step", story->step);
        fr_buf_char(out, ',');
        cmd_put_text(out, "status", story->status);
        fr_buf_char(out, ',');
        cmd_put_text(out, "began", story->began);
        fr_buf_char(out, ',');
        cmd_put_text(out, "because", why);
        fr_buf_printf(out, ",\"moves\":[%s]}\n", fr_buf_cstr(&story->moves));
        return;
    }
    fr_buf_printf(out, "step      %s\nstatus    %s\n", story->step, story->status);
    if (story->began && story->began != why && strcmp(story->began, why) != 0) {
        fr_buf_str(out, "began     ");
        fr_visible_line(story->began, out);
        fr_buf_char(out, '\n');
    }
    if (why) {
        fr_buf_str(out, "because   ");
        fr_visible_line(why, out);
        fr_buf_char(out, '\n');
    }
    fr_buf_printf(out, "history\n%s", fr_buf_cstr(&story->moves));
}

/* A step that has no row: it has not begun, or there is none. */
static int complain(const struct story *story)
{
    const char *near = fr_suggest(story->step, story->names, story->name_count);
    if (near)
        return cmd_fail(CMD_USAGE, "run %s has no step '%s' that has begun: did you mean '%s'?",
                        story->run_id, story->step, near);
    if (!story->over)
        return cmd_fail(CMD_USAGE,
                        "run %s is %s, and no step '%s' of it has begun: `flowrun graph %s` shows "
                        "what is before it",
                        story->run_id, story->run_status, story->step, story->run_id);
    return cmd_fail(CMD_USAGE, "run %s has no step '%s': `flowrun show %s` lists its steps",
                    story->run_id, story->step, story->run_id);
}

int cmd_explain(const struct cmd *cmd, struct cmd_opts *opts)
{
    struct story story = {.json = opts->output && strcmp(opts->output, "json") == 0};
    struct fr_store *store = NULL;
    struct fr_buf out;
    int64_t run = 0;

    if (opts->file_count < 2)
        return cmd_fail(CMD_USAGE,
                        "'explain' needs a RUN and a STEP, as `flowrun show` lists them");
    story.step = opts->files[1];
    fr_buf_init(&story.moves, 0);
    fr_buf_init(&out, 0);
    int code = cmd_run_open(cmd, opts, &store, &run);
    if (!code && (fr_history_run(store, run, take_run, &story) ||
                  fr_history_steps(store, run, NULL, take_step, &story) ||
                  fr_history_moves(store, run, take_move, &story)))
        code = cmd_store_failed(store);
    if (!code && !story.found)
        code = complain(&story);
    if (!code) {
        write_story(&story, &out);
        code = cmd_write_stdout(&out, code);
    }
    for (size_t i = 0; i < story.name_count; i++)
        free((char *)(uintptr_t)story.names[i]);
    free(story.names);
    free(story.began);
    free(story.because);
    fr_buf_release(&story.moves);
    fr_buf_release(&out);
    fr_store_close(store);
    return code;
}
