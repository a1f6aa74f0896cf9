/* Files that a workflow is made from, and whether they have changed. Main thread. */
#ifndef CMD_CHANGED_H
#define CMD_CHANGED_H

#include "again.h"

/* Adds them to what is recorded of the command line. */
void changed_record(struct json_object *options, const struct fr_plan *plan);
/* Tells which of them are not as they were. */
void changed_tell(const struct cmd_again *again, const struct fr_plan *plan);

#endif
