/* Ends a run that nobody has in hand. Private to store/. */
#ifndef STORE_CANCEL_H
#define STORE_CANCEL_H

#include "db.h"

/* Records a suspended run as cancelled by `who`. *done false with FR_OK: it is not suspended any more. FR_ERR_USAGE with a
 * diagnostic: a flowrun has it in hand. */
enum fr_err cancel_suspended(struct fr_store *store, int64_t run, const char *run_id,
                             const char *who, struct fr_diags *diags, bool *done);

#endif
