/* `flowrun explain RUN STEP`: why a step ran, waited, or ended as it did, from what was recorded when it happened. Main
 * thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/str.h"
#include "flowrun/run/event_line.h"
#include "flowrun/store/heads.h"
#include "flowrun/ui/progress.h"
#include "explain.h"

/* What is known of the step. */
struct story {
    const char *step;
    bool json, found, over;
    char from[64];      /* the run whose results this one began with; "" = none */
    bool gone_on, kept; /* its result is that of an attempt before, as `because` says */
    const struct fr_store *store;
    char run_id[64], run_status[32], status[32];
    char *began, *because,
        *again; /* owned; NULL = nothing was said; again: why what is kept was not taken */
    char *
        answered; /* who did, when and how; owned; NULL = nobody, or it is not why the step ended */
    char *repro;  /* the script that runs it again alone; owned; NULL = there is none */
    char *waits;  /* for what it waits now, and since when; owned; NULL = it does not */
    int64_t waits_since;
    char *open;      /* what became of its question meanwhile; owned; NULL = nothing */
    int64_t resumed; /* when the run was gone on with last, and no line says so yet; 0 = not so */
    struct fr_buf waited, moves;
    uint32_t events;
};

static void take_run(void *arg, const struct fr_kept_run *run)
{
    struct story *story = arg;
    snprintf(story->run_id, sizeof story->run_id, "%s", run->id);
    snprintf(story->from, sizeof story->from, "%s", run->resumed_from ? run->resumed_from : "");
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
    if (strcmp(step->id, story->step) != 0)
        return;
    struct fr_buf answered;
    fr_buf_init(&answered, 0);
    if (explain_answer(step, &answered))
        set(&story->answered, fr_buf_cstr(&answered));
    fr_buf_release(&answered);
    story->found = true;
    free(story->repro);
    story->repro = fr_kept_repro(story->store, story->run_id, step);
    snprintf(story->status, sizeof story->status, "%s", fr_kept_status(step, story->over));
}

/* Adds to a line how long the step was short of something. */
static void add_to_line(void *arg, int64_t ns, const char *what)
{
    char time[40];
    struct fr_buf *out = arg;
    fr_buf_printf(out, "; waited %s ", fr_format_duration(ns, time, sizeof time));
    fr_visible_line(what, out);
}

/* A line about what happened. */
static void add_line(struct story *story, const struct fr_kept_move *move)
{
    struct fr_buf *out = &story->moves;
    char time[40];
    if (story->resumed && out->len)
        fr_buf_printf(out, "  %s  the run was gone on with\n",
                      fr_format_time(story->resumed, time, sizeof time));
    story->resumed = 0;
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
    explain_waits(move, add_to_line, out);
    fr_buf_char(out, '\n');
}

/* What a step that begins to wait waits for: behind the last of these words, when it had not begun before. */
static const char waits_word[] = "; waits ";

/* Sets why it began, and what it waits for before it does anything. */
static void take_begin(struct story *story, const struct fr_kept_move *move)
{
    const char *cut = NULL;
    for (const char *at = strstr(move->text, waits_word); at; at = strstr(at + 1, waits_word))
        cut = at;
    if (strcmp(move->to, "waiting") != 0)
        cut = NULL;
    set(&story->began, move->text);
    if (cut)
        story->began[cut - move->text] = '\0';
    if (story->again) {
        struct fr_buf both;
        fr_buf_init(&both, 0);
        fr_buf_printf(&both, "%s; %s", story->began, story->again);
        set(&story->began, fr_buf_cstr(&both));
        set(&story->again, NULL);
        fr_buf_release(&both);
    }
    set(&story->waits, cut ? cut + strlen(waits_word) : NULL);
}

