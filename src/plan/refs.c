/* What expressions may read where they stand: steps that have always ended by then, and
 * names that exist there. Timing never decides what an expression sees, so a step that
 * merely may have ended is an error too. One build, one thread. */
#include "copies.h"
#include "refhelp.h"
#include "statekeys.h"

#include <string.h>

#define ROOT(name) (1U << FR_ROOT_##name)

/* When an expression of a step is evaluated. */
enum phase {
    BEFORE, /* to start it */
    AFTER,  /* on its result */
    MERGING /* on the results of its branches */
};

/* Where an expression stands. */
struct place {
    struct build *b;
    const struct fr_step *step;  /* NULL: of the workflow */
    const struct fr_unit *unit;  /* the file it stands in */
    const struct fr_step *outer; /* of the workflow: the step that runs it; NULL = none */
    const char *key;
    enum phase phase;
    uint32_t allowed; /* of the workflow: bits of enum fr_root */
};

/* How a step relates to the one whose expression reads it. */
enum relation { ENDED, ITSELF, HOLDS_IT, BESIDE, LATER };

/* The branch of the tree below the common parent that leads to a step: both ends for two steps. */
static void meet(const struct fr_plan *plan, const struct fr_step **a, const struct fr_step **b)
{
    uint32_t da = 0, db = 0;

    for (uint32_t at = (*a)->parent; at != FR_NO_STEP; at = plan->steps[at].parent)
        da++;
    for (uint32_t at = (*b)->parent; at != FR_NO_STEP; at = plan->steps[at].parent)
        db++;
    for (; da > db; da--)
        *a = &plan->steps[(*a)->parent];
    for (; db > da; db--)
        *b = &plan->steps[(*b)->parent];
    while (*a != *b && (*a)->parent != (*b)->parent) {
        *a = &plan->steps[(*a)->parent];
        *b = &plan->steps[(*b)->parent];
    }
}

/* Two different children of one parent: has `target` always ended when `reader` starts? */
static enum relation among_siblings(struct build *b, const struct fr_step *reader,
                                    const struct fr_step *target)
{
    if (reader->role == target->role && step_siblings(b->plan, reader)) {
        if (graph_after(b, reader->index, target->index))
            return ENDED;
        return graph_after(b, target->index, reader->index) ? LATER : BESIDE;
    }
    /* Branches end before combine, that before the callback, and a fallback follows all of these. */
    static const int turn[FR_ROLE__COUNT] = {[FR_ROLE_FINALLY] = 1,
                                             [FR_ROLE_COMBINE] = 1,
                                             [FR_ROLE_CALLBACK] = 2,
                                             [FR_ROLE_FALLBACK] = 3};
    return turn[reader->role] > turn[target->role] ? ENDED : LATER;
}

static enum relation relate(struct build *b, const struct place *place,
                            const struct fr_step *target)
{
    const struct fr_step *reader = place->step, *aim = target;

    if (reader == target)
        return ITSELF;
    meet(b->plan, &reader, &aim);
    if (reader == aim && reader == place->step) /* the target is a part of the reader */
        return place->phase == BEFORE || target->role == FR_ROLE_FALLBACK ? LATER : ENDED;
    if (reader ==
        aim) { /* the reader is a part of the target; its fallback runs when the rest of it has ended */
        const struct fr_step *child = place->step;
        while (child->parent != aim->index)
            child = &b->plan->steps[child->parent];
        return child->role == FR_ROLE_FALLBACK ? ENDED : HOLDS_IT;
    }
    return among_siblings(b, reader, aim);
}

/* Which of two steps of one workflow comes first: -1, 1, or 0 for the same. Of steps that may run side by side some
 * order, always the same. A container comes behind what it holds, and before its fallback. */
