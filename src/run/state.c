/* The state of a run. Nothing is kept up to date: what a step sees is put together when an expression asks for it,
 * from the updates of steps that have ended for good by then, so that timing cannot matter. Down a straight chain the
 * last answer is carried on, so that a long one costs no more than its updates. Coordinator thread. */
#include "state_core.h"

#include <stdlib.h>
#include <string.h>

/* Makes the state of a run. */
struct state *state_new(const struct fr_plan *plan)
{
    struct state *s = calloc(1, sizeof(*s));
    if (!s)
        abort();
    s->plan = plan;
    state_order_init(&s->order, plan);
    fr_arena_init(&s->arena);
    s->owners = calloc(plan->step_count + 1U, sizeof(uint32_t));
    for (uint32_t i = 0; i < plan->unit_count; i++)
        if (plan->units[i]->state && plan->units[i]->state->count > s->key_count)
            s->key_count = plan->units[i]->state->count;
    s->updates = calloc(plan->step_count + 1U, sizeof(struct json_object *));
    s->turns = calloc(plan->step_count + 1U, sizeof(struct state_turns *));
    s->stamps = calloc(plan->step_count + 1U, sizeof(uint32_t));
    s->stack = calloc(plan->step_count + 1U, sizeof(uint32_t));
    s->found = calloc(plan->step_count + 1U, 2 * sizeof(uint32_t));
    s->view.cells = calloc(s->key_count + 1U, sizeof(struct reduce_cell));
    s->view.setters = calloc(s->key_count + 1U, sizeof(uint32_t));
    s->view.torn = calloc(s->key_count + 1U, sizeof(bool));
    if (!s->owners || !s->updates || !s->turns || !s->stamps || !s->stack || !s->found ||
        !s->view.cells || !s->view.setters || !s->view.torn)
        abort();
    s->view.step = FR_NO_STEP;
    for (uint32_t i = 0; i < plan->step_count; i++) {
        const struct fr_step *outer = fr_plan_outer(plan, &plan->steps[i]);
        s->owners[i] = outer ? outer->index : FR_NO_STEP;
    }
    return s;
}

/* Empties the view. */
static void clear_view(struct state *s)
{
    for (uint32_t i = 0; i < s->key_count; i++) {
        json_object_put(s->view.cells[i].value);
        s->view.cells[i] = (struct reduce_cell){0};
        s->view.setters[i] = FR_NO_STEP;
        s->view.torn[i] = false;
    }
    s->view.step = FR_NO_STEP;
    s->view.last = 0;
    s->view.conflict = NULL;
}

