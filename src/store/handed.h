/* Answers of which the database gets nothing, handed to the flowrun that runs by a file of the run's folder: for its owner
 * only, and there for as long as that takes. Private to store/. */
#ifndef STORE_HANDED_H
#define STORE_HANDED_H

#include "flowrun/store/answers.h"

/* Writes the file; its name, owned by the caller, or NULL after telling why not. */
char *handed_put(struct fr_store *store, const char *run_id, const struct fr_given *given,
                 struct fr_diags *diags);
/* Takes it back; false when somebody has it already. */
bool handed_take_back(struct fr_store *store, const char *run_id, const char *name);
/* Reads the file of a run's folder and removes it; false when it is not there. */
bool handed_take(const char *folder, const char *name, struct fr_buf *text);

#endif
