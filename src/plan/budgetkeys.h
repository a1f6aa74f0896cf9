/* `budget:` of a workflow (budget.c). One build, one thread. Private to plan/. */
#ifndef PLAN_BUDGETKEYS_H
#define PLAN_BUDGETKEYS_H

#include "build.h"

/* `budget:` into plan->budget. */
void budget_declare(struct build *b);

#endif
