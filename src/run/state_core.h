/* What the files of the state need of each other. Private to run/state*.c. */
#ifndef RUN_STATE_CORE_H
#define RUN_STATE_CORE_H

#include "reduce.h"
#include "state.h"
#include "state_order.h"

/* What updates come to. */
struct view {
    const struct fr_state *keys; /* of the file whose state it is */
    uint32_t step;               /* who sees it; FR_NO_STEP = nothing is kept here */
    uint64_t last;               /* the highest turn in it */
    struct reduce_cell *cells;   /* by key */
    uint32_t *setters;           /* by key: the step that set it last */
    bool *torn;                  /* by key: two that ran side by side set it */
    const char *conflict;        /* about the first of them */
};

struct state {
    const struct fr_plan *plan; /* borrowed */
    struct state_order order;
    struct json_object **updates; /* by step, owned: list of {key: value}; NULL = none */
    struct state_turns **turns;   /* by step, owned: of batches and loops */
    uint32_t *owners;        /* by step: the workflow step it is a part of, FR_NO_STEP = none */
    uint32_t key_count;      /* the most keys that a file has */
    uint32_t *stamps, stamp; /* by step: the last walk that came by */
    uint32_t *stack;         /* of a walk */
    uint32_t *found, found_count; /* steps with updates that a walk has found */
    struct view view;             /* the last one */
    struct fr_arena arena;        /* texts of conflicts */
};

/* What the turns of a batch or a loop that are over have updated. It stands before all that is inside of the step. */
struct state_turns {
    struct json_object *updates; /* a list of {key: value}, in order of turns; NULL = none */
    const char *conflict;        /* inside of a turn */
    uint32_t conflict_at;        /* which */
    bool *torn;                  /* by key: in such a conflict; NULL = none */
    struct state_items *items; /* of a batch, owned: what its items have updated; NULL = nothing */
};

enum { TURNS = 1U << 31 }; /* beside a step in `found`: not its own updates, those of its turns */

/* A walk over all that has ended before a step. */
struct walk {
    struct state *s;
    uint32_t owner;  /* whose steps count: those of one file under way */
    uint32_t target; /* the step that is looked for; FR_NO_STEP: all with updates are collected */
    bool hit;
};

/* ---- state_items.c ---- The updates of the items of a batch: text, since json-c takes 1500 bytes for {key: 1}. */

/* Adds what an item has updated; takes the list. *items is made when first needed. */
void state_items_add(struct state_items **items, uint32_t number, struct json_object *updates);
/* All items are over: their updates can be seen, in order of items. NULL is fine, here and below. */
void state_items_end(struct state_items *items);
bool state_items_seen(const struct state_items *items);
void state_items_free(struct state_items *items);

/* The updates that can be seen, list by list; *at begins with 0. Returned owned; NULL = no more. */
struct json_object *state_next_updates(const struct state_turns *turns, uint32_t *at);
/* The list of one item that can be seen; the same for it. */
struct json_object *state_items_next(const struct state_items *items, uint32_t *at);

/* A walk has come to what the turns of a step, all of them over, have updated. */
void state_come_by_turns(struct walk *w, uint32_t step);
/* Takes over the conflicts inside of turns. */
void state_tear(struct state *s, const struct state_turns *turns);
/* Forgets what the turns of a step have updated. */
void state_forget_turns(struct state *s, uint32_t step);
/* Begins a view anew, and applies to it what a walk has found. */
void state_begin_view(struct state *s, const struct fr_state *keys);
void state_apply_found(struct state *s);
/* For qsort_r over `found`: dependencies first. */
int state_by_place(const void *a, const void *b, void *arg);

#endif
