/* `state`, `reducers`, `update` and --state: what is declared, what steps may update, and that no two steps
 * that always run side by side set one key. One build, one thread. */
#include "copies.h"
#include "statekeys.h"

#include <stdlib.h>
#include <string.h>

#include "flowrun/base/str.h"

const char *state_nearest(struct build *b, const char *name)
{
    const struct fr_state *state = b->unit->made->state;
    uint32_t count = state ? state->count : 0;
    const char **names = FR_NEW_ARRAY(&b->scratch, count + 1, const char *);

    for (uint32_t i = 0; i < count; i++)
        names[i] = state->keys[i].name;
    return fr_suggest(name, names, count);
}

/* Finds a key, or adds it. */
static struct fr_state_key *declare(struct fr_state *state, struct build *b,
                                    const struct node *name)
{
    for (uint32_t i = 0; i < state->count; i++)
        if (strcmp(state->keys[i].name, name->text) == 0)
            return &state->keys[i];

    struct fr_state_key *key = &state->keys[state->count++];
    key->name = fr_strdup(b->arena, name->text);
    return key;
}

/* One reducer by its word. */
static void set_reducer(struct build *b, struct fr_state_key *key, const struct node *word)
{
    const char *names[FR_REDUCE__COUNT];

    if (word->kind != NODE_SCALAR)
        return;
    for (int i = 0; i < FR_REDUCE__COUNT; i++)
        names[i] = fr_reducer_name((enum fr_reducer)i);
    int found = names_find(names, FR_REDUCE__COUNT, word->text, FR_REDUCE__COUNT);
    if (found < FR_REDUCE__COUNT) {
        key->reducer = (enum fr_reducer)found;
        return;
    }
    const char *near = fr_suggest(word->text, names, FR_REDUCE__COUNT);
    fr_diag_add(b->diags, FR_ERROR, node_mark(word), "bad-value",
                near ? fr_format(&b->scratch, "did you mean '%s'?", near)
                     : "one of: set, extend, append, merge, add, min, max, union",
                "'%s' is no reducer", word->text);
}

/* Checks what a key begins with against its reducer. */
static bool check_initial(struct build *b, const struct fr_state_key *key, struct fr_mark mark,
                          const char *help)
{
    struct json_object *value = NULL;
    const char *want = NULL;

    if (fr_json_parse(key->initial_json, strlen(key->initial_json), &value, NULL, 0))
        want = fr_reducer_refuses(key->reducer, value, true);
    if (want)
        fr_diag_add(b->diags, FR_ERROR, mark, "bad-state", help,
                    "state '%s' begins with %s, but its reducer `%s` needs %s", key->name,
                    fr_state_kind(value), fr_reducer_name(key->reducer), want);
    json_object_put(value);
    return !want;
}

/* Refuses expressions in what the state begins with. */
static void refuse_expressions(struct build *b, const struct node *node)
{
    if (node->kind == NODE_SCALAR) {
        if (fr_has_expr(node->text))
            fr_diag_add(b->diags, FR_ERROR, node_mark(node), "bad-state",
                        "let the first step set it with `update:`",
                        "the initial state is constant and cannot hold an expression");
        return;
    }
    for (uint32_t i = 0; i < node->len; i++)
        refuse_expressions(b, node->kind == NODE_MAP ? node->pairs[i].value : node->items[i]);
}

void state_declare(struct build *b)
{
    const struct node *root = b->unit->loaded->src.root;
    const struct node *initial = node_get(root, "state"), *reducers = node_get(root, "reducers");
    uint32_t room = (initial && initial->kind == NODE_MAP ? initial->len : 0) +
                    (reducers && reducers->kind == NODE_MAP ? reducers->len : 0);

    if (!initial && !reducers)
        return;
    struct fr_state *state = FR_NEW(b->arena, struct fr_state);
    state->keys = FR_NEW_ARRAY(b->arena, room + 1, struct fr_state_key);
    for (uint32_t i = 0; initial && initial->kind == NODE_MAP && i < initial->len; i++) {
        struct fr_state_key *key = declare(state, b, initial->pairs[i].key);
        refuse_expressions(b, initial->pairs[i].value);
        key->initial_json = value_json(b, initial->pairs[i].value);
    }
    for (uint32_t i = 0; reducers && reducers->kind == NODE_MAP && i < reducers->len; i++)
        set_reducer(b, declare(state, b, reducers->pairs[i].key), reducers->pairs[i].value);
    for (uint32_t i = 0; initial && initial->kind == NODE_MAP && i < initial->len; i++)
        check_initial(b, fr_state_find(state, initial->pairs[i].key->text),
                      node_mark(initial->pairs[i].value), NULL);
    b->unit->made->state = state;
}

/* One `--state key=value`. */
static enum fr_err give(struct build *b, const char *option)
{
    const struct fr_mark nowhere = {0};
    const char *equals = strchr(option, '=');
    struct json_object *value = NULL;

