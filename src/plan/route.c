/* Routers: what their keys say, which steps they may choose, and which routers a step may
 * be chosen by. One build, one thread. */
#include "copies.h"
#include "refhelp.h"
#include "route.h"

#include <stdlib.h>

/* A router that lacks what makes it one. */
static void report_missing(struct build *b, const struct fr_step *step)
{
    fr_diag_add(b->diags, FR_ERROR, src_mark(b->notes[step->index].src->node, "type"),
                "missing-key", "add `routes:`, a list of {when: condition, goto: [ids]}",
                "step '%s' is of type %s, but has no `routes`", step->id, step->type);
}

/* The conditions of a router; its targets are linked when all steps are known. */
void route_fill(struct build *b, struct fr_step *step)
{
    const struct node *map = b->notes[step->index].src->node;
    const struct node *list = node_get(map, "routes");
    uint32_t count = list && list->kind == NODE_LIST ? list->len : 0;
    struct fr_route *route = FR_NEW(b->arena, struct fr_route);

    step->route = route;
    if (count == 0 && !src_told(map, "routes"))
        report_missing(b, step);
    route->ways = FR_NEW_ARRAY(b->arena, count, struct fr_way);
    route->way_count = count;
    for (uint32_t i = 0; i < count; i++) {
        const struct node *when = node_get(list->items[i], "when");
        if (when && when->kind == NODE_SCALAR)
            route->ways[i].when =
                fr_expr_parse(&b->exprs, fr_strdup(b->arena, when->text), text_mark(when));
    }
    if (node_get(map, "default"))
        route->otherwise = FR_NEW(b->arena, struct fr_way);
}

/* What the process of a step may choose. */
void route_fill_offer(struct build *b, struct fr_step *step)
{
    const struct node *map = b->notes[step->index].src->node;

    const struct catalog_type *type = b->notes[step->index].type;
    const char *wrong = node_get(map, "goto") ? "goto" : "default";
    if (step->kind != FR_KIND_PROCESS && node_get(map, wrong)) {
        if (!type || type->builtin) /* the checker said so */
            return;
        fr_diag_add(b->diags, FR_ERROR, src_key_mark(map, wrong), "key-not-here", "remove the key",
                    "'%s' is a key of steps that run a process, but step '%s' is of type %s", wrong,
                    step->id, step->type);
        return;
    }
    if (!node_get(map, "goto")) {
        if (node_get(map, "default"))
            fr_diag_add(b->diags, FR_ERROR, src_key_mark(map, "default"), "key-not-here",
                        "add `goto:`, the steps it may choose, or remove the key",
                        "step '%s' has a `default`, but chooses nothing", step->id);
        return;
    }
    struct fr_route *route = FR_NEW(b->arena, struct fr_route);
    route->ways = FR_NEW(b->arena, struct fr_way);
    route->way_count = 1;
    if (node_get(map, "default"))
        route->otherwise = FR_NEW(b->arena, struct fr_way);
    step->route = route;
}

/* Reports a target that is no step of the router's own list. */
static void report_outside(struct build *b, const struct fr_step *router,
                           const struct fr_step *target, const struct node *item)
{
    const struct fr_step *sibling = target;
    const char *help = "a router chooses among the steps behind it in its own list";

    while (sibling->parent != router->parent && sibling->parent != FR_NO_STEP)
        sibling = &b->plan->steps[sibling->parent];
    if (sibling != router && sibling->parent == router->parent && sibling->role == router->role &&
        sibling->branch_no > router->branch_no)
        help = fr_format(&b->scratch, "choose '%s', which holds it", sibling->id);
    fr_diag_add(b->diags, FR_ERROR, node_mark(item), "bad-target", help,
                "router '%s' cannot choose step '%s', which is %s", router->id, target->id,
                target->parent != FR_NO_STEP      ? "in another group"
                : target->role == FR_ROLE_FINALLY ? "in `finally`"
                                                  : "outside its group");
}

/* Finds one target; NULL after a diagnostic. */
static const struct fr_step *find_target(struct build *b, const struct fr_step *router,
                                         const struct node *item)
{
    const struct fr_step *target = fr_plan_seen(b->plan, router, item->text);

    if (!target) {
        fr_diag_add(b->diags, FR_ERROR, node_mark(item), "unknown-step",
                    refs_unknown_help(b, router, item->text, false),
                    "router '%s' chooses step '%s', which does not exist", router->id, item->text);
        return NULL;
    }
    target = copies_origin(b, target);
    if (target->parent != router->parent || target->role != router->role) {
        report_outside(b, router, target, item);
        return NULL;
    }
    if (target->branch_no <= router->branch_no) {
        fr_diag_add(
            b->diags, FR_ERROR, node_mark(item), "bad-target",
            target == router ? "name the steps that may run after it" : "move it behind the router",
            target == router ? "router '%s' chooses itself"
                             : "router '%s' cannot choose step '%s', which stands before it",
            router->id, target->id);
        return NULL;
    }
    return target;
}

/* The targets of one way, each once. */
static void link_way(struct build *b, const struct fr_step *router, const struct node *list,
                     struct fr_way *way)
{
    uint32_t count = list && list->kind == NODE_LIST ? list->len : 0;

