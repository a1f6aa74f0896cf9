/* What the turns of batches and loops have come to, and what steps are called in them. Part of the run's result.
 * Coordinator thread. Private to run/. */
#ifndef RUN_TURNS_H
#define RUN_TURNS_H

#include "flowrun/run/run.h"

/* What few turns have. */
struct turn_more {
    int64_t cost;
    double quality;
    bool has_quality;
    int signal;
    const char *code; /* static */
    char *message;
    char *inside; /* of an item that is a group: its keys and results as JSON */
    struct json_object *usage;
    struct fr_value *output; /* one that is no small JSON */
    struct fr_leftover_proc *leftover;
    uint32_t leftover_count;
};

/* One turn of a batch. */
struct turn {
    uint64_t at; /* of its output in the text of all … */
    uint32_t len;
    uint32_t attempts;
    int64_t started_wall_ns, duration_ns;
    struct turn_more *more; /* owned; NULL = nothing of that */
    int16_t exit_code;
    uint8_t status; /* FR_PENDING: not over */
    bool tolerated;
};

/* All turns of one batch, or what is known of those of a loop. */
struct turns {
    struct turn *items; /* of a batch; owned */
    uint32_t count;     /* of a batch: all turns; of a loop: those that have begun */
    struct fr_buf text; /* the small outputs as JSON, in the order in which turns ended */
};

/* By step; NULL in fr_run when its plan has neither batches nor loops. */
struct fr_repeats {
    struct turns **turns; /* of batches and loops that have begun; owned */
    uint32_t *item;       /* of a slot: its item, from 0 */
    uint32_t *turn;       /* of a loop: its turn, from 1; it may be a slot, too */
    char **names;         /* as far as they were asked for; owned */
    uint32_t past_cap;
};

/* Makes run->repeats when the plan has use for it. */
void repeats_init(struct fr_run *run);
void repeats_free(struct fr_run *run);

/* The nearest batch or loop whose template a step is part of; NULL = none. */
const struct fr_step *repeat_frame(const struct fr_plan *plan, const struct fr_step *step);
/* The branch of a batch that holds a step; the step itself may be it. */
uint32_t repeat_slot(const struct fr_step *batch, const struct fr_step *step);

/* A batch or loop begins: `count` turns, 0 of a loop. What it had before is gone. */
struct turns *turns_begin(struct fr_run *run, const struct fr_step *step, uint32_t count);
struct turns *turns_of(const struct fr_run *run, const struct fr_step *step); /* NULL = none */
/* Forgets the turns of what is inside of a turn that begins anew. */
void turns_drop(struct fr_run *run, uint32_t step);
/* An item begins in a slot, or a turn of a loop in the `size` places from `first` on: what is there has other names now. */
void turn_begin_item(struct fr_run *run, uint32_t slot, uint32_t size, uint32_t number);
void turn_begin_loop(struct fr_run *run, const struct fr_step *loop, uint32_t number);

/* Notes how an item came out. The result keeps what it has. */
void turn_note(struct turns *turns, uint32_t number, const struct fr_step_result *result);
/* Keeps what an item has that is a group; takes the text. */
void turn_keep_inside(struct turns *turns, uint32_t number, char *inside);
const char *turn_inside(const struct turns *turns, uint32_t number); /* NULL = nothing kept */
/* Notes turns from `first` on that never began. */
void turns_cancel(struct turns *turns, uint32_t first, const char *message);
/* The name "b[17]"; appended. */
void turn_name(const struct fr_run *run, const struct fr_step *step, uint32_t number,
               struct fr_buf *out);
/* Appends what tells a step of a turn from those of other turns that run beside it. */
void turn_identity(const struct fr_run *run, const struct fr_step *step, struct fr_buf *out);
/* The output of a turn; owned. */
struct fr_value *turn_output(const struct turns *turns, uint32_t number);
/* How it came out, as a result that borrows all it has, but its output: that is owned by the caller. */
struct fr_step_result turn_result(const struct turns *turns, uint32_t number);
/* The slot that an item of a batch goes through, when it has begun and is not over; else NULL. */
const struct fr_step *turn_under_way(const struct fr_run *run, const struct fr_step *batch,
                                     uint32_t number);
/* The outputs of all turns as a list; those that did not succeed are null. false when one does not fit into it: *bad. */
bool turns_list(const struct turns *turns, struct fr_value **list, uint32_t *bad);

/* Counts the steps of a turn, in the `size` places from `first` on of template `frame`, as ended. */
void turn_count(struct fr_run *run, const struct fr_step *frame, uint32_t first, uint32_t size);
/* Counts one of them, by what became of it as far as that is known. */
void turn_count_one(struct fr_run *run, const struct fr_step_result *result);
/* Puts the results of a turn's steps into run->past: all of them, or only those that failed. */
void turn_to_past(struct fr_run *run, uint32_t first, uint32_t size, bool all);
/* In order of declaration and turns. */
void past_sort(struct fr_run *run);

void step_result_release(struct fr_step_result *result);

#endif
