/* `concurrency:` of a workflow (concurrency.c). One build, one thread. Private to plan/. */
#ifndef PLAN_CONCURRENCY_H
#define PLAN_CONCURRENCY_H

#include "build.h"

/* `concurrency:` into the plan. */
void concurrency_declare(struct build *b);

#endif
