/* Routers: a step that chooses which of the steps behind it run. It passes its input on.
 * Coordinator thread. */
#include "flowrun/base/json.h"
#include "phases.h"
#include "scope.h"

/* The first way whose condition holds, else `default`; NULL when there is neither. Conditions behind it are not
 * evaluated. */
static enum fr_err choose(struct coord *c, struct active *t, const struct fr_way **way)
{
    const struct fr_route *route = active_step(c, t)->route;
    *way = route->otherwise;
    for (uint32_t i = 0; i < route->way_count; i++) {
        struct json_object *value = NULL;
        enum fr_err err = eval_expr(c, t, route->ways[i].when, &value);
        if (err)
            return err;
        bool holds = fr_json_true(value);
        json_object_put(value);
        if (holds) {
            *way = &route->ways[i];
            break;
        }
    }
    return FR_OK;
}

/* Chooses the targets of a router. */
enum fr_err phase_route(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    const struct fr_way *way = NULL;
    if (result_of(c, step)->status == FR_PENDING) {
        t->attempt = result_of(c, step)->attempts = 1;
        step_move(c, step, FR_RUNNING);
    }
    enum fr_err err = choose(c, t, &way);
    if (err)
        return err;
    if (!way)
        return eval_fail(c, step->mark, "no-route",
                         "no route of router '%s' applies, and it has no default; add `default: "
                         "[ids]`, or `default: []` when nothing is to run then",
                         step->id);
    t->chosen = &way->targets;
    t->output = fr_value_ref(t->input);
    t->verdict.status = FR_SUCCEEDED;
    t->phase = STEP_QUALITY;
    return FR_OK;
}

/* A router has ended: its choice, or its default when a fallback has taken its place. */
void route_ended(struct coord *c, const struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    if (!step->route || result_of(c, step)->status != FR_SUCCEEDED)
        return;
    if (t->chosen)
        sched_choose(&c->sched, t->chosen);
    else if (step->route->otherwise)
        sched_choose(&c->sched, &step->route->otherwise->targets);
}
