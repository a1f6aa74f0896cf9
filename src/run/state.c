/* The state of a run. Nothing is kept up to date: what a step sees is put together when an expression asks for it,
 * from the updates of steps that have ended for good by then, so that timing cannot matter. Down a straight chain the
 * last answer is carried on, so that a long one costs no more than its updates. Coordinator thread. */
#include "state.h"

#include <stdlib.h>
#include <string.h>

#include "flowrun/base/str.h"
#include "reduce.h"
#include "state_order.h"

/* What updates come to. */
struct view {
    uint32_t step;             /* who sees it; FR_NO_STEP = nothing is kept here */
    uint64_t last;             /* the highest turn in it */
    struct reduce_cell *cells; /* by key */
    uint32_t *setters;         /* by key: the step that set it last */
    const char *conflict;
};

struct state {
    const struct fr_plan *plan; /* borrowed */
    struct state_order order;
    struct json_object **updates; /* by step, owned: list of {key: value}; NULL = none */
    struct state_turns **turns;   /* by step, owned: of batches and loops */
    uint32_t *stamps, stamp;      /* by step: the last walk that came by */
    uint32_t *stack;              /* of a walk */
    uint32_t *found, found_count; /* steps with updates that a walk has found */
    struct view view;             /* the last one */
    struct fr_arena arena;        /* texts of conflicts */
};

/* What the turns of a batch or a loop that are over have updated. It stands before all that is inside of the step. */
struct state_turns {
    struct json_object *updates; /* a list of {key: value}, in order of turns; NULL = none */
    const char *conflict;        /* inside of a turn */
    uint32_t conflict_at;        /* which */
    /* of items, until the batch is over: */
    struct state_item {
        uint32_t number;
        struct json_object *updates;
    } * items;
    uint32_t item_count, item_cap;
};

enum { TURNS = 1U << 31 }; /* beside a step in `found`: not its own updates, those of its turns */

/* A walk over all that has ended before a step. */
struct walk {
    struct state *s;
    uint32_t target; /* the step that is looked for; FR_NO_STEP: all with updates are collected */
    bool hit;
};

/* Makes the state of a run. */
struct state *state_new(const struct fr_plan *plan)
{
    struct state *s = calloc(1, sizeof(*s));
    if (!s)
        abort();
    s->plan = plan;
    state_order_init(&s->order, plan);
    fr_arena_init(&s->arena);
    s->updates = calloc(plan->step_count + 1U, sizeof(struct json_object *));
    s->turns = calloc(plan->step_count + 1U, sizeof(struct state_turns *));
    s->stamps = calloc(plan->step_count + 1U, sizeof(uint32_t));
    s->stack = calloc(plan->step_count + 1U, sizeof(uint32_t));
    s->found = calloc(2 * (plan->step_count + 1U), sizeof(uint32_t));
    s->view.cells = calloc(plan->main->state->count + 1U, sizeof(struct reduce_cell));
    s->view.setters = calloc(plan->main->state->count + 1U, sizeof(uint32_t));
    if (!s->updates || !s->turns || !s->stamps || !s->stack || !s->found || !s->view.cells ||
        !s->view.setters)
        abort();
    s->view.step = FR_NO_STEP;
    return s;
}

/* Empties the view. */
static void clear_view(struct state *s)
{
    for (uint32_t i = 0; i < s->plan->main->state->count; i++) {
        json_object_put(s->view.cells[i].value);
        s->view.cells[i] = (struct reduce_cell){0};
        s->view.setters[i] = FR_NO_STEP;
    }
    s->view.step = FR_NO_STEP;
    s->view.last = 0;
    s->view.conflict = NULL;
}

/* Forgets what the turns of a step have updated. */
static void forget_turns(struct state *s, uint32_t step)
{
    struct state_turns *turns = s->turns[step];
    if (!turns)
        return;
    for (uint32_t i = 0; i < turns->item_count; i++)
        json_object_put(turns->items[i].updates);
    json_object_put(turns->updates);
    free(turns->items);
    free(turns);
    s->turns[step] = NULL;
}

/* Frees it; NULL is fine. */
void state_free(struct state *s)
{
    if (!s)
        return;
    clear_view(s);
    for (uint32_t i = 0; i < s->plan->step_count; i++) {
        json_object_put(s->updates[i]);
        forget_turns(s, i);
    }
    free(s->turns);
    state_order_release(&s->order);
    fr_arena_release(&s->arena);
    free(s->updates);
    free(s->stamps);
    free(s->stack);
    free(s->found);
    free(s->view.cells);
    free(s->view.setters);
    free(s);
}

