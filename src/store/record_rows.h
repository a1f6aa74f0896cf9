/* Rows of the database that are going to be written at the end of a turn. Private to store/. */
#ifndef STORE_RECORD_ROWS_H
#define STORE_RECORD_ROWS_H

#include "flowrun/run/event_line.h"
#include "flowrun/run/run.h"

/* A value as it is going to be written: masked, inline or in a file of the run's folder. */
struct kept {
    int kind;         /* enum of struct fr_kept_value */
    const char *data; /* NULL = null, or in the file */
    size_t len;
    const char *file; /* its name in the run's folder; NULL = inline */
    bool masked;
};

struct row_log {
    int64_t wall;
    const char *step;
    uint32_t attempt;
    struct kept out, err, said;
    bool err_cut;
    const char *weave; /* NULL = none */
    size_t weave_len;
    /* for going on with the run; recipe NULL = it is not to be remembered */
    const char *recipe, *file_hash, *usage;
    int64_t file_size, cost;
    int64_t began, took; /* of the step, when it ended well by it */
    bool done;           /* the step ended well by it */
};

/* A step ended well by the attempt of this log, or (key 0) is about to run. */
struct row_done {
    int64_t log;      /* its key */
    const char *step; /* NULL = it has no `sources` */
};

struct row_step {
    const char *id, *type, *status, *parent;
    int64_t place, branch;
    struct fr_step_result result; /* its pointers are void but for those below */
    const char *error, *usage, *leftover, *group, *question, *answer;
    int64_t duration;
    bool kept; /* its result is that of an attempt before */
    struct kept output;
};

/* A row that is not written yet, and owns its texts. */
struct row_held {
    int64_t number;
    char *id, *parent;
    struct row_step step;
};

/* One row; `key` is DB_KEY. Lives in the recorder's arena until the turn is over. */
struct row {
    struct row *next;
    enum { ROW_MOVE, ROW_LOG, ROW_STEP, ROW_DONE, ROW_STAYS } kind;
    int64_t key;
    union {
        struct fr_event_line move;
        struct row_log log;
        struct row_step step;
        struct row_done done;
    };
};

#endif
