/* A binary heap of times. Coordinator thread. */
#include "timers.h"

#include <stdlib.h>

/* Whether a is due before b. */
static bool before(const struct timer *a, const struct timer *b)
{
    return a->at != b->at ? a->at < b->at : a->number < b->number;
}

/* Puts a timer in; its number. */
uint64_t timers_set(struct timers *timers, int64_t at, uint32_t step)
{
    struct timer timer = {at, ++timers->last, step};
    if (timers->count == timers->cap) {
        uint32_t cap = timers->cap ? timers->cap * 2 : 16;
        struct timer *heap = realloc(timers->heap, cap * sizeof(*heap));
        if (!heap)
            abort();
        timers->heap = heap;
        timers->cap = cap;
    }
    uint32_t i = timers->count++;
    while (i > 0 && before(&timer, &timers->heap[(i - 1) / 2])) {
        timers->heap[i] = timers->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    timers->heap[i] = timer;
    return timer.number;
}

/* When poll has to return at the latest. */
int64_t timers_next(const struct timers *timers)
{
    return timers->count ? timers->heap[0].at : INT64_MAX;
}

/* Takes out the earliest timer when it is due. */
bool timers_pop(struct timers *timers, int64_t now, struct timer *timer)
{
    if (!timers->count || timers->heap[0].at > now)
        return false;
    *timer = timers->heap[0];
    struct timer last = timers->heap[--timers->count];
    uint32_t i = 0;
    while (2 * i + 1 < timers->count) {
        uint32_t child = 2 * i + 1;
        if (child + 1 < timers->count && before(&timers->heap[child + 1], &timers->heap[child]))
            child++;
        if (!before(&timers->heap[child], &last))
            break;
        timers->heap[i] = timers->heap[child];
        i = child;
    }
    timers->heap[i] = last;
    return true;
}

/* Frees the heap. */
void timers_release(struct timers *timers)
{
    free(timers->heap);
    *timers = (struct timers){0};
}
