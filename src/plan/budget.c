/* `budget:`: what a run may cost, and what it will as far as its file tells. Owns nothing; any thread. */
#include "budgetkeys.h"

#include <stdio.h>
#include <stdlib.h>

#include "flowrun/base/str.h"

/* An amount that was checked; -1 when the key is absent. */
static int64_t amount_of(const struct node *map, const char *key)
{
    const char *text = node_get_text(map, key);
    int64_t micros = -1;
    return text && fr_parse_micros(text, &micros) ? micros : -1;
}

void budget_declare(struct build *b)
{
    const struct node *map = node_get(b->unit->loaded->src.root, "budget");
    struct fr_budget *budget = &b->plan->budget;
    char cost[32], warn[32];

    *budget = (struct fr_budget){.cost = -1, .warn = -1};
    if (!map || map->kind != NODE_MAP)
        return;
    budget->cost = amount_of(map, "cost");
    budget->warn = amount_of(map, "warn");
    budget->mark = src_mark(map, "cost");
    budget->warn_mark = src_mark(map, "warn");
    if (map->len == 0)
        fr_diag_add(b->diags, FR_ERROR, budget->mark, "missing-key",
                    "add `cost:` or `warn:`, or take the budget out", "the budget limits nothing");
    if (budget->cost >= 0 && budget->warn > budget->cost)
        fr_diag_add(b->diags, FR_ERROR, budget->warn_mark, "bad-value",
                    "let `warn` be the smaller one",
                    "the budget would never warn: `warn` is %s USD, but nothing starts that "
                    "passes %s USD",
                    fr_format_micros(budget->warn, warn, sizeof(warn)),
                    fr_format_micros(budget->cost, cost, sizeof(cost)));
}

int64_t fr_add_micros(int64_t a, int64_t b)
{
    int64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

int64_t fr_step_price(const struct fr_step *step)
{
    const struct fr_expr *cost = step->cost;
    int64_t micros = 0;

    if (!cost)
        return step->model_cost > 0 ? step->model_cost : 0;
    if (cost->kind != FR_EXPR_PATH || !cost->operands[0].literal ||
        !fr_parse_micros(cost->operands[0].literal, &micros))
        return -1;
    return micros;
}

/* How often the inside of a step runs at least; 0 = not at all. */
static int64_t turns_of(const struct fr_step *step, struct fr_estimate *estimate)
{
    const struct fr_batch *batch = step->batch;
    if (!batch && !step->loop)
        return 1;
    if (batch && batch->items && batch->items->kind == FR_TMPL_LIST && batch->batch_size)
        return (batch->items->count + batch->batch_size - 1) / batch->batch_size;
    if (step->loop && !step->loop->until)
        return step->loop->max_iterations;
    estimate->open = true;
    return 1;
}

/* Whether a step runs when nothing fails; slots of a batch are counted by its first one. */
static bool takes_part(const struct fr_step *step)
{
    return step->enabled && !step->hidden && step->role != FR_ROLE_FALLBACK;
}

/* Whether a step stands in `finally`, at any depth: these always start. */
static bool is_final(const struct fr_plan *plan, uint32_t step)
{
    while (plan->steps[step].role != FR_ROLE_FINALLY && plan->steps[step].parent != FR_NO_STEP)
        step = plan->steps[step].parent;
    return plan->steps[step].role == FR_ROLE_FINALLY;
}

/* How often a step runs at least; what a container does when its inside has ended it does once. */
static int64_t times_of(const struct fr_plan *plan, const struct fr_step *step,
                        const int64_t *inside)
{
    while (step->role == FR_ROLE_CALLBACK || step->role == FR_ROLE_COMBINE) {
        step = &plan->steps[step->parent];
        if (!takes_part(step))
            return 0;
    }
    return step->parent == FR_NO_STEP ? 1 : inside[step->parent];
}

void fr_plan_estimate(const struct fr_plan *plan, struct fr_estimate *estimate)
{
    int64_t *inside = calloc(plan->step_count + 1U, sizeof(*inside)); /* turns of what is in it */

    if (!inside)
        abort();
    *estimate = (struct fr_estimate){.refused = FR_NO_STEP};
    for (uint32_t i = 0; i < plan->step_count; i++) {
        const struct fr_step *step = &plan->steps[i];
        int64_t times = times_of(plan, step, inside), all = 0;
        int64_t price = fr_step_price(step);
        if (!takes_part(step) || times == 0)
            continue;
        if (__builtin_mul_overflow(times, turns_of(step, estimate), &inside[i]))
            inside[i] = INT64_MAX;
        estimate->unknown += price < 0;
        if (price <= 0)
            continue;
        if (__builtin_mul_overflow(price, times, &all))
            all = INT64_MAX;
        estimate->cost = fr_add_micros(estimate->cost, all);
        if (is_final(plan, i))
            continue;
        estimate->needed = estimate->cost;
        if (plan->budget.cost >= 0 && estimate->cost > plan->budget.cost &&
            estimate->refused == FR_NO_STEP)
            estimate->refused = i;
    }
    free(inside);
}

/* Adds the warning for an estimate that passes the budget. */
static void warn_of_cost(const struct fr_plan *plan, const struct fr_estimate *estimate,
                         const char *sum, struct fr_diags *diags)
{
    char limit[32], help[80], what[320];
    bool exact = !estimate->open && !estimate->unknown;

    (void)snprintf(help, sizeof(help), "with `cost: %s` all of them can run",
                   fr_format_micros(estimate->needed, limit, sizeof(limit)));
    if (estimate->refused == FR_NO_STEP)
        (void)snprintf(what, sizeof(what), "only steps of `finally` pass it, which always start");
    else
        (void)snprintf(what, sizeof(what), "step '%.200s' would not start",
                       plan->steps[estimate->refused].id);
    fr_diag_add(diags, FR_WARNING, plan->budget.mark, "over-budget",
                exact && estimate->refused != FR_NO_STEP ? help : NULL,
                "all steps together cost%s %s USD, more than the budget of %s USD: %s",
                exact ? "" : " at least", sum,
                fr_format_micros(plan->budget.cost, limit, sizeof(limit)), what);
}

void fr_plan_check_budget(const struct fr_plan *plan, struct fr_diags *diags)
{
    const struct fr_budget *budget = &plan->budget;
    struct fr_estimate estimate;
    char sum[32], limit[32];

    fr_plan_estimate(plan, &estimate);
    fr_format_micros(estimate.cost, sum, sizeof(sum));
    if (budget->cost >= 0 && estimate.cost > budget->cost)
        warn_of_cost(plan, &estimate, sum, diags);
    else if (budget->warn >= 0 && estimate.cost > budget->warn)
        fr_diag_add(diags, FR_WARNING, budget->warn_mark, "budget-warning", NULL,
                    "all steps together cost%s %s USD, more than the %s USD that the budget warns "
                    "of",
                    estimate.open || estimate.unknown ? " at least" : "", sum,
                    fr_format_micros(budget->warn, limit, sizeof(limit)));
}
