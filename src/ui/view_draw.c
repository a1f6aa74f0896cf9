/* How the live view looks: a bar with counts and times, a line about what is being ended, then the steps. Pure.
 *
 *   [#######>-------------] 12/50, 3 running, 1 failed, 0:42, ETA 1:05
 *   tests 4/9
 *     unit            12s  40% linking | gcc -o test_buf
 *     docs             3s  attempt 2 | fetching
 *   and 6 more
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "flowrun/base/str.h"
#include "flowrun/run/glimpse.h"
#include "lines.h"
#include "view.h"

enum { BAR_LEAST = 6, BAR_MOST = 30, WIDE = 60, ID_LEAST = 8, TEXT_SIZE = 160 };

unsigned view_height(const struct view_look *look)
{
    unsigned lines = look->rows * 2 / 3;
    return lines ? lines : 1;
}

/* Begins a line of the frame. Nothing is written into the last column: what a terminal does behind that differs. */
static struct cells begin(struct view_frame *frame, const struct view_look *look)
{
    if (frame->count == frame->cap) {
        frame->cap = frame->cap ? frame->cap * 2 : 32;
        frame->lines = realloc(frame->lines, frame->cap * sizeof *frame->lines);
        if (!frame->lines)
            abort();
    }
    frame->lines[frame->count].at = frame->text.len;
    return (struct cells){
        .out = &frame->text, .width = look->cols ? look->cols - 1 : 0, .utf8 = look->utf8};
}

static void finish(struct view_frame *frame, const struct cells *line)
{
    struct view_line *made = &frame->lines[frame->count++];
    made->len = frame->text.len - made->at;
    made->width = line->used;
}

/* ---- the bar ---- */

/* The words of the bar, in order; those that fall out first when it is narrow have the largest `rank`. */
struct word {
    char text[40];
    unsigned rank;
    const char *color;
};

enum { WORDS = 6 };

/* Makes the words there are; how many. */
static unsigned make_words(struct view *view, const struct view_look *look, int64_t now,
                           struct word *words)
{
    const struct fr_run *run = view->run;
    bool wide = look->cols >= WIDE;
    char time[32];
    int64_t eta = view_eta(view, now);
    unsigned n = 0;
    memset(words, 0, WORDS * sizeof *words);
    for (unsigned i = 0; i < WORDS; i++)
        words[i].color = "";
    snprintf(words[n].text, sizeof words->text, "%u/%u", view->done, run->total);
    words[n++].rank = 0;
    snprintf(words[n].text, sizeof words->text, wide ? "%u running" : "%u run", view->running);
    words[n++].rank = 2;
    if (view->waiting) {
        snprintf(words[n].text, sizeof words->text, wide ? "%u waiting" : "%u wait", view->waiting);
        words[n++].rank = 4;
    }
    if (view->failed) {
        words[n].color = lines_red(look->color);
        snprintf(words[n].text, sizeof words->text, wide ? "%u failed" : "%u fail", view->failed);
        words[n++].rank = 1;
    }
    view_clock(now - run->started_ns, words[n].text, sizeof words->text);
    words[n++].rank = 5;
    if (eta >= 0 && !view->stopping) { /* else nobody knows what is still to run */
        snprintf(words[n].text, sizeof words->text, "ETA %s", view_clock(eta, time, sizeof time));
        words[n++].rank = 3;
    }
    return n;
}

/* Columns of the words up to a rank, with a comma and a blank between them. */
static unsigned words_width(const struct word *words, unsigned count, unsigned rank)
{
    unsigned width = 0;
    for (unsigned i = 0; i < count; i++)
        if (words[i].rank <= rank)
            width += (width ? 2U : 0U) + (unsigned)strlen(words[i].text);
    return width;
}

/* The largest rank up to which the words fit, and how wide they are. */
static unsigned fitting(const struct word *words, unsigned count, unsigned room, unsigned *width)
{
    unsigned rank = WORDS;
    while ((*width = words_width(words, count, rank)) > room && rank > 0)
        rank--;
    return rank;
}

/* The bar itself, so many cells between its ends. */
static void add_bar(const struct view *view, const struct view_look *look, unsigned size,
                    struct cells *line)
{
    uint32_t total = view->run->total, done = view->done < total ? view->done : total;
    unsigned full = total ? (unsigned)((uint64_t)done * size / total) : 0;
    cells_str(line, "[");
    cells_code(line, view->failed ? lines_red(look->color) : lines_green(look->color));
    for (unsigned i = 0; i < full; i++)
        cells_str(line, look->utf8 ? "█" : "#");
    cells_code(line, lines_off(look->color));
    cells_code(line, lines_dim(look->color));
    for (unsigned i = full; i < size; i++)
        cells_str(line, look->utf8 ? "░" : "-");
    cells_code(line, lines_off(look->color));
    cells_str(line, "] ");
}

