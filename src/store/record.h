/* The recorder's inside: what a turn has brought and is not written yet. Private to store/. */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "db.h"
#include "flowrun/base/arena.h"
#include "flowrun/base/map.h"
#include "flowrun/base/user.h"
#include "flowrun/store/record.h"
#include "record_rows.h"

/* A step's row that was there when the run was gone on with. */
struct row_before {
    int64_t number;
    bool seen; /* the step is still part of the run */
};

struct recorder {
    struct fr_sink sink; /* first: the recorder is one */
    struct fr_store *store;
    const struct fr_mask *mask;
    const char *folder;
    char *run_id; /* owned */
    char user[FR_USER_MAX], host[64];
    int64_t run;            /* key of its row */
    int64_t next;           /* number of the next row */
    int64_t *numbers;       /* by step: number of its row in this turn of its template; 0 = none */
    struct row_held **held; /* by step: it began, and its row still tells of before; owned */
    struct fr_memory_source
        *memory;   /* what it says of steps that the run does not come to; NULL = nothing stays */
    int64_t *logs; /* by step: number of the log of its last attempt; 0 = none */
    char *file;    /* of the workflow; owned; NULL = none that another run could have */
    bool again;    /* the run goes on with what it has recorded */
    uint32_t step_count;
    struct fr_map before;  /* id -> struct row_before *, of such a run */
    struct fr_arena kept;  /* for them */
    struct fr_arena arena; /* of the turn */
    struct row *first, **last;
    struct row *log;            /* the latest one of the turn; NULL = none */
    const struct fr_run *ended; /* RUN_ENDED came and is not written yet */
    bool began, over;
    char *
        pace_file; /* the workflow's path; owned; NULL = it has none, and what it takes is not remembered */
    char *error; /* owned; what sink.error points to */
};

/* record_value.c: what goes into the arena, masked. */
const char *keep_text(struct recorder *r, const char *text); /* NULL stays NULL */
struct kept keep_bytes(struct recorder *r, int64_t n, const char *what, int kind, const char *data,
                       size_t len);
struct kept keep_file(struct recorder *r, int64_t n, const char *what, const char *path);
struct kept keep_value(struct recorder *r, int64_t n, const char *what, struct fr_value *value);

/* record_row.c */
void record_step(struct recorder *r, const struct fr_event *event);
void record_log(struct recorder *r, const struct fr_event *event);
void record_move(struct recorder *r, const struct fr_event *event);
struct row *record_add_row(struct recorder *r, int kind, int64_t n);
const char *record_usage(struct recorder *r, struct json_object *usage);

/* record_done.c: what makes a result one to be kept */
void record_recipe(struct recorder *r, const struct fr_event *event, struct row_log *log);
void record_done(struct recorder *r, const struct fr_event *event);

/* record_again.c */
/* Makes the run's row that of a run under way again, and finds its rows; inside of a transaction. */
enum fr_err record_again(struct recorder *r, const struct fr_record *record, int64_t plan,
                         struct fr_diags *diags);
/* The number of a step's row that is there already; 0 = none. */
int64_t record_number_of(struct recorder *r, const char *id);
/* Drops the rows of steps that are no part of the run any more; of turns that it did not come to those stay that have
 * succeeded. */
enum fr_err record_drop_unseen(struct recorder *r, const struct fr_run *run);
/* A step begins that is recorded as succeeded, and may stay so: its row is written when something inside of it runs. */
void record_hold(struct recorder *r, const struct fr_event *event, int64_t n,
                 const struct row_step *row);
void record_held_free(struct row_held *held); /* NULL is fine */
/* A step that is under way runs: what holds it is not as it was. */
void record_unhold(struct recorder *r, const struct fr_event *event);

/* pace.c: what the steps took, for later runs; inside of a transaction. */
enum fr_err record_pace(struct recorder *r, const struct fr_run *run);

/* record_write.c */
const char *record_names_of(struct recorder *r, const char *const *env);
const char *record_json_text(struct recorder *r, const struct json_object *value, bool there);
int64_t record_leaves(const struct fr_plan *plan);
enum fr_err record_begin(struct recorder *r, const struct fr_record *record,
                         struct fr_diags *diags);
/* All rows in one transaction. */
enum fr_err record_flush(struct recorder *r);
/* The sink gives up. The text is copied. */
void record_fail(struct recorder *r, const char *text);

#endif
