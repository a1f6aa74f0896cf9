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
    /* of items, until the batch is over: */
    struct state_item {
        uint32_t number;
        struct json_object *updates;
    } * items;
    uint32_t item_count, item_cap;
};

enum { TURNS = 1U << 31 }; /* beside a step in `found`: not its own updates, those of its turns */

/* A walk over all that has ended before a step. */
struct walk {
    struct state *s;
    uint32_t owner;  /* whose steps count: those of one file under way */
    uint32_t target; /* the step that is looked for; FR_NO_STEP: all with updates are collected */
    bool hit;
};

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
