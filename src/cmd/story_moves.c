/* The attempts of a story, from what happened: an attempt lasts from a move to running to the next one, and what it printed
 * was recorded meanwhile. Main thread. */
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/str.h"
#include "story.h"

static const char killed[] = "flowrun was killed while it ran";

static const char *copy(struct story_maker *maker, const char *text)
{
    return text ? fr_strdup(&maker->story->arena, text) : NULL;
}

/* A new attempt of a row. */
static struct story_try *add_try(struct story_maker *maker, uint32_t number, uint32_t recorded)
{
    struct story_row *row = &maker->rows[number];
    if (maker->try_count == maker->try_cap) {
        maker->try_cap = maker->try_cap ? 2 * maker->try_cap : 64;
        maker->tries = realloc(maker->tries, maker->try_cap * sizeof *maker->tries);
        if (!maker->tries)
            abort();
    }
    row->last = maker->try_count++;
    row->open = true;
    struct story_try *try = &maker->tries[row->last];
    *try = (struct story_try){.row = number, .recorded = recorded};
    return try;
}

/* Why an attempt failed, out of the text of the step's last move: that may say more, about what it means to others. */
static const char *error_of(struct story_maker *maker, const struct story_row *row,
                            const char *text)
{
    const char *error = row->step.error;
    return text && error && strstr(text, error) ? error : copy(maker, text);
}

/* A step that begins, and when it ends, for good or by what it was kept with: then it was when it ran. */
static void take_times(struct story_maker *maker, struct story_row *row,
                       const struct fr_kept_move *move, bool ends, bool kept)
{
    if (fr_str_eq(move->from, "pending")) {
        bool waits = fr_str_eq(move->to, "waiting");
        if (waits && row->waits && !row->asked_ns)
            row->asked_ns = row->begun_ns;
        if (!row->session_ns)
            row->session_ns = maker->session_ns;
        row->waits = waits;
        row->begun_ns = move->wall_ns;
    }
    if (!ends)
        return;
    row->waits = false;
    if (!kept) {
        row->own_start_ns = row->begun_ns;
        row->own_end_ns = move->wall_ns;
    } else if (row->own_end_ns) {
        row->step.started_ns = row->own_start_ns;
        row->step.ended_ns = row->own_end_ns;
    }
}

/* A step moved. */
static void take_status(struct story_maker *maker, uint32_t number, const struct fr_kept_move *move)
{
    struct story_row *row = &maker->rows[number];
    bool ends = !fr_str_eq(move->to, "running") && !fr_str_eq(move->to, "waiting");
    bool kept = ends && fr_str_eq(move->text, FR_KEPT_REASON);
    if (fr_str_eq(move->from, "pending"))
        row->open = false; /* it begins anew: what came before is another matter */
    take_times(maker, row, move, ends, kept);
    row->step.kept = kept;
    row->step.reason = ends && !row->step.error ? copy(maker, move->text) : NULL;
    if (row->step.container)
        return;
    if (fr_str_eq(move->to, "running")) {
        add_try(maker, number, move->attempt)->attempt.started_ns = move->wall_ns;
        return;
    }
    if (!row->open)
        return;
    struct story_try *try = &maker->tries[row->last];
    if (fr_str_eq(move->from, "running"))
        try->attempt.ended_ns = move->wall_ns;
    try->void_ = kept;
    row->open = !ends;
    /* Why it ended so is told later when another attempt or the fallback comes first. */
    if (ends && !kept && !try->attempt.error && !fr_str_eq(move->to, "skipped"))
        try->attempt.error = error_of(maker, row, move->text);
}

/* A run that was killed goes on: what was under way then is over. */
static void close_all(struct story_maker *maker)
{
    for (uint32_t i = 0; i < maker->try_count; i++) {
        struct story_try *try = &maker->tries[i];
        if (try->attempt.ended_ns)
            continue;
        try->attempt.ended_ns = maker->last_move_ns;
        try->attempt.error = killed;
    }
}

/* Something happened. */
static void take_move(void *arg, const struct fr_kept_move *move)
{
    struct story_maker *maker = arg;
    uint32_t number =
        move->step ? story_row_of(maker, move->step, strlen(move->step)) : FR_STORY_NONE;
    if (fr_str_eq(move->kind, "run_resumed")) {
        close_all(maker);
        maker->session_ns = move->wall_ns;
        maker->story->sessions++;
    }
    maker->last_move_ns = move->wall_ns;
    if (number == FR_STORY_NONE)
        return;
    struct story_row *row = &maker->rows[number];
    if (fr_str_eq(move->kind, "status"))
        take_status(maker, number, move);
    else if (fr_str_eq(move->kind, "retry") && row->open)
        maker->tries[row->last].attempt.error = copy(maker, move->text);
}