/* What fits, the counts at least. */
static void draw_bar(struct view *view, const struct view_look *look, int64_t now,
                     struct view_frame *frame)
{
    struct word words[WORDS];
    struct cells line = begin(frame, look);
    unsigned count = make_words(view, look, now, words), width = 0;
    enum {
        ENDS = 3 /* brackets and a blank */,
        WITH_BAR = 3 /* words that count more than the bar */
    };
    unsigned rank = fitting(words, count, line.width - ENDS - BAR_LEAST, &width);
    if (line.width > ENDS + BAR_LEAST && rank >= WITH_BAR) {
        unsigned size = line.width - width - ENDS;
        add_bar(view, look, size < BAR_MOST ? size : BAR_MOST, &line);
    } else {
        rank = fitting(words, count, line.width, &width);
    }
    bool first = true;
    for (unsigned i = 0; i < count; i++) {
        if (words[i].rank > rank)
            continue;
        cells_str(&line, first ? "" : ", ");
        cells_code(&line, words[i].color);
        cells_str(&line, words[i].text);
        cells_code(&line, *words[i].color ? lines_off(look->color) : "");
        first = false;
    }
    finish(frame, &line);
}

/* ---- the steps ---- */

/* How long a step that was asked to end has left. */
static void say_ending(const struct view_row *row, int64_t now, char *out, size_t size)
{
    char time[32];
    int64_t left = row->ending_ns + row->step->grace_ns - now;
    const char *late = row->ending_late ? "timed out, " : "";
    if (row->step->kind != FR_KIND_PROCESS)
        snprintf(out, size, "stopping");
    else if (row->ending_now || left <= 0)
        snprintf(out, size, "%sKILL sent", late);
    else
        snprintf(out, size, "%sTERM sent, KILL in %s", late,
                 view_clock(left + FR_NS_PER_S - 1, time, sizeof time));
}

/* What a step waits for. */
static void say_wait(const struct view_row *row, int64_t now, char *out, size_t size)
{
    char time[32];
    if (row->step->kind == FR_KIND_HUMAN)
        snprintf(out, size, "waits for a person");
    else if (row->retry_at)
        snprintf(out, size, "attempt %u in %s: %s", row->attempt + 1,
                 view_clock(row->retry_at - now + FR_NS_PER_S - 1, time, sizeof time),
                 row->retry_why ? row->retry_why : "failed");
    else
        snprintf(out, size, "waits");
}

/* What is behind the time: what flowrun does with the step, else what it says and prints. */
static void add_detail(const struct view_row *row, const struct view_look *look, int64_t now,
                       struct cells *line)
{
    char text[TEXT_SIZE] = "";
    if (row->ending_ns) {
        say_ending(row, now, text, sizeof text);
        cells_code(line, lines_red(look->color));
        cells_str(line, text);
        cells_code(line, lines_off(look->color));
        return;
    }
    if (row->waits) {
        say_wait(row, now, text, sizeof text);
        cells_str(line, text);
        return;
    }
    if (row->attempt > 1)
        snprintf(text, sizeof text, "attempt %u%s", row->attempt, row->progress >= 0 ? ", " : "");
    cells_str(line, text);
    if (row->progress >= 0) {
        snprintf(text, sizeof text, "%d%%%s", (int)(row->progress * 100), row->message ? " " : "");
        cells_str(line, text);
    }
    if (row->message)
        cells_str(line, row->message);
    if (!row->output)
        return;
    cells_code(line, lines_dim(look->color));
    cells_str(line, row->progress >= 0 || row->attempt > 1 ? " | " : "");
    cells_str(line, row->output);
    cells_code(line, lines_off(look->color));
}

/* How far a step is indented: by its containers, when these are shown. */
static unsigned indent_of(const struct view *view, const struct fr_step *step)
{
    unsigned depth = 0;
    for (uint32_t i = step->parent; i != FR_NO_STEP; i = view->run->plan->steps[i].parent)
        depth += view->marks[i] == view->mark;
    return 2 * depth;
}

/* A group, batch or loop around steps that are shown. */
static void draw_container(const struct view *view, const struct fr_step *step,
                           const struct view_look *look, struct view_frame *frame)
{
    struct cells line = begin(frame, look);
    uint32_t turns = fr_run_turns(view->run, step);
    char text[60];
    cells_to(&line, indent_of(view, step));
    cells_str(&line, fr_run_step_id(view->run, step));
    cells_code(&line, lines_dim(look->color));
    if (step->kind == FR_KIND_LOOP)
        snprintf(text, sizeof text, " turn %u", turns);
    else
        snprintf(text, sizeof text, " %u/%u", view->children[step->index],
                 step->kind == FR_KIND_BATCH ? turns : step->group->branches.count);
    cells_str(&line, text);
    cells_code(&line, lines_off(look->color));
    finish(frame, &line);
}