    way->targets.at = FR_NEW_ARRAY(b->arena, count, uint32_t);
    b->search++;
    for (uint32_t i = 0; i < count; i++) {
        const struct node *item = list->items[i];
        const struct fr_step *target =
            item->kind == NODE_SCALAR && !node_is_null(item) ? find_target(b, router, item) : NULL;
        if (!target)
            continue;
        if (b->notes[target->index].stamp == b->search) {
            fr_diag_add(b->diags, FR_ERROR, node_mark(item), "duplicate-entry",
                        "name each step once", "router '%s' chooses step '%s' twice at once",
                        router->id, target->id);
            continue;
        }
        b->notes[target->index].stamp = b->search;
        way->targets.at[way->targets.count++] = target->index;
    }
}

/* Adds the targets of a way that no way before it has. */
static void gather(struct build *b, const struct fr_way *way, struct fr_indexes *all)
{
    for (uint32_t i = 0; way && i < way->targets.count; i++) {
        uint32_t target = way->targets.at[i];
        if (b->notes[target].stamp == b->search)
            continue;
        b->notes[target].stamp = b->search;
        all->at[all->count++] = target;
    }
}

static int by_place(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* No steps stand behind a callback and its like; in a race a router would always be the first to succeed. */
static bool check_place_of(struct build *b, const struct fr_step *router)
{
    const struct fr_step *parent =
        router->parent == FR_NO_STEP ? NULL : &b->plan->steps[router->parent];
    const char *what = !step_siblings(b->plan, router)          ? "a callback, combine or fallback"
                       : parent && parent->kind == FR_KIND_RACE ? "a branch of a race"
                                                                : NULL;

    if (what)
        fr_diag_add(b->diags, FR_ERROR, src_mark(b->notes[router->index].src->node, "type"),
                    "bad-target", "put the router and its targets into a branch with `steps:`",
                    "router '%s' cannot be %s", router->id, what);
    return !what;
}

/* The targets of one router. */
static void link_router(struct build *b, struct fr_step *router)
{
    const struct node *map = b->notes[router->index].src->node;
    const struct node *list = router->kind == FR_KIND_ROUTE ? node_get(map, "routes") : NULL;
    struct fr_route *route = (struct fr_route *)(uintptr_t)router->route;
    struct fr_way *otherwise = (struct fr_way *)(uintptr_t)route->otherwise;
    uint32_t total = 0;

    unit_enter(b, router);
    if (!check_place_of(b, router))
        return;
    for (uint32_t i = 0; i < route->way_count; i++) {
        link_way(b, router, node_get(list ? list->items[i] : map, "goto"), &route->ways[i]);
        total += route->ways[i].targets.count;
    }
    if (otherwise) {
        link_way(b, router, node_get(map, "default"), otherwise);
        total += otherwise->targets.count;
    }
    route->targets.at = FR_NEW_ARRAY(b->arena, total, uint32_t);
    b->search++;
    for (uint32_t i = 0; i < route->way_count; i++)
        gather(b, &route->ways[i], &route->targets);
    gather(b, otherwise, &route->targets);
    if (route->targets.count)
        qsort(route->targets.at, route->targets.count, sizeof(uint32_t), by_place);
    for (uint32_t i = 0; i < route->targets.count; i++)
        b->notes[route->targets.at[i]].routers.count++;
}

void routes_link(struct build *b)
{
    struct fr_step *steps = b->plan->steps;

    for (uint32_t i = 0; i < b->plan->step_count; i++)
        if (steps[i].route)
            link_router(b, &steps[i]);
    for (uint32_t i = 0; i < b->plan->step_count; i++) {
        const struct fr_indexes *targets = steps[i].route ? &steps[i].route->targets : NULL;
        for (uint32_t k = 0; targets && k < targets->count; k++) {
            struct fr_indexes *routers = &b->notes[targets->at[k]].routers;
            if (!routers->at) {
                routers->at = FR_NEW_ARRAY(&b->scratch, routers->count, uint32_t);
                routers->count = 0;
            }
            routers->at[routers->count++] = i;
        }
    }
}

/* True when the list has the step. */
static bool has(const struct fr_indexes *list, uint32_t step)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list->at[i] == step)
            return true;
    return false;
}

void routes_depend(struct build *b, struct fr_step *step)
{
    const struct fr_indexes *routers = &b->notes[step->index].routers;
    struct fr_indexes all = {NULL, 0};

    step->inputs = step->deps;
    if (routers->count == 0)
        return;
    all.at = FR_NEW_ARRAY(b->arena, step->deps.count + routers->count, uint32_t);
    for (uint32_t i = 0; i < step->deps.count; i++)
        all.at[all.count++] = step->deps.at[i];
    for (uint32_t i = 0; i < routers->count; i++)
        if (!has(&step->deps, routers->at[i]))
            all.at[all.count++] = routers->at[i];
    step->is_target = true;
    step->deps = all;
    step->inputs.at = all.at;
    if (step->inputs.count == 0)
        step->inputs.count = all.count;
}