/* The attempt that a log is of: the first that began before it and has none yet. */
static struct story_try *find_try(struct story_maker *maker, const uint32_t *first, uint32_t number,
                                  const struct fr_kept_log *log)
{
    for (uint32_t i = first[number]; i < maker->try_count && maker->tries[i].row == number; i++) {
        struct story_try *try = &maker->tries[i];
        if (!try->logged && !try->void_ && try->recorded == log->attempt &&
            try->attempt.started_ns <= log->wall_ns &&
            (!try->attempt.ended_ns || log->wall_ns <= try->attempt.ended_ns))
            return try;
    }
    return NULL;
}

/* Logs are put to the attempts, which are sorted by row. */
struct logs {
    struct story_maker *maker;
    uint32_t *first; /* by row: its first attempt */
};

static void take_log(void *arg, const struct fr_kept_log *log)
{
    struct logs *logs = arg;
    struct story_maker *maker = logs->maker;
    uint32_t number = story_row_of(maker, log->step, strlen(log->step));
    struct story_try *try =
        number == FR_STORY_NONE ? NULL : find_try(maker, logs->first, number, log);
    if (!try)
        return;
    try->logged = true;
    try->attempt.out = story_text(maker, FR_PART_OUT, log->key, &log->out);
    try->attempt.err = story_text(maker, FR_PART_ERR, log->key, &log->err);
    try->attempt.err.cut = log->err_cut;
    if (log->weave) {
        try->attempt.weave = fr_strndup(&maker->story->arena, log->weave, log->weave_len);
        try->attempt.weave_len = log->weave_len;
    }
}

/* By row, and of one row as they began: their numbers are still those in the list. */
static int by_row(const void *left, const void *right)
{
    const struct story_try *a = left, *b = right;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    return a->number < b->number ? -1 : 1;
}

/* What was under way when the run was killed lasted until then, as far as is known. */
static void end_unknown(struct story_maker *maker)
{
    close_all(maker);
    for (uint32_t i = 0; i < maker->row_count; i++) {
        struct fr_story_step *step = &maker->rows[i].step;
        if (step->unknown && step->started_ns)
            step->ended_ns =
                maker->last_move_ns > step->started_ns ? maker->last_move_ns : step->started_ns;
    }
}

enum fr_err story_add_moves(struct story_maker *maker)
{
    enum fr_err err = fr_history_moves(maker->store, maker->run, take_move, maker);
    struct logs logs = {.maker = maker};
    if (err)
        return err;
    for (uint32_t i = 0; i < maker->try_count; i++)
        maker->tries[i].number = i;
    if (maker->try_count)
        qsort(maker->tries, maker->try_count, sizeof *maker->tries, by_row);
    logs.first = calloc(maker->row_count + 1U, sizeof *logs.first);
    if (!logs.first)
        abort();
    for (uint32_t i = maker->try_count; i-- > 0;)
        logs.first[maker->tries[i].row] = i;
    err = fr_history_log_heads(maker->store, maker->run, take_log, &logs);
    free(logs.first);
    if (maker->killed)
        end_unknown(maker);
    return err;
}

void story_place_attempts(struct story_maker *maker)
{
    struct fr_story *story = maker->story;
    uint32_t *first = calloc(story->step_count + 1U, sizeof *first);
    if (!first)
        abort();
    story->attempts_list =
        FR_NEW_ARRAY(&story->arena, maker->try_count + 1U, struct fr_story_attempt);
    for (uint32_t i = 0; i < maker->try_count; i++) {
        const struct story_try *try = &maker->tries[i];
        uint32_t at = maker->rows[try->row].at;
        if (!try->void_ && at != FR_STORY_NONE)
            story->steps[at].attempts++;
    }
    for (uint32_t i = 0; i < story->step_count; i++) {
        first[i] = story->steps[i].first_attempt = story->attempt_count;
        story->attempt_count += story->steps[i].attempts;
    }
    for (uint32_t i = 0; i < maker->try_count; i++) {
        const struct story_try *try = &maker->tries[i];
        uint32_t at = maker->rows[try->row].at;
        if (try->void_ || at == FR_STORY_NONE)
            continue;
        struct fr_story_attempt *attempt = &story->attempts_list[first[at]++];
        *attempt = try->attempt;
        attempt->number = first[at] - story->steps[at].first_attempt;
    }
    free(first);
}