/* Adds updates of a step. */
void state_commit(struct state *s, uint32_t step, struct json_object *updates)
{
    if (!s->updates[step]) {
        s->updates[step] = updates;
        return;
    }
    for (size_t i = 0; i < json_object_array_length(updates); i++)
        json_object_array_add(s->updates[step],
                              json_object_get(json_object_array_get_idx(updates, i)));
    json_object_put(updates);
}

/* Forgets the updates of all that is inside of a step. */
void state_discard(struct state *s, uint32_t step)
{
    for (uint32_t place = s->order.low[step]; place < s->order.high[step]; place++) {
        uint32_t at = s->order.at[place];
        json_object_put(s->updates[at]);
        s->updates[at] = NULL;
        forget_turns(s, at);
    }
}

/* ---- who sees whom ---- */

/* A walk has come to what the turns of a step, all of them over, have updated. */
static void come_by_turns(struct walk *w, uint32_t step)
{
    const struct state_turns *turns = w->s->turns[step];
    if (w->target == FR_NO_STEP && turns && (turns->updates || turns->conflict))
        w->s->found[w->s->found_count++] = step | TURNS;
}

/* A walk has come to the places from `low` to before `high`. */
static void come_by(struct walk *w, uint32_t low, uint32_t high)
{
    struct state *s = w->s;
    if (w->target != FR_NO_STEP) {
        uint32_t place = s->order.place[w->target];
        w->hit = w->hit || (low <= place && place < high);
        return;
    }
    for (uint32_t place = low; place < high; place++) {
        uint32_t at = s->order.at[place];
        come_by_turns(w, at);
        if (s->updates[at])
            s->found[s->found_count++] = at;
    }
}

/* Goes through all that a step waits for among its siblings. */
static void walk_siblings(struct walk *w, uint32_t step)
{
    struct state *s = w->s;
    uint32_t top = 0, behind = w->target == FR_NO_STEP ? 0 : s->order.place[w->target];
    s->stack[top++] = step;
    while (top && !w->hit) {
        const struct fr_indexes *deps = &s->plan->steps[s->stack[--top]].deps;
        for (uint32_t d = 0; d < deps->count; d++) {
            uint32_t at = deps->at[d];
            if (s->stamps[at] == s->stamp || s->order.high[at] <= behind)
                continue;
            s->stamps[at] = s->stamp;
            come_by(w, s->order.low[at], s->order.high[at]);
            s->stack[top++] = at;
        }
    }
}

/* Goes through all that has ended when a step begins. */
static void walk_before(struct walk *w, uint32_t index)
{
    struct state *s = w->s;
    s->stamp++;
    while (index != FR_NO_STEP && !w->hit) {
        const struct fr_step *step = &s->plan->steps[index];
        switch (step->role) {
        case FR_ROLE_CALLBACK:
        case FR_ROLE_COMBINE:
        case FR_ROLE_FALLBACK:
            come_by(w, s->order.low[step->parent], s->order.low[index]);
            break;
        case FR_ROLE_FINALLY:
            come_by(w, 0, s->order.finally);
            walk_siblings(w, index);
            break;
        default:
            walk_siblings(w, index);
        }
        index = step->parent;
        if (index != FR_NO_STEP && s->plan->steps[index].kind == FR_KIND_LOOP)
            come_by_turns(w, index);
    }
}

/* Whether step b sees step a: it holds it, or a has ended before b begins. */
static bool sees(struct state *s, uint32_t b, uint32_t a)
{
    struct walk w = {.s = s, .target = a};
    come_by(&w, s->order.low[b], s->order.place[b]);
    walk_before(&w, b);
    return w.hit;
}

/* ---- from updates to a state ---- */

/* Notes who set a key; two that ran side by side are a conflict. */
static void note_setter(struct state *s, uint32_t key, uint32_t step)
{
    uint32_t before = s->view.setters[key];
    s->view.setters[key] = step;
    bool turn = before != FR_NO_STEP && s->order.low[before] <= s->order.place[step] &&
                s->order.place[step] < s->order.place[before]; /* of the same loop, one before */
    if (before == FR_NO_STEP || before == step || turn || s->view.conflict || sees(s, step, before))
        return;
    uint32_t first = s->order.turn[before] < s->order.turn[step] ? before : step;
    s->view.conflict = fr_format(
        &s->arena,
        "steps '%s' and '%s' ran side by side and both set the state '%s' (give it another "
        "reducer, or let one depend on the other)",
        s->plan->steps[first].id, s->plan->steps[first == before ? step : before].id,
        s->plan->main->state->keys[key].name);
}

