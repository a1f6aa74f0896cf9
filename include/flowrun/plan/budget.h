/* What a run may cost, and what it is going to as far as the file tells. Money is counted in millionths. Pure. */
#ifndef FLOWRUN_PLAN_BUDGET_H
#define FLOWRUN_PLAN_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/base/diag.h"

struct fr_plan;
struct fr_step;

/* `budget:` of a workflow. */
struct fr_budget {
    int64_t cost; /* a step that would pass it does not start; -1 = no limit */
    int64_t warn; /* more is told; -1 = nothing is */
    struct fr_mark mark, warn_mark;
};

/* What a plan costs when each step that can run does so once. */
struct fr_estimate {
    int64_t cost;
    int64_t needed;   /* the budget with which all of them start: those of `finally` always do */
    bool open;        /* it can be more: what repeats how often is not known */
    uint32_t unknown; /* steps whose cost is known afterwards only; not in the sum */
    uint32_t
        refused; /* the first step, by declaration, that the budget would not let start; FR_NO_STEP = none */
};

/* What an attempt of a step costs, as far as it is known before: its constant cost, else the price of its model or type;
 * -1 = computed from its result. */
int64_t fr_step_price(const struct fr_step *step);
void fr_plan_estimate(const struct fr_plan *plan, struct fr_estimate *estimate);
/* Adds a warning when the estimate passes the budget, or what it warns of. */
void fr_plan_check_budget(const struct fr_plan *plan, struct fr_diags *diags);

/* The sum of two amounts that are not negative, or the largest there is. */
int64_t fr_add_micros(int64_t a, int64_t b);

#endif
