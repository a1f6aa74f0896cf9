/* The scheduler's state machine; see the drawing in sched.h. Owns its arrays, and nothing else. Coordinator thread. */
#include <assert.h>
#include <stdlib.h>

#include "sched_core.h"
#include "sched_file.h"
#include "sched_heap.h"
#include "sched_limit.h"
#include "sched_rules.h"

enum { BOX_STEPS, BOX_FINALLY, BOX_FIRST };

/* calloc that ends the program when memory is out. */
static void *make(size_t count, size_t size)
{
    void *p = calloc(count + 1, size);
    if (!p)
        abort();
    return p;
}

/* The box that a step is counted in; NULL for callbacks, combines and fallbacks. */
struct sched_box *sched_box_of(const struct sched *s, const struct fr_step *step)
{
    switch (step->role) {
    case FR_ROLE_STEP:
        return &s->boxes[BOX_STEPS];
    case FR_ROLE_FINALLY:
        return &s->boxes[step->parent == FR_NO_STEP ? BOX_FINALLY : s->nodes[step->parent].box + 1];
    case FR_ROLE_BRANCH:
    case FR_ROLE_CHAINED:
        return &s->boxes[s->nodes[step->parent].box];
    default:
        return NULL;
    }
}

/* The children of a box, in order of declaration. */
static const struct fr_indexes *children_of(const struct sched *s, const struct sched_box *box)
{
    if (box->owner != FR_NO_STEP)
        return box->is_finally ? &s->plan->steps[box->owner].group->finally
                               : &s->plan->steps[box->owner].group->branches;
    return box == &s->boxes[BOX_STEPS] ? &s->plan->top : &s->plan->finally;
}

/* Appends a move for sched_next to hand out. */
static void queue(struct sched *s, enum sched_verb verb, uint32_t step)
{
    if (s->head == s->move_count)
        s->head = s->move_count = 0;
    if (s->move_count == s->move_cap) {
        size_t cap = s->move_cap ? s->move_cap * 2 : 64;
        struct sched_move *moves = realloc(s->moves, cap * sizeof(*moves));
        if (!moves)
            abort();
        s->moves = moves;
        s->move_cap = cap;
    }
    s->moves[s->move_count++] = (struct sched_move){verb, step};
}

/* Decides a step without starting it. */
static void decide(struct sched *s, uint32_t step, enum sched_verb verb)
{
    s->nodes[step].state = SCHED_VERDICT;
    queue(s, verb, step);
}

/* All dependencies of a step in an open box have ended. */
void sched_release_step(struct sched *s, uint32_t step)
{
    struct sched_node *node = &s->nodes[step];
    enum sched_verb verb = sched_judge(&s->plan->steps[step], node);
    if (verb == SCHED_START && !sched_may_begin(s, step))
        verb = SCHED_CANCEL;
    if (verb == SCHED_START && !s->plan->steps[step].enabled)
        verb = SCHED_SKIP;
    if (verb != SCHED_START) {
        decide(s, step, verb);
        return;
    }
    node->state = SCHED_READY;
    sched_enqueue(s, step);
}

/* Lets the children of a box begin. */
void sched_open_box(struct sched *s, struct sched_box *box)
{
    const struct fr_indexes *children = children_of(s, box);
    box->open = true;
    box->opened = s->now;
    for (uint32_t i = 0; i < box->count; i++)
        if (s->nodes[children->at[i]].blocked == 0)
            sched_release_step(s, children->at[i]);
    s->work += box->count;
    if (box->count == 0 && box->owner != FR_NO_STEP)
        queue(s, SCHED_MERGE, box->owner);
}

/* Sets one node and, for a container, its box. */
static void init_node(struct sched *s, const struct fr_step *step)
{
    struct sched_node *node = &s->nodes[step->index];
    node->blocked = step->deps.count;
    node->flags |= sched_place_flags(s, step);
    if (step->fallback != FR_NO_STEP)
        s->nodes[step->fallback].flags |= node->flags & IN_FINALLY;
    if (!step->group)
        return;
    bool in_order = step->kind == FR_KIND_CHAIN || step->kind == FR_KIND_LOOP;
    node->box = s->box_count;
    s->boxes[s->box_count++] = (struct sched_box){.owner = step->index,
                                                  .count = step->group->branches.count,
                                                  .left = step->group->branches.count,
                                                  .slots = in_order ? 0 : step->group->max_workers};
    if (step->group->finally.count)
        s->boxes[s->box_count++] = (struct sched_box){.owner = step->index,
                                                      .is_finally = true,
                                                      .count = step->group->finally.count,
                                                      .left = step->group->finally.count};
}

