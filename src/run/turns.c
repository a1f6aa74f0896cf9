/* The turns of batches and loops: what is kept of each, in as little room as a million of them leave. Coordinator thread. */
#include "turns.h"

#include <stdlib.h>
#include <string.h>

#include "status.h"
#include "value.h"

enum { SMALL = 64 << 10 }; /* outputs up to this size stand in the text of all */

/* calloc that ends the program when memory is out. */
static void *make(size_t count, size_t size)
{
    void *p = calloc(count + 1, size);
    if (!p)
        abort();
    return p;
}

/* Whether a step has a template that runs for each turn. */
static bool repeats(const struct fr_step *step)
{
    return step->kind == FR_KIND_BATCH || step->kind == FR_KIND_LOOP;
}

/* Makes run->repeats when the plan has use for it. */
void repeats_init(struct fr_run *run)
{
    uint32_t count = run->plan->step_count, i = 0;
    while (i < count && !repeats(&run->plan->steps[i]))
        i++;
    if (i == count)
        return;
    run->repeats = make(1, sizeof(*run->repeats));
    run->repeats->turns = make(count, sizeof(struct turns *));
    run->repeats->turn = make(count, sizeof(uint32_t));
    run->repeats->item = make(count, sizeof(uint32_t));
    run->repeats->names = make(count, sizeof(char *));
}

/* Frees what few turns have. */
static void more_free(struct turn_more *more)
{
    if (!more)
        return;
    free(more->message);
    free(more->repro);
    free(more->inside);
    free(more->leftover);
    json_object_put(more->usage);
    fr_value_unref(more->output);
    free(more);
}

/* Frees the turns of one step. */
static void turns_free(struct turns *turns)
{
    if (!turns)
        return;
    for (uint32_t i = 0; turns->items && i < turns->count; i++)
        more_free(turns->items[i].more);
    fr_buf_release(&turns->text);
    free(turns->items);
    free(turns);
}

/* Frees what a result owns. */
void step_result_release(struct fr_step_result *result)
{
    fr_value_unref(result->output);
    fr_value_unref(result->passed);
    json_object_put(result->usage);
    json_object_put(result->state);
    json_object_put(result->question);
    json_object_put(result->answer);
    free(result->error_message);
    free(result->reason);
    free(result->out_tail);
    free(result->err_tail);
    free(result->tail_weave);
    free(result->leftover);
    free(result->recipe);
    free(result->repro);
    *result = (struct fr_step_result){.exit_code = -1, .culprit = FR_NO_STEP};
}

/* Frees run->repeats and run->past. */
void repeats_free(struct fr_run *run)
{
    for (uint32_t i = 0; i < run->past_count; i++) {
        step_result_release(&run->past[i].result);
        free(run->past[i].id);
        free(run->past[i].place);
    }
    free(run->past);
    if (!run->repeats)
        return;
    for (uint32_t i = 0; i < run->plan->step_count; i++) {
        turns_free(run->repeats->turns[i]);
        free(run->repeats->names[i]);
    }
    free(run->repeats->turns);
    free(run->repeats->turn);
    free(run->repeats->item);
    free(run->repeats->names);
    free(run->repeats);
}

/* A batch or loop begins. */
struct turns *turns_begin(struct fr_run *run, const struct fr_step *step, uint32_t count)
{
    struct turns *turns = make(1, sizeof(*turns));
    turns->count = count;
    turns->items = count ? make(count, sizeof(*turns->items)) : NULL;
    fr_buf_init(&turns->text, 0);
    turns_free(run->repeats->turns[step->index]);
    run->repeats->turns[step->index] = turns;
    return turns;
}

/* Forgets the turns of a step. */
void turns_drop(struct fr_run *run, uint32_t step)
{
    turns_free(run->repeats->turns[step]);
    run->repeats->turns[step] = NULL;
}

struct turns *turns_of(const struct fr_run *run, const struct fr_step *step)
{
    return run->repeats ? run->repeats->turns[step->index] : NULL;
}

/* How many turns a batch or loop has had or will have. */
uint32_t fr_run_turns(const struct fr_run *run, const struct fr_step *step)
{
    const struct turns *turns = turns_of(run, step);
    return turns ? turns->count : 0;
}

bool fr_run_tells(const struct fr_run *run, const struct fr_step *step)
{
    if (!step->group)
        return true;
    if (!repeats(step) || turns_of(run, step) || run->results[step->index].lost)
        return false;
    enum fr_status status = run->results[step->index].status;
    return run->results[step->index].stays || status == FR_SKIPPED || status == FR_BLOCKED ||
           status == FR_CANCELLED || status == FR_NOT_TAKEN;
}

/* What stands in these places has another name from now on. */
static void forget_names(struct fr_run *run, uint32_t first, uint32_t size)
{
    for (uint32_t i = first; i < first + size; i++) {
        free(run->repeats->names[i]);
        run->repeats->names[i] = NULL;
    }
}

/* An item begins. */
void turn_begin_item(struct fr_run *run, uint32_t slot, uint32_t size, uint32_t number)
{
    run->repeats->item[slot] = number;
    forget_names(run, slot, size);
}

/* A turn of a loop begins. */
void turn_begin_loop(struct fr_run *run, const struct fr_step *loop, uint32_t number)
{
    run->repeats->turn[loop->index] = number;
    forget_names(run, loop->group->copies.first, loop->group->copies.size);
}

