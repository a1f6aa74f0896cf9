/* Things that are due at a time: a heap, earliest first. A timer is never taken out early: whoever set it keeps its
 * number and ignores one that no longer counts. Coordinator thread. Private to run/. */
#ifndef RUN_TIMERS_H
#define RUN_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

struct timer {
    int64_t at;      /* monotonic */
    uint64_t number; /* from 1, in order of setting: decides between equal times */
    uint32_t step;   /* FR_NO_STEP = the run */
};

struct timers {
    struct timer *heap;
    uint32_t count, cap;
    uint64_t last;
};

/* Returns the timer's number. */
uint64_t timers_set(struct timers *timers, int64_t at, uint32_t step);
/* The next time, INT64_MAX when there is none. */
int64_t timers_next(const struct timers *timers);
/* Takes out a timer that is due. */
bool timers_pop(struct timers *timers, int64_t now, struct timer *timer);
void timers_release(struct timers *timers);

#endif
