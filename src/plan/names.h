/* The words of the file format for the plan's enums (names.c), in the order of the
 * enums. Private to plan/. */
#ifndef PLAN_NAMES_H
#define PLAN_NAMES_H

#include "flowrun/plan/plan.h"

extern const char *const names_merge[FR_MERGE__COUNT];
extern const char *const names_rule[FR_RULE__COUNT];
extern const char *const names_output[FR_OUTPUT__COUNT];
extern const char *const names_leftover[FR_LEFTOVER__COUNT];
extern const char *const names_split[FR_SPLIT__COUNT];
extern const char *const names_strategy[FR_SPLIT__COUNT]; /* of split_input */
extern const char *const names_conflict[FR_CONFLICT__COUNT];
extern const char *const names_late[FR_LATE__COUNT];       /* on_timeout */
extern const char *const names_rejected[FR_REJECT__COUNT]; /* on_reject */
extern const char *const names_vtype[FR_VT__COUNT];

/* A name as an id, in the arena: lower case, `_` for every other character. */
const char *names_id(struct fr_arena *arena, const char *name);

/* Index of `text` in a name table, or `otherwise`. */
int names_find(const char *const *names, int count, const char *text, int otherwise);

#endif