/* The order of declaration of what a walk has found: of turns the first inside of their step. */
static uint64_t turn_of(const struct state *s, uint32_t found)
{
    return found & TURNS ? 2ULL * s->order.begin[found & ~TURNS] : 2ULL * s->order.turn[found] + 1;
}

/* The same for the order of running. */
static uint64_t place_of(const struct state *s, uint32_t found)
{
    return found & TURNS ? 2ULL * s->order.low[found & ~TURNS] : 2ULL * s->order.place[found] + 1;
}

/* Applies the updates of one step, of `set` keys or of the others. */
static void apply_step(struct state *s, uint32_t found, bool sets)
{
    const struct fr_state *state = s->plan->main->state;
    uint32_t step = found & ~TURNS;
    struct json_object *list = found & TURNS ? s->turns[step]->updates : s->updates[step];
    if (found & TURNS && !s->view.conflict)
        s->view.conflict = s->turns[step]->conflict;
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        struct json_object *one = json_object_array_get_idx(list, i);
        json_object_object_foreach(one, name, value)
        {
            const struct fr_state_key *key = fr_state_find(state, name);
            if (!key || (key->reducer == FR_REDUCE_SET) != sets)
                continue;
            uint32_t number = (uint32_t)(key - state->keys);
            reduce(&s->view.cells[number], key->reducer, value);
            if (sets)
                note_setter(s, number, step);
        }
    }
    if (turn_of(s, found) > s->view.last)
        s->view.last = turn_of(s, found);
}

/* Of the turns of two steps, one of which begins with the other: those of the outer one came before. */
static int outer_first(const struct state *s, const void *a, const void *b)
{
    const uint32_t *place = s->order.place;
    uint32_t x = place[*(const uint32_t *)a & ~TURNS], y = place[*(const uint32_t *)b & ~TURNS];
    return (x < y) - (x > y);
}

/* By turn: order of declaration. */
static int by_turn(const void *a, const void *b, void *arg)
{
    uint64_t x = turn_of(arg, *(const uint32_t *)a), y = turn_of(arg, *(const uint32_t *)b);
    return x == y ? outer_first(arg, a, b) : (x > y) - (x < y);
}

/* By place: dependencies first. */
static int by_place(const void *a, const void *b, void *arg)
{
    uint64_t x = place_of(arg, *(const uint32_t *)a), y = place_of(arg, *(const uint32_t *)b);
    return x == y ? outer_first(arg, a, b) : (x > y) - (x < y);
}

/* Applies what a walk has found: in order of declaration, but of steps that set a key the last one to run counts. */
static void apply_found(struct state *s)
{
    qsort_r(s->found, s->found_count, sizeof(*s->found), by_place, s);
    for (uint32_t i = 0; i < s->found_count; i++)
        apply_step(s, s->found[i], true);
    qsort_r(s->found, s->found_count, sizeof(*s->found), by_turn, s);
    for (uint32_t i = 0; i < s->found_count; i++)
        apply_step(s, s->found[i], false);
    for (uint32_t i = 0; i < s->plan->main->state->count; i++)
        s->view.cells[i].own = false; /* it is handed out */
}

/* The view as an object; returned owned. */
static struct json_object *object_of(const struct state *s, const char **conflict)
{
    struct json_object *object = json_object_new_object();
    for (uint32_t i = 0; i < s->plan->main->state->count; i++)
        json_object_object_add(object, s->plan->main->state->keys[i].name,
                               json_object_get(s->view.cells[i].value));
    *conflict = s->view.conflict;
    return object;
}

/* Begins a view anew. */
static void begin_view(struct state *s)
{
    clear_view(s);
    s->found_count = 0;
    for (uint32_t i = 0; i < s->plan->main->state->count; i++)
        s->view.cells[i].value = reduce_initial(&s->plan->main->state->keys[i]);
}

/* Carries the view of the step before on to its only follower; false when that is not what the view is, or when an
 * update would not come last. */
static bool carry_on(struct state *s, uint32_t index)
{
    const struct fr_step *step = &s->plan->steps[index];
    struct walk w = {.s = s, .target = FR_NO_STEP};
    if (step->deps.count != 1 || s->view.step != step->deps.at[0] || s->view.conflict ||
        step->role == FR_ROLE_FINALLY)
        return false;
    uint32_t before = step->deps.at[0];
    s->found_count = 0;
    come_by(&w, s->order.low[before], s->order.high[before]);
    for (uint32_t i = 0; i < s->found_count; i++)
        if (turn_of(s, s->found[i]) < s->view.last)
            return false;
    apply_found(s);
    s->view.step = index;
    return true;
}

