/* Routers while a plan is built: their keys, their targets, and the edges they make. Private to plan/. */
#ifndef PLAN_ROUTE_H
#define PLAN_ROUTE_H

#include "build.h"

/* The conditions of a router. */
void route_fill(struct build *b, struct fr_step *step);
/* The same for a step whose process may choose: `goto`. */
void route_fill_offer(struct build *b, struct fr_step *step);
/* The targets of all routers; before the graph is built. */
void routes_link(struct build *b);
/* Sets the inputs of a step from its dependencies, and adds the routers that may choose it to these. */
void routes_depend(struct build *b, struct fr_step *step);

#endif