/* A wait that is over. */
static void add_wait(void *arg, int64_t ns, const char *what)
{
    struct story *story = arg;
    char time[40];
    if (story->json) {
        fr_buf_printf(&story->waited, "%s{\"seconds\":%.3f", story->waited.len ? "," : "",
                      (double)ns / FR_NS_PER_S);
        cmd_put_member(&story->waited, "for", what);
        fr_buf_char(&story->waited, '}');
    } else {
        fr_buf_printf(&story->waited, "waited    %s ", fr_format_duration(ns, time, sizeof time));
        fr_visible_line(what, &story->waited);
        fr_buf_char(&story->waited, '\n');
    }
}

/* It waits no more for what it said; what it was short of when that was over comes behind. */
static void end_wait(struct story *story, const struct fr_kept_move *move)
{
    int64_t took = move->wall_ns - story->waits_since - explain_waits(move, NULL, NULL);
    if (story->waits)
        add_wait(story, took > 0 ? took : 0, story->waits);
    set(&story->waits, NULL);
    explain_waits(move, add_wait, story);
}

/* Whether a step that waits goes on to wait for the same, in a run that was gone on with. */
static bool still_waits(const struct story *story, const struct fr_kept_move *move)
{
    const char *at = story->waits && move->text ? strstr(move->text, waits_word) : NULL;
    return at && strcmp(move->to, "waiting") == 0 &&
           strcmp(at + strlen(waits_word), story->waits) == 0;
}

/* The step's status changed. */
static void take_status(struct story *story, const struct fr_kept_move *move)
{
    bool begins = move->from && strcmp(move->from, "pending") == 0;
    if (still_waits(story, move))
        return;
    if (fr_str_eq(move->text, FR_KEPT_REASON))
        set(&story->waits, NULL); /* it was waited for in the attempt that is kept */
    end_wait(story, move);
    if (begins && move->text)
        take_begin(story, move);
    else if (strcmp(move->to, "waiting") == 0)
        set(&story->waits, move->text);
    story->waits_since = move->wall_ns;
    story->kept = fr_str_eq(move->text, FR_KEPT_REASON);
    set(&story->because, strcmp(move->to, "running") == 0 ? NULL : move->text);
    if (begins && strcmp(move->to, "waiting") == 0)
        set(&story->because, story->began);
}

/* Takes what became of a question that is open: the run is to take it. */
static void take_wait(void *arg, const struct fr_kept_wait *wait)
{
    struct story *story = arg;
    struct fr_buf fate;
    if (strcmp(wait->step, story->step) != 0)
        return;
    fr_buf_init(&fate, 0);
    explain_open(wait, &fate);
    set(&story->open, fate.len ? fr_buf_cstr(&fate) : NULL);
    fr_buf_release(&fate);
}

static void take_move(void *arg, const struct fr_kept_move *move)
{
    struct story *story = arg;
    static const char again[] = "runs again: ";
    if (strcmp(move->kind, "run_resumed") == 0)
        story->resumed = move->wall_ns;
    story->gone_on = story->gone_on || story->resumed;
    if (!move->step || strcmp(move->step, story->step) != 0)
        return;
    if (move->to)
        take_status(story, move);
    if (strcmp(move->kind, "note") == 0 && move->text &&
        strncmp(move->text, again, strlen(again)) == 0)
        set(&story->again, move->text);
    if (story->json) {
        if (story->events++)
            fr_buf_char(&story->moves, ',');
        cmd_event_json(move, &story->moves);
    } else {
        add_line(story, move);
    }
}

/* What it comes to, in a line: a success needs no other reason than that it began. */
static const char *reason(const struct story *story, struct fr_buf *text)
{
    char time[40];
    if (strcmp(story->status, "unknown") == 0)
        return "flowrun was killed while it was under way: what became of it is not known";
    if (story->waits) {
        fr_buf_printf(text, "it waits %s since %s%s%s", story->waits,
                      cmd_moment(story->waits_since, time, sizeof time), story->open ? "; " : "",
                      story->open ? story->open : "");
        return fr_buf_cstr(text);
    }
    if (story->answered) {
        fr_buf_str(text, story->answered);
        if (story->kept)
            fr_buf_printf(text, "; %s", story->because);
        return fr_buf_cstr(text);
    }
    if (story->kept && *story->from && !story->gone_on) {
        fr_buf_printf(text, "%s, of run %s", story->because, story->from);
        return fr_buf_cstr(text);
    }
    return story->because ? story->because : story->began;
}