/* Makes a scheduler for a plan whose `steps` are open. */
void sched_init_expecting(struct sched *s, const struct fr_plan *plan, uint32_t workers,
                          const int64_t *expected_ns)
{
    uint32_t containers = 0;
    *s = (struct sched){.plan = plan, .workers = workers ? workers : 1};
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].group)
            containers += plan->steps[i].group->finally.count ? 2 : 1;
    s->nodes = make(plan->step_count, sizeof(*s->nodes));
    s->boxes = make(BOX_FIRST + (size_t)containers, sizeof(*s->boxes));
    s->boxes[BOX_STEPS] =
        (struct sched_box){.owner = FR_NO_STEP, .count = plan->top.count, .left = plan->top.count};
    s->boxes[BOX_FINALLY] = (struct sched_box){
        .owner = FR_NO_STEP, .count = plan->finally.count, .left = plan->finally.count};
    s->box_count = BOX_FIRST;
    for (uint32_t i = 0; i < plan->step_count; i++)
        init_node(s, &plan->steps[i]);
    sched_limits_init(s);
    sched_files_init(s);
    sched_measure(s, expected_ns);
    sched_open_box(s, &s->boxes[BOX_STEPS]);
}

/* Frees what sched_init made. */
void sched_release(struct sched *s)
{
    for (uint32_t i = 0; i < s->box_count; i++)
        free(s->boxes[i].parked.at);
    sched_limits_release(s);
    sched_files_release(s);
    free(s->boxes);
    free(s->nodes);
    free(s->light.at);
    free(s->heavy.at);
    free(s->moves);
    *s = (struct sched){0};
}

/* Hands a popped step out, or parks it when its group has no slot; false when there is nothing to hand out. */
static bool take(struct sched *s, uint32_t step, struct sched_move *move)
{
    struct sched_node *node = &s->nodes[step];
    struct sched_box *box = sched_box_of(s, &s->plan->steps[step]);
    bool again = node->state == SCHED_RETURNING;
    bool slot = !again && sched_wants_slot(s, step);
    if (!again && node->state != SCHED_READY)
        return false; /* cancelled while it stood in the heap */
    sched_sated(s, step);
    if (slot && box->used >= box->slots) {
        node->state = SCHED_PARKED;
        sched_short(s, step, SCHED_SHORT_OF_SLOT);
        sched_heap_push(s, &box->parked, step);
        return false;
    }
    if (node->flags & HEAVY && !sched_hire(s, step))
        return false;
    if (slot) {
        sched_take_slot(s, box);
        node->flags |= HAS_SLOT;
    }
    if (node->flags & HEAVY) {
        s->busy++;
        node->flags |= HAS_WORKER;
    }
    node->state = SCHED_TAKEN;
    *move = (struct sched_move){again ? SCHED_AGAIN : SCHED_START, step};
    return true;
}

/* The next thing to do; false when there is none. */
bool sched_next(struct sched *s, struct sched_move *move)
{
    for (;;) {
        s->work++;
        if (s->head < s->move_count) {
            *move = s->moves[s->head++];
            return true;
        }
        struct sched_heap *heap = s->light.count ? &s->light : &s->heavy;
        if (heap == &s->heavy && (heap->count == 0 || s->held || s->busy >= s->workers)) {
            s->starved += heap->count > 0 && s->busy >= s->workers;
            return false;
        }
        uint32_t step = sched_heap_pop(s, heap);
        if (take(s, step, move))
            return true;
        sched_wake_box(s, sched_box_of(s, &s->plan->steps[step]));
        sched_pass_on(s, step);
    }
}

/* Gives back the worker of a step, if it has one. */
static void free_worker(struct sched *s, struct sched_node *node)
{
    if (node->flags & HAS_WORKER) {
        node->flags &= (uint16_t)~HAS_WORKER;
        s->busy--;
        sched_dismiss(s, (uint32_t)(node - s->nodes));
    }
}

/* Lets a step end without its worker. */
void sched_lend(struct sched *s, uint32_t step)
{
    assert(s->nodes[step].flags & HAS_WORKER);
    s->nodes[step].flags &= (uint16_t)~HAS_WORKER;
    sched_dismiss(s, step); /* its file is done with it; the run is not */
}

/* A worker that a step has left is free again. */
void sched_give_back(struct sched *s)
{
    s->busy--;
}

