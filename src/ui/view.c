/* What the live view knows: the steps that run or wait, in the order in which they began, and the counts. Owns the rows. */
#include "view.h"

#include <stdlib.h>
#include <string.h>

#include "lines.h"

/* calloc that ends the program when memory is out. */
static void *make(size_t count, size_t size)
{
    void *p = calloc(count + 1, size);
    if (!p)
        abort();
    return p;
}

void view_init(struct view *view, const struct fr_mask *mask)
{
    *view = (struct view){.mask = mask};
}

/* Ends a row. */
static void drop(struct view *view, uint32_t step)
{
    struct view_row *row = view->rows[step];
    if (!row)
        return;
    *(row->prev ? &row->prev->next : &view->first) = row->next;
    *(row->next ? &row->next->prev : &view->last) = row->prev;
    view->rows[step] = NULL;
    *(row->waits ? &view->waiting : &view->running) -= 1;
    fr_buf_release(&row->held);
    free(row->id);
    free(row->retry_why);
    free(row->message);
    free(row->output);
    free(row);
}

void view_release(struct view *view)
{
    while (view->first)
        drop(view, view->first->step->index);
    free(view->rows);
    free(view->children);
    free(view->marks);
    free(view->picked);
    free(view->work.expected);
    view_init(view, view->mask);
}

/* Makes room for a run. */
static void begin(struct view *view, const struct fr_run *run)
{
    uint32_t count = run->plan->step_count;
    if (view->run)
        return;
    view->run = run;
    view->rows = make(count, sizeof *view->rows);
    view->children = make(count, sizeof *view->children);
    view->marks = make(count, sizeof *view->marks);
    view->picked = make(count, sizeof *view->picked);
    view_work_begin(view);
}

bool view_counts(const struct fr_step *step)
{
    return lines_is_leaf(step);
}

/* The row of a step, which is made when it has none. */
static struct view_row *row_of(struct view *view, const struct fr_event *event)
{
    struct view_row *row = view->rows[event->step->index];
    if (row)
        return row;
    row = make(1, sizeof *row);
    row->step = event->step;
    row->id = strdup(fr_run_step_id(view->run, event->step));
    if (!row->id)
        abort();
    fr_buf_init(&row->held, 0);
    row->progress = -1;
    row->begun = event->now_ns;
    row->prev = view->last;
    *(view->last ? &view->last->next : &view->first) = row;
    view->last = row;
    view->rows[event->step->index] = row;
    view->running++;
    return row;
}

/* An attempt or a wait begins. */
static void note_begin(struct view *view, const struct fr_event *event)
{
    struct view_row *row = row_of(view, event);
    bool waits = event->to == FR_WAITING;
    if (waits != row->waits) {
        view->running += waits ? -1U : 1U;
        view->waiting += waits ? 1U : -1U;
    }
    row->waits = waits;
    row->since = event->now_ns;
    row->attempt = event->result ? event->result->attempts : event->attempt;
    if (waits)
        return;
    row->retry_at = 0;
    row->progress = -1;
    free(row->message);
    free(row->output);
    row->message = row->output = NULL;
}

/* Whether a step is one of those that its container consists of, and not what comes before, after or instead. */
static bool is_part(const struct fr_step *step)
{
    return step->parent != FR_NO_STEP && step->role != FR_ROLE_CALLBACK &&
           step->role != FR_ROLE_COMBINE && step->role != FR_ROLE_FALLBACK &&
           step->role != FR_ROLE_FINALLY;
}

