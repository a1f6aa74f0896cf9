/* Private to the coordinator. */
#ifndef RUN_DISPATCH_H
#define RUN_DISPATCH_H

#include "coord.h"

/* Does what the scheduler says until it has nothing more to say. */
void dispatch(struct coord *c);
/* A timer is due. */
void timer_fired(struct coord *c, const struct timer *timer);

#endif
