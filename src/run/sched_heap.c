/* The ready heaps of the scheduler: priority first, then the path behind (the longest time in whole seconds, then the most
 * steps), then the items of a batch in their order, then declaration. Coordinator thread. */
#include <stdlib.h>

#include "sched_heap.h"

/* Whether step a stands before step b in the order of declaration and items: told by the two steps of one frame that
 * they are or are inside of. Frames are nested a few deep at most. */
static bool is_earlier(const struct sched *s, uint32_t a, uint32_t b)
{
    const struct fr_step *x = &s->plan->steps[a], *y = &s->plan->steps[b];
    while (x->frame != y->frame)
        if (y->frame == FR_NO_STEP || (x->frame != FR_NO_STEP && x->frame > y->frame))
            x = &s->plan->steps[x->frame];
        else
            y = &s->plan->steps[y->frame];
    if (x == y)
        return a < b;
    uint32_t turn_x = s->nodes[x->index].turn, turn_y = s->nodes[y->index].turn;
    return turn_x != turn_y ? turn_x < turn_y : x->index < y->index;
}

/* Whether step a goes before step b. */
static bool before(const struct sched *s, uint32_t a, uint32_t b)
{
    int32_t pa = s->plan->steps[a].priority, pb = s->plan->steps[b].priority;
    if (pa != pb)
        return pa > pb;
    if (s->nodes[a].seconds != s->nodes[b].seconds)
        return s->nodes[a].seconds > s->nodes[b].seconds;
    if (s->nodes[a].behind != s->nodes[b].behind)
        return s->nodes[a].behind > s->nodes[b].behind;
    return is_earlier(s, a, b);
}

/* Puts a step into a heap. */
void sched_heap_push(struct sched *s, struct sched_heap *heap, uint32_t step)
{
    if (heap->count == heap->cap) {
        uint32_t cap = heap->cap ? heap->cap * 2 : 16;
        uint32_t *at = realloc(heap->at, cap * sizeof(*at));
        if (!at)
            abort();
        heap->at = at;
        heap->cap = cap;
    }
    uint32_t i = heap->count++;
    while (i > 0) {
        uint32_t up = (i - 1) / 2;
        s->work++;
        if (!before(s, step, heap->at[up]))
            break;
        heap->at[i] = heap->at[up];
        i = up;
    }
    heap->at[i] = step;
}

/* Takes out the step that goes first; the heap is not empty. */
uint32_t sched_heap_pop(struct sched *s, struct sched_heap *heap)
{
    uint32_t top = heap->at[0];
    uint32_t last = heap->at[--heap->count];
    uint32_t i = 0;
    while (2 * i + 1 < heap->count) {
        uint32_t child = 2 * i + 1;
        s->work++;
        if (child + 1 < heap->count && before(s, heap->at[child + 1], heap->at[child]))
            child++;
        if (!before(s, heap->at[child], last))
            break;
        heap->at[i] = heap->at[child];
        i = child;
    }
    heap->at[i] = last;
    return top;
}