/* Frees it; NULL is fine. */
void state_free(struct state *s)
{
    if (!s)
        return;
    clear_view(s);
    for (uint32_t i = 0; i < s->plan->step_count; i++) {
        json_object_put(s->updates[i]);
        state_forget_turns(s, i);
    }
    free(s->turns);
    state_order_release(&s->order);
    fr_arena_release(&s->arena);
    free(s->owners);
    free(s->updates);
    free(s->stamps);
    free(s->stack);
    free(s->found);
    free(s->view.cells);
    free(s->view.setters);
    free(s->view.torn);
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

/* ---- who sees whom ---- */

/* A walk has come to what the turns of a step, all of them over, have updated. */
void state_come_by_turns(struct walk *w, uint32_t step)
{
    const struct state_turns *turns = w->s->turns[step];
    if (w->target == FR_NO_STEP && w->s->owners[step] == w->owner && turns &&
        (turns->updates || turns->conflict || state_items_seen(turns->items)))
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
        state_come_by_turns(w, at);
        if (s->updates[at] && s->owners[at] == w->owner)
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

/* Whether a step inside of a batch or loop sees its turns: those of a loop one after the other, those of a batch when
 * they are all over. A fallback comes by them with the step it stands in for. */
static bool has_turns_before(const struct state *s, const struct fr_step *step)
{
    if (step->role == FR_ROLE_FALLBACK)
        return false;
    if (s->plan->steps[step->parent].kind == FR_KIND_LOOP)
        return true;
    return step->role == FR_ROLE_CALLBACK || step->role == FR_ROLE_COMBINE;
}

/* Goes through all that has ended when a step begins. */
static void walk_before(struct walk *w, uint32_t index)
{
    struct state *s = w->s;
    uint32_t owner = s->owners[index];
    s->stamp++;
    while (index != owner && !w->hit) {
        const struct fr_step *step = &s->plan->steps[index];
        switch (step->role) {
        case FR_ROLE_CALLBACK:
        case FR_ROLE_COMBINE:
        case FR_ROLE_FALLBACK:
            come_by(w, s->order.low[step->parent], s->order.low[index]);
            break;
        case FR_ROLE_FINALLY:
            come_by(w, owner == FR_NO_STEP ? 0 : s->order.low[owner],
                    state_order_finally(&s->order, s->plan, owner));
            walk_siblings(w, index);
            break;
        default:
            walk_siblings(w, index);
        }
        index = step->parent;
        if (index != FR_NO_STEP && has_turns_before(s, step))
            state_come_by_turns(w, index);
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
    if (before == FR_NO_STEP || before == step || turn || s->view.torn[key] ||
        sees(s, step, before))
        return;
    s->view.torn[key] = true;
    if (s->view.conflict)
        return;
    uint32_t first = s->order.turn[before] < s->order.turn[step] ? before : step;
    s->view.conflict = fr_format(
        &s->arena,
        "steps '%s' and '%s' ran side by side and both set the state '%s' (give it another "
        "reducer, or let one depend on the other)",
        s->plan->steps[first].id, s->plan->steps[first == before ? step : before].id,
        s->view.keys->keys[key].name);
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

/* Applies a list of updates of one step, of `set` keys or of the others. */
static void apply_list(struct state *s, uint32_t step, const struct json_object *list, bool sets)
{
    const struct fr_state *state = s->view.keys;
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
}

/* Applies the updates of one step, or of its turns. */
static void apply_step(struct state *s, uint32_t found, bool sets)
{
    uint32_t step = found & ~TURNS, at = 0;
    if (found & TURNS) {
        struct json_object *list = NULL;
        state_tear(s, s->turns[step]);
        while ((list = state_next_updates(s->turns[step], &at))) {
            apply_list(s, step, list, sets);
            json_object_put(list);
        }
    } else {
        apply_list(s, step, s->updates[step], sets);
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
int state_by_place(const void *a, const void *b, void *arg)
{
    uint64_t x = place_of(arg, *(const uint32_t *)a), y = place_of(arg, *(const uint32_t *)b);
    return x == y ? outer_first(arg, a, b) : (x > y) - (x < y);
}

/* Applies what a walk has found: in order of declaration, but of steps that set a key the last one to run counts. */
void state_apply_found(struct state *s)
{
    qsort_r(s->found, s->found_count, sizeof(*s->found), state_by_place, s);
    for (uint32_t i = 0; i < s->found_count; i++)
        apply_step(s, s->found[i], true);
    qsort_r(s->found, s->found_count, sizeof(*s->found), by_turn, s);
    for (uint32_t i = 0; i < s->found_count; i++)
        apply_step(s, s->found[i], false);
    for (uint32_t i = 0; i < s->view.keys->count; i++)
        s->view.cells[i].own = false; /* it is handed out */
}

/* The view as an object, without keys that are torn; returned owned. */
static struct json_object *object_of(const struct state *s, const char **conflict)
{
    struct json_object *object = json_object_new_object();
    for (uint32_t i = 0; i < s->view.keys->count; i++)
        if (!s->view.torn[i])
            json_object_object_add(object, s->view.keys->keys[i].name,
                                   json_object_get(s->view.cells[i].value));
    *conflict = s->view.conflict;
    return object;
}

/* Begins a view of a file's state anew. */
void state_begin_view(struct state *s, const struct fr_state *keys)
{
    clear_view(s);
    s->view.keys = keys;
    s->found_count = 0;
    for (uint32_t i = 0; i < s->view.keys->count; i++)
        s->view.cells[i].value = reduce_initial(&s->view.keys->keys[i]);
}

/* Carries the view of the step before on to its only follower; false when that is not what the view is, or when an
 * update would not come last. */
static bool carry_on(struct state *s, uint32_t index)
{
    const struct fr_step *step = &s->plan->steps[index];
    struct walk w = {.s = s, .owner = s->owners[index], .target = FR_NO_STEP};
    if (step->deps.count != 1 || s->view.step != step->deps.at[0] || s->view.conflict ||
        step->role == FR_ROLE_FINALLY)
        return false;
    uint32_t before = step->deps.at[0];
    s->found_count = 0;
    come_by(&w, s->order.low[before], s->order.high[before]);
    for (uint32_t i = 0; i < s->found_count; i++)
        if (turn_of(s, s->found[i]) < s->view.last)
            return false;
    state_apply_found(s);
    s->view.step = index;
    return true;
}

/* What a step sees. */
struct json_object *state_of_step(struct state *s, uint32_t step, bool inside,
                                  const char **conflict)
{
    struct walk w = {.s = s, .owner = s->owners[step], .target = FR_NO_STEP};
    if (!s->plan->steps[step].unit->state)
        return NULL;
    if (inside || (s->view.step != step && !carry_on(s, step))) {
        state_begin_view(s, s->plan->steps[step].unit->state);
        if (inside) {
            state_come_by_turns(&w, step);
            come_by(&w, s->order.low[step], s->order.place[step]);
        }
        walk_before(&w, step);
        state_apply_found(s);
        s->view.step = inside ? FR_NO_STEP : step;
    }
    return object_of(s, conflict);
}

/* What the run has come to. */
struct json_object *state_of_run(struct state *s, bool all, const char **conflict)
{
    struct walk w = {.s = s, .owner = FR_NO_STEP, .target = FR_NO_STEP};
    if (!s->plan->main->state)
        return NULL;
    state_begin_view(s, s->plan->main->state);
    come_by(&w, 0, all ? s->order.count : s->order.finally);
    state_apply_found(s);
    return object_of(s, conflict);
}

/* What the state of a file that a step runs has come to. */
struct json_object *state_of_file(struct state *s, uint32_t step, const char **conflict)
{
    struct walk w = {.s = s, .owner = step, .target = FR_NO_STEP};
    if (!s->plan->steps[step].runs->state)
        return NULL;
    state_begin_view(s, s->plan->steps[step].runs->state);
    come_by(&w, s->order.low[step], s->order.place[step]);
    state_apply_found(s);
    return object_of(s, conflict);
}
