/* Private to the coordinator. */
#ifndef RUN_DISPATCH_H
#define RUN_DISPATCH_H

struct coord;

/* Does what the scheduler says until it has nothing more to say. */
void dispatch(struct coord *c);

#endif
