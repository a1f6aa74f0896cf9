/* Reading back what is kept: attempts, outputs, hashes of files. Coordinator thread. Private to store/. */
#ifndef STORE_MEMORY_H
#define STORE_MEMORY_H

#include "flowrun/base/arena.h"
#include "flowrun/base/map.h"
#include "flowrun/base/mask.h"
#include "flowrun/run/event.h"
#include "flowrun/run/memory.h"
#include "flowrun/run/value.h"
#include "read.h"

/* Which attempt is wanted. */
struct memory_read {
    struct fr_store *store;
    int64_t key;             /* of its log */
    const char *id, *recipe; /* what it must be of; recipe NULL = whatever it was */
    const char *file;        /* absolute path of the file that the step makes; NULL = none */
    const struct fr_mask *mask;
    const char *run_dir; /* a large output is copied there … */
    uint32_t number;     /* … under this number */
    char *why;           /* why it cannot be taken, in a few words */
    size_t why_size;
};

/* The attempt's report, owned by the caller; NULL = it is not there, or cannot be taken. */
struct fr_report *memory_read(struct memory_read *read);
/* The recorded value of a step; false when it has none, or that was masked or is lost. A large one is copied. */
bool memory_read_value(const struct fr_kept_value *value, const char *run_dir, uint32_t number,
                       struct fr_value **out);

/* Where the steps of a run stand in the record. Reads their names when it is first asked: a look at one step is then one
 * look at its row, however many there are. */
struct memory_rows {
    struct fr_store *store;
    int64_t run; /* 0 = none */
    char run_id[64];
    bool read;
    struct fr_arena arena;
    struct fr_map by_id; /* id -> struct memory_row * */
};

struct memory_row {
    int64_t key;
    const char *status; /* when the rows were read */
};

void memory_rows_init(struct memory_rows *rows, struct fr_store *store, int64_t run);
void memory_rows_release(struct memory_rows *rows);
/* NULL = the run has no such step. */
const struct memory_row *memory_rows_find(struct memory_rows *rows, const char *id);
/* The output that a step had, owned by the caller; NULL = none. lost: what is the matter with it is put there. */
struct fr_value *memory_rows_output(struct memory_rows *rows, const char *id, const char *run_dir,
                                    uint32_t number, struct fr_buf *lost);
/* All that it came to, into an empty result, whose error code lives as long as the rows; false when it is not over. */
bool memory_rows_result(struct memory_rows *rows, const char *id, const char *run_dir,
                        uint32_t number, struct fr_step_result *result);

/* memory_stay.c: what ran anew, and so what stays as it is on record. */
struct memory_stay;
struct memory_stay *memory_stay_new(const struct fr_plan *plan);
void memory_stay_free(struct memory_stay *stay); /* NULL is fine */
/* A step runs anew; `id`: what it is called. */
void memory_stay_ran(struct memory_stay *stay, const struct fr_step *step, const char *id);
/* Whether nothing has run anew that a step depends on, nor anything inside of it. */
bool memory_stay_may(const struct memory_stay *stay, const struct fr_step *step, const char *id);

/* What a script for a failed step needs besides. All borrowed. */
struct memory_repro {
    const struct fr_plan *plan;
    const struct fr_mask *mask; /* NULL = no secrets */
    const char *folder, *run_id;
};

/* Writes a script that runs the step again alone; its path, owned by the caller, or NULL. */
char *memory_repro(const struct memory_repro *repro, const struct fr_failure *failure);
/* See struct fr_memory_source. */
int memory_file_sha256(struct fr_store *store, const struct fr_mask *mask, const char *path,
                       char out[65]);

#endif
