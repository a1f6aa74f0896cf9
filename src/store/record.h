/* The recorder's inside: what a turn has brought and is not written yet. Private to store/. */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "db.h"
#include "flowrun/base/arena.h"
#include "flowrun/store/record.h"

/* A value as it is going to be written: masked, inline or in a file of the run's folder. */
struct kept {
    int kind;         /* enum of struct fr_kept_value */
    const char *data; /* NULL = null, or in the file */
    size_t len;
    const char *file; /* its name in the run's folder; NULL = inline */
    bool masked;
};

struct row_move {
    int64_t wall;
    const char *kind, *from, *to; /* static */
    const char *step;
    uint32_t attempt;
    int64_t delay;
    const char *text;
};

struct row_log {
    int64_t wall;
    const char *step;
    uint32_t attempt;
    struct kept out, err;
    bool err_cut;
};

struct row_step {
    const char *id, *type, *status, *parent;
    int64_t place, branch;
    struct fr_step_result result; /* its pointers are void but for those below */
    const char *error, *usage, *leftover, *group, *question, *answer, *recipe, *effects;
    int64_t duration;
    struct kept output;
};

/* One row; `key` is DB_KEY. Lives in the recorder's arena until the turn is over. */
struct row {
    struct row *next;
    enum { ROW_MOVE, ROW_LOG, ROW_STEP } kind;
    int64_t key;
    union {
        struct row_move move;
        struct row_log log;
        struct row_step step;
    };
};

struct recorder {
    struct fr_sink sink; /* first: the recorder is one */
    struct fr_store *store;
    const struct fr_mask *mask;
    const char *folder;
    int64_t run;      /* key of its row */
    int64_t next;     /* number of the next row */
    int64_t *numbers; /* by step: number of its row in this turn of its template; 0 = none */
    struct fr_arena arena;
    struct fr_arena_mark empty; /* the arena without rows */
    struct row *first, **last;
    const struct fr_run *ended; /* RUN_ENDED came and is not written yet */
    bool began, over;
    char *error; /* owned; what sink.error points to */
};

/* record_value.c: what goes into the arena, masked. */
const char *keep_text(struct recorder *r, const char *text); /* NULL stays NULL */
struct kept keep_bytes(struct recorder *r, int64_t n, const char *what, int kind, const char *data,
                       size_t len);
struct kept keep_file(struct recorder *r, int64_t n, const char *what, const char *path);
struct kept keep_value(struct recorder *r, int64_t n, struct fr_value *value);

/* record_row.c */
void record_step(struct recorder *r, const struct fr_event *event);
void record_log(struct recorder *r, const struct fr_event *event);
void record_move(struct recorder *r, const struct fr_event *event);

/* record_write.c */
enum fr_err record_begin(struct recorder *r, const struct fr_record *record);
/* All rows in one transaction. */
enum fr_err record_flush(struct recorder *r);
/* The sink gives up. The text is copied. */
void record_fail(struct recorder *r, const char *text);

#endif