    if (!equals || equals == option) {
        fr_diag_add(b->diags, FR_ERROR, nowhere, "bad-option", "write --state KEY=VALUE",
                    "--state %s gives no value", option);
        return FR_ERR_USAGE;
    }
    const char *name = fr_strndup(&b->scratch, option, (size_t)(equals - option));
    struct fr_state_key *key =
        (struct fr_state_key *)(uintptr_t)fr_state_find(b->plan->main->state, name);
    if (!key) {
        const char *near = state_nearest(b, name);
        fr_diag_add(b->diags, FR_ERROR, nowhere, "unknown-state",
                    near ? fr_format(&b->scratch, "did you mean '%s'?", near)
                         : "the keys of a workflow are declared under `state:` or `reducers:`",
                    "--state %s: the workflow has no state '%s'", option, name);
        return FR_ERR_USAGE;
    }
    key->initial_json = fr_strdup(b->arena, equals + 1);
    if (fr_json_parse(equals + 1, strlen(equals + 1), &value, NULL, 0)) {
        json_object_put(value);
    } else {
        struct fr_buf text;
        fr_buf_init(&text, 0);
        fr_json_write_str(equals + 1, strlen(equals + 1), &text);
        key->initial_json = fr_strdup(b->arena, fr_buf_cstr(&text));
        fr_buf_release(&text);
    }
    return check_initial(b, key, nowhere, "write the value as JSON") ? FR_OK : FR_ERR_USAGE;
}

enum fr_err state_give(struct build *b)
{
    enum fr_err err = FR_OK;

    for (uint32_t i = 0; i < b->options->state_count; i++) {
        enum fr_err one = give(b, b->options->states[i]);
        err = err ? err : one;
    }
    return err;
}

void state_fill_updates(struct build *b, struct fr_step *step, const struct node *map)
{
    if (!map || map->kind != NODE_MAP || map->len == 0)
        return;
    struct fr_update *updates = FR_NEW_ARRAY(b->arena, map->len, struct fr_update);
    for (uint32_t i = 0; i < map->len; i++) {
        const struct node *name = map->pairs[i].key, *node = map->pairs[i].value;
        const struct fr_state_key *key = fr_state_find(b->unit->made->state, name->text);
        if (!key) {
            const char *near = state_nearest(b, name->text);
            fr_diag_add(b->diags, FR_ERROR, node_mark(name), "unknown-state",
                        near ? fr_format(&b->scratch, "did you mean '%s'?", near)
                             : "declare it under `state:` or `reducers:` of the workflow",
                        "step '%s' updates '%s', which is no key of the state", step->id,
                        name->text);
        }
        if (node->kind != NODE_SCALAR)
            continue;
        const struct fr_expr *expr =
            fr_expr_parse(&b->exprs, fr_strndup(b->arena, node->text, node->len), text_mark(node));
        if (key && expr)
            updates[step->update_count++] = (struct fr_update){key, expr, node_mark(name)};
    }
    step->updates = updates;
}

/* ---- two steps that set one key ---- */

/* A step that always runs and sets a key. */
struct setter {
    const struct fr_state_key *key;
    const struct fr_step *step, *outer;
    struct fr_mark mark;
};

/* True when a step runs whenever the list that it is part of does so without a failure. */
static bool runs_with_its_list(const struct fr_step *step)
{
    return step->enabled && !step->when && !step->is_target && step->rule != FR_RULE_ANY_FAILED &&
           step->role != FR_ROLE_FALLBACK;
}

/* True when a step runs whenever the workflow comes to its end without a failure. */
static bool always_runs(const struct fr_plan *plan, const struct fr_step *step)
{
    for (;; step = &plan->steps[step->parent]) {
        if (!runs_with_its_list(step))
            return false;
        if (step->parent == FR_NO_STEP)
            return true;
        if (plan->steps[step->parent].kind == FR_KIND_RACE)
            return false;
    }
}

/* The branch of a race with several winners that always runs a step when it wins; NULL = there is none. */
static const struct fr_step *winning_branch(const struct fr_plan *plan, const struct fr_step *step)
{
    const struct fr_step *outer = fr_plan_outer(plan, step); /* a file has a state of its own */

    for (; step != outer && runs_with_its_list(step) && step->parent != FR_NO_STEP;
         step = &plan->steps[step->parent]) {
        const struct fr_step *parent = &plan->steps[step->parent];
        if (parent->kind == FR_KIND_RACE)
            return parent->group->keep > 1 ? step : NULL;
    }
    return NULL;
}

/* Order in which two steps run when they cannot run side by side; any order else, but always the same. */
static int compare(const void *x, const void *y, void *arg)
{
    struct build *b = arg;
    const struct setter *a = x, *c = y;

    if (a->key != c->key)
        return a->key < c->key ? -1 : 1;
    if (a->outer != c->outer)
        return !a->outer || (c->outer && a->outer->index < c->outer->index) ? -1 : 1;
    return refs_order(b, a->step, c->step);
}