/* What few turns have; NULL when this one has nothing of that. */
static struct turn_more *more_of(const struct fr_step_result *result)
{
    if (!result->cost && !result->has_quality && !result->signal && !result->error_code &&
        !result->usage && !result->leftover_count)
        return NULL;
    struct turn_more *more = make(1, sizeof(*more));
    *more = (struct turn_more){.cost = result->cost,
                               .quality = result->quality,
                               .has_quality = result->has_quality,
                               .signal = result->signal,
                               .code = result->error_code,
                               .usage = json_object_get(result->usage)};
    more->message = result->error_message ? strdup(result->error_message) : NULL;
    more->repro = result->repro ? strdup(result->repro) : NULL;
    if (result->leftover_count) {
        more->leftover = make(result->leftover_count, sizeof(*more->leftover));
        more->leftover_count = result->leftover_count;
        memcpy(more->leftover, result->leftover, result->leftover_count * sizeof(*more->leftover));
    }
    return more;
}

/* Keeps the output: as text when it is small, else itself. */
static void note_output(struct turns *turns, struct turn *turn, struct fr_value *output)
{
    turn->at = turns->text.len;
    if (fr_value_kind(output) == FR_VALUE_NULL)
        return;
    if (fr_value_kind(output) != FR_VALUE_FILE && fr_value_size(output) <= SMALL &&
        value_add_exact(output, &turns->text)) {
        turn->len = (uint32_t)(turns->text.len - turn->at);
        return;
    }
    if (!turn->more)
        turn->more = make(1, sizeof(*turn->more));
    turn->more->output = fr_value_ref(output);
}

/* Notes how an item came out. */
void turn_note(struct turns *turns, uint32_t number, const struct fr_step_result *result)
{
    struct turn *turn = &turns->items[number];
    *turn = (struct turn){.status = status_yields(result) ? FR_SUCCEEDED : (uint8_t)result->status,
                          .tolerated = result->tolerated,
                          .exit_code = (int16_t)result->exit_code,
                          .attempts = result->attempts,
                          .started_wall_ns = result->started_wall_ns,
                          .duration_ns = fr_step_took(result),
                          .more = more_of(result)};
    note_output(turns, turn, result->output);
}

/* Keeps what an item has that is a group. */
void turn_keep_inside(struct turns *turns, uint32_t number, char *inside)
{
    struct turn *turn = &turns->items[number];
    if (!turn->more)
        turn->more = make(1, sizeof(*turn->more));
    turn->more->inside = inside;
}

const char *turn_inside(const struct turns *turns, uint32_t number)
{
    const struct turn_more *more = turns->items[number].more;
    return more ? more->inside : NULL;
}

/* Notes turns that never began. */
void turns_cancel(struct turns *turns, uint32_t first, const char *message)
{
    for (uint32_t i = first; i < turns->count; i++) {
        if (turns->items[i].status != FR_PENDING)
            continue;
        struct turn_more *more = make(1, sizeof(*more));
        more->code = "cancelled";
        more->message = strdup(message);
        turns->items[i] = (struct turn){.status = FR_CANCELLED, .exit_code = -1, .more = more};
    }
}

/* The output of a turn; owned. */
struct fr_value *turn_output(const struct turns *turns, uint32_t number)
{
    const struct turn *turn = &turns->items[number];
    struct json_object *object = NULL;
    if (turn->more && turn->more->output)
        return fr_value_ref(turn->more->output);
    if (!turn->len)
        return fr_value_null();
    fr_json_parse(turns->text.data + turn->at, turn->len, &object, NULL, 0);
    return fr_value_json(object);
}

/* How a turn came out. */
struct fr_step_result turn_result(const struct turns *turns, uint32_t number)
{
    const struct turn *turn = &turns->items[number];
    const struct turn_more none = {0}, *more = turn->more ? turn->more : &none;
    return (struct fr_step_result){.status = (enum fr_status)turn->status,
                                   .tolerated = turn->tolerated,
                                   .attempts = turn->attempts,
                                   .exit_code = turn->status == FR_PENDING ? -1 : turn->exit_code,
                                   .signal = more->signal,
                                   .error_code = more->code,
                                   .error_message = more->message,
                                   .repro = more->repro,
                                   .ended_ns = turn->duration_ns,
                                   .started_wall_ns = turn->started_wall_ns,
                                   .cost = more->cost,
                                   .quality = more->quality,
                                   .has_quality = more->has_quality,
                                   .usage = more->usage,
                                   .output = turn_output(turns, number),
                                   .leftover = more->leftover,
                                   .leftover_count = more->leftover_count};
}

/* Appends the output of a turn to a list; false when it does not fit into it. */
static bool add_output(const struct turns *turns, const struct turn *turn, struct fr_buf *list)
{
    struct fr_value *large = turn->more ? turn->more->output : NULL;
    if (turn->status != FR_SUCCEEDED || (!large && !turn->len))
        return fr_buf_str(list, "null");
    if (!large)
        return fr_buf_add(list, turns->text.data + turn->at, turn->len);
    if (fr_value_size(large) > FR_VALUE_PARSE_LIMIT)
        return false;
    return value_add_exact(large, list) || fr_value_add_json(large, list) == FR_OK;
}

/* The outputs of all turns as a list. */
bool turns_list(const struct turns *turns, struct fr_value **list, uint32_t *bad)
{
    struct fr_buf text;
    size_t len = 0;
    bool good = true;
    fr_buf_init(&text, 0);
    (void)fr_buf_reserve(&text, turns->text.len + turns->count + 2);
    fr_buf_char(&text, '[');
    for (uint32_t i = 0; i < turns->count && good; i++) {
        if (i)
            fr_buf_char(&text, ',');
        good = add_output(turns, &turns->items[i], &text) && !text.overflow;
        *bad = i;
    }
    fr_buf_char(&text, ']');
    if (good) {
        char *data = fr_buf_take(&text, &len);
        *list = value_json_compact(data, len);
    }
    fr_buf_release(&text);
    return good;
}