static void draw_row(const struct view *view, const struct view_row *row,
                     const struct view_look *look, int64_t now, struct view_frame *frame)
{
    enum { TIME = 6 };
    struct cells line = begin(frame, look);
    unsigned indent = indent_of(view, row->step);
    char time[32];
    cells_to(&line, indent);
    cells_text(&line, row->id, strlen(row->id),
               view->id_width > indent ? view->id_width - indent : 1);
    view_clock(now - row->since, time, sizeof time);
    unsigned len = (unsigned)strlen(time);
    cells_to(&line, view->id_width + (len < TIME ? TIME - len : 1));
    cells_str(&line, time);
    cells_to(&line, line.used + 2);
    add_detail(row, look, now, &line);
    finish(frame, &line);
}

/* How wide the names are, at most a third of the screen. */
static void measure_ids(struct view *view, const struct view_look *look)
{
    unsigned most = look->cols / 3 > ID_LEAST ? look->cols / 3 : ID_LEAST;
    if (view->id_cols != look->cols)
        view->id_width = 0;
    view->id_cols = look->cols;
    for (uint32_t i = 0; i < view->picked_count; i++) {
        const struct view_row *row = view->rows[view->picked[i]];
        if (!row)
            continue;
        unsigned width =
            indent_of(view, row->step) + cells_width(row->id, strlen(row->id), look->utf8);
        view->id_width = width > view->id_width ? width : view->id_width;
    }
    view->id_width = view->id_width < most ? view->id_width : most;
}

/* ---- the end ---- */

/* Looks which steps are being ended; how many, and how many of these at once. */
static uint32_t look_at_endings(struct view *view, int64_t now, uint32_t *killed)
{
    uint32_t ending = 0;
    *killed = 0;
    for (struct view_row *row = view->first; row; row = row->next) {
        int64_t limit = row->step->timeout_ns;
        bool late = !row->waits && row->step->kind == FR_KIND_PROCESS && limit != FR_UNLIMITED &&
                    now - row->since > limit;
        int64_t asked = fr_run_asked_to_end(view->run, row->step, &row->ending_now);
        row->ending_late = late && (!asked || asked > row->since + limit);
        row->ending_ns = row->ending_late ? row->since + limit : asked;
        ending += asked != 0;
        *killed += asked && row->ending_now;
    }
    return ending;
}

/* Whether the run is ending, and what another Ctrl-C would do. */
static bool say_end(const struct view *view, uint32_t ending, uint32_t killed, char *out,
                    size_t size)
{
    const char *plural = ending == 1 ? "" : "s";
    bool signaled = view->run->outcome == FR_RUN_SIGNALED;
    if (ending && killed == ending)
        snprintf(out, size, "killing %u step%s", ending, plural);
    else if (signaled && ending)
        snprintf(out, size, "stopping %u step%s: Ctrl-C again kills at once", ending, plural);
    else if (signaled)
        snprintf(out, size, "ending: Ctrl-C again kills what runs");
    else if (ending)
        snprintf(out, size, "stopping %u step%s", ending, plural);
    else if (view->stopping)
        snprintf(out, size, "ending: what runs is waited for, Ctrl-C stops it");
    else
        return false;
    return true;
}

void view_draw(struct view *view, const struct view_look *look, int64_t now,
               struct view_frame *frame)
{
    char text[TEXT_SIZE];
    unsigned lines = view_height(look);
    fr_buf_clear(&frame->text);
    frame->count = 0;
    if (!view->run)
        return;
    uint32_t killed = 0, ending = look_at_endings(view, now, &killed);
    draw_bar(view, look, now, frame);
    if (lines > 1 && say_end(view, ending, killed, text, sizeof text)) {
        struct cells line = begin(frame, look);
        cells_code(&line, lines_red(look->color));
        cells_str(&line, text);
        cells_code(&line, lines_off(look->color));
        finish(frame, &line);
    }
    view_pick(view, lines - frame->count, now);
    measure_ids(view, look);
    for (uint32_t i = 0; i < view->picked_count; i++) {
        const struct view_row *row = view->rows[view->picked[i]];
        if (row)
            draw_row(view, row, look, now, frame);
        else
            draw_container(view, &view->run->plan->steps[view->picked[i]], look, frame);
    }
    if (view->picked_count && view->left_out && frame->count < lines) {
        struct cells line = begin(frame, look);
        snprintf(text, sizeof text, "and %u more", view->left_out);
        cells_code(&line, lines_dim(look->color));
        cells_str(&line, text);
        cells_code(&line, lines_off(look->color));
        finish(frame, &line);
    }
}

void view_frame_release(struct view_frame *frame)
{
    fr_buf_release(&frame->text);
    free(frame->lines);
    *frame = (struct view_frame){.count = 0};
}
