/* The updates of turns. When a turn is over, what its steps have updated becomes one list and goes to the batch or loop
 * that it is a turn of, since its places are used again. Coordinator thread. */
#include <stdlib.h>

#include "state_core.h"

/* Forgets what the turns of a step have updated. */
void state_forget_turns(struct state *s, uint32_t step)
{
    struct state_turns *turns = s->turns[step];
    if (!turns)
        return;
    json_object_put(turns->updates);
    state_items_free(turns->items);
    free(turns->torn);
    free(turns);
    s->turns[step] = NULL;
}

/* The turns of a step, made when first needed. */
static struct state_turns *turns_of_step(struct state *s, uint32_t step)
{
    if (!s->turns[step])
        s->turns[step] = calloc(1, sizeof(**s->turns));
    if (!s->turns[step])
        abort();
    return s->turns[step];
}

/* Adds the part of an update that is about `set` keys, or about the others. */
static void add_part(const struct state *s, struct json_object *list, struct json_object *update,
                     bool sets)
{
    struct json_object *part = NULL;
    json_object_object_foreach(update, name, value)
    {
        const struct fr_state_key *key = fr_state_find(s->view.keys, name);
        if (!key || (key->reducer == FR_REDUCE_SET) != sets)
            continue;
        if (!part)
            part = json_object_new_object();
        json_object_object_add(part, name, json_object_get(value));
    }
    if (part)
        json_object_array_add(list, part);
}

/* Adds the parts of a list of updates. */
static void add_list_parts(const struct state *s, struct json_object *list,
                           const struct json_object *from, bool sets)
{
    for (size_t n = 0; from && n < json_object_array_length(from); n++)
        add_part(s, list, json_object_array_get_idx(from, n), sets);
}

/* Adds the parts of all updates that a walk has found, in their present order. */
static void add_parts(const struct state *s, struct json_object *list, bool sets)
{
    for (uint32_t i = 0; i < s->found_count; i++) {
        uint32_t step = s->found[i] & ~TURNS, at = 0;
        struct json_object *from = NULL;
        if (!(s->found[i] & TURNS))
            add_list_parts(s, list, s->updates[step], sets);
        else
            while ((from = state_next_updates(s->turns[step], &at))) {
                add_list_parts(s, list, from, sets);
                json_object_put(from);
            }
    }
}

/* Forgets all updates of some places. */
static void forget_places(struct state *s, uint32_t first, uint32_t size)
{
    for (uint32_t i = first; i < first + size; i++) {
        json_object_put(s->updates[i]);
        s->updates[i] = NULL;
        state_forget_turns(s, i);
    }
}

/* Forgets the updates from one place to another. */
static void forget(struct state *s, uint32_t low, uint32_t high)
{
    for (uint32_t place = low; place < high; place++) {
        uint32_t at = s->order.at[place];
        json_object_put(s->updates[at]);
        s->updates[at] = NULL;
        state_forget_turns(s, at);
    }
}

/* Forgets the updates of all that is inside of a step. */
void state_discard(struct state *s, uint32_t step)
{
    forget(s, s->order.low[step], s->order.high[step]);
}

/* The state of a file begins anew. */
void state_begin(struct state *s, uint32_t step)
{
    forget(s, s->order.low[step], s->order.place[step]);
    s->view.step = FR_NO_STEP;
}

/* Takes the updates of a turn out of the places it ran in, as one list that yields the same; owned, NULL = none. */
static struct json_object *take_turn(struct state *s, uint32_t first, uint32_t size,
                                     const char **conflict)
{
    const struct fr_state *keys = s->plan->steps[first].unit->state;
    struct walk w = {.s = s, .owner = s->owners[first], .target = FR_NO_STEP};
    *conflict = NULL;
    if (!keys) { /* there may be files inside that have a state */
        forget_places(s, first, size);
        return NULL;
    }
    state_begin_view(s, keys);
    for (uint32_t i = first; i < first + size; i++) {
        state_come_by_turns(&w, i);
        if (s->updates[i] && s->owners[i] == w.owner)
            s->found[s->found_count++] = i;
    }
    if (!s->found_count) {
        forget_places(s, first, size);
        return NULL;
    }
    struct json_object *list = json_object_new_array();
    state_apply_found(s);
    *conflict = s->view.conflict;
    add_parts(s, list, false); /* state_apply_found has left them in order of declaration */
    qsort_r(s->found, s->found_count, sizeof(*s->found), state_by_place, s);
    add_parts(s, list, true);
    forget_places(s, first, size);
    return list;
}

/* Remembers the keys that are in conflict in a turn, whose view is there, and what the first such turn says. */
static void note_conflict(const struct state *s, struct state_turns *turns, const char *conflict,
                          uint32_t number)
{
    uint32_t count = s->view.keys->count;
    if (!conflict)
        return;
    if (!turns->torn)
        turns->torn = calloc(count + 1U, sizeof(bool));
    if (!turns->torn)
        abort();
    for (uint32_t i = 0; i < count; i++)
        turns->torn[i] = turns->torn[i] || s->view.torn[i];
    if (turns->conflict && turns->conflict_at < number)
        return;
    turns->conflict = conflict;
    turns->conflict_at = number;
}

/* Takes over the conflicts inside of turns. */
void state_tear(struct state *s, const struct state_turns *turns)
{
    if (!s->view.conflict)
        s->view.conflict = turns->conflict;
    for (uint32_t i = 0; turns->torn && i < s->view.keys->count; i++)
        s->view.torn[i] = s->view.torn[i] || turns->torn[i];
}

/* Adds one list to another; takes the reference. */
static void add_list(struct json_object **into, struct json_object *list)
{
    if (!*into) {
        *into = list;
        return;
    }
    for (size_t i = 0; list && i < json_object_array_length(list); i++)
        json_object_array_add(*into, json_object_get(json_object_array_get_idx(list, i)));
    json_object_put(list);
}

/* A turn of a loop is over. */
void state_turn_ended(struct state *s, uint32_t loop, uint32_t first, uint32_t size)
{
    const char *conflict = NULL;
    struct json_object *list = take_turn(s, first, size, &conflict);
    s->view.step = FR_NO_STEP; /* who saw it may run again */
    if (!list)
        return;
    struct state_turns *turns = turns_of_step(s, loop);
    note_conflict(s, turns, conflict, 0);
    add_list(&turns->updates, list);
}

/* An item of a batch is over. */
void state_item_ended(struct state *s, uint32_t batch, uint32_t number, uint32_t slot,
                      uint32_t size)
{
    const char *conflict = NULL;
    struct json_object *list = take_turn(s, slot, size, &conflict);
    s->view.step = FR_NO_STEP;
    if (!list)
        return;
    struct state_turns *turns = turns_of_step(s, batch);
    note_conflict(s, turns, conflict, number);
    state_items_add(&turns->items, number, list);
}

/* All items are over: what they updated can be seen now. */
void state_batch_ended(struct state *s, uint32_t batch)
{
    if (s->turns[batch])
        state_items_end(s->turns[batch]->items);
}

/* The next list of updates that can be seen: that of a loop, then one by one those of the items. */
struct json_object *state_next_updates(const struct state_turns *turns, uint32_t *at)
{
    uint32_t item = *at ? *at - 1 : 0;
    if (*at == 0 && turns->updates) {
        *at = 1;
        return json_object_get(turns->updates);
    }
    struct json_object *list = state_items_next(turns->items, &item);
    *at = item + 1;
    return list;
}
