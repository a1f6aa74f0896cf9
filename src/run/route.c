/* Routers: a step that chooses which of the steps behind it run. It passes its input on.
 * Coordinator thread. */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "phases.h"
#include "scope.h"
#include "status.h"

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
                         fr_run_step_id(c->run, step));
    t->chosen = &way->targets;
    t->output = fr_value_ref(t->input);
    t->verdict.status = FR_SUCCEEDED;
    t->phase = STEP_QUALITY;
    return FR_OK;
}

/* The target called `id`, or FR_NO_STEP. */
static uint32_t find_target(struct coord *c, const struct fr_step *step, const char *id)
{
    for (uint32_t i = 0; step->route && i < step->route->targets.count; i++)
        if (strcmp(c->plan->steps[step->route->targets.at[i]].id, id) == 0)
            return step->route->targets.at[i];
    return FR_NO_STEP;
}

/* Takes the ids that a process wrote. */
static void pick(struct coord *c, struct active *t, const struct json_object *ids)
{
    const struct fr_step *step = active_step(c, t);
    size_t count = json_object_array_length(ids);
    free(t->picked.at);
    t->picked = (struct fr_indexes){calloc(count + 1, sizeof(uint32_t)), 0};
    if (!t->picked.at)
        abort();
    for (size_t i = 0; i < count; i++) {
        const char *id = json_object_get_string(json_object_array_get_idx(ids, i));
        uint32_t target = find_target(c, step, id);
        if (target == FR_NO_STEP) {
            verdict_set(&t->verdict, FR_FAILED, "bad-goto",
                        "it chose step '%s', which its `goto:` does not list; add it there", id);
            return;
        }
        t->picked.at[t->picked.count++] = target;
    }
    t->chosen = &t->picked;
}

/* What a process chose; of a good attempt only. */
void route_said(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    const struct json_object *ids = t->commands ? t->commands->targets : NULL;
    t->chosen = NULL;
    if (t->verdict.status != FR_SUCCEEDED || (!ids && !step->route))
        return;
    if (ids)
        pick(c, t, ids);
    else if (step->route->otherwise)
        t->chosen = &step->route->otherwise->targets;
    else
        verdict_set(&t->verdict, FR_FAILED, "no-route",
                    "it chose none of its targets: write {\"goto\": [\"%s\"]} to "
                    "$FLOWRUN_COMMAND, or add `default: [ids]` or `default: []`",
                    step->route->targets.count ? c->plan->steps[step->route->targets.at[0]].id
                                               : "");
}

/* A router has ended: its choice, or its default when a fallback has taken its place. */
void route_ended(struct coord *c, const struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    if (!step->route || !status_yields(result_of(c, step)))
        return;
    if (t->chosen)
        sched_choose(&c->sched, t->chosen);
    else if (step->route->otherwise)
        sched_choose(&c->sched, &step->route->otherwise->targets);
}