int refs_order(struct build *b, const struct fr_step *x, const struct fr_step *y)
{
    static const int turn[FR_ROLE__COUNT] = {[FR_ROLE_FINALLY] = 1,
                                             [FR_ROLE_COMBINE] = 1,
                                             [FR_ROLE_CALLBACK] = 2,
                                             [FR_ROLE_FALLBACK] = 3};
    const struct fr_step *a = x, *c = y;

    if (x == y)
        return 0;
    meet(b->plan, &a, &c);
    if (a == c) { /* one holds the other */
        const struct fr_step *outer = a, *child = x == outer ? y : x;
        while (child->parent != outer->index)
            child = &b->plan->steps[child->parent];
        return (x == outer) == (child->role == FR_ROLE_FALLBACK) ? -1 : 1;
    }
    if (turn[a->role] != turn[c->role])
        return turn[a->role] < turn[c->role] ? -1 : 1;
    return b->notes[a->index].topo < b->notes[c->index].topo ? -1 : 1;
}

/* True when two steps may run at the same time. */
bool refs_beside(struct build *b, const struct fr_step *x, const struct fr_step *y)
{
    meet(b->plan, &x, &y);
    return x != y && x->role == y->role && among_siblings(b, x, y) == BESIDE;
}

static void report_relation(const struct place *place, const struct fr_expr *expr,
                            const struct fr_step *target, enum relation relation)
{
    const char *why, *help = NULL, *id = target->id;
    struct build *b = place->b;
    const struct fr_step *aim = target, *reader = place->step;

    switch (relation) {
    case ITSELF:
        why = "is the step itself";
        help = place->phase == BEFORE
                   ? "the result is there in `cost`, `quality` and `retry_when`, as .result"
                   : "its own result is .result";
        break;
    case HOLDS_IT:
        why = "holds it and has not ended yet";
        help = "the input of a group is .input of its branches";
        break;
    case LATER:
        why = "runs later";
        help = "read steps that come before";
        break;
    default:
        meet(b->plan, &reader, &aim);
        why = "may still be running then";
        help = fr_format(&b->scratch, "add `depends_on: [%s]` to step '%s'", aim->id, reader->id);
        break;
    }
    fr_diag_add(b->diags, FR_ERROR, expr->mark, "unreachable-reference", help,
                "`%s` of step '%s' reads step '%s', which %s", place->key, place->step->id, id,
                why);
}

static void check_step_refs(const struct place *place, const struct fr_expr *expr)
{
    struct build *b = place->b;

    for (uint32_t i = 0; i < expr->step_ref_count; i++) {
        const char *id = expr->step_refs[i];
        struct copies_why why;
        const struct fr_step *target = place->step ? copies_seen(b, place->step, id, &why)
                                                   : copies_inside(b, place->outer, id, &why);
        if (!target) {
            fr_diag_add(b->diags, FR_ERROR, expr->mark, "unknown-step",
                        refs_unknown_help(b, place->step, id, true),
                        "the expression reads step '%s', which does not exist", id);
            continue;
        }
        if (why.what) {
            fr_diag_add(b->diags, FR_ERROR, expr->mark, "unreachable-reference", why.help,
                        "the expression reads step '%s', which %s", id, why.what);
            continue;
        }
        enum relation relation = place->step ? relate(b, place, target) : ENDED;
        if (relation != ENDED)
            report_relation(place, expr, target, relation);
    }
}

/* The names that an expression of a step can read. */
static uint32_t names_of(const struct place *place)
{
    const uint32_t everywhere = ROOT(INPUT) | ROOT(PARAMS) | ROOT(STEPS) | ROOT(CONTEXT) |
                                ROOT(ENV) | ROOT(RUN) | ROOT(STEP) | ROOT(MODEL) | ROOT(ATTEMPT) |
                                ROOT(OUTPUT_FILE) | ROOT(STATE);

    if (!place->step)
        return place->allowed;
    return everywhere | (place->phase == AFTER ? ROOT(RESULT) : 0) |
           (place->phase == MERGING ? ROOT(RESULTS) : 0) |
           (strcmp(place->key, "rank") == 0 ? ROOT(RESULT) : 0) |
           (strcmp(place->key, "until") == 0 ? ROOT(RESULT) | ROOT(ITERATION) : 0) |
           (copies_frame(place->b, place->step, FR_KIND_BATCH) ? ROOT(ITEM) | ROOT(INDEX) : 0) |
           (copies_frame(place->b, place->step, FR_KIND_LOOP) ? ROOT(ITERATION) : 0) |
           (copies_frame(place->b, place->step, FR_KIND_GROUP) ? ROOT(MATRIX) : 0) |
           (place->b->notes[place->step->index].in_fallback ? ROOT(ERROR) : 0);
}

