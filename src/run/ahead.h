/* Answers of jq for items of a batch before their turn: where the template is nothing but a jq program, many items are sent
 * to the evaluator in one request. All else about an item is as always. Coordinator thread. Private to run/. */
#ifndef RUN_AHEAD_H
#define RUN_AHEAD_H

#include "repeat.h"

struct ahead;

/* Makes t->repeating->ahead when the template of the batch is such a program. */
void ahead_begin(struct coord *c, struct active *t);
void ahead_free(struct ahead *ahead);

enum ahead_found {
    AHEAD_NONE, /* this question is to be asked by itself */
    AHEAD_WAIT, /* the task goes on when the answer is there */
    AHEAD_HAVE  /* taken: err, value and why of the memo are set */
};
/* The answer for the item that task `t` works on. */
enum ahead_found ahead_take(struct coord *c, struct active *t, const struct fr_expr *expr,
                            struct memo *memo);
/* An answer of the evaluator is for this batch; false when it is not what was asked last. */
bool ahead_answered(struct coord *c, struct active *t, uint64_t token, enum fr_err err,
                    struct fr_buf *out);

#endif
