/* Help for somebody who names what is not there. Private to plan/. */
#ifndef PLAN_REFHELP_H
#define PLAN_REFHELP_H

#include "build.h"

/* Of a step that the asker's file does not have; asker NULL: the file itself. in_expr: named by an
 * expression. */
const char *refs_unknown_help(struct build *b, const struct fr_step *asker, const char *id,
                              bool in_expr);
/* Of a name that expressions do not have here: where they have it. */
const char *refs_where_name_is(enum fr_root root);

#endif
