/* The budget of a run: what has been spent, what is reserved for the attempts that run, and whether another may start.
 * An attempt reserves what it is expected to cost when it starts and gives that back when its cost is known, so that
 * attempts side by side cannot pass the budget together. Coordinator thread. */
#include <stdio.h>

#include "flowrun/base/str.h"
#include "phases.h"
#include "sched_file.h"

enum { AMOUNT = 32 };

/* What is expected of an attempt; what is computed from its result counts when it has ended. */
static int64_t expected(const struct fr_step *step)
{
    int64_t price = fr_step_price(step);
    return price > 0 ? price : 0;
}

/* Says why a step does not start. What is spent and what is reserved is told as one, so that timing does not change the
 * text. */
static void explain(const struct coord *c, const struct fr_step *step, struct fr_buf *out)
{
    char limit[AMOUNT], spent[AMOUNT], own[AMOUNT];
    fr_format_micros(c->plan->budget.cost, limit, sizeof(limit));
    fr_format_micros(fr_add_micros(c->spent, c->reserved), spent, sizeof(spent));
    if (c->spent > c->plan->budget.cost)
        fr_buf_printf(out, "the budget of $%s is passed: $%s spent or reserved", limit, spent);
    else
        fr_buf_printf(out,
                      "the budget of $%s would be passed: $%s spent or reserved, '%s' costs $%s",
                      limit, spent, fr_run_step_id(c->run, step),
                      fr_format_micros(expected(step), own, sizeof(own)));
}

/* Whether an attempt of this step would pass the budget, or the budget is passed already. */
static bool passes(const struct coord *c, const struct fr_step *step)
{
    int64_t limit = c->plan->budget.cost, own = expected(step);
    if (limit < 0 || sched_in_finally(&c->sched, step->index)) /* `finally` always runs */
        return false;
    if (c->stop_why == FR_CANCEL_BUDGET || c->spent > limit)
        return true;
    return own > 0 && fr_add_micros(fr_add_micros(c->spent, c->reserved), own) > limit;
}

/* Whether an attempt must not start; that ends the run. */
bool budget_refuses(struct coord *c, struct active *t)
{
    const struct fr_step *step = active_step(c, t);
    struct fr_buf text;
    if (!passes(c, step))
        return false;
    fr_buf_init(&text, 0);
    explain(c, step, &text);
    run_over_budget(c, fr_buf_cstr(&text));
    t = c->tasks[step->index];
    if (t)
        active_cancel(c, t, FR_CANCEL_BUDGET, c->stop_text, false);
    fr_buf_release(&text);
    return true;
}

/* Reserves for an attempt that starts. */
void budget_reserve(struct coord *c, struct active *t)
{
    budget_settle(c, t);
    t->reserved = expected(active_step(c, t));
    c->reserved = fr_add_micros(c->reserved, t->reserved);
}

/* Gives back what was reserved. */
void budget_settle(struct coord *c, struct active *t)
{
    c->reserved -= t->reserved;
    t->reserved = 0;
}

/* Says once that more than some amount was spent. */
static void tell(struct coord *c, int64_t limit, bool *told, const char *what)
{
    char spent[AMOUNT], amount[AMOUNT];
    struct fr_buf text;
    if (limit < 0 || c->spent <= limit || *told)
        return;
    *told = true;
    fr_buf_init(&text, 0);
    fr_buf_printf(&text, "$%s spent, more than the %s $%s",
                  fr_format_micros(c->spent, spent, sizeof(spent)), what,
                  fr_format_micros(limit, amount, sizeof(amount)));
    emit_text(c, FR_EVENT_WARNING, NULL, fr_buf_cstr(&text));
    fr_buf_release(&text);
}

/* Adds up what was spent: the run has it at once, since what holds the step may never come to its end. */
void budget_add(struct coord *c, const struct fr_step *step, int64_t micros)
{
    struct fr_step_result *result = result_of(c, step);
    if (micros <= 0)
        return;
    result->cost = fr_add_micros(result->cost, micros);
    c->run->cost = c->spent = fr_add_micros(c->spent, micros);
    tell(c, c->plan->budget.warn, &c->warned_of_cost, "budget's `warn` of");
    tell(c, c->plan->budget.cost, &c->told_overspent, "budget of");
}

/* The same of an attempt that is over. */
void budget_spend(struct coord *c, struct active *t, int64_t micros)
{
    budget_settle(c, t);
    budget_add(c, active_step(c, t), micros);
}
