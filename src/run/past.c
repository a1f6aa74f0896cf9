/* Names of steps in their turns, and the results of turns whose place was used again. Coordinator thread. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "turns.h"

enum { PAST_MAX = 10000 }; /* results that are kept */

/* The nearest batch or loop whose template a step is part of. */
const struct fr_step *repeat_frame(const struct fr_plan *plan, const struct fr_step *step)
{
    while (step->frame != FR_NO_STEP) {
        step = &plan->steps[step->frame];
        if (step->kind == FR_KIND_BATCH || step->kind == FR_KIND_LOOP)
            return step;
    }
    return NULL;
}

/* The branch of a batch that holds a step. */
uint32_t repeat_slot(const struct fr_step *batch, const struct fr_step *step)
{
    assert(batch->group);
    const struct fr_copies *copies = &batch->group->copies;
    return copies->first + (step->index - copies->first) / copies->size * copies->size;
}

/* The slot that an item goes through, when it has begun and is not over. */
const struct fr_step *turn_under_way(const struct fr_run *run, const struct fr_step *batch,
                                     uint32_t number)
{
    const struct turns *turns = turns_of(run, batch);
    if (!turns || turns->items[number].status != FR_PENDING)
        return NULL;
    for (uint32_t i = 0; i < batch->group->branches.count; i++) {
        uint32_t slot = batch->group->branches.at[i];
        if (run->repeats->item[slot] == number && run->results[slot].status != FR_PENDING)
            return &run->plan->steps[slot];
    }
    return NULL;
}

/* The number of the turn of `frame` that a step of it is in. */
static uint32_t turn_number(const struct fr_run *run, const struct fr_step *frame,
                            const struct fr_step *step)
{
    return frame->kind == FR_KIND_BATCH ? run->repeats->item[repeat_slot(frame, step)]
                                        : run->repeats->turn[frame->index];
}

/* The name of a turn. */
void turn_name(const struct fr_run *run, const struct fr_step *step, uint32_t number,
               struct fr_buf *out)
{
    fr_buf_printf(out, "%s[%u]", fr_run_step_id(run, step), number);
}

/* What a step is called at present. */
const char *fr_run_step_id(const struct fr_run *run, const struct fr_step *step)
{
    struct fr_buf name;
    const struct fr_step *frame = run->repeats ? repeat_frame(run->plan, step) : NULL;
    if (!frame)
        return step->id;
    char **cached = &run->repeats->names[step->index];
    if (!*cached) {
        if (!turns_of(run, frame) && !repeat_frame(run->plan, frame))
            return step->id; /* it never began */
        fr_buf_init(&name, 0);
        if (turns_of(run, frame))
            turn_name(run, frame, turn_number(run, frame, step), &name);
        else
            fr_buf_str(&name, fr_run_step_id(run, frame));
        if (frame->kind == FR_KIND_LOOP || repeat_slot(frame, step) != step->index)
            fr_buf_str(&name, step->own_id);
        *cached = fr_buf_take(&name, NULL);
    }
    return *cached;
}

/* What makes a step of a turn another one than that of another turn, as far as they run side by side: items, but not
 * turns of loops. */
void turn_identity(const struct fr_run *run, const struct fr_step *step, struct fr_buf *out)
{
    const struct fr_step *frame = run->repeats ? repeat_frame(run->plan, step) : NULL;
    uint32_t place = step->index;
    if (frame) {
        turn_identity(run, frame, out);
        place = (place - frame->group->copies.first) % frame->group->copies.size;
        if (frame->kind == FR_KIND_BATCH)
            fr_buf_printf(out, "[%u]", turn_number(run, frame, step));
    }
    fr_buf_printf(out, "/%u", place);
}

void turn_count_one(struct fr_run *run, const struct fr_step_result *result)
{
    int as = result->lost == FR_LOST_UNKNOWN   ? FR_STATUS__COUNT
             : result->lost == FR_LOST_PENDING ? FR_PENDING
                                               : (int)result->status;
    run->counts[as]++;
    run->kept += result->kept && result->status == FR_SUCCEEDED;
}