/* Tells the dependents of a step how it ended. */
static void tell_dependents(struct sched *s, const struct fr_step *step, enum sched_outcome outcome)
{
    const struct fr_indexes *targets = step->route ? &step->route->targets : NULL;
    for (uint32_t i = 0; targets && i < targets->count && sched_is_lost(outcome); i++)
        s->nodes[targets->at[i]].flags |= ROUTE_LOST;
    for (uint32_t i = 0; i < step->dependents.count; i++) {
        struct sched_node *node = &s->nodes[step->dependents.at[i]];
        node->flags |= sched_told(step->index, outcome, &s->plan->steps[step->dependents.at[i]]);
        if (--node->blocked == 0 && node->state == SCHED_IDLE)
            sched_release_step(s, step->dependents.at[i]);
    }
    s->work += step->dependents.count;
}

/* Gives back all that a step was given to run. */
void sched_let_go(struct sched *s, uint32_t index)
{
    struct sched_node *node = &s->nodes[index];
    free_worker(s, node);
    sched_leave_limit(s, index);
    if (node->flags & HAS_SLOT) {
        node->flags &= (uint16_t)~HAS_SLOT;
        sched_free_slot(s, sched_box_of(s, &s->plan->steps[index]));
    }
}

/* Records the end of a step and finds out what it lets go. */
void sched_ended(struct sched *s, uint32_t index, enum sched_outcome outcome)
{
    const struct fr_step *step = &s->plan->steps[index];
    struct sched_node *node = &s->nodes[index];
    struct sched_box *box = sched_box_of(s, step);
    assert(node->state != SCHED_ENDED);
    node->state = SCHED_ENDED;
    sched_let_go(s, index);
    tell_dependents(s, step, outcome);
    if (box && --box->left == 0 && box->owner != FR_NO_STEP)
        queue(s, SCHED_MERGE, box->owner);
}

/* A router that is about to end has chosen these steps. */
void sched_choose(struct sched *s, const struct fr_indexes *targets)
{
    for (uint32_t i = 0; i < targets->count; i++)
        s->nodes[targets->at[i]].flags |= CHOSEN;
    s->work += targets->count;
}

/* Gives back the worker of a started step but keeps its slot. */
void sched_pause(struct sched *s, uint32_t step)
{
    free_worker(s, &s->nodes[step]);
    s->nodes[step].state = SCHED_PAUSED;
    sched_leave_limit(s, step);
}

/* A paused step wants a worker again. */
void sched_return(struct sched *s, uint32_t step)
{
    s->nodes[step].state = SCHED_RETURNING;
    sched_enqueue(s, step);
}

/* Lets the branches of a started container begin. */
void sched_open(struct sched *s, uint32_t container)
{
    sched_open_box(s, &s->boxes[s->nodes[container].box]);
}

/* The same of its first branches. */
void sched_open_first(struct sched *s, uint32_t container, uint32_t count)
{
    struct sched_box *box = &s->boxes[s->nodes[container].box];
    box->count = box->left = count;
    sched_open_box(s, box);
}

/* No child of a container starts any more. */
void sched_close(struct sched *s, uint32_t container)
{
    struct sched_box *box = &s->boxes[s->nodes[container].box];
    const struct fr_indexes *children = children_of(s, box);
    if (box->closed || !box->open)
        return;
    box->closed = true;
    for (uint32_t i = 0; i < box->count; i++) {
        uint8_t state = s->nodes[children->at[i]].state;
        if (state == SCHED_IDLE || state == SCHED_READY || state == SCHED_PARKED)
            decide(s, children->at[i], SCHED_CANCEL);
    }
    s->work += box->count;
}

/* Makes a step that belongs to no box ready. */
void sched_extra(struct sched *s, uint32_t step)
{
    sched_release_step(s, step);
}

/* An extra step that stands ready is decided. */
void sched_drop(struct sched *s, uint32_t step)
{
    if (s->nodes[step].state == SCHED_READY)
        decide(s, step, SCHED_CANCEL);
}

/* Restricts what may start; what stands ready and may no longer start is decided. */
void sched_stop(struct sched *s, enum sched_level level)
{
    if (level <= s->level)
        return;
    s->level = level;
    sched_recheck(s);
}

void sched_recheck(struct sched *s)
{
    for (uint32_t i = 0; i < s->plan->step_count; i++) {
        struct sched_node *node = &s->nodes[i];
        if ((node->state == SCHED_READY || node->state == SCHED_PARKED) && !sched_may_begin(s, i))
            decide(s, i, SCHED_CANCEL);
    }
    s->work += s->plan->step_count;
}

/* Opens `finally`. */
void sched_open_finally(struct sched *s)
{
    sched_open_box(s, &s->boxes[BOX_FINALLY]);
}

bool sched_steps_done(const struct sched *s)
{
    return s->boxes[BOX_STEPS].left == 0;
}

bool sched_finally_done(const struct sched *s)
{
    return s->boxes[BOX_FINALLY].left == 0;
}
