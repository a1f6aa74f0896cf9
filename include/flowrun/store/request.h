/* What one flowrun asks of the run of another: a row in the store, then a byte in the run's FIFO. One thread. */
#ifndef FLOWRUN_STORE_REQUEST_H
#define FLOWRUN_STORE_REQUEST_H

#include <stdint.h>

#include "flowrun/store/store.h"

/* Asks a run to end, and waits until it has heard of that; one that is suspended is recorded as cancelled. FR_ERR_USAGE with
 * a diagnostic: it is over, or was killed. */
enum fr_err fr_request_cancel(struct fr_store *store, int64_t key, struct fr_diags *diags);

#endif