/* Counts the steps of a turn as ended. What of it had not begun when flowrun was killed is only a template. */
void turn_count(struct fr_run *run, const struct fr_step *frame, uint32_t first, uint32_t size)
{
    for (uint32_t i = first; i < first + size; i++) {
        const struct fr_step *step = &run->plan->steps[i];
        if (fr_run_tells(run, step) && repeat_frame(run->plan, step) == frame &&
            run->results[i].lost != FR_LOST_PENDING)
            turn_count_one(run, &run->results[i]);
    }
}

/* ---- what is kept ---- */

/* A copy of some bytes; NULL of nothing. */
static void *copy_bytes(const void *from, size_t len)
{
    void *to = from ? malloc(len + 1) : NULL;
    if (from && !to)
        abort();
    return from ? memcpy(to, from, len) : NULL;
}

/* A copy of a result that owns what it has. */
static struct fr_step_result copy_result(const struct fr_step_result *from)
{
    struct fr_step_result to = *from;
    to.error_message = from->error_message ? strdup(from->error_message) : NULL;
    to.usage = json_object_get(from->usage);
    to.state = json_object_get(from->state);
    to.question = json_object_get(from->question);
    to.answer = json_object_get(from->answer);
    to.output = fr_value_ref(from->output);
    to.passed = NULL;
    to.recipe = NULL;
    to.reason = NULL;
    to.repro = from->repro ? strdup(from->repro) : NULL;
    to.out_tail = copy_bytes(from->out_tail, from->out_tail_len);
    to.err_tail = copy_bytes(from->err_tail, from->err_tail_len);
    to.tail_weave = copy_bytes(from->tail_weave, from->tail_weave_len);
    to.leftover = copy_bytes(from->leftover, from->leftover_count * sizeof(*from->leftover));
    return to;
}

/* Where a step stands among all turns: places in templates and numbers of turns, from the outside in. */
static void set_place(const struct fr_run *run, struct fr_past *past)
{
    const struct fr_step *step = past->step;
    uint32_t depth = 0;
    for (const struct fr_step *s = step; s; s = repeat_frame(run->plan, s))
        depth++;
    past->place_len = 2 * depth - 1;
    past->place = calloc(past->place_len, sizeof(uint32_t));
    if (!past->place)
        abort();
    for (uint32_t i = past->place_len; step;) {
        const struct fr_step *frame = repeat_frame(run->plan, step);
        const struct fr_copies *copies = frame ? &frame->group->copies : NULL;
        past->place[--i] = copies ? (step->index - copies->first) % copies->size : step->index;
        if (frame)
            past->place[--i] = turn_number(run, frame, step);
        step = frame;
    }
}

/* Keeps one result. */
static void keep(struct fr_run *run, const struct fr_step *step)
{
    struct fr_repeats *repeats = run->repeats;
    if (run->past_count == repeats->past_cap) {
        repeats->past_cap = repeats->past_cap ? repeats->past_cap * 2 : 64;
        run->past = realloc(run->past, repeats->past_cap * sizeof(*run->past));
        if (!run->past)
            abort();
    }
    struct fr_past *past = &run->past[run->past_count++];
    *past = (struct fr_past){.id = strdup(fr_run_step_id(run, step)),
                             .step = step,
                             .result = copy_result(&run->results[step->index])};
    set_place(run, past);
}

/* Puts the results of a turn's steps into run->past. What is inside of other turns has been put there at their ends. */
void turn_to_past(struct fr_run *run, uint32_t first, uint32_t size, bool all)
{
    const struct fr_step *frame = repeat_frame(run->plan, &run->plan->steps[first]);
    for (uint32_t i = first; i < first + size && run->past_count < PAST_MAX; i++) {
        const struct fr_step *step = &run->plan->steps[i];
        if (repeat_frame(run->plan, step) == frame &&
            (all || fr_status_is_failure(run->results[i].status)))
            keep(run, step);
    }
}

/* By place. */
static int compare(const void *a, const void *b)
{
    const struct fr_past *x = a, *y = b;
    for (uint32_t i = 0; i < x->place_len && i < y->place_len; i++)
        if (x->place[i] != y->place[i])
            return x->place[i] < y->place[i] ? -1 : 1;
    return (x->place_len > y->place_len) - (x->place_len < y->place_len);
}

/* In order of declaration and turns. */
void past_sort(struct fr_run *run)
{
    if (run->past_count)
        qsort(run->past, run->past_count, sizeof(*run->past), compare);
}