/* A program that takes the whole context (`keys`) names nothing in particular and finds what is there. */
static bool reads_all(const struct fr_expr *expr)
{
    return (expr->roots & ((1U << FR_ROOT__COUNT) - 1)) == (1U << FR_ROOT__COUNT) - 1;
}

static void check_names(const struct place *place, const struct fr_expr *expr)
{
    uint32_t wrong = reads_all(expr) ? 0 : expr->roots & ~names_of(place);

    for (int root = 0; wrong && root < FR_ROOT__COUNT; root++)
        if (wrong & (1U << root))
            fr_diag_add(place->b->diags, FR_ERROR, expr->mark, "unknown-name",
                        refs_where_name_is((enum fr_root)root),
                        "there is no `.%s` in `%s` of %s%s%s", fr_root_name((enum fr_root)root),
                        place->key, place->step ? "step '" : "the workflow",
                        place->step ? place->step->id : "", place->step ? "'" : "");
    if (place->step && !reads_all(expr) && (expr->roots & ROOT(OUTPUT_FILE)) &&
        !place->step->output_file && !strstr(expr->text, "//"))
        fr_diag_add(place->b->diags, FR_ERROR, expr->mark, "unknown-name",
                    "add `output_file: NAME` to the step",
                    "`.output_file` is read, but step '%s' has no `output_file`", place->step->id);
}

/* A plain path names its key of the state. */
static void check_state(const struct place *place, const struct fr_expr *expr)
{
    struct build *b = place->b;

    for (uint32_t i = 0; expr->kind == FR_EXPR_PATH && i < expr->operand_count; i++) {
        const struct fr_operand *operand = &expr->operands[i];
        if (operand->literal || operand->root != FR_ROOT_STATE || operand->access_count == 0 ||
            operand->access[0].kind != FR_ACCESS_KEY ||
            fr_state_find(place->unit->state, operand->access[0].key))
            continue;
        const char *near = state_nearest(b, operand->access[0].key);
        fr_diag_add(b->diags, FR_ERROR, expr->mark, "unknown-state",
                    near ? fr_format(&b->scratch, "did you mean '.state.%s'?", near)
                         : "declare it under `state:` or `reducers:` of the workflow",
                    "the expression reads '%s', which is no key of the state",
                    operand->access[0].key);
    }
}

/* A plain path names its key of the matrix. */
static void check_matrix(const struct place *place, const struct fr_expr *expr)
{
    for (uint32_t i = 0; expr->kind == FR_EXPR_PATH && i < expr->operand_count; i++) {
        const struct fr_operand *operand = &expr->operands[i];
        if (!operand->literal && operand->root == FR_ROOT_MATRIX && operand->access_count &&
            operand->access[0].kind == FR_ACCESS_KEY)
            matrix_check_key(place->b, place->step, operand->access[0].key, expr->mark);
    }
}

static void check_expr(void *arg, const struct fr_expr *expr)
{
    const struct place *place = arg;

    check_names(place, expr);
    if (expr->roots & ROOT(STATE))
        check_state(place, expr);
    if (place->step && (expr->roots & ROOT(MATRIX)))
        check_matrix(place, expr);
    check_step_refs(place, expr);
}

/* One expression (may be NULL) under a key. */
static void one(struct place *place, const char *key, enum phase phase, const struct fr_expr *expr)
{
    place->key = key;
    place->phase = phase;
    if (expr)
        check_expr(place, expr);
}