/* How to mend branches that set one key; that one worker is no order is not obvious. */
static const char *setter_help(const struct fr_step *matrix)
{
    return matrix->group->max_workers == 1
               ? "`max_workers: 1` does not order branches: give the key another reducer, such as "
                 "`append`, or use `type: batch_process`"
               : "give the key another reducer, such as `append` or `merge`";
}

/* Branches of a matrix that all set one key. */
static void check_branches(struct build *b, const struct setter *setter)
{
    const struct fr_step *matrix = copies_frame(b, setter->step, FR_KIND_GROUP);

    for (; matrix; matrix = copies_frame(b, matrix, FR_KIND_GROUP)) {
        if (matrix->group->copies.count < 2)
            continue;
        unit_enter(b, setter->step);
        fr_diag_add(b->diags, FR_ERROR, setter->mark, "state-conflict", setter_help(matrix),
                    "the branches of matrix '%s' run side by side and all set '%s'", matrix->id,
                    setter->key->name);
        return;
    }
}

/* By key, then by race, then by declaration. */
static int compare_winners(const void *x, const void *y, void *arg)
{
    const struct fr_plan *plan = arg;
    const struct setter *a = x, *c = y;
    uint32_t race = winning_branch(plan, a->step)->parent;
    uint32_t other = winning_branch(plan, c->step)->parent;

    if (a->key != c->key)
        return a->key < c->key ? -1 : 1;
    if (race != other)
        return race < other ? -1 : 1;
    return (a->step->index > c->step->index) - (a->step->index < c->step->index);
}

/* Two branches that can win one race and then always set one key; there are `count` updates in all. */
static void check_winners(struct build *b, uint32_t count)
{
    const struct fr_plan *plan = b->plan;
    struct setter *all = FR_NEW_ARRAY(&b->scratch, count, struct setter);
    uint32_t used = 0;

    for (uint32_t i = 0; i < plan->step_count; i++) {
        const struct fr_step *step = &plan->steps[i];
        for (uint32_t k = 0; k < step->update_count; k++)
            if (step->updates[k].key->reducer == FR_REDUCE_SET && winning_branch(plan, step))
                all[used++] = (struct setter){step->updates[k].key, step, fr_plan_outer(plan, step),
                                              step->updates[k].mark};
    }
    qsort_r(all, used, sizeof(*all), compare_winners, (void *)(uintptr_t)plan);
    for (uint32_t i = 1; i < used; i++) {
        const struct fr_step *one = winning_branch(plan, all[i - 1].step);
        const struct fr_step *two = winning_branch(plan, all[i].step);
        unit_enter(b, all[i].step);
        if (all[i - 1].key == all[i].key && one != two && one->parent == two->parent)
            fr_diag_add(b->diags, FR_ERROR, all[i].mark, "state-conflict",
                        "give the key another reducer, or let the race keep one winner",
                        "steps '%s' and '%s' can both win the race '%s' and both set '%s'",
                        all[i - 1].step->id, all[i].step->id, plan->steps[one->parent].id,
                        all[i].key->name);
    }
}

void state_check(struct build *b)
{
    const struct fr_plan *plan = b->plan;
    uint32_t count = 0, used = 0;

    for (uint32_t i = 0; i < plan->step_count; i++)
        count += plan->steps[i].update_count;
    if (count == 0)
        return;
    struct setter *setters = FR_NEW_ARRAY(&b->scratch, count, struct setter);
    for (uint32_t i = 0; i < plan->step_count; i++) {
        const struct fr_step *step = &plan->steps[i];
        for (uint32_t k = 0; k < step->update_count; k++)
            if (step->updates[k].key->reducer == FR_REDUCE_SET && always_runs(plan, step))
                setters[used++] = (struct setter){step->updates[k].key, step,
                                                  fr_plan_outer(plan, step), step->updates[k].mark};
    }
    check_winners(b, count);
    qsort_r(setters, used, sizeof(*setters), compare, b);
    for (uint32_t i = 0; i < used; i++)
        check_branches(b, &setters[i]);
    for (uint32_t i = 1; i < used; i++) {
        const struct setter *one = &setters[i - 1], *two = &setters[i];
        if (one->key != two->key || one->outer != two->outer ||
            !refs_beside(b, one->step, two->step))
            continue;
        unit_enter(b, one->step);
        bool swap = two->step->index < one->step->index;
        fr_diag_add(b->diags, FR_ERROR, swap ? one->mark : two->mark, "state-conflict",
                    "give the key another reducer, or let one step depend on the other",
                    "steps '%s' and '%s' run side by side and both set '%s'",
                    swap ? two->step->id : one->step->id, swap ? one->step->id : two->step->id,
                    one->key->name);
    }
}
