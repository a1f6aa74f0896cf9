/* The plain paths inside of a jq program, for those who show what it has seen. Any thread. */
#ifndef FLOWRUN_PLAN_PATHS_H
#define FLOWRUN_PLAN_PATHS_H

#include "flowrun/plan/expr.h"

/* A piece of a program's text. */
struct fr_path_span {
    const char *at;
    size_t len;
};

/* The first `max` different paths, such as `.steps.a.output[0]`, that a program reads of its context; how many. Those that
 * read of something else, as behind a `|`, are left out. */
uint32_t fr_paths_find(const char *program, struct fr_path_span *found, uint32_t max);
/* A plain path as an expression, in the arena; NULL when the text is something else. */
const struct fr_expr *fr_path_parse(struct fr_arena *arena, const char *text, size_t len);

#endif
