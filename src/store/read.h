/* Shared by those who read rows. Private to store/. */
#ifndef STORE_READ_H
#define STORE_READ_H

#include "db.h"
#include "flowrun/store/history.h"

/* Where a value stands in a row. */
struct value_columns {
    int kind; /* -1 = it is text, when it is there */
    int size, file, masked, data;
};

/* Fills a value; *path is owned by the caller (free), and lives as long as the value has to. */
void read_value(struct fr_store *store, enum stmt stmt, const struct value_columns *at,
                const char *run_id, struct fr_kept_value *value, char **path);
/* The id of a run; "" when there is none. Copied. */
void read_run_id(struct fr_store *store, int64_t key, char *out, size_t size);
/* Fills a step from the row at hand, whose first column is the key. */
void read_step(struct fr_store *store, enum stmt stmt, const char *run_id,
               struct fr_kept_step *step, char **path);
/* Hands on the step whose row has this key; false when there is none. */
bool read_step_at(struct fr_store *store, const char *run_id, int64_t key, fr_each_step_fn each,
                  void *arg);

/* json_group.c: what a group's result object has in front of its results and behind them; of one that is not over null. */
void json_group(const struct fr_kept_step *step, struct fr_buf *before, struct fr_buf *behind);

#endif