/* A step has come to its end. */
static void note_end(struct view *view, const struct fr_event *event)
{
    const struct fr_step *step = event->step;
    const struct fr_step_result *r = event->result;
    drop(view, step->index);
    if (is_part(step))
        view->children[step->parent]++;
    if (!fr_run_tells(view->run, step)) {
        view->children[step->index] = 0; /* its next turn begins anew */
        return;
    }
    bool ran = r && r->started_ns && !r->kept;
    view->done++;
    view->failed += fr_status_is_failure(event->to);
    view->instant += !ran;
    view_work_ended(view, step, ran);
    if (!view_counts(
            step)) /* a batch or loop that came to no turn: nothing is left of its template to wait for */
        for (uint32_t i = 0; i < step->group->copies.size; i++)
            view_work_ended(view, &view->run->plan->steps[step->group->copies.first + i], false);
}

/* A step moves. */
static void note_status(struct view *view, const struct fr_event *event)
{
    if (fr_status_is_final(event->to))
        note_end(view, event);
    else if (view_counts(event->step) && (event->to == FR_RUNNING || event->to == FR_WAITING))
        note_begin(view, event);
}

/* Another attempt is announced. */
static void note_retry(struct view *view, const struct fr_event *event)
{
    struct view_row *row = view->rows[event->step->index];
    struct fr_buf why;
    if (!row)
        return;
    free(row->retry_why);
    fr_buf_init(&why, 0);
    if (event->text)
        fr_mask_text(view->mask, event->text, strlen(event->text), false, &why);
    row->retry_why = event->text ? fr_buf_take(&why, NULL) : NULL;
    fr_buf_release(&why);
    row->retry_at = event->now_ns + event->delay_ns;
}

void view_event(struct view *view, const struct fr_event *event)
{
    if (event->run)
        begin(view, event->run);
    switch (event->kind) {
    case FR_EVENT_STATUS:
        note_status(view, event);
        break;
    case FR_EVENT_RETRY:
        note_retry(view, event);
        break;
    case FR_EVENT_STOPPING:
        view->stopping = true;
        break;
    default:
        break;
    }
}

/* ---- what is shown ---- */

/* Marks the containers around a step that are not marked yet; how many those are. Only counts with `count_only`. */
static unsigned mark_around(struct view *view, const struct fr_step *step, bool count_only)
{
    const struct fr_step *steps = view->run->plan->steps;
    unsigned count = 0;
    for (uint32_t i = step->parent; i != FR_NO_STEP; i = steps[i].parent) {
        if (view->marks[i] == view->mark)
            break;
        count++;
        if (count_only)
            continue;
        view->marks[i] = view->mark;
        view->picked[view->picked_count++] = i;
    }
    return count;
}

static int by_index(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

/* Whether a step has just begun: many end again before anybody could read a line about them. */
static bool is_young(const struct view_row *row, int64_t now)
{
    return now - row->begun < VIEW_YOUNG_NS;
}

/* How many have not; whether others have is noted. */
static uint32_t count_grown(struct view *view, int64_t now)
{
    uint32_t young = 0;
    for (const struct view_row *row = view->last; row && is_young(row, now); row = row->prev)
        young++; /* they began last */
    view->has_young = young > 0;
    return view->running + view->waiting - young;
}

void view_pick(struct view *view, unsigned lines, int64_t now)
{
    enum { TIGHT = 5 }; /* with fewer lines all are for steps */
    uint32_t grown = count_grown(view, now);
    bool tight = lines < TIGHT;
    unsigned used = 0;
    view->picked_count = 0;
    view->mark++;
    view->left_out = grown;
    view->has_new = false;
    for (struct view_row *row = view->first; view->left_out; row = row->next) {
        if (is_young(row, now))
            continue;
        unsigned cost = 1 + (tight ? 0 : mark_around(view, row->step, true));
        unsigned rest = view->left_out > 1 && lines > 1; /* the line that counts the others */
        if (used + cost + rest > lines)
            break;
        if (!tight)
            mark_around(view, row->step, false);
        view->picked[view->picked_count++] = row->step->index;
        view->left_out--;
        view->has_new = view->has_new || !row->looked;
        used += cost;
    }
    qsort(view->picked, view->picked_count, sizeof *view->picked, by_index);
}