/* A line of the answer. */
static void add_text(struct fr_buf *out, const char *lead, const char *text)
{
    fr_buf_str(out, lead);
    fr_visible_line(text, out);
    fr_buf_char(out, '\n');
}

static void write_story(const struct story *story, struct fr_buf *text, struct fr_buf *out)
{
    const char *why = reason(story, text);
    if (story->json) {
        fr_buf_char(out, '{');
        cmd_put_member(out, "run_id", story->run_id);
        cmd_put_member(out, "step", story->step);
        cmd_put_member(out, "status", story->status);
        cmd_put_member(out, "began", story->began);
        cmd_put_member(out, "because", why);
        cmd_put_member(out, "repro", story->repro);
        fr_buf_printf(out, ",\"waited\":[%s],\"moves\":[%s]}\n", fr_buf_cstr(&story->waited),
                      fr_buf_cstr(&story->moves));
        return;
    }
    fr_buf_printf(out, "step      %s\nstatus    %s\n", story->step, story->status);
    if (story->began && !fr_str_eq(story->began, why) && !fr_str_eq(story->began, FR_KEPT_REASON))
        add_text(out, "began     ", story->began);
    fr_buf_str(out, fr_buf_cstr(&story->waited));
    if (why)
        add_text(out, "because   ", why);
    if (story->repro)
        add_text(out, "repro     ", story->repro);
    if (story->moves.len)
        fr_buf_printf(out, "history\n%s", fr_buf_cstr(&story->moves));
}

/* A step that has no row: what it waits for, or that there is none. */
static int explain_missing(const struct cmd *cmd, const struct cmd_opts *opts,
                           struct fr_store *store, int64_t run, struct story *story)
{
    struct fr_buf why;
    int code = CMD_OK;
    fr_buf_init(&why, 0);
    if (explain_pending(cmd, opts, store, run, story->over ? story->run_status : NULL, &why)) {
        snprintf(story->status, sizeof story->status, "pending");
        set(&story->because, fr_buf_cstr(&why));
    } else {
        code = cmd_no_step(store, run, story->step);
    }
    fr_buf_release(&why);
    return code;
}

int cmd_explain(const struct cmd *cmd, struct cmd_opts *opts)
{
    struct story story = {.json = opts->output && strcmp(opts->output, "json") == 0};
    struct fr_store *store = NULL;
    struct fr_buf out, text;
    int64_t run = 0;

    if (opts->file_count < 2)
        return cmd_fail(CMD_USAGE,
                        "'explain' needs a RUN and a STEP, as `flowrun show` lists them");
    story.step = opts->files[1];
    fr_buf_init(&story.moves, 0);
    fr_buf_init(&story.waited, 0);
    fr_buf_init(&text, 0);
    fr_buf_init(&out, 0);
    int code = cmd_run_open(cmd, opts, &store, &run);
    story.store = store;
    if (!code && (fr_history_run(store, run, take_run, &story) ||
                  fr_history_steps(store, run, NULL, take_step, &story) ||
                  fr_history_moves(store, run, take_move, &story) ||
                  fr_history_waits(store, run, take_wait, &story)))
        code = cmd_store_failed(store);
    if (!code && !story.found)
        code = explain_missing(cmd, opts, store, run, &story);
    if (!code) {
        write_story(&story, &text, &out);
        code = cmd_write_stdout(&out, code);
    }
    free(story.began);
    free(story.because);
    free(story.again);
    free(story.answered);
    free(story.repro);
    free(story.waits);
    free(story.open);
    fr_buf_release(&story.moves);
    fr_buf_release(&story.waited);
    fr_buf_release(&text);
    fr_buf_release(&out);
    fr_store_close(store);
    return code;
}