/* What a step sees. */
struct json_object *state_of_step(struct state *s, uint32_t step, bool inside,
                                  const char **conflict)
{
    struct walk w = {.s = s, .target = FR_NO_STEP};
    if (inside || (s->view.step != step && !carry_on(s, step))) {
        begin_view(s);
        if (inside) {
            come_by_turns(&w, step);
            come_by(&w, s->order.low[step], s->order.place[step]);
        }
        walk_before(&w, step);
        apply_found(s);
        s->view.step = inside ? FR_NO_STEP : step;
    }
    return object_of(s, conflict);
}

/* What the run has come to. */
struct json_object *state_of_run(struct state *s, bool all, const char **conflict)
{
    struct walk w = {.s = s, .target = FR_NO_STEP};
    begin_view(s);
    come_by(&w, 0, all ? s->order.count : s->order.finally);
    apply_found(s);
    return object_of(s, conflict);
}

/* ---- turns ---- */

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
        const struct fr_state_key *key = fr_state_find(s->plan->main->state, name);
        if (!key || (key->reducer == FR_REDUCE_SET) != sets)
            continue;
        if (!part)
            part = json_object_new_object();
        json_object_object_add(part, name, json_object_get(value));
    }
    if (part)
        json_object_array_add(list, part);
}

/* Adds the parts of all updates that a walk has found, in their present order. */
static void add_parts(const struct state *s, struct json_object *list, bool sets)
{
    for (uint32_t i = 0; i < s->found_count; i++) {
        uint32_t step = s->found[i] & ~TURNS;
        struct json_object *from =
            s->found[i] & TURNS ? s->turns[step]->updates : s->updates[step];
        for (size_t n = 0; from && n < json_object_array_length(from); n++)
            add_part(s, list, json_object_array_get_idx(from, n), sets);
    }
}

/* Takes the updates of a turn out of the places it ran in, as one list that yields the same; owned, NULL = none. */
static struct json_object *take_turn(struct state *s, uint32_t first, uint32_t size,
                                     const char **conflict)
{
    begin_view(s);
    for (uint32_t i = first; i < first + size; i++) {
        struct walk w = {.s = s, .target = FR_NO_STEP};
        come_by_turns(&w, i);
        if (s->updates[i])
            s->found[s->found_count++] = i;
    }
    *conflict = NULL;
    if (!s->found_count)
        return NULL;
    struct json_object *list = json_object_new_array();
    apply_found(s);
    *conflict = s->view.conflict;
    add_parts(s, list, false); /* apply_found has left them in order of declaration */
    qsort_r(s->found, s->found_count, sizeof(*s->found), by_place, s);
    add_parts(s, list, true);
    for (uint32_t i = first; i < first + size; i++) {
        json_object_put(s->updates[i]);
        s->updates[i] = NULL;
        forget_turns(s, i);
    }
    return list;
}

/* Remembers the first conflict inside of a turn. */
static void note_conflict(struct state_turns *turns, const char *conflict, uint32_t number)
{
    if (!conflict || (turns->conflict && turns->conflict_at < number))
        return;
    turns->conflict = conflict;
    turns->conflict_at = number;
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
    note_conflict(turns, conflict, 0);
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
    note_conflict(turns, conflict, number);
    if (turns->item_count == turns->item_cap) {
        turns->item_cap = turns->item_cap ? turns->item_cap * 2 : 16;
        turns->items = realloc(turns->items, turns->item_cap * sizeof(*turns->items));
        if (!turns->items)
            abort();
    }
    turns->items[turns->item_count++] = (struct state_item){number, list};
}

/* By item. */
static int by_number(const void *a, const void *b)
{
    uint32_t x = ((const struct state_item *)a)->number, y = ((const struct state_item *)b)->number;
    return (x > y) - (x < y);
}

/* All items are over: what they updated can be seen now. */
void state_batch_ended(struct state *s, uint32_t batch)
{
    struct state_turns *turns = s->turns[batch];
    if (!turns || !turns->item_count)
        return;
    qsort(turns->items, turns->item_count, sizeof(*turns->items), by_number);
    for (uint32_t i = 0; i < turns->item_count; i++) {
        add_list(&turns->updates, turns->items[i].updates);
        turns->items[i].updates = NULL;
    }
    turns->item_count = 0;
}
