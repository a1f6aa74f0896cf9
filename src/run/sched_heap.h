/* What sched.c is made of: its heaps and the lengths of paths. Private to the scheduler. */
#ifndef RUN_SCHED_HEAP_H
#define RUN_SCHED_HEAP_H

#include "sched.h"

void sched_heap_push(struct sched *s, struct sched_heap *heap, uint32_t step);
uint32_t sched_heap_pop(struct sched *s, struct sched_heap *heap);

/* Fills `behind` of every node. */
void sched_measure(struct sched *s, const int64_t *expected_ns);

#endif