/* One template (may be NULL) under a key. */
static void tmpl(struct place *place, const char *key, const struct fr_tmpl *value)
{
    place->key = key;
    place->phase = BEFORE;
    if (value && value->kind != FR_TMPL_STRING)
        fr_tmpl_each(value, check_expr, place);
}

static void named(struct place *place, const char *key, const struct fr_named *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        tmpl(place, key, list[i].value);
}

static void check_http(struct place *place, const struct fr_http *http)
{
    tmpl(place, "url", http->url);
    tmpl(place, "method", http->method);
    tmpl(place, "body", http->body);
    tmpl(place, "json", http->json);
    tmpl(place, "save_to", http->save_to);
    named(place, "headers", http->headers, http->header_count);
    named(place, "form", http->form, http->form_count);
}

static void tmpls(struct place *place, const char *key, const struct fr_tmpl **list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        tmpl(place, key, list[i]);
}

static void check_step(struct build *b, const struct fr_step *step)
{
    struct place place = {.b = b, .step = step, .unit = step->unit};

    unit_enter(b, step);
    one(&place, "when", BEFORE, step->when);
    tmpl(&place, "input", step->input);
    tmpl(&place, "params", step->params);
    tmpls(&place, "argv", step->argv, step->argv_count);
    tmpls(&place, "sources", step->sources, step->source_count);
    tmpls(&place, "generates", step->generates, step->generate_count);
    for (uint32_t i = 0; step->script && i < step->script->value_count; i++)
        one(&place, "run", BEFORE, step->script->values[i]);
    tmpl(&place, "stdin", step->stdin_from);
    named(&place, "env", step->env, step->env_count);
    tmpl(&place, "cwd", step->cwd);
    tmpl(&place, "output_file", step->output_file);
    one(&place, "expr", BEFORE, step->expr);
    for (uint32_t i = 0; step->route && i < step->route->way_count; i++)
        one(&place, "when", BEFORE, step->route->ways[i].when);
    if (step->human) {
        tmpl(&place, "title", step->human->title);
        tmpl(&place, "description", step->human->description);
        tmpl(&place, "assignee", step->human->assignee);
    }
    tmpl(&place, "duration", step->wait_for);
    tmpl(&place, "until_time", step->wait_until);
    if (step->batch)
        tmpl(&place, "items", step->batch->items);
    if (step->loop)
        one(&place, "until", AFTER, step->loop->until);
    if (step->http)
        check_http(&place, step->http);
    one(&place, "retry_when", AFTER, step->retry.when);
    one(&place, "cost", AFTER, step->cost);
    one(&place, "quality", AFTER, step->quality);
    for (uint32_t i = 0; i < step->update_count; i++)
        one(&place, "update", AFTER, step->updates[i].expr);
    if (fr_step_merges(step)) {
        one(&place, "rank", MERGING, fr_step_merges(step)->rank);
        one(&place, "merge", MERGING, fr_step_merges(step)->merge_expr);
    }
}

/* What stands at the top of a file; outer: the first step that runs it. */
static void check_workflow(struct build *b, const struct fr_unit *unit, const struct fr_step *outer)
{
    const uint32_t facts = ROOT(PARAMS) | ROOT(CONTEXT) | ROOT(ENV) | ROOT(RUN);
    struct place place = {.b = b, .unit = unit, .outer = outer};

    unit_enter_file(b, b->units[unit->number]);
    place.allowed = facts;
    tmpl(&place, "input", unit->input);
    place.allowed = facts | ROOT(INPUT);
    named(&place, "env", unit->env, unit->env_count);
    place.allowed = facts | ROOT(INPUT) | ROOT(STEPS) | ROOT(STATE);
    tmpl(&place, "output", unit->output);
}

void refs_check(struct build *b)
{
    const struct fr_step *steps = b->plan->steps;

    check_workflow(b, b->plan->main, NULL);
    for (uint32_t i = 0; i < b->plan->step_count; i++) {
        if (b->notes[i].src)
            check_step(b, &steps[i]);
        if (b->notes[i].runs_first)
            check_workflow(b, steps[i].runs, &steps[i]);
    }
}
